/* Room of the old generation. See room.h. */
#include "collectors/room.h"
#include "heap/platform.h"

static size_t guarantee_blocks_bytes(const struct gc_heap *heap) {
  return gc_heap_has_nursery(heap) ? heap->workers.count * GC_BLOCKS_PER_THREAD * GC_BLOCK_BYTES
                                   : 0;
}

/* The largest eden for which `promotion-guarantee` holds, given what is free now. */
static size_t affordable_eden_bytes(struct gc_heap *heap) {
  size_t free_bytes = gc_budget_free_bytes(&heap->budget);
  size_t blocks_bytes = guarantee_blocks_bytes(heap);
  size_t survivor_bytes = gc_nursery_survivor_used_bytes(&heap->nursery);
  size_t young_bytes = free_bytes > blocks_bytes ? (free_bytes - blocks_bytes) / 4 * 3 : 0;
  size_t eden_bytes = young_bytes > survivor_bytes ? young_bytes - survivor_bytes : 0;
  eden_bytes &= ~(GC_GRANULE_BYTES - 1);
  size_t wanted_bytes = gc_room_wanted_eden_bytes(heap);
  return eden_bytes < wanted_bytes ? eden_bytes : wanted_bytes;
}

/* What grew while scavenges were put off goes back when the eden is empty. */
static void shrink_eden(struct gc_heap *heap) {
  struct gc_nursery *nursery = &heap->nursery;
  if (nursery->eden_grown_bytes > 0 &&
      gc_atomic_load_relaxed(&nursery->eden_top) == nursery->eden_start) {
    gc_platform_release(nursery->eden_start + nursery->eden_bytes, nursery->eden_grown_bytes);
    gc_budget_give(&heap->budget, nursery->eden_grown_bytes);
    gc_atomic_store_relaxed(&nursery->eden_grown_bytes, 0);
  }
}

static void set_eden_limit(struct gc_heap *heap, size_t eden_bytes) {
  struct gc_nursery *nursery = &heap->nursery;
  size_t used_bytes = gc_atomic_load_relaxed(&nursery->eden_top) - nursery->eden_start;
  eden_bytes = eden_bytes > used_bytes ? eden_bytes : used_bytes;
  size_t young_bytes = eden_bytes + gc_nursery_survivor_used_bytes(nursery);
  gc_atomic_store_relaxed(&nursery->eden_limit, nursery->eden_start + eden_bytes);
  gc_spin_lock_acquire(&heap->budget.lock);
  heap->budget.reserve_bytes = guarantee_blocks_bytes(heap) + (young_bytes + 2) / 3 * 4;
  gc_spin_lock_release(&heap->budget.lock);
}

void gc_room_cap_eden_stw(struct gc_heap *heap) {
  shrink_eden(heap);
  set_eden_limit(heap, affordable_eden_bytes(heap));
}

bool gc_room_grow_eden_stw(struct gc_heap *heap) {
  struct gc_nursery *nursery = &heap->nursery;
  size_t step_bytes = nursery->eden_bytes, eden_bytes = gc_room_eden_cap_bytes(heap) + step_bytes;
  size_t young_bytes = eden_bytes + gc_nursery_survivor_used_bytes(nursery);
  size_t needed_bytes = guarantee_blocks_bytes(heap) + (young_bytes + 2) / 3 * 4 + step_bytes;
  if (eden_bytes > nursery->eden_reserved_bytes ||
      gc_budget_free_bytes(&heap->budget) < needed_bytes ||
      !gc_budget_try_take(&heap->budget, step_bytes, GC_BUDGET_PROMOTION)) {
    return false;
  }
  gc_atomic_store_relaxed(&nursery->eden_grown_bytes, nursery->eden_grown_bytes + step_bytes);
  set_eden_limit(heap, eden_bytes);
  return true;
}

size_t gc_room_for_promotion_bytes(struct gc_heap *heap) {
  size_t free_bytes = gc_budget_free_bytes(&heap->budget);
  size_t reserve_bytes = heap->budget.reserve_bytes;
  size_t beyond_bytes = free_bytes > reserve_bytes ? free_bytes - reserve_bytes : 0;
  size_t holes_bytes = gc_old_space_partial_free_bytes(&heap->old);
  return beyond_bytes + holes_bytes / 100 * heap->old.hole_yield_percent;
}

/* Where the cap is exceeded, marking is urgent, yet mutators go on. */
size_t gc_room_while_marking_bytes(struct gc_heap *heap) {
  size_t room_bytes = gc_room_for_promotion_bytes(heap);
  uint64_t cap_bytes = heap->options.memory_cap_bytes;
  if (cap_bytes == 0) {
    return room_bytes;
  }
  uint64_t held_bytes = gc_heap_held_bytes(heap), share_bytes = cap_bytes / GC_CAP_GROWN_SHARE;
  uint64_t left_bytes = held_bytes + share_bytes < cap_bytes ? cap_bytes - held_bytes : share_bytes;
  return left_bytes < room_bytes ? left_bytes : room_bytes;
}

/* What the next scavenge may promote, with what a full promotion adds: the survivors. A cycle must
 * start while that still fits beside the reserve, because what is promoted into reserved blocks
 * fragments them: few of them will be wholly free again. */
static size_t promotion_need_bytes(const struct gc_heap *heap) {
  size_t expected_bytes = heap->survival.recent_promoted_bytes;
  return expected_bytes + expected_bytes / 2 + gc_nursery_survivor_used_bytes(&heap->nursery) +
         guarantee_blocks_bytes(heap) / 2;
}

/* What is left of the soft limit, if there is one. Live objects count, not the blocks they are in:
 * limits are proportional to what is live. */
static size_t soft_room_bytes(const struct gc_cycle *cycle) {
  size_t used_bytes = gc_heap_old_used_bytes(cycle->heap);
  return cycle->soft_limit_bytes > used_bytes ? cycle->soft_limit_bytes - used_bytes : 0;
}

/* Below that part of what it would be where there is room. */
static bool is_eden_below(const struct gc_cycle *cycle, size_t parts) {
  size_t eden_bytes = gc_room_wanted_eden_bytes(cycle->heap);
  eden_bytes =
      eden_bytes < cycle->eden_after_cycle_bytes ? eden_bytes : cycle->eden_after_cycle_bytes;
  return gc_room_eden_cap_bytes(cycle->heap) < eden_bytes / parts;
}

static size_t less(size_t bytes, size_t by_bytes) {
  return bytes > by_bytes ? bytes - by_bytes : 0;
}

size_t gc_room_until_cycle_bytes(struct gc_cycle *cycle, size_t promoted_meanwhile_bytes) {
  size_t need_bytes = promotion_need_bytes(cycle->heap) + promoted_meanwhile_bytes;
  size_t room_bytes = less(gc_room_while_marking_bytes(cycle->heap), need_bytes);
  size_t soft_bytes = less(soft_room_bytes(cycle), promoted_meanwhile_bytes);
  return room_bytes < soft_bytes ? room_bytes : soft_bytes;
}

/* While a cycle marks, many scavenges of a small eden are better than one long stop. */
bool gc_room_is_spent(struct gc_cycle *cycle) {
  return is_eden_below(cycle, 8) || gc_room_eden_cap_bytes(cycle->heap) < GC_EDEN_BYTES_MIN ||
         gc_room_for_promotion_bytes(cycle->heap) < promotion_need_bytes(cycle->heap);
}

/* What is held comes near `--memory-cap`, and by what has come since the last cycle, not by what that
 * left: more cycles would find no more. */
static bool is_cap_near(struct gc_cycle *cycle, size_t ahead_bytes) {
  struct gc_heap *heap = cycle->heap;
  uint64_t share_bytes = heap->options.memory_cap_bytes / GC_CAP_GROWN_SHARE;
  uint64_t after_bytes = gc_atomic_load_relaxed(&cycle->held_after_cycle_bytes);
  return gc_heap_is_near_cap(heap, ahead_bytes < share_bytes ? ahead_bytes : share_bytes) &&
         gc_heap_held_bytes(heap) >= after_bytes + share_bytes;
}

bool gc_room_is_cycle_due(struct gc_cycle *cycle, size_t promoted_meanwhile_bytes) {
  struct gc_heap *heap = cycle->heap;
  size_t need_bytes = promotion_need_bytes(heap) + promoted_meanwhile_bytes;
  return is_eden_below(cycle, 2) || gc_room_for_promotion_bytes(heap) < need_bytes ||
         soft_room_bytes(cycle) <= promoted_meanwhile_bytes || is_cap_near(cycle, need_bytes);
}
