/* The failure ladder: what a request is given that found no room otherwise.
 *
 * A mutator that wants a large object, or a buffer where nothing is young, has swept for itself what
 * it could (heap/allocate.c); one that wants a buffer of the eden has seen a scavenge. The rungs,
 * within one stop, each only where those before have not made room:
 *
 *   1. the sweep is finished, and the clearing of weak cells that it waits for;
 *   2. the cycle under way is finished, and swept;
 *   3. a full collection, with the composition's own compaction;
 *   4. where that was done for this request: another, with the last resort (last_resort.h).
 *
 * The heap tries to serve the request before the world runs again, and comes back where that fails.
 * After the last rung the program may raise the limit (heap/limits.h); where it does not, the answer is
 * that memory is exhausted.
 */
#include "collectors/last_resort.h"
#include "collectors/room.h"

bool gc_cycle_has_room_stw(struct gc_heap *heap, const struct gc_request *request) {
  if (request->kind == GC_REQUEST_LARGE) {
    return gc_budget_fits(&heap->budget, gc_large_room_bytes(request->bytes), GC_BUDGET_DIRECT);
  }
  if (!gc_heap_has_nursery(heap)) {
    return gc_old_space_partial_free_bytes(&heap->old) > 0 ||
           gc_budget_fits(&heap->budget, GC_BLOCK_BYTES, GC_BUDGET_DIRECT);
  }
  size_t left_bytes =
      heap->nursery.eden_limit - gc_atomic_load_relaxed(&heap->nursery.eden_top); /* stopped */
  return left_bytes >= request->bytes && gc_room_eden_cap_bytes(heap) >= GC_EDEN_BYTES_MIN;
}

void gc_cycle_close_useless_eden_stw(struct gc_cycle *cycle) {
  struct gc_heap *heap = cycle->heap;
  if (gc_room_eden_cap_bytes(heap) < GC_EDEN_BYTES_MIN / 2) {
    gc_atomic_store_relaxed(&heap->nursery.eden_limit, heap->nursery.eden_start);
  }
}

static void finish_sweep_stw(struct gc_cycle *cycle) {
  gc_cycle_sweep_stw(cycle, SIZE_MAX);
  gc_cycle_see_sweep_end(cycle);
}

/* The cycle under way is finished first, so that nothing dead is left by the one that follows. */
enum gc_pause_kind gc_cycle_collect_all_stw(struct gc_cycle *cycle, struct gc_request *request) {
  struct gc_heap *heap = cycle->heap;
  bool slides = gc_last_resort_slides(&heap->options, &cycle->composition);
  bool is_last = !slides || request->had_full;
  gc_cycle_rest_markers_stw(cycle);
  if (cycle->phase == GC_CYCLE_MARK) {
    (void)gc_cycle_finish_marking_stw(cycle, GC_PAUSE_degenerated, 0);
  }
  gc_cycle_run_full_stw(cycle, slides && is_last ? &gc_compact_policy_sliding
                                                 : cycle->composition.compact);
  finish_sweep_stw(cycle);
  gc_cycle_close_useless_eden_stw(cycle);
  request->had_full = true;
  request->is_last = is_last;
  return GC_PAUSE_full;
}

enum gc_pause_kind gc_cycle_climb_stw(struct gc_cycle *cycle, struct gc_request *request) {
  struct gc_heap *heap = cycle->heap;
  bool was_swept = gc_cycle_is_swept(cycle);
  finish_sweep_stw(cycle);
  /* A collector thread may have swept the last block between the request and the stop. */
  if ((!was_swept || request->attempt == 0) && gc_cycle_has_room_stw(heap, request)) {
    return GC_PAUSE_sweep;
  }
  if (cycle->phase == GC_CYCLE_MARK) {
    gc_cycle_rest_markers_stw(cycle);
    (void)gc_cycle_finish_marking_stw(cycle, GC_PAUSE_degenerated, 0);
    heap->statistics.degenerated_count++;
    finish_sweep_stw(cycle);
    if (gc_cycle_has_room_stw(heap, request)) {
      return GC_PAUSE_degenerated;
    }
  }
  return gc_cycle_collect_all_stw(cycle, request);
}
