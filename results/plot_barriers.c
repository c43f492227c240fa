/* Wall time of collectors under several barriers: a panel per workload and heap, a row per barrier, in it
 * a point with its interval per collector. Points are geometric means across trials over the least of
 * the panel. */
#include "results/order.h"
#include "results/plot_canvas.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Points of several collectors under one barrier stand below each other, and under its name. */
static const double step = 0.12, name_above = 0.36;
enum { row_points = 22, frame_points = 90 };

struct barriers {
  struct plot *plot;
  struct plot_point *points; /* as the run's summaries; y over the least of its group */
  const char **names;        /* of barriers, in the order of their list */
  size_t name_count;
  const char **collectors; /* in the run's order */
  size_t collector_count;
  size_t *blocks; /* of group and collector: where its points are; SIZE_MAX: none */
  double largest;
};

static const char *barrier_of(const struct results_summary *summary) {
  return summary->first.configuration.barrier.text;
}

static const char *collector_of(const struct results_summary *summary) {
  return summary->first.configuration.collector.text;
}

static bool is_drawn(const struct barriers *barriers, size_t index) {
  const struct results_summary *summary = &barriers->plot->run->summaries[index];
  return !results_is_floor(summary) && plot_is_wanted(barriers->plot, summary) &&
         !isnan(barriers->points[index].y);
}

/* --- what there is -----------------------------------------------------------------------------
 */

static size_t place_of(const char *const *names, size_t count, const char *name) {
  size_t place = 0;
  while (place < count && strcmp(names[place], name) != 0)
    place++;
  return place;
}

static int compare_barriers(const void *left, const void *right) {
  size_t first = results_barrier_place(*(const char *const *)left);
  size_t second = results_barrier_place(*(const char *const *)right);
  return (first > second) - (first < second);
}

static void find_names(struct barriers *barriers) {
  const struct results_run *run = barriers->plot->run;
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    if (!is_drawn(barriers, index))
      continue;
    size_t name = place_of(barriers->names, barriers->name_count, barrier_of(summary));
    size_t collector =
        place_of(barriers->collectors, barriers->collector_count, collector_of(summary));
    barriers->names[name] = barrier_of(summary);
    barriers->collectors[collector] = collector_of(summary);
    barriers->name_count += name == barriers->name_count;
    barriers->collector_count += collector == barriers->collector_count;
  }
  if (barriers->name_count)
    qsort(barriers->names, barriers->name_count, sizeof *barriers->names, compare_barriers);
}

static void normalise(struct barriers *barriers) {
  const struct results_run *run = barriers->plot->run;
  for (size_t first = 0, end; first < run->summary_count; first = end) {
    double least = INFINITY;
    end = results_run_group_end(run, first);
    for (size_t index = first; index < end; index++)
      if (is_drawn(barriers, index))
        least = fmin(least, barriers->points[index].y);
    for (size_t index = first; index < end; index++) {
      barriers->points[index].y /= least;
      barriers->points[index].low /= least;
      barriers->points[index].high /= least;
    }
  }
}

/* --- data --------------------------------------------------------------------------------------
 */

/* The first barrier is the uppermost row. */
static double row_of(const struct barriers *barriers, size_t name) {
  return (double)(barriers->name_count - 1 - name);
}

/* Columns: row, cost, and its interval; a cost without one has itself. */
static size_t write_block(struct barriers *barriers, size_t first, size_t collector) {
  const struct results_run *run = barriers->plot->run;
  size_t block = SIZE_MAX;
  double offset = step * ((double)collector - (double)(barriers->collector_count - 1) / 2);
  for (size_t index = first; index < results_run_group_end(run, first); index++) {
    const struct results_summary *summary = &run->summaries[index];
    const struct plot_point *point = &barriers->points[index];
    if (!is_drawn(barriers, index) ||
        strcmp(collector_of(summary), barriers->collectors[collector]) != 0)
      continue;
    if (block == SIZE_MAX)
      block = plot_block(barriers->plot, "barrier, cost, interval of 95 %", summary);
    size_t place = place_of(barriers->names, barriers->name_count, barrier_of(summary));
    double high = isnan(point->high) ? point->y : point->high;
    fprintf(barriers->plot->data, "%.4g %.6g %.6g %.6g\n", row_of(barriers, place) - offset,
            point->y, isnan(point->low) ? point->y : point->low, high);
    barriers->largest = fmax(barriers->largest, fmin(high, 1.5 * point->y));
  }
  return block;
}

static size_t *block_at(const struct barriers *barriers, size_t first, size_t collector) {
  return &barriers->blocks[first * barriers->collector_count + collector];
}

/* Answers how many panels there are. */
static size_t write_blocks(struct barriers *barriers) {
  const struct results_run *run = barriers->plot->run;
  size_t panels = 0;
  for (size_t first = 0; first < run->summary_count; first = results_run_group_end(run, first)) {
    bool has_block = false;
    for (size_t collector = 0; collector < barriers->collector_count; collector++) {
      *block_at(barriers, first, collector) = write_block(barriers, first, collector);
      has_block |= *block_at(barriers, first, collector) != SIZE_MAX;
    }
    panels += has_block;
  }
  return panels;
}

/* --- panels ------------------------------------------------------------------------------------
 */

static void put_axes(const struct barriers *barriers) {
  FILE *script = barriers->plot->script;
  fprintf(script, "set yrange [-0.6:%.6g]\nset xrange [0:%.6g]\nset ytics (",
          (double)barriers->name_count - 0.3, 1.08 * barriers->largest);
  bool is_terminal = barriers->plot->request->target == RESULTS_PLOT_TERMINAL;
  for (size_t name = 0; name < barriers->name_count; name++)
    fprintf(script, "%s'%s' %g", name ? ", " : "", is_terminal ? barriers->names[name] : "",
            row_of(barriers, name));
  fputs(")\n", script);
}

static void put_names(const struct barriers *barriers) {
  for (size_t name = 0; name < barriers->name_count; name++)
    fprintf(barriers->plot->script,
            "set label '%s' at graph 0.01, first %g left noenhanced font 'sans-serif,8' "
            "textcolor rgb '#777777'\n",
            barriers->names[name], row_of(barriers, name) + name_above);
}

static void put_panel(const struct barriers *barriers, size_t first, size_t panel) {
  struct plot *plot = barriers->plot;
  char title[RESULTS_TEXT_SIZE];
  plot_group_title(title, sizeof title, &plot->run->summaries[first]);
  struct plot_titles titles = {.panel = title, .x = "wall time, least = 1", .y = ""};
  plot_panel(plot, panel, &titles);
  if (plot->request->target == RESULTS_PLOT_FILE)
    put_names(barriers);
  bool is_first = true;
  for (size_t collector = 0; collector < barriers->collector_count; collector++) {
    size_t block = *block_at(barriers, first, collector);
    if (block == SIZE_MAX)
      continue;
    struct results_look look = results_look_of(barriers->collectors[collector], 0);
    fprintf(
        plot->script,
        "%s%s index %zu using 2:1:3:4 with xerrorbars lc rgb '%s' lw 1.6 pt %u ps 0.7 title '%s'",
        is_first ? "plot " : ", \\\n  ", plot->source, block, look.color,
        results_marker_point(look.marker), barriers->collectors[collector]);
    is_first = false;
  }
  fputs("\n", plot->script);
}

static bool has_panel(const struct barriers *barriers, size_t first) {
  for (size_t collector = 0; collector < barriers->collector_count; collector++)
    if (*block_at(barriers, first, collector) != SIZE_MAX)
      return true;
  return false;
}

static int draw(struct barriers *barriers) {
  struct plot *plot = barriers->plot;
  const struct results_run *run = plot->run;
  size_t panels = write_blocks(barriers), panel = 0;
  if (panels == 0)
    return -ENODATA;
  plot->hides_floor = true; /* it has no barrier */
  for (size_t collector = 0; collector < barriers->collector_count; collector++)
    plot_add_legend(plot, barriers->collectors[collector],
                    results_look_of(barriers->collectors[collector], 0).color);
  plot_grid(plot, panels, 0);
  plot->panel_height =
      fmax(plot->panel_height, (double)(barriers->name_count * row_points + frame_points));
  plot_begin(
      plot, "Wall time under several barriers",
      "Geometric means across trials over the least of workload and heap; bars: 95 %, from 5 "
      "trials up.");
  put_axes(barriers);
  for (size_t first = 0; first < run->summary_count; first = results_run_group_end(run, first))
    if (has_panel(barriers, first))
      put_panel(barriers, first, panel++);
  plot_end(plot);
  return 0;
}

int plot_draw_barriers(struct plot *plot) {
  size_t count = plot->run->summary_count + 1;
  struct barriers barriers = {.plot = plot,
                              .points = malloc(count * sizeof *barriers.points),
                              .names = malloc(count * sizeof *barriers.names),
                              .collectors = malloc(count * sizeof *barriers.collectors),
                              .blocks = malloc(count * count * sizeof *barriers.blocks)};
  int status = barriers.points && barriers.names && barriers.collectors && barriers.blocks
                   ? plot_wall_points(plot->run, barriers.points)
                   : -ENOMEM;
  if (!status) {
    find_names(&barriers);
    normalise(&barriers);
    status = draw(&barriers);
  }
  free(barriers.points);
  free(barriers.names);
  free(barriers.collectors);
  free(barriers.blocks);
  return status;
}
