/* Sweeping after the pause: by mutators at refills, by collector threads, or, when room is short,
 * within a later pause. See cycle.h; what a sweep does to a block is in heap/old_space.h.
 *
 * Concurrency: blocks and large objects are taken one by one under their space's lock. Collector
 * threads sweep in sections (GC_SECTION_SWEEP) which scavenges, verifiers and cycle edges have at
 * rest; mutators are stopped then, and never within a block.
 */
#include "collectors/room.h"
#include "heap/platform.h"

/* Slices under this are no pauses: METHODOLOGY's noise. */
#define SLICE_RECORDED_FROM_NS UINT64_C(1000)

/* Sweeps a block, or a large object when no block is left. False: nothing is left to take. */
static bool sweep_one(struct gc_heap *heap, uint64_t *swept_bytes) {
  size_t bytes = 0;
  bool swept = gc_old_space_sweep_next(&heap->old, &bytes) ||
               gc_large_space_sweep_next(&heap->large, &bytes);
  *swept_bytes += bytes;
  return swept;
}

/* Weak cells that the cycle has not cleared yet may refer to what a sweep would free. */
static bool may_sweep(const struct gc_heap *heap) {
  return gc_weak_clearing(&heap->weak) == GC_WEAK_CLEARED;
}

bool gc_cycle_is_swept(struct gc_cycle *cycle) {
  return may_sweep(cycle->heap) && gc_old_space_is_swept(&cycle->heap->old) &&
         gc_large_space_is_swept(&cycle->heap->large);
}

void gc_cycle_begin_sweep_stw(struct gc_cycle *cycle) {
  struct gc_heap *heap = cycle->heap;
  size_t live_bytes = cycle->marked_bytes + cycle->promoted_bytes;
  size_t large_bytes = gc_atomic_load_relaxed(&heap->large.live_bytes);
  gc_old_space_begin_sweep_stw(&heap->old,
                               live_bytes > large_bytes ? live_bytes - large_bytes : live_bytes);
  gc_large_space_begin_sweep_stw(&heap->large);
}

static void count_swept(struct gc_heap *heap, uint64_t swept_bytes, uint64_t begin_ns) {
  gc_atomic_fetch_add_relaxed(&heap->swept_outside_bytes, swept_bytes);
  gc_atomic_fetch_add_relaxed(&heap->sweep_outside_ns, gc_platform_now_ns() - begin_ns);
}

void gc_cycle_sweep_slice(struct gc_cycle *cycle, struct gc_mutator *mutator, size_t blocks) {
  struct gc_heap *heap = cycle->heap;
  uint64_t begin_ns = gc_platform_now_ns(), end_ns = begin_ns, swept_bytes = 0;
  bool is_left = true;
  if (!may_sweep(heap)) {
    return;
  }
  for (size_t count = 0;
       count < blocks && is_left && end_ns - begin_ns < heap->options.pause_target_ns; count++) {
    is_left = sweep_one(heap, &swept_bytes);
    end_ns = gc_platform_now_ns();
  }
  if (!is_left) {
    gc_cycle_update_help(cycle);
    gc_background_wake(&heap->background);
  }
  if (end_ns - begin_ns >= SLICE_RECORDED_FROM_NS) {
    gc_event_write(&mutator->private_part->ring, pause, .mutator = mutator->private_part->number,
                   .kind = GC_PAUSE_lazy_sweep, .begin_ns = begin_ns, .end_ns = end_ns);
  }
  count_swept(heap, swept_bytes, begin_ns);
}

bool gc_cycle_sweep_until(struct gc_cycle *cycle, struct gc_mutator *mutator,
                          uint64_t deadline_ns) {
  struct gc_heap *heap = cycle->heap;
  uint64_t begin_ns = gc_platform_now_ns(), swept_bytes = 0;
  bool is_left = may_sweep(heap);
  /* Relaxed: a stale 0 delays the stop by a block. */
  while (is_left && gc_atomic_load_relaxed(&mutator->stop_requested) == 0 &&
         gc_platform_now_ns() < deadline_ns) {
    is_left = sweep_one(heap, &swept_bytes);
  }
  count_swept(heap, swept_bytes, begin_ns);
  return is_left;
}

bool gc_cycle_sweep_beside(struct gc_cycle *cycle, struct gc_worker *worker) {
  struct gc_heap *heap = cycle->heap;
  struct gc_phase_clock clock = gc_phase_begin();
  uint64_t swept_bytes = 0;
  bool is_left = true, swept_any = false;
  while (is_left && gc_background_enter(&heap->background, GC_SECTION_SWEEP)) {
    is_left = may_sweep(heap) && sweep_one(heap, &swept_bytes);
    swept_any |= is_left;
    gc_background_leave(&heap->background, GC_SECTION_SWEEP);
  }
  if (swept_any) {
    gc_background_phase_end(worker, clock, GC_PHASE_SWEEP);
    count_swept(heap, swept_bytes, clock.begin_ns);
  }
  return !is_left;
}

void gc_cycle_sweep_stw(struct gc_cycle *cycle, size_t eden_bytes) {
  struct gc_heap *heap = cycle->heap;
  struct gc_worker *worker = &heap->workers.all[0];
  if (gc_cycle_is_swept(cycle)) {
    return;
  }
  if (!may_sweep(heap) && gc_room_eden_cap_bytes(heap) < eden_bytes) {
    gc_cycle_clear_stw(cycle);
  }
  struct gc_phase_clock clock = gc_phase_begin();
  uint64_t swept_bytes = 0;
  bool is_left = true;
  while (is_left && gc_room_eden_cap_bytes(heap) < eden_bytes) {
    is_left = sweep_one(heap, &swept_bytes);
    gc_room_cap_eden_stw(heap);
  }
  worker->counts.swept_bytes += swept_bytes;
  gc_phase_end(worker, clock, GC_PHASE_SWEEP);
  gc_phase_join(heap);
  gc_heap_collect_counts_stw(heap);
  heap->statistics.sweep_ns += gc_platform_now_ns() - clock.begin_ns;
}
