/* The control trial: its gaps are in order, inside the trial, at least as long as promised, and
 * cost no more CPU time than they lasted. */
#include "harness/ring.h"
#include "harness/trial.h"
#include "harness/workload_choice.h"
#include "results/trial.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static void gaps_are_plausible(void **state) {
  (void)state;
  struct results_trial trial;
  struct gc_event_ring ring;
  struct trial_shared *shared = calloc(1, sizeof *shared);
  assert_non_null(shared);
  assert_int_equal(gc_event_ring_init(&ring, 0), 0);
  results_trial_init(&trial);
  trial.configuration.quick = true;
  assert_int_equal(idle_trial_run(&trial, shared, &ring, "idle_test.events.zst"), HARNESS_DONE);
  assert_int_equal(trial.status, RESULTS_ok);
  assert_true(trial.result.wall_ns >= IDLE_QUICK_NS);
  assert_int_equal(trial.recording.events, ring_event_count(&ring));

  uint64_t previous_end_ns = 0, gaps_ns = 0;
  size_t timed = 0;
  for (size_t head = 0; head < ring.used_words; head = ring_next(&ring, head)) {
    if (ring_number_at(&ring, head) == GC_EVENT_gap) {
      const struct gc_event_gap *gap = (const void *)ring_fields_at(&ring, head);
      assert_true(gap->begin_ns >= previous_end_ns);
      assert_true(gap->end_ns - gap->begin_ns >= 1000);
      assert_true(gap->cpu_ns <= gap->end_ns - gap->begin_ns);
      previous_end_ns = gap->end_ns;
      gaps_ns += gap->end_ns - gap->begin_ns;
    } else {
      assert_int_equal(ring_number_at(&ring, head), GC_EVENT_timed);
      timed++;
    }
  }
  assert_int_equal(timed, 1);
  assert_true(gaps_ns <= trial.result.wall_ns);
  gc_event_ring_finish(&ring);
  results_trial_finish(&trial);
  free(shared);
  unlink("idle_test.events.zst");
}

static void mutators_have_seeds_of_their_own(void **state) {
  (void)state;
  assert_true(workload_mutator_seed(5, 0) == 5);
  for (unsigned i = 1; i < 100; i++) {
    assert_true(workload_mutator_seed(5, i) != workload_mutator_seed(5, i - 1));
    assert_true(workload_mutator_seed(5, i) == workload_mutator_seed(5, i));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gaps_are_plausible),
      cmocka_unit_test(mutators_have_seeds_of_their_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
