/* Shading half `retreat`, the slow half: sets the re-grey flag, and queues src where it was clear.
 */
#include "barriers/barrier_parts.h"
#include "barriers/shading_parts.h"
#include "heap/heap.h"
#include "heap/regrey.h"
#include <gc/barriers/shade_retreat.h>

static void regrey_small(struct gc_mutator *mutator, struct gc_ref src) {
  if (gc_regrey_set(gc_regrey_flag(src))) {
    gc_marking_shade_again(mutator, src.address);
  }
}

static void regrey_piece(struct gc_mutator *mutator, uintptr_t address) {
  if (gc_regrey_set(gc_space_regrey_flag(&mutator->heap->space, address))) {
    gc_marking_shade_again(mutator, address & ~(GC_CARD_BYTES - 1));
  }
}

void gc_shade_retreat_slow(struct gc_mutator *mutator, struct gc_ref src, struct gc_slot slot,
                           struct gc_ref new_ref) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_SHADE_SLOW);
  if (gc_is_null(new_ref) || gc_is_young(mutator, new_ref) || gc_is_young(mutator, src)) {
    return;
  }
  if (gc_heap_is_large(mutator->heap, src)) {
    regrey_piece(mutator, (uintptr_t)slot.location);
  } else {
    regrey_small(mutator, src);
  }
}

void gc_shade_retreat_object_slow(struct gc_mutator *mutator, struct gc_ref src) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_SHADE_SLOW);
  size_t slot_count = gc_object_slot_count(src);
  if (slot_count == 0 || gc_is_young(mutator, src)) {
    return;
  }
  if (!gc_heap_is_large(mutator->heap, src)) {
    regrey_small(mutator, src);
    return;
  }
  uintptr_t end = (uintptr_t)gc_object_slot(src, slot_count).location;
  struct gc_phase_clock clock = gc_shade_pause_begin(slot_count);
  for (uintptr_t piece = src.address; piece < end; piece += GC_CARD_BYTES) {
    regrey_piece(mutator, piece);
  }
  gc_shade_pause_end(mutator, slot_count, clock);
}

const struct gc_shade_ops gc_shade_retreat_ops = {.name = "retreat", .provides = GC_KEEPS_STRONG};
