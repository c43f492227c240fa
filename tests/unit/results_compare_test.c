/* Comparisons of synthetic runs: of 100 pairs drawn from one distribution at least 95 are called
 * equal, a real difference is found, few trials give no verdict, and sides pair up as they should.
 *
 * Presets: release debug asan
 * Timeout: 60
 */
#include "results/compare.h"
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char error[1024];

/* SplitMix64: neighbouring seeds give unrelated sequences. */
static double uniform(uint64_t *state) {
  uint64_t mixed = (*state += UINT64_C(0x9e3779b97f4a7c15));
  mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
  return ((double)((mixed ^ mixed >> 31) >> 11) + 0.5) * 0x1p-53;
}

/* Log-normal around `middle`. */
static double skewed(uint64_t *state, double middle, double spread) {
  double first = uniform(state), second = uniform(state);
  return middle * exp(spread * sqrt(-2 * log(first)) * cos(2 * M_PI * second));
}

/* A run of as many invocations of each of some configurations. */
struct synthetic {
  struct results_run run;
  struct results_summary summaries[4];
  struct results_figures figures[4][20];
  struct results_ok_trial trials[4][20];
};

static struct results_figures draw(uint64_t *state, double factor) {
  struct results_figures figures;
  double *values = (double *)&figures;
  for (size_t index = 0; index < RESULTS_FIGURE_COUNT; index++)
    values[index] = NAN;
  double load = skewed(state, 1, 0.03); /* of the machine: moves everything of an invocation */
  double *percentiles = figures.wall[RESULTS_ALL_KINDS].percentile_ns;
  figures.wall_ns = factor * load * skewed(state, 1e9, 0.01);
  figures.cpu_ns = load * skewed(state, 1.5e9, 0.02);
  figures.stopped_ns = load * skewed(state, 1e8, 0.1);
  percentiles[RESULTS_P50] = load * skewed(state, 6e4, 0.05);
  percentiles[RESULTS_P99] = load * skewed(state, 2e6, 0.2);
  percentiles[RESULTS_MAX] = skewed(state, 6e6, 0.6);
  figures.mmu_1ms = 0;
  figures.mmu_10ms = 1 - fmin(1, skewed(state, 0.6, 0.3));
  figures.utilisation = 1 - load * skewed(state, 0.1, 0.05);
  figures.peak_heap_bytes = 51 << 20;
  figures.peak_rss_bytes = skewed(state, 9e7, 0.005);
  return figures;
}

static struct synthetic *synthetic_of(const char *directory, const char *const *collectors,
                                      size_t count, size_t trials, uint64_t seed) {
  struct synthetic *synthetic = calloc(1, sizeof *synthetic);
  assert_non_null(synthetic);
  snprintf(synthetic->run.directory, sizeof synthetic->run.directory, "%s", directory);
  synthetic->run.summaries = synthetic->summaries;
  synthetic->run.summary_count = count;
  for (size_t place = 0; place < count; place++) {
    struct results_summary *summary = &synthetic->summaries[place];
    results_trial_init(&summary->first);
    results_text_set(&summary->first.configuration.workload, "gcbench");
    results_text_set(&summary->first.configuration.collector, collectors[place]);
    results_text_set(&summary->first.configuration.barrier, "card");
    summary->first.configuration.heap_bytes = 51 << 20;
    snprintf(summary->slug, sizeof summary->slug, "gcbench.%s", collectors[place]);
    summary->trials = synthetic->figures[place];
    summary->ok_trials = synthetic->trials[place];
    summary->median = draw(&(uint64_t){seed}, 1);
    summary->trial_count = summary->statuses[RESULTS_ok] = trials;
    for (size_t trial = 0; trial < trials; trial++) {
      summary->ok_trials[trial].invocation = trial + 1;
      summary->trials[trial] = draw(&seed, 1);
    }
  }
  return synthetic;
}

static struct results_comparison_request all_of(const struct synthetic *first,
                                                const struct synthetic *second) {
  struct results_comparison_request request = {
      .first = {.run = &first->run}, .second = {.run = &second->run}, .seed = 1};
  for (size_t measure = 0; measure < RESULTS_MEASURE_COUNT; measure++)
    request.is_chosen[measure] = true;
  return request;
}

static struct results_comparison compare(const struct results_comparison_request *request) {
  struct results_comparison comparison;
  if (results_compare(request, &comparison, error, sizeof error))
    fail_msg("%s", error);
  return comparison;
}

static const char *const stw[] = {"stw"};
static const char *const three[] = {"stw", "incremental", "concurrent"};

/* A comparison is called equal when nothing of it is called different. The chance of an error is 5 %
 * for a whole comparison, so that of 100 as many as 95 are equal on average; over 1000, it was 963 to
 * 982, by the number of invocations. */
static size_t equal_of_100(size_t trials) {
  size_t equal = 0;
  for (uint64_t seed = 0; seed < 100; seed++) {
    struct synthetic *first = synthetic_of("first", three, 1 + seed % 3, trials, seed);
    struct synthetic *second = synthetic_of("second", three, 1 + seed % 3, trials, ~seed);
    struct results_comparison_request request = all_of(first, second);
    struct results_comparison comparison = compare(&request);
    assert_true(comparison.tested > 0);
    equal += comparison.better + comparison.worse == 0;
    results_comparison_finish(&comparison);
    free(first);
    free(second);
  }
  return equal;
}

static void the_same_is_called_equal(void **state) {
  (void)state;
  size_t few = equal_of_100(6), many = equal_of_100(12);
  if (few < 95 || many < 95)
    fail_msg("of 100 comparisons of the same, %zu of 6 and %zu of 12 invocations are equal", few,
             many);
}

static void a_difference_is_found(void **state) {
  (void)state;
  for (size_t trials = 6; trials <= 12; trials += 6) {
    struct synthetic *first = synthetic_of("first", stw, 1, trials, 3);
    struct synthetic *second = synthetic_of("second", stw, 1, trials, 4);
    uint64_t seed = 5;
    for (size_t trial = 0; trial < trials; trial++)
      second->figures[0][trial].wall_ns =
          first->figures[0][trial].wall_ns * skewed(&seed, 1.08, 0.01);
    struct results_comparison_request request = all_of(first, second);
    struct results_comparison comparison = compare(&request);
    const struct results_compared *wall = &comparison.pairs[0].measures[RESULTS_MEASURE_wall_ns];
    assert_int_equal(wall->verdict, RESULTS_WORSE);
    assert_true(wall->ratio.low < 1.08 && 1.08 < wall->ratio.high);
    assert_non_null(strstr(results_verdict_words(wall, comparison.tested).text, "% more"));
    assert_int_equal(comparison.worse, 1);
    assert_int_equal(comparison.better, 0);
    results_comparison_finish(&comparison);
    free(first);
    free(second);
  }
}

/* mmu of 0 on both sides, a peak that is the same, a percentile without samples. */
static void what_has_no_ratio(void **state) {
  (void)state;
  struct synthetic *first = synthetic_of("first", stw, 1, 6, 3);
  struct synthetic *second = synthetic_of("second", stw, 1, 6, 4);
  struct results_comparison_request request = all_of(first, second);
  struct results_comparison comparison = compare(&request);
  const struct results_compared *measures = comparison.pairs[0].measures;
  assert_int_equal(measures[RESULTS_MEASURE_mmu_1ms].verdict, RESULTS_EQUAL);
  assert_true(measures[RESULTS_MEASURE_mmu_1ms].ratio.estimate == 1);
  assert_int_equal(measures[RESULTS_MEASURE_peak_heap_bytes].verdict, RESULTS_EQUAL);
  assert_int_equal(measures[RESULTS_MEASURE_pause_p99_9_ns].verdict, RESULTS_NOT_KNOWN);
  results_comparison_finish(&comparison);
  for (size_t trial = 0; trial < 6; trial++)
    second->figures[0][trial].mmu_1ms = 0.75; /* a quarter is taken where all was */
  comparison = compare(&request);
  assert_int_equal(comparison.pairs[0].measures[RESULTS_MEASURE_mmu_1ms].verdict, RESULTS_BETTER);
  assert_true(fabs(comparison.pairs[0].measures[RESULTS_MEASURE_mmu_1ms].ratio.estimate - 0.25) <
              1e-12);
  results_comparison_finish(&comparison);
  free(first);
  free(second);
}

static void four_pairs_are_too_few(void **state) {
  (void)state;
  struct synthetic *first = synthetic_of("first", stw, 1, 6, 3);
  struct synthetic *second = synthetic_of("second", stw, 1, 6, 4);
  for (size_t trial = 4; trial < 6; trial++)
    second->trials[0][trial].invocation += 10; /* the other side does not have them */
  struct results_comparison_request request = all_of(first, second);
  struct results_comparison comparison = compare(&request);
  const struct results_compared *wall = &comparison.pairs[0].measures[RESULTS_MEASURE_wall_ns];
  assert_int_equal(wall->pairs, 4);
  assert_int_equal(wall->verdict, RESULTS_TOO_FEW);
  assert_true(isnan(wall->ratio.low) && !isnan(wall->ratio.estimate));
  assert_int_equal(comparison.tested, 0);
  results_comparison_finish(&comparison);
  free(first);
  free(second);
}

static void collectors_of_one_run(void **state) {
  (void)state;
  struct synthetic *synthetic = synthetic_of("run", three, 3, 6, 3);
  struct results_comparison_request request = all_of(synthetic, synthetic);
  struct results_comparison comparison;
  assert_int_equal(results_compare(&request, &comparison, error, sizeof error), -EINVAL);
  request.first.collector = "stw";
  request.second.collector = "concurrent";
  comparison = compare(&request);
  assert_int_equal(comparison.pair_count, 1);
  assert_ptr_equal(comparison.pairs[0].first, &synthetic->summaries[0]);
  assert_ptr_equal(comparison.pairs[0].second, &synthetic->summaries[2]);
  results_comparison_finish(&comparison);
  /* Settings differ: still the same work, when nothing is nearer. */
  synthetic->summaries[2].first.configuration.nursery_bytes = 1 << 20;
  comparison = compare(&request);
  assert_int_equal(comparison.pair_count, 1);
  results_comparison_finish(&comparison);
  synthetic->summaries[2].first.configuration.heap_bytes *= 2;
  assert_int_equal(results_compare(&request, &comparison, error, sizeof error), -ENODATA);
  free(synthetic);
}

static void quick_and_full_are_not_mixed(void **state) {
  (void)state;
  struct synthetic *first = synthetic_of("first", stw, 1, 6, 3);
  struct synthetic *second = synthetic_of("second", stw, 1, 6, 4);
  struct results_comparison_request request = all_of(first, second);
  struct results_comparison comparison;
  second->run.is_quick = true;
  assert_int_equal(results_compare(&request, &comparison, error, sizeof error), -EINVAL);
  assert_non_null(strstr(error, "second is a quick run and first is a full one"));
  free(first);
  free(second);
}

static void what_did_not_finish_is_named(void **state) {
  (void)state;
  struct synthetic *first = synthetic_of("first", stw, 1, 6, 3);
  struct synthetic *second = synthetic_of("second", stw, 1, 6, 4);
  struct results_comparison_request request = all_of(first, second);
  second->summaries[0].statuses[RESULTS_ok] = 0;
  second->summaries[0].statuses[RESULTS_out_of_memory] = 6;
  snprintf(second->summaries[0].failure, 64, "the heap of 51M was exhausted");
  struct results_comparison comparison = compare(&request);
  assert_int_equal(comparison.unfinished, 1);
  assert_int_equal(comparison.pair_count, 0);
  assert_int_equal(comparison.note_count, 1);
  assert_non_null(strstr(comparison.notes[0], "exhausted"));
  results_comparison_finish(&comparison);
  free(first);
  free(second);
}

/* Three workloads, each a third slower than the other side: so is their geometric mean. */
static void overall_is_the_geometric_mean(void **state) {
  (void)state;
  struct synthetic *first = synthetic_of("first", three, 3, 6, 3);
  struct synthetic *second = synthetic_of("second", three, 3, 6, 4);
  static const double factors[] = {2, 1, 0.5};
  for (size_t place = 0; place < 3; place++)
    for (size_t trial = 0; trial < 6; trial++)
      second->figures[place][trial].wall_ns =
          first->figures[place][trial].wall_ns * factors[place] * 1.5;
  struct results_comparison_request request = all_of(first, second);
  struct results_comparison comparison = compare(&request);
  assert_int_equal(comparison.pair_count, 3);
  assert_true(fabs(comparison.overall[RESULTS_MEASURE_wall_ns].ratio.estimate - 1.5) < 1e-9);
  assert_int_equal(comparison.overall[RESULTS_MEASURE_wall_ns].pairs, 6);
  results_comparison_finish(&comparison);
  free(first);
  free(second);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_is_called_equal),
      cmocka_unit_test(a_difference_is_found),
      cmocka_unit_test(what_has_no_ratio),
      cmocka_unit_test(four_pairs_are_too_few),
      cmocka_unit_test(collectors_of_one_run),
      cmocka_unit_test(quick_and_full_are_not_mixed),
      cmocka_unit_test(what_did_not_finish_is_named),
      cmocka_unit_test(overall_is_the_geometric_mean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
