/* The plan of a run: defaults, heap sizes, parameters, and the order of an invocation. */
#include "harness/plan.h"
#include "harness/workload_registry.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MAX = 24 };

/* An experiment from the words of a command line. */
static enum harness_status make_experiment(struct experiment *experiment, struct command_line *line,
                                           const char *const *words) {
  char *argv[WORDS_MAX];
  int argc = 0;
  for (; words[argc]; argc++) {
    argv[argc] = (char *)(uintptr_t)words[argc];
  }
  size_t flag_count;
  const struct flag *flags = experiment_flags(&flag_count);
  enum harness_status status = command_line_parse("run", flags, flag_count, argc, argv, line);
  return status == HARNESS_DONE ? experiment_init(experiment, line) : status;
}

static enum harness_status try_words(const char *const *words) {
  struct experiment experiment;
  struct command_line line;
  enum harness_status status = make_experiment(&experiment, &line, words);
  if (status == HARNESS_DONE) {
    experiment_finish(&experiment);
  }
  command_line_finish(&line);
  return status;
}

#define TRY(...) try_words((const char *const[]){__VA_ARGS__, NULL})

static void flags_are_checked(void **state) {
  (void)state;
  assert_int_equal(TRY("--heap", "2x,3x"), HARNESS_DONE);
  assert_int_equal(TRY("--heap=64M", "--stress-move", "--pretouch=off"), HARNESS_DONE);
  assert_int_equal(TRY("--heap", "12Q"), HARNESS_BAD_INPUT);
  assert_int_equal(TRY("--heap", "0x"), HARNESS_BAD_INPUT);
  assert_int_equal(TRY("--heap", "1.2.3x"), HARNESS_BAD_INPUT);
  assert_int_equal(TRY("--heap"), HARNESS_BAD_INPUT);
  assert_int_equal(TRY("--invocations", "0"), HARNESS_BAD_INPUT);
  assert_int_equal(TRY("--quick=yes"), HARNESS_BAD_INPUT);
  assert_int_equal(TRY("--no-such"), HARNESS_BAD_INPUT);
}

static void repeated_names_count_once(void **state) {
  (void)state;
  struct experiment experiment;
  struct command_line line;
  const char *const words[] = {"--collector", "stw,stw",     "--collector",
                               "stw",         "--collector", "mark=stw,sweep=eager",
                               "--heap",      "2x,2x,64M",   NULL};
  assert_int_equal(make_experiment(&experiment, &line, words), HARNESS_DONE);
  assert_int_equal(experiment.collectors.count, 2);
  assert_string_equal(experiment.collectors.items[1].name, "mark=stw,sweep=eager");
  assert_int_equal(experiment.heap_count, 2);
  experiment_finish(&experiment);
  command_line_finish(&line);
}

static void make_plan(struct plan *plan, struct experiment *experiment, struct command_line *line,
                      const char *const *words) {
  assert_int_equal(make_experiment(experiment, line, words), HARNESS_DONE);
  assert_int_equal(plan_init(plan, experiment), HARNESS_DONE);
  assert_int_equal(plan_find_minimum_heaps(plan, "unused"), HARNESS_DONE);
  assert_int_equal(plan_make_configurations(plan), HARNESS_DONE);
}

static void finish(struct plan *plan, struct experiment *experiment, struct command_line *line) {
  plan_finish(plan);
  experiment_finish(experiment);
  command_line_finish(line);
}

static void multiples_are_of_the_declared_size(void **state) {
  (void)state;
  static const struct {
    const char *workload;
    uint64_t two_mebibytes, three_mebibytes;
  } cases[] = {{"gcbench", 34, 51},        {"binary_trees", 50, 75}, {"message_window", 418, 627},
               {"message_tree", 400, 600}, {"lru_cache", 176, 264},  {"graph_mutate", 768, 1152}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    if (!workload_find(cases[i].workload)) {
      continue; /* this build leaves it out */
    }
    struct experiment experiment;
    struct command_line line;
    struct plan plan;
    const char *const words[] = {"--workload", cases[i].workload, "--collector", "stw",
                                 "--heap",     "2x,3x",           NULL};
    make_plan(&plan, &experiment, &line, words);
    assert_int_equal(plan.configuration_count, 3);
    assert_int_equal(plan.configurations[0].heap_bytes, cases[i].two_mebibytes << 20);
    assert_int_equal(plan.configurations[1].heap_bytes, cases[i].three_mebibytes << 20);
    assert_true(fabs(plan.configurations[1].heap_multiple - 3) < 1e-9);
    assert_string_equal(plan.configurations[2].workload.text, RESULTS_IDLE_WORKLOAD);
    finish(&plan, &experiment, &line);
  }
}

static void parameters_reach_their_workload(void **state) {
  (void)state;
  struct experiment experiment;
  struct command_line line;
  struct plan plan;
  const char *const words[] = {"--workload",  "gcbench,lru_cache",
                               "--param",     "lru_cache.entries=1000",
                               "--heap",      "64M",
                               "--collector", "stw",
                               NULL};
  make_plan(&plan, &experiment, &line, words);
  assert_int_equal(plan.configuration_count, 3);
  assert_string_equal(results_settings_find(&plan.configurations[1].parameters, "entries"), "1000");
  assert_null(results_settings_find(&plan.configurations[0].parameters, "entries"));
  finish(&plan, &experiment, &line);
}

static void barrier_costs_add_the_control(void **state) {
  (void)state;
  struct experiment experiment;
  struct command_line line;
  struct plan plan;
  const char *const words[] = {"--workload", "gcbench", "--collector",     "stw",
                               "--heap",     "64M",     "--barrier-costs", NULL};
  make_plan(&plan, &experiment, &line, words);
  assert_int_equal(plan.configuration_count, 4);
  assert_string_equal(plan.configurations[1].collector.text, "epsilon");
  assert_string_equal(plan.configurations[1].barrier.text, "none");
  assert_string_equal(plan.configurations[2].collector.text, "epsilon");
  assert_string_equal(plan.configurations[2].barrier.text, plan.configurations[0].barrier.text);
  finish(&plan, &experiment, &line);
}

/* Each configuration once, a workload's side by side. */
static void check_order(const struct plan *plan, const size_t *order) {
  bool seen[64] = {false};
  bool left[64] = {false};
  size_t current = SIZE_MAX;
  for (size_t i = 0; i < plan->configuration_count; i++) {
    assert_true(order[i] < plan->configuration_count);
    assert_false(seen[order[i]]);
    seen[order[i]] = true;
    bool is_idle = order[i] + 1 == plan->configuration_count;
    size_t workload = is_idle ? plan->workload_count : plan->workload_of[order[i]];
    if (workload != current) {
      assert_false(left[workload]);
      left[workload] = true;
      current = workload;
    }
  }
}

static void order_is_a_shuffled_interleaving(void **state) {
  (void)state;
  struct experiment experiment;
  struct command_line line;
  struct plan plan;
  const char *const words[] = {"--workload", "gcbench,lru_cache", "--collector", "stw,epsilon",
                               "--heap",     "64M,80M,96M",       NULL};
  size_t first[64], again[64], order[64];
  size_t different = 0;
  make_plan(&plan, &experiment, &line, words);
  assert_int_equal(plan.configuration_count, 13);
  plan_order(&plan, 2, first);
  plan_order(&plan, 2, again);
  assert_memory_equal(first, again, plan.configuration_count * sizeof *first);
  for (uint64_t invocation = 2; invocation <= 20; invocation++) {
    plan_order(&plan, invocation, order);
    check_order(&plan, order);
    different += memcmp(first, order, plan.configuration_count * sizeof *first) != 0;
  }
  assert_true(different >= 17);
  finish(&plan, &experiment, &line);
}

static void ends_and_middle_come_first(void **state) {
  (void)state;
  static const size_t of_nine[] = {0, 8, 4, 2, 6, 1, 3, 5, 7};
  static const size_t of_four[] = {0, 3, 1, 2};
  size_t ranks[9];
  plan_ends_and_middle_first(9, ranks);
  assert_memory_equal(ranks, of_nine, sizeof of_nine);
  plan_ends_and_middle_first(4, ranks);
  assert_memory_equal(ranks, of_four, sizeof of_four);
  plan_ends_and_middle_first(1, ranks);
  assert_int_equal(ranks[0], 0);
  plan_ends_and_middle_first(2, ranks);
  assert_int_equal(ranks[1], 1);
}

/* Heap after heap, all workloads and collectors of each before the next. */
static void a_sweep_begins_with_ends_and_middle(void **state) {
  (void)state;
  struct experiment experiment;
  struct command_line line;
  struct plan plan;
  const char *const words[] = {"--workload",  "gcbench,binary_trees", "--sweep", "8",
                               "--collector", "stw,epsilon",          NULL};
  static const size_t heaps[] = {0, 8, 4, 2, 6, 1, 3, 5, 7};
  size_t order[64];
  make_plan(&plan, &experiment, &line, words);
  assert_int_equal(plan.configuration_count, 37);
  plan_order(&plan, 1, order);
  assert_int_equal(order[0], 36);
  for (size_t i = 0; i < 36; i++) {
    assert_int_equal(plan.heap_of[order[1 + i]], heaps[i / 4]);
  }
  finish(&plan, &experiment, &line);
}

static void a_sweep_has_the_published_multiples(void **state) {
  (void)state;
  static const double wanted[] = {1.00, 1.42, 1.89, 2.43, 3.02, 3.68, 4.39, 5.17, 6.00};
  for (unsigned step = 0; step < 9; step++) {
    assert_true(fabs(experiment_sweep_multiple(8, step) - wanted[step]) < 1e-9);
  }
  for (unsigned points = 2; points <= 100; points++) {
    assert_true(fabs(experiment_sweep_multiple(points, 0) - 1) < 1e-9);
    assert_true(fabs(experiment_sweep_multiple(points, points) - 6) < 1e-9);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(flags_are_checked),
      cmocka_unit_test(repeated_names_count_once),
      cmocka_unit_test(multiples_are_of_the_declared_size),
      cmocka_unit_test(parameters_reach_their_workload),
      cmocka_unit_test(barrier_costs_add_the_control),
      cmocka_unit_test(order_is_a_shuffled_interleaving),
      cmocka_unit_test(ends_and_middle_come_first),
      cmocka_unit_test(a_sweep_begins_with_ends_and_middle),
      cmocka_unit_test(a_sweep_has_the_published_multiples),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
