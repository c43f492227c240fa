/* Lower-bound overhead of runs small enough to compute by hand. Times are in units that stand for
 * whatever one likes.
 *
 * Presets: release debug asan
 */
#include "results/lbo.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { summaries_max = 16 };

static struct results_summary summaries[summaries_max];
static struct results_figures trials[summaries_max][8];
static struct results_run run;

static void assert_near(double actual, double expected) {
  if (!(fabs(actual - expected) < 1e-9))
    fail_msg("%.12g instead of %.12g", actual, expected);
}

static int start(void **state) {
  (void)state;
  memset(summaries, 0, sizeof summaries);
  run = (struct results_run){.cores = 2, .summaries = summaries};
  return 0;
}

/* One configuration, of one trial. */
static struct results_summary *add(const char *workload, const char *collector, double multiple,
                                   double wall, double explicit_wall, double cpu,
                                   double explicit_cpu) {
  struct results_summary *summary = &summaries[run.summary_count];
  struct results_configuration *configuration = &summary->first.configuration;
  results_text_set(&configuration->workload, workload);
  results_text_set(&configuration->collector, collector);
  results_text_set(&configuration->barrier, "card");
  configuration->heap_multiple = multiple;
  configuration->heap_bytes = isnan(multiple) ? 0 : (uint64_t)(1000 * multiple);
  configuration->mutators = 1;
  snprintf(summary->work, sizeof summary->work, "%s", workload);
  snprintf(summary->slug, sizeof summary->slug, "%s.%s.%g", workload, collector, multiple);
  summary->trial_count = summary->statuses[RESULTS_ok] = 1;
  summary->trials = trials[run.summary_count++];
  summary->trials[0] = (struct results_figures){.wall_ns = wall,
                                                .distilled_wall_ns = wall - explicit_wall,
                                                .cpu_ns = cpu,
                                                .distilled_cpu_ns = cpu - explicit_cpu};
  summary->median = summary->trials[0];
  return summary;
}

static void ratio_is(const struct results_lbo *lbo, size_t index, double wall, double cpu) {
  assert_near(lbo->costs[index][RESULTS_LBO_WALL].ratio, wall);
  assert_near(lbo->costs[index][RESULTS_LBO_CPU].ratio, cpu);
}

/* The least distilled wall time, 80, is that of stw at 3x; of CPU, 90, of the one that never collects. It
 * is over collectors and heaps alike, and need not be of the least total. */
static void minimum_over_all_configurations(void **state) {
  (void)state;
  struct results_lbo lbo;
  add("tree", "stw", 2, 130, 40, 180, 60);         /* 90, 120 */
  add("tree", "concurrent", 2, 110, 10, 200, 100); /* 100, 100 */
  add("tree", "stw", 3, 100, 20, 140, 40);         /* 80, 100 */
  add("tree", "epsilon", 3, 95, 0, 90, 0);         /* 95, 90 */
  assert_int_equal(results_lbo_derive(&run, &lbo), 0);
  const struct results_lbo_cost *cost = &lbo.costs[1][RESULTS_LBO_WALL];
  assert_near(cost->total_ns, 110);
  assert_near(cost->distilled_ns, 100);
  assert_near(cost->minimum_ns, 80);
  assert_string_equal(cost->minimum_of->slug, "tree.stw.3");
  assert_string_equal(lbo.costs[1][RESULTS_LBO_CPU].minimum_of->slug, "tree.epsilon.3");
  ratio_is(&lbo, 0, 130.0 / 80, 180.0 / 90);
  ratio_is(&lbo, 1, 110.0 / 80, 200.0 / 90);
  ratio_is(&lbo, 2, 100.0 / 80, 140.0 / 90);
  ratio_is(&lbo, 3, 95.0 / 80, 1);
  assert_true(isnan(cost->low)); /* one trial */
  results_lbo_finish(&lbo);
}

/* Other parameters, other mutators, a trial that failed and the platform floor are no configurations
 * of the workload. */
static void what_is_another_workload(void **state) {
  (void)state;
  struct results_lbo lbo;
  add("tree", "stw", 2, 100, 20, 100, 20);
  add("tree", "concurrent", 2, 10, 0, 10, 0)->first.configuration.mutators = 2;
  struct results_summary *other = add("tree", "incremental", 2, 10, 0, 10, 0);
  results_settings_add(&other->first.configuration.parameters, "depth", "1");
  other = add("tree", "epsilon", 2, 10, 0, 10, 0);
  other->statuses[RESULTS_ok] = 0;
  other->statuses[RESULTS_crashed] = 1;
  add("idle", "", NAN, 10, 0, 10, 0);
  add("list", "stw", 2, 10, 0, 10, 0);
  assert_int_equal(results_lbo_derive(&run, &lbo), 0);
  ratio_is(&lbo, 0, 100.0 / 80, 100.0 / 80);
  ratio_is(&lbo, 2, 1, 1);
  assert_true(isnan(lbo.costs[3][RESULTS_LBO_WALL].ratio)); /* it crashed */
  assert_near(lbo.costs[3][RESULTS_LBO_WALL].minimum_ns, 80);
  assert_true(isnan(lbo.costs[4][RESULTS_LBO_WALL].minimum_ns));
  results_lbo_finish(&lbo);
  results_settings_finish(&summaries[2].first.configuration.parameters);
}

/* Of two workloads 2 and 8 times the minimum: 4 times. The third was not finished by one of the
 * strategies, the fourth is an open loop and has no distilled wall time. */
static void geometric_means_per_heap(void **state) {
  (void)state;
  struct results_lbo lbo;
  add("tree", "stw", 2, 10, 0, 10, 0);
  add("tree", "concurrent", 2, 20, 0, 40, 0);
  add("list", "stw", 2, 10, 0, 10, 0);
  add("list", "concurrent", 2, 80, 0, 10, 0);
  add("cache", "stw", 2, 10, 0, 10, 0);
  struct results_summary *failed = add("cache", "concurrent", 2, 10, 0, 10, 0);
  failed->statuses[RESULTS_ok] = 0;
  failed->statuses[RESULTS_out_of_memory] = 1;
  failed->failed_status = RESULTS_out_of_memory;
  add("server", "stw", 2, 10, NAN, 10, 0);
  add("server", "concurrent", 2, 10, NAN, 20, 0);
  add("tree", "stw", 3, 5, 1, 10, 0); /* one strategy at another heap */
  assert_int_equal(results_lbo_derive(&run, &lbo), 0);
  assert_int_equal(lbo.heap_count, 2);
  const struct results_lbo_heap *heap = &lbo.heaps[0];
  const struct results_lbo_mean *wall = &heap->means[RESULTS_LBO_WALL];
  const struct results_lbo_mean *cpu = &heap->means[RESULTS_LBO_CPU];
  assert_int_equal(heap->strategies->count, 2);
  assert_int_equal(heap->strategies->left_out_count, 1);
  assert_non_null(strstr(heap->strategies->left_out[0], "cache"));
  assert_non_null(strstr(heap->strategies->left_out[0], "out of memory"));
  assert_int_equal(wall->workload_count, 2);
  assert_int_equal(wall->left_out_count, 1);
  assert_non_null(strstr(wall->left_out[0], "server"));
  assert_near(wall->ratios[0], sqrt(10.0 / 4)); /* of tree, 4 is the minimum, at the other heap */
  assert_near(wall->ratios[1], sqrt(20.0 / 4 * 8));
  assert_int_equal(cpu->workload_count, 3);
  assert_near(cpu->ratios[0], 1);
  assert_near(cpu->ratios[1], cbrt(4 * 1 * 2));
  assert_near(lbo.heaps[1].means[RESULTS_LBO_WALL].ratios[0], 5.0 / 4);
  results_lbo_finish(&lbo);
}

/* Trials of 1, 2, 4, 2 and 1 times the minimum: the interval is around their geometric mean. */
static void intervals_are_over_trials(void **state) {
  (void)state;
  static const double factors[] = {1, 2, 4, 2, 1};
  struct results_lbo lbo;
  struct results_summary *summary = add("tree", "stw", 2, 20, 10, 20, 10);
  summary->statuses[RESULTS_ok] = summary->trial_count = 5;
  for (size_t index = 0; index < 5; index++)
    summary->trials[index].wall_ns = summary->trials[index].cpu_ns = 10 * factors[index];
  assert_int_equal(results_lbo_derive(&run, &lbo), 0);
  const struct results_lbo_cost *cost = &lbo.costs[0][RESULTS_LBO_WALL];
  assert_near(cost->ratio, 2);
  assert_near(cost->low * cost->high, pow(2, 2 * 4.0 / 5)); /* mean of the logarithms: 4 / 5 */
  assert_true(cost->low < 1.75 && cost->high > 1.75);
  results_lbo_finish(&lbo);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(minimum_over_all_configurations, start),
      cmocka_unit_test_setup(what_is_another_workload, start),
      cmocka_unit_test_setup(geometric_means_per_heap, start),
      cmocka_unit_test_setup(intervals_are_over_trials, start),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
