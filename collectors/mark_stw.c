/* Marking policy `stw`: all of marking in one pause.
 *
 * Algorithm: the mark loop of heap/trace.h, on one thread without atomic instructions, or on
 * several where enough is known to be live.
 *
 * Costs: proportional to the live objects of the old generation.
 */
#include "collectors/cycle.h"
#include "heap/platform.h"
#include "heap/trace.h"

/* Live bytes from which helpers are woken: at 2 GB/s of marking, ten times a wake-up (LIMITS). */
#define HELPERS_FROM_BYTES ((size_t)2 << 20)

static void drain(struct gc_heap *heap) {
  size_t expected_bytes = heap->old.live_bytes +
                          gc_atomic_load_relaxed(&heap->old.allocated_bytes) +
                          heap->large.live_bytes;
  if (heap->workers.count > 1 &&
      (heap->options.stress_move || expected_bytes >= HELPERS_FROM_BYTES)) {
    gc_workers_run(&heap->workers, gc_trace_drain_job, NULL, GC_WAKE_HELPERS);
  } else {
    struct gc_phase_clock clock = gc_phase_begin();
    gc_trace_drain_single(&heap->workers.all[0]);
    gc_phase_end(&heap->workers.all[0], clock, GC_PHASE_MARK);
  }
  gc_phase_join(heap);
}

static void begin_stw(struct gc_cycle *cycle) {
  gc_trace_begin_stw(cycle->heap);
  gc_trace_push_roots_stw(cycle->heap);
}

static bool finish_stw(struct gc_cycle *cycle) {
  struct gc_heap *heap = cycle->heap;
  uint64_t begin_ns = gc_platform_now_ns();
  struct gc_worker_counts sum = {0};
  do {
    drain(heap);
    gc_mark_share_reset(&heap->marking.share);
  } while (gc_trace_rescan_overflowed_stw(heap));
  gc_trace_end_stw(heap);
  sum = gc_heap_collect_counts_stw(heap);
  heap->statistics.last_marked_objects = sum.marked_objects;
  heap->statistics.last_live_bytes = sum.marked_bytes;
  heap->statistics.last_mark_ns = gc_platform_now_ns() - begin_ns;
  heap->statistics.mark_ns += heap->statistics.last_mark_ns;
  return true;
}

const struct gc_mark_policy gc_mark_policy_stw = {
    .name = "stw", .needs_any = 0, .begin_stw = begin_stw, .finish_stw = finish_stw};
