/* Remembering half `card`, the slow half and the heap's side: lists of dirty cards.
 *
 * Invariants: a card that is dirty is on a list: of a mutator, of a worker, or of the heap. So
 * scavenges read lists and never the table.
 *
 * Degradation: when no segment can be had for a list, the card stays dirty without being listed and
 * the next scavenge walks the cards of the blocks and large objects in use (`remembered-complete`
 * is kept, at a cost).
 *
 * Concurrency: mutators append to lists of their own. In a scavenge each card is exchanged to clean
 * before its range is handed out, so that one worker has it, and afterwards cards are only set. A
 * card that mutators listed twice may be handed out again after that [card-again].
 */
#include "barriers/barrier_parts.h"
#include "barriers/remembered_parts.h"
#include <errno.h>
#include <gc/barriers/remember_card.h>
#include <stdlib.h>

struct card_state {
  struct gc_remembered_list list; /* of card addresses */
  struct gc_card_walk walk;
};

static struct card_state *state_of(struct gc_heap *heap) {
  return heap->remembered_state;
}

static int open_card(struct gc_heap *heap) {
  heap->remembered_state = calloc(1, sizeof(struct card_state));
  return heap->remembered_state != NULL ? 0 : -ENOMEM;
}

static void close_card(struct gc_heap *heap) {
  if (heap->remembered_state != NULL) {
    gc_remembered_list_finish(&state_of(heap)->list, heap);
    free(heap->remembered_state);
    heap->remembered_state = NULL;
  }
}

GC_NEVER_INLINE void gc_remember_card_slow(struct gc_mutator *mutator, uint8_t *card) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_REMEMBER_SLOW);
  gc_atomic_store_relaxed(card, GC_CARD_DIRTY); /* read by the next scavenge, after a stop */
  if (!gc_remembered_list_push(mutator, (uintptr_t)card)) {
    gc_card_walk_want(&state_of(mutator->heap)->walk, card);
  }
}

/* After a bulk change: every card on which src has a slot with a young reference. */
void gc_remember_card_object(struct gc_mutator *mutator, struct gc_ref src) {
  if (gc_is_young(mutator, src)) {
    return;
  }
  size_t count = gc_object_slot_count(src);
  for (size_t index = 0; index < count; index++) {
    struct gc_slot slot = gc_object_slot(src, index);
    gc_remember_card(mutator, src, slot,
                     (struct gc_ref){gc_atomic_load_relaxed(&slot.location->address)});
  }
}

static void flush_mutator(struct gc_heap *heap, struct gc_mutator *mutator) {
  gc_remembered_list_flush(&state_of(heap)->list, mutator);
}

static void remember_slot(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object,
                          struct gc_slot slot) {
  (void)object;
  uint8_t *card = gc_space_card(&heap->space, (uintptr_t)slot.location);
  /* Release, after the slot was updated [pairs: card-again]. */
  if (gc_atomic_exchange_acq_rel(card, GC_CARD_DIRTY) == GC_CARD_CLEAN &&
      !gc_remembered_list_push_worker(worker, (uintptr_t)card)) {
    gc_card_walk_want(&state_of(heap)->walk, card);
  }
}

static void remember_object(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object) {
  gc_remember_young_slots(heap, worker, object, remember_slot);
}

static void begin_scavenge_stw(struct gc_heap *heap) {
  gc_card_walk_begin_stw(&state_of(heap)->walk, heap);
}

static void end_scavenge_stw(struct gc_heap *heap) {
  gc_remembered_list_collect_workers(&state_of(heap)->list, heap);
}

static bool take_work(struct gc_heap *heap, struct gc_worker *worker,
                      struct gc_remembered_batch *batch) {
  struct card_state *state = state_of(heap);
  uintptr_t cards[GC_REMEMBERED_BATCH];
  size_t taken;
  batch->count = 0;
  while (batch->count == 0 && (taken = gc_remembered_list_take(&state->list, heap, cards)) > 0) {
    for (size_t index = 0; index < taken; index++) {
      gc_card_clean_into(&heap->space, (uint8_t *)cards[index], batch);
    }
  }
  if (batch->count == 0) {
    gc_card_walk_take(&state->walk, worker, batch);
  }
  return batch->count > 0;
}

static bool is_empty(struct gc_heap *heap) {
  const struct card_state *state = state_of(heap);
  return state->walk.is_wanted == 0 && gc_remembered_list_is_empty(&state->list, heap);
}

const struct gc_remembered_ops gc_remember_card_ops = {
    .name = "card",
    .provides = GC_KEEPS_REMEMBERED,
    .open = open_card,
    .close = close_card,
    .update_mutator = gc_remembered_update_nothing,
    .flush_mutator = flush_mutator,
    .begin_scavenge_stw = begin_scavenge_stw,
    .take_work = take_work,
    .remember_object = remember_object,
    .remember_slot = remember_slot,
    .end_scavenge_stw = end_scavenge_stw,
    .is_empty = is_empty,
    .contains = gc_card_contains,
};
