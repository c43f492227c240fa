/* Parts of a plan that several processes run, on one machine or on several: shard I of N.
 *
 * The trials of a plan are cut into pieces, and shard I has every N-th piece, counted from I. What
 * is compared with each other stays together as far as N allows: a piece is a whole invocation where
 * there are N of them; else all configurations of a workload in an invocation; else those of one
 * heap size; else a single trial. Trials keep the order and the numbers that they have in the whole
 * plan, and the configurations of a piece stay interleaved.
 *
 * Invariants: every trial is in exactly one shard; no shard is empty (plan_shard_check).
 */
#ifndef HARNESS_PLAN_SHARD_H
#define HARNESS_PLAN_SHARD_H

#include "harness/plan.h"

/* "I/N", 1 to N. Bad input is said. */
enum harness_status plan_shard_parse(const char *text, struct plan_shard *shard);

/* Bad input: the plan's invocations are not known, or it has fewer trials than there are shards. */
enum harness_status plan_shard_check(const struct plan *plan, uint64_t shard_count);

/* How a plan is cut into that many parts. */
struct plan_parts {
  uint64_t shard_count;
  size_t *piece_of; /* of each configuration: its piece in an invocation */
  size_t piece_count;
};
void plan_parts_init(struct plan_parts *parts, const struct plan *plan, uint64_t shard_count);
void plan_parts_finish(struct plan_parts *parts);

/* The shard, counted from 1, that has this trial. */
uint64_t plan_parts_shard_of(const struct plan_parts *parts, uint64_t invocation,
                             size_t configuration);

/* How many trials the plan's own shard has. */
size_t plan_parts_trials(const struct plan_parts *parts, const struct plan *plan);

#endif
