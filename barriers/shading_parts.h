/* What the slow halves of shading barriers have in common: shading what slots hold. */
#ifndef BARRIERS_SHADING_PARTS_H
#define BARRIERS_SHADING_PARTS_H

#include "heap/heap.h"

/* Relaxed: shade_snapshot.h says why a stale reference is harmless. */
static inline void gc_shade_slot(struct gc_mutator *mutator, struct gc_slot slot) {
  gc_marking_shade(mutator, (struct gc_ref){gc_atomic_load_relaxed(&slot.location->address)});
}

/* Everything that an old src refers to. */
static inline void gc_shade_slots(struct gc_mutator *mutator, struct gc_ref src) {
  if (gc_is_young(mutator, src)) {
    return;
  }
  size_t slot_count = gc_object_slot_count(src);
  for (size_t index = 0; index < slot_count; index++) {
    gc_shade_slot(mutator, gc_object_slot(src, index));
  }
}

#endif
