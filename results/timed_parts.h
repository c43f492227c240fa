/* The timed part of a trial, by mutators and by iterations: what derive.c and its users share.
 *
 * A mutator has a part for each measured iteration. Iterations of several mutators begin together,
 * so the first parts of all are one interval of the trial, the second ones the next, and so on;
 * where intervals overlap after all, they are one.
 */
#ifndef RESULTS_TIMED_PARTS_H
#define RESULTS_TIMED_PARTS_H

#include "results/derive.h"

struct results_part {
  uint64_t mutator;
  struct results_span span;
};

struct results_parts {
  struct results_part *items; /* by mutator, then begin; the caller frees them */
  size_t count;
};

/* Returns 0 or -ENOMEM. */
int results_parts_derive(const struct results_events *events, struct results_parts *parts);

/* How many the mutator has whose first is at `first`. */
size_t results_parts_of_mutator(const struct results_parts *parts, size_t first);

/* True when the span has more than an end in common with a part of the mutator. */
bool results_parts_meet(const struct results_parts *parts, uint64_t mutator,
                        struct results_span span);

int results_intervals_of(const struct results_parts *parts, struct results_intervals *intervals);

#endif
