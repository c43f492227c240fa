/* Collectors beside baselines: what a program takes over the same program on libgc or malloc, what it
 * feels, and what memory it holds.
 *
 * The denominator of a workload is its native port on libgc, where the run has it and it finished;
 * else the baseline bdwgc; else native_malloc and malloc in the same way. A baseline in this
 * project's framework (handles, slots with headers, allocation out of line) that takes more than
 * RESULTS_PEERS_QUOTABLE times its native port is not quoted: `native` is.
 *
 * Wall time is that of the whole workload, filling included. Ratios are taken invocation by
 * invocation, as of a comparison (compare.h). Pauses, operations and memory are the largest of any
 * trial. Memory is bounded by 1.15 times the heap and 24 MiB, external memory apart.
 */
#ifndef RESULTS_PEERS_H
#define RESULTS_PEERS_H

#include "results/statistics.h"
#include "results/summarize.h"

#define RESULTS_PEERS_QUOTABLE 1.05

struct results_peer {
  const struct results_summary *summary;
  const struct results_summary *denominator;
  const struct results_summary *native; /* its own port, where it is in the framework and has one */
  size_t pairs;
  struct results_interval wall;      /* over the denominator */
  struct results_interval framework; /* over the native port; NaN without one */
  double rss_bytes;                  /* less external */
  double rss_bound_bytes;            /* NaN of a baseline, which has no heap size */
};

struct results_peers {
  struct results_peer *items; /* of workloads that have a denominator */
  size_t count;
};

/* Nothing where no baseline ran. Borrows from the run. Returns 0 or -ENOMEM; then there is nothing to
 * finish. */
int results_peers_derive(const struct results_run *run, struct results_peers *peers);
void results_peers_finish(struct results_peers *peers);

/* False for a baseline in the framework that takes more than its native port. */
bool results_peer_is_quotable(const struct results_peer *peer);

#endif
