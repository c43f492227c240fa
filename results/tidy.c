/* Writes the long table of figures; tidy.h says what is in it. */
#include "results/tidy.h"
#include "results/file.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

void results_tidy_header(FILE *stream) {
  fputs("trial,workload,collector,barrier,heap_bytes,heap_multiple,label,invocation,"
        "measure,unit,value\n",
        stream);
}

enum { prefix_size = 4 * RESULTS_TEXT_SIZE + 256, name_size = 128 };

/* What all rows of a trial begin with. */
struct tidy {
  FILE *stream;
  char prefix[prefix_size];
  size_t used;
};

static void put_byte(struct tidy *tidy, char byte) {
  if (tidy->used + 1 < sizeof tidy->prefix)
    tidy->prefix[tidy->used++] = byte;
}

static void put_text(struct tidy *tidy, const char *text) {
  const char *quote = strpbrk(text, ",\"\n") ? "\"" : "";
  if (*quote)
    put_byte(tidy, '"');
  for (; *text; text++) {
    if (*text == '"')
      put_byte(tidy, '"');
    put_byte(tidy, *text);
  }
  if (*quote)
    put_byte(tidy, '"');
  put_byte(tidy, ',');
}

static void put_number(struct tidy *tidy, uint64_t number) {
  char text[32];
  snprintf(text, sizeof text, "%" PRIu64, number);
  put_text(tidy, text);
}

static void begin_trial(struct tidy *tidy, const struct results_configuration *configuration,
                        const char *label, uint64_t trial) {
  char multiple[32] = "";
  if (!isnan(configuration->heap_multiple))
    snprintf(multiple, sizeof multiple, "%.6g", configuration->heap_multiple);
  put_number(tidy, trial);
  put_text(tidy, configuration->workload.text);
  put_text(tidy, configuration->collector.text);
  put_text(tidy, configuration->barrier.text);
  put_number(tidy, configuration->heap_bytes);
  put_text(tidy, multiple);
  put_text(tidy, label);
  put_number(tidy, configuration->invocation);
  tidy->prefix[tidy->used] = 0;
}

/* Whole numbers as such; what else there is needs no more digits than a clock has. */
static void put_row(const struct tidy *tidy, const char *measure, const char *unit, double value) {
  if (isnan(value))
    return;
  bool is_whole = value == floor(value) && fabs(value) < 1e15;
  fprintf(tidy->stream, is_whole ? "%s%s,%s,%.0f\n" : "%s%s,%s,%.9g\n", tidy->prefix, measure, unit,
          value);
}

static void put_distribution(const struct tidy *tidy, const char *name,
                             const struct results_distribution *distribution) {
  static const char *const percentiles[RESULTS_PERCENTILES] = {
      [RESULTS_P50] = "p50_ns",     [RESULTS_P90] = "p90_ns", [RESULTS_P99] = "p99_ns",
      [RESULTS_P99_9] = "p99_9_ns", [RESULTS_MAX] = "max_ns",
  };
  char measure[name_size];
  if (!(distribution->count > 0))
    return;
  snprintf(measure, sizeof measure, "%s.count", name);
  put_row(tidy, measure, "count", distribution->count);
  snprintf(measure, sizeof measure, "%s.total_ns", name);
  put_row(tidy, measure, "ns", distribution->total_ns);
  for (size_t percentile = 0; percentile < RESULTS_PERCENTILES; percentile++) {
    snprintf(measure, sizeof measure, "%s.%s", name, percentiles[percentile]);
    put_row(tidy, measure, "ns", distribution->percentile_ns[percentile]);
  }
}

static void put_kind(const struct tidy *tidy, const struct results_figures *figures, size_t kind) {
  const char *kind_name = kind == RESULTS_ALL_KINDS ? "all" : gc_pause_kind_names[kind];
  const struct {
    const char *clock;
    const struct results_distribution *distribution;
  } clocks[] = {
      {"wall", &figures->wall[kind]}, {"cpu", &figures->cpu[kind]}, {"own", &figures->own[kind]}};
  for (size_t clock = 0; clock < sizeof clocks / sizeof *clocks; clock++) {
    char name[name_size - 16];
    snprintf(name, sizeof name, "pause.%s.%s", kind_name, clocks[clock].clock);
    put_distribution(tidy, name, clocks[clock].distribution);
  }
}

static void put_latency(const struct tidy *tidy, const char *name,
                        const struct results_latency *latency) {
  char measure[name_size];
  if (!(latency->count > 0))
    return;
  snprintf(measure, sizeof measure, "latency.%s.count", name);
  put_row(tidy, measure, "count", latency->count);
  for (size_t percentile = 0; percentile < RESULTS_LATENCY_PERCENTILES; percentile++) {
    snprintf(measure, sizeof measure, "latency.%s.%s", name,
             results_latency_percentile_names[percentile]);
    put_row(tidy, measure, "ns", latency->percentile_ns[percentile]);
  }
}

void results_tidy_rows(FILE *stream, const struct results_configuration *configuration,
                       const char *label, uint64_t trial, const struct results_figures *figures) {
  struct tidy tidy = {.stream = stream};
  begin_trial(&tidy, configuration, label, trial);
#define RESULTS_FIGURE(name, unit, description) put_row(&tidy, #name, unit, figures->name);
#include "results/schema.def"
  for (size_t kind = 0; kind < RESULTS_KINDS; kind++)
    put_kind(&tidy, figures, kind);
  put_distribution(&tidy, "time_to_safepoint", &figures->time_to_safepoint);
  for (size_t kind = 0; kind < RESULTS_LATENCY_KINDS; kind++)
    put_latency(&tidy, results_latency_names[kind], &figures->latency[kind]);
}

int results_tidy_write(const char *path, const struct results_run *run, char *error,
                       size_t error_size) {
  struct results_file file;
  int status = results_file_create(&file, path, error, error_size);
  if (status)
    return status;
  results_tidy_header(file.stream);
  for (size_t place = 0; place < run->summary_count; place++) {
    const struct results_summary *summary = &run->summaries[place];
    struct results_configuration configuration = summary->first.configuration;
    for (size_t trial = 0; trial < summary->statuses[RESULTS_ok]; trial++) {
      configuration.invocation = summary->ok_trials[trial].invocation;
      results_tidy_rows(file.stream, &configuration, summary->label,
                        summary->ok_trials[trial].trial, &summary->trials[trial]);
    }
  }
  return results_file_commit(&file, error, error_size);
}
