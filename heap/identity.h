/* Identities: numbers by which images of the object graph know an object again, wherever it was
 * moved meanwhile (gc/image.h).
 *
 * An identity is an attendant of its object (attendant.h), which a capture gives to every reachable
 * object that has none. So whoever moves or frees objects knows nothing of numbers: the scavenger,
 * evacuation and the slide take attendants along already, and sweeps bury those of dead objects. The
 * other ways are worse: a table by address must be told of each move, in the copy loop, where a test
 * costs a fifth of its speed; hidden weak cells are objects of the heap, and would change what is
 * measured, and appear in the image; a number in the object would take 8 bytes of everybody.
 *
 * Numbers are odd, ascending from GC_IDENTITY_FIRST in steps of 2, and never given twice. An object
 * that is older than another may have the higher number if both were first seen in one capture.
 *
 * Concurrency: identities are made and forgotten with the world stopped and sweepers at rest; freed
 * by whoever buries attendants, under the lock.
 *
 * Costs: nothing before the first capture that asks for them. Then 24 bytes for each object, a look
 * at each identity of a young object in a scavenge, and one in the sweep of its block.
 */
#ifndef HEAP_IDENTITY_H
#define HEAP_IDENTITY_H

#include "heap/arena.h"
#include "heap/attendant.h"

struct gc_identity_slab;

/* Lower numbers are for what is no object. */
#define GC_IDENTITY_FIRST (UINT32_C(1) << 20 | 1)
#define GC_IDENTITY_END   (UINT32_MAX - 2)

struct gc_identities {
  struct gc_arena *arena;
  struct gc_attendant *unused;    /* under lock */
  struct gc_identity_slab *slabs; /* world stopped */
  uint32_t next_id;               /* 0: GC_IDENTITY_FIRST; world stopped */
  struct gc_spin_lock lock;
};

/* One for a live object, not listed yet; null when memory or numbers are lacking. World stopped. */
GC_WARN_UNUSED struct gc_attendant *gc_identity_create(struct gc_identities *identities,
                                                       struct gc_ref owner);

/* Of dead objects. Any thread, also within a pause. */
void gc_identities_free(struct gc_identities *identities, struct gc_attendant *list);

/* Takes them from all objects, and gives their memory back. World stopped, sweepers at rest. */
void gc_identities_forget_stw(struct gc_heap *heap);

/* None is listed any more. */
void gc_identities_close(struct gc_identities *identities);

/* Every number was given. */
static inline bool gc_identities_are_spent(const struct gc_identities *identities) {
  return identities->next_id >= GC_IDENTITY_END;
}

/* No object has a higher number. */
static inline uint32_t gc_identities_last(const struct gc_identities *identities) {
  return identities->next_id == 0 ? 0 : identities->next_id - 2;
}

#endif
