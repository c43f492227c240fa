/* Running a workload several times in one process: iterations that warm up, then measured ones.
 *
 * Every iteration is a whole run of the workload, filling and check included, with the same input
 * and seed; so its checksum must be that of the first. It begins in the heap that the one before
 * left behind, garbage included: that is what warm means, and nothing is collected in between.
 *
 * Concurrency. Each mutator's thread runs its own iterations; before every one all wait for each
 * other, in blocking regions, so that no mutator warms up while another is measured. When a run
 * fails no thread begins another.
 */
#ifndef HARNESS_ITERATIONS_H
#define HARNESS_ITERATIONS_H

#include "harness/trial_shared.h"
#include <pthread.h>
#include <stdbool.h>

/* One run by one mutator. */
struct iteration {
  uint64_t begin_ns, end_ns;
  uint64_t timed_begin_ns, timed_end_ns; /* 0: it has no timed part */
  uint64_t operations, checksum;
  struct workload_requests requests; /* of a measured one, as are the operations */
  struct workload_operations operations_timed;
};

/* What the threads of a trial share. */
struct iterations {
  uint64_t warmup_count, count; /* all of them: count */
  pthread_barrier_t together;
  uint32_t has_failed; /* atomic, relaxed: the barrier orders it */
  /* Called once, by one thread while all others wait, before the first measured iteration. */
  void (*begin_measuring)(void *context);
  void *context;
};

/* Of one mutator. */
struct iterations_done {
  struct iteration *items; /* iterations.count of them */
  uint64_t count;          /* that were begun */
  enum workload_status status;
  char wrong[128]; /* which iteration came to another result; empty: none */
};

/* Returns 0 or -ENOMEM. */
int iterations_init(struct iterations *iterations, uint64_t warmup_count, uint64_t measured_count,
                    unsigned mutators);
void iterations_finish(struct iterations *iterations);
int iterations_done_init(struct iterations_done *done, const struct iterations *iterations);
void iterations_done_finish(struct iterations_done *done);

/* Runs them all, of an attached mutator in a blocking region, and is in one afterwards. With a null
 * mutator, which could not attach, the others run nothing either. `run` has input, seed and number;
 * `finished` counts for the progress bar. */
void iterations_run(struct iterations *iterations, const struct workload_ops *ops,
                    struct gc_mutator *mutator, struct workload_run *run, uint64_t *finished,
                    struct iterations_done *done);

static inline bool iterations_is_warmup(const struct iterations *iterations, uint64_t index) {
  return index < iterations->warmup_count;
}

#endif
