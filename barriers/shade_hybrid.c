/* Shading half `hybrid`, the slow half: queues what the slot holds before the store and what is
 * stored, unless they are marked. */
#include "barriers/barrier_parts.h"
#include "barriers/shading_parts.h"
#include "heap/heap.h"
#include <gc/barriers/shade_hybrid.h>

void gc_shade_hybrid_slow(struct gc_mutator *mutator, struct gc_ref src, struct gc_slot slot,
                          struct gc_ref new_ref) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_SHADE_SLOW);
  if (!gc_is_young(mutator, src)) {
    gc_shade_slot(mutator, slot);
    gc_marking_shade(mutator, new_ref);
  }
}

/* Before a bulk change: the old references. After it: the new ones. */
void gc_shade_hybrid_object_slow(struct gc_mutator *mutator, struct gc_ref src) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_SHADE_SLOW);
  gc_shade_slots(mutator, src);
}

const struct gc_shade_ops gc_shade_hybrid_ops = {.name = "hybrid", .provides = GC_KEEPS_SNAPSHOT};
