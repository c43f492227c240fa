/* Reading manifest.json back, as far as going on with a run or repeating it takes.
 *
 * Manifests of earlier versions have no seeds, no invocations_asked and no iterations: their one
 * seed, the invocations that were finished, and one iteration stand for these.
 */
#include "harness/manifest.h"
#include "harness/settings.h"
#include "harness/workload_registry.h"
#include "results/file.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum harness_status manifest_read(const char *directory, json_t **manifest) {
  char path[PATH_MAX], error[512];
  json_error_t json_error;
  if (results_path(path, directory, "manifest.json", error, sizeof error) != 0) {
    return say_bad_input("%s", error);
  }
  *manifest = json_load_file(path, JSON_REJECT_DUPLICATES, &json_error);
  if (!*manifest) {
    return say_bad_input("%s cannot be read: line %d: %s", path, json_error.line, json_error.text);
  }
  json_int_t version = json_integer_value(json_object_get(*manifest, "schema_version"));
  if (version < 1 || version > RESULTS_SCHEMA_VERSION) {
    json_decref(*manifest);
    return say_bad_input("%s has schema version %lld; this program reads 1 to %d", path,
                         (long long)version, RESULTS_SCHEMA_VERSION);
  }
  return HARNESS_DONE;
}

/* --- the experiment -----------------------------------------------------------------------------
 */

static enum harness_status take_seeds(const json_t *manifest, struct experiment *experiment) {
  const json_t *seeds = json_object_get(manifest, "seeds");
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < json_array_size(seeds); i++) {
    const char *text = json_string_value(json_array_get(seeds, i));
    status = experiment_add_seed(experiment, "manifest.json: seeds", text ? text : "");
  }
  if (status == HARNESS_DONE && experiment->seed_count == 0) {
    const char *text = json_string_value(json_object_get(manifest, "seed"));
    status = experiment_add_seed(experiment, "manifest.json: seed", text ? text : "");
  }
  return status;
}

enum harness_status manifest_experiment(const json_t *manifest, struct experiment *experiment) {
  const char *name = json_string_value(json_object_get(manifest, "experiment"));
  json_int_t time_limit_ns = json_integer_value(json_object_get(manifest, "time_limit_ns"));
  json_int_t rss_limit_bytes = json_integer_value(json_object_get(manifest, "rss_limit_bytes"));
  json_int_t invocations = json_integer_value(json_object_get(manifest, "invocations_asked"));
  *experiment = experiment_empty();
  json_int_t skip_after = json_integer_value(json_object_get(manifest, "skip_after"));
  if (skip_after < 0 || time_limit_ns <= 0 || rss_limit_bytes <= 0 || invocations < 0) {
    return say_bad_input("manifest.json has no limits that make sense");
  }
  experiment->name = name ? text_copy(name) : NULL;
  experiment->time_limit_ns = (uint64_t)time_limit_ns;
  experiment->rss_limit_bytes = (uint64_t)rss_limit_bytes;
  experiment->skip_after = (uint64_t)skip_after; /* 0 in manifests that do not know of it */
  experiment->invocations = (uint64_t)invocations;
  experiment->quick = json_is_true(json_object_get(manifest, "quick"));
  enum harness_status status = take_seeds(manifest, experiment);
  if (status != HARNESS_DONE) {
    experiment_finish(experiment);
  }
  return status;
}

/* FNV-1a of the canonical form: equal plans have equal texts. */
static uint64_t hash_of(const char *text) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (; *text; text++) {
    hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
  }
  return hash;
}

void manifest_plan_id(const json_t *manifest, char id[17]) {
  static const char *const keys[] = {"version",           "quick",         "seeds",
                                     "invocations_asked", "time_limit_ns", "configurations"};
  json_t *plan = json_object();
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    json_object_set(plan, keys[i], json_object_get(manifest, keys[i]));
  }
  char *text = json_dumps(plan, JSON_SORT_KEYS | JSON_COMPACT);
  snprintf(id, 17, "%016llx", (unsigned long long)hash_of(text ? text : ""));
  free(text);
  json_decref(plan);
}

enum harness_status manifest_shard(const json_t *manifest, struct plan_shard *shard) {
  const json_t *object = json_object_get(manifest, "shard");
  *shard = (struct plan_shard){0};
  if (!json_is_object(object)) {
    return HARNESS_DONE;
  }
  json_int_t number = json_integer_value(json_object_get(object, "number"));
  json_int_t count = json_integer_value(json_object_get(object, "count"));
  if (number < 1 || number > count) {
    return say_bad_input("manifest.json has a shard that makes no sense");
  }
  *shard = (struct plan_shard){.number = (uint64_t)number, .count = (uint64_t)count};
  return HARNESS_DONE;
}

/* --- configurations -----------------------------------------------------------------------------
 */

static bool take_text(const json_t *object, const char *key, struct results_text *text) {
  const char *value = json_string_value(json_object_get(object, key));
  results_text_set(text, value ? value : "");
  return value != NULL;
}

static bool take_number(const json_t *object, const char *key, uint64_t *number) {
  const json_t *value = json_object_get(object, key);
  *number = (uint64_t)json_integer_value(value);
  return json_is_integer(value) && json_integer_value(value) >= 0;
}

/* Of manifests that do not know of iterations there is one. */
static bool take_iterations(const json_t *object, struct results_configuration *configuration) {
  if (!json_object_get(object, "iterations")) {
    return true;
  }
  return take_number(object, "warmup_iterations", &configuration->warmup_iterations) &&
         take_number(object, "iterations", &configuration->iterations) &&
         configuration->iterations > 0;
}

static bool take_settings(const json_t *object, const char *key,
                          struct results_settings *settings) {
  json_t *map = json_object_get(object, key), *value;
  const char *name;
  json_object_foreach(map, name, value) {
    if (!json_is_string(value)) {
      return false;
    }
    settings_add(settings, name, json_string_value(value));
  }
  return json_is_object(map);
}

static bool take_configuration(const json_t *object, struct results_configuration *configuration) {
  const json_t *multiple = json_object_get(object, "heap_multiple");
  const json_t *target = json_object_get(object, "pause_target_ns");
  configuration->heap_multiple = json_is_number(multiple) ? json_number_value(multiple) : NAN;
  configuration->pause_target_ns =
      json_is_integer(target) ? (uint64_t)json_integer_value(target) : UINT64_MAX;
  configuration->pretouch = json_is_true(json_object_get(object, "pretouch"));
  return take_text(object, "workload", &configuration->workload) &&
         take_text(object, "collector", &configuration->collector) &&
         take_text(object, "barrier", &configuration->barrier) &&
         take_number(object, "heap_bytes", &configuration->heap_bytes) &&
         take_number(object, "mutators", &configuration->mutators) &&
         take_iterations(object, configuration) &&
         take_number(object, "gc_threads", &configuration->gc_threads) &&
         take_number(object, "nursery_bytes", &configuration->nursery_bytes) &&
         take_settings(object, "parameters", &configuration->parameters) &&
         take_settings(object, "options", &configuration->options);
}

/* The plan's workload with those parameters and mutators, new or not. */
static enum harness_status
find_workload(struct plan *plan, const struct results_configuration *configuration, size_t *place) {
  const char *name = configuration->workload.text;
  for (*place = 0; *place < plan->workload_count; ++*place) {
    const struct workload_choice *choice = &plan->workloads[*place].choice;
    if (strcmp(choice->input.workload->name, name) == 0 &&
        plan->workloads[*place].mutators == configuration->mutators &&
        settings_equal(&choice->parameters, &configuration->parameters)) {
      return HARNESS_DONE;
    }
  }
  const struct workload *workload = workload_find(name);
  if (!workload) {
    return say_unknown("workload", name, workload_names(), workload_count(),
                       "tricolor list workloads");
  }
  plan->workloads =
      memory_resize(plan->workloads, plan->workload_count + 1, sizeof *plan->workloads);
  struct plan_workload *added = &plan->workloads[plan->workload_count];
  *added = (struct plan_workload){.mutators = configuration->mutators};
  enum harness_status status =
      workload_choice_init(&added->choice, workload, &configuration->parameters,
                           plan->experiment->quick, experiment_seed(plan->experiment, 1));
  plan->workload_count += status == HARNESS_DONE;
  return status;
}

static enum harness_status add_configuration(struct plan *plan, const json_t *object,
                                             size_t number) {
  struct results_trial empty;
  results_trial_init(&empty);
  struct results_configuration configuration = empty.configuration;
  configuration.seed = experiment_seed(plan->experiment, 1);
  configuration.quick = plan->experiment->quick;
  size_t workload = SIZE_MAX;
  enum harness_status status = HARNESS_DONE;
  if (!take_configuration(object, &configuration)) {
    status =
        say_bad_input("manifest.json: configuration %zu lacks a key, or has another type", number);
  } else if (strcmp(configuration.workload.text, RESULTS_IDLE_WORKLOAD) != 0) {
    status = find_workload(plan, &configuration, &workload);
  }
  if (status == HARNESS_DONE) {
    plan_add_configuration(plan, &configuration, workload);
  } else {
    configuration_finish(&configuration);
  }
  return status;
}

/* Orders rest on it. */
static enum harness_status check_control(const struct plan *plan) {
  for (size_t i = 0; i < plan->configuration_count; i++) {
    bool is_last = i + 1 == plan->configuration_count;
    if ((plan->workload_of[i] == SIZE_MAX) != is_last) {
      return say_bad_input("manifest.json: the control trial is not the last configuration");
    }
  }
  return plan->configuration_count > 0 ? HARNESS_DONE
                                       : say_bad_input("manifest.json has no configurations");
}

enum harness_status manifest_plan(const json_t *manifest, const struct experiment *experiment,
                                  struct plan *plan) {
  const json_t *configurations = json_object_get(manifest, "configurations");
  *plan = (struct plan){.experiment = experiment};
  enum harness_status status = manifest_shard(manifest, &plan->shard);
  for (size_t i = 0; status == HARNESS_DONE && i < json_array_size(configurations); i++) {
    status = add_configuration(plan, json_array_get(configurations, i), i + 1);
  }
  if (status == HARNESS_DONE) {
    status = check_control(plan);
  }
  if (status == HARNESS_DONE) {
    status = plan_check_inputs(plan);
  }
  if (status == HARNESS_DONE) {
    plan_complete_configurations(plan);
  } else {
    plan_finish(plan);
  }
  return status;
}

void manifest_minimum_heaps(const json_t *manifest, struct plan *plan) {
  const json_t *minima = json_object_get(manifest, "minimum_heaps");
  for (size_t i = 0; i < plan->workload_count; i++) {
    struct plan_workload *workload = &plan->workloads[i];
    char name[256];
    plan_workload_name(plan, i, name, sizeof name);
    json_int_t bytes = json_integer_value(json_object_get(minima, name));
    if (bytes > 0) {
      workload->minimum = (struct minimum_heap){.minimum_bytes = (uint64_t)bytes};
    }
  }
}
