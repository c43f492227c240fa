/* Shading half `retreat`: makes the object that is stored into grey again.
 *
 * Algorithm: Steele 1975. While marking, after an old reference was stored into an old object, the
 * object's re-grey flag is exchanged with 1 and, where it was 0, the object is queued to be scanned
 * again. The marker clears the flag before it scans (heap/regrey.h). A large object is queued by
 * pieces of 512 bytes.
 *
 * Differs from the paper: no colour is tested, neither src's nor the stored reference's. A test of
 * src's mark before the exchange would have to be ordered behind the store, as the flag is; the
 * exchange alone costs as much and bounds the queue as well.
 *
 * Provides GC_KEEPS_STRONG: `strong-tricolour`, where an object that waits to be scanned again is
 * grey.
 *
 * What would go wrong without it, src black, g grey, x white:
 *     x = g.f;  src.f = x;  g.f = null;  the marker scans g     -> x is freed while src.f holds it
 * with the exchange before the store, src queued by an earlier one:
 *     the flag is 1: no entry;  the marker clears it, scans src;  src.f = x        -> the same
 * and with a plain test before the exchange, the store still in the store buffer:
 *     src.f = x;  the flag reads 1: no entry;  the marker clears it, scans src     -> the same
 *
 * Concurrency: the exchange is the fence between the store and the test [pairs: regrey]. It must
 * be unconditional: whatever value it answers, it is the newest, and whoever clears it acquires it.
 *
 * Costs: a load from the mutator's first cache line, a test and a branch; while marking, a locked
 * instruction on src's header for each store of an old reference.
 */
#ifndef GC_BARRIERS_SHADE_RETREAT_H
#define GC_BARRIERS_SHADE_RETREAT_H

#include <gc/attributes.h>
#include <gc/mutator.h>

void gc_shade_retreat_slow(struct gc_mutator *mutator, struct gc_ref src, struct gc_slot slot,
                           struct gc_ref new_ref);
void gc_shade_retreat_object_slow(struct gc_mutator *mutator, struct gc_ref src);

static inline void gc_shade_retreat_before(struct gc_mutator *mutator, struct gc_ref src,
                                           struct gc_slot slot, struct gc_ref new_ref) {
  (void)mutator;
  (void)src;
  (void)slot;
  (void)new_ref;
}

static inline void gc_shade_retreat_after(struct gc_mutator *mutator, struct gc_ref src,
                                          struct gc_slot slot, struct gc_ref new_ref) {
  if (GC_UNLIKELY(mutator->shading != 0)) {
    gc_shade_retreat_slow(mutator, src, slot, new_ref);
  }
}

static inline void gc_shade_retreat_object_begin(struct gc_mutator *mutator, struct gc_ref src) {
  (void)mutator;
  (void)src;
}

static inline void gc_shade_retreat_object_end(struct gc_mutator *mutator, struct gc_ref src) {
  if (GC_UNLIKELY(mutator->shading != 0)) {
    gc_shade_retreat_object_slow(mutator, src);
  }
}

#endif
