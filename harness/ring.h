/* Walking an event ring's records. */
#ifndef HARNESS_RING_H
#define HARNESS_RING_H

#include "heap/event.h"

/* Words that a record of the event takes. */
#define RING_WORDS(name) (1 + sizeof(struct gc_event_##name) / sizeof(uint64_t))

/* The number of a record, its fields, and the index of the next record's head. */
static inline enum gc_event_number ring_number_at(const struct gc_event_ring *ring, size_t head) {
  return (enum gc_event_number)(ring->words[head] & 0xffff);
}

static inline const uint64_t *ring_fields_at(const struct gc_event_ring *ring, size_t head) {
  return &ring->words[head + 1];
}

static inline size_t ring_next(const struct gc_event_ring *ring, size_t head) {
  return head + 1 + (ring->words[head] >> 16 & 0xffff);
}

static inline uint64_t ring_event_count(const struct gc_event_ring *ring) {
  uint64_t count = 0;
  for (size_t head = 0; head < ring->used_words; head = ring_next(ring, head)) {
    count++;
  }
  return count;
}

/* Makes room for so many more words, moving the ring. Returns 0 or -ENOMEM. */
int ring_reserve(struct gc_event_ring *ring, size_t words);

#endif
