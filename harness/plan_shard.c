/* Parts of a plan that several processes run. */
#include "harness/plan_shard.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* "I/N" without a sign, spaces or anything behind. */
static bool parse(const char *text, struct plan_shard *shard) {
  char *end;
  if (*text < '0' || *text > '9') {
    return false;
  }
  shard->number = strtoull(text, &end, 10);
  if (*end != '/' || end[1] < '0' || end[1] > '9') {
    return false;
  }
  shard->count = strtoull(end + 1, &end, 10);
  return *end == 0 && shard->count > 0;
}

enum harness_status plan_shard_parse(const char *text, struct plan_shard *shard) {
  if (!parse(text, shard)) {
    return say_bad_input("--shard is given as I/N, such as 1/4, not '%s'", text);
  }
  if (shard->number == 0 || shard->number > shard->count) {
    return say_bad_input("--shard %s: shards of %" PRIu64 " are counted from 1 to %" PRIu64, text,
                         shard->count, shard->count);
  }
  return HARNESS_DONE;
}

enum harness_status plan_shard_check(const struct plan *plan, uint64_t shard_count) {
  uint64_t invocations = plan->experiment->invocations;
  if (invocations == 0) {
    return say_bad_input("shards need a plan of a known size: give --invocations");
  }
  uint64_t trials = invocations * plan_configuration_total(plan);
  if (shard_count > trials) {
    return say_bad_input("the plan has %" PRIu64 " trials, too few for %" PRIu64 " shards", trials,
                         shard_count);
  }
  return HARNESS_DONE;
}

/* --- pieces -------------------------------------------------------------------------------------
 */

static size_t one_piece(const struct plan *plan, size_t *piece_of) {
  memset(piece_of, 0, plan->configuration_count * sizeof *piece_of);
  return 1;
}

/* The control trial is last; which piece it is in, the invocation says. */
static size_t piece_per_workload(const struct plan *plan, size_t *piece_of) {
  for (size_t i = 0; i + 1 < plan->configuration_count; i++) {
    piece_of[i] = plan->workload_of[i];
  }
  return plan->workload_count;
}

static size_t piece_per_heap(const struct plan *plan, size_t *piece_of) {
  size_t *first_of = memory_resize(NULL, plan->workload_count + 1, sizeof *first_of);
  memset(first_of, 0, (plan->workload_count + 1) * sizeof *first_of);
  for (size_t i = 0; i + 1 < plan->configuration_count; i++) {
    size_t *heaps = &first_of[plan->workload_of[i] + 1];
    *heaps = plan->heap_of[i] + 1 > *heaps ? plan->heap_of[i] + 1 : *heaps;
  }
  for (size_t i = 0; i < plan->workload_count; i++) {
    first_of[i + 1] += first_of[i];
  }
  for (size_t i = 0; i + 1 < plan->configuration_count; i++) {
    piece_of[i] = first_of[plan->workload_of[i]] + plan->heap_of[i];
  }
  size_t pieces = first_of[plan->workload_count];
  free(first_of);
  return pieces;
}

static size_t piece_per_trial(const struct plan *plan, size_t *piece_of) {
  for (size_t i = 0; i < plan->configuration_count; i++) {
    piece_of[i] = i;
  }
  return plan->configuration_count;
}

void plan_parts_init(struct plan_parts *parts, const struct plan *plan, uint64_t shard_count) {
  static size_t (*const cuts[])(const struct plan *, size_t *) = {one_piece, piece_per_workload,
                                                                  piece_per_heap, piece_per_trial};
  enum { CUTS = sizeof cuts / sizeof *cuts };
  *parts = (struct plan_parts){
      .shard_count = shard_count,
      .piece_of = memory_resize(NULL, plan->configuration_count, sizeof *parts->piece_of),
  };
  for (size_t cut = 0; cut < CUTS; cut++) {
    parts->piece_of[plan->configuration_count - 1] = SIZE_MAX;
    parts->piece_count = cuts[cut](plan, parts->piece_of);
    if (plan->experiment->invocations * parts->piece_count >= shard_count) {
      break;
    }
  }
}

void plan_parts_finish(struct plan_parts *parts) {
  free(parts->piece_of);
  *parts = (struct plan_parts){0};
}

uint64_t plan_parts_shard_of(const struct plan_parts *parts, uint64_t invocation,
                             size_t configuration) {
  size_t piece = parts->piece_of[configuration];
  if (piece == SIZE_MAX) { /* the control trial: beside another piece in each invocation */
    piece = (size_t)((invocation - 1) % parts->piece_count);
  }
  return ((invocation - 1) * parts->piece_count + piece) % parts->shard_count + 1;
}

size_t plan_parts_trials(const struct plan_parts *parts, const struct plan *plan) {
  size_t count = 0;
  for (uint64_t invocation = 1; invocation <= plan->experiment->invocations; invocation++) {
    for (size_t i = 0; i < plan->configuration_count; i++) {
      count += plan_parts_shard_of(parts, invocation, i) == plan->shard.number;
    }
  }
  return count;
}
