/* Remembering half `slots`: every slot that holds a young reference, in a set of slots.
 *
 * Algorithm: the filters of a sequential store buffer (Hosking, Moss and Stefanović 1992), a young
 * value into an old src, before a set that is a bitmap in buckets and holds no slot twice, which is
 * V8's (slot sets by page). The slow half finds the slot's bucket by address, making it at the first
 * insertion, and sets the slot's bit. A scavenge visits slots and nothing else: it need not know
 * where objects begin.
 *
 * Provides GC_KEEPS_REMEMBERED: `remembered-complete`, every old slot that holds a young reference
 * is in the set. Provides GC_KEEPS_MOVED_SLOTS: `moved-slots-complete` (heap/moved_slots.h): while
 * blocks are to be evacuated, every store of a reference into one of them, src old, records the
 * slot; this is asked before any half asks for colours, and of the store alone.
 *
 * What would go wrong without the one:
 *     old.f = young;  drop the handle of young;  scavenge      -> old.f dangles
 * and without the other, a being marked and scanned, b in a block that will be emptied:
 *     a.f = b;  remark finds b marked already;  b moves        -> a.f refers to where b was
 *
 * Concurrency: mutators insert at the same time: buckets are published by compare-and-exchange
 * [slot-bucket], bits are set by a locked or.
 *
 * Costs: a store of an old or null value costs a subtraction, a comparison, the test of
 * has_candidates, two branches; of a young value into an old object a call.
 */
#ifndef GC_BARRIERS_REMEMBER_SLOTS_H
#define GC_BARRIERS_REMEMBER_SLOTS_H

#include <gc/attributes.h>
#include <gc/mutator.h>

void gc_remember_slots_slow(struct gc_mutator *mutator, struct gc_slot slot);
void gc_remember_slots_moved_slow(struct gc_mutator *mutator, struct gc_ref src,
                                  struct gc_slot slot, struct gc_ref new_ref);
void gc_remember_slots_object(struct gc_mutator *mutator, struct gc_ref src);

static inline void gc_remember_slots(struct gc_mutator *mutator, struct gc_ref src,
                                     struct gc_slot slot, struct gc_ref new_ref) {
  if (GC_LIKELY(!gc_is_young(mutator, new_ref))) {
    if (GC_UNLIKELY(mutator->has_candidates != 0)) {
      gc_remember_slots_moved_slow(mutator, src, slot, new_ref);
    }
  } else if (!gc_is_young(mutator, src)) {
    gc_remember_slots_slow(mutator, slot);
  }
}

#endif
