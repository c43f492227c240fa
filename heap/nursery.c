/* The nursery's layout and allocation buffers. See nursery.h. */
#include "heap/nursery.h"
#include "heap/platform.h"
#include "heap/space.h"
#include <gc/atomics.h>
#include <gc/sanitize.h>

/* A quarter of the eden: most edens survive by less, and what overflows is promoted. Chosen by
 * design; measured later with the nursery sweep. Of a half it is three quarters: where all survive,
 * an eden is left. */
size_t gc_nursery_survivor_bytes_for(enum gc_nursery_layout layout, size_t eden_bytes) {
  size_t quarter_bytes = (eden_bytes / 4 + GC_OS_PAGE_BYTES - 1) & ~(GC_OS_PAGE_BYTES - 1);
  return layout == GC_NURSERY_EDEN ? quarter_bytes : eden_bytes - quarter_bytes;
}

size_t gc_nursery_initial_bytes(const struct gc_nursery_plan *plan) {
  return plan->layout == GC_NURSERY_EDEN ? plan->eden_bytes + 2 * plan->survivor_bytes
                                         : 2 * plan->eden_bytes;
}

static size_t growth_bytes(const struct gc_nursery_plan *plan) {
  return plan->eden_reserved_bytes > plan->eden_bytes ? plan->eden_reserved_bytes - plan->eden_bytes
                                                      : 0;
}

size_t gc_nursery_reserved_bytes(const struct gc_nursery_plan *plan) {
  return gc_nursery_initial_bytes(plan) + growth_bytes(plan);
}

/* With an eden of its own that is constant; in a semispace it follows the survivors. */
static void place_eden(struct gc_nursery *nursery) {
  if (nursery->layout == GC_NURSERY_SEMISPACE) {
    uintptr_t half = nursery->survivor_start[nursery->survivor_in_use];
    gc_atomic_store_relaxed(&nursery->eden_start, nursery->survivor_top);
    nursery->eden_bytes = half + nursery->half_bytes - nursery->survivor_top;
    nursery->eden_reserved_bytes = nursery->eden_bytes;
  }
}

void gc_nursery_init(struct gc_nursery *nursery, uintptr_t start,
                     const struct gc_nursery_plan *plan) {
  bool is_semispace = plan->layout == GC_NURSERY_SEMISPACE;
  size_t eden_reserved_bytes = plan->eden_bytes + growth_bytes(plan);
  *nursery = (struct gc_nursery){
      .layout = plan->layout,
      .start = start,
      .bytes = gc_nursery_reserved_bytes(plan),
      .initial_bytes = gc_nursery_initial_bytes(plan),
      .half_bytes = is_semispace ? plan->eden_bytes : 0,
      .eden_start = start + plan->survivor_bytes,
      .eden_bytes = plan->eden_bytes,
      .eden_wanted_bytes = SIZE_MAX,
      .eden_reserved_bytes = eden_reserved_bytes,
      .survivor_start = {start, is_semispace ? start + plan->eden_bytes
                                             : start + plan->survivor_bytes + eden_reserved_bytes},
      .survivor_bytes = plan->survivor_bytes,
      .survivor_top = start,
  };
  place_eden(nursery);
  nursery->eden_top = nursery->eden_start;
  nursery->eden_limit = nursery->eden_start + nursery->eden_bytes;
  gc_poison(start, nursery->bytes);
}

void gc_nursery_pretouch(const struct gc_nursery *nursery) {
  if (nursery->layout == GC_NURSERY_SEMISPACE) {
    gc_platform_touch(nursery->start, nursery->bytes);
    return;
  }
  gc_platform_touch(nursery->start, nursery->survivor_bytes + nursery->eden_bytes);
  gc_platform_touch(nursery->survivor_start[1], nursery->survivor_bytes);
}

uintptr_t gc_nursery_from_start(const struct gc_nursery *nursery) {
  bool is_eden_first = nursery->layout == GC_NURSERY_EDEN && nursery->survivor_in_use == 1;
  return is_eden_first ? nursery->eden_start : nursery->survivor_start[nursery->survivor_in_use];
}

size_t gc_nursery_from_bytes(const struct gc_nursery *nursery) {
  return nursery->layout == GC_NURSERY_EDEN ? nursery->eden_reserved_bytes + nursery->survivor_bytes
                                            : nursery->half_bytes;
}

void gc_nursery_flip_stw(struct gc_nursery *nursery, uintptr_t survivor_top) {
  size_t cap_bytes = gc_atomic_load_relaxed(&nursery->eden_limit) - nursery->eden_start;
  nursery->survivor_in_use = 1 - nursery->survivor_in_use;
  nursery->survivor_top = survivor_top;
  gc_atomic_store_relaxed(&nursery->survivor_used_bytes,
                          survivor_top - nursery->survivor_start[nursery->survivor_in_use]);
  place_eden(nursery);
  if (nursery->layout == GC_NURSERY_SEMISPACE && cap_bytes > nursery->eden_bytes) {
    cap_bytes = nursery->eden_bytes;
  }
  gc_atomic_store_relaxed(&nursery->eden_limit, nursery->eden_start + cap_bytes);
  gc_atomic_store_relaxed(&nursery->eden_top, nursery->eden_start);
}

bool gc_nursery_take_buffer(struct gc_nursery *nursery, size_t minimum_bytes, size_t wanted_bytes,
                            uintptr_t *start, uintptr_t *end) {
  /* Relaxed: the limit changes only with the world stopped, and the buffer's memory is ordered by
   * the stop as well. */
  uintptr_t limit = gc_atomic_load_relaxed(&nursery->eden_limit);
  uintptr_t top = gc_atomic_load_relaxed(&nursery->eden_top);
  do {
    if (top > limit || limit - top < minimum_bytes) {
      return false;
    }
    *start = top;
    *end = limit - top < wanted_bytes ? limit : top + wanted_bytes;
  } while (!gc_atomic_compare_exchange_relaxed(&nursery->eden_top, &top, *end));
  return true;
}

size_t gc_nursery_used_bytes(const struct gc_nursery *nursery) {
  /* Relaxed: beside a pause, which moves the eden of a semispace, it is a guess. */
  uintptr_t start = gc_atomic_load_relaxed(&nursery->eden_start);
  uintptr_t top = gc_atomic_load_relaxed(&nursery->eden_top);
  return (top > start ? top - start : 0) + gc_nursery_survivor_used_bytes(nursery);
}
