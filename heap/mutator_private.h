/* What only the heap looks into of a mutator: state, handle stack, recording.
 *
 * Invariant `watermark-holds-no-young`: no handle below the watermark holds a young reference.
 */
#ifndef HEAP_MUTATOR_PRIVATE_H
#define HEAP_MUTATOR_PRIVATE_H

#include "heap/direct.h"
#include "heap/event.h"
#include "heap/moved_slots.h"
#include "heap/weak.h"
#include <gc/mutator.h>

enum gc_mutator_state {
  GC_MUTATOR_RUNNING,
  GC_MUTATOR_STOPPED,         /* waits for the world to resume */
  GC_MUTATOR_BLOCKED,         /* in a blocking region */
  GC_MUTATOR_BLOCKED_STOPPED, /* in a blocking region that a stop has claimed: it may not be left */
};

struct gc_mutator_private {
  struct gc_mutator mutator; /* first: the mutator's address is this struct's */
  struct gc_mutator_private *next;
  unsigned number;
  uint32_t state; /* atomic; enum gc_mutator_state [pairs: mutator-state] */
  struct gc_ref *handle_base;
  struct gc_event_ring ring;
  uintptr_t buffer_end; /* of the allocation buffer; what allocation_limit is while no stop is
                           requested */
  struct gc_moved_slot_list moved_slots; /* recorded while candidates exist */
  struct gc_weak_mutator weak;
  struct gc_attendant *young_attendants; /* until the next stop */
  struct gc_direct direct;               /* where there is no young generation, or beside it */
  uint64_t pretenure_turn;               /* refills since the program began to pretenure */
  uint64_t attach_ns;
  uint64_t thread_id;    /* the system's */
  uint64_t safepoint_ns; /* atomic; of its last known safepoint, coarse: stop_report.h */
  size_t taken_bytes;    /* the allocation buffer's, when it was taken */
  uint64_t owed_wait_ns; /* for memory to be touched: allocate.c */
  uint64_t refill_count; /* for stress options */
  uint64_t random_state; /* for stress options */
  void *baseline;        /* what a baseline keeps of this mutator */
};

/* The mutator has no allocation buffer. Its thread, or with the world stopped. */
static inline void gc_mutator_give_buffer_up(struct gc_mutator_private *mutator) {
  mutator->mutator.allocation_top = 0;
  mutator->buffer_end = 0;
  /* Relaxed: as a stop's, it leads to the slow path. */
  gc_atomic_store_relaxed(&mutator->mutator.allocation_limit, 0);
}

#endif
