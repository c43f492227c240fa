/* leak, hot code: the pairs, each in a file of its own, as leaks/pair_ops.h has them run. */
#include "workloads/leak.h"

#include "workloads/leaks/buffer_slice_ops.h"
#include "workloads/leaks/cache_ops.h"
#include "workloads/leaks/detached_tree_ops.h"
#include "workloads/leaks/finalizer_ops.h"
#include "workloads/leaks/global_ops.h"
#include "workloads/leaks/listener_ops.h"
#include "workloads/leaks/queue_ops.h"
#include "workloads/leaks/scope_ops.h"
#include "workloads/leaks/stream_ops.h"
#include "workloads/leaks/timer_ops.h"
#include "workloads/leaks/weak_map_ops.h"

static const struct leak_pair *const pairs[] = {
#define LEAK(name, text, operation_bytes, once_bytes) &leak_##name,
#include "workloads/leaks/leak_pairs.def"
};

static enum workload_status leak_run(struct workload_run *run) {
  const struct leak_plan plan = {.pair = pairs[workload_integer(run, LEAK_PAIR)],
                                 .is_leaky = workload_integer(run, LEAK_VARIANT) == LEAK_LEAKY,
                                 .operations = workload_integer(run, LEAK_OPERATIONS),
                                 .requests = workload_integer(run, LEAK_REQUESTS)};
  return leak_run_pair(run, &plan);
}

WORKLOAD_OPS(leak, leak_run);
