/* Marking policy `concurrent`: on collector threads, beside the mutators.
 *
 * Algorithm: every collector thread drains the share until it is dry; then the cycle tries to
 * finish, by handshakes that take what barriers have queued, and a bounded remark.
 *
 * Concurrency: markers touch no young memory, test marks before headers, load slots with acquire
 * (heap/trace.h). They come to rest within 32 objects when the cycle begins or finishes.
 *
 * Costs: the CPU time of marking on other cores; mutators pay for barriers, cycle begin, remark.
 */
#include "collectors/cycle.h"
#include "heap/trace.h"

static enum gc_trace_end drain(struct gc_heap *heap, struct gc_worker *worker) {
  struct gc_trace_limits limits = {.stop_flag = &heap->background.rest[GC_SECTION_MARK]};
  if (!gc_mark_share_join(&heap->marking.share)) {
    return GC_TRACE_DRY;
  }
  struct gc_phase_clock clock = gc_phase_begin();
  gc_mark_stack_init(&worker->stack, &heap->segments, GC_SEGMENT_WITHIN_LIMIT);
  gc_mark_stack_reserve(&worker->stack);
  enum gc_trace_end end = gc_trace_drain_beside(worker, &limits);
  gc_mark_stack_finish(&worker->stack);
  gc_background_phase_end(worker, clock, GC_PHASE_MARK);
  return end;
}

static uint64_t beside(struct gc_cycle *cycle, struct gc_worker *worker) {
  struct gc_heap *heap = cycle->heap;
  if (!gc_background_enter(&heap->background, GC_SECTION_MARK)) {
    return GC_BESIDE_WHEN_WOKEN;
  }
  enum gc_trace_end end = cycle->phase == GC_CYCLE_MARK ? drain(heap, worker) : GC_TRACE_TOLD;
  gc_background_leave(&heap->background, GC_SECTION_MARK);
  if (end == GC_TRACE_TOLD || worker != &heap->background.all[0]) {
    return GC_BESIDE_WHEN_WOKEN;
  }
  gc_cycle_try_finish_marking(cycle, (struct gc_cycle_driver){.worker = worker});
  return GC_BESIDE_WHEN_WOKEN;
}

const struct gc_mark_policy gc_mark_policy_concurrent = {
    .name = "concurrent",
    .needs_any = GC_KEEPS_SNAPSHOT | GC_KEEPS_STRONG,
    .is_beside = true,
    .on_thread = true,
    .beside = beside,
    .help = gc_help_nothing,
};
