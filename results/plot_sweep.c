/* Costs over heap sizes, a panel per workload and a curve per collector, with the interval of each
 * point: wall time over the workload's least (heap-sweep), and total over the least distilled cost of
 * the workload (lbo). Points are geometric means across trials. */
#include "results/lbo.h"
#include "results/plot_canvas.h"
#include "results/statistics.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct curve {
  const struct results_summary *first; /* of this workload and look */
  const struct plot_look *look;
  size_t block;
};

struct sweep {
  struct plot *plot;
  const char *title, *note, *y_title;
  struct plot_point *points; /* as the run's summaries */
  struct curve *curves;      /* by workload */
  size_t curve_count;
  bool has_multiples; /* heaps are shown as multiples of the minimum heap, else in MiB */
  struct plot_extent extent;
};

static const struct results_configuration *configuration_of(const struct results_summary *summary) {
  return &summary->first.configuration;
}

static bool same_workload(const struct results_summary *left, const struct results_summary *right) {
  return strcmp(configuration_of(left)->workload.text, configuration_of(right)->workload.text) == 0;
}

static bool is_drawn(const struct sweep *sweep, size_t index) {
  const struct results_summary *summary = &sweep->plot->run->summaries[index];
  return !results_is_floor(summary) && plot_is_wanted(sweep->plot, summary) &&
         !isnan(sweep->points[index].y);
}

/* --- data --------------------------------------------------------------------------------------
 */

static void place_heaps(struct sweep *sweep) {
  const struct results_run *run = sweep->plot->run;
  sweep->has_multiples = true;
  for (size_t index = 0; index < run->summary_count; index++)
    if (is_drawn(sweep, index))
      sweep->has_multiples &= !isnan(configuration_of(&run->summaries[index])->heap_multiple);
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_configuration *configuration = configuration_of(&run->summaries[index]);
    sweep->points[index].x = sweep->has_multiples ? configuration->heap_multiple
                                                  : (double)configuration->heap_bytes / (1 << 20);
  }
}

/* Columns: heap, cost, and its interval; a cost without one has itself. */
static void write_points(struct sweep *sweep, const struct curve *curve) {
  const struct results_run *run = sweep->plot->run;
  struct plot_extent *extent = &sweep->extent;
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    const struct plot_point *point = &sweep->points[index];
    if (!is_drawn(sweep, index) || !same_workload(summary, curve->first) ||
        plot_look_of(sweep->plot, summary) != curve->look)
      continue;
    double low = isnan(point->low) ? point->y : point->low;
    double high = isnan(point->high) ? point->y : point->high;
    fprintf(sweep->plot->data, "%.6g %.6g %.6g %.6g\n", point->x, point->y, low, high);
    extent->least_x = fmin(extent->least_x, point->x);
    extent->largest_x = fmax(extent->largest_x, point->x);
    extent->largest_y = fmax(extent->largest_y, fmin(high, 1.5 * point->y));
  }
}

static bool has_curve(const struct sweep *sweep, const struct results_summary *summary,
                      const struct plot_look *look) {
  bool is_there = false;
  for (size_t index = 0; index < sweep->curve_count; index++)
    is_there |=
        sweep->curves[index].look == look && same_workload(sweep->curves[index].first, summary);
  return is_there;
}

static void write_curves(struct sweep *sweep) {
  const struct results_run *run = sweep->plot->run;
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    if (!is_drawn(sweep, index))
      continue;
    struct plot_look *look = plot_look_of(sweep->plot, summary);
    if (has_curve(sweep, summary, look))
      continue;
    struct curve *curve = &sweep->curves[sweep->curve_count++];
    look->is_drawn = true;
    *curve =
        (struct curve){.first = summary,
                       .look = look,
                       .block = plot_block(sweep->plot, "heap, cost, interval of 95 %", summary)};
    write_points(sweep, curve);
  }
}

/* --- panels ------------------------------------------------------------------------------------
 */

static bool begins_panel(const struct sweep *sweep, size_t index) {
  return index == 0 || !same_workload(sweep->curves[index].first, sweep->curves[index - 1].first);
}

static void put_curve(struct sweep *sweep, const struct curve *curve) {
  const struct plot *plot = sweep->plot;
  if (plot->request->target == RESULTS_PLOT_TERMINAL)
    fprintf(plot->script, "%s index %zu using 1:2 with linespoints title '%s'", plot->source,
            curve->block, curve->look->name);
  else
    fprintf(plot->script,
            "%s index %zu using 1:2 with lines lc rgb '%s' lw 2 dt %u, "
            "\\\n  %s index %zu using 1:2:3:4 with yerrorbars lc rgb '%s' lw 1 pt %u ps 0.6",
            plot->source, curve->block, curve->look->color, curve->look->dash, plot->source,
            curve->block, curve->look->color, results_marker_point(curve->look->marker));
}

static void put_panels(struct sweep *sweep) {
  size_t panel = 0;
  for (size_t index = 0; index < sweep->curve_count; index++) {
    if (begins_panel(sweep, index)) {
      struct plot_titles titles = {
          .panel = configuration_of(sweep->curves[index].first)->workload.text,
          .x = sweep->has_multiples ? "heap, in minimum heaps" : "heap in MiB",
          .y = sweep->y_title};
      fputs(index ? "\n" : "", sweep->plot->script);
      plot_panel(sweep->plot, panel++, &titles);
      fputs("plot ", sweep->plot->script);
    } else {
      fputs(", \\\n  ", sweep->plot->script);
    }
    put_curve(sweep, &sweep->curves[index]);
  }
  fputs("\n", sweep->plot->script);
}

static void put_axes(const struct sweep *sweep) {
  const struct plot_extent *extent = &sweep->extent;
  double margin = fmax(0.04 * (extent->largest_x - extent->least_x), 0.02 * extent->largest_x);
  fprintf(sweep->plot->script, "set xrange [%.6g:%.6g]\nset yrange [0:%.6g]\n",
          extent->least_x - margin, extent->largest_x + margin, 1.08 * extent->largest_y);
}

static int draw(struct sweep *sweep) {
  const struct results_run *run = sweep->plot->run;
  size_t panels = 0;
  sweep->curves = malloc((run->summary_count + 1) * sizeof *sweep->curves);
  sweep->extent = (struct plot_extent){INFINITY, 0, INFINITY, 0};
  if (!sweep->curves)
    return -ENOMEM;
  place_heaps(sweep);
  write_curves(sweep);
  for (size_t index = 0; index < sweep->curve_count; index++)
    panels += begins_panel(sweep, index);
  if (panels > 0) {
    sweep->plot->hides_floor = true; /* it has no heap */
    plot_grid(sweep->plot, panels, 0);
    plot_begin(sweep->plot, sweep->title, sweep->note);
    put_axes(sweep);
    put_panels(sweep);
    plot_end(sweep->plot);
  }
  free(sweep->curves);
  return panels ? 0 : -ENODATA;
}

/* --- the two kinds -----------------------------------------------------------------------------
 */

static const struct plot_point nothing = {NAN, NAN, NAN, NAN};

int plot_wall_points(const struct results_run *run, struct plot_point *points) {
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    size_t count = summary->statuses[RESULTS_ok], known = 0;
    double *walls = malloc((count + 1) * sizeof *walls);
    points[index] = nothing;
    if (!walls)
      return -ENOMEM;
    for (size_t trial = 0; trial < count; trial++)
      if (summary->trials[trial].wall_ns > 0)
        walls[known++] = summary->trials[trial].wall_ns;
    struct results_interval interval = results_interval_of_ratios(walls, known, 1, 1);
    if (known)
      points[index] = (struct plot_point){NAN, interval.estimate, interval.low, interval.high};
    free(walls);
  }
  return 0;
}

/* Over the least of the same workload. */
static void normalise(const struct results_run *run, struct plot_point *points) {
  for (size_t first = 0, end; first < run->summary_count; first = end) {
    double least = INFINITY;
    for (end = first;
         end < run->summary_count && same_workload(&run->summaries[first], &run->summaries[end]);
         end++)
      if (points[end].y < least)
        least = points[end].y;
    for (size_t index = first; index < end; index++) {
      points[index].y /= least;
      points[index].low /= least;
      points[index].high /= least;
    }
  }
}

static int draw_points(struct plot *plot, struct sweep sweep,
                       int (*fill)(const struct results_run *run, struct plot_point *points)) {
  sweep.plot = plot;
  sweep.points = malloc((plot->run->summary_count + 1) * sizeof *sweep.points);
  int status = sweep.points ? fill(plot->run, sweep.points) : -ENOMEM;
  if (!status)
    status = draw(&sweep);
  free(sweep.points);
  return status;
}

static int normalised_wall_points(const struct results_run *run, struct plot_point *points) {
  int status = plot_wall_points(run, points);
  if (!status)
    normalise(run, points);
  return status;
}

int plot_draw_heap_sweep(struct plot *plot) {
  return draw_points(
      plot,
      (struct sweep){.title = "Wall time over heap size",
                     .note = "Geometric means across trials over the least of the workload; bars: "
                             "95 %, from 5 trials up.",
                     .y_title = "wall time, least = 1"},
      normalised_wall_points);
}

static int lbo_points(const struct results_run *run, struct plot_point *points) {
  struct results_lbo lbo;
  int status = results_lbo_derive(run, &lbo);
  if (status)
    return status;
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_lbo_cost *cost = &lbo.costs[index][RESULTS_LBO_WALL];
    points[index] = (struct plot_point){NAN, cost->ratio, cost->low, cost->high};
  }
  results_lbo_finish(&lbo);
  return 0;
}

int plot_draw_lbo(struct plot *plot) {
  return draw_points(
      plot,
      (struct sweep){.title = "Lower-bound overhead of wall time over heap size",
                     .note = "Wall time over the least wall time less explicit collection of any "
                             "configuration of the workload; bars: 95 %, from 5 trials up.",
                     .y_title = "1 + overhead, at least"},
      lbo_points);
}
