/* Allocation volume: what a heap that never collects must reserve for a run, as an upper bound.
 *
 *     struct volume volume = {0};
 *     volume_add(&volume, nodes, NODE_SLOTS, NODE_RAW_BYTES);
 *     return volume_bound_bytes(&volume);
 *
 * The bound is the sum of the objects' bytes, plus what allocation buffers and OS pages round away.
 * A buffer is left when the next object does not fit, so what is wasted of it is shorter than that
 * object: at most the longest one per buffer, or, for shapes of which there are few, one length
 * each. A large object fills its last OS page. The bound is within 5 % of the sum for objects of up
 * to 1 KiB.
 *
 * Parameters are bounded so that no sum overflows: a volume stays below 2^63.
 */
#ifndef WORKLOADS_VOLUME_H
#define WORKLOADS_VOLUME_H

#include <gc/object.h>

enum {
  VOLUME_OS_PAGE_BYTES = 4096,
  VOLUME_BUFFER_BYTES_MIN =
      32 * 1024, /* the shortest allocation buffer that the bound allows for */
  VOLUME_LAST_BUFFER_BYTES = 256 * 1024, /* the longest; the last one is partly used */
  VOLUME_FEW_OBJECTS = 16,
};

struct volume {
  uint64_t small_bytes, large_bytes;
  uint64_t wasted_bytes; /* in front of objects of which there are few */
  size_t largest_small_bytes;
};

/* count objects of one shape. */
static inline void volume_add(struct volume *volume, uint64_t count, size_t slot_count,
                              size_t raw_bytes) {
  size_t bytes = gc_object_bytes_for(slot_count, raw_bytes);
  if (bytes >= GC_LARGE_BYTES) {
    bytes = (bytes + VOLUME_OS_PAGE_BYTES - 1) & ~(size_t)(VOLUME_OS_PAGE_BYTES - 1);
    volume->large_bytes += count * bytes;
    return;
  }
  volume->small_bytes += count * bytes;
  if (count <= VOLUME_FEW_OBJECTS) {
    volume->wasted_bytes += count * bytes;
  } else if (bytes > volume->largest_small_bytes) {
    volume->largest_small_bytes = bytes;
  }
}

static inline uint64_t volume_bound_bytes(const struct volume *volume) {
  size_t used_bytes = VOLUME_BUFFER_BYTES_MIN - volume->largest_small_bytes; /* of each, at least */
  uint64_t buffers = volume->small_bytes / (used_bytes + GC_GRANULE_BYTES) + 1;
  return volume->small_bytes + buffers * volume->largest_small_bytes + volume->large_bytes +
         volume->wasted_bytes + VOLUME_LAST_BUFFER_BYTES;
}

#endif
