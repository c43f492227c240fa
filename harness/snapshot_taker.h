/* Images of a workload's heap while it runs: at points of its work, or when it has run out of
 * memory.
 *
 * The workload runs in this process, one mutator on a thread of its own. When the last image that is
 * wanted has been captured, the thread is left waiting at that point, in a blocking region, and the
 * heap with it: the rest of the run would change nothing, and the process ends soon. A run that ends
 * before closes its heap.
 *
 * Whatever is wanted, a run that comes to its heap's limit is captured there once, and not again: by
 * what the heap is exhausted is what one would like to know then, and no later point is reached.
 * Where only that was wanted, and the run ran out of memory otherwise, it is run a second time, to
 * the last of its 200 parts that it had ended.
 *
 * Concurrency: the taker is the mutator thread's until it has said that it is done; who started it
 * waits for that.
 */
#ifndef HARNESS_SNAPSHOT_TAKER_H
#define HARNESS_SNAPSHOT_TAKER_H

#include "harness/workload_choice.h"
#include <gc/image.h>
#include <gc/options.h>
#include <pthread.h>
#include <semaphore.h>

enum { SNAPSHOTS_MAX = 3 };

struct snapshot_taker {
  /* What is wanted. */
  size_t points;                   /* 0: only at the limit */
  double at_ratios[SNAPSHOTS_MAX]; /* of the work, ascending */

  /* What came of it. */
  struct gc_image images[SNAPSHOTS_MAX];
  double taken_ratios[SNAPSHOTS_MAX]; /* where the work was; at the limit to a percent */
  size_t taken;
  bool is_at_limit;   /* the last one was taken there */
  bool is_repeated;   /* or it was taken by a second run, shortly before that point */
  int capture_status; /* 0, or negative errno of the capture that failed, after which none is tried */
  bool has_ended;     /* the run did, before everything was taken */
  enum workload_status run_status; /* how, then */

  struct gc_heap *heap;
  const struct workload_ops *ops;
  struct workload_run run;
  double last_ratio; /* the work that was done when the run came by last */
  pthread_t thread;
  char error[256]; /* why the run could not begin; empty: it did */
  sem_t done;
};

/* Opens the heap, runs the workload, and returns when everything is taken, the run has ended, or the
 * program was interrupted; progress is shown on a terminal. The taker's memory and the choice's must
 * stay until the process ends. */
enum harness_status snapshot_taker_run(struct snapshot_taker *taker, struct workload_choice *choice,
                                       const struct gc_options *options);

#endif
