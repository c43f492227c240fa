/* Remembering half `slots`, the slow half and the heap's side: insertion into the slot set, and
 * recording of slots into evacuation candidates.
 *
 * Degradation: when memory for a bucket cannot be had, the slot's card is made dirty and the next
 * scavenge walks the card table (`remembered-complete` is kept, at a cost). V8 would end the
 * program; scanning the slot's whole block would be the coarser way out. Of moved slots see
 * heap/moved_slots.h.
 */
#include "barriers/barrier_parts.h"
#include "barriers/slots_parts.h"
#include <errno.h>
#include <gc/barriers/remember_card.h>
#include <gc/barriers/remember_slots.h>
#include <stdlib.h>

static struct gc_slots_state *state_of(struct gc_heap *heap) {
  return heap->remembered_state;
}

int gc_slots_init(struct gc_slots_state *state, struct gc_heap *heap) {
  state->set = gc_slot_set_create(heap);
  return state->set != NULL ? 0 : -ENOMEM;
}

void gc_slots_finish(struct gc_slots_state *state) {
  if (state->set != NULL) {
    gc_slot_set_destroy(state->set);
  }
}

static int open_slots(struct gc_heap *heap) {
  struct gc_slots_state *state = calloc(1, sizeof *state);
  heap->remembered_state = state;
  return state != NULL ? gc_slots_init(state, heap) : -ENOMEM;
}

static void close_slots(struct gc_heap *heap) {
  if (heap->remembered_state != NULL) {
    gc_slots_finish(state_of(heap));
  }
  free(heap->remembered_state);
  heap->remembered_state = NULL;
}

static void want_card(struct gc_heap *heap, struct gc_slot slot) {
  gc_card_walk_want(&state_of(heap)->walk, gc_space_card(&heap->space, (uintptr_t)slot.location));
}

void gc_slots_insert(struct gc_mutator *mutator, struct gc_slot slot) {
  if (!gc_slot_set_insert_mutator(state_of(mutator->heap)->set, mutator, slot)) {
    want_card(mutator->heap, slot);
  }
}

GC_NEVER_INLINE void gc_remember_slots_slow(struct gc_mutator *mutator, struct gc_slot slot) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_REMEMBER_SLOW);
  gc_slots_insert(mutator, slot);
}

GC_NEVER_INLINE void gc_remember_slots_moved_slow(struct gc_mutator *mutator, struct gc_ref src,
                                                  struct gc_slot slot, struct gc_ref new_ref) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_REMEMBER_SLOW);
  if (!gc_is_young(mutator, src)) {
    gc_slots_record_moved(mutator, slot, new_ref);
  }
}

/* After a bulk change: every slot of src. */
void gc_remember_slots_object(struct gc_mutator *mutator, struct gc_ref src) {
  if (gc_is_young(mutator, src)) {
    return;
  }
  size_t count = gc_object_slot_count(src);
  for (size_t index = 0; index < count; index++) {
    struct gc_slot slot = gc_object_slot(src, index);
    gc_remember_slots(mutator, src, slot,
                      (struct gc_ref){gc_atomic_load_relaxed(&slot.location->address)});
  }
}

void gc_slots_flush_mutator(struct gc_heap *heap, struct gc_mutator *mutator) {
  gc_slot_set_flush(state_of(heap)->set, mutator);
}

void gc_slots_begin_scavenge_stw(struct gc_heap *heap) {
  gc_card_walk_begin_stw(&state_of(heap)->walk, heap);
}

void gc_slots_end_scavenge_stw(struct gc_heap *heap) {
  gc_slot_set_end_stw(state_of(heap)->set);
}

bool gc_slots_take_work(struct gc_heap *heap, struct gc_worker *worker,
                        struct gc_remembered_batch *batch) {
  struct gc_slots_state *state = state_of(heap);
  batch->count = 0;
  gc_slot_set_take(state->set, worker, batch);
  if (batch->count == 0) {
    gc_card_walk_take(&state->walk, worker, batch);
  }
  return batch->count > 0;
}

void gc_slots_remember_slot(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object,
                            struct gc_slot slot) {
  (void)object;
  if (!gc_slot_set_insert_worker(state_of(heap)->set, worker, slot)) {
    want_card(heap, slot);
  }
}

void gc_slots_remember_object(struct gc_heap *heap, struct gc_worker *worker,
                              struct gc_ref object) {
  gc_remember_young_slots(heap, worker, object, gc_slots_remember_slot);
}

bool gc_slots_is_empty(struct gc_heap *heap) {
  const struct gc_slots_state *state = state_of(heap);
  return state->walk.is_wanted == 0 && gc_slot_set_is_empty(state->set);
}

bool gc_slots_contains(struct gc_heap *heap, struct gc_ref object, struct gc_slot slot) {
  (void)object;
  return gc_slot_set_contains(state_of(heap)->set, slot) ||
         *gc_space_card(&heap->space, (uintptr_t)slot.location) == GC_CARD_DIRTY;
}

const struct gc_remembered_ops gc_remember_slots_ops = {
    .name = "slots",
    .provides = GC_KEEPS_REMEMBERED | GC_KEEPS_MOVED_SLOTS,
    .open = open_slots,
    .close = close_slots,
    .update_mutator = gc_remembered_update_nothing,
    .flush_mutator = gc_slots_flush_mutator,
    .begin_scavenge_stw = gc_slots_begin_scavenge_stw,
    .take_work = gc_slots_take_work,
    .remember_object = gc_slots_remember_object,
    .remember_slot = gc_slots_remember_slot,
    .end_scavenge_stw = gc_slots_end_scavenge_stw,
    .is_empty = gc_slots_is_empty,
    .contains = gc_slots_contains,
};
