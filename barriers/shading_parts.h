/* What the slow halves of shading barriers have in common: shading what slots hold. */
#ifndef BARRIERS_SHADING_PARTS_H
#define BARRIERS_SHADING_PARTS_H

#include "heap/heap.h"

/* Relaxed: shade_snapshot.h says why a stale reference is harmless. */
static inline void gc_shade_slot(struct gc_mutator *mutator, struct gc_slot slot) {
  gc_marking_shade(mutator, (struct gc_ref){gc_atomic_load_relaxed(&slot.location->address)});
}

/* A slow half that looks at so many slots may take 20 us and more: it is a pause of its mutator. */
#define GC_SHADE_PAUSE_SLOTS ((size_t)16384)

/* Around what a slow half does to an object of so many slots. */
static inline struct gc_phase_clock gc_shade_pause_begin(size_t slot_count) {
  return slot_count >= GC_SHADE_PAUSE_SLOTS ? gc_phase_begin() : (struct gc_phase_clock){0};
}

static inline void gc_shade_pause_end(struct gc_mutator *mutator, size_t slot_count,
                                      struct gc_phase_clock clock) {
  if (slot_count >= GC_SHADE_PAUSE_SLOTS) {
    gc_phase_end_as_pause(mutator, clock, GC_PHASE_MARK, GC_PAUSE_barrier_slow);
  }
}

/* Everything that an old src refers to. */
static inline void gc_shade_slots(struct gc_mutator *mutator, struct gc_ref src) {
  if (gc_is_young(mutator, src)) {
    return;
  }
  size_t slot_count = gc_object_slot_count(src);
  struct gc_phase_clock clock = gc_shade_pause_begin(slot_count);
  for (size_t index = 0; index < slot_count; index++) {
    gc_shade_slot(mutator, gc_object_slot(src, index));
  }
  gc_shade_pause_end(mutator, slot_count, clock);
}

#endif
