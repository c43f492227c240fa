/* How marking was paced in one trial of each configuration: three panels above each other, over the
 * same time.
 *
 *   work    the goal of the cycle (live, as estimated), what is marked of it, and the room that
 *           promotions may still take
 *   debt    what marking owes for what was allocated, and what one step marks
 *   rate    measured, of marking and of promotion
 *
 * The first ok trial of a configuration is shown. Of each stretch of records the one with the
 * largest debt is kept; a line ends where its cycle does.
 */
#include "results/derive.h"
#include "results/plot_canvas.h"
#include "results/units.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { record_max = 1500, panels_each = 3, columns_max = 4 };
static const double ns_per_s = 1e9, bytes_per_mib = 1 << 20, ms_per_s = 1e3;

/* One column of panels. */
struct pacing {
  const struct results_summary *summary;
  size_t block; /* SIZE_MAX: nothing was paced */
  double seconds;
};

/* A line: its column in the data. */
struct line {
  const char *name, *color, *dash;
  size_t column;
};

enum { line_max = 3 };

static const struct {
  const char *title;
  struct line lines[line_max];
} panels[panels_each] = {
    {"work, MiB",
     {{"goal", "#777777", "'-'", 2},
      {"marked", "#0072B2", "1", 3},
      {"room for promotions", "#009E73", "'.'", 4}}},
    {"debt, MiB", {{"debt", "#D55E00", "1", 5}, {"step", "#CC79A7", "'-'", 6}}},
    {"rate, MiB/s", {{"marking", "#173A9F", "1", 7}, {"promotion", "#EDA500", "1", 8}}},
};

static int compare_records(const void *left, const void *right) {
  const struct gc_event_pacer *first = left, *second = right;
  return (first->time_ns > second->time_ns) - (first->time_ns < second->time_ns);
}

static void write_record(FILE *data, const struct gc_event_pacer *record, uint64_t begin_ns) {
  double at_ns = record->time_ns > begin_ns ? (double)(record->time_ns - begin_ns) : 0;
  fprintf(data, "%.6f %.6g %.6g %.6g ", at_ns / ns_per_s,
          (double)record->goal_bytes / bytes_per_mib, (double)record->marked_bytes / bytes_per_mib,
          (double)record->room_bytes / bytes_per_mib);
  fprintf(data, "%.6g %.6g %.6g %.6g\n", (double)record->debt_bytes / bytes_per_mib,
          (double)record->step_bytes / bytes_per_mib,
          (double)record->marked_per_ms * ms_per_s / bytes_per_mib,
          (double)record->promoted_per_ms * ms_per_s / bytes_per_mib);
}

/* Sorts the records. A stretch never spans two cycles. */
static void write_records(struct plot *plot, struct gc_event_pacer *records, size_t count,
                          uint64_t begin_ns) {
  size_t stretch = count / record_max + 1, end;
  qsort(records, count, sizeof *records, compare_records);
  for (size_t begin = 0; begin < count; begin = end) {
    const struct gc_event_pacer *most = &records[begin];
    for (end = begin + 1; end < count && end < begin + stretch && records[end].cycle == most->cycle;
         end++)
      most = records[end].debt_bytes > most->debt_bytes ? &records[end] : most;
    write_record(plot->data, most, begin_ns);
    if (end < count && records[end].cycle != most->cycle)
      fputs("\n", plot->data);
  }
}

static int load(struct plot *plot, const struct results_summary *summary, struct pacing *pacing) {
  struct results_events events;
  struct results_pauses_list pauses;
  *pacing = (struct pacing){.summary = summary, .block = SIZE_MAX};
  if (!plot_load_first_trial(plot, summary, &events))
    return 0;
  int status = events.pacer.count > 0 ? results_pauses_derive(&events, &pauses) : 0;
  if (!status && events.pacer.count > 0) {
    struct results_span span = results_whole_bounds(&events, &pauses);
    pacing->seconds = (double)(span.end_ns - span.begin_ns) / ns_per_s;
    pacing->block = plot_block(
        plot,
        "time in s; goal, marked, room, debt, step in MiB; rates of marking and promotion in MiB/s",
        summary);
    write_records(plot, events.pacer.items, events.pacer.count, span.begin_ns);
    results_pauses_finish(&pauses);
  }
  results_events_finish(&events);
  return status;
}

/* --- the script --------------------------------------------------------------------------------
 */

static void put_line(struct plot *plot, const struct pacing *pacing, const struct line *line) {
  fprintf(plot->script, "%s index %zu using 1:%zu with lines ", plot->source, pacing->block,
          line->column);
  if (plot->request->target == RESULTS_PLOT_TERMINAL)
    fprintf(plot->script, "title '%s'", line->name);
  else
    fprintf(plot->script, "lc rgb '%s' lw 1.6 dt %s", line->color, line->dash);
}

static void put_panel(struct plot *plot, size_t place, const struct pacing *pacing, size_t panel) {
  char title[RESULTS_TEXT_SIZE] = " ";
  if (panel == 0)
    plot_configuration_title(title, sizeof title, plot, pacing->summary);
  struct plot_titles titles = {.panel = title, .x = "time (s)", .y = panels[panel].title};
  plot_panel(plot, place, &titles);
  fprintf(plot->script, "set xrange [0:%.6g]\nset yrange [0:*]\nplot ", pacing->seconds);
  for (size_t index = 0; index < line_max && panels[panel].lines[index].name; index++) {
    fputs(index ? ", \\\n  " : "", plot->script);
    put_line(plot, pacing, &panels[panel].lines[index]);
  }
  fputs("\n", plot->script);
}

static void put_legend(struct plot *plot) {
  for (size_t panel = 0; panel < panels_each; panel++)
    for (size_t index = 0; index < line_max && panels[panel].lines[index].name; index++)
      plot_add_legend(plot, panels[panel].lines[index].name, panels[panel].lines[index].color);
}

/* Columns side by side, in bands of as many as there is room for; the last band may have holes. */
static void draw(struct plot *plot, const struct pacing *columns, size_t count) {
  size_t across = count < columns_max ? count : columns_max, bands = (count + across - 1) / across;
  plot->hides_floor = true;
  put_legend(plot);
  plot_grid(plot, bands * panels_each * across, across);
  plot->panel_height *= 0.75;
  plot_begin(plot, "Pacing of marking",
             "One trial each, while cycles mark. Of each stretch of records the one with the "
             "largest debt.");
  for (size_t band = 0; band < bands; band++)
    for (size_t panel = 0; panel < panels_each; panel++)
      for (size_t column = 0; column < across && band * across + column < count; column++)
        put_panel(plot, (band * panels_each + panel) * across + column,
                  &columns[band * across + column], panel);
  plot_end(plot);
}

int plot_draw_pacer(struct plot *plot) {
  const struct results_run *run = plot->run;
  struct pacing *columns = calloc(run->summary_count + 1, sizeof *columns);
  size_t count = 0;
  int status = columns ? 0 : -ENOMEM;
  for (size_t index = 0; !status && index < run->summary_count; index++) {
    status = load(plot, &run->summaries[index], &columns[count]);
    count += columns[count].block != SIZE_MAX;
  }
  if (!status && count == 0)
    status = -ENODATA;
  if (!status)
    draw(plot, columns, count);
  free(columns);
  return status;
}
