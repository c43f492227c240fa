/* Sweeping outside pauses. See sweep.h. */
#include "heap/sweep.h"
#include "heap/heap.h"
#include "heap/platform.h"

/* Slices under this are no pauses: METHODOLOGY's noise. */
#define SLICE_RECORDED_FROM_NS UINT64_C(1000)

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
                     uint64_t begin_ns) {
  uint64_t end_ns = gc_platform_now_ns();
  /* Relaxed: it is this mutator only if it was this thread that wrote it. */
  bool is_pause = gc_atomic_load_relaxed(&heap->stop.stopper) != mutator;
  if (is_pause && end_ns - begin_ns >= SLICE_RECORDED_FROM_NS) {
    gc_event_write(&mutator->private_part->ring, pause, .mutator = mutator->private_part->number,
                   .kind = GC_PAUSE_lazy_sweep, .begin_ns = begin_ns, .end_ns = end_ns);
  }
  gc_sweep_count(heap, swept_bytes, begin_ns);
}
