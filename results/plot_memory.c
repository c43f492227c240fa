/* Memory over one trial of each configuration: what the process holds, what of it the heap has and
 * uses, what lies outside, the limit; pauses and cycles where they happened.
 *
 * Lines are the samples that the trial took beside its mutators (the event `usage`), the limit is
 * the heap's at its stops. Pauses hang on an axis of their own, in the lower quarter of a panel: of
 * each four-hundredth of the time the longest. The first ok trial of a configuration is shown. Of
 * each stretch of samples the one with most resident memory is kept, and the last: no peak is lost,
 * and what was given back at the end is seen.
 */
#include "results/derive.h"
#include "results/plot_canvas.h"
#include "results/plot_lanes.h"
#include "results/units.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { sample_max = 1500, part_count = 400 };
static const double ns_per_s = 1e9, ns_per_ms = 1e6, bytes_per_mib = 1 << 20;

/* A panel; blocks that are SIZE_MAX have nothing. */
struct memory {
  const struct results_summary *summary;
  size_t samples, limit, pauses;
  struct plot_lanes lanes; /* cycles alone */
  double seconds, largest_mib, longest_ms;
};

/* A line: its column in the samples. */
static const struct line {
  const char *name, *color, *dash;
  size_t column;
} lines[] = {
    {"RSS", "#D55E00", "1", 2},       {"heap total", "#777777", "1", 3},
    {"heap used", "#0072B2", "1", 4}, {"external", "#CC79A7", "1", 5},
    {"metadata", "#7A5195", "1", 6},
};
enum { line_count = sizeof lines / sizeof *lines };
static const char limit_color[] = "#222222", pause_color[] = "#009E73";

static double seconds_at(uint64_t time_ns, struct results_span span) {
  return time_ns > span.begin_ns ? (double)(time_ns - span.begin_ns) / ns_per_s : 0;
}

static void write_sample(struct plot *plot, struct memory *memory,
                         const struct gc_event_usage *usage, struct results_span span) {
  const uint64_t bytes[line_count] = {usage->rss_bytes, usage->heap_total_bytes,
                                      usage->heap_used_bytes, usage->external_bytes,
                                      usage->metadata_bytes};
  fprintf(plot->data, "%.6f", seconds_at(usage->time_ns, span));
  for (size_t index = 0; index < line_count; index++) {
    double mib = (double)bytes[index] / bytes_per_mib;
    fprintf(plot->data, " %.6g", mib);
    memory->largest_mib = fmax(memory->largest_mib, mib);
  }
  fputs("\n", plot->data);
}

static void write_samples(struct plot *plot, struct memory *memory,
                          const struct results_events *events, struct results_span span) {
  const struct gc_event_usage *samples = events->usage.items;
  size_t count = events->usage.count, stretch = count / sample_max + 1;
  memory->samples =
      plot_block(plot, "memory: time in s; RSS, heap total, heap used, external, metadata in MiB",
                 memory->summary);
  for (size_t begin = 0; begin < count; begin += stretch) {
    size_t most = begin;
    for (size_t index = begin; index < begin + stretch && index < count; index++)
      most = samples[index].rss_bytes > samples[most].rss_bytes ? index : most;
    write_sample(plot, memory, &samples[most], span);
    if (begin + stretch >= count && most != count - 1)
      write_sample(plot, memory, &samples[count - 1], span);
  }
}

static int compare_samples(const void *left, const void *right) {
  const struct gc_event_sample *first = left, *second = right;
  return (first->time_ns > second->time_ns) - (first->time_ns < second->time_ns);
}

static void write_limit_at(struct plot *plot, struct memory *memory, double seconds,
                           uint64_t limit_bytes) {
  double mib = (double)limit_bytes / bytes_per_mib;
  fprintf(plot->data, "%.6f %.6g\n", seconds, mib);
  memory->largest_mib = fmax(memory->largest_mib, mib);
}

/* A step where it changes. Without stops it is what was asked for. Sorts the samples. */
static void write_limit(struct plot *plot, struct memory *memory, struct results_events *events,
                        struct results_span span) {
  struct gc_event_sample *samples = events->sample.items;
  size_t count = events->sample.count;
  uint64_t limit_bytes = memory->summary->first.configuration.heap_bytes;
  memory->limit = plot_block(plot, "limit: time in s, limit of the heap in MiB", memory->summary);
  if (count > 0) {
    qsort(samples, count, sizeof *samples, compare_samples);
    limit_bytes = samples[0].limit_bytes;
  }
  write_limit_at(plot, memory, 0, limit_bytes);
  for (size_t index = 0; index < count; index++)
    if (samples[index].limit_bytes != limit_bytes) {
      limit_bytes = samples[index].limit_bytes;
      write_limit_at(plot, memory, seconds_at(samples[index].time_ns, span), limit_bytes);
    }
  write_limit_at(plot, memory, memory->seconds, limit_bytes);
}

static void write_pauses(struct plot *plot, struct memory *memory,
                         const struct results_pauses_list *pauses, struct results_span span) {
  const struct results_pause *longest[part_count] = {0};
  for (size_t index = 0; index < pauses->count; index++) {
    const struct results_pause *pause = &pauses->items[index];
    double share = seconds_at(pause->begin_ns, span) / memory->seconds;
    size_t part = share < 1 ? (size_t)(share * part_count) : part_count - 1;
    if (!longest[part] || pause->wall_ns > longest[part]->wall_ns)
      longest[part] = pause;
  }
  for (size_t part = 0; part < part_count; part++) {
    if (!longest[part])
      continue;
    if (memory->pauses == SIZE_MAX)
      memory->pauses = plot_block(plot, "pauses: time in s, pause length in ms", memory->summary);
    double ms = (double)longest[part]->wall_ns / ns_per_ms;
    fprintf(plot->data, "%.6f %.6g\n", seconds_at(longest[part]->begin_ns, span), ms);
    memory->longest_ms = fmax(memory->longest_ms, ms);
  }
}

static int load(struct plot *plot, const struct results_summary *summary, struct memory *memory) {
  struct results_events events;
  struct results_pauses_list pauses;
  *memory = (struct memory){.summary = summary,
                            .samples = SIZE_MAX,
                            .limit = SIZE_MAX,
                            .pauses = SIZE_MAX,
                            .lanes.cycles = SIZE_MAX};
  if (!plot_load_first_trial(plot, summary, &events))
    return 0;
  int status = events.usage.count > 0 ? results_pauses_derive(&events, &pauses) : 0;
  if (!status && events.usage.count > 0) {
    struct results_span span = results_whole_bounds(&events, &pauses);
    memory->seconds = (double)(span.end_ns - span.begin_ns) / ns_per_s;
    write_samples(plot, memory, &events, span);
    write_limit(plot, memory, &events, span);
    write_pauses(plot, memory, &pauses, span);
    status = plot_lanes_write_cycles(plot, summary, &events, span, &memory->lanes);
    results_pauses_finish(&pauses);
  }
  results_events_finish(&events);
  return status;
}

/* --- the script --------------------------------------------------------------------------------
 */

static bool is_terminal(const struct plot *plot) {
  return plot->request->target == RESULTS_PLOT_TERMINAL;
}

static void put_axes(struct plot *plot, const struct memory *memory) {
  fprintf(plot->script, "set xrange [0:%.6g]\nset yrange [0:%.6g]\n", memory->seconds,
          memory->largest_mib * 1.08);
  if (is_terminal(plot))
    return;
  double longest_ms = memory->longest_ms > 0 ? memory->longest_ms : 1;
  fprintf(plot->script, "set y2range [0:%.6g]\nset y2tics 0,%.3g,%.6g textcolor rgb '#777777'\n",
          4 * longest_ms, longest_ms / 2, longest_ms * 1.01);
}

static void put_pauses(struct plot *plot, const struct memory *memory) {
  if (memory->pauses == SIZE_MAX)
    return;
  if (is_terminal(plot))
    fprintf(plot->script, "%s index %zu using 1:(0) with points title 'pauses', \\\n  ",
            plot->source, memory->pauses);
  else
    fprintf(plot->script, "%s index %zu using 1:2 axes x1y2 with impulses lc rgb '%s' lw 1, \\\n  ",
            plot->source, memory->pauses, pause_color);
}

static void put_line(struct plot *plot, const struct memory *memory, const struct line *line) {
  fprintf(plot->script, ", \\\n  %s index %zu using 1:%zu with lines ", plot->source,
          memory->samples, line->column);
  if (is_terminal(plot))
    fprintf(plot->script, "title '%s'", line->name);
  else
    fprintf(plot->script, "lc rgb '%s' lw 1.8 dt %s", line->color, line->dash);
}

static void put_panel(struct plot *plot, size_t place, const struct memory *memory) {
  char title[RESULTS_TEXT_SIZE];
  plot_configuration_title(title, sizeof title, plot, memory->summary);
  struct plot_titles titles = {
      .panel = title, .x = "time (s)", .y = "memory (MiB)", .y2 = "pause (ms)"};
  plot_panel(plot, place, &titles);
  put_axes(plot, memory);
  fputs("plot ", plot->script);
  if (!is_terminal(plot))
    plot_lanes_put_cycles(plot, &memory->lanes, 0, memory->largest_mib * 1.08);
  put_pauses(plot, memory);
  fprintf(plot->script, "%s index %zu using 1:2 with steps ", plot->source, memory->limit);
  if (is_terminal(plot))
    fputs("title 'limit'", plot->script);
  else
    fprintf(plot->script, "lc rgb '%s' lw 0.9 dt '-'", limit_color);
  for (size_t index = 0; index < line_count; index++)
    put_line(plot, memory, &lines[index]);
  fputs("\n", plot->script);
}

static void draw(struct plot *plot, const struct memory *panels, size_t count) {
  plot->hides_floor = true;
  for (size_t index = 0; index < line_count; index++)
    plot_add_legend(plot, lines[index].name, lines[index].color);
  plot_add_legend(plot, "limit of the heap", limit_color);
  plot_add_legend(plot, "pauses", pause_color);
  plot_grid(plot, count, 0);
  plot_begin(plot, "Memory over time",
             "One trial each. RSS: all that the process holds; heap total: committed for objects; "
             "heap used: allocated and not yet found dead; external: backing stores; metadata: "
             "beside the heap. Bands: cycles; below, on the right axis: the longest pause of each "
             "four-hundredth of the time.");
  if (!is_terminal(plot))
    fputs("set border 11\n", plot->script);
  for (size_t index = 0; index < count; index++)
    put_panel(plot, index, &panels[index]);
  plot_end(plot);
}

int plot_draw_memory(struct plot *plot) {
  const struct results_run *run = plot->run;
  struct memory *panels = calloc(run->summary_count + 1, sizeof *panels);
  size_t count = 0;
  int status = panels ? 0 : -ENOMEM;
  for (size_t index = 0; !status && index < run->summary_count; index++) {
    status = load(plot, &run->summaries[index], &panels[count]);
    count += panels[count].samples != SIZE_MAX;
  }
  if (!status && count == 0)
    status = -ENODATA;
  if (!status)
    draw(plot, panels, count);
  free(panels);
  return status;
}
