/* Barrier counts in events. See barrier_counters.h. */
#include "heap/barrier_counters.h"
#include "heap/platform.h"

static const struct gc_counter_description descriptions[GC_BARRIER_COUNTERS] = {
    [GC_COUNT_STORES] = {"barrier_stores", "count", GC_AGGREGATE_SUM},
    [GC_COUNT_SHADE_SLOW] = {"barrier_shade_slow", "count", GC_AGGREGATE_SUM},
    [GC_COUNT_SHADE_QUEUED] = {"barrier_shade_queued", "count", GC_AGGREGATE_SUM},
    [GC_COUNT_REMEMBER_SLOW] = {"barrier_remember_slow", "count", GC_AGGREGATE_SUM},
};

size_t gc_barrier_counter_count(void) {
  return GC_BARRIER_COUNTS != 0 ? GC_BARRIER_COUNTERS : 0;
}

const struct gc_counter_description *gc_barrier_counter(size_t index) {
  return &descriptions[index];
}

void gc_barrier_counters_record(struct gc_event_ring *ring, const struct gc_barrier_counts *counts,
                                size_t first_number) {
  uint64_t now_ns = gc_platform_now_ns();
  for (size_t index = 0; index < gc_barrier_counter_count(); index++) {
    gc_event_write(ring, counter, .counter = first_number + index, .time_ns = now_ns,
                   .value = counts->of[index]);
  }
}
