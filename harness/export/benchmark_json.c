/* Export to the JSON of Google Benchmark: for its compare.py, and for services that track it.
 *
 * A configuration is a benchmark, each of its trials one repetition; real_time is the wall time of the
 * trial and cpu_time its CPU time, in ms. What else there is stands beside them as counters, which
 * compare.py ignores. The control trial, whose CPU time is not measured, is no benchmark. From two repetitions on compare.py adds its U test.
 */
#include "harness/export/export.h"
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

/* Of the machine that ran the trials, by the run's manifest; 1 and empty where it does not say. */
static void put_context(FILE *stream, const struct export_trial *first) {
  char path[PATH_MAX];
  int length = snprintf(path, sizeof path, "%s/manifest.json", first->directory);
  json_t *manifest =
      length > 0 && (size_t)length < sizeof path ? json_load_file(path, 0, NULL) : NULL;
  const json_t *machine = json_object_get(manifest, "machine");
  const char *date = json_string_value(json_object_get(manifest, "started"));
  const char *host = json_string_value(json_object_get(machine, "host"));
  uint64_t cores = first->trial->machine.cores;
  fputs("{\n  \"context\": {\n    \"date\": ", stream);
  export_put_text(stream, date ? date : "");
  fputs(",\n    \"host_name\": ", stream);
  export_put_text(stream, host ? host : "");
  fprintf(stream,
          ",\n    \"executable\": \"tricolor\",\n    \"num_cpus\": %" PRIu64
          ",\n    \"mhz_per_cpu\": 0,\n    \"cpu_scaling_enabled\": false,\n    \"caches\": [],\n"
          "    \"load_avg\": [%.2f],\n    \"library_build_type\": \"release\"\n  },\n"
          "  \"benchmarks\": [",
          cores ? cores : 1,
          isnan(first->trial->machine.load_before) ? 0 : first->trial->machine.load_before);
  json_decref(manifest);
}

static int begin(struct export_state *state, const struct export_trial *first) {
  put_context(state->stream, first);
  return 0;
}

static void put_counter(FILE *stream, const char *name, double value) {
  if (!isnan(value))
    fprintf(stream, ",\n      \"%s\": %.9g", name, value);
}

static int add(struct export_state *state, const struct export_trial *trial) {
  FILE *stream = state->stream;
  const struct results_figures *figures = trial->figures;
  const struct results_distribution *pauses = &figures->wall[RESULTS_ALL_KINDS];
  if (isnan(figures->wall_ns) || isnan(figures->cpu_ns)) {
    return 0;
  }
  fprintf(stream, "%s\n    {\n      \"name\": ", state->items++ ? "," : "");
  export_put_text(stream, trial->slug);
  fputs(",\n      \"run_name\": ", stream);
  export_put_text(stream, trial->slug);
  fprintf(stream,
          ",\n      \"run_type\": \"iteration\",\n      \"repetitions\": %" PRIu64
          ",\n      \"repetition_index\": %" PRIu64 ",\n      \"threads\": %" PRIu64
          ",\n      \"iterations\": 1,\n      \"real_time\": %.9g,\n      \"cpu_time\": %.9g,\n"
          "      \"time_unit\": \"ms\"",
          trial->repetitions, trial->repetition, trial->trial->configuration.mutators,
          figures->wall_ns / 1e6, figures->cpu_ns / 1e6);
#define RESULTS_FIGURE(name, unit, description) put_counter(stream, #name, figures->name);
#include "results/schema.def"
  put_counter(stream, "pause_count", pauses->count);
  put_counter(stream, "pause_p50_ns", pauses->percentile_ns[RESULTS_P50]);
  put_counter(stream, "pause_p99_ns", pauses->percentile_ns[RESULTS_P99]);
  put_counter(stream, "pause_p99_9_ns", pauses->percentile_ns[RESULTS_P99_9]);
  put_counter(stream, "pause_max_ns", pauses->percentile_ns[RESULTS_MAX]);
  fputs("\n    }", stream);
  return 0;
}

static int end(struct export_state *state) {
  fputs("\n  ]\n}\n", state->stream);
  return 0;
}

const struct exporter exporter_benchmark_json = {
    .name = "benchmark-json",
    .file_name = "benchmark.json",
    .file = EXPORT_ONE_FILE,
    .begin = begin,
    .add = add,
    .end = end,
};
