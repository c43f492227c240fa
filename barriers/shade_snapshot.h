/* Shading half `snapshot`: shades the reference that is overwritten.
 *
 * Algorithm: Yuasa 1990, snapshot at the beginning. While marking, before a store into an old
 * object, the object that the slot refers to becomes grey. So whatever could be reached when the
 * cycle began is marked, whatever mutators cut; and what is newer is black.
 *
 * Differs from the paper: the new reference is not looked at and young objects are not, because a
 * cycle begins with an empty nursery: they are newer than the snapshot, and promoted black.
 *
 * Provides GC_KEEPS_SNAPSHOT: `snapshot-reachable` (weak tricolour), every white object that was
 * reachable at cycle start is reachable from a grey one by a path of white ones. Roots are scanned
 * once, at cycle start.
 *
 * What would go wrong without it, g grey, h a handle already scanned, x white:
 *     h = g.f;  g.f = null;  the marker scans g                 -> x is freed while h holds it
 * and so too if the new reference were shaded in place of the old one: it is null here.
 *
 * Concurrency: the old reference is loaded relaxed, and no exchange is needed. The first store to a
 * slot after cycle start, in the order of the slot's values, follows its own thread's load, which
 * by coherence reads the value of cycle start or a newer one; and there is no newer one before the
 * first store. So the mutator that overwrites a reference of the snapshot has shaded it. Racing
 * writers miss only each other's references, which are none of the snapshot's. For the same reason
 * gc_exchange_ref and gc_compare_exchange_ref shade what is loaded before the atomic step, not what
 * that step finds; one that stores nothing has shaded an object too many.
 * Shading comes before the store: after it, the load would find the new reference.
 *
 * Costs: a load from the mutator's first cache line, a test and a branch. What is overwritten and
 * dead is kept until the next cycle (floating garbage).
 */
#ifndef GC_BARRIERS_SHADE_SNAPSHOT_H
#define GC_BARRIERS_SHADE_SNAPSHOT_H

#include <gc/attributes.h>
#include <gc/mutator.h>

void gc_shade_snapshot_slow(struct gc_mutator *mutator, struct gc_ref src, struct gc_slot slot);
void gc_shade_snapshot_object_slow(struct gc_mutator *mutator, struct gc_ref src);

static inline void gc_shade_snapshot_before(struct gc_mutator *mutator, struct gc_ref src,
                                            struct gc_slot slot, struct gc_ref new_ref) {
  (void)new_ref;
  if (GC_UNLIKELY(mutator->shading != 0)) {
    gc_shade_snapshot_slow(mutator, src, slot);
  }
}

static inline void gc_shade_snapshot_after(struct gc_mutator *mutator, struct gc_ref src,
                                           struct gc_slot slot, struct gc_ref new_ref) {
  (void)mutator;
  (void)src;
  (void)slot;
  (void)new_ref;
}

static inline void gc_shade_snapshot_object_begin(struct gc_mutator *mutator, struct gc_ref src) {
  if (GC_UNLIKELY(mutator->shading != 0)) {
    gc_shade_snapshot_object_slow(mutator, src);
  }
}

static inline void gc_shade_snapshot_object_end(struct gc_mutator *mutator, struct gc_ref src) {
  (void)mutator;
  (void)src;
}

#endif
