/* Carrying out a plan: trials, invocation after invocation, into a run directory. */
#ifndef HARNESS_RUN_H
#define HARNESS_RUN_H

#include "harness/plan.h"

/* Of the ok trial whose recording took most. */
struct run_recording {
  double ratio; /* what it cost over the trial's wall time */
  uint64_t trial;
  char workload[RESULTS_TEXT_SIZE], collector[RESULTS_TEXT_SIZE];
};

struct run_outcome {
  uint64_t trials; /* finished, whatever their status */
  uint64_t statuses[RESULTS_STATUSES];
  uint64_t failures; /* neither ok nor out of memory, which is a result, nor foreseen, nor skipped
                           after what was counted already */
  uint64_t foreseen; /* refused, as the plan said */
  uint64_t invocations; /* complete */
  struct run_recording recording;
};

/* Budget of a run whose invocations were not given, from its start to the last plot. */
#define RUN_BUDGET_NS       (UINT64_C(180) * 1000000000)
#define RUN_INVOCATIONS_MAX 20

/* Runs the trials that the directory does not have. `begin_ns` is when the run began. HARNESS_INTERRUPTED and HARNESS_ENVIRONMENT
 * leave the finished trials in place. */
enum harness_status run_plan(const struct plan *plan, const char *directory, json_t *manifest,
                             uint64_t begin_ns, struct run_outcome *outcome);

/* Bad input when a trial that the directory has is not what the plan, whose invocations are known,
 * has under its number. */
enum harness_status run_check_trials(const struct plan *plan, const char *directory);

#endif
