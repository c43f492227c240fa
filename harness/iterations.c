/* Running a workload several times in one process; iterations.h says how. */
#include "harness/iterations.h"
#include "harness/clock.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int iterations_init(struct iterations *iterations, uint64_t warmup_count, uint64_t measured_count,
                    unsigned mutators) {
  *iterations =
      (struct iterations){.warmup_count = warmup_count, .count = warmup_count + measured_count};
  return -pthread_barrier_init(&iterations->together, NULL, mutators);
}

void iterations_finish(struct iterations *iterations) {
  pthread_barrier_destroy(&iterations->together);
}

int iterations_done_init(struct iterations_done *done, const struct iterations *iterations) {
  *done = (struct iterations_done){.items = calloc(iterations->count, sizeof *done->items)};
  return done->items ? 0 : -ENOMEM;
}

void iterations_done_finish(struct iterations_done *done) {
  for (uint64_t i = 0; i < done->count; i++) {
    struct workload_run run = {.requests = done->items[i].requests,
                               .operations_timed = done->items[i].operations_timed};
    workload_requests_finish(&run);
    workload_operations_finish(&run);
  }
  free(done->items);
  *done = (struct iterations_done){0};
}

/* False: some run failed, which all see alike, as none runs between the two waits. There one thread
 * begins measuring, as a running mutator, so that no collector thread stops the world meanwhile:
 * what is counted in stops stands still. */
static bool meet(struct iterations *iterations, uint64_t index, struct gc_mutator *mutator) {
  int waited = pthread_barrier_wait(&iterations->together);
  if (waited == PTHREAD_BARRIER_SERIAL_THREAD && index == iterations->warmup_count && mutator &&
      iterations->begin_measuring) {
    gc_blocking_end(mutator);
    iterations->begin_measuring(iterations->context);
    gc_blocking_begin(mutator);
  }
  bool goes_on = gc_atomic_load_relaxed(&iterations->has_failed) == 0;
  pthread_barrier_wait(&iterations->together);
  return goes_on;
}

static void fail(struct iterations *iterations) {
  gc_atomic_store_relaxed(&iterations->has_failed, 1);
}

/* What the harness fills in, again; what the workload wrote is forgotten. */
static void begin_run(struct workload_run *run, struct gc_mutator *mutator) {
  *run = (struct workload_run){
      .input = run->input,
      .mutator = mutator,
      .seed = run->seed,
      .mutator_index = run->mutator_index,
      .checkpoints = run->checkpoints,
      .requests = {.is_declined = run->requests.is_declined},
      .operations_timed = {.is_wanted = run->operations_timed.is_wanted},
  };
}

static enum workload_status check(const struct iterations_done *done, uint64_t index, char *wrong,
                                  size_t wrong_size) {
  const struct iteration *first = &done->items[0], *last = &done->items[index];
  if (last->checksum == first->checksum) {
    return WORKLOAD_DONE;
  }
  snprintf(wrong, wrong_size,
           "iteration %" PRIu64 " has checksum %016" PRIx64 ", the first has %016" PRIx64,
           index + 1, last->checksum, first->checksum);
  return WORKLOAD_WRONG;
}

static enum workload_status run_one(const struct workload_ops *ops, struct workload_run *run,
                                    struct iterations_done *done, bool is_warmup) {
  uint64_t index = done->count++;
  struct iteration *iteration = &done->items[index];
  iteration->begin_ns = clock_now_ns();
  enum workload_status status = ops->run(run);
  iteration->end_ns = clock_now_ns();
  iteration->timed_begin_ns = run->timed_begin_ns;
  iteration->timed_end_ns =
      run->timed_begin_ns == 0 || run->timed_end_ns != 0 ? run->timed_end_ns : iteration->end_ns;
  iteration->operations = run->operations;
  iteration->checksum = run->checksum;
  if (is_warmup) {
    workload_requests_finish(run);
    workload_operations_finish(run);
  } else {
    iteration->requests = run->requests;
    iteration->operations_timed = run->operations_timed;
  }
  return status == WORKLOAD_DONE ? check(done, index, done->wrong, sizeof done->wrong) : status;
}

void iterations_run(struct iterations *iterations, const struct workload_ops *ops,
                    struct gc_mutator *mutator, struct workload_run *run, uint64_t *finished,
                    struct iterations_done *done) {
  bool is_declined = run->requests.is_declined, is_wanted = run->operations_timed.is_wanted;
  if (!mutator) {
    fail(iterations);
  }
  for (uint64_t i = 0; i < iterations->count && meet(iterations, i, mutator); i++) {
    gc_blocking_end(mutator);
    run->requests = (struct workload_requests){.is_declined = is_declined};
    run->operations_timed = (struct workload_operations){.is_wanted = is_wanted};
    begin_run(run, mutator);
    done->status = run_one(ops, run, done, iterations_is_warmup(iterations, i));
    if (done->status != WORKLOAD_DONE) {
      fail(iterations);
    }
    gc_atomic_store_relaxed(finished, i + 1);
    gc_blocking_begin(mutator);
  }
}
