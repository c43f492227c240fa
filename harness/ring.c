/* Rings that have to hold more than the usual: what is written into one all at once, at the end of a
 * trial, has its length known before.
 */
#define _GNU_SOURCE /* mremap */
#include "harness/ring.h"
#include <errno.h>
#include <sys/mman.h>

int ring_reserve(struct gc_event_ring *ring, size_t words) {
  if (ring->capacity_words - ring->used_words >= words) {
    return 0;
  }
  if (words > SIZE_MAX / sizeof(uint64_t) - ring->used_words) {
    return -ENOMEM;
  }
  size_t capacity_words = ring->used_words + words;
  void *memory = mremap(ring->words, ring->capacity_words * sizeof(uint64_t),
                        capacity_words * sizeof(uint64_t), MREMAP_MAYMOVE);
  if (memory == MAP_FAILED) {
    return -ENOMEM;
  }
  ring->words = memory;
  ring->capacity_words = capacity_words;
  return 0;
}
