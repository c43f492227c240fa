/* Shading half `snapshot`, the slow half: queues what the slot holds before the store, unless it is
 * marked. */
#include "barriers/barrier_parts.h"
#include "barriers/shading_parts.h"
#include "heap/heap.h"
#include <gc/barriers/shade_snapshot.h>

void gc_shade_snapshot_slow(struct gc_mutator *mutator, struct gc_ref src, struct gc_slot slot) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_SHADE_SLOW);
  if (!gc_is_young(mutator, src)) {
    gc_shade_slot(mutator, slot);
  }
}

void gc_shade_snapshot_object_slow(struct gc_mutator *mutator, struct gc_ref src) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_SHADE_SLOW);
  gc_shade_slots(mutator, src);
}

const struct gc_shade_ops gc_shade_snapshot_ops = {.name = "snapshot",
                                                   .provides = GC_KEEPS_SNAPSHOT};
