/* Percentiles that enough samples support, medians, geometric means, and figures as people read
 * them. */
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
      cmocka_unit_test(figures_with_units),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
