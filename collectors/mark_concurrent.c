/* Marking policy `concurrent`: on collector threads, beside the mutators.
 *
 * Algorithm: every collector thread drains the share until it is dry; then the cycle tries to
 * finish, by handshakes that take what barriers have queued, and a bounded remark. Where threads
 * fall behind what the pacer says is owed for allocation, mutators assist at refills.
 *
 * Concurrency: markers touch no young memory, test marks before headers, load slots with acquire
 * (heap/trace.h). They come to rest within 32 objects when the cycle begins or finishes.
 *
 * Costs: the CPU time of marking on other cores; mutators pay for barriers, cycle begin, remark.
 */
#include "collectors/cycle.h"
#include "heap/platform.h"

static enum gc_trace_end drain_on_thread(struct gc_worker *worker) {
  struct gc_background *background = &worker->heap->background;
  struct gc_phase_clock clock = gc_phase_begin();
  enum gc_trace_end end = gc_cycle_drain_beside(
      worker, (struct gc_trace_limits){.stop_flag = &background->rest[GC_SECTION_MARK]});
  gc_background_phase_end(worker, clock, GC_PHASE_MARK);
  return end;
}

/* What is counted already was marked before a remark that was aborted. */
static uint64_t progress_bytes(const struct gc_cycle *cycle) {
  const struct gc_heap *heap = cycle->heap;
  uint64_t bytes = cycle->marked_bytes;
  for (unsigned index = 0; index <= heap->background.count; index++) {
    /* Relaxed: written by a marker every 32 objects. */
    bytes += gc_atomic_load_relaxed(&heap->background.all[index].marked_so_far_bytes);
  }
  return bytes;
}

/* Threads have fallen behind what was allocated: the mutator marks for as long as a step lasts. */
static void help(struct gc_cycle *cycle, struct gc_mutator *mutator) {
  gc_pacer_set_progress(&cycle->pacer, progress_bytes(cycle));
  if (!gc_pacer_owes_step(&cycle->pacer)) {
    return;
  }
  struct gc_phase_clock clock = gc_phase_begin();
  if (gc_cycle_assist(cycle, mutator, clock.begin_ns + cycle->pacer.step_ns)) {
    gc_phase_end_as_pause(mutator, clock, GC_PHASE_MARK, GC_PAUSE_assist);
  }
}

static uint64_t beside(struct gc_cycle *cycle, struct gc_worker *worker) {
  struct gc_background *background = &cycle->heap->background;
  if (!gc_background_enter(background, GC_SECTION_MARK)) {
    return GC_BESIDE_WHEN_WOKEN;
  }
  bool marks = cycle->phase == GC_CYCLE_MARK;
  bool is_dry = marks && drain_on_thread(worker) == GC_TRACE_DRY;
  bool leads = is_dry && worker == &background->all[0];
  if (leads) {
    gc_weak_resolve_beside(worker, &background->rest[GC_SECTION_MARK]);
  }
  gc_background_leave(background, GC_SECTION_MARK);
  if (leads) {
    gc_cycle_try_finish_marking(cycle, (struct gc_cycle_driver){.worker = worker});
  }
  return marks && !is_dry ? 0 : GC_BESIDE_WHEN_WOKEN; /* told: to rest, or by a budget */
}

const struct gc_mark_policy gc_mark_policy_concurrent = {
    .name = "concurrent",
    .needs_any = GC_KEEPS_SNAPSHOT | GC_KEEPS_STRONG,
    .is_beside = true,
    .on_thread = true,
    .beside = beside,
    .help = help,
};
