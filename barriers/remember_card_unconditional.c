/* Remembering half `card_unconditional`, the heap's side: scavenges walk the whole card table.
 *
 * Invariant: a card is dirty from the first store on it to the scavenge that scans it, and longer
 * while a young reference stays on it. Nothing is listed and no memory is needed, so nothing can
 * degrade.
 *
 * Costs: a scavenge reads a byte per 512 bytes of block space ever used and of large objects; the
 * cards of the nursery are marked by mutators and never read.
 */
#include "barriers/barrier_parts.h"
#include "barriers/remembered_parts.h"
#include <errno.h>
#include <gc/barriers/remember_card_unconditional.h>
#include <stdlib.h>

static int open_cards(struct gc_heap *heap) {
  heap->remembered_state = calloc(1, sizeof(struct gc_card_walk));
  return heap->remembered_state != NULL ? 0 : -ENOMEM;
}

static void close_cards(struct gc_heap *heap) {
  free(heap->remembered_state);
  heap->remembered_state = NULL;
}

/* After a bulk change: every card on which src has a slot. */
void gc_remember_card_unconditional_object(struct gc_mutator *mutator, struct gc_ref src) {
  size_t count = gc_object_slot_count(src);
  if (count == 0) {
    return;
  }
  uintptr_t first = (uintptr_t)gc_object_slot(src, 0).location;
  uintptr_t last = (uintptr_t)gc_object_slot(src, count - 1).location;
  for (uintptr_t card = first >> GC_CARD_BYTES_LOG2; card <= last >> GC_CARD_BYTES_LOG2; card++) {
    /* Relaxed: as in the fast half. */
    gc_atomic_store_relaxed((uint8_t *)(mutator->card_base + card), GC_CARD_DIRTY);
  }
}

static void flush_mutator(struct gc_heap *heap, struct gc_mutator *mutator) {
  (void)heap;
  (void)mutator;
}

static void begin_scavenge_stw(struct gc_heap *heap) {
  struct gc_card_walk *walk = heap->remembered_state;
  gc_atomic_store_relaxed(&walk->is_wanted, 1);
  gc_card_walk_begin_stw(walk, heap);
}

static void end_scavenge_stw(struct gc_heap *heap) {
  (void)heap;
}

static bool take_work(struct gc_heap *heap, struct gc_worker *worker,
                      struct gc_remembered_batch *batch) {
  batch->count = 0;
  gc_card_walk_take(heap->remembered_state, worker, batch);
  return batch->count > 0;
}

static void remember_slot(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object,
                          struct gc_slot slot) {
  (void)worker;
  (void)object;
  gc_atomic_store_relaxed(gc_space_card(&heap->space, (uintptr_t)slot.location), GC_CARD_DIRTY);
}

static void remember_object(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object) {
  gc_remember_young_slots(heap, worker, object, remember_slot);
}

static bool is_dirty_between(struct gc_heap *heap, uintptr_t start, uintptr_t end) {
  for (uintptr_t address = start; address < end; address += GC_CARD_BYTES) {
    if (*gc_space_card(&heap->space, address) == GC_CARD_DIRTY) {
      return true;
    }
  }
  return false;
}

/* Walks the table: for the verifier and debug builds. */
static bool is_empty(struct gc_heap *heap) {
  bool is_dirty = is_dirty_between(heap, heap->space.block_start,
                                   gc_space_block_address(&heap->space, heap->old.high_water));
  for (const struct gc_large *large = heap->large.objects; large != NULL && !is_dirty;
       large = large->next) {
    is_dirty = is_dirty_between(heap, large->address, large->address + large->shape.size_bytes);
  }
  return !is_dirty;
}

const struct gc_remembered_ops gc_remember_card_unconditional_ops = {
    .name = "card_unconditional",
    .provides = GC_KEEPS_REMEMBERED,
    .open = open_cards,
    .close = close_cards,
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
