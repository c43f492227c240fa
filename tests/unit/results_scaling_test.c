/* Scaling: exponents of exact powers are found, growth is from 128 MiB up, curves need sizes enough and
 * are one per workload and collector.
 */
#include "results/scaling.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SUMMARIES_MAX = 16 };
static const double mebibyte = 1024 * 1024;

static struct results_summary summaries[SUMMARIES_MAX];
static struct results_run run;

static void assert_near(double actual, double expected) {
  if (!(fabs(actual - expected) <= 1e-9 * fmax(fabs(expected), 1)))
    fail_msg("%.12g instead of %.12g", actual, expected);
}

static void exponents_of_powers_are_found(void **state) {
  (void)state;
  static const double exponents[] = {0, 0.5, 1, -0.25};
  for (size_t index = 0; index < sizeof exponents / sizeof *exponents; index++) {
    struct results_scaling_point points[5];
    for (size_t place = 0; place < 5; place++) {
      points[place].live_bytes = mebibyte * pow(4, (double)place + 2); /* 16 MiB to 4 GiB */
      points[place].values[RESULTS_SCALING_PAUSE] =
          3 * pow(points[place].live_bytes, exponents[index]);
    }
    struct results_scaling_fit fit = results_scaling_fit_of(points, 5, RESULTS_SCALING_PAUSE);
    assert_near(fit.exponent, exponents[index]);
    assert_near(fit.scale, 3);
    assert_near(fit.growth, pow(16, exponents[index])); /* 256 MiB to 4 GiB */
  }
}

static void unknown_points_are_left_out(void **state) {
  (void)state;
  struct results_scaling_point points[4];
  for (size_t place = 0; place < 4; place++) {
    points[place].live_bytes = mebibyte * pow(2, (double)place + 7);
    points[place].values[RESULTS_SCALING_SCAVENGE] = place == 1 ? NAN : points[place].live_bytes;
  }
  struct results_scaling_fit fit = results_scaling_fit_of(points, 4, RESULTS_SCALING_SCAVENGE);
  assert_near(fit.exponent, 1);
  assert_near(fit.growth, 8);
  assert_near(fit.least, 128 * mebibyte);
  assert_near(fit.largest, 1024 * mebibyte);
  fit = results_scaling_fit_of(points, 3, RESULTS_SCALING_SCAVENGE);
  assert_true(isnan(fit.exponent)); /* two points are on any line */
}

static void add(const char *workload, const char *collector, double live_mebibytes) {
  struct results_summary *summary = &summaries[run.summary_count++];
  memset(summary, 0, sizeof *summary);
  results_trial_init(&summary->first);
  results_text_set(&summary->first.configuration.workload, workload);
  results_text_set(&summary->first.configuration.collector, collector);
  summary->statuses[RESULTS_ok] = 1;
  summary->median.live_bytes = live_mebibytes * mebibyte;
  summary->largest.cpu[RESULTS_ALL_KINDS].percentile_ns[RESULTS_MAX] = 1e6 * live_mebibytes;
}

static void curves_are_of_workloads_and_collectors(void **state) {
  (void)state;
  run = (struct results_run){.summaries = summaries};
  add("tree", "stw", 64);
  add("tree", "concurrent", 16);
  add("tree", "stw", 16);
  add("tree", "concurrent", 256);
  add("tree", "stw", 256);
  add("ring", "stw", 16);
  add("ring", "stw", 17);
  add("ring", "stw", 18);
  summaries[0].median.live_bytes = NAN; /* nothing was marked */
  add("tree", "stw", 1024);
  struct results_scaling scaling;
  assert_int_equal(results_scaling_derive(&run, &scaling), 0);
  assert_int_equal(scaling.count, 1); /* concurrent has two sizes, the ring's are all alike */
  assert_int_equal(scaling.curves[0].count, 3);
  assert_near(scaling.curves[0].points[0].live_bytes, 16 * mebibyte);
  assert_near(scaling.curves[0].points[2].live_bytes, 1024 * mebibyte);
  assert_near(scaling.curves[0].fits[RESULTS_SCALING_PAUSE].exponent, 1);
  results_scaling_finish(&scaling);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exponents_of_powers_are_found),
      cmocka_unit_test(unknown_points_are_left_out),
      cmocka_unit_test(curves_are_of_workloads_and_collectors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
