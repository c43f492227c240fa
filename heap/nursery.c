/* The nursery's layout and allocation buffers. See nursery.h. */
#include "heap/nursery.h"
#include "heap/platform.h"
#include "heap/space.h"
#include <gc/atomics.h>
#include <gc/sanitize.h>

/* A quarter of the eden: most edens survive by less, and what overflows is promoted. Chosen by
 * design; measured later with the nursery sweep. */
size_t gc_nursery_survivor_bytes_for(size_t eden_bytes) {
  return (eden_bytes / 4 + GC_OS_PAGE_BYTES - 1) & ~(GC_OS_PAGE_BYTES - 1);
}

void gc_nursery_init(struct gc_nursery *nursery, uintptr_t start, size_t bytes, size_t eden_bytes,
                     size_t eden_reserved_bytes, size_t survivor_bytes) {
  *nursery = (struct gc_nursery){
      .start = start,
      .bytes = bytes,
      .eden_start = start + survivor_bytes,
      .eden_bytes = eden_bytes,
      .eden_reserved_bytes = eden_reserved_bytes,
      .eden_top = start + survivor_bytes,
      .eden_limit = start + survivor_bytes + eden_bytes,
      .survivor_start = {start, start + survivor_bytes + eden_reserved_bytes},
      .survivor_bytes = survivor_bytes,
      .survivor_top = start,
  };
  gc_poison(start, bytes);
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
  return gc_atomic_load_relaxed(&nursery->eden_top) - nursery->eden_start +
         gc_nursery_survivor_used_bytes(nursery);
}
