/* Strategies over a set of workloads: ratios, the worst workload, barriers alone, and what is left
 * out with its reason. */
#include "results/strategies.h"
#include "results/table.h"
#include "tests/unit/results_fixture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/tricolor-strategies-XXXXXX";
static char error[PATH_MAX + 1024];
static uint64_t trial_number;

static void write_trial(const char *workload, const char *collector, const char *barrier,
                        uint64_t length_ms, enum results_status status) {
  struct fixture_trial trial = {.workload = workload,
                                .collector = collector,
                                .barrier = barrier,
                                .heap_bytes = strlen(workload) << 20,
                                .trial = ++trial_number,
                                .invocation = 1,
                                .seed = trial_number,
                                .length_ns = length_ms * 1000000,
                                .pause_count = strcmp(collector, "epsilon") == 0 ? 0 : 100,
                                .full_every = 50,
                                .scavenge_us = 60,
                                .full_us = strcmp(workload, "gcbench") == 0 ? 3000 : 30000,
                                .status = status};
  assert_int_equal(fixture_write_trial(directory, &trial), 0);
}

/* Walls in ms: stw 1000 and 2000; other 2000 and 1000; epsilon 500 and 500, under card 550 and 605. `broken` finishes
 * nothing; `tight` runs out of memory in the third workload. */
static void write_run(void) {
  static const char *const workloads[] = {"gcbench", "lru_cache", "heap_graph"};
  static const uint64_t walls[][3] = {{1000, 2000, 900}, {2000, 1000, 900}, {500, 500, 500},
                                      {550, 605, 500},   {1000, 2000, 900}, {1000, 2000, 900}};
  for (size_t index = 0; index < 3; index++) {
    write_trial(workloads[index], "stw", "card", walls[0][index], RESULTS_ok);
    write_trial(workloads[index], "other", "card_snapshot", walls[1][index], RESULTS_ok);
    write_trial(workloads[index], "epsilon", "none", walls[2][index], RESULTS_ok);
    write_trial(workloads[index], "epsilon", "card", walls[3][index], RESULTS_ok);
    write_trial(workloads[index], "tight", "card", walls[4][index],
                index == 2 ? RESULTS_out_of_memory : RESULTS_ok);
    write_trial(workloads[index], "broken", "card", walls[5][index], RESULTS_crashed);
  }
}

static const struct results_strategy *row(const struct results_strategies *table,
                                          const char *collector) {
  for (size_t index = 0; index < table->count; index++)
    if (strcmp(table->items[index].summary->first.configuration.collector.text, collector) == 0)
      return &table->items[index];
  fail_msg("no row for %s", collector);
  return NULL;
}

static void assert_near(double actual, double expected) {
  if (!(fabs(actual - expected) < 1e-9))
    fail_msg("%.12g instead of %.12g", actual, expected);
}

static void strategies_are_compared(void **state) {
  (void)state;
  struct results_run run;
  struct results_strategies_list list;
  write_run();
  if (results_summarize(directory, &run, error, sizeof error))
    fail_msg("%s", error);
  assert_int_equal(results_strategies_derive(&run, &list), 0);
  assert_int_equal(list.count, 1);
  const struct results_strategies *table = &list.items[0];
  assert_int_equal(table->count, 4);
  assert_int_equal(table->workload_count, 2);
  assert_string_equal(table->workloads[0], "gcbench");
  assert_string_equal(table->workloads[1], "lru_cache");
  assert_int_equal(table->left_out_count, 2);
  assert_non_null(strstr(table->left_out[0], "broken (card: crashed)"));
  assert_non_null(strstr(table->left_out[1], "heap_graph (tight: out of memory)"));
  assert_ptr_equal(&table->items[table->baseline], row(table, "stw"));
  assert_near(row(table, "stw")->wall_ratio, 1);
  assert_near(row(table, "other")->wall_ratio, 1); /* 2 and 1/2 */
  assert_near(row(table, "epsilon")->wall_ratio, sqrt(0.5 * 0.25));
  assert_near(row(table, "stw")->barrier_ratio, sqrt(1.1 * 1.21));
  assert_near(row(table, "epsilon")->barrier_ratio, 1);
  assert_true(isnan(row(table, "other")->barrier_ratio));
  assert_true(isnan(row(table, "epsilon")->largest_ns));
  assert_true(row(table, "stw")->largest_ns > 15e6); /* lru_cache's, not gcbench's */
  assert_true(row(table, "stw")->own_largest_ns < row(table, "stw")->largest_ns);
  assert_near(row(table, "epsilon")->mmu_10ms, 1);
  assert_near(row(table, "stw")->mmu_10ms, 0);
  results_strategies_finish(&list);
  results_run_finish(&run);
}

/* The same in the files and in the table. */
static void strategies_are_written(void **state) {
  (void)state;
  char path[PATH_MAX], text[1 << 14];
  snprintf(path, sizeof path, "%s/strategies.md", directory);
  FILE *stream = fopen(path, "r");
  assert_non_null(stream);
  text[fread(text, 1, sizeof text - 1, stream)] = 0;
  fclose(stream);
  assert_non_null(strstr(text, "Strategies, heap 3x, over gcbench, lru_cache."));
  assert_non_null(strstr(text, "| other card_snapshot | 1.00 | "));
  assert_non_null(
      strstr(text, "Left out: broken (card: crashed), heap_graph (tight: out of memory)"));
  snprintf(path, sizeof path, "%s/summary.json", directory);
  stream = fopen(path, "r");
  assert_non_null(stream);
  fclose(stream);
  struct results_run run;
  char *table = NULL;
  size_t size;
  assert_int_equal(results_run_load(directory, &run, error, sizeof error), 0);
  stream = open_memstream(&table, &size);
  results_table_print_width(stream, &run, 120, RESULTS_TABLE_PLAIN);
  fclose(stream);
  assert_non_null(strstr(table, "\nStrategies\n"));
  assert_non_null(strstr(table, "over stw"));
  free(table);
  results_run_finish(&run);
}

static int set_up(void **state) {
  (void)state;
  return mkdtemp(directory) ? fixture_make_directory(directory) : -1;
}

static int tear_down(void **state) {
  (void)state;
  char command[PATH_MAX];
  snprintf(command, sizeof command, "rm -rf %s", directory);
  return system(command);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(strategies_are_compared),
      cmocka_unit_test(strategies_are_written),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
