/* Leak detectors, on series whose answers were worked out by hand: trends with and without ties,
 * growth at each edge of its rule, survivors by site, verdicts, and the file of samples.
 */
#include "results/file.h"
#include "results/leak_images.h"
#include "results/leak_verdict.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB (1024.0 * 1024.0)
enum { SAMPLES = 24 };

static double work[SAMPLES], bytes[SAMPLES];

static void assert_near(double value, double expected) {
  if (!(fabs(value - expected) < 1e-3 * (1 + fabs(expected))))
    fail_msg("%g is not %g", value, expected);
}

/* The slopes are -1 -1 1/3 1/2 3/4 1 1 4/3 2 3; 8 pairs rise and 2 fall; S has variance 5 * 4 * 15 /
 * 18; the interval reaches 8.0 ranks, so it is all of them. */
static void a_trend_by_hand(void **state) {
  (void)state;
  const double x[] = {0, 1, 2, 3, 4}, y[] = {1, 3, 2, 5, 4};
  struct results_trend trend = results_trend_of(x, y, 5);
  assert_near(trend.slope, 0.875);
  assert_near(trend.low, -1);
  assert_near(trend.high, 3);
  assert_near(trend.p, 0.22067);
  assert_int_equal(trend.points, 5);
}

/* S is 2, and its variance 66 / 18 less 18 / 18 for the pair of ones. */
static void ties_by_hand(void **state) {
  (void)state;
  const double x[] = {0, 1, 2}, y[] = {1, 1, 2}, level[] = {7, 7, 7};
  assert_near(results_trend_of(x, y, 3).p, 0.54029);
  struct results_trend trend = results_trend_of(x, level, 3);
  assert_true(trend.slope == 0 && trend.low == 0 && trend.high == 0 && trend.p == 1);
  assert_true(isnan(results_trend_of(x, y, 1).slope));
}

/* Ten points in a row have 45 slopes, S = 45 and a variance of 125: the interval leaves out
 * (45 - 21.9) / 2 ranks on either side. */
static void an_interval_leaves_out_the_ends(void **state) {
  (void)state;
  double x[10], y[10];
  for (size_t i = 0; i < 10; i++) {
    x[i] = (double)i;
    y[i] = (double)(i * i); /* the slope of the pair i, j is i + j: 1 to 17 */
  }
  struct results_trend trend = results_trend_of(x, y, 10);
  assert_near(trend.slope, 9);
  assert_near(trend.low, 6); /* the 11th: 1 2 3 3 4 4 5 5 6 6 6 */
  assert_near(trend.high, 12);
  assert_near(trend.p, 8.303e-5);
}

static struct results_leak_growth growth_of(size_t count, double live_bytes) {
  struct results_leak_scale scale = {SAMPLES, live_bytes, 1};
  return results_leak_growth_of(work, bytes, count, &scale);
}

static void fill(double start, double slope) {
  for (size_t i = 0; i < SAMPLES; i++) {
    work[i] = (double)i;
    bytes[i] = start + slope * (double)i;
  }
}

static void growth_at_the_edges_of_its_rule(void **state) {
  (void)state;
  fill(100, 1);
  struct results_leak_growth growth = growth_of(SAMPLES, 112);
  assert_int_equal(growth.verdict, RESULTS_LEAK_FOUND);
  assert_int_equal(growth.trend.points, 18);
  assert_true(growth.goes_on);
  assert_near(growth.growth_bytes, 24);
  assert_int_equal(growth_of(SAMPLES, 1199).verdict, RESULTS_LEAK_FOUND); /* 2 % are 23.98 */
  assert_int_equal(growth_of(SAMPLES, 1201).verdict, RESULTS_LEAK_UNDECIDED);
  assert_int_equal(growth_of(10, 112).verdict, RESULTS_LEAK_FOUND); /* 8 are left */
  assert_int_equal(growth_of(9, 112).verdict, RESULTS_LEAK_UNDECIDED);
  fill(100, 0);
  assert_int_equal(growth_of(SAMPLES, 100).verdict, RESULTS_LEAK_CLEAN);
  fill(100, -1);
  assert_int_equal(growth_of(SAMPLES, 100).verdict, RESULTS_LEAK_CLEAN);
  assert_int_equal(growth_of(0, 100).verdict, RESULTS_LEAK_UNDECIDED);
}

static void warm_up_and_noise_are_no_growth(void **state) {
  (void)state;
  for (size_t i = 0; i < SAMPLES; i++)
    bytes[i] = i < 6 ? 10.0 * (double)i : 60 + (i % 2 ? 5 : -5);
  struct results_leak_growth growth = growth_of(SAMPLES, 60);
  assert_int_equal(growth.verdict, RESULTS_LEAK_CLEAN);
}

/* What is full after half of the samples rises by the rule, and has ended. */
static void a_cache_that_fills_has_ended(void **state) {
  (void)state;
  for (size_t i = 0; i < SAMPLES; i++)
    bytes[i] = i < 16 ? 10.0 * (double)i : 150;
  struct results_leak_growth growth = growth_of(SAMPLES, 130);
  assert_int_equal(growth.verdict, RESULTS_LEAK_FOUND);
  assert_false(growth.goes_on);
}

/* --- sites and verdicts ------------------------------------------------------------------------
 */

/* Two sites: `churn` goes up and down, `kept` grows by slope; survivors are all of kept. */
static struct results_leak_samples samples_of(double slope, size_t stops_at) {
  struct results_leak_samples samples = {.work_total = SAMPLES, .heap_limit_bytes = 100 * MIB};
  for (size_t i = 0; i < SAMPLES; i++) {
    double kept = slope * (double)(i < stops_at ? i : stops_at) + MIB;
    double churn = i % 2 ? 8 * MIB : 7 * MIB;
    struct results_leak_sample sample = {.work = (double)i,
                                         .time_ns = 1e9 * (double)i,
                                         .heap_bytes = kept + churn,
                                         .external_bytes = 0};
    assert_int_equal(results_leak_samples_add(&samples, &sample), 0);
    struct results_leak_site *site = results_leak_samples_site(&samples, "churn");
    site->counts[i] = (struct results_leak_count){1, churn, MIB};
    site = results_leak_samples_site(&samples, "kept");
    site->counts[i] = (struct results_leak_count){2, kept, kept};
    assert_int_equal(results_leak_site_set_path(site, "handle > kept"), 0);
  }
  return samples;
}

static void a_leak_is_named(void **state) {
  (void)state;
  struct results_leak_samples samples = samples_of(MIB, SAMPLES);
  struct results_leak_judgement judgement;
  assert_int_equal(results_leak_judge(&samples, &judgement), 0);
  assert_int_equal(judgement.verdict, RESULTS_LEAK_FOUND);
  assert_int_equal(judgement.growth_verdict, RESULTS_LEAK_FOUND);
  assert_string_equal(samples.sites[judgement.survivors.suspects[0].site].name, "kept");
  assert_false(judgement.is_external);
  assert_near(judgement.bytes_per_operation, MIB);
  assert_near(judgement.bytes_per_s, MIB);
  assert_near(judgement.seconds_to_limit, 100 - 32); /* 24 and 8 MiB are live */
  results_leak_judgement_finish(&judgement);
  results_leak_samples_finish(&samples);
}

static void what_is_filled_or_flat_is_clean(void **state) {
  (void)state;
  for (size_t stops_at = 0; stops_at <= 14; stops_at += 7) {
    struct results_leak_samples samples = samples_of(MIB, stops_at);
    struct results_leak_judgement judgement;
    assert_int_equal(results_leak_judge(&samples, &judgement), 0);
    assert_int_equal(judgement.verdict, RESULTS_LEAK_CLEAN);
    assert_int_equal(judgement.survivors.verdict, RESULTS_LEAK_CLEAN);
    results_leak_judgement_finish(&judgement);
    results_leak_samples_finish(&samples);
  }
}

/* The heap grows, and no site's survivors do: nobody can be blamed. */
static void detectors_that_disagree_decide_nothing(void **state) {
  (void)state;
  struct results_leak_samples samples = samples_of(0, 0);
  for (size_t i = 0; i < SAMPLES; i++)
    samples.items[i].heap_bytes += MIB * (double)i;
  struct results_leak_judgement judgement;
  assert_int_equal(results_leak_judge(&samples, &judgement), 0);
  assert_int_equal(judgement.growth_verdict, RESULTS_LEAK_FOUND);
  assert_int_equal(judgement.survivors.verdict, RESULTS_LEAK_CLEAN);
  assert_int_equal(judgement.verdict, RESULTS_LEAK_UNDECIDED);
  results_leak_judgement_finish(&judgement);
  results_leak_samples_finish(&samples);
}

static void nothing_is_known_of_nothing(void **state) {
  (void)state;
  struct results_leak_samples samples = {0};
  struct results_leak_judgement judgement;
  assert_int_equal(results_leak_judge(&samples, &judgement), 0);
  assert_int_equal(judgement.verdict, RESULTS_LEAK_UNDECIDED);
  results_leak_judgement_finish(&judgement);
}

/* Live is 10 MiB, and the images are 6 and 11 of 24 parts apart: 2 % of the whole run are reached at
 * 0.2 MiB * 6 / 24 that stayed and at 0.2 MiB * 11 / 24 of growth. */
static void images_at_the_edges_of_their_rules(void **state) {
  (void)state;
  struct results_leak_samples samples = samples_of(0, 0);
  for (size_t i = 0; i < SAMPLES; i++) {
    samples.items[i].heap_bytes = 10 * MIB;
    samples.items[i].external_bytes = 0;
  }
  struct results_leak_images *images = &samples.images;
  assert_int_equal(results_leak_stayed_verdict(&samples), RESULTS_LEAK_UNDECIDED);
  *images = (struct results_leak_images){.is_known = true,
                                         .first_work = SAMPLES / 2,
                                         .second_work = SAMPLES * 3 / 4,
                                         .third_work = SAMPLES - 1,
                                         .grown_before_bytes = MIB};
  images->stayed_bytes = 0.049 * MIB;
  images->grown_after_bytes = 1.09 * MIB;
  assert_int_equal(results_leak_stayed_verdict(&samples), RESULTS_LEAK_CLEAN);
  assert_int_equal(results_leak_retained_verdict(&samples), RESULTS_LEAK_CLEAN);
  images->stayed_bytes = 0.051 * MIB;
  images->grown_after_bytes = 1.093 * MIB;
  assert_int_equal(results_leak_stayed_verdict(&samples), RESULTS_LEAK_FOUND);
  assert_int_equal(results_leak_retained_verdict(&samples), RESULTS_LEAK_FOUND);
  results_leak_samples_finish(&samples);
}

static void samples_come_back_from_their_file(void **state) {
  (void)state;
  char error[512];
  struct results_leak_samples samples = samples_of(MIB, SAMPLES), read;
  samples.images = (struct results_leak_images){
      .is_known = true, .third_work = 23, .stayed_type = "kept", .stayed_bytes = 4096};
  assert_int_equal(results_leak_samples_write("samples.json", &samples, error, sizeof error), 0);
  assert_int_equal(results_leak_samples_read("samples.json", &read, error, sizeof error), 0);
  assert_int_equal(read.count, SAMPLES);
  assert_int_equal(read.site_count, 2);
  assert_memory_equal(read.items, samples.items, SAMPLES * sizeof *read.items);
  assert_string_equal(read.sites[1].path, "handle > kept");
  assert_memory_equal(read.sites[1].counts, samples.sites[1].counts,
                      SAMPLES * sizeof *read.sites[1].counts);
  assert_true(read.heap_limit_bytes == 100 * MIB && read.work_total == SAMPLES);
  assert_memory_equal(&read.images, &samples.images, sizeof read.images);
  results_leak_samples_finish(&read);
  results_leak_samples_finish(&samples);
  assert_int_equal(
      results_file_write_text("samples.json", "{\"samples\": 1}\n", error, sizeof error), 0);
  assert_true(results_leak_samples_read("samples.json", &read, error, sizeof error) < 0);
  results_leak_samples_finish(&read);
  assert_non_null(strstr(error, "samples.json"));
  unlink("samples.json");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_trend_by_hand),
      cmocka_unit_test(ties_by_hand),
      cmocka_unit_test(an_interval_leaves_out_the_ends),
      cmocka_unit_test(growth_at_the_edges_of_its_rule),
      cmocka_unit_test(warm_up_and_noise_are_no_growth),
      cmocka_unit_test(a_cache_that_fills_has_ended),
      cmocka_unit_test(a_leak_is_named),
      cmocka_unit_test(what_is_filled_or_flat_is_clean),
      cmocka_unit_test(detectors_that_disagree_decide_nothing),
      cmocka_unit_test(nothing_is_known_of_nothing),
      cmocka_unit_test(images_at_the_edges_of_their_rules),
      cmocka_unit_test(samples_come_back_from_their_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
