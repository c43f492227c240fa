/* Shading half `insertion`, the slow half: queues what is stored, unless it is marked. */
#include "barriers/barrier_parts.h"
#include "barriers/shading_parts.h"
#include "heap/heap.h"
#include <gc/barriers/shade_insertion.h>

void gc_shade_insertion_slow(struct gc_mutator *mutator, struct gc_ref src, struct gc_ref new_ref) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_SHADE_SLOW);
  if (!gc_is_young(mutator, src)) {
    gc_marking_shade(mutator, new_ref);
  }
}

void gc_shade_insertion_object_slow(struct gc_mutator *mutator, struct gc_ref src) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_SHADE_SLOW);
  gc_shade_slots(mutator, src);
}

const struct gc_shade_ops gc_shade_insertion_ops = {.name = "insertion",
                                                    .provides = GC_KEEPS_STRONG};
