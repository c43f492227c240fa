/* Remembering half `card_unconditional`: every reference store marks the card of its slot.
 *
 * Algorithm: Hölzle 1993, "A Fast Write Barrier for Generational Garbage Collectors": a shift and a
 * store of one byte, whatever is stored into whatever. No test, so no branch that could be
 * mispredicted; in exchange scavenges read the card table of all blocks and large objects in use,
 * and scan cards that no young reference lies on. For the experiment: rule 5.7 of the design, that
 * no pause does work proportional to the card table, does not hold with it.
 *
 * Differs from the paper: the card of the slot is marked, not one up to a few cards before it,
 * because the slot's address is at hand.
 *
 * Provides GC_KEEPS_REMEMBERED: `remembered-complete`, every old slot that holds a young reference
 * lies on a card that is dirty.
 *
 * What would go wrong without it:
 *     old.f = young;  drop the handle of young;  scavenge      -> old.f dangles
 *
 * Concurrency: mutators that store on one card write the same value. The bytes of several cards
 * share a cache line, so two threads that store into neighbouring objects contend for it, whether
 * the cards were dirty already or not.
 *
 * Costs: a load of the table's base, a shift, a byte store; cards of young objects included.
 */
#ifndef GC_BARRIERS_REMEMBER_CARD_UNCONDITIONAL_H
#define GC_BARRIERS_REMEMBER_CARD_UNCONDITIONAL_H

#include <gc/barriers/remember_card.h>

void gc_remember_card_unconditional_object(struct gc_mutator *mutator, struct gc_ref src);

static inline void gc_remember_card_unconditional(struct gc_mutator *mutator, struct gc_ref src,
                                                  struct gc_slot slot, struct gc_ref new_ref) {
  (void)src;
  (void)new_ref;
  uint8_t *card =
      (uint8_t *)(mutator->card_base + ((uintptr_t)slot.location >> GC_CARD_BYTES_LOG2));
  /* Relaxed: read by the next scavenge, after a stop. */
  gc_atomic_store_relaxed(card, GC_CARD_DIRTY);
}

#endif
