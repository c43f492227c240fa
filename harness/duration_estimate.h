/* How long a plan will take, from what trials of its workloads took in earlier runs. */
#ifndef HARNESS_DURATION_ESTIMATE_H
#define HARNESS_DURATION_ESTIMATE_H

#include "harness/plan.h"

/* "about 3 h 20 min (by 42 earlier trials of its workloads in results/)", for a sentence: what is
 * known and what was assumed. Nothing is run for it.
 *
 * Rule: a trial takes as long as the mean of the trials of its workload with the same parameters,
 * whatever their collector and heap, in the directories of results/runs and results/reference; of a
 * workload without one, as long as the mean of the others; with none at all, a second. */
void duration_estimate(const struct plan *plan, uint64_t invocations, char *text, size_t text_size);

#endif
