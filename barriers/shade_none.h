/* Shading half `none`: keeps no tricolour invariant.
 *
 * Provides no capability. For collectors that mark only while the world is stopped.
 */
#ifndef GC_BARRIERS_SHADE_NONE_H
#define GC_BARRIERS_SHADE_NONE_H

#include <gc/mutator.h>

static inline void gc_shade_none_before(struct gc_mutator *mutator, struct gc_ref src,
                                        struct gc_slot slot, struct gc_ref new_ref) {
  (void)mutator;
  (void)src;
  (void)slot;
  (void)new_ref;
}

static inline void gc_shade_none_after(struct gc_mutator *mutator, struct gc_ref src,
                                       struct gc_slot slot, struct gc_ref new_ref) {
  (void)mutator;
  (void)src;
  (void)slot;
  (void)new_ref;
}

static inline void gc_shade_none_object_begin(struct gc_mutator *mutator, struct gc_ref src) {
  (void)mutator;
  (void)src;
}

static inline void gc_shade_none_object_end(struct gc_mutator *mutator, struct gc_ref src) {
  (void)mutator;
  (void)src;
}

#endif
