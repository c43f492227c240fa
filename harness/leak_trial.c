/* Trials in which leaks are looked for. See leak_trial.h. */
#include "harness/leak_trial.h"
#include "harness/machine.h"
#include "harness/run_directory.h"
#include "harness/settings.h"
#include "harness/text_list.h"
#include "harness/workload_registry.h"
#include <gc/options.h>
#include <stdlib.h>
#include <string.h>

void leak_trial_fill(const struct leak_trial *asked, struct results_trial *trial) {
  struct results_configuration *configuration = &trial->configuration;
  struct gc_options defaults = gc_options_default();
  results_text_set(&configuration->workload, asked->choice->input.workload->name);
  results_text_set(&configuration->collector, asked->collector);
  results_text_set(&configuration->barrier, asked->barrier);
  configuration->heap_bytes = asked->heap_bytes;
  configuration->mutators = 1;
  configuration->gc_threads = defaults.gc_threads;
  configuration->pause_target_ns = defaults.pause_target_ns;
  configuration->seed = asked->choice->input.seed;
  configuration->invocation = 1;
  settings_add_all(&configuration->parameters, &asked->choice->parameters);
  trial->trial = asked->number;
}

enum harness_status leak_trial_run(const struct leak_trial *asked, struct results_trial *trial,
                                   struct results_leak_samples *samples) {
  char path[PATH_MAX], error[512];
  *samples = (struct results_leak_samples){0};
  struct runner_request request = {
      .directory = asked->directory,
      .limits = {.time_ns = asked->time_limit_ns, .rss_bytes = machine_memory_bytes() / 5 * 4},
      .census_samples = asked->samples,
      .watch = asked->watch,
      .context = asked->context,
  };
  enum harness_status status = runner_run(&request, trial);
  if (status != HARNESS_DONE) {
    return status;
  }
  if (trial->status != RESULTS_ok && trial->status != RESULTS_incomplete &&
      trial->status != RESULTS_out_of_memory) {
    say_error("%s: %s: %s", asked->choice->input.workload->name,
              results_status_words(trial->status), trial->status_detail.text);
    return HARNESS_TRIAL_FAILED;
  }
  run_directory_file(path, asked->directory, asked->number, "census.json");
  if (asked->samples > 0 && results_leak_samples_read(path, samples, error, sizeof error) != 0) {
    return say_environment("%s", error);
  }
  return HARNESS_DONE;
}

/* --- what is asked for -------------------------------------------------------------------------
 */

static enum harness_status parse_settings(const char *text, struct results_settings *settings) {
  struct text_list parts = {0};
  text_list_add_parts(&parts, text);
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < parts.count; i++) {
    char *part = parts.texts[i], *equals = strchr(part, '=');
    if (!equals || equals == part) {
      status = say_bad_input("'%s' is no parameter: WORKLOAD:NAME=VALUE,NAME=VALUE", part);
    } else {
      *equals = 0;
      settings_add(settings, part, equals + 1);
    }
  }
  text_list_finish(&parts);
  return status;
}

enum harness_status leak_trial_parse(const char *text, bool quick, uint64_t seed,
                                     struct workload_choice *choice) {
  char *name = text_copy(text), *colon = strchr(name, ':');
  struct results_settings given = {0};
  enum harness_status status = HARNESS_DONE;
  if (colon) {
    *colon = 0;
    status = parse_settings(colon + 1, &given);
  }
  const struct workload *workload = workload_find(name);
  if (status == HARNESS_DONE && !workload) {
    status = say_unknown("workload", name, workload_names(), workload_count(),
                         "tricolor list workloads");
  }
  if (status == HARNESS_DONE) {
    status = workload_choice_init(choice, workload, &given, quick, seed);
  }
  if (status == HARNESS_DONE) {
    status = workload_choice_check(choice);
    if (status != HARNESS_DONE) {
      workload_choice_finish(choice);
    }
  }
  settings_finish(&given);
  free(name);
  return status;
}
