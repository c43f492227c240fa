/* Shading half `hybrid`: shades the reference that is overwritten and the one that is stored.
 *
 * Algorithm: Go's write barrier since 1.8 (Clements and Hudson 2016): Yuasa's deletion barrier and
 * Dijkstra's insertion barrier in one, both unconditionally for an old src.
 *
 * Differs from Go: there, the inserting half lets stacks be scanned one at a time while the others
 * run, and stores into objects of any age are shaded. Here every mutator's handles are scanned in
 * the stop that begins the cycle, and stores into young objects are not shaded.
 *
 * Provides GC_KEEPS_SNAPSHOT: `snapshot-reachable`, by the deleting half alone; the argument is
 * shade_snapshot.h's. It does not provide GC_KEEPS_STRONG: under a snapshot, roots and promoted
 * objects are black and may hold white references. What the inserting half costs, in instructions,
 * in entries and in garbage that floats, is what this half is here to measure.
 *
 * What would go wrong without the deleting half, g grey, h a handle already scanned, x white:
 *     h = g.f;  g.f = null;  the marker scans g                 -> x is freed while h holds it
 * and without the inserting half, were mutators scanned one by one, h2 not scanned yet:
 *     src.f = h2 (white);  h2 = null;  h2's mutator is scanned  -> black src.f holds a white object
 *
 * Concurrency: as shade_snapshot.h. Both are shaded before the store, by one test.
 *
 * Costs: a load from the mutator's first cache line, a test and a branch.
 */
#ifndef GC_BARRIERS_SHADE_HYBRID_H
#define GC_BARRIERS_SHADE_HYBRID_H

#include <gc/attributes.h>
#include <gc/mutator.h>

void gc_shade_hybrid_slow(struct gc_mutator *mutator, struct gc_ref src, struct gc_slot slot,
                          struct gc_ref new_ref);
void gc_shade_hybrid_object_slow(struct gc_mutator *mutator, struct gc_ref src);

static inline void gc_shade_hybrid_before(struct gc_mutator *mutator, struct gc_ref src,
                                          struct gc_slot slot, struct gc_ref new_ref) {
  if (GC_UNLIKELY(mutator->shading != 0)) {
    gc_shade_hybrid_slow(mutator, src, slot, new_ref);
  }
}

static inline void gc_shade_hybrid_after(struct gc_mutator *mutator, struct gc_ref src,
                                         struct gc_slot slot, struct gc_ref new_ref) {
  (void)mutator;
  (void)src;
  (void)slot;
  (void)new_ref;
}

static inline void gc_shade_hybrid_object_begin(struct gc_mutator *mutator, struct gc_ref src) {
  if (GC_UNLIKELY(mutator->shading != 0)) {
    gc_shade_hybrid_object_slow(mutator, src);
  }
}

static inline void gc_shade_hybrid_object_end(struct gc_mutator *mutator, struct gc_ref src) {
  if (GC_UNLIKELY(mutator->shading != 0)) {
    gc_shade_hybrid_object_slow(mutator, src);
  }
}

#endif
