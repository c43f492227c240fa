/* How far a trial is, read from its page. See trial_shared.h. */
#include "harness/trial_shared.h"

unsigned trial_slowest_percent(const struct trial_shared *shared) {
  if (gc_atomic_load_relaxed(&shared->is_running) == 0) {
    return 0;
  }
  uint64_t percent = 100;
  for (uint64_t i = 0; i < shared->mutators && i < TRIAL_MUTATORS_MAX; i++) {
    uint64_t finished = gc_atomic_load_relaxed(&shared->finished[i]);
    uint64_t of_run = gc_atomic_load_relaxed(&shared->runs[i].progress_percent);
    uint64_t of_all =
        finished < shared->iterations ? (100 * finished + of_run) / shared->iterations : 100;
    percent = of_all < percent ? of_all : percent;
  }
  return (unsigned)percent;
}
