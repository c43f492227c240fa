/* MMU and BMU: hand-computed vectors, the facts every utilisation curve obeys, and random curves
 * against a computation that tries every window.
 *
 * The random part takes its seed from the first argument and prints it.
 */
#include "results/mmu.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static uint64_t seed = 20261122;

static uint64_t random_below(uint64_t bound) {
  seed += UINT64_C(0x9e3779b97f4a7c15);
  uint64_t mixed = (seed ^ seed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  return (mixed ^ mixed >> 31) % bound;
}

static void assert_near(double actual, double expected) {
  if (!(fabs(actual - expected) < 1e-12))
    fail_msg("%.15g instead of %.15g", actual, expected);
}

/* Pauses 10..20 and 25..30 in 0..100. */
static void mutator_view_by_hand(void **state) {
  (void)state;
  struct results_span pauses[] = {{25, 30}, {10, 20}};
  struct results_utilisation utilisation;
  assert_int_equal(
      results_utilisation_of_pauses(&utilisation, pauses, 2, (struct results_span){0, 100}), 0);
  assert_near(results_utilisation_mean(&utilisation), 0.85);
  assert_near(results_mmu(&utilisation, 5), 0);
  assert_near(results_mmu(&utilisation, 10), 0);        /* exactly the longest pause */
  assert_near(results_mmu(&utilisation, 11), 1.0 / 11); /* one unit beside it */
  assert_near(results_mmu(&utilisation, 15), 5.0 / 15); /* 10..25 or 15..30: 5 */
  assert_near(results_mmu(&utilisation, 20), 5.0 / 20); /* 10..30 */
  assert_near(results_mmu(&utilisation, 40), 25.0 / 40);
  assert_near(results_mmu(&utilisation, 100), 0.85);
  assert_true(isnan(results_mmu(&utilisation, 101)));
  assert_true(isnan(results_mmu(&utilisation, 0)));
  results_utilisation_finish(&utilisation);
}

/* BMU differs from MMU where a longer window is worse: pauses 0..4, 8..12 and so on. */
static void bounded_by_longer_windows(void **state) {
  (void)state;
  struct results_span pauses[] = {{10, 14}, {18, 22}};
  struct results_utilisation utilisation;
  assert_int_equal(
      results_utilisation_of_pauses(&utilisation, pauses, 2, (struct results_span){0, 60}), 0);
  uint64_t windows[] = {4, 8, 12, 60};
  double mmu[4], bmu[4];
  results_mmu_curve(&utilisation, windows, 4, mmu, bmu);
  assert_near(mmu[1], 4.0 / 8);
  assert_near(mmu[2], 4.0 / 12); /* worse than the shorter window */
  assert_near(bmu[1], 4.0 / 12);
  assert_near(bmu[0], 0);
  assert_near(bmu[3], 52.0 / 60);
  /* Exact, whatever windows are asked for: 12 is the worst of 8 and more, and in no list here. */
  assert_near(results_bmu(&utilisation, 8), 4.0 / 12);
  assert_near(results_bmu(&utilisation, 13), 5.0 / 13);
  assert_near(results_bmu(&utilisation, 60), 52.0 / 60);
  assert_true(isnan(results_bmu(&utilisation, 61)));
  assert_true(isnan(results_bmu(&utilisation, 0)));
  results_utilisation_finish(&utilisation);
}

/* Two processors: a stop 10..20, one worker 20..40, two workers 30..35, in 0..50. */
static void capacity_view_by_hand(void **state) {
  (void)state;
  struct results_span stops[] = {{10, 20}};
  struct results_span workers[] = {{15, 40}, {30, 35}};
  struct results_utilisation utilisation;
  assert_int_equal(results_utilisation_of_capacity(&utilisation, stops, 1, workers, 2, 2,
                                                   (struct results_span){0, 50}),
                   0);
  assert_near(results_utilisation_mean(&utilisation), (10 + 0 + 5 + 0 + 2.5 + 10) / 50);
  assert_near(results_mmu(&utilisation, 5), 0);
  assert_near(results_mmu(&utilisation, 10), 0);
  assert_near(results_mmu(&utilisation, 20), 5.0 / 20); /* 10..30 */
  assert_near(results_mmu(&utilisation, 25), 5.0 / 25); /* 10..35 */
  results_utilisation_finish(&utilisation);
}

static void nothing_to_stand_on(void **state) {
  (void)state;
  struct results_span pause = {5, 9};
  struct results_utilisation utilisation;
  assert_int_equal(
      results_utilisation_of_pauses(&utilisation, &pause, 1, (struct results_span){7, 7}), 0);
  assert_true(isnan(results_utilisation_mean(&utilisation)));
  results_utilisation_finish(&utilisation);
  assert_int_equal(
      results_utilisation_of_pauses(&utilisation, NULL, 0, (struct results_span){0, 9}), 0);
  assert_near(results_mmu(&utilisation, 3), 1);
  results_utilisation_finish(&utilisation);
  struct results_span beyond = {0, 100};
  assert_int_equal(
      results_utilisation_of_pauses(&utilisation, &beyond, 1, (struct results_span){40, 50}), 0);
  assert_near(results_mmu(&utilisation, 10), 0);
  results_utilisation_finish(&utilisation);
}

enum { length = 120, span_max = 12, cores_max = 4 };

struct random_curve {
  struct results_span stops[span_max], workers[span_max];
  size_t stop_count, worker_count;
  uint64_t cores;
};

static struct random_curve random_curve(void) {
  struct random_curve curve = {.cores = 1 + random_below(cores_max),
                               .stop_count = random_below(span_max),
                               .worker_count = random_below(span_max)};
  for (size_t index = 0; index < curve.stop_count; index++) {
    uint64_t begin = random_below(length);
    curve.stops[index] = (struct results_span){begin, begin + random_below(10)};
  }
  for (size_t index = 0; index < curve.worker_count; index++) {
    uint64_t begin = random_below(length);
    curve.workers[index] = (struct results_span){begin, begin + random_below(30)};
  }
  return curve;
}

/* u at every unit of time, as a number of processors. */
static void plain_curve(const struct random_curve *curve, uint64_t available[length]) {
  for (uint64_t time = 0; time < length; time++) {
    uint64_t busy = 0;
    for (size_t index = 0; index < curve->worker_count; index++)
      busy += curve->workers[index].begin_ns <= time && time < curve->workers[index].end_ns;
    for (size_t index = 0; index < curve->stop_count; index++)
      if (curve->stops[index].begin_ns <= time && time < curve->stops[index].end_ns)
        busy = curve->cores;
    available[time] = busy < curve->cores ? curve->cores - busy : 0;
  }
}

static double plain_mmu(const uint64_t available[length], uint64_t cores, uint64_t window) {
  uint64_t least = UINT64_MAX;
  for (uint64_t begin = 0; begin + window <= length; begin++) {
    uint64_t sum = 0;
    for (uint64_t time = begin; time < begin + window; time++)
      sum += available[time];
    least = sum < least ? sum : least;
  }
  return (double)least / (double)(window * cores);
}

static void check_facts(const struct results_utilisation *utilisation,
                        const uint64_t available[length]) {
  uint64_t windows[length];
  double mmu[length], bmu[length];
  for (uint64_t index = 0; index < length; index++)
    windows[index] = index + 1;
  results_mmu_curve(utilisation, windows, length, mmu, bmu);
  size_t longest = 0, run = 0;
  for (size_t time = 0; time < length; time++) {
    run = available[time] == 0 ? run + 1 : 0;
    longest = run > longest ? run : longest;
  }
  double least = 1;
  for (size_t index = length; index-- > 0;) {
    least = fmin(least, mmu[index]);
    assert_near(bmu[index], least); /* breakpoints are whole numbers: so is the worst window */
  }
  for (size_t index = 0; index < length; index++) {
    assert_true(bmu[index] <= mmu[index] + 1e-12);
    assert_true(index == 0 || bmu[index] >= bmu[index - 1] - 1e-12);
    assert_true((mmu[index] == 0) == (windows[index] <= longest));
  }
  assert_near(mmu[length - 1], results_utilisation_mean(utilisation));
}

static void random_curves(void **state) {
  (void)state;
  print_message("seed %llu\n", (unsigned long long)seed);
  for (int round = 0; round < 400; round++) {
    struct random_curve curve = random_curve();
    uint64_t available[length];
    plain_curve(&curve, available);
    struct results_utilisation utilisation;
    assert_int_equal(results_utilisation_of_capacity(&utilisation, curve.stops, curve.stop_count,
                                                     curve.workers, curve.worker_count, curve.cores,
                                                     (struct results_span){0, length}),
                     0);
    for (uint64_t window = 1; window <= length; window++)
      assert_near(results_mmu(&utilisation, window), plain_mmu(available, curve.cores, window));
    check_facts(&utilisation, available);
    results_utilisation_finish(&utilisation);
  }
}

int main(int argument_count, char **arguments) {
  if (argument_count > 1)
    seed = strtoull(arguments[1], NULL, 10);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mutator_view_by_hand),  cmocka_unit_test(bounded_by_longer_windows),
      cmocka_unit_test(capacity_view_by_hand), cmocka_unit_test(nothing_to_stand_on),
      cmocka_unit_test(random_curves),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
