/* Remembering half `card`: cards of 512 bytes, listed when they become dirty.
 *
 * Algorithm: card marking (Wilson and Moher 1989) with the filters in the fast half: a new young
 * value, an old src, a clean card. The slow half marks the card and appends it to the mutator's
 * list, so that a scavenge reads lists and never the table.
 *
 * Provides GC_KEEPS_REMEMBERED: `remembered-complete`, every old slot that holds a young reference
 * lies on a card that is dirty and on a list.
 *
 * What would go wrong without it:
 *     old.f = young;  drop the handle of young;  scavenge      -> old.f dangles
 *
 * Concurrency: two mutators may find one card clean and both list it; scavenges tolerate
 * duplicates. The card byte is read relaxed: a mutator that reads a stale dirty read it since the
 * last scavenge, when the card was dirty and listed; a stale clean makes a duplicate.
 *
 * Costs: a store of an old or null value costs a subtraction, a comparison and a branch; of a young
 * value into a young object two of each.
 */
#ifndef GC_BARRIERS_REMEMBER_CARD_H
#define GC_BARRIERS_REMEMBER_CARD_H

#include <gc/atomics.h>
#include <gc/mutator.h>

#define GC_CARD_BYTES_LOG2 9
#define GC_CARD_CLEAN      0
#define GC_CARD_DIRTY      1

void gc_remember_card_slow(struct gc_mutator *mutator, uint8_t *card);
void gc_remember_card_object(struct gc_mutator *mutator, struct gc_ref src);

static inline void gc_remember_card(struct gc_mutator *mutator, struct gc_ref src,
                                    struct gc_slot slot, struct gc_ref new_ref) {
  if (!gc_is_young(mutator, new_ref) || gc_is_young(mutator, src)) {
    return;
  }
  uint8_t *card =
      (uint8_t *)(mutator->card_base + ((uintptr_t)slot.location >> GC_CARD_BYTES_LOG2));
  if (GC_UNLIKELY(gc_atomic_load_relaxed(card) == GC_CARD_CLEAN)) {
    gc_remember_card_slow(mutator, card);
  }
}

#endif
