/* `tricolor reproduce`: the plan of a run that is there, run again, and both side by side. */
#include "harness/clock.h"
#include "harness/command.h"
#include "harness/conduct.h"
#include "harness/interrupt.h"
#include "harness/machine.h"
#include "harness/manifest.h"
#include "harness/run_directory.h"
#include "results/compare.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct flag reproduce_flag_list[] = {
    {"invocations", FLAG_VALUE, "N", "processes per configuration (as many as the run has)"},
    {"out", FLAG_VALUE, "DIR", "where results go (a new directory under results/runs/)"},
    {"yes", FLAG_ALONE, "", "do not ask before more than 1000 trials"},
};

static const struct flag *reproduce_flags(size_t *count) {
  *count = sizeof reproduce_flag_list / sizeof *reproduce_flag_list;
  return reproduce_flag_list;
}

/* --- the comparison -----------------------------------------------------------------------------
 */

static enum harness_status compare_loaded(const struct results_run *published,
                                          const struct results_run *repeated) {
  struct results_comparison_request request = {.first = {.run = published},
                                               .second = {.run = repeated},
                                               .is_across_machines = true,
                                               .seed = 1};
  struct results_comparison comparison;
  char error[2048];
  for (size_t i = 0; i < RESULTS_MEASURE_COUNT; i++) {
    request.is_chosen[i] = true;
  }
  if (results_compare(&request, &comparison, error, sizeof error) != 0) {
    return say_environment("%s", error);
  }
  results_comparison_print(stdout, &request, &comparison);
  results_comparison_finish(&comparison);
  return HARNESS_DONE;
}

static enum harness_status compare(const char *published_directory,
                                   const char *repeated_directory) {
  struct results_run published, repeated;
  char error[1024];
  int machines =
      results_machines_compare(published_directory, repeated_directory, error, sizeof error);
  if (machines != 0) {
    say_note("Warning: the machines differ (%s): what differs may be the machine.", error);
  }
  if (results_run_load(published_directory, &published, error, sizeof error) != 0) {
    return say_bad_input("%s", error);
  }
  enum harness_status status = HARNESS_DONE;
  if (results_run_load(repeated_directory, &repeated, error, sizeof error) != 0) {
    status = say_environment("%s", error);
  } else {
    printf("\n");
    status = compare_loaded(&published, &repeated);
    results_run_finish(&repeated);
  }
  results_run_finish(&published);
  return status;
}

/* --- the run ------------------------------------------------------------------------------------
 */

/* What was run there, and what of it the command line replaces. */
static enum harness_status make_experiment(const struct command_line *line, const json_t *manifest,
                                           struct experiment *experiment) {
  const char *invocations = command_line_value(line, "invocations");
  json_int_t finished = json_integer_value(json_object_get(manifest, "invocations"));
  enum harness_status status = manifest_experiment(manifest, experiment);
  if (status != HARNESS_DONE) {
    return status;
  }
  experiment->out = command_line_value(line, "out");
  experiment->yes = command_line_value(line, "yes") != NULL;
  if (experiment->invocations == 0) {
    experiment->invocations = finished > 0 ? (uint64_t)finished : 1;
  }
  if (invocations) {
    status = experiment_set_count("--invocations", invocations, 1, EXPERIMENT_INVOCATIONS_MAX,
                                  &experiment->invocations);
  }
  if (status != HARNESS_DONE) {
    experiment_finish(experiment);
  }
  return status;
}

/* Heaps and threads are those of the run, whatever this machine has: what would differ is said. */
static void say_what_differs(const json_t *manifest, const struct plan *plan) {
  const char *version = json_string_value(json_object_get(manifest, "version"));
  uint64_t threads = 0;
  for (size_t i = 0; i < plan->configuration_count; i++) {
    uint64_t count = plan->configurations[i].gc_threads;
    threads = count > threads ? count : threads;
  }
  if (version && strcmp(version, TRICOLOR_VERSION) != 0) {
    say_note("Note: that run was made by version %s of this program, and this is %s.", version,
             TRICOLOR_VERSION);
  }
  if (threads > machine_cores()) {
    say_note("Note: the plan has %" PRIu64
             " collector threads in a pause, and this machine %" PRIu64 " cores.",
             threads, machine_cores());
  }
}

static enum harness_status repeat(const struct plan *plan, const char *published,
                                  uint64_t begin_ns) {
  char directory[PATH_MAX];
  int lock = -1;
  enum harness_status status = conduct_confirm(plan);
  if (status == HARNESS_DONE) {
    status = conduct_make_directory(plan, directory);
  }
  if (status != HARNESS_DONE) {
    return status;
  }
  status = run_directory_lock(directory, &lock);
  if (status == HARNESS_DONE) {
    interrupt_catch();
    status = conduct_run(plan, directory, NULL, begin_ns);
  }
  run_directory_unlock(lock);
  if (status == HARNESS_DONE || status == HARNESS_TRIAL_FAILED) {
    enum harness_status compared = compare(published, directory);
    status = status == HARNESS_DONE ? compared : status;
  }
  return status;
}

static enum harness_status reproduce(const struct command_line *line) {
  uint64_t begin_ns = clock_now_ns();
  const char *published = line->operands[0];
  json_t *manifest;
  struct experiment experiment;
  struct plan plan;
  interrupt_end_with("Interrupted before the first trial.");
  enum harness_status status = run_directory_check(published);
  if (status == HARNESS_DONE) {
    status = manifest_read(published, &manifest);
  }
  if (status != HARNESS_DONE) {
    return status;
  }
  status = make_experiment(line, manifest, &experiment);
  if (status == HARNESS_DONE) {
    status = manifest_plan(manifest, &experiment, &plan);
    if (status == HARNESS_DONE) {
      plan.shard = (struct plan_shard){0}; /* all of it, whatever part that run was */
      say_what_differs(manifest, &plan);
      status = repeat(&plan, published, begin_ns);
      plan_finish(&plan);
    }
    experiment_finish(&experiment);
  }
  json_decref(manifest);
  return status;
}

const struct command command_reproduce = {
    .name = "reproduce",
    .operands = "DIR",
    .summary = "Runs the plan of a published run again and compares both.",
    .text = "Every configuration as DIR/manifest.json has it: the same heaps in bytes, threads, "
            "seeds and\nlimits, in a new directory. Then both are printed side by side, as by "
            "tricolor compare.\n",
    .flags = reproduce_flags,
    .operands_min = 1,
    .operands_max = 1,
    .run = reproduce,
};
