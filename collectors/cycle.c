/* Running cycles, and deciding when. See cycle.h for the table of phases and the rule. */
#include "collectors/cycle.h"
#include "heap/assert.h"
#include "heap/scavenge.h"
#include "heap/verify.h"
#include <errno.h>
#include <stdlib.h>

static size_t guarantee_blocks_bytes(const struct gc_heap *heap) {
  return heap->workers.count * GC_BLOCKS_PER_THREAD * GC_BLOCK_BYTES;
}

/* The largest eden for which `promotion-guarantee` holds, given what is free now. */
static size_t affordable_eden_bytes(struct gc_heap *heap) {
  size_t free_bytes = gc_budget_free_bytes(&heap->budget);
  size_t blocks_bytes = guarantee_blocks_bytes(heap);
  size_t survivor_bytes = gc_nursery_survivor_used_bytes(&heap->nursery);
  size_t young_bytes = free_bytes > blocks_bytes ? (free_bytes - blocks_bytes) / 4 * 3 : 0;
  size_t eden_bytes = young_bytes > survivor_bytes ? young_bytes - survivor_bytes : 0;
  eden_bytes &= ~(GC_GRANULE_BYTES - 1);
  return eden_bytes < heap->nursery.eden_bytes ? eden_bytes : heap->nursery.eden_bytes;
}

/* Re-establishes `promotion-guarantee` after a collection. */
static void cap_eden(struct gc_heap *heap) {
  size_t eden_bytes = affordable_eden_bytes(heap);
  size_t young_bytes = eden_bytes + gc_nursery_survivor_used_bytes(&heap->nursery);
  gc_atomic_store_relaxed(&heap->nursery.eden_limit, heap->nursery.eden_start + eden_bytes);
  gc_spin_lock_acquire(&heap->budget.lock);
  heap->budget.reserve_bytes = guarantee_blocks_bytes(heap) + (young_bytes + 2) / 3 * 4;
  gc_spin_lock_release(&heap->budget.lock);
}

/* Bytes that promotions may take before the reserve is touched: holes, and free space beyond the
 * reserve. */
static size_t promotion_room_bytes(struct gc_heap *heap) {
  size_t free_bytes = gc_budget_free_bytes(&heap->budget);
  size_t reserve_bytes = heap->budget.reserve_bytes;
  size_t beyond_bytes = free_bytes > reserve_bytes ? free_bytes - reserve_bytes : 0;
  return beyond_bytes + heap->old.partial_free_bytes / 100 * heap->old.hole_yield_percent;
}

/* What the next scavenge may promote, with what a full promotion adds: the survivors. A cycle must
 * start while that still fits beside the reserve, because what is promoted into reserved blocks
 * fragments them: few of them will be wholly free again. */
static size_t promotion_need_bytes(const struct gc_heap *heap) {
  size_t expected_bytes = heap->survival.recent_promoted_bytes;
  return expected_bytes + expected_bytes / 2 + gc_nursery_survivor_used_bytes(&heap->nursery) +
         guarantee_blocks_bytes(heap) / 2;
}

static bool is_cycle_due(struct gc_heap *heap) {
  const struct gc_cycle *cycle = gc_cycle_of(heap);
  size_t eden_bytes = heap->nursery.eden_limit - heap->nursery.eden_start;
  bool is_eden_short = eden_bytes < cycle->eden_after_cycle_bytes / 2;
  return is_eden_short || promotion_room_bytes(heap) < promotion_need_bytes(heap);
}

static void retire_promotion_buffers(struct gc_heap *heap) {
  for (unsigned index = 0; index < heap->workers.count; index++) {
    gc_old_allocator_retire(&heap->workers.all[index].small);
    gc_old_allocator_retire(&heap->workers.all[index].big);
  }
}

static void run_cycle_stw(struct gc_heap *heap) {
  struct gc_cycle *cycle = gc_cycle_of(heap);
  const struct gc_composition *composition = &cycle->composition;
  heap->cycle_count++;
  gc_scavenge_stw(heap, GC_PROMOTE_ALL);
  retire_promotion_buffers(heap);
  composition->mark->begin_stw(cycle);
  while (!composition->mark->finish_stw(cycle)) {
  }
  gc_verify_stw_single(heap, GC_VERIFY_MARKED);
  composition->compact->move_stw(cycle);
  composition->sweep->begin_stw(cycle);
  heap->statistics.full_count++;
  cap_eden(heap);
  cycle->eden_after_cycle_bytes = heap->nursery.eden_limit - heap->nursery.eden_start;
}

static bool wants_cycle(struct gc_heap *heap, const struct gc_request *request) {
  switch (request->kind) {
  case GC_REQUEST_LARGE:
  case GC_REQUEST_FORCED_FULL:
    return true;
  case GC_REQUEST_FORCED_MINOR:
    return false;
  case GC_REQUEST_BUFFER:
  case GC_REQUEST_STRESS_MINOR:
    break;
  }
  uint64_t every = heap->options.stress_full_every;
  return request->attempt > 0 || is_cycle_due(heap) ||
         (every != 0 && heap->collection_count % every == 0);
}

/* The end of the ladder: an eden this small would turn the program into one long collection. */
static void close_useless_eden(struct gc_heap *heap) {
  struct gc_nursery *nursery = &heap->nursery;
  if (nursery->eden_limit - nursery->eden_start < GC_EDEN_BYTES_MIN / 2) {
    gc_atomic_store_relaxed(&nursery->eden_limit, nursery->eden_start);
  }
}

static enum gc_pause_kind collect_stw(struct gc_heap *heap, const struct gc_request *request) {
  gc_verify_stw_single(heap, GC_VERIFY_BEFORE);
  heap->collection_count++;
  bool is_full = wants_cycle(heap, request);
  if (is_full) {
    if (request->kind == GC_REQUEST_BUFFER && request->attempt == 0) {
      heap->stop.record.reason = GC_REASON_old_space_full;
    }
    run_cycle_stw(heap);
  } else {
    gc_scavenge_stw(heap, GC_PROMOTE_AGED);
    cap_eden(heap);
  }
  if (is_full) {
    close_useless_eden(heap);
  }
  gc_heap_bound_committed(heap);
  gc_verify_stw_single(heap, is_full ? GC_VERIFY_AFTER_FULL : GC_VERIFY_AFTER_MINOR);
  return is_full ? GC_PAUSE_full : GC_PAUSE_scavenge;
}

static int open_cycle(struct gc_heap *heap) {
  struct gc_collector collector;
  struct gc_cycle *cycle = calloc(1, sizeof *cycle);
  char error[256];
  if (cycle == NULL) {
    return -ENOMEM;
  }
  heap->collector_state = cycle;
  cycle->heap = heap;
  int status = gc_collector_parse(heap->options.collector, &collector, &cycle->composition, error,
                                  sizeof error);
  cycle->composition = status == 0 ? *collector.composition : cycle->composition;
  cap_eden(heap);
  cycle->eden_after_cycle_bytes = heap->nursery.eden_bytes;
  return status;
}

static void close_cycle(struct gc_heap *heap) {
  free(heap->collector_state);
  heap->collector_state = NULL;
}

const struct gc_collector_hooks gc_cycle_hooks = {
    .name = "cycle", .collect_stw = collect_stw, .open = open_cycle, .close = close_cycle};
