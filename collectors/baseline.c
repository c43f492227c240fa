/* What the baselines have in common. See baseline.h. */
#include "collectors/baseline.h"

int gc_baseline_plan(const struct gc_options *options, struct gc_heap_parts *parts, char *error,
                     size_t error_size) {
  (void)error;
  (void)error_size;
  parts->nursery = (struct gc_nursery_plan){.eden_bytes = 0};
  parts->limit_bytes = options->heap_bytes;
  parts->old_limit_bytes = GC_HUGE_PAGE_BYTES;
  parts->block_limit_bytes = 0;
  return 0;
}

enum gc_pause_kind gc_baseline_collect_nothing(struct gc_heap *heap, struct gc_request *request) {
  (void)heap;
  request->is_last = true;
  return GC_PAUSE_full;
}

void gc_baseline_idle_nothing(struct gc_heap *heap, struct gc_mutator *mutator,
                              uint64_t deadline_ns) {
  (void)heap;
  (void)mutator;
  (void)deadline_ns;
}
