/* The estimate of the time left: by configuration where it has run, by workload where that has, by
 * all otherwise; later invocations included. */
#include "harness/progress.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Two workloads with two configurations each, and the control. */
static const size_t workload_of[] = {0, 0, 1, 1, SIZE_MAX};
enum { CONFIGURATIONS = 5 };

/* As if a trial of the next configuration had taken that long. */
static void finish(struct progress *progress, uint64_t duration_ns) {
  progress->configuration_ns[progress->order[progress->place]] = duration_ns;
  progress->measured_ns += duration_ns;
  progress->done++;
  progress->place++;
}

static void estimates_follow_workloads(void **state) {
  (void)state;
  struct progress progress;
  size_t order[] = {0, 2, 1, 4, 3};
  progress_init(&progress, CONFIGURATIONS, workload_of);
  progress_set_total(&progress, CONFIGURATIONS);
  progress_begin_invocation(&progress, order, sizeof order / sizeof *order);
  assert_int_equal(progress_left_ns(&progress), 0); /* nothing is known */
  finish(&progress, 100);
  assert_int_equal(progress_left_ns(&progress), 100 * 4); /* all like the first */
  finish(&progress, 1000);
  /* configuration 1 like 0, 3 like 2, the control like the mean of both */
  assert_int_equal(progress_left_ns(&progress), 100 + 1000 + 550);
  finish(&progress, 300);
  assert_int_equal(progress_left_ns(&progress), 1000 + 1400 / 3);
  progress_set_total(&progress, 2 * CONFIGURATIONS);
  assert_int_equal(progress_left_ns(&progress), 1000 + 1400 / 3 + 100 + 300 + 2 * 1000 + 1400 / 3);
  progress_finish(&progress);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(estimates_follow_workloads)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
