/* Capturing images while a workload runs. See snapshot_taker.h. */
#define _GNU_SOURCE /* pthread_setname_np */
#include "harness/snapshot_taker.h"
#include "harness/clock.h"
#include "harness/interrupt.h"
#include "harness/workload_registry.h"
#include <errno.h>
#include <gc/limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Between two looks for an interrupt, which comes to this thread alone. */
static const uint64_t look_every_ns = UINT64_C(200000000);

/* Parts of the work at whose ends the workload calls: points are met to half a percent. */
enum { CHECKPOINTS = 200 };

static const uint64_t second_ns = UINT64_C(1000000000);
static const uint64_t quiet_ns = UINT64_C(2000000000); /* before progress is shown */

/* --- the mutator's thread ----------------------------------------------------------------------*/

static void stay_for_ever(struct snapshot_taker *taker) {
  gc_blocking_begin(taker->run.mutator);
  sem_post(&taker->done);
  for (;;) {
    pause();
  }
}

static enum gc_image_ids wanted_ids(const struct snapshot_taker *taker) {
  return taker->points > 1 ? GC_IMAGE_STABLE_IDS : GC_IMAGE_PASSING_IDS;
}

static void note_taken(struct snapshot_taker *taker, double ratio) {
  if (taker->capture_status == 0) {
    taker->taken_ratios[taker->taken++] = ratio;
  }
}

/* At a boundary of operations, in the mutator's thread. */
static void take_at_point(void *context, struct workload_run *run, uint64_t done, uint64_t total) {
  struct snapshot_taker *taker = context;
  double ratio = total > 0 ? (double)done / (double)total : 1;
  taker->last_ratio = ratio;
  if (taker->points == 0 || taker->is_at_limit || ratio < taker->at_ratios[taker->taken]) {
    return;
  }
  taker->capture_status =
      gc_image_capture(run->mutator, wanted_ids(taker), &taker->images[taker->taken]);
  note_taken(taker, ratio);
  if (taker->capture_status != 0 || taker->taken == taker->points) {
    stay_for_ever(taker);
  }
}

/* The failure ladder has ended: the answer is the limit as it is. */
static uint64_t take_near_limit(void *context, uint64_t limit_bytes, uint64_t first_limit_bytes) {
  struct snapshot_taker *taker = context;
  (void)first_limit_bytes;
  if (!taker->is_at_limit) {
    taker->is_at_limit = true;
    taker->capture_status =
        gc_image_capture_near_limit(taker->heap, wanted_ids(taker), &taker->images[taker->taken]);
    /* Relaxed: the mutator's own, which waits for this answer. */
    note_taken(taker, (double)gc_atomic_load_relaxed(&taker->run.progress_percent) / 100);
  }
  return limit_bytes;
}

static void *run_mutator(void *argument) {
  struct snapshot_taker *taker = argument;
  struct gc_mutator *mutator = taker->ops->attach(taker->heap, taker->error, sizeof taker->error);
  pthread_setname_np(pthread_self(), "mutator-0");
  if (!mutator) {
    sem_post(&taker->done);
    return NULL;
  }
  taker->error[0] = 0;
  taker->run.mutator = mutator;
  taker->run_status = taker->ops->run(&taker->run);
  gc_detach(mutator);
  taker->has_ended = true;
  sem_post(&taker->done);
  return NULL;
}

/* --- who waits for it --------------------------------------------------------------------------*/

/* Of the way to the last point. */
static void show_progress(const struct snapshot_taker *taker, uint64_t begin_ns) {
  double wanted = taker->points > 0 ? taker->at_ratios[taker->points - 1] : 1;
  /* Relaxed: a stale value shows an old percentage. */
  double percent = (double)gc_atomic_load_relaxed(&taker->run.progress_percent);
  double part = percent / 100 / wanted, seconds = (double)(clock_now_ns() - begin_ns) * 1e-9;
  if (part > 0.01 && part <= 1) {
    fprintf(stderr, "\r\033[K%3.0f %% of the way, %s left", 100 * part,
            say_seconds(seconds * (1 - part) / part));
  } else {
    fprintf(stderr, "\r\033[K%s since the run began", say_seconds(seconds));
  }
}

static bool is_done_soon(struct snapshot_taker *taker) {
  struct timespec deadline;
  clock_gettime(CLOCK_REALTIME, &deadline);
  uint64_t end_ns = (uint64_t)deadline.tv_nsec + look_every_ns;
  deadline.tv_sec += (time_t)(end_ns / second_ns);
  deadline.tv_nsec = (long)(end_ns % second_ns);
  return sem_timedwait(&taker->done, &deadline) == 0;
}

static void wait_until_done(struct snapshot_taker *taker) {
  bool is_terminal = isatty(STDERR_FILENO);
  uint64_t begin_ns = clock_now_ns();
  while (!interrupt_requested() && !is_done_soon(taker)) {
    if (is_terminal && clock_now_ns() - begin_ns >= quiet_ns) {
      show_progress(taker, begin_ns);
    }
  }
  if (is_terminal) {
    fprintf(stderr, "\r\033[K");
  }
}

static enum harness_status start_run(struct snapshot_taker *taker) {
  sem_init(&taker->done, 0, 0);
  gc_near_limit_set(taker->heap, take_near_limit, taker);
  taker->run.checkpoints = (struct workload_checkpoints){
      .is_wanted = true, .count = CHECKPOINTS, .take = take_at_point, .context = taker};
  int number = pthread_create(&taker->thread, NULL, run_mutator, taker);
  return number == 0 ? HARNESS_DONE
                     : say_environment("cannot start a thread: %s", strerror(number));
}

static enum harness_status wait_for_run(struct snapshot_taker *taker) {
  wait_until_done(taker);
  if (interrupt_requested()) {
    say_note("interrupted: no snapshot was written");
    return HARNESS_INTERRUPTED;
  }
  if (taker->has_ended) {
    pthread_join(taker->thread, NULL);
    gc_heap_close(taker->heap);
  }
  return taker->error[0] ? say_bad_input("%s", taker->error) : HARNESS_DONE;
}

static enum harness_status prepare(struct workload_choice *choice) {
  const struct workload *workload = choice->input.workload;
  char error[512] = "";
  int status = workload->prepare ? workload->prepare(&choice->input, error, sizeof error) : 0;
  if (status == -ENOMEM) {
    return say_environment("%s: %s", workload->name, error);
  }
  return status == 0 ? HARNESS_DONE : say_bad_input("%s: %s", workload->name, error);
}

/* Threads that are started meanwhile leave interrupts to this one. */
static enum harness_status start(struct snapshot_taker *taker, const struct gc_options *options) {
  char error[512] = "";
  sigset_t interrupts, before;
  sigemptyset(&interrupts);
  sigaddset(&interrupts, SIGINT);
  sigaddset(&interrupts, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &interrupts, &before);
  enum harness_status status = gc_heap_open(options, &taker->heap, error, sizeof error) == 0
                                   ? start_run(taker)
                                   : say_bad_input("%s", error);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return status;
}

static enum harness_status run_once(struct snapshot_taker *taker,
                                    const struct workload_choice *choice,
                                    const struct gc_options *options) {
  taker->has_ended = false;
  taker->run = (struct workload_run){.input = &choice->input,
                                     .seed = workload_mutator_seed(choice->input.seed, 0),
                                     .requests = {.is_declined = true}};
  enum harness_status status = start(taker, options);
  return status == HARNESS_DONE ? wait_for_run(taker) : status;
}

/* The heap asks nobody when it is external memory that is exhausted, or when what is free is in
 * holes too small for the request. */
static bool is_exhausted_unasked(const struct snapshot_taker *taker) {
  return taker->points == 0 && !taker->is_at_limit && taker->has_ended &&
         taker->run_status == WORKLOAD_OUT_OF_MEMORY && taker->last_ratio > 0;
}

enum harness_status snapshot_taker_run(struct snapshot_taker *taker, struct workload_choice *choice,
                                       const struct gc_options *options) {
  const char *name = choice->input.workload->name;
  taker->ops = workload_find_ops(name, options->barrier);
  if (!taker->ops) {
    return say_bad_input("this program has no workload '%s' under a barrier '%s'", name,
                         options->barrier);
  }
  enum harness_status status = prepare(choice);
  if (status == HARNESS_DONE) {
    status = run_once(taker, choice, options);
  }
  if (status == HARNESS_DONE && is_exhausted_unasked(taker)) {
    say_note("It ran out of memory, but not at the heap's limit: it runs again, to %.1f %% of its "
             "work.",
             100 * taker->last_ratio);
    taker->is_repeated = true;
    taker->points = 1;
    taker->at_ratios[0] = taker->last_ratio;
    status = run_once(taker, choice, options);
  }
  return status;
}
