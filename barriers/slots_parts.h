/* The heap's side of the remembering half `slots`, for halves that remember in the same way.
 *
 * Such a half's state begins with struct gc_slots_state, which is what heap->remembered_state then
 * points at; it opens and closes it, and its struct gc_remembered_ops names the functions below.
 */
#ifndef BARRIERS_SLOTS_PARTS_H
#define BARRIERS_SLOTS_PARTS_H

#include "barriers/remembered_parts.h"
#include "barriers/slot_set_parts.h"

struct gc_slots_state {
  struct gc_slot_set *set;
  struct gc_card_walk walk;
};

/* 0 or negative errno. The state is zero. */
int gc_slots_init(struct gc_slots_state *state, struct gc_heap *heap);
void gc_slots_finish(struct gc_slots_state *state);

void gc_slots_flush_mutator(struct gc_heap *heap, struct gc_mutator *mutator);
void gc_slots_begin_scavenge_stw(struct gc_heap *heap);
bool gc_slots_take_work(struct gc_heap *heap, struct gc_worker *worker,
                        struct gc_remembered_batch *batch);
void gc_slots_remember_object(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object);
void gc_slots_remember_slot(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object,
                            struct gc_slot slot);
void gc_slots_end_scavenge_stw(struct gc_heap *heap);
bool gc_slots_is_empty(struct gc_heap *heap);
bool gc_slots_contains(struct gc_heap *heap, struct gc_ref object, struct gc_slot slot);

/* What a store does when it is found to matter: remembers the slot of an old object, or records it
 * when new_ref is to be evacuated. */
void gc_slots_insert(struct gc_mutator *mutator, struct gc_slot slot);
static inline void gc_slots_record_moved(struct gc_mutator *mutator, struct gc_slot slot,
                                         struct gc_ref new_ref) {
  struct gc_heap *heap = mutator->heap;
  if (gc_heap_is_candidate(heap, new_ref)) {
    gc_moved_slots_record(heap, &mutator->private_part->moved_slots, slot, new_ref);
  }
}

#endif
