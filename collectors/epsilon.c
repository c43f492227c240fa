/* Collector `epsilon`: allocates and never collects: the floor for lower-bound overhead (Cai and
 * others 2022).
 *
 * The whole volume that the program is known to allocate is reserved as one eden, and touched
 * before anything is timed, at most 60 % of the machine's memory. It is exempt from the heap limit.
 * When the volume is spent, allocation answers null.
 */
#include "collectors/collector.h"
#include "heap/platform.h"
#include <errno.h>
#include <stdio.h>

#define MEMORY_PERCENT_MAX 60

/* Buffers of mutators leave a rest; a sixteenth covers it. */
static uint64_t volume_bytes(const struct gc_options *options) {
  uint64_t most_bytes = gc_platform_memory_usable_bytes() / 100 * MEMORY_PERCENT_MAX;
  uint64_t wanted_bytes = options->expected_allocation_bytes;
  wanted_bytes = wanted_bytes == 0 ? most_bytes : wanted_bytes + wanted_bytes / 16 + GC_BLOCK_BYTES;
  return wanted_bytes < most_bytes ? wanted_bytes : most_bytes;
}

static int plan(const struct gc_options *options, struct gc_heap_parts *parts, char *error,
                size_t error_size) {
  (void)error;
  (void)error_size;
  size_t bytes = (volume_bytes(options) + GC_HUGE_PAGE_BYTES - 1) & ~(GC_HUGE_PAGE_BYTES - 1);
  parts->nursery = (struct gc_nursery_plan){.eden_bytes = bytes};
  /* Eden and large objects are both given the whole volume, of which together they hold it once. */
  parts->old_limit_bytes = bytes;
  parts->block_limit_bytes = 0;
  parts->limit_bytes = 2 * bytes;
  return 0;
}

static enum gc_pause_kind collect_stw(struct gc_heap *heap, struct gc_request *request) {
  (void)heap;
  request->is_last = true;
  return GC_PAUSE_allocation_stall;
}

static void do_nothing_idle(struct gc_heap *heap, struct gc_mutator *mutator,
                            uint64_t deadline_ns) {
  (void)heap;
  (void)mutator;
  (void)deadline_ns;
}

static int open_epsilon(struct gc_heap *heap) {
  (void)heap;
  return 0;
}

static void close_epsilon(struct gc_heap *heap) {
  (void)heap;
}

static const struct gc_collector_hooks hooks = {.name = "epsilon",
                                                .collect_stw = collect_stw,
                                                .idle = do_nothing_idle,
                                                .open = open_epsilon,
                                                .close = close_epsilon};

const struct gc_collector gc_collector_epsilon = {
    .name = "epsilon",
    .summary = "never collects: the floor for lower-bound overhead",
    .properties = GC_IGNORES_LIMIT,
    .hooks = &hooks,
    .plan = plan,
};
