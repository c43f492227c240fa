/* The nursery: one eden that is reused, and two survivor areas on either side of it.
 *
 *     | survivors A | eden | survivors B |      of one reservation that never moves
 *
 * Mutators take allocation buffers from the eden. A scavenge copies survivors of the eden into the
 * area that is not in use, and promotes those of the other area, which have survived once before:
 * the age is an address, not a header field. With the eden in the middle, the eden and either area
 * are one contiguous from-space.
 *
 *     | survivors A, then eden | survivors B, then eden |      layout semispace: V8's two halves
 *
 * There the eden is what the survivors leave of the half in use, so that it moves and changes its
 * size with every scavenge; from-space is that half. Twice the memory of one half is given for room
 * that survivors and new objects share; the eden alternates between two ranges where the other
 * layout keeps one in the cache. Survivors fill at most three quarters of a half.
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

enum gc_nursery_layout { GC_NURSERY_EDEN, GC_NURSERY_SEMISPACE };

struct gc_nursery_plan {
  enum gc_nursery_layout layout;
  size_t eden_bytes;          /* of a semispace: each half; 0: there is no nursery */
  size_t eden_reserved_bytes; /* that the eden may grow to; 0: as eden_bytes */
  size_t survivor_bytes;      /* that survivors may fill of each area; 0: no ageing */
};

struct gc_nursery {
  enum gc_nursery_layout layout;
  uintptr_t start;
  size_t bytes;         /* reservation */
  size_t initial_bytes; /* of it, what is there before the eden grows */
  size_t half_bytes;    /* of a semispace; 0 with an eden of its own */
  uintptr_t eden_start;
  size_t eden_bytes;          /* uncapped size */
  size_t eden_wanted_bytes;   /* at most this much of it is used; world stopped */
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

/* What survivors may fill, for an eden or a half of that size. */
size_t gc_nursery_survivor_bytes_for(enum gc_nursery_layout layout, size_t eden_bytes);

/* The nursery's share of the heap from the start, and what it may grow to. */
size_t gc_nursery_initial_bytes(const struct gc_nursery_plan *plan);
size_t gc_nursery_reserved_bytes(const struct gc_nursery_plan *plan);

/* Lays the nursery out from start, in gc_nursery_reserved_bytes. */
void gc_nursery_init(struct gc_nursery *nursery, uintptr_t start,
                     const struct gc_nursery_plan *plan);

/* Touches what is there before the eden grows. */
void gc_nursery_pretouch(const struct gc_nursery *nursery);

/* Where a scavenge finds objects: the eden and the survivor area in use. */
uintptr_t gc_nursery_from_start(const struct gc_nursery *nursery);
size_t gc_nursery_from_bytes(const struct gc_nursery *nursery);

/* After a scavenge, which left survivors in the other area up to survivor_top: that is the area in
 * use now and the eden is empty. Its cap stays, where it has room for it. World stopped. */
void gc_nursery_flip_stw(struct gc_nursery *nursery, uintptr_t survivor_top);

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
