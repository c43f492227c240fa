/* manifest.json of a run. */
#include "harness/manifest.h"
#include "harness/command.h"
#include "harness/machine.h"
#include "results/file.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static json_t *utc_now(void) {
  char text[32];
  time_t now = time(NULL);
  struct tm utc;
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
  return json_string(text);
}

static json_t *number(uint64_t value) {
  return json_integer((json_int_t)value);
}

static json_t *settings_object(const struct results_settings *settings) {
  json_t *object = json_object();
  for (size_t i = 0; i < settings->count; i++) {
    json_object_set_new(object, settings->items[i].name, json_string(settings->items[i].text));
  }
  return object;
}

static json_t *configuration_object(const struct results_configuration *configuration) {
  json_t *object = json_object();
  double multiple = configuration->heap_multiple;
  uint64_t target_ns = configuration->pause_target_ns;
  json_object_set_new(object, "workload", json_string(configuration->workload.text));
  json_object_set_new(object, "collector", json_string(configuration->collector.text));
  json_object_set_new(object, "barrier", json_string(configuration->barrier.text));
  json_object_set_new(object, "heap_bytes", number(configuration->heap_bytes));
  json_object_set_new(object, "heap_multiple", isnan(multiple) ? json_null() : json_real(multiple));
  json_object_set_new(object, "mutators", number(configuration->mutators));
  json_object_set_new(object, "warmup_iterations", number(configuration->warmup_iterations));
  json_object_set_new(object, "iterations", number(configuration->iterations));
  json_object_set_new(object, "gc_threads", number(configuration->gc_threads));
  json_object_set_new(object, "nursery_bytes", number(configuration->nursery_bytes));
  json_object_set_new(object, "pause_target_ns",
                      target_ns == UINT64_MAX ? json_null() : number(target_ns));
  json_object_set_new(object, "pretouch", json_boolean(configuration->pretouch));
  json_object_set_new(object, "parameters", settings_object(&configuration->parameters));
  json_object_set_new(object, "options", settings_object(&configuration->options));
  return object;
}

static json_t *seeds_array(const struct experiment *experiment) {
  json_t *seeds = json_array();
  for (size_t i = 0; i < experiment->seed_count; i++) {
    json_array_append_new(seeds, json_sprintf("%llu", (unsigned long long)experiment->seeds[i]));
  }
  return seeds;
}

static json_t *axes_object(const struct experiment *experiment) {
  json_t *axes = json_object();
  for (size_t i = 0; i < experiment->axis_count; i++) {
    const struct experiment_axis *axis = &experiment->axes[i];
    json_t *values = json_array();
    for (size_t j = 0; j < axis->values.count; j++) {
      json_array_append_new(values, json_string(axis->values.texts[j]));
    }
    json_object_set_new(axes, axis->name, values);
  }
  return axes;
}

static json_t *shard_object(const struct plan_shard *shard) {
  return shard->count == 0 ? json_null()
                           : json_pack("{s:I, s:I}", "number", (json_int_t)shard->number, "count",
                                       (json_int_t)shard->count);
}

static json_t *text_or_null(const char *text) {
  json_t *string = text ? json_string(text) : NULL;
  return string ? string : json_null();
}

json_t *manifest_begin(const struct plan *plan) {
  const struct experiment *experiment = plan->experiment;
  char seed[32];
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)experiment_seed(experiment, 1));
  json_t *manifest = json_object();
  json_object_set_new(manifest, "schema_version", json_integer(RESULTS_SCHEMA_VERSION));
  json_object_set_new(manifest, "version", json_string(TRICOLOR_VERSION));
  json_object_set_new(manifest, "heap_layout_version", json_integer(MINIMUM_HEAP_LAYOUT_VERSION));
  json_object_set_new(manifest, "command_line", json_string(commands_line()));
  json_object_set_new(manifest, "experiment", text_or_null(experiment->name));
  json_object_set_new(manifest, "description", text_or_null(experiment->description));
  json_object_set_new(manifest, "status", json_string("running"));
  json_object_set_new(manifest, "started", utc_now());
  json_object_set_new(manifest, "ended", json_null());
  json_object_set_new(manifest, "resumed", json_array());
  json_object_set_new(manifest, "seed", json_string(seed));
  json_object_set_new(manifest, "seeds", seeds_array(experiment));
  json_object_set_new(manifest, "quick", json_boolean(experiment->quick));
  json_object_set_new(manifest, "invocations", json_integer(0));
  json_object_set_new(manifest, "invocations_asked",
                      experiment->invocations ? number(experiment->invocations) : json_null());
  json_object_set_new(manifest, "trials", json_integer(0));
  json_object_set_new(manifest, "time_limit_ns", number(experiment->time_limit_ns));
  json_object_set_new(manifest, "rss_limit_bytes", number(experiment->rss_limit_bytes));
  json_object_set_new(manifest, "skip_after", number(experiment->skip_after));
  json_object_set_new(manifest, "axes", axes_object(experiment));
  json_t *configurations = json_array();
  for (size_t i = 0; i < plan->configuration_count; i++) {
    json_array_append_new(configurations, configuration_object(&plan->configurations[i]));
  }
  json_object_set_new(manifest, "configurations", configurations);
  json_t *minima = json_object();
  for (size_t i = 0; i < plan->workload_count; i++) {
    const struct plan_workload *workload = &plan->workloads[i];
    char name[256];
    plan_workload_name(plan, i, name, sizeof name);
    json_object_set_new(minima, name, number(minimum_heap_base(&workload->minimum)));
  }
  json_object_set_new(manifest, "minimum_heaps", minima);
  char id[17];
  manifest_plan_id(manifest, id);
  json_object_set_new(manifest, "plan_id", json_string(id));
  json_object_set_new(manifest, "shard", shard_object(&plan->shard));
  json_object_set_new(manifest, "machine", machine_describe());
  return manifest;
}

void manifest_resume(json_t *manifest) {
  json_t *resumed = json_object_get(manifest, "resumed");
  if (!json_is_array(resumed)) {
    resumed = json_array();
    json_object_set_new(manifest, "resumed", resumed);
  }
  json_array_append_new(resumed, utc_now());
  json_t *shards = json_object_get(manifest, "shards");
  if (json_is_array(shards)) { /* what is run from now on is run here */
    json_array_append_new(shards, json_pack("{s:n, s:o, s:o, s:[]}", "directory", "started",
                                            utc_now(), "machine", machine_describe(), "trials"));
  }
}

void manifest_add_trial(json_t *manifest, uint64_t trial) {
  const json_t *shards = json_object_get(manifest, "shards");
  size_t count = json_array_size(shards);
  if (count > 0) {
    json_t *trials = json_object_get(json_array_get(shards, count - 1), "trials");
    json_array_append_new(trials, number(trial));
  }
}

void manifest_end(json_t *manifest) {
  json_t *before = json_object_get(manifest, "machine");
  json_t *after = machine_observe();
  json_t *noise = machine_noise(before, after), *sentence;
  size_t index;
  json_array_foreach(noise, index, sentence) {
    say_note("Noise: %s.", json_string_value(sentence));
  }
  json_object_set_new(manifest, "machine_after", after);
  json_object_set_new(manifest, "noise", noise);
}

enum harness_status manifest_write(json_t *manifest, const char *directory, const char *status,
                                   uint64_t invocations, uint64_t trials) {
  char path[PATH_MAX], error[512];
  json_object_set_new(manifest, "status", json_string(status));
  json_object_set_new(manifest, "invocations", number(invocations));
  json_object_set_new(manifest, "trials", number(trials));
  if (strcmp(status, "running") != 0) {
    json_object_set_new(manifest, "ended", utc_now());
  }
  char *text = json_dumps(manifest, JSON_INDENT(2));
  if (!text) {
    return say_environment("out of memory");
  }
  size_t length = strlen(text);
  text = memory_resize(text, length + 2, 1);
  memcpy(text + length, "\n", 2);
  int written = results_path(path, directory, "manifest.json", error, sizeof error);
  if (written == 0) {
    written = results_file_write_text(path, text, error, sizeof error);
  }
  free(text);
  return written == 0 ? HARNESS_DONE : say_environment("%s", error);
}
