/* Shading half `insertion`: shades the reference that is stored.
 *
 * Algorithm: Dijkstra, Lamport, Martin, Scholten and Steffens 1978. While marking, a store of a
 * white object into an old one makes the stored object grey.
 *
 * Differs from the paper: what mutators hold in handles and what they store into young objects is
 * not shaded: remark promotes the nursery and scans the handles again. As in the paper, the colour
 * of src is not tested.
 *
 * Provides GC_KEEPS_STRONG: `strong-tricolour`, no black object refers to a white one; but for a
 * reference whose store and shading a mutator has begun and not ended, and it ends them before it
 * reaches a safepoint.
 *
 * What would go wrong without it, src black, g grey, x white:
 *     x = g.f;  src.f = x;  g.f = null;  the marker scans g     -> x is freed while src.f holds it
 *
 * Concurrency: a marker may find the reference in its slot before it is shaded. That order is right
 * all the same: between the two, x is in its mutator's hand; the mutator passes no safepoint, so no
 * cycle ends, and none begins (the case for which the two orders differ in the paper). Shading
 * comes after the store, so that a compare-and-exchange that stores nothing shades nothing. A stale
 * reading of x's mark finds it white at worst, for marks are only set while shading is on, and
 * queues it once too often.
 *
 * Costs: a load from the mutator's first cache line, a test and a branch.
 */
#ifndef GC_BARRIERS_SHADE_INSERTION_H
#define GC_BARRIERS_SHADE_INSERTION_H

#include <gc/attributes.h>
#include <gc/mutator.h>

void gc_shade_insertion_slow(struct gc_mutator *mutator, struct gc_ref src, struct gc_ref new_ref);
void gc_shade_insertion_object_slow(struct gc_mutator *mutator, struct gc_ref src);

static inline void gc_shade_insertion_before(struct gc_mutator *mutator, struct gc_ref src,
                                             struct gc_slot slot, struct gc_ref new_ref) {
  (void)mutator;
  (void)src;
  (void)slot;
  (void)new_ref;
}

static inline void gc_shade_insertion_after(struct gc_mutator *mutator, struct gc_ref src,
                                            struct gc_slot slot, struct gc_ref new_ref) {
  (void)slot;
  if (GC_UNLIKELY(mutator->shading != 0)) {
    gc_shade_insertion_slow(mutator, src, new_ref);
  }
}

static inline void gc_shade_insertion_object_begin(struct gc_mutator *mutator, struct gc_ref src) {
  (void)mutator;
  (void)src;
}

static inline void gc_shade_insertion_object_end(struct gc_mutator *mutator, struct gc_ref src) {
  if (GC_UNLIKELY(mutator->shading != 0)) {
    gc_shade_insertion_object_slow(mutator, src);
  }
}

#endif
