/* The histogram and its .hgrm: ranges of equivalent values, percentiles, adding, rounding; and a
 * file of values whose .hgrm was printed by hdr-histogram-js.
 *
 * tests/golden/hgrm.sh compares with that library itself over random values; this needs no node.
 */
#include "results/hgrm.h"
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void ranges_of_equivalent_values(void **state) {
  (void)state;
  assert_int_equal(results_histogram_lowest_equivalent(2047), 2047);
  assert_int_equal(results_histogram_highest_equivalent(2047), 2047);
  assert_int_equal(results_histogram_lowest_equivalent(2049), 2048);
  assert_int_equal(results_histogram_highest_equivalent(2048), 2049);
  assert_int_equal(results_histogram_middle_equivalent(2048), 2049);
  assert_int_equal(results_histogram_lowest_equivalent(1000000), 999936);
  assert_int_equal(results_histogram_highest_equivalent(1000000), 1000447);
  for (uint64_t value = 1; value < UINT64_C(1) << 60; value = value * 5 / 4 + 1) {
    uint64_t low = results_histogram_lowest_equivalent(value);
    uint64_t high = results_histogram_highest_equivalent(value);
    assert_true(low <= value && value <= high);
    assert_true((high - low) * 1000 <= value); /* three significant figures */
    assert_int_equal(results_histogram_lowest_equivalent(high), low);
    assert_int_equal(results_histogram_highest_equivalent(high + 1) > high, 1);
  }
}

static void walks_what_was_recorded(void **state) {
  (void)state;
  static const uint64_t values[] = {0, 7, 7, 2048, 2049, 1000000, UINT64_C(1) << 40};
  struct results_histogram histogram = {0};
  for (size_t index = 0; index < sizeof values / sizeof *values; index++)
    assert_int_equal(results_histogram_record(&histogram, values[index], 1), 0);
  static const uint64_t lowest[] = {0, 7, 2048, 999936, UINT64_C(1) << 40};
  static const uint64_t counts[] = {1, 2, 2, 1, 1};
  struct results_histogram_range range = {0};
  size_t place = 0;
  while (results_histogram_next(&histogram, &range)) {
    assert_true(place < 5);
    assert_int_equal(range.lowest_value, lowest[place]);
    assert_int_equal(range.count, counts[place++]);
  }
  assert_int_equal(place, 5);
  assert_int_equal(range.count_up_to, 7);
  assert_int_equal(histogram.minimum_value, 0);
  assert_int_equal(histogram.maximum_value, UINT64_C(1) << 40);
  results_histogram_finish(&histogram);
}

static void percentiles_by_hand(void **state) {
  (void)state;
  struct results_histogram histogram = {0};
  assert_int_equal(results_histogram_percentile(&histogram, 50), 0);
  for (uint64_t value = 1; value <= 100; value++)
    assert_int_equal(results_histogram_record(&histogram, value, 1), 0);
  assert_int_equal(results_histogram_percentile(&histogram, 0), 1);
  assert_int_equal(results_histogram_percentile(&histogram, 50), 50);
  assert_int_equal(results_histogram_percentile(&histogram, 99), 99);
  assert_int_equal(results_histogram_percentile(&histogram, 99.1), 100);
  assert_int_equal(results_histogram_percentile(&histogram, 100), 100);
  assert_true(results_histogram_mean(&histogram) == 50.5);
  assert_true(fabs(results_histogram_deviation(&histogram) - sqrt(9999.0 / 12)) < 1e-9);
  results_histogram_finish(&histogram);
}

static void adding_is_recording_both(void **state) {
  (void)state;
  struct results_histogram both = {0}, first = {0}, second = {0};
  for (uint64_t value = 3; value < UINT64_C(1) << 41; value = value * 3 / 2) {
    assert_int_equal(results_histogram_record(value % 2 ? &first : &second, value, value % 5), 0);
    assert_int_equal(results_histogram_record(&both, value, value % 5), 0);
  }
  assert_int_equal(results_histogram_add(&first, &second), 0);
  assert_int_equal(first.total_count, both.total_count);
  assert_int_equal(first.minimum_value, both.minimum_value);
  assert_int_equal(first.maximum_value, both.maximum_value);
  struct results_histogram_range left = {0}, right = {0};
  while (results_histogram_next(&both, &left)) {
    assert_true(results_histogram_next(&first, &right));
    assert_memory_equal(&left, &right, sizeof left);
  }
  assert_false(results_histogram_next(&first, &right));
  results_histogram_finish(&both);
  results_histogram_finish(&first);
  results_histogram_finish(&second);
}

/* What Intl.NumberFormat of ECMA-402 prints. */
static void fixed_numbers(void **state) {
  (void)state;
  static const struct {
    double value;
    unsigned decimals;
    const char *text;
  } cases[] = {
      {0, 3, "0.000"},
      {1.0005, 3, "1.001"},
      {1.2345, 3, "1.235"},
      {0.0005, 3, "0.001"},
      {0.0004, 3, "0.000"},
      {999.9995, 3, "1000.000"},
      {9.9999, 3, "10.000"},
      {0.9, 12, "0.900000000000"},
      {1.005, 2, "1.01"},
      {102400, 2, "102400.00"},
      {0.5, 0, "1"},
      {123456.789, 1, "123456.8"},
      {3599999.999999, 3, "3600000.000"},
  };
  for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
    char text[64];
    results_format_fixed(text, sizeof text, cases[index].value, cases[index].decimals);
    assert_string_equal(text, cases[index].text);
  }
}

static char *read_file(const char *path) {
  FILE *stream = fopen(path, "r");
  assert_non_null(stream);
  char *text = calloc(1, 1 << 20);
  assert_non_null(text);
  fread(text, 1, (1 << 20) - 1, stream);
  fclose(stream);
  return text;
}

static void printed_as_the_library_does(void **state) {
  (void)state;
  char *values = read_file(TRICOLOR_SOURCE_DIR "/tests/golden/hgrm_values.txt");
  char *expected = read_file(TRICOLOR_SOURCE_DIR "/tests/golden/hgrm_expected.hgrm");
  struct results_histogram histogram = {0};
  char *at = values, *end;
  for (uint64_t value = strtoull(at, &end, 10); end != at; value = strtoull(at, &end, 10)) {
    assert_int_equal(results_histogram_record(&histogram, value, 1), 0);
    at = end;
  }
  assert_int_equal(histogram.total_count, 1212);
  char *printed = NULL;
  size_t size;
  FILE *stream = open_memstream(&printed, &size);
  results_hgrm_print(stream, &histogram);
  fclose(stream);
  assert_string_equal(printed, expected);
  results_histogram_finish(&histogram);
  free(printed);
  free(values);
  free(expected);
}

static void empty_histogram(void **state) {
  (void)state;
  struct results_histogram histogram = {0};
  char *printed = NULL;
  size_t size;
  FILE *stream = open_memstream(&printed, &size);
  results_hgrm_print(stream, &histogram);
  fclose(stream);
  assert_non_null(strstr(printed, "Total count    =            0]"));
  free(printed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ranges_of_equivalent_values),
      cmocka_unit_test(walks_what_was_recorded),
      cmocka_unit_test(percentiles_by_hand),
      cmocka_unit_test(adding_is_recording_both),
      cmocka_unit_test(fixed_numbers),
      cmocka_unit_test(printed_as_the_library_does),
      cmocka_unit_test(empty_histogram),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
