/* What each strategy costs and buys, over one set of workloads.
 *
 * A strategy is a collector with a barrier and settings. Strategies are compared at equal heaps: the
 * same multiple of the minimum heap, or the same bytes. A workload counts only where every strategy
 * finished it, so that all figures of a table are over the same set; those that were left out are
 * named.
 *
 * Costs are ratios to a baseline, `stw` where the run has it: of each workload the ratio of the two
 * medians across trials, of the workloads the geometric mean. What is bought is the worst workload's.
 * A workload with other parameters or mutators is another workload, named by them (work).
 *
 * A barrier's own cost is the wall time under it of the collector that never collects, over that
 * without a barrier, where the run has such trials.
 */
#ifndef RESULTS_STRATEGIES_H
#define RESULTS_STRATEGIES_H

#include "results/summarize.h"

struct results_strategy {
  const struct results_summary *summary; /* its first; names collector, barrier and settings */
  double wall_ratio, cpu_ratio, peak_heap_ratio;
  double p99_ns, largest_ns; /* of pauses; p99 where it has samples enough */
  double own_largest_ns;     /* of pauses other than plain scavenges, less the scavenge in them */
  double mmu_1ms, mmu_10ms, mmu_50ms, utilisation;
  double barrier_ratio;
};

struct results_strategies {
  const struct results_summary *heap; /* some summary with the heap that all have */
  struct results_strategy *items;
  size_t count, baseline; /* baseline: place in items */
  const char **workloads; /* the set; may be empty, and then no figure is known */
  size_t workload_count;
  char (*left_out)[RESULTS_TEXT_SIZE]; /* workloads and strategies, each with its reason */
  size_t left_out_count;
};

struct results_strategies_list {
  struct results_strategies *items; /* one per heap at which several strategies ran */
  size_t count;
};

/* Borrows from the run. Returns 0 or -ENOMEM; then there is nothing to finish. */
int results_strategies_derive(const struct results_run *run, struct results_strategies_list *list);
/* The same of every heap, also where one strategy ran. */
int results_strategies_derive_each(const struct results_run *run,
                                   struct results_strategies_list *list);
void results_strategies_finish(struct results_strategies_list *list);

/* What the strategy at `place` made of the workload; null when it did not run. */
const struct results_summary *results_strategies_find(const struct results_run *run,
                                                      const struct results_strategies *table,
                                                      size_t place, const char *workload);

#endif
