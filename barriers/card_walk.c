/* Walking the card table. See remembered_parts.h.
 *
 * Workers claim pieces of a block's size under the lock and walk them on their own. Cards that
 * others set behind or before a walker meanwhile were set for the next scavenge; meeting one now
 * scans it once too often.
 */
#include "barriers/remembered_parts.h"
#include <gc/barriers/remember_card.h>

/* Cards that are read at once. */
#define WORD_CARDS sizeof(uint64_t)

void gc_card_walk_begin_stw(struct gc_card_walk *walk, struct gc_heap *heap) {
  if (gc_atomic_exchange_relaxed(&walk->is_wanted, 0) != 0) {
    walk->next_in_blocks = heap->space.block_start;
    walk->blocks_end = gc_space_block_address(&heap->space, heap->old.high_water);
    walk->large = heap->large.objects;
    walk->next_in_large = 0;
  }
}

static uintptr_t claim_piece(struct gc_range *range, uintptr_t start, uintptr_t end) {
  *range = (struct gc_range){start, end - start > GC_BLOCK_BYTES ? start + GC_BLOCK_BYTES : end};
  return range->end;
}

/* The next piece of the table, as the addresses that it is about; false behind the last. */
static bool claim(struct gc_card_walk *walk, struct gc_range *range) {
  bool is_claimed = true;
  gc_spin_lock_acquire(&walk->lock);
  if (walk->next_in_blocks < walk->blocks_end) {
    walk->next_in_blocks = claim_piece(range, walk->next_in_blocks, walk->blocks_end);
  } else if (walk->large != NULL) {
    uintptr_t start = walk->next_in_large != 0 ? walk->next_in_large : walk->large->address;
    uintptr_t end = walk->large->address + walk->large->shape.size_bytes;
    walk->next_in_large = claim_piece(range, start, end);
    if (walk->next_in_large == end) {
      walk->large = walk->large->next;
      walk->next_in_large = 0;
    }
  } else {
    is_claimed = false;
  }
  gc_spin_lock_release(&walk->lock);
  return is_claimed;
}

void gc_card_clean_into(const struct gc_space *space, uint8_t *card,
                        struct gc_remembered_batch *batch) {
  /* Clean before it is scanned: who scans it sets it again where a young reference stays. A card
   * that is listed twice may be met again after that: acquire, so that its slots are then seen as
   * they were left [pairs: card-again]. */
  if (gc_atomic_exchange_acq_rel(card, GC_CARD_CLEAN) == GC_CARD_DIRTY) {
    uintptr_t start = gc_space_card_address(space, card);
    batch->host[batch->count] = 0;
    batch->start[batch->count] = start;
    batch->end[batch->count++] = start + GC_CARD_BYTES;
  }
}

/* The dirty ones of the WORD_CARDS cards from `start` on. Cards of blocks and of large objects begin
 * at a multiple of a word. */
static void take_word(const struct gc_space *space, uintptr_t start,
                      struct gc_remembered_batch *batch) {
  uint8_t *cards = gc_space_card(space, start);
  /* Relaxed: a card set meanwhile is the next scavenge's. */
  if (gc_atomic_load_relaxed((uint64_t *)(void *)cards) == 0) {
    return;
  }
  for (size_t index = 0; index < WORD_CARDS; index++) {
    if (gc_atomic_load_relaxed(&cards[index]) == GC_CARD_DIRTY) {
      gc_card_clean_into(space, &cards[index], batch);
    }
  }
}

void gc_card_walk_take(struct gc_card_walk *walk, struct gc_worker *worker,
                       struct gc_remembered_batch *batch) {
  const struct gc_space *space = &worker->heap->space;
  struct gc_range *range = &walk->claimed[worker->index];
  while (batch->count + WORD_CARDS <= GC_REMEMBERED_BATCH) {
    if (range->start >= range->end && !claim(walk, range)) {
      return;
    }
    take_word(space, range->start, batch);
    range->start += WORD_CARDS * GC_CARD_BYTES;
  }
}

bool gc_card_contains(struct gc_heap *heap, struct gc_ref object, struct gc_slot slot) {
  (void)object;
  return *gc_space_card(&heap->space, (uintptr_t)slot.location) == GC_CARD_DIRTY;
}
