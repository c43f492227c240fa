/* One trial in which leaks are looked for: a workload in a process of its own, sampled
 * (census_recorder.h).
 */
#ifndef HARNESS_LEAK_TRIAL_H
#define HARNESS_LEAK_TRIAL_H

#include "harness/runner.h"
#include "harness/workload_choice.h"
#include "results/leak_samples.h"

struct leak_trial {
  const struct workload_choice *choice;
  const char *collector, *barrier;
  uint64_t heap_bytes;
  uint64_t samples;       /* 0: an ordinary trial */
  uint64_t time_limit_ns; /* of the process */
  const char *directory;  /* that run_directory_create made */
  uint64_t number;        /* of the trial in it */
  runner_watch *watch;    /* may be null */
  void *context;
};

/* What the trial is before it has run: number and configuration. `trial` is initialised. */
void leak_trial_fill(const struct leak_trial *asked, struct results_trial *trial);

/* Runs it. `trial` is filled, and says afterwards how it ended; what was sampled of a trial that
 * ended well or ran out of memory is in `samples`, to be finished in any case. A trial that failed
 * is said, with HARNESS_TRIAL_FAILED. */
enum harness_status leak_trial_run(const struct leak_trial *asked, struct results_trial *trial,
                                   struct results_leak_samples *samples);

/* WORKLOAD[:NAME=VALUE,...] as a choice; bad input is said. */
enum harness_status leak_trial_parse(const char *text, bool quick, uint64_t seed,
                                     struct workload_choice *choice);

#endif
