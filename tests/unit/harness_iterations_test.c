/* Iterations of a workload within a process: what each run is given, what is kept of it, when
 * measuring begins, and that a failing mutator keeps nobody waiting.
 *
 * Presets: release debug tsan
 */
#include "heap_fixture.h"

#include "harness/iterations.h"
#include <pthread.h>

enum { MUTATORS = 2, WARMUPS = 2, MEASURED = 3 };

/* What the fake workload does in which iteration, from 1; 0: in none. */
static struct {
  unsigned fails_in, differs_in; /* of mutator 1 */
  unsigned runs[MUTATORS];
  unsigned measuring_after[MUTATORS]; /* runs when measuring began */
  unsigned measurings;
} script;

static enum workload_status run(struct workload_run *run) {
  unsigned number = ++script.runs[run->mutator_index];
  bool is_chosen = run->mutator_index == 1;
  assert_int_equal(run->operations, 0);
  assert_int_equal(run->requests.count, 0);
  assert_int_equal(run->seed, 100 + run->mutator_index);
  assert_non_null(run->mutator);
  workload_requests_reserve(run, 10);
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  gc_handle_push(run->mutator, gc_allocate(run->mutator, 0, 100, 0));
  workload_timed_begin(run);
  workload_request_record(run, (struct workload_request){.class = number});
  gc_collect(run->mutator, GC_COLLECTION_MINOR); /* no other mutator may hold it up */
  run->operations = 10 * number;
  workload_timed_end(run);
  gc_handles_leave(run->mutator, frame);
  run->checksum = 7 + run->mutator_index + (is_chosen && script.differs_in == number);
  return is_chosen && script.fails_in == number ? WORKLOAD_OUT_OF_MEMORY : WORKLOAD_DONE;
}

static const struct workload_ops ops = {.barrier = "card", .run = run};

static void begin_measuring(void *context) {
  (void)context;
  script.measurings++;
  memcpy(script.measuring_after, script.runs, sizeof script.runs);
}

struct thread {
  pthread_t thread;
  struct gc_heap *heap;
  struct iterations *iterations;
  struct iterations_done done;
  struct workload_run run;
  uint64_t finished;
  bool is_detached; /* as if it could not attach */
};

static void *thread_main(void *argument) {
  struct thread *thread = argument;
  struct gc_mutator *mutator = thread->is_detached ? NULL : fixture_attach(thread->heap);
  if (mutator) {
    gc_blocking_begin(mutator);
  }
  iterations_run(thread->iterations, &ops, mutator, &thread->run, &thread->finished, &thread->done);
  if (mutator) {
    gc_blocking_end(mutator);
    gc_detach(mutator);
  }
  return NULL;
}

static void run_all(struct iterations *iterations, struct thread threads[MUTATORS]) {
  struct gc_options options = fixture_options(16);
  options.verify_level = 0;
  struct gc_heap *heap = fixture_open(&options);
  assert_int_equal(iterations_init(iterations, WARMUPS, MEASURED, MUTATORS), 0);
  iterations->begin_measuring = begin_measuring;
  for (unsigned i = 0; i < MUTATORS; i++) {
    struct thread *thread = &threads[i];
    thread->heap = heap;
    thread->iterations = iterations;
    thread->run = (struct workload_run){.seed = 100 + i, .mutator_index = i};
    assert_int_equal(iterations_done_init(&thread->done, iterations), 0);
    assert_int_equal(pthread_create(&thread->thread, NULL, thread_main, thread), 0);
  }
  for (unsigned i = 0; i < MUTATORS; i++) {
    pthread_join(threads[i].thread, NULL);
  }
  gc_heap_close(heap);
}

static void finish(struct iterations *iterations, struct thread threads[MUTATORS]) {
  for (unsigned i = 0; i < MUTATORS; i++) {
    iterations_done_finish(&threads[i].done);
  }
  iterations_finish(iterations);
  memset(&script, 0, sizeof script);
}

static void every_run_is_kept(void **state) {
  (void)state;
  struct iterations iterations;
  struct thread threads[MUTATORS] = {0};
  run_all(&iterations, threads);
  assert_int_equal(script.measurings, 1);
  for (unsigned i = 0; i < MUTATORS; i++) {
    const struct iterations_done *done = &threads[i].done;
    assert_int_equal(script.measuring_after[i], WARMUPS);
    assert_int_equal(done->status, WORKLOAD_DONE);
    assert_int_equal(done->count, WARMUPS + MEASURED);
    assert_int_equal(threads[i].finished, WARMUPS + MEASURED);
    for (uint64_t index = 0; index < done->count; index++) {
      const struct iteration *iteration = &done->items[index];
      bool is_warmup = index < WARMUPS;
      assert_int_equal(iterations_is_warmup(&iterations, index), is_warmup);
      assert_int_equal(iteration->operations, 10 * (index + 1));
      assert_true(iteration->begin_ns <= iteration->timed_begin_ns &&
                  iteration->timed_begin_ns < iteration->timed_end_ns &&
                  iteration->timed_end_ns <= iteration->end_ns);
      assert_int_equal(iteration->requests.count, is_warmup ? 0 : 1);
      if (!is_warmup) {
        assert_int_equal(iteration->requests.items[0].class, index + 1);
      }
    }
  }
  /* Nobody begins before all have ended what comes before. */
  for (uint64_t index = 1; index < WARMUPS + MEASURED; index++) {
    assert_true(threads[0].done.items[index].begin_ns >= threads[1].done.items[index - 1].end_ns);
    assert_true(threads[1].done.items[index].begin_ns >= threads[0].done.items[index - 1].end_ns);
  }
  finish(&iterations, threads);
}

static void another_result_is_wrong(void **state) {
  (void)state;
  struct iterations iterations;
  struct thread threads[MUTATORS] = {0};
  script.differs_in = 4;
  run_all(&iterations, threads);
  assert_int_equal(threads[0].done.status, WORKLOAD_DONE);
  assert_int_equal(threads[1].done.status, WORKLOAD_WRONG);
  assert_string_equal(threads[1].done.wrong, "iteration 4 has checksum 0000000000000009, the first "
                                             "has 0000000000000008");
  assert_int_equal(threads[0].done.count, 4);
  finish(&iterations, threads);
}

static void failure_ends_all(void **state) {
  (void)state;
  struct iterations iterations;
  struct thread threads[MUTATORS] = {0};
  script.fails_in = 2;
  run_all(&iterations, threads);
  assert_int_equal(threads[1].done.status, WORKLOAD_OUT_OF_MEMORY);
  assert_int_equal(threads[0].done.status, WORKLOAD_DONE);
  assert_int_equal(threads[0].done.count, 2);
  finish(&iterations, threads);
}

static void without_a_mutator_nobody_runs(void **state) {
  (void)state;
  struct iterations iterations;
  struct thread threads[MUTATORS] = {0};
  threads[1].is_detached = true;
  run_all(&iterations, threads);
  assert_int_equal(threads[0].done.count, 0);
  assert_int_equal(threads[1].done.count, 0);
  assert_int_equal(script.measurings, 0);
  finish(&iterations, threads);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_run_is_kept),
      cmocka_unit_test(another_result_is_wrong),
      cmocka_unit_test(failure_ends_all),
      cmocka_unit_test(without_a_mutator_nobody_runs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
