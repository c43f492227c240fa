/* The cycle's clearing of weak cells and ephemerons, between remark and sweep. See heap/weak.h for
 * what it does and cycle.h for its place.
 *
 * Concurrency: where there are collector threads and the sweep comes after the pause, the first of
 * them clears, a few cells per section; nothing is swept meanwhile. The end of it is a stop of its
 * own, of a few microseconds, so that no mutator is between the two halves of a look at a cell when
 * the first block is swept. A pause that needs the room that sweeping would find does the rest.
 */
#include "collectors/cycle.h"

bool gc_cycle_clears_beside(const struct gc_cycle *cycle) {
  const struct gc_heap *heap = cycle->heap;
  return gc_weak_clearing(&heap->weak) != GC_WEAK_CLEARED && heap->background.count > 0 &&
         !cycle->composition.sweep->in_pause;
}

void gc_cycle_clear_stw(struct gc_cycle *cycle) {
  struct gc_heap *heap = cycle->heap;
  if (gc_weak_clearing(&heap->weak) == GC_WEAK_CLEARED) {
    return;
  }
  struct gc_phase_clock clock = gc_phase_begin();
  gc_weak_clear_stw(heap);
  gc_phase_end(&heap->workers.all[0], clock, GC_PHASE_CLEAR);
  gc_phase_join(heap);
}

static void end_clearing(struct gc_cycle *cycle, struct gc_worker *worker) {
  struct gc_heap *heap = cycle->heap;
  struct gc_cycle_driver driver = {.worker = worker};
  if (!gc_cycle_stop(cycle, driver, GC_REASON_weak_cleared)) {
    gc_background_wake(&heap->background);
    return;
  }
  gc_background_rest_stw(&heap->background, GC_SECTION_SWEEP);
  gc_cycle_clear_stw(cycle);
  gc_cycle_update_help(cycle);
  gc_cycle_resume_threads_stw(cycle);
  gc_cycle_resume(cycle, driver, GC_PAUSE_sweep);
}

uint64_t gc_cycle_clear_beside(struct gc_cycle *cycle, struct gc_worker *worker) {
  struct gc_heap *heap = cycle->heap;
  struct gc_background *background = &heap->background;
  if (worker != &background->all[0]) {
    return GC_BESIDE_WHEN_WOKEN;
  }
  struct gc_phase_clock clock = gc_phase_begin();
  bool is_left = true;
  while (is_left && gc_background_enter(background, GC_SECTION_SWEEP)) {
    is_left = gc_weak_clearing(&heap->weak) == GC_WEAK_CLEARS_BESIDE && gc_weak_clear_piece(heap);
    gc_background_leave(background, GC_SECTION_SWEEP);
  }
  gc_background_phase_end(worker, clock, GC_PHASE_CLEAR);
  if (!is_left) {
    end_clearing(cycle, worker);
  }
  return GC_BESIDE_WHEN_WOKEN;
}
