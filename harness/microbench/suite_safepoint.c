/* Stopping and resuming the world as cases, with one and with two mutators that run, one of them the
 * requester; beside two, the round trip of a flag between two threads that spin.
 *
 * The second mutator polls in a loop that does nothing else. An item is one stop and its resume.
 */
#include "harness/microbench/bench_case.h"
#include "harness/microbench/our_heap.h"

#include "harness/clock.h"
#include "heap/stop.h"
#include <gc/atomics.h>
#include <pthread.h>

enum { STOPS = 2000 };

struct fixture {
  unsigned thread_count;
  struct our_heap ours;
  char error[256];
};

/* One thread that answers until it is told to end. */
struct partner {
  struct gc_heap *heap;
  uint32_t running; /* atomic: it answers now */
  uint32_t ending;  /* atomic */
  uint32_t asked;   /* atomic: the ideal's flag, and its answer */
  uint32_t answered;
};

static struct fixture one = {.thread_count = 1};
static struct fixture two = {.thread_count = 2};

static void prepare(const struct bench_sizes *sizes) {
  (void)sizes;
}

static void close_suite(void) {
  our_heap_close(&one.ours);
  our_heap_close(&two.ours);
}

static void *poll_until_told(void *argument) {
  struct partner *partner = argument;
  char error[256];
  struct gc_mutator *mutator = gc_attach(partner->heap, error, sizeof error);
  gc_atomic_store_release(&partner->running, mutator != NULL ? 1 : 2); /* [pairs: partner] */
  while (mutator != NULL && gc_atomic_load_relaxed(&partner->ending) == 0) {
    gc_poll(mutator);
  }
  if (mutator != NULL) {
    gc_detach(mutator);
  }
  return NULL;
}

static void *answer_until_told(void *argument) {
  struct partner *partner = argument;
  gc_atomic_store_release(&partner->running, 1); /* [pairs: partner] */
  while (gc_atomic_load_relaxed(&partner->ending) == 0) {
    /* [pairs: handshake] */
    gc_atomic_store_release(&partner->answered, gc_atomic_load_acquire(&partner->asked));
  }
  return NULL;
}

static bool start(struct partner *partner, pthread_t *thread, void *(*body)(void *)) {
  if (pthread_create(thread, NULL, body, partner) != 0) {
    return false;
  }
  while (gc_atomic_load_acquire(&partner->running) == 0) { /* [pairs: partner] */
  }
  return true;
}

static bool stop_often(struct fixture *fixture, struct bench_pass *result) {
  struct gc_heap *heap = fixture->ours.heap;
  struct gc_mutator *mutator = fixture->ours.mutator;
  uint64_t begin_ns = clock_now_ns();
  size_t stops = 0;
  for (; stops < STOPS && gc_stop_begin(heap, mutator, GC_REASON_forced_minor); stops++) {
    gc_stop_end(heap, mutator, GC_PAUSE_scavenge);
  }
  result->elapsed_ns = clock_now_ns() - begin_ns;
  result->items = stops;
  return stops == STOPS;
}

static void run(void *argument, struct bench_pass *result) {
  struct fixture *fixture = argument;
  struct our_heap_shape shape = {.heap_bytes = (size_t)16 << 20, .thread_count = 1};
  if (fixture->ours.heap == NULL &&
      (fixture->error[0] != '\0' ||
       !our_heap_open(&fixture->ours, &shape, fixture->error, sizeof fixture->error))) {
    result->failure = fixture->error;
    return;
  }
  struct partner partner = {.heap = fixture->ours.heap};
  pthread_t thread;
  if (fixture->thread_count > 1 && !start(&partner, &thread, poll_until_told)) {
    result->failure = "no second thread";
    return;
  }
  bool is_complete = stop_often(fixture, result);
  if (fixture->thread_count > 1) {
    gc_atomic_store_relaxed(&partner.ending, 1);
    gc_blocking_begin(fixture->ours.mutator);
    pthread_join(thread, NULL);
    gc_blocking_end(fixture->ours.mutator);
    is_complete = is_complete && gc_atomic_load_relaxed(&partner.running) == 1;
  }
  if (!is_complete) {
    result->failure = "the world was not stopped as often as it should have been";
  }
}

/* Ask and wait for the answer, twice: once for the stop and once for the resume. */
static void run_ideal(void *argument, struct bench_pass *result) {
  (void)argument;
  struct partner partner = {0};
  pthread_t thread;
  if (!start(&partner, &thread, answer_until_told)) {
    result->failure = "no second thread";
    return;
  }
  uint64_t begin_ns = clock_now_ns();
  for (uint32_t number = 1; number <= 2 * STOPS; number++) {
    gc_atomic_store_release(&partner.asked, number);              /* [pairs: handshake] */
    while (gc_atomic_load_acquire(&partner.answered) != number) { /* [pairs: handshake] */
    }
  }
  result->elapsed_ns = clock_now_ns() - begin_ns;
  result->items = STOPS;
  gc_atomic_store_relaxed(&partner.ending, 1);
  pthread_join(thread, NULL);
}

static const struct bench_case cases[] = {
    {"safepoint/stop_resume", "gc_stop", BENCH_OURS, 1, run, &one, NULL},
    {"safepoint/stop_resume", "gc_stop", BENCH_OURS, 2, run, &two, NULL},
    {"safepoint/stop_resume", "spin_handshake", BENCH_IDEAL, 2, run_ideal, NULL, NULL},
};

const struct bench_suite bench_safepoint_suite = {
    .cases = cases,
    .case_count = sizeof cases / sizeof *cases,
    .prepare = prepare,
    .close = close_suite,
};
