/* Nearest names and how sizes and durations are written for people. */
#include "harness/nearest_name.h"
#include "harness/say.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void distance_counts_edits(void **state) {
  (void)state;
  static const struct {
    const char *left, *right;
    size_t distance;
  } cases[] = {
      {"", "", 0},
      {"", "abc", 3},
      {"abc", "", 3},
      {"stw", "stw", 0},
      {"swt", "stw", 1},
      {"kitten", "sitting", 3},
      {"ca", "abc", 3},
      {"concurent", "concurrent", 1},
      {"abcdef", "abcfed", 2},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_int_equal(name_distance(cases[i].left, cases[i].right), cases[i].distance);
    assert_int_equal(name_distance(cases[i].right, cases[i].left), cases[i].distance);
  }
}

static void distance_takes_long_words(void **state) {
  (void)state;
  char left[300], right[300];
  memset(left, 'a', sizeof left - 1);
  memset(right, 'b', sizeof right - 1);
  left[sizeof left - 1] = right[sizeof right - 1] = 0;
  assert_int_equal(name_distance(left, right), 63);
}

static void nearest_is_found_when_near(void **state) {
  (void)state;
  static const char *const names[] = {"stw", "epsilon", NULL, "concurrent", "gcbench"};
  enum { NAMES = sizeof names / sizeof *names };
  assert_string_equal(nearest_name("swt", names, NAMES), "stw");
  assert_string_equal(nearest_name("epsilno", names, NAMES), "epsilon");
  assert_string_equal(nearest_name("conc", names, NAMES), "concurrent");
  assert_string_equal(nearest_name("gcbnch", names, NAMES), "gcbench");
  assert_null(nearest_name("malloc", names, NAMES));
  assert_null(nearest_name("", names, NAMES));
  assert_null(nearest_name("stw", names, 0));
}

static void sizes_and_durations_are_short(void **state) {
  (void)state;
  assert_string_equal(say_size(0), "0");
  assert_string_equal(say_size(1023), "1023");
  assert_string_equal(say_size(1536), "1.50K");
  assert_string_equal(say_size(51u << 20), "51M");
  assert_string_equal(say_size((51u << 20) + (300u << 10)), "51.3M");
  assert_string_equal(say_size(UINT64_C(3) << 40), "3T");
  assert_string_equal(say_seconds(0.0204), "20 ms");
  assert_string_equal(say_seconds(1.25), "1.2 s");
  assert_string_equal(say_seconds(59), "59 s");
  assert_string_equal(say_seconds(75), "1 min 15 s");
  assert_string_equal(say_seconds(7260), "2 h 01 min");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(distance_counts_edits),
      cmocka_unit_test(distance_takes_long_words),
      cmocka_unit_test(nearest_is_found_when_near),
      cmocka_unit_test(sizes_and_durations_are_short),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
