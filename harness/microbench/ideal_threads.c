/* Running a kernel on several threads from one starting line.
 *
 * Concurrency: the last thread to arrive takes the starting time and opens the gate; everybody else
 * spins on it. Threads are created before that and joined afterwards, so neither is part of the
 * time.
 */
#include "harness/microbench/ideal_kernels.h"

#include "harness/clock.h"
#include <gc/atomics.h>
#include <pthread.h>

struct starting_line {
  ideal_thread_body *body;
  void *argument;
  unsigned thread_count;
  unsigned arrived_count;             /* atomic */
  unsigned index_next;                /* atomic; hands out thread numbers from 1 on */
  uint64_t begin_ns;                  /* written by the last to arrive [pairs: ideal-gate] */
  uint32_t gate;                      /* atomic [pairs: ideal-gate] */
  uint64_t end_ns[IDEAL_THREADS_MAX]; /* each by its thread; read after joining */
};

enum gate { GATE_CLOSED, GATE_OPEN, GATE_CANCELLED };

static void run_one(struct starting_line *line, unsigned index) {
  if (gc_atomic_fetch_add_acq_rel(&line->arrived_count, 1) + 1 == line->thread_count) {
    line->begin_ns = clock_now_ns();
    gc_atomic_store_release(&line->gate, GATE_OPEN); /* [pairs: ideal-gate] */
  }
  uint32_t gate = GATE_CLOSED;
  while (gate == GATE_CLOSED) {
    gate = gc_atomic_load_acquire(&line->gate); /* [pairs: ideal-gate] */
  }
  if (gate == GATE_OPEN) {
    line->body(line->argument, index);
    line->end_ns[index] = clock_now_ns();
  }
}

static void *helper_main(void *argument) {
  struct starting_line *line = argument;
  /* Relaxed: only the number is taken; the creation of the thread ordered the rest. */
  run_one(line, gc_atomic_fetch_add_relaxed(&line->index_next, 1));
  return NULL;
}

uint64_t ideal_threads_run(unsigned thread_count, ideal_thread_body *body, void *argument) {
  struct starting_line line = {
      .body = body, .argument = argument, .thread_count = thread_count, .index_next = 1};
  pthread_t helpers[IDEAL_THREADS_MAX];
  unsigned started_count = 1;
  while (started_count < thread_count &&
         pthread_create(&helpers[started_count], NULL, helper_main, &line) == 0) {
    started_count++;
  }
  if (started_count < thread_count) {
    gc_atomic_store_release(&line.gate, GATE_CANCELLED); /* [pairs: ideal-gate] */
  } else {
    run_one(&line, 0);
  }
  uint64_t end_ns = line.end_ns[0];
  for (unsigned i = 1; i < started_count; i++) {
    pthread_join(helpers[i], NULL);
    end_ns = line.end_ns[i] > end_ns ? line.end_ns[i] : end_ns;
  }
  return started_count < thread_count ? 0 : end_ns - line.begin_ns;
}
