/* The nursery: one eden that is reused, and two survivor areas on either side of it.
 *
 *     | survivors A | eden | survivors B |      of one reservation that never moves
 *
 * Mutators take allocation buffers from the eden. A scavenge copies survivors of the eden into the
 * area that is not in use, and promotes those of the other area, which have survived once before:
 * the age is an address, not a header field. With the eden in the middle, the eden and either area
 * are one contiguous from-space.
 *
 * Concurrency: eden_top is advanced by mutators (atomic); everything else is written with the world
 * stopped.
 */
#ifndef HEAP_NURSERY_H
#define HEAP_NURSERY_H

#include <gc/atomics.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gc_nursery {
  uintptr_t start;
  size_t bytes; /* reservation */
  uintptr_t eden_start;
  size_t eden_bytes;          /* configured size */
  size_t eden_reserved_bytes; /* that it may grow to while scavenges are put off */
  size_t
      eden_grown_bytes; /* by which it has, and which the budget was charged with; world stopped */
  uintptr_t eden_top;   /* atomic; first byte not handed out */
  uintptr_t eden_limit; /* atomic; lowered below eden_start + eden_bytes while old space is short */
  uintptr_t survivor_start[2];
  size_t survivor_bytes;      /* of each area; 0 for a heap without ageing */
  unsigned survivor_in_use;   /* which area holds objects */
  uintptr_t survivor_top;     /* end of the objects in it */
  size_t survivor_used_bytes; /* survivor_top less the start of that area; read relaxed as a
                                 statistic */
};

/* Where survivors may live, beside an eden of that size. */
size_t gc_nursery_survivor_bytes_for(size_t eden_bytes);

/* Lays the nursery out in its reservation; survivor_bytes may be 0, eden_reserved_bytes is at least
 * eden_bytes. */
void gc_nursery_init(struct gc_nursery *nursery, uintptr_t start, size_t bytes, size_t eden_bytes,
                     size_t eden_reserved_bytes, size_t survivor_bytes);

/* A part of the eden of at least minimum_bytes and at most wanted_bytes, not zeroed; false when the
 * eden has no room. Any mutator. */
bool gc_nursery_take_buffer(struct gc_nursery *nursery, size_t minimum_bytes, size_t wanted_bytes,
                            uintptr_t *start, uintptr_t *end);

/* Bytes handed out: eden buffers and survivors. */
size_t gc_nursery_used_bytes(const struct gc_nursery *nursery);

static inline size_t gc_nursery_survivor_used_bytes(const struct gc_nursery *nursery) {
  return gc_atomic_load_relaxed(&nursery->survivor_used_bytes);
}

#endif
