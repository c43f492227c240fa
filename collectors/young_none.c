/* Young policy `none`: objects begin in the old space (heap/direct.h).
 *
 * `--nursery` is without effect, so that it may be given for all collectors of an experiment.
 * Nothing is copied and no store is remembered; every object costs marking and sweeping. The
 * comparison with `scavenger` is what a young generation buys.
 */
#include "collectors/cycle.h"
#include "heap/direct.h"
#include <errno.h>
#include <stdio.h>

static void collect_stw(struct gc_cycle *cycle, enum gc_promotion promotion) {
  if (promotion == GC_PROMOTE_ALL) {
    gc_direct_retire_all_stw(cycle->heap);
  } else {
    gc_direct_close_all_stw(cycle->heap);
  }
}

static void retire_stw(struct gc_cycle *cycle) {
  gc_direct_retire_all_stw(cycle->heap);
}

static int plan(const struct gc_options *options, struct gc_heap_parts *parts, char *error,
                size_t error_size) {
  if (options->heap_bytes < GC_HEAP_BYTES_MIN) {
    snprintf(error, error_size, "a heap of %zu bytes is too small: at least %zu are needed",
             (size_t)options->heap_bytes, GC_HEAP_BYTES_MIN);
    return -EINVAL;
  }
  size_t old_space_bytes = options->max_old_space_mib << 20;
  parts->nursery = (struct gc_nursery_plan){.eden_bytes = 0};
  parts->limit_bytes = old_space_bytes != 0 && old_space_bytes < options->heap_bytes
                           ? old_space_bytes
                           : options->heap_bytes;
  parts->old_limit_bytes = parts->block_limit_bytes = parts->limit_bytes;
  return 0;
}

const struct gc_young_policy gc_young_policy_none = {
    .name = "none", .plan = plan, .collect_stw = collect_stw, .retire_stw = retire_stw};
