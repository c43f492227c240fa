/* Writes summary.json. Figures that are not known are null. */
#include "results/summary_file.h"
#include "results/file.h"
#include "results/json_file.h"
#include "results/lbo.h"
#include "results/strategies.h"
#include <errno.h>
#include <jansson.h>
#include <math.h>

static const char *const percentile_names[RESULTS_PERCENTILES] = {
    [RESULTS_P50] = "p50_ns",     [RESULTS_P90] = "p90_ns", [RESULTS_P99] = "p99_ns",
    [RESULTS_P99_9] = "p99_9_ns", [RESULTS_MAX] = "max_ns",
};

static json_t *real(double value) {
  if (!isfinite(value))
    return json_null();
  if (value == floor(value) && fabs(value) < 9e15)
    return json_integer((json_int_t)value);
  return json_real(value);
}

static json_t *number(uint64_t value) {
  return json_integer((json_int_t)value);
}

static json_t *distribution(const struct results_distribution *median,
                            const struct results_distribution *largest,
                            const struct results_distribution *sum) {
  json_t *object = json_object();
  json_object_set_new(object, "count", real(sum->count));
  json_object_set_new(object, "total_ns", real(sum->total_ns));
  for (size_t index = 0; index < RESULTS_MAX; index++)
    json_object_set_new(object, percentile_names[index], real(median->percentile_ns[index]));
  json_object_set_new(object, percentile_names[RESULTS_MAX],
                      real(largest->percentile_ns[RESULTS_MAX]));
  return object;
}

static json_t *pauses(const struct results_summary *summary) {
  json_t *object = json_object();
  for (size_t kind = 0; kind < RESULTS_KINDS; kind++) {
    if (summary->histograms[kind].total_count == 0)
      continue;
    json_t *both = json_object();
    json_object_set_new(both, "wall",
                        distribution(&summary->median.wall[kind], &summary->largest.wall[kind],
                                     &summary->sum.wall[kind]));
    json_object_set_new(both, "cpu",
                        distribution(&summary->median.cpu[kind], &summary->largest.cpu[kind],
                                     &summary->sum.cpu[kind]));
    if (summary->sum.own[kind].count > 0)
      json_object_set_new(both, "own",
                          distribution(&summary->median.own[kind], &summary->largest.own[kind],
                                       &summary->sum.own[kind]));
    const char *name = kind == RESULTS_ALL_KINDS ? "all" : gc_pause_kind_names[kind];
    json_object_set_new(object, name, both);
  }
  return object;
}

static json_t *figure(const struct results_summary *summary, double median, double least,
                      double largest, size_t offset) {
  json_t *object = json_object(), *trials = json_array();
  json_object_set_new(object, "median", real(median));
  json_object_set_new(object, "least", real(least));
  json_object_set_new(object, "largest", real(largest));
  for (size_t index = 0; index < summary->statuses[RESULTS_ok]; index++)
    json_array_append_new(trials,
                          real(*(const double *)((const char *)&summary->trials[index] + offset)));
  json_object_set_new(object, "trials", trials);
  return object;
}

static json_t *figures(const struct results_summary *summary) {
  json_t *object = json_object();
#define RESULTS_FIGURE(name, unit, description)                                                    \
  json_object_set_new(object, #name,                                                               \
                      figure(summary, summary->median.name, summary->least.name,                   \
                             summary->largest.name, offsetof(struct results_figures, name)));
#include "results/schema.def"
  return object;
}

static json_t *settings(const struct results_settings *from) {
  json_t *object = json_object();
  for (size_t index = 0; index < from->count; index++)
    json_object_set_new(object, from->items[index].name, json_string(from->items[index].text));
  return object;
}

static json_t *reals(const double *values, size_t count) {
  json_t *array = json_array();
  for (size_t index = 0; index < count; index++)
    json_array_append_new(array, real(values[index]));
  return array;
}

/* Both views at the same windows, of each window the median of the trials. */
static json_t *utilisation_curves(const struct results_figures *median) {
  uint64_t windows_ns[RESULTS_CURVE_WINDOWS];
  json_t *object = json_object(), *windows = json_array();
  results_curve_windows(windows_ns);
  for (size_t index = 0; index < RESULTS_CURVE_WINDOWS; index++)
    json_array_append_new(windows, number(windows_ns[index]));
  json_object_set_new(object, "windows_ns", windows);
  json_object_set_new(object, "mmu", reals(median->mutator_curve.mmu, RESULTS_CURVE_WINDOWS));
  json_object_set_new(object, "bmu", reals(median->mutator_curve.bmu, RESULTS_CURVE_WINDOWS));
  json_object_set_new(object, "mmu_capacity",
                      reals(median->capacity_curve.mmu, RESULTS_CURVE_WINDOWS));
  json_object_set_new(object, "bmu_capacity",
                      reals(median->capacity_curve.bmu, RESULTS_CURVE_WINDOWS));
  return object;
}

static json_t *latency(const struct results_summary *summary, enum results_latency_kind kind) {
  json_t *object = json_object();
  json_object_set_new(object, "count", real(summary->sum.latency[kind].count));
  for (size_t index = 0; index < RESULTS_LATENCY_MAX; index++)
    json_object_set_new(object, results_latency_percentile_names[index],
                        real(summary->median.latency[kind].percentile_ns[index]));
  json_object_set_new(object, results_latency_percentile_names[RESULTS_LATENCY_MAX],
                      real(summary->largest.latency[kind].percentile_ns[RESULTS_LATENCY_MAX]));
  return object;
}

static json_t *latencies(const struct results_summary *summary) {
  if (!(summary->sum.latency[RESULTS_LATENCY_SIMPLE].count > 0))
    return json_null();
  json_t *object = json_object();
  for (enum results_latency_kind kind = 0; kind < RESULTS_LATENCY_KINDS; kind++)
    json_object_set_new(object, results_latency_names[kind], latency(summary, kind));
  return object;
}

/* What the configuration was; the same keys as in trials/NNNN.json. */
static json_t *configuration(const struct results_configuration *from) {
  json_t *object = json_object();
#define SET_number(name)   json_object_set_new(object, #name, number(from->name));
#define SET_ratio(name)    json_object_set_new(object, #name, real(from->name));
#define SET_flag(name)     json_object_set_new(object, #name, json_boolean(from->name));
#define SET_text(name)     json_object_set_new(object, #name, json_string(from->name.text));
#define SET_settings(name) json_object_set_new(object, #name, settings(&from->name));
#define SET_seed(name)
#define SET_duration(name)                                                                         \
  json_object_set_new(object, #name, from->name == UINT64_MAX ? json_null() : number(from->name));
#define FIELD_configuration(name, type) SET_##type(name)
#define FIELD_result(name, type)
#define FIELD_heap(name, type)
#define FIELD_recording(name, type)
#define FIELD_machine(name, type)
#define RESULTS_FIELD(group, name, type, unit, description) FIELD_##group(name, type)
#include "results/schema.def"
  json_object_del(object, "invocation");
  return object;
}

static json_t *trials(const struct results_summary *summary) {
  json_t *object = json_object();
  json_object_set_new(object, "total", number(summary->trial_count));
  for (size_t status = 0; status < RESULTS_STATUSES; status++)
    json_object_set_new(object, results_status_names[status], number(summary->statuses[status]));
  return object;
}

static json_t *intervals(const struct results_intervals *intervals) {
  json_t *array = json_array();
  for (size_t index = 0; index < intervals->count; index++)
    json_array_append_new(array, json_pack("[I,I]", (json_int_t)intervals->items[index].begin_ns,
                                           (json_int_t)intervals->items[index].end_ns));
  return array;
}

static json_t *ok_trials(const struct results_summary *summary) {
  json_t *array = json_array();
  for (size_t index = 0; index < summary->statuses[RESULTS_ok]; index++) {
    const struct results_ok_trial *trial = &summary->ok_trials[index];
    json_array_append_new(array, json_pack("{s:I,s:I,s:I,s:o}", "trial", (json_int_t)trial->trial,
                                           "timed_begin_ns", (json_int_t)trial->timed.begin_ns,
                                           "timed_end_ns", (json_int_t)trial->timed.end_ns,
                                           "iterations", intervals(&trial->iterations)));
  }
  return array;
}

static json_t *phases(const struct results_summary *summary) {
  static const char *const place_names[RESULTS_PLACES] = {[RESULTS_STOPPED] = "stopped",
                                                          [RESULTS_ON_MUTATORS] = "on_mutators",
                                                          [RESULTS_BESIDE] = "beside"};
  json_t *object = json_object();
  for (size_t index = 0; index < summary->phase_count; index++) {
    const struct results_phase_work *work = &summary->phases[index].work;
    json_t *phase = json_pack("{s:I}", "count", (json_int_t)work->count);
    for (enum results_place place = 0; place < RESULTS_PLACES; place++)
      json_object_set_new(phase, place_names[place],
                          json_pack("{s:I,s:I}", "wall_ns", (json_int_t)work->places[place].wall_ns,
                                    "cpu_ns", (json_int_t)work->places[place].cpu_ns));
    json_object_set_new(object, summary->phases[index].name, phase);
  }
  return object;
}

static json_t *counters(const struct results_summary *summary) {
  json_t *object = json_object();
  for (size_t index = 0; index < summary->counter_count; index++) {
    const struct results_counter_sum *counter = &summary->counters[index];
    json_object_set_new(
        object, counter->name,
        json_pack("{s:s,s:I}", "unit", counter->unit, "value", (json_int_t)counter->value));
  }
  return object;
}

static json_t *worst_pause(const struct results_worst_pause *worst) {
  json_t *object = json_object();
  json_object_set_new(object, "trial", json_integer((json_int_t)worst->trial));
  json_object_set_new(object, "at_ns", json_integer((json_int_t)worst->at_ns));
  json_object_set_new(object, "kind", json_string(gc_pause_kind_names[worst->kind]));
  json_object_set_new(object, worst->has_cpu ? "cpu_ns" : "wall_ns",
                      json_integer((json_int_t)worst->ns));
  json_object_set_new(object, "phase", json_string(worst->phase));
  json_object_set_new(object, "phase_ns", json_integer((json_int_t)worst->phase_ns));
  return object;
}

static json_t *pause_target(const struct results_summary *summary) {
  const struct results_pause_target *kept = &summary->target;
  if (!results_pause_target_is_known(summary))
    return json_null();
  json_t *object = json_object(), *beyond = json_object();
  for (size_t kind = 0; kind < GC_PAUSE_KINDS; kind++)
    if (kept->beyond[kind] > 0)
      json_object_set_new(beyond, gc_pause_kind_names[kind],
                          json_integer((json_int_t)kept->beyond[kind]));
  json_object_set_new(object, "pauses", json_integer((json_int_t)kept->pauses));
  json_object_set_new(object, "within", json_integer((json_int_t)kept->within));
  json_object_set_new(object, "beyond", beyond);
  json_object_set_new(object, "longest", worst_pause(&kept->worst));
  return object;
}

static json_t *entry(const struct results_summary *summary) {
  json_t *object = json_object();
  json_object_set_new(object, "name", json_string(summary->slug));
  json_object_set_new(object, "label", json_string(summary->label));
  json_object_set_new(object, "configuration", configuration(&summary->first.configuration));
  json_object_set_new(object, "trials", trials(summary));
  json_object_set_new(object, "ok_trials", ok_trials(summary));
  json_object_set_new(object, "failure", json_string(summary->failure));
  json_object_set_new(object, "figures", figures(summary));
  json_object_set_new(object, "pauses", pauses(summary));
  json_object_set_new(object, "pause_target", pause_target(summary));
  json_object_set_new(object, "time_to_safepoint",
                      distribution(&summary->median.time_to_safepoint,
                                   &summary->largest.time_to_safepoint,
                                   &summary->sum.time_to_safepoint));
  json_object_set_new(object, "utilisation_curves", utilisation_curves(&summary->median));
  json_object_set_new(object, "latency", latencies(summary));
  json_object_set_new(object, "phases", phases(summary));
  json_object_set_new(object, "counters", counters(summary));
  return object;
}

static json_t *strategy(const struct results_strategy *from) {
  json_t *object = json_object();
  const struct results_configuration *configuration = &from->summary->first.configuration;
  json_object_set_new(object, "collector", json_string(configuration->collector.text));
  json_object_set_new(object, "barrier", json_string(configuration->barrier.text));
  json_object_set_new(object, "label", json_string(from->summary->strategy_label));
  json_object_set_new(object, "wall_ratio", real(from->wall_ratio));
  json_object_set_new(object, "cpu_ratio", real(from->cpu_ratio));
  json_object_set_new(object, "peak_heap_ratio", real(from->peak_heap_ratio));
  json_object_set_new(object, "p99_ns", real(from->p99_ns));
  json_object_set_new(object, "largest_ns", real(from->largest_ns));
  json_object_set_new(object, "own_largest_ns", real(from->own_largest_ns));
  json_object_set_new(object, "mmu_1ms", real(from->mmu_1ms));
  json_object_set_new(object, "mmu_10ms", real(from->mmu_10ms));
  json_object_set_new(object, "mmu_50ms", real(from->mmu_50ms));
  json_object_set_new(object, "utilisation", real(from->utilisation));
  json_object_set_new(object, "barrier_ratio", real(from->barrier_ratio));
  return object;
}

/* One object per heap at which several strategies ran. */
static json_t *strategies(const struct results_run *run) {
  json_t *array = json_array();
  struct results_strategies_list list;
  if (results_strategies_derive(run, &list))
    return array;
  for (size_t index = 0; index < list.count; index++) {
    const struct results_strategies *table = &list.items[index];
    const struct results_configuration *heap = &table->heap->first.configuration;
    json_t *object = json_object(), *workloads = json_array(), *left_out = json_array();
    json_t *rows = json_array();
    bool has_multiple = isfinite(heap->heap_multiple);
    json_object_set_new(object, "heap_multiple", real(heap->heap_multiple));
    json_object_set_new(object, "heap_bytes",
                        has_multiple ? json_null() : number(heap->heap_bytes));
    json_object_set_new(object, "baseline", number(table->baseline));
    for (size_t place = 0; place < table->workload_count; place++)
      json_array_append_new(workloads, json_string(table->workloads[place]));
    for (size_t place = 0; place < table->left_out_count; place++)
      json_array_append_new(left_out, json_string(table->left_out[place]));
    for (size_t place = 0; place < table->count; place++)
      json_array_append_new(rows, strategy(&table->items[place]));
    json_object_set_new(object, "workloads", workloads);
    json_object_set_new(object, "left_out", left_out);
    json_object_set_new(object, "strategies", rows);
    json_array_append_new(array, object);
  }
  results_strategies_finish(&list);
  return array;
}

/* --- lower-bound overhead ----------------------------------------------------------------------
 */

static json_t *lbo_cost(const struct results_lbo_cost *cost) {
  json_t *object = json_object();
  json_object_set_new(object, "total_ns", real(cost->total_ns));
  json_object_set_new(object, "distilled_ns", real(cost->distilled_ns));
  json_object_set_new(object, "minimum_distilled_ns", real(cost->minimum_ns));
  json_object_set_new(object, "minimum_of",
                      cost->minimum_of ? json_string(cost->minimum_of->slug) : json_null());
  json_object_set_new(object, "ratio", real(cost->ratio));
  json_object_set_new(object, "low", real(cost->low));
  json_object_set_new(object, "high", real(cost->high));
  return object;
}

static json_t *lbo_configurations(const struct results_run *run, const struct results_lbo *lbo) {
  json_t *array = json_array();
  for (size_t index = 0; index < run->summary_count; index++) {
    if (results_is_floor(&run->summaries[index]))
      continue;
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(run->summaries[index].slug));
    for (enum results_lbo_metric metric = 0; metric < RESULTS_LBO_METRICS; metric++)
      json_object_set_new(object, results_lbo_names[metric], lbo_cost(&lbo->costs[index][metric]));
    json_array_append_new(array, object);
  }
  return array;
}

static json_t *lbo_mean(const struct results_strategies *table,
                        const struct results_lbo_mean *mean) {
  json_t *object = json_object(), *workloads = json_array(), *left_out = json_array();
  json_t *rows = json_array();
  for (size_t index = 0; index < mean->workload_count; index++)
    json_array_append_new(workloads, json_string(mean->workloads[index]));
  for (size_t index = 0; index < table->left_out_count; index++)
    json_array_append_new(left_out, json_string(table->left_out[index]));
  for (size_t index = 0; index < mean->left_out_count; index++)
    json_array_append_new(left_out, json_string(mean->left_out[index]));
  for (size_t index = 0; index < table->count; index++) {
    const struct results_summary *summary = table->items[index].summary;
    const struct results_configuration *configuration = &summary->first.configuration;
    json_array_append_new(rows,
                          json_pack("{s:s,s:s,s:s,s:o}", "collector", configuration->collector.text,
                                    "barrier", configuration->barrier.text, "label",
                                    summary->strategy_label, "ratio", real(mean->ratios[index])));
  }
  json_object_set_new(object, "workloads", workloads);
  json_object_set_new(object, "left_out", left_out);
  json_object_set_new(object, "strategies", rows);
  return object;
}

static json_t *lower_bound_overhead(const struct results_run *run) {
  struct results_lbo lbo;
  if (results_lbo_derive(run, &lbo))
    return json_null();
  json_t *object = json_object(), *heaps = json_array();
  for (size_t index = 0; index < lbo.heap_count; index++) {
    const struct results_lbo_heap *heap = &lbo.heaps[index];
    const struct results_configuration *of = &heap->strategies->heap->first.configuration;
    json_t *column = json_object();
    json_object_set_new(column, "heap_multiple", real(of->heap_multiple));
    json_object_set_new(column, "heap_bytes",
                        isfinite(of->heap_multiple) ? json_null() : number(of->heap_bytes));
    for (enum results_lbo_metric metric = 0; metric < RESULTS_LBO_METRICS; metric++)
      json_object_set_new(column, results_lbo_names[metric],
                          lbo_mean(heap->strategies, &heap->means[metric]));
    json_array_append_new(heaps, column);
  }
  json_object_set_new(object, "configurations", lbo_configurations(run, &lbo));
  json_object_set_new(object, "heaps", heaps);
  results_lbo_finish(&lbo);
  return object;
}

static json_t *run_object(const struct results_run *run) {
  json_t *object = json_object(), *entries = json_array(), *left_out = json_array();
  json_object_set_new(object, "schema_version", json_integer(RESULTS_SCHEMA_VERSION));
  json_object_set_new(object, "cores", number(run->cores));
  json_object_set_new(object, "quick", json_boolean(run->is_quick));
  for (size_t index = 0; index < run->summary_count; index++)
    json_array_append_new(entries, entry(&run->summaries[index]));
  json_object_set_new(object, "configurations", entries);
  for (size_t index = 0; index < run->left_out_count; index++)
    json_array_append_new(left_out,
                          json_pack("{s:I,s:s}", "trial", (json_int_t)run->left_out[index].trial,
                                    "reason", run->left_out[index].reason));
  json_object_set_new(object, "left_out", left_out);
  json_object_set_new(object, "strategies", strategies(run));
  json_object_set_new(object, "lower_bound_overhead", lower_bound_overhead(run));
  return object;
}

int results_summary_write(const char *path, const struct results_run *run, char *error,
                          size_t error_size) {
  return results_json_file_write(path, run_object(run), error, error_size);
}
