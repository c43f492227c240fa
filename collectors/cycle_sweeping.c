/* Sweeping after the pause: by mutators at refills, by collector threads, or, when room is short,
 * within a later pause. See cycle.h; what a sweep does to a block is in heap/old_space.h.
 * Who may sweep when is in heap/sweep.h.
 */
#include "collectors/room.h"
#include "heap/platform.h"
#include "heap/sweep.h"

bool gc_cycle_is_swept(struct gc_cycle *cycle) {
  return gc_sweep_may(cycle->heap) && gc_old_space_is_swept(&cycle->heap->old) &&
         gc_large_space_is_swept(&cycle->heap->large);
}

void gc_cycle_see_sweep_end(struct gc_cycle *cycle) {
  struct gc_heap *heap = cycle->heap;
  /* Relaxed: whoever exchanges it sees to it. */
  if (!gc_atomic_load_relaxed(&cycle->is_fresh) || !gc_cycle_is_swept(cycle) ||
      !gc_atomic_exchange_relaxed(&cycle->is_fresh, false)) {
    return;
  }
  if (gc_heap_has_nursery(heap)) {
    gc_room_cap_eden_stw(heap);
    cycle->eden_after_cycle_bytes = gc_room_eden_cap_bytes(heap);
  }
  gc_atomic_store_relaxed(&cycle->held_after_cycle_bytes, gc_heap_held_bytes(heap));
  gc_atomic_store_relaxed(&cycle->room_after_cycle_bytes, gc_room_for_promotion_bytes(heap));
}

void gc_cycle_begin_sweep_stw(struct gc_cycle *cycle) {
  struct gc_heap *heap = cycle->heap;
  size_t live_bytes = cycle->marked_bytes + cycle->promoted_bytes;
  size_t large_bytes = gc_atomic_load_relaxed(&heap->large.live_bytes);
  gc_old_space_begin_sweep_stw(&heap->old, live_bytes > large_bytes ? live_bytes - large_bytes : 0);
  gc_large_space_begin_sweep_stw(&heap->large);
}

void gc_cycle_sweep_slice(struct gc_cycle *cycle, struct gc_mutator *mutator, size_t blocks) {
  struct gc_heap *heap = cycle->heap;
  if (!gc_sweep_may(heap)) {
    return;
  }
  struct gc_phase_clock clock = gc_phase_begin();
  uint64_t end_ns = clock.begin_ns, swept_bytes = 0;
  bool is_left = true;
  for (size_t count = 0;
       count < blocks && is_left && end_ns - clock.begin_ns < heap->options.pause_target_ns;
       count++) {
    is_left = gc_sweep_one(heap, &swept_bytes);
    end_ns = gc_platform_now_ns();
  }
  if (!is_left) {
    gc_cycle_update_help(cycle);
    gc_background_wake(&heap->background);
  }
  gc_sweep_record(heap, mutator, swept_bytes, clock);
}

bool gc_cycle_sweep_until(struct gc_cycle *cycle, struct gc_mutator *mutator,
                          uint64_t deadline_ns) {
  struct gc_heap *heap = cycle->heap;
  uint64_t begin_ns = gc_platform_now_ns(), swept_bytes = 0;
  bool is_left = gc_sweep_may(heap);
  /* Relaxed: a stale 0 delays the stop by a block. */
  while (is_left && gc_atomic_load_relaxed(&mutator->stop_requested) == 0 &&
         gc_platform_now_ns() < deadline_ns) {
    is_left = gc_sweep_one(heap, &swept_bytes);
  }
  gc_sweep_count(heap, swept_bytes, begin_ns);
  return is_left;
}

bool gc_cycle_sweep_beside(struct gc_cycle *cycle, struct gc_worker *worker) {
  struct gc_heap *heap = cycle->heap;
  struct gc_phase_clock clock = gc_phase_begin();
  uint64_t swept_bytes = 0;
  bool is_left = true, swept_any = false;
  while (is_left && gc_background_enter(&heap->background, GC_SECTION_SWEEP)) {
    is_left = gc_sweep_may(heap) && gc_sweep_one(heap, &swept_bytes);
    swept_any |= is_left;
    gc_background_leave(&heap->background, GC_SECTION_SWEEP);
  }
  if (swept_any) {
    gc_background_phase_end(worker, clock, GC_PHASE_SWEEP);
    gc_sweep_count(heap, swept_bytes, clock.begin_ns);
  }
  return !is_left;
}

void gc_cycle_sweep_stw(struct gc_cycle *cycle, size_t eden_bytes) {
  struct gc_heap *heap = cycle->heap;
  struct gc_worker *worker = &heap->workers.all[0];
  if (gc_cycle_is_swept(cycle)) {
    return;
  }
  if (!gc_sweep_may(heap) && gc_room_eden_cap_bytes(heap) < eden_bytes) {
    gc_cycle_clear_stw(cycle);
  }
  struct gc_phase_clock clock = gc_phase_begin();
  uint64_t swept_bytes = 0;
  bool is_left = true;
  while (is_left && gc_room_eden_cap_bytes(heap) < eden_bytes) {
    is_left = gc_sweep_one(heap, &swept_bytes);
    gc_room_cap_eden_stw(heap);
  }
  worker->counts.swept_bytes += swept_bytes;
  gc_phase_end(worker, clock, GC_PHASE_SWEEP);
  gc_phase_join(heap);
  gc_heap_collect_counts_stw(heap);
  heap->statistics.sweep_ns += gc_platform_now_ns() - clock.begin_ns;
}
