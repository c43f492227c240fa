/* Percentiles that enough samples support, medians, geometric means; intervals and tests against
 * hand-computed cases and printed tables, and how often they hold; figures as people read them. */
#include "results/statistics.h"
#include "results/units.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* 1, 2, … count. */
static double percentile_of(size_t count, double fraction) {
  uint64_t *values = malloc((count + 1) * sizeof *values);
  assert_non_null(values);
  for (size_t index = 0; index < count; index++)
    values[index] = count - index;
  results_sort(values, count);
  double percentile = results_percentile(values, count, fraction);
  free(values);
  return percentile;
}

static void ten_samples_beyond(void **state) {
  (void)state;
  assert_true(isnan(percentile_of(0, 0.5)));
  assert_true(isnan(percentile_of(19, 0.5)));
  assert_true(percentile_of(20, 0.5) == 10);
  assert_true(isnan(percentile_of(99, 0.9)));
  assert_true(percentile_of(100, 0.9) == 90);
  assert_true(percentile_of(110, 0.9) == 99);
  assert_true(isnan(percentile_of(999, 0.99)));
  assert_true(percentile_of(1000, 0.99) == 990);
  assert_true(isnan(percentile_of(9999, 0.999)));
  assert_true(percentile_of(10000, 0.999) == 9990);
}

static void medians_of_what_is_known(void **state) {
  (void)state;
  double odd[] = {3, NAN, 1, 2}, even[] = {4, 1, 3, 2}, none[] = {NAN, NAN};
  assert_true(results_median(odd, 4) == 2);
  assert_true(results_median(even, 4) == 2.5);
  assert_true(isnan(results_median(none, 2)));
  assert_true(isnan(results_median(none, 0)));
}

static void geometric_means(void **state) {
  (void)state;
  double values[] = {1, 10, 100}, none[] = {NAN, 0};
  assert_true(fabs(results_geometric_mean(values, 3) - 10) < 1e-12);
  assert_true(isnan(results_geometric_mean(none, 2)));
}

static void assert_near(double value, double expected, double tolerance) {
  if (!(fabs(value - expected) <= tolerance))
    fail_msg("%.9g instead of %.9g", value, expected);
}

/* From printed tables of the distribution. */
static void students_distribution(void **state) {
  (void)state;
  assert_near(results_student_limit(0.05, 1), 12.7062, 1e-4);
  assert_near(results_student_limit(0.05, 4), 2.776445, 1e-6);
  assert_near(results_student_limit(0.05, 5), 2.570582, 1e-6);
  assert_near(results_student_limit(0.01, 9), 3.249836, 1e-6);
  assert_near(results_student_limit(0.05, 100), 1.983972, 1e-6);
  assert_near(results_student_chance(0, 7), 1, 1e-12);
  assert_near(results_student_chance(1, 1), 0.5, 1e-12);
  assert_near(results_student_chance(-2.015048, 5), 0.1, 1e-6);
  assert_near(results_student_chance(2, 2), 1 - 2 / sqrt(6), 1e-12);
}

/* Mean 3, standard error sqrt(2.5 / 5), t of 4 degrees of freedom 2.776445. */
static void students_interval(void **state) {
  (void)state;
  double values[] = {5, 1, 2, 4, 3};
  struct results_interval interval = results_interval_of(values, 5, 1, 1);
  assert_true(interval.estimate == 3);
  assert_near(interval.low, 3 - 1.963243, 1e-6);
  assert_near(interval.high, 3 + 1.963243, 1e-6);
  assert_near(interval.p, results_student_chance(3 / sqrt(0.5), 4), 1e-12);
  interval = results_interval_of(values, 4, 1, 1);
  assert_true(interval.estimate == 3 && isnan(interval.low) && isnan(interval.p));
  assert_true(isnan(results_interval_of(values, 0, 1, 1).estimate));
}

static void equal_samples_have_no_spread(void **state) {
  (void)state;
  double ones[12], tenths[12];
  for (size_t index = 0; index < 12; index++) {
    ones[index] = 1;
    tenths[index] = 1.1;
  }
  struct results_interval interval = results_interval_of_ratios(ones, 12, 1, 1);
  assert_true(interval.low == 1 && interval.high == 1 && interval.p == 1);
  interval = results_interval_of_ratios(tenths, 6, 1, 1);
  assert_near(interval.low, 1.1, 1e-12);
  assert_true(interval.p == 0);
}

static double normal_of(uint64_t *state) {
  double deviates[2];
  for (size_t index = 0; index < 2; index++) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    deviates[index] = ((double)(*state >> 11) + 0.5) * 0x1p-53;
  }
  return sqrt(-2 * log(deviates[0])) * cos(2 * M_PI * deviates[1]);
}

/* Of 500 intervals of 95 %, how many cover the mean of what the samples are drawn from. The chance of
 * fewer than 462 or more than 488 is under 2 %, were the intervals exact. */
static size_t covered_of_500(size_t count, double skew) {
  uint64_t state = 5 + count;
  size_t covered = 0;
  double values[20], truth = skew > 0 ? exp(skew * skew / 2) : 0;
  for (size_t trial = 0; trial < 500; trial++) {
    for (size_t index = 0; index < count; index++) {
      double normal = normal_of(&state);
      values[index] = skew > 0 ? exp(skew * normal) : normal;
    }
    struct results_interval interval = results_interval_of(values, count, 1, trial);
    covered += interval.low <= truth && truth <= interval.high;
  }
  return covered;
}

static void intervals_cover_what_they_say(void **state) {
  (void)state;
  assert_in_range(covered_of_500(5, 0), 462, 488);
  assert_in_range(covered_of_500(10, 0), 462, 488);
  assert_in_range(covered_of_500(20, 0), 462, 488);
  assert_in_range(covered_of_500(20, 0.5), 457, 490);
}

/* The p value and the interval say the same. */
static void p_values_agree_with_intervals(void **state) {
  (void)state;
  uint64_t random = 99;
  for (size_t trial = 0; trial < 100; trial++) {
    double values[12];
    size_t count = trial % 2 ? 12 : 7;
    for (size_t index = 0; index < count; index++)
      values[index] = 0.6 + normal_of(&random);
    struct results_interval interval = results_interval_of(values, count, 1, trial);
    bool leaves_out = interval.low > 0 || interval.high < 0;
    assert_int_equal(leaves_out, interval.p <= 0.05);
    struct results_interval again = results_interval_of(values, count, 1, trial);
    assert_true(again.low == interval.low && again.p == interval.p);
  }
}

/* 0.005 <= 0.05 / 4, 0.01 <= 0.05 / 3, 0.03 > 0.05 / 2. */
static void holms_correction(void **state) {
  (void)state;
  double p_values[] = {0.01, NAN, 0.04, 0.03, 0.005};
  bool is_called[5];
  assert_int_equal(results_holm(p_values, 5, is_called), 4);
  assert_true(is_called[0] && is_called[4]);
  assert_false(is_called[1] || is_called[2] || is_called[3]);
  double alone[] = {0.04};
  assert_int_equal(results_holm(alone, 1, is_called), 1);
  assert_true(is_called[0]);
  assert_int_equal(results_holm(NULL, 0, NULL), 0);
}

static void figures_with_units(void **state) {
  (void)state;
  assert_string_equal(results_text_ns(NAN).text, "-");
  assert_string_equal(results_text_ns(0).text, "0 ns");
  assert_string_equal(results_text_ns(999).text, "999 ns");
  assert_string_equal(results_text_ns(1234).text, "1.23 us");
  assert_string_equal(results_text_ns(99949).text, "99.9 us");
  assert_string_equal(results_text_ns(99960).text, "100 us");
  assert_string_equal(results_text_ns(999700).text, "1.00 ms");
  assert_string_equal(results_text_ns(61e9).text, "61.0 s");
  assert_string_equal(results_text_ns(3600e9).text, "3600 s");
  assert_string_equal(results_text_bytes(51 << 20).text, "51 MiB");
  assert_string_equal(results_text_bytes(1152 << 20).text, "1.12 GiB");
  assert_string_equal(results_text_rate(1234567).text, "1.23 M/s");
  assert_string_equal(results_text_count(0).text, "0");
  assert_string_equal(results_text_count(1234567).text, "1,234,567");
  assert_string_equal(results_text_ratio(1).text, "1");
  assert_string_equal(results_text_ratio(0).text, "0");
  assert_string_equal(results_text_ratio(0.9999).text, "0.999");
  assert_string_equal(results_text_size(UINT64_C(53477376)).text, "51M");
  assert_string_equal(results_text_size(UINT64_C(53477377)).text, "53477377");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ten_samples_beyond),
      cmocka_unit_test(medians_of_what_is_known),
      cmocka_unit_test(geometric_means),
      cmocka_unit_test(students_distribution),
      cmocka_unit_test(students_interval),
      cmocka_unit_test(equal_samples_have_no_spread),
      cmocka_unit_test(intervals_cover_what_they_say),
      cmocka_unit_test(p_values_agree_with_intervals),
      cmocka_unit_test(holms_correction),
      cmocka_unit_test(figures_with_units),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
