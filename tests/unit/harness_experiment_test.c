/* Experiment files: what is read from them, what is refused and where, what flags replace, what the
 * files of experiments/ say; and experiments/README.md, whose list of keys must be that of
 * experiment_key.def. With the argument --print the list is printed as it should be.
 *
 * Presets: release debug asan
 */
#include "harness/experiment_file.h"
#include "harness/experiment_find.h"
#include "harness/plan.h"
#include "harness/variants.h"
#include "harness/workload_registry.h"
#include "results/configuration.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORDS_MAX = 24, TEXT_BYTES = 1 << 16 };

static const char file_name[] = "experiment_test.yaml";

/* --- reading with what was said -----------------------------------------------------------------
 */

static char said[4096];

/* Calls with stderr going to `said`. */
static enum harness_status quietly(enum harness_status (*call)(void *context), void *context) {
  char path[] = "said-XXXXXX";
  int there = dup(STDERR_FILENO), file = mkstemp(path);
  assert_true(there >= 0 && file >= 0);
  fflush(stderr);
  dup2(file, STDERR_FILENO);
  enum harness_status status = call(context);
  fflush(stderr);
  dup2(there, STDERR_FILENO);
  ssize_t length = pread(file, said, sizeof said - 1, 0);
  said[length > 0 ? length : 0] = 0;
  close(there);
  close(file);
  unlink(path);
  return status;
}

struct reading {
  const char *yaml;
  const char *const *words; /* flags behind the file; null: none */
  struct experiment experiment;
  struct command_line line;
};

static enum harness_status read_now(void *context) {
  struct reading *reading = context;
  FILE *file = fopen(file_name, "w");
  assert_non_null(file);
  fputs(reading->yaml, file);
  fclose(file);
  char *argv[WORDS_MAX] = {(char *)(uintptr_t)file_name};
  int argc = 1;
  for (size_t i = 0; reading->words && reading->words[i]; i++) {
    argv[argc++] = (char *)(uintptr_t)reading->words[i];
  }
  size_t flag_count;
  const struct flag *flags = experiment_flags(&flag_count);
  enum harness_status status =
      command_line_parse("run", flags, flag_count, argc, argv, &reading->line);
  if (status == HARNESS_DONE) {
    status = experiment_init(&reading->experiment, &reading->line);
  }
  unlink(file_name);
  return status;
}

static void finish(struct reading *reading) {
  experiment_finish(&reading->experiment);
  command_line_finish(&reading->line);
}

static void must_read(struct reading *reading) {
  if (quietly(read_now, reading) != HARNESS_DONE) {
    fail_msg("not read: %s", said);
  }
}

/* One sentence, about that place, with those words. */
static void must_refuse(const char *yaml, size_t line, size_t column, const char *words) {
  struct reading reading = {.yaml = yaml};
  char place[64];
  assert_int_equal(quietly(read_now, &reading), HARNESS_BAD_INPUT);
  snprintf(place, sizeof place, "tricolor: %s:%zu:%zu: ", file_name, line, column);
  if (strncmp(said, place, strlen(place)) != 0 || !strstr(said, words) ||
      strchr(said, '\n') != said + strlen(said) - 1) {
    fail_msg("expected '%s...%s', and it said: %s", place, words, said);
  }
  command_line_finish(&reading.line);
}

/* --- what is read -------------------------------------------------------------------------------
 */

static void everything_is_read(void **state) {
  (void)state;
  struct reading reading = {.yaml = "description: A test\n"
                                    "collectors:\n"
                                    "  - stw\n"
                                    "  - name: incremental\n"
                                    "    options: {mark-stack-limit: 1M, pretouch: no}\n"
                                    "  - \"mark=stw,sweep=lazy\"\n"
                                    "barriers: [card, card_snapshot]\n"
                                    "barrier-costs: yes\n"
                                    "workloads:\n"
                                    "  - {name: lru_cache, parameters: {entries: 1000}}\n"
                                    "  - gcbench\n"
                                    "heap: [1.5x, 64M]\n"
                                    "options: {nursery: 2M}\n"
                                    "axes:\n"
                                    "  pause-target: [0ms, 1ms, inf]\n"
                                    "  gc-threads: [1, 2]\n"
                                    "mutators: 2\n"
                                    "invocations: 7\n"
                                    "seeds: [3, 5]\n"
                                    "time-limit: 90s\n"
                                    "rss-limit: 2G\n"
                                    "skip-after: 2\n"
                                    "quick: on\n"};
  must_read(&reading);
  const struct experiment *experiment = &reading.experiment;
  assert_string_equal(experiment->name, "experiment_test");
  assert_string_equal(experiment->description, "A test");
  assert_int_equal(experiment->collectors.count, 3);
  const struct results_settings *own = &experiment->collectors.items[1].settings;
  assert_string_equal(results_settings_find(own, "mark-stack-limit"), "1M");
  assert_string_equal(results_settings_find(own, "pretouch"), "off");
  assert_string_equal(experiment->collectors.items[2].name, "mark=stw,sweep=lazy");
  assert_int_equal(experiment->collectors.items[2].place.line, 6);
  assert_int_equal(experiment->collectors.items[2].place.column, 5);
  assert_int_equal(experiment->barriers.count, 2);
  assert_true(experiment->barrier_costs);
  assert_string_equal(results_settings_find(&experiment->workloads.items[0].settings, "entries"),
                      "1000");
  assert_int_equal(experiment->heap_count, 2);
  assert_int_equal(experiment->heaps[1].bytes, 64 << 20);
  assert_string_equal(results_settings_find(&experiment->options, "nursery"), "2M");
  assert_int_equal(experiment->axis_count, 2);
  assert_int_equal(experiment->axes[0].values.count, 3);
  assert_int_equal(experiment->mutators, 2);
  assert_int_equal(experiment->invocations, 7);
  assert_int_equal(experiment_seed(experiment, 1), 3);
  assert_int_equal(experiment_seed(experiment, 2), 5);
  assert_int_equal(experiment_seed(experiment, 3), 3);
  assert_true(experiment->time_limit_ns == UINT64_C(90000000000));
  assert_true(experiment->rss_limit_bytes == UINT64_C(2) << 30);
  assert_int_equal(experiment->skip_after, 2);
  assert_true(experiment->quick);
  finish(&reading);
}

static void equal_values_count_once(void **state) {
  (void)state;
  struct reading reading = {.yaml = "collectors: [stw, stw, {name: stw, options: {nursery: 1M}}]\n"
                                    "axes: {verify: [0, 1, 1], mark-stack-limit: [1M, 1024K]}\n"};
  must_read(&reading);
  assert_int_equal(reading.experiment.collectors.count, 2);
  assert_int_equal(reading.experiment.axes[0].values.count, 2);
  assert_int_equal(reading.experiment.axes[1].values.count, 1);
  finish(&reading);
}

static void flags_replace_fields(void **state) {
  (void)state;
  static const char *const words[] = {"--collector", "stw",    "--heap",  "4x",
                                      "--nursery",   "1M",     "--quick", "--axis",
                                      "verify=1,2",  "--seed", "9",       NULL};
  struct reading reading = {.yaml = "collectors: [epsilon, {name: stw, options: {nursery: 4M}}]\n"
                                    "sweep: 8\n"
                                    "axes:\n"
                                    "  verify: [0]\n"
                                    "  pause-target: [1ms, inf]\n"
                                    "invocations: 20\n"
                                    "seeds: [1, 2]\n",
                            .words = words};
  must_read(&reading);
  const struct experiment *experiment = &reading.experiment;
  assert_int_equal(experiment->collectors.count, 1);
  assert_int_equal(experiment->heap_count, 1);
  assert_int_equal(experiment->invocations, 1);
  assert_int_equal(experiment->seed_count, 1);
  assert_int_equal(experiment->axis_count, 2);
  assert_string_equal(experiment->axes[0].name, "pause-target");
  assert_int_equal(experiment->axes[1].values.count, 2);
  assert_string_equal(results_settings_find(&experiment->options, "nursery"), "1M");
  finish(&reading);
}

/* --- what is refused ----------------------------------------------------------------------------
 */

static void errors_have_a_place(void **state) {
  (void)state;
  must_refuse("heap: 2x\ncolectors: stw\n", 2, 1, "did you mean 'collectors'");
  must_refuse("collectors: [stw, swt]\n", 1, 19, "no collector 'swt'; did you mean 'stw'");
  must_refuse("barriers: cart\n", 1, 11, "did you mean 'card'");
  must_refuse("workloads:\n  - gcbnch\n", 2, 5, "did you mean 'gcbench'");
  must_refuse("workloads: {name: gcbench, parameters: {repetition: 3}}\n", 1, 41,
              "did you mean 'repetitions'");
  must_refuse("workloads: {name: gcbench, parameters: {repetitions: 0}}\n", 1, 54, "must be");
  must_refuse("workloads: {name: gcbench, parametres: {}}\n", 1, 28, "did you mean 'parameters'");
  must_refuse("heap: 2x\ncollectors: {name: stw, heap: 3x}\n", 2, 31, "does not have");
  must_refuse("collectors: {name: stw, heep: 3x}\n", 1, 25, "did you mean 'heap'");
  must_refuse("axes:\n  nursry: [1M]\n", 2, 3, "did you mean 'nursery'");
  must_refuse("axes:\n  pause_target: [1ms]\n", 2, 3, "did you mean 'pause-target'");
  must_refuse("axes:\n  nursery: [1M, 3Q]\n", 2, 17, "'3Q' is not a size");
  must_refuse("axes:\n  heap: [1M]\n", 2, 3, "a field of the experiment");
  must_refuse("options: {nursery: 1M}\naxes: {nursery: [2M]}\n", 2, 8, "an axis and an option");
  must_refuse("axes: {mutatos: [1]}\n", 1, 8, "did you mean 'mutators'");
  must_refuse("axes: {mutators: [1, 0]}\n", 1, 22, "must be 1 to");
  must_refuse("mutators: 2\naxes: {mutators: [1]}\n", 2, 8, "it can be one of them");
  must_refuse("axes: {gcbnch.depth: [1]}\n", 1, 8, "did you mean 'gcbench'");
  must_refuse("axes: {lru_cache.entires: [1]}\n", 1, 8, "did you mean 'entries'");
  must_refuse("axes: {lru_cache.entries: [9, x]}\n", 1, 31, "'x' is not a whole number");
  must_refuse("axes: {entries: [5], lru_cache.entries: [6]}\n", 1, 22, "the same parameter");
  must_refuse("workloads: {name: lru_cache, parameters: {entries: 9}}\naxes: {entries: [5]}\n", 2,
              8, "lru_cache has a value of its own");
  must_refuse("invocations: 0\n", 1, 14, "must be 1 to");
  must_refuse("sweep: 1\n", 1, 8, "must be 2 to 100");
  must_refuse("heap: 2x\nsweep: 8\n", 2, 8, "both");
  must_refuse("heap: 12Q\n", 1, 7, "not a size");
  must_refuse("time-limit: inf\n", 1, 13, "would never end");
  must_refuse("quick: perhaps\n", 1, 8, "neither on nor off");
  must_refuse("collectors: []\n", 1, 13, "the list is empty");
  must_refuse("collectors:\n", 1, 12, "there is nothing");
  must_refuse("collectors: {options: {}}\n", 1, 13, "has no name");
  must_refuse("heap: {a: b}\n", 1, 7, "there is a map");
  must_refuse("- stw\n", 1, 1, "a map was expected");
  must_refuse("heap: 2x\nheap: 3x\n", 2, 1, "is there twice");
  must_refuse("heap: 2x\n---\nheap: 3x\n", 3, 1, "a second document");
  must_refuse("heap: [2x\n", 2, 1, "not YAML");
  must_refuse("", 1, 1, "holds no experiment");
  must_refuse("workloads: &self [*self]\n", 1, 12, "there is a list");
}

static void what_cannot_run_is_a_row(void **state) {
  (void)state;
  struct reading reading = {.yaml = "workloads: gcbench\ncollectors: stw\nheap: [16M, 64M]\n"
                                    "axes: {nursery: [1M, 32M]}\n"};
  struct plan plan;
  must_read(&reading);
  assert_int_equal(plan_init(&plan, &reading.experiment), HARNESS_DONE);
  assert_int_equal(plan_configuration_total(&plan), 5);
  assert_int_equal(plan_make_configurations(&plan), HARNESS_DONE);
  assert_int_equal(plan.configuration_count, 5);
  assert_null(plan.refusals[0]);
  assert_non_null(strstr(plan.refusals[1], "too small")); /* 16M with a nursery of 32M: a row */
  assert_null(plan.refusals[2]);
  assert_null(plan.refusals[3]);
  assert_int_equal(plan.configurations[3].nursery_bytes, 32 << 20);
  plan_finish(&plan);
  finish(&reading);
}

static enum harness_status plan_now(void *context) {
  struct reading *reading = context;
  struct plan plan;
  enum harness_status status = plan_init(&plan, &reading->experiment);
  if (status == HARNESS_DONE) {
    plan_finish(&plan);
  }
  return status;
}

static void heaps_of_no_use_have_a_place(void **state) {
  (void)state;
  struct reading reading = {.yaml = "workloads: gcbench\nheap: [16M, 64M]\n"
                                    "axes: {nursery: [24M, 32M]}\n"};
  must_read(&reading);
  assert_int_equal(quietly(plan_now, &reading), HARNESS_BAD_INPUT);
  assert_non_null(strstr(said, "experiment_test.yaml:2:8: a heap of 16M is too small"));
  finish(&reading);
}

/* A collector's own heap sizes are some of the experiment's; --heap replaces both. */
static void entries_run_in_their_heaps(void **state) {
  (void)state;
  static const char *const words[] = {"--heap", "128M", NULL};
  struct reading reading = {.yaml = "workloads: gcbench\nheap: [32M, 64M]\n"
                                    "collectors: [{name: stw, heap: 64M}, concurrent, malloc]\n"};
  struct plan plan;
  must_read(&reading);
  assert_int_equal(plan_init(&plan, &reading.experiment), HARNESS_DONE);
  assert_int_equal(plan_configuration_total(&plan), 6);
  assert_int_equal(plan_make_configurations(&plan), HARNESS_DONE);
  assert_int_equal(plan.configuration_count, 6); /* five, and the control trial */
  for (size_t i = 0; i < 5; i++) {
    const struct results_configuration *configuration = &plan.configurations[i];
    assert_true(strcmp(configuration->collector.text, "stw") != 0 ||
                configuration->heap_bytes == 64 << 20);
  }
  plan_finish(&plan);
  finish(&reading);
  reading = (struct reading){.yaml = "workloads: gcbench\nheap: [32M, 64M]\n"
                                     "collectors: [{name: stw, heap: 64M}, concurrent]\n",
                             .words = words};
  must_read(&reading);
  assert_int_equal(plan_init(&plan, &reading.experiment), HARNESS_DONE);
  assert_int_equal(plan_configuration_total(&plan), 3);
  plan_finish(&plan);
  finish(&reading);
}

/* What is no collector of the heap runs when it is named. */
static void all_leaves_baselines_out(void **state) {
  (void)state;
  struct reading reading = {.yaml = "workloads: gcbench\nheap: 64M\ncollectors: [all, malloc]\n"};
  struct plan plan;
  must_read(&reading);
  assert_int_equal(plan_init(&plan, &reading.experiment), HARNESS_DONE);
  size_t baselines = 0;
  for (size_t i = 0; i < plan.collectors.count; i++) {
    baselines += collector_is_baseline(plan.collectors.items[i].name);
  }
  assert_int_equal(baselines, 1);
  assert_true(plan.collectors.count > 10);
  plan_finish(&plan);
  finish(&reading);
}

/* The values of an axis tell configurations apart, and each collector's own options do. */
static void axes_make_configurations(void **state) {
  (void)state;
  struct reading reading = {.yaml =
                                "workloads: gcbench\nheap: 64M\n"
                                "collectors: [stw, {name: stw, options: {verify: 1}}]\n"
                                "axes: {pause-target: [1ms, inf], mark-stack-limit: [1M, 2M]}\n"};
  struct plan plan;
  must_read(&reading);
  assert_int_equal(plan_init(&plan, &reading.experiment), HARNESS_DONE);
  assert_int_equal(plan_make_configurations(&plan), HARNESS_DONE);
  assert_int_equal(plan.configuration_count, 9);
  for (size_t i = 0; i < plan.configuration_count; i++) {
    for (size_t j = 0; j < i; j++) {
      assert_false(results_configuration_equal(&plan.configurations[i], &plan.configurations[j]));
    }
  }
  assert_string_equal(results_settings_find(&plan.configurations[2].options, "mark-stack-limit"),
                      "2M");
  assert_true(plan.configurations[7].pause_target_ns == UINT64_MAX);
  assert_string_equal(results_settings_find(&plan.configurations[7].options, "verify"), "1");
  plan_finish(&plan);
  finish(&reading);
}

/* Each combination of parameters and mutators is a workload with configurations of its own; where two
 * come to the same there is one. */
static void axes_make_workloads(void **state) {
  (void)state;
  struct reading reading = {
      .yaml = "workloads: [lru_cache, gcbench]\nheap: 64M\ncollectors: [stw, epsilon]\n"
              "axes: {mutators: [1, 2], lru_cache.entries: [1000, 2000, 01000], verify: [0, 1]}\n"};
  struct plan plan;
  char name[128];
  must_read(&reading);
  assert_int_equal(plan_init(&plan, &reading.experiment), HARNESS_DONE);
  assert_int_equal(plan.workload_count, 4 + 2);
  assert_int_equal(plan.point_count, 2);
  assert_int_equal(plan_make_configurations(&plan), HARNESS_DONE);
  assert_int_equal(plan.configuration_count, 6 * 2 * 2 + 1);
  const struct results_configuration *first = &plan.configurations[0];
  const struct results_configuration *other = &plan.configurations[3 * 4];
  assert_string_equal(results_settings_find(&first->parameters, "entries"), "1000");
  assert_string_equal(results_settings_find(&other->parameters, "entries"), "2000");
  assert_int_equal(first->mutators, 1);
  assert_int_equal(other->mutators, 2);
  assert_int_equal(plan.workload_of[3 * 4], 3);
  plan_workload_name(&plan, 3, name, sizeof name);
  assert_string_equal(name, "lru_cache entries=2000 mutators=2");
  plan_workload_name(&plan, 4, name, sizeof name);
  assert_string_equal(name, "gcbench mutators=1");
  for (size_t i = 0; i < plan.configuration_count; i++) {
    for (size_t j = 0; j < i; j++) {
      assert_false(results_configuration_equal(&plan.configurations[i], &plan.configurations[j]));
    }
  }
  plan_finish(&plan);
  finish(&reading);
}

/* Flags replace axes of a file, and axes on the command line what the file fixes. */
static void flags_and_axes_replace_each_other(void **state) {
  (void)state;
  static const char *const words[] = {"--mutators", "3",
                                      "--param",    "lru_cache.entries=7",
                                      "--axis",     "gcbench.long_lived_depth=10,12",
                                      NULL};
  struct reading reading = {
      .yaml = "workloads: [lru_cache, {name: gcbench, parameters: {long_lived_depth: 16}}]\n"
              "axes: {mutators: [1, 2], lru_cache.entries: [5, 6]}\nheap: 64M\n",
      .words = words};
  struct plan plan;
  must_read(&reading);
  assert_int_equal(reading.experiment.axis_count, 1);
  assert_int_equal(plan_init(&plan, &reading.experiment), HARNESS_DONE);
  assert_int_equal(plan.workload_count, 3);
  assert_int_equal(plan.workloads[0].mutators, 3);
  assert_string_equal(results_settings_find(&plan.workloads[0].choice.parameters, "entries"), "7");
  assert_string_equal(
      results_settings_find(&plan.workloads[2].choice.parameters, "long_lived_depth"), "12");
  plan_finish(&plan);
  finish(&reading);
}

static void axes_must_reach_a_workload(void **state) {
  (void)state;
  struct reading reading = {.yaml = "workloads: gcbench\nheap: 64M\n"
                                    "axes: {lru_cache.entries: [5, 6]}\n"};
  must_read(&reading);
  assert_int_equal(quietly(plan_now, &reading), HARNESS_BAD_INPUT);
  assert_non_null(strstr(said, "experiment_test.yaml:3:8: lru_cache.entries: the run has no "
                               "workload lru_cache"));
  finish(&reading);
  reading.yaml = "workloads: gcbench\nheap: 64M\naxes: {entries: [5, 6]}\n";
  must_read(&reading);
  assert_int_equal(quietly(plan_now, &reading), HARNESS_BAD_INPUT);
  assert_non_null(strstr(said, "experiment_test.yaml:3:8: there is no parameter 'entries'"));
  finish(&reading);
}

/* --- experiments/ -------------------------------------------------------------------------------
 */

static void read_named(const char *name, struct reading *reading) {
  char *argv[] = {(char *)(uintptr_t)name};
  size_t flag_count;
  const struct flag *flags = experiment_flags(&flag_count);
  assert_int_equal(command_line_parse("run", flags, flag_count, name ? 1 : 0, argv, &reading->line),
                   HARNESS_DONE);
  assert_int_equal(experiment_init(&reading->experiment, &reading->line), HARNESS_DONE);
}

static void read_text_file(const char *name, char *text) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", TRICOLOR_SOURCE_DIR, name);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  size_t length = fread(text, 1, TEXT_BYTES - 1, file);
  text[length] = 0;
  fclose(file);
}

/* An instrumented build has only a few of the workloads that files name. */
static void skip_without_workloads(void) {
  if (workload_find("message_tree") == NULL) {
    skip();
  }
}

static void shipped_experiments_can_be_planned(void **state) {
  (void)state;
  skip_without_workloads();
  static char readme[TEXT_BYTES];
  struct text_list names = {0};
  experiment_names(&names);
  read_text_file("experiments/README.md", readme);
  assert_true(names.count >= 7);
  for (size_t i = 0; i < names.count; i++) {
    struct reading reading = {0};
    char link[128];
    read_named(names.texts[i], &reading);
    assert_non_null(reading.experiment.description);
    if (quietly(plan_now, &reading) != HARNESS_DONE) {
      fail_msg("%s: %s", names.texts[i], said);
    }
    snprintf(link, sizeof link, "[%s](%s.yaml)", names.texts[i], names.texts[i]);
    if (!strstr(readme, link)) {
      fail_msg("experiments/README.md does not list %s", names.texts[i]);
    }
    finish(&reading);
  }
  text_list_finish(&names);
}

static void same_items(const struct experiment_items *left, const struct experiment_items *right) {
  assert_int_equal(left->count, right->count);
  for (size_t i = 0; i < left->count; i++) {
    assert_string_equal(left->items[i].name, right->items[i].name);
  }
}

static void the_default_run_is_pauses(void **state) {
  (void)state;
  struct reading without = {0}, named = {0};
  read_named(NULL, &without);
  read_named("pauses", &named);
  same_items(&without.experiment.collectors, &named.experiment.collectors);
  same_items(&without.experiment.workloads, &named.experiment.workloads);
  same_items(&without.experiment.barriers, &named.experiment.barriers);
  assert_int_equal(named.experiment.heap_count, 1);
  assert_true(without.experiment.heaps[0].multiple == named.experiment.heaps[0].multiple);
  assert_int_equal(without.experiment.invocations, named.experiment.invocations);
  assert_int_equal(named.experiment.axis_count, 0);
  assert_int_equal(named.experiment.options.count, 0);
  assert_false(named.experiment.quick);
  finish(&without);
  finish(&named);
}

/* --- README -------------------------------------------------------------------------------------
 */

static void put_keys(char *text, size_t text_size) {
  size_t used = (size_t)snprintf(
      text, text_size, "<!-- list: keys -->\n| key | value | meaning |\n| --- | --- | --- |\n");
#define EXPERIMENT_KEY(name, key, value, meaning)                                                  \
  used += (size_t)snprintf(text + used, text_size - used, "| `%s` | %s | %s |\n", key, value,      \
                           meaning);
#include "harness/experiment_key.def"
#undef EXPERIMENT_KEY
  snprintf(text + used, text_size - used, "<!-- end of list: keys -->\n");
}

static void the_readme_lists_the_keys(void **state) {
  (void)state;
  static char readme[TEXT_BYTES], keys[TEXT_BYTES];
  read_text_file("experiments/README.md", readme);
  put_keys(keys, sizeof keys);
  assert_non_null(strstr(readme, keys));
}

/* The example in the README is an experiment. */
static void the_readme_example_is_read(void **state) {
  (void)state;
  skip_without_workloads();
  static char readme[TEXT_BYTES];
  static const char fence[] = "```yaml\n";
  read_text_file("experiments/README.md", readme);
  char *example = strstr(readme, fence);
  assert_non_null(example);
  example += sizeof fence - 1;
  char *end = strstr(example, "```");
  assert_non_null(end);
  *end = 0;
  struct reading reading = {.yaml = example};
  must_read(&reading);
  assert_int_equal(reading.experiment.heap_count, 5);
  finish(&reading);
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "--print") == 0) {
    static char keys[TEXT_BYTES];
    put_keys(keys, sizeof keys);
    fputs(keys, stdout);
    return 0;
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(everything_is_read),
      cmocka_unit_test(equal_values_count_once),
      cmocka_unit_test(flags_replace_fields),
      cmocka_unit_test(errors_have_a_place),
      cmocka_unit_test(what_cannot_run_is_a_row),
      cmocka_unit_test(heaps_of_no_use_have_a_place),
      cmocka_unit_test(entries_run_in_their_heaps),
      cmocka_unit_test(all_leaves_baselines_out),
      cmocka_unit_test(axes_make_configurations),
      cmocka_unit_test(axes_make_workloads),
      cmocka_unit_test(flags_and_axes_replace_each_other),
      cmocka_unit_test(axes_must_reach_a_workload),
      cmocka_unit_test(shipped_experiments_can_be_planned),
      cmocka_unit_test(the_default_run_is_pauses),
      cmocka_unit_test(the_readme_lists_the_keys),
      cmocka_unit_test(the_readme_example_is_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
