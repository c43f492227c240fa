/* Leak pairs of a run: how the leaking and the repaired variant of each program ended, under every
 * collector.
 *
 * Of a pair are trials of a workload with the parameters `pair` and `variant`, leaky or fixed. A
 * trial reached its limit, or its memory rises, is flat, or had too few cycles to tell, by the
 * figures of growth (growth.h), of heap and external memory. What is expected: a leaky one reaches its
 * limit or rises, a fixed one is flat.
 */
#ifndef RESULTS_LEAK_PAIRS_H
#define RESULTS_LEAK_PAIRS_H

#include "results/summarize.h"

enum results_pair_end {
  RESULTS_PAIR_LIMIT,
  RESULTS_PAIR_RISES,
  RESULTS_PAIR_FLAT,
  RESULTS_PAIR_UNKNOWN,
  RESULTS_PAIR_FAILED,
  RESULTS_PAIR_ENDS
};
extern const char *const results_pair_end_names[RESULTS_PAIR_ENDS];

enum results_pair_variant { RESULTS_PAIR_LEAKY, RESULTS_PAIR_FIXED, RESULTS_PAIR_VARIANTS };
extern const char *const results_pair_variant_names[RESULTS_PAIR_VARIANTS];

/* A configuration of a variant. */
struct results_leak_pair {
  const struct results_summary *summary;
  const char *pair;
  enum results_pair_variant variant;
  uint64_t ends[RESULTS_PAIR_ENDS]; /* trials */
};

struct results_leak_pairs {
  struct results_leak_pair *items; /* by pair, then in the run's order */
  size_t count;
};

/* Refused configurations are left out. Borrows from the run. Returns 0 or -ENOMEM; then there is
 * nothing to finish. */
int results_leak_pairs_derive(const struct results_run *run, struct results_leak_pairs *pairs);
void results_leak_pairs_finish(struct results_leak_pairs *pairs);

/* True when most trials ended as its variant should: of a hundred that are flat, one may seem to rise. */
bool results_leak_pair_is_expected(const struct results_leak_pair *pair);

#endif
