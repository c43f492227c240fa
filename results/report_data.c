/* A report's data: what report.js draws, as one JSON object; report/README.md lists its keys.
 *
 * How many marks there are. Where all that is measured would be more than RESULTS_REPORT_MARKS, curves
 * get fewer points and histograms fewer bars, in steps that are the same for all configurations
 * (`details`); where even that is too much, only the configurations with the longest pauses have
 * any. A share is kept for what is shown of single trials: timelines, the longest pause, pacing.
 * Where there is less of it than is worth looking at, those too are of the configurations with the
 * longest pauses. What was left out is said in `thinned`, which the page shows. Tables, points of
 * medians and files are whole.
 */
#include "results/report_data.h"
#include "results/compare.h"
#include "results/file.h"
#include "results/lbo.h"
#include "results/plot_canvas.h"
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  percentile_marks = 48,
  decades = 11,
  bins_max = decades * 10,
  points = 20,           /* that charts of medians have of a configuration, at most */
  floor_panels_max = 24, /* as report.js has it */
  single_share = 5,      /* one of so many marks is kept for single trials */
  pacing_share = 4,      /* of a timeline's marks there are one for so many */
  timeline_marks_min = 240,
  timeline_marks_max = 4000,
  longest_marks = 30, /* phases of the longest pause, as a rule at most */
};

/* How much is drawn of each configuration, from everything to little. */
static const struct report_detail details[] = {
    {1, 10, true}, {2, 5, true}, {4, 5, false}, {8, 2, false}};
enum { detail_count = sizeof details / sizeof *details };

json_t *report_real(double value) {
  if (!isfinite(value))
    return json_null();
  if (value == floor(value) && fabs(value) < 9e15)
    return json_integer((json_int_t)value);
  return json_real(value);
}

static json_t *number(uint64_t value) {
  return json_integer((json_int_t)value);
}

/* --- distributions -----------------------------------------------------------------------------
 */

/* [percentile, ns] of the pooled pauses: dense towards the tail, the largest last. Percentiles with
 * fewer than RESULTS_SAMPLES_BEYOND pauses beyond them are left out, but for the largest. */
static json_t *percentiles_of(const struct results_histogram *histogram, size_t step) {
  json_t *rows = json_array();
  double count = (double)histogram->total_count;
  for (size_t index = 0; index < percentile_marks && count > 0; index += step) {
    double beyond = pow(10, -(double)index / 8), percentile = 100 * (1 - beyond);
    if (beyond * count < RESULTS_SAMPLES_BEYOND)
      break;
    json_array_append_new(
        rows,
        json_pack("[ff]", beyond, (double)results_histogram_percentile(histogram, percentile)));
  }
  if (count > 0)
    json_array_append_new(rows, json_pack("[ff]", 1 / count, (double)histogram->maximum_value));
  return rows;
}

/* [from, to, count]: lengths in equal parts of a decade. */
static json_t *bins_of(const struct results_histogram *histogram, size_t per_decade) {
  uint64_t counts[bins_max] = {0};
  size_t count = decades * per_decade;
  struct results_histogram_range range = {0};
  while (results_histogram_next(histogram, &range)) {
    double place = range.middle_value ? log10((double)range.middle_value) * (double)per_decade : 0;
    counts[place < (double)(count - 1) ? (size_t)place : count - 1] += range.count;
  }
  json_t *rows = json_array();
  for (size_t bin = 0; bin < count; bin++)
    if (counts[bin] > 0)
      json_array_append_new(rows, json_pack("[ffI]", pow(10, (double)bin / (double)per_decade),
                                            pow(10, (double)(bin + 1) / (double)per_decade),
                                            (json_int_t)counts[bin]));
  return rows;
}

static json_t *distribution_of(const struct results_summary *summary, size_t kind,
                               const struct report_detail *detail) {
  const struct results_distribution *median = &summary->median.wall[kind];
  const struct results_distribution *own = &summary->largest.own[kind];
  json_t *object = json_object();
  json_object_set_new(object, "count", report_real(summary->sum.wall[kind].count));
  json_object_set_new(object, "total_ns", report_real(summary->sum.wall[kind].total_ns));
  json_object_set_new(object, "p50_ns", report_real(median->percentile_ns[RESULTS_P50]));
  json_object_set_new(object, "p90_ns", report_real(median->percentile_ns[RESULTS_P90]));
  json_object_set_new(object, "p99_ns", report_real(median->percentile_ns[RESULTS_P99]));
  json_object_set_new(object, "p99_9_ns", report_real(median->percentile_ns[RESULTS_P99_9]));
  json_object_set_new(object, "max_ns",
                      report_real(summary->largest.wall[kind].percentile_ns[RESULTS_MAX]));
  json_object_set_new(object, "own_max_ns", report_real(own->percentile_ns[RESULTS_MAX]));
  if (detail && (detail->has_kinds || kind == RESULTS_ALL_KINDS))
    json_object_set_new(object, "bins",
                        bins_of(&summary->histograms[kind], detail->bins_per_decade));
  return object;
}

static json_t *kinds_of(const struct results_summary *summary, const struct report_detail *detail) {
  json_t *object = json_object();
  for (size_t kind = 0; kind < RESULTS_KINDS; kind++)
    if (summary->histograms[kind].total_count > 0)
      json_object_set_new(object, kind == RESULTS_ALL_KINDS ? "all" : gc_pause_kind_names[kind],
                          distribution_of(summary, kind, detail));
  return object;
}

/* --- measures ----------------------------------------------------------------------------------
 */

/* {name: {median, mean, low, high, values}}: the interval is of the mean across invocations, and
 * null below RESULTS_CALLED_FROM of them. */
static json_t *measure_of(const struct results_summary *summary, enum results_measure measure) {
  size_t count = summary->statuses[RESULTS_ok], known = 0;
  double *values = malloc((count + 1) * sizeof *values);
  json_t *object = json_object(), *all = json_array();
  for (size_t index = 0; values && index < count; index++) {
    double value = results_measure_of(&summary->trials[index], measure);
    json_array_append_new(all, report_real(value));
    if (!isnan(value))
      values[known++] = value;
  }
  if (values && known > 0) {
    struct results_interval interval = results_interval_of(values, known, 1, 1);
    json_object_set_new(object, "mean", report_real(interval.estimate));
    json_object_set_new(object, "low", report_real(interval.low));
    json_object_set_new(object, "high", report_real(interval.high));
    json_object_set_new(object, "median", report_real(results_median(values, known)));
  }
  free(values);
  json_object_set_new(object, "values", all);
  return object;
}

static json_t *measures_of(const struct results_summary *summary) {
  json_t *object = json_object();
  for (enum results_measure measure = 0; measure < RESULTS_MEASURE_COUNT; measure++)
    json_object_set_new(object, results_measure_names[measure], measure_of(summary, measure));
  return object;
}

/* [window, mmu, bmu, and both of the processors], medians across trials; windows that no trial was
 * long enough for are left out. */
static json_t *utilisation_of(const struct results_figures *median, size_t step) {
  const struct results_utilisation_curve *mutator = &median->mutator_curve,
                                         *capacity = &median->capacity_curve;
  uint64_t windows_ns[RESULTS_CURVE_WINDOWS];
  json_t *rows = json_array();
  results_curve_windows(windows_ns);
  for (size_t index = 0; index < RESULTS_CURVE_WINDOWS; index += step) {
    const double values[] = {(double)windows_ns[index], mutator->mmu[index], mutator->bmu[index],
                             capacity->mmu[index], capacity->bmu[index]};
    if (isnan(values[1]) && isnan(values[3]))
      continue;
    json_t *row = json_array();
    for (size_t place = 0; place < sizeof values / sizeof *values; place++)
      json_array_append_new(row, report_real(values[place]));
    json_array_append_new(rows, row);
  }
  return rows;
}

/* {name: [[share beyond, ns], ...]} of runs with requests: medians across trials, the largest of
 * all trials last. */
static json_t *latency_of(const struct results_summary *summary) {
  static const double beyond[RESULTS_LATENCY_PERCENTILES] = {0.5, 0.1, 0.01, 0.001, 0.0001, 0};
  json_t *object = json_object();
  for (enum results_latency_kind kind = 0; kind < RESULTS_LATENCY_KINDS; kind++) {
    const struct results_latency *median = &summary->median.latency[kind];
    json_t *rows = json_array();
    for (size_t index = 0; index < RESULTS_LATENCY_MAX; index++)
      if (!isnan(median->percentile_ns[index]))
        json_array_append_new(rows, json_pack("[ff]", beyond[index], median->percentile_ns[index]));
    double largest_ns = summary->largest.latency[kind].percentile_ns[RESULTS_LATENCY_MAX];
    if (median->count > 0 && !isnan(largest_ns))
      json_array_append_new(rows, json_pack("[ff]", 1 / median->count, largest_ns));
    if (json_array_size(rows) > 0)
      json_object_set(object, results_latency_names[kind], rows);
    json_decref(rows);
  }
  return object;
}

/* {wall, cpu: {ratio, low, high}}: what the configuration costs at least, over what its workload
 * does. */
static void add_overheads(struct report *report, json_t *configurations) {
  struct results_lbo lbo;
  if (results_lbo_derive(report->run, &lbo)) {
    report->has_failed = true;
    return;
  }
  for (size_t index = 0; index < json_array_size(configurations); index++) {
    json_t *overhead = json_object();
    for (enum results_lbo_metric metric = 0; metric < RESULTS_LBO_METRICS; metric++) {
      const struct results_lbo_cost *cost = &lbo.costs[index][metric];
      if (isnan(cost->ratio) || !cost->minimum_of)
        continue;
      json_t *values = json_object();
      json_object_set_new(values, "ratio", report_real(cost->ratio));
      json_object_set_new(values, "low", report_real(cost->low));
      json_object_set_new(values, "high", report_real(cost->high));
      json_object_set_new(overhead, results_lbo_names[metric], values);
    }
    json_object_set_new(json_array_get(configurations, index), "overhead", overhead);
  }
  results_lbo_finish(&lbo);
}

/* {phase: [stopped, on mutators, beside]}: CPU time of an average trial, in ns. */
static json_t *work_of(const struct results_summary *summary) {
  json_t *object = json_object();
  double trials = (double)summary->statuses[RESULTS_ok];
  for (size_t index = 0; index < summary->phase_count; index++) {
    json_t *places = json_array();
    for (enum results_place place = 0; place < RESULTS_PLACES; place++)
      json_array_append_new(
          places,
          report_real(round((double)summary->phases[index].work.places[place].cpu_ns / trials)));
    json_object_set_new(object, summary->phases[index].name, places);
  }
  return object;
}

/* --- configurations ----------------------------------------------------------------------------
 */

static json_t *settings_of(const struct results_settings *settings) {
  json_t *object = json_object();
  for (size_t index = 0; index < settings->count; index++)
    json_object_set_new(object, settings->items[index].name,
                        json_string(settings->items[index].text));
  return object;
}

static json_t *trials_of(const struct results_summary *summary) {
  json_t *rows = json_array();
  for (size_t index = 0; index < summary->statuses[RESULTS_ok]; index++) {
    const struct results_ok_trial *trial = &summary->ok_trials[index];
    json_array_append_new(
        rows, json_pack("[II]", (json_int_t)trial->trial, (json_int_t)trial->invocation));
  }
  return rows;
}

static json_t *statuses_of(const struct results_summary *summary) {
  json_t *object = json_object();
  for (enum results_status status = 0; status < RESULTS_STATUSES; status++)
    if (summary->statuses[status] > 0)
      json_object_set_new(object, results_status_words(status), number(summary->statuses[status]));
  return object;
}

static void set_asked(const struct results_summary *summary, json_t *object) {
  const struct results_configuration *asked = &summary->first.configuration;
  json_object_set_new(object, "workload", json_string(asked->workload.text));
  json_object_set_new(object, "collector", json_string(asked->collector.text));
  json_object_set_new(object, "barrier", json_string(asked->barrier.text));
  json_object_set_new(object, "heap_bytes", number(asked->heap_bytes));
  json_object_set_new(object, "heap_multiple", report_real(asked->heap_multiple));
  json_object_set_new(object, "mutators", number(asked->mutators));
  json_object_set_new(object, "gc_threads", number(asked->gc_threads));
  json_object_set_new(object, "nursery_bytes", number(asked->nursery_bytes));
  json_object_set_new(object, "pause_target_ns",
                      asked->pause_target_ns > INT64_MAX ? json_null()
                                                         : number(asked->pause_target_ns));
  json_object_set_new(object, "parameters", settings_of(&asked->parameters));
  json_object_set_new(object, "options", settings_of(&asked->options));
}

static size_t window_step(const struct results_run *run) {
  return 1 + run->summary_count / 100;
}

static void set_curves(const struct report *report, const struct results_summary *summary,
                       const struct report_detail *detail, json_t *object) {
  json_object_set_new(
      object, "percentiles",
      percentiles_of(&summary->histograms[RESULTS_ALL_KINDS], detail->percentile_step));
  json_object_set_new(object, "utilisation",
                      utilisation_of(&summary->median, window_step(report->run)));
  json_object_set_new(object, "latency", latency_of(summary));
}

/* Without curves where there is no detail. */
static json_t *configuration_of(const struct report *report, const struct plot *plot,
                                const struct results_summary *summary,
                                const struct report_detail *detail) {
  const struct plot_look *look = plot_look_of(plot, summary);
  json_t *object = json_object();
  set_asked(summary, object);
  json_object_set_new(object, "name", json_string(look ? look->name : "platform floor"));
  json_object_set_new(object, "color", json_string(look ? look->color : RESULTS_FLOOR_COLOR));
  json_object_set_new(object, "dash", json_integer(look ? look->dash : 1));
  json_object_set_new(
      object, "marker",
      json_string(results_marker_names[look ? look->marker : RESULTS_MARKER_circle]));
  json_object_set_new(object, "is_floor", json_boolean(results_is_floor(summary)));
  json_object_set_new(object, "label", json_string(summary->label));
  json_object_set_new(object, "slug", json_string(summary->slug));
  json_object_set_new(object, "statuses", statuses_of(summary));
  json_object_set_new(object, "failure", json_string(summary->failure));
  json_object_set_new(object, "trials", trials_of(summary));
  if (summary->statuses[RESULTS_ok] > 0) {
    json_object_set_new(object, "kinds", kinds_of(summary, detail));
    json_object_set_new(object, "measures", measures_of(summary));
    if (detail)
      set_curves(report, summary, detail, object);
    json_object_set_new(object, "work", work_of(summary));
  }
  return object;
}

/* --- how many marks ----------------------------------------------------------------------------
 */

static size_t size_at(const json_t *object, const char *key) {
  return json_array_size(json_object_get(object, key));
}

/* Of one trial. */
static size_t single_marks(const json_t *configuration) {
  const json_t *timeline = json_object_get(configuration, "timeline");
  const json_t *pacing = json_object_get(configuration, "pacing");
  return size_at(timeline, "pauses") + size_at(timeline, "use") +
         RESULTS_REPORT_SIZE_LINES * size_at(timeline, "sizes") +
         RESULTS_REPORT_MEMORY_LINES * size_at(timeline, "memory") + size_at(timeline, "cycles") +
         size_at(json_object_get(configuration, "longest"), "phases") +
         RESULTS_REPORT_PACING_LINES * size_at(pacing, "records");
}

/* Rows of a histogram's area: steps fall to 0 before and after each stretch of bars. */
static size_t bar_marks(const json_t *bins) {
  size_t marks = json_array_size(bins), index;
  const json_t *bin;
  double end = 0;
  json_array_foreach(bins, index, bin) {
    double begin = json_number_value(json_array_get(bin, 0));
    marks += begin > end * 1.01 ? 2 : 0;
    end = json_number_value(json_array_get(bin, 1));
  }
  return marks;
}

static size_t curve_marks(const json_t *configuration) {
  size_t marks = size_at(configuration, "percentiles") + 4 * size_at(configuration, "utilisation");
  const json_t *latency;
  const char *name;
  json_object_foreach(json_object_get(configuration, "latency"), name, latency) marks +=
      json_array_size(latency);
  return marks;
}

/* Panels of a chart that has one for each workload and heap; configurations come by these. */
static size_t panel_count(const json_t *configurations) {
  size_t panels = 0, index;
  const json_t *configuration, *before = NULL;
  json_array_foreach(configurations, index, configuration) {
    panels += !before ||
              !json_equal(json_object_get(before, "workload"),
                          json_object_get(configuration, "workload")) ||
              !json_equal(json_object_get(before, "heap_bytes"),
                          json_object_get(configuration, "heap_bytes"));
    before = configuration;
  }
  return panels;
}

/* The floor's curves are drawn in every panel, where there are few. */
static size_t marks_of(const json_t *configurations) {
  size_t marks = 0, index, panels = panel_count(configurations);
  const json_t *configuration, *kind;
  const char *name;
  json_array_foreach(configurations, index, configuration) {
    bool is_floor = json_is_true(json_object_get(configuration, "is_floor"));
    size_t times = !is_floor ? 1 : panels <= floor_panels_max ? panels : 0;
    marks += json_object_get(configuration, "measures") ? points : 0;
    marks += times * curve_marks(configuration) + single_marks(configuration);
    json_object_foreach(json_object_get(configuration, "kinds"), name, kind) marks +=
        is_floor ? 0 : bar_marks(json_object_get(kind, "bins"));
  }
  return marks;
}

/* --- the whole ---------------------------------------------------------------------------------
 */

static double longest_pause(const struct results_summary *summary) {
  double ns = summary->statuses[RESULTS_ok] == 0 || results_is_floor(summary)
                  ? NAN
                  : summary->largest.wall[RESULTS_ALL_KINDS].percentile_ns[RESULTS_MAX];
  return isnan(ns) ? -1 : ns;
}

/* How many configurations have longer pauses, or as long ones and come first. */
static size_t rank_of(const struct results_run *run, size_t place) {
  double own_ns = longest_pause(&run->summaries[place]);
  size_t rank = 0;
  for (size_t index = 0; index < run->summary_count; index++) {
    double ns = longest_pause(&run->summaries[index]);
    rank += ns > own_ns || (ns == own_ns && index < place);
  }
  return rank;
}

static json_t *configurations_of(const struct report *report, const struct report_detail *detail,
                                 size_t with_curves) {
  struct plot plot = {.run = report->run};
  if (plot_looks_create(&plot))
    return NULL;
  json_t *list = json_array();
  for (size_t index = 0; index < report->run->summary_count; index++) {
    const struct results_summary *summary = &report->run->summaries[index];
    bool has_curves = results_is_floor(summary) || rank_of(report->run, index) < with_curves;
    json_array_append_new(list,
                          configuration_of(report, &plot, summary, has_curves ? detail : NULL));
  }
  free(plot.looks);
  return list;
}

static void say_thinned(json_t *thinned, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say_thinned(json_t *thinned, const char *format, ...) {
  char text[RESULTS_TEXT_SIZE];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  json_array_append_new(thinned, json_string(text));
}

static void say_detail(const struct report *report, const struct report_detail *detail,
                       size_t with_curves, bool floor_is_left_out, json_t *thinned) {
  size_t count = report->run->summary_count, step = window_step(report->run);
  if (step > 1)
    say_thinned(thinned, "Utilisation is drawn at one of %zu windows.", step);
  if (detail != details)
    say_thinned(thinned,
                "Of percentiles one in %zu is drawn, and histograms have %zu bars to a decade%s.",
                detail->percentile_step, detail->bins_per_decade,
                detail->has_kinds ? "" : ", of pauses of all kinds together");
  if (floor_is_left_out)
    say_thinned(thinned, "The platform floor is drawn where the filter shows %d panels or fewer.",
                floor_panels_max);
  if (with_curves < count)
    say_thinned(thinned,
                "Only the %zu of %zu configurations with the longest pauses have curves and "
                "histograms.",
                with_curves, count);
}

/* As much detail as there are marks for. */
static json_t *fitting_configurations(const struct report *report, json_t *thinned) {
  const size_t most = RESULTS_REPORT_MARKS - RESULTS_REPORT_MARKS / single_share;
  size_t with_curves = report->run->summary_count;
  for (size_t level = 0;; level += level + 1 < detail_count) {
    json_t *list = configurations_of(report, &details[level], with_curves);
    size_t marks = list ? marks_of(list) : 0;
    if (marks <= most || with_curves == 0) {
      say_detail(report, &details[level], with_curves,
                 panel_count(list) > floor_panels_max && results_run_floor(report->run), thinned);
      return list;
    }
    json_decref(list);
    if (level + 1 == detail_count)
      with_curves = with_curves * most / marks * 9 / 10;
  }
}

/* --- single trials -----------------------------------------------------------------------------
 */

/* What of the marks is left for them, by configuration, and how many configurations have what. */
struct shares {
  size_t timeline_marks, timelines, longest;
};

static struct shares share_marks(const struct results_run *run, size_t used) {
  size_t rest = used < RESULTS_REPORT_MARKS ? RESULTS_REPORT_MARKS - used : 0;
  size_t count = run->summary_count, most_longest = rest / 2 / longest_marks;
  struct shares shares = {.timelines = count,
                          .longest = count < most_longest ? count : most_longest};
  rest -= shares.longest * longest_marks;
  shares.timeline_marks = count ? rest * pacing_share / (pacing_share + 1) / count : 0;
  if (shares.timeline_marks < timeline_marks_min) {
    shares.timeline_marks = timeline_marks_min;
    shares.timelines = rest / (timeline_marks_min + timeline_marks_min / pacing_share);
  }
  if (shares.timeline_marks > timeline_marks_max)
    shares.timeline_marks = timeline_marks_max;
  return shares;
}

static void say_shares(const struct results_run *run, struct shares shares, json_t *thinned) {
  if (shares.timelines < run->summary_count)
    say_thinned(thinned,
                "Timelines and pacing are those of the %zu configurations with the longest "
                "pauses.",
                shares.timelines);
  if (shares.longest < run->summary_count)
    say_thinned(thinned,
                "The longest pause is taken apart of the %zu configurations where it "
                "was longest.",
                shares.longest);
}

static void add_events(struct report *report, json_t *configurations, json_t *thinned) {
  const struct results_run *run = report->run;
  struct shares shares = share_marks(run, marks_of(configurations));
  say_shares(run, shares, thinned);
  for (size_t index = 0; index < json_array_size(configurations); index++) {
    size_t rank = rank_of(run, index);
    report->timeline_marks = rank < shares.timelines ? shares.timeline_marks : 0;
    report->pacing_marks = report->timeline_marks / pacing_share;
    report->has_longest = rank < shares.longest;
    if (run->summaries[index].statuses[RESULTS_ok] > 0 &&
        (report->timeline_marks > 0 || report->has_longest))
      report_add_events(report, &run->summaries[index], json_array_get(configurations, index));
  }
}

static json_t *measures_list(void) {
  json_t *list = json_array();
  for (enum results_measure measure = 0; measure < RESULTS_MEASURE_COUNT; measure++)
    json_array_append_new(list, json_pack("{ssssss}", "name", results_measure_names[measure],
                                          "title", results_measure_titles[measure], "unit",
                                          results_measure_units[measure]));
  return list;
}

/* Where the trials ran, when that was not on one machine. */
static json_t *machines_of(const struct results_run *run) {
  json_t *list = json_array();
  char trials[4 * RESULTS_TEXT_SIZE];
  for (size_t index = 0; run->hosts.count > 1 && index < run->hosts.count; index++) {
    const struct results_host *host = &run->hosts.items[index];
    results_host_trials(host, trials, sizeof trials);
    json_array_append_new(list, json_pack("{sssssO}", "name", results_host_name(host), "trials",
                                          trials, "machine", host->description));
  }
  return list;
}

static json_t *left_out_of(const struct results_run *run) {
  json_t *list = json_array();
  for (size_t index = 0; index < run->left_out_count; index++)
    json_array_append_new(list, json_pack("{sIss}", "trial", (json_int_t)run->left_out[index].trial,
                                          "reason", run->left_out[index].reason));
  return list;
}

/* Files that stand beside the trials; those that are there. */
static json_t *files_of(const struct results_run *run) {
  static const char *const names[] = {"manifest.json", "summary.json", "pauses.csv",
                                      "strategies.md", "peers.md"};
  json_t *list = json_array();
  char path[PATH_MAX], error[RESULTS_TEXT_SIZE];
  for (size_t index = 0; index < sizeof names / sizeof *names; index++)
    if (results_path(path, run->directory, names[index], error, sizeof error) == 0 &&
        access(path, R_OK) == 0)
      json_array_append_new(list, json_string(names[index]));
  return list;
}

json_t *results_report_data(const struct results_run *run, const char *links) {
  struct report report = {.run = run};
  char path[PATH_MAX], error[RESULTS_TEXT_SIZE];
  json_t *data = json_object(), *thinned = json_array(), *manifest = NULL;
  json_t *configurations = fitting_configurations(&report, thinned);
  if (results_path(path, run->directory, "manifest.json", error, sizeof error) == 0)
    manifest = json_load_file(path, 0, NULL);
  if (manifest) {
    json_object_del(manifest, "configurations");
    json_object_del(manifest, "shards"); /* machines say what of it people want to know */
  }
  json_object_set_new(data, "schema_version", json_integer(RESULTS_REPORT_SCHEMA));
  json_object_set_new(data, "links", json_string(links));
  json_object_set_new(data, "files", files_of(run));
  json_object_set_new(data, "cores", number(run->cores));
  json_object_set_new(data, "quick", json_boolean(run->is_quick));
  json_object_set_new(data, "intervals_from", json_integer(RESULTS_CALLED_FROM));
  json_object_set_new(data, "findings", report_findings(run));
  json_object_set_new(data, "left_out", left_out_of(run));
  json_object_set_new(data, "machines", machines_of(run));
  json_object_set_new(data, "measures", measures_list());
  json_object_set_new(data, "manifest", manifest ? manifest : json_null());
  json_object_set(data, "configurations", configurations);
  add_overheads(&report, configurations);
  add_events(&report, configurations, thinned);
  json_object_set_new(data, "thinned", thinned);
  bool is_whole = data && configurations && !report.has_failed;
  json_decref(configurations);
  if (!is_whole) {
    json_decref(data);
    return NULL;
  }
  return data;
}

size_t results_report_marks(const json_t *data) {
  return marks_of(json_object_get(data, "configurations"));
}
