/* no_leak, hot code: the scenarios, as leaks/pair_ops.h has them run. */
#include "workloads/leak.h"

#include "workloads/leaks/scenarios_ops.h"

static const struct leak_pair *const scenarios[] = {
#define NO_LEAK(name, text, operation_bytes, once_bytes) &no_leak_##name,
#include "workloads/leaks/no_leak_scenarios.def"
};

static enum workload_status no_leak_run(struct workload_run *run) {
  const struct leak_plan plan = {.pair = scenarios[workload_integer(run, NO_LEAK_SCENARIO)],
                                 .operations = workload_integer(run, NO_LEAK_OPERATIONS),
                                 .requests = workload_integer(run, NO_LEAK_REQUESTS)};
  return leak_run_pair(run, &plan);
}

WORKLOAD_OPS(no_leak, no_leak_run);
