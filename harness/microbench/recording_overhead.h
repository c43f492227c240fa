/* What recording costs the classic workloads: each with recording on against off.
 *
 * Two answers, because neither is enough. What the events cost, each by what its kind was measured
 * to cost, is an upper bound that noise does not move. The difference between whole trials with and
 * without recording is what was really paid, and drowns in what else the machine does: its interval
 * says how far. The readings of clocks that pacing needs are made in both.
 */
#ifndef HARNESS_MICROBENCH_RECORDING_OVERHEAD_H
#define HARNESS_MICROBENCH_RECORDING_OVERHEAD_H

#include "harness/say.h"
#include <stdbool.h>

struct recording_overhead_settings {
  const char *collector;
  const char *heap; /* as `tricolor run --heap` takes it */
  unsigned repetitions;
  bool quick; /* the workloads' quick parameters */
};

/* Prints the table. Needs tricolor beside the running program. */
enum harness_status recording_overhead_run(const struct recording_overhead_settings *settings);

#endif
