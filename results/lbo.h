/* Lower-bound overhead: what a configuration costs at least, over what the workload costs by itself.
 *
 * What a program costs without a collector cannot be measured: a heap that never collects has costs
 * of its own. But total less explicit cost, the distilled cost of a configuration (costs.h), is
 * certainly not less than it, under any configuration; so neither is the least of them all (Cai,
 * Blackburn, Bond and Maas 2022):
 *
 *     MDC(b)   = minimum of distilled(g) over all configurations g of workload b in the run,
 *                collectors, barriers, options and heaps alike, and those that never collect
 *     LBO(g)   = total(g) - MDC(b)       at most the true cost of collection
 *     ratio(g) = total(g) / MDC(b)       1 + LBO / MDC; what is shown
 *
 * A workload is one with its parameters and number of mutators. Totals and distilled costs are
 * medians over trials. More configurations in a run bring the bound closer, never too far.
 *
 * Per heap, a strategy's ratio is the geometric mean over workloads; one that some strategy of that
 * heap did not finish is left out for all of them, and named.
 */
#ifndef RESULTS_LBO_H
#define RESULTS_LBO_H

#include "results/strategies.h"

enum results_lbo_metric { RESULTS_LBO_WALL, RESULTS_LBO_CPU, RESULTS_LBO_METRICS };
extern const char *const results_lbo_names[RESULTS_LBO_METRICS]; /* "wall", "cpu" */

/* Of one configuration and metric. */
struct results_lbo_cost {
  double total_ns, distilled_ns, minimum_ns;
  const struct results_summary *minimum_of; /* the configuration that has it; null: not known */
  double ratio;
  double low, high; /* 95 %, of the geometric mean of the trials' ratios; NaN with few trials */
};

/* Strategies at one heap. */
struct results_lbo_heap {
  const struct results_strategies *strategies;
  struct results_lbo_mean {
    double *ratios;         /* as strategies->items; NaN without workloads */
    const char **workloads; /* the set */
    size_t workload_count;
    char (*left_out)[RESULTS_TEXT_SIZE]; /* besides those of `strategies` */
    size_t left_out_count;
  } means[RESULTS_LBO_METRICS];
};

struct results_lbo {
  struct results_lbo_cost (*costs)[RESULTS_LBO_METRICS]; /* as the run's summaries */
  struct results_strategies_list list;
  struct results_lbo_heap *heaps; /* one per heap of the run */
  size_t heap_count;
};

/* Borrows from the run. Returns 0 or -ENOMEM; then there is nothing to finish. */
int results_lbo_derive(const struct results_run *run, struct results_lbo *lbo);
void results_lbo_finish(struct results_lbo *lbo);

#endif
