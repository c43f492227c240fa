/* Remembering half `none`: remembers nothing.
 *
 * Provides no capability. For heaps without a young generation, and for collectors that never
 * collect.
 */
#ifndef GC_BARRIERS_REMEMBER_NONE_H
#define GC_BARRIERS_REMEMBER_NONE_H

#include <gc/mutator.h>

static inline void gc_remember_none(struct gc_mutator *mutator, struct gc_ref src,
                                    struct gc_slot slot, struct gc_ref new_ref) {
  (void)mutator;
  (void)src;
  (void)slot;
  (void)new_ref;
}

static inline void gc_remember_none_object(struct gc_mutator *mutator, struct gc_ref src) {
  (void)mutator;
  (void)src;
}

#endif
