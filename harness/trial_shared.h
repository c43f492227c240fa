/* The page that a trial's process shares with those that watch it: how far each mutator is, and its
 * memory and pauses where they are wanted.
 *
 * The runs themselves lie in it, so that the mutators report progress by their ordinary store. A
 * watcher reads progress_percent, what counts iterations and the feed, nothing else; the trial's
 * pointers mean nothing to it.
 */
#ifndef HARNESS_TRIAL_SHARED_H
#define HARNESS_TRIAL_SHARED_H

#include "harness/usage_feed.h"
#include "workloads/workload.h"

#define TRIAL_MUTATORS_MAX 256

struct trial_shared {
  uint64_t is_running; /* atomic, relaxed: the runs have begun; a stale value delays the bar */
  uint64_t mutators;   /* written before is_running */
  uint64_t iterations; /* of the workload, each a run; written before is_running */
  uint64_t finished[TRIAL_MUTATORS_MAX]; /* of those; atomic, relaxed: as is_running */
  struct usage_feed feed;
  struct workload_run runs[TRIAL_MUTATORS_MAX];
};

/* Percentage of the mutator that is least far; 0 before the runs have begun. */
unsigned trial_slowest_percent(const struct trial_shared *shared);

#endif
