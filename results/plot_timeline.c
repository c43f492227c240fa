/* The timeline of one trial per configuration: each pause where it happened, the heap in use behind
 * them, cycles, and what ran beside the mutators.
 *
 * A trial may have a million pauses. Time is cut into as many parts as a panel has room for, and
 * the longest scavenge and the longest other pause of each part are drawn; no long pause is lost,
 * and a picture stays small. The first ok trial of a configuration is shown.
 */
#include "results/derive.h"
#include "results/plot_canvas.h"
#include "results/plot_lanes.h"
#include "results/units.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { part_count = 1000, sample_max = 1000 };
static const double ns_per_s = 1e9, ns_per_ms = 1e6, bytes_per_mib = 1 << 20;

enum pause_class { class_scavenge, class_other, pause_classes };

/* What a panel draws; blocks that are SIZE_MAX have nothing. */
struct timeline {
  const struct results_summary *summary;
  size_t pauses[pause_classes], heap;
  struct plot_lanes lanes;
  double seconds, least_ms, largest_ms, largest_mib;
};

static size_t write_pauses(struct plot *plot, struct timeline *timeline, enum pause_class class,
                           const struct results_pauses_list *pauses, struct results_span span) {
  const struct results_pause *longest[part_count] = {0};
  size_t block = SIZE_MAX;
  for (size_t index = 0; index < pauses->count; index++) {
    const struct results_pause *pause = &pauses->items[index];
    if ((pause->kind == GC_PAUSE_scavenge) != (class == class_scavenge) || pause->wall_ns == 0)
      continue;
    double share =
        (double)(pause->begin_ns - span.begin_ns) / (double)(span.end_ns - span.begin_ns);
    size_t part = share < 1 ? (size_t)(share * part_count) : part_count - 1;
    if (!longest[part] || pause->wall_ns > longest[part]->wall_ns)
      longest[part] = pause;
  }
  for (size_t part = 0; part < part_count; part++) {
    if (!longest[part])
      continue;
    if (block == SIZE_MAX)
      block = plot_block(plot,
                         class == class_scavenge ? "scavenges: time in s, pause length in ms"
                                                 : "other pauses: time in s, pause length in ms",
                         timeline->summary);
    double ms = (double)longest[part]->wall_ns / ns_per_ms;
    fprintf(plot->data, "%.6f %.6g\n", (double)(longest[part]->begin_ns - span.begin_ns) / ns_per_s,
            ms);
    timeline->least_ms = fmin(timeline->least_ms, ms);
    timeline->largest_ms = fmax(timeline->largest_ms, ms);
  }
  return block;
}

static int compare_stops(const void *left, const void *right) {
  const struct gc_event_stop *first = left, *second = right;
  return (first->request_ns > second->request_ns) - (first->request_ns < second->request_ns);
}

static void write_heap_point(struct plot *plot, struct timeline *timeline, uint64_t time_ns,
                             uint64_t used_bytes, struct results_span span) {
  uint64_t after_ns = time_ns > span.begin_ns ? time_ns - span.begin_ns : 0;
  double used_mib = (double)used_bytes / bytes_per_mib;
  fprintf(plot->data, "%.6f %.6g\n", (double)after_ns / ns_per_s, used_mib);
  timeline->largest_mib = fmax(timeline->largest_mib, used_mib);
}

/* Use before and after each stop; sorts the stops. Of each stretch of stops the fullest moment
 * before and the emptiest after are kept, in order. */
static size_t write_heap(struct plot *plot, struct timeline *timeline,
                         struct results_events *events, struct results_span span) {
  struct gc_event_stop *stops = events->stop.items;
  size_t count = events->stop.count, stretch = count / sample_max + 1;
  if (count == 0)
    return SIZE_MAX;
  qsort(stops, count, sizeof *stops, compare_stops);
  size_t block = plot_block(plot, "heap: time in s, used in MiB", timeline->summary);
  for (size_t begin = 0; begin < count; begin += stretch) {
    const struct gc_event_stop *full = &stops[begin], *empty = &stops[begin];
    for (size_t index = begin; index < begin + stretch && index < count; index++) {
      full = stops[index].used_before_bytes > full->used_before_bytes ? &stops[index] : full;
      empty = stops[index].used_after_bytes < empty->used_after_bytes ? &stops[index] : empty;
    }
    if (empty < full)
      write_heap_point(plot, timeline, empty->resumed_ns, empty->used_after_bytes, span);
    write_heap_point(plot, timeline, full->request_ns, full->used_before_bytes, span);
    if (empty >= full)
      write_heap_point(plot, timeline, empty->resumed_ns, empty->used_after_bytes, span);
  }
  return block;
}

static int load(struct plot *plot, const struct results_summary *summary,
                struct timeline *timeline) {
  struct results_events events;
  struct results_pauses_list pauses;
  *timeline = (struct timeline){
      .summary = summary, .heap = SIZE_MAX, .least_ms = INFINITY, .lanes.cycles = SIZE_MAX};
  timeline->pauses[class_scavenge] = timeline->pauses[class_other] = SIZE_MAX;
  if (!plot_load_first_trial(plot, summary, &events))
    return 0;
  int status = results_pauses_derive(&events, &pauses);
  if (!status) {
    struct results_span span = results_whole_bounds(&events, &pauses);
    timeline->seconds = (double)(span.end_ns - span.begin_ns) / ns_per_s;
    for (enum pause_class class = class_scavenge; class < pause_classes; class ++)
      timeline->pauses[class] = write_pauses(plot, timeline, class, &pauses, span);
    if (plot->request->target == RESULTS_PLOT_FILE) {
      timeline->heap = write_heap(plot, timeline, &events, span);
      status = plot_lanes_write(plot, summary, &events, span, &timeline->lanes);
    }
    results_pauses_finish(&pauses);
  }
  results_events_finish(&events);
  return status;
}

static bool is_drawn(const struct timeline *timeline) {
  return timeline->pauses[class_scavenge] != SIZE_MAX ||
         timeline->pauses[class_other] != SIZE_MAX || timeline->heap != SIZE_MAX;
}

/* --- the script --------------------------------------------------------------------------------
 */

/* The axis of pause lengths, common to all panels. */
struct axis {
  double least_ms, largest_ms;
};

static struct axis put_axes(struct plot *plot, const struct timeline *timelines, size_t count) {
  double least_ms = INFINITY, largest_ms = 0;
  for (size_t index = 0; index < count; index++) {
    least_ms = fmin(least_ms, timelines[index].least_ms);
    largest_ms = fmax(largest_ms, timelines[index].largest_ms);
  }
  if (!(largest_ms > 0))
    least_ms = 0.001, largest_ms = 1;
  struct axis axis = {pow(10, floor(log10(least_ms))), pow(10, ceil(log10(largest_ms * 1.001)))};
  axis.least_ms = plot_lanes_floor(plot, axis.least_ms, axis.largest_ms);
  fprintf(plot->script, "set logscale y\nset yrange [%.6g:%.6g]\n", axis.least_ms, axis.largest_ms);
  plot_time_tics(plot, "y", least_ms, largest_ms);
  if (plot->request->target == RESULTS_PLOT_FILE)
    fprintf(plot->script, "set border 11\nset y2tics textcolor rgb \'#777777\'\n");
  return axis;
}

static void put_separator(struct plot *plot, bool *is_first) {
  fputs(*is_first ? "" : ", \\\n  ", plot->script);
  *is_first = false;
}

static void put_heap(struct plot *plot, const struct timeline *timeline, bool *is_first) {
  if (timeline->heap == SIZE_MAX)
    return;
  put_separator(plot, is_first);
  fprintf(plot->script,
          "%s index %zu using 1:2 axes x1y2 with filledcurves y2=0 fc rgb '#BBBBBB' fs transparent "
          "solid 0.35 noborder, \\\n"
          "  %.6g axes x1y2 with lines lc rgb '#888888' lw 0.8 dt '-'",
          plot->source, timeline->heap,
          (double)timeline->summary->first.configuration.heap_bytes / bytes_per_mib);
}

static void put_pauses(struct plot *plot, const struct timeline *timeline, enum pause_class class,
                       bool *is_first) {
  static const char *const styles[] = {
      [class_scavenge] = "pt 7 ps 0.22", [class_other] = "pt 9 ps 0.7"};
  static const char *const names[] = {[class_scavenge] = "scavenge", [class_other] = "other"};
  if (timeline->pauses[class] == SIZE_MAX)
    return;
  put_separator(plot, is_first);
  fprintf(plot->script, "%s index %zu using 1:2 with points ", plot->source,
          timeline->pauses[class]);
  if (plot->request->target == RESULTS_PLOT_TERMINAL)
    fprintf(plot->script, "title '%s'", names[class]);
  else
    fprintf(plot->script, "%s lc rgb '%s'", styles[class],
            plot_look_of(plot, timeline->summary)->color);
}

/* The highest percentile of the machine's own interruptions that its samples support. */
static const char *floor_percentile(const struct plot *plot, double *ns) {
  static const char *const names[] = {[RESULTS_P50] = "p50",
                                      [RESULTS_P90] = "p90",
                                      [RESULTS_P99] = "p99",
                                      [RESULTS_P99_9] = "p99.9"};
  const struct results_summary *summary = results_run_floor(plot->run);
  for (size_t index = RESULTS_MAX; summary && index-- > 0;) {
    *ns = summary->median.wall[RESULTS_ALL_KINDS].percentile_ns[index];
    if (!isnan(*ns))
      return names[index];
  }
  return NULL;
}

static void put_floor(struct plot *plot, bool *is_first) {
  double ns;
  if (plot->request->target == RESULTS_PLOT_TERMINAL || !floor_percentile(plot, &ns))
    return;
  put_separator(plot, is_first);
  fprintf(plot->script, "%.6g with lines lc rgb '" RESULTS_FLOOR_COLOR "' lw 1.2 dt 1",
          ns / ns_per_ms);
}

/* At most five steps of 1, 2 or 5 times a power of ten. */
static double tic_step(double length) {
  double power = pow(10, floor(log10(length / 5))), rest = length / 5 / power;
  return power * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
}

static void put_panel(struct plot *plot, size_t panel, const struct timeline *timeline,
                      struct axis axis) {
  const struct results_configuration *configuration = &timeline->summary->first.configuration;
  char title[RESULTS_TEXT_SIZE], multiple[32] = "";
  struct plot_look *look = plot_look_of(plot, timeline->summary);
  bool is_first = true;
  if (configuration->heap_multiple > 0)
    snprintf(multiple, sizeof multiple, " (%.4gx)", configuration->heap_multiple);
  snprintf(title, sizeof title, "%.60s %s%s, %.200s", configuration->workload.text,
           results_text_bytes((double)configuration->heap_bytes).text, multiple, look->name);
  struct plot_titles titles = {
      .panel = title, .x = "time (s)", .y = "pause length", .y2 = "heap in use (MiB)"};
  plot_panel(plot, panel, &titles);
  fprintf(plot->script, "set xrange [0:%.6g]\nset xtics %.6g\n", timeline->seconds,
          tic_step(timeline->seconds));
  if (plot->request->target == RESULTS_PLOT_FILE)
    fprintf(plot->script, "set y2range [0:%.6g]\n",
            fmax(timeline->largest_mib, (double)configuration->heap_bytes / bytes_per_mib) * 1.08);
  fputs("plot ", plot->script);
  plot_lanes_put(plot, &timeline->lanes, axis.least_ms, axis.largest_ms);
  put_heap(plot, timeline, &is_first);
  put_floor(plot, &is_first);
  put_pauses(plot, timeline, class_scavenge, &is_first);
  put_pauses(plot, timeline, class_other, &is_first);
  fputs("\n", plot->script);
}

/* A column per collector where every workload has as many panels, two workloads in a row where they
 * are only two; 0: as it fits. */
static size_t columns_of(const struct results_run *run, const struct timeline *timelines,
                         size_t count) {
  size_t columns = 0;
  for (size_t first = 0; first < count; first = results_run_group_end(run, first)) {
    size_t drawn = 0;
    for (size_t index = first; index < results_run_group_end(run, first); index++)
      drawn += is_drawn(&timelines[index]);
    if (drawn && columns && drawn != columns)
      return 0;
    columns = drawn ? drawn : columns;
  }
  return columns == 2 && count > 8 ? 4 : columns > 1 && columns < 5 ? columns : 0;
}

int plot_draw_timeline(struct plot *plot) {
  const struct results_run *run = plot->run;
  struct timeline *timelines = calloc(run->summary_count + 1, sizeof *timelines);
  size_t panel_count = 0, panel = 0;
  int status = timelines ? 0 : -ENOMEM;
  for (size_t index = 0; !status && index < run->summary_count; index++) {
    status = load(plot, &run->summaries[index], &timelines[index]);
    if (is_drawn(&timelines[index]))
      plot_look_of(plot, &run->summaries[index])->is_drawn = true;
    panel_count += is_drawn(&timelines[index]);
  }
  if (!status && panel_count == 0)
    status = -ENODATA;
  if (!status) {
    plot_grid(plot, panel_count, columns_of(run, timelines, run->summary_count));
    double ns;
    const char *percentile = floor_percentile(plot, &ns);
    char note[RESULTS_TEXT_SIZE];
    snprintf(
        note, sizeof note,
        "One trial each. Dots: scavenges, triangles: other pauses; the longest of each "
        "thousandth of the time. Grey: heap in use; dashed: its limit%s%s. Bands: cycles; lanes "
        "below: phases while the mutators ran.",
        percentile ? "; line: the floor's " : "", percentile ? percentile : "");
    plot_begin(plot, "Pauses over time", note);
    struct axis axis = put_axes(plot, timelines, run->summary_count);
    for (size_t index = 0; index < run->summary_count; index++)
      if (is_drawn(&timelines[index]))
        put_panel(plot, panel++, &timelines[index], axis);
    plot_end(plot);
  }
  free(timelines);
  return status;
}
