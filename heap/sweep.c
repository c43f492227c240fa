/* Sweeping outside pauses. See sweep.h. */
#include "heap/sweep.h"
#include "heap/heap.h"
#include "heap/platform.h"

bool gc_sweep_may(const struct gc_heap *heap) {
  return gc_weak_clearing(&heap->weak) == GC_WEAK_CLEARED;
}

bool gc_sweep_one(struct gc_heap *heap, uint64_t *swept_bytes) {
  size_t bytes = 0;
  bool swept = gc_old_space_sweep_next(&heap->old, &bytes) ||
               gc_large_space_sweep_next(&heap->large, &bytes);
  *swept_bytes += bytes;
  return swept;
}

void gc_sweep_count(struct gc_heap *heap, uint64_t swept_bytes, uint64_t begin_ns) {
  gc_atomic_fetch_add_relaxed(&heap->swept_outside_bytes, swept_bytes);
  gc_atomic_fetch_add_relaxed(&heap->sweep_outside_ns, gc_platform_now_ns() - begin_ns);
}

void gc_sweep_record(struct gc_heap *heap, struct gc_mutator *mutator, uint64_t swept_bytes,
                     struct gc_phase_clock clock) {
  /* Relaxed: it is this mutator only if it was this thread that wrote it. */
  if (gc_atomic_load_relaxed(&heap->stop.stopper) != mutator) {
    gc_phase_end_as_pause(mutator, clock, GC_PHASE_SWEEP, GC_PAUSE_lazy_sweep);
  }
  gc_sweep_count(heap, swept_bytes, clock.begin_ns);
}
