/* Pause length by percentile: how long the worst one in ten, in a hundred, in a thousand lasts.
 *
 * The horizontal axis is 1 / (1 - p), logarithmic, so that each further nine takes the same room.
 * Where fewer than 10 samples lie beyond, the curve goes on dotted: it shows what happened, not
 * what will happen again.
 */
#include "results/plot_canvas.h"
#include "results/statistics.h"
#include <math.h>

static const double ns_per_ms = 1e6;
static const double step_log10 = 0.01; /* points closer than this are one */

/* Columns: 1 / (1 - p), ms. Both ends of each range of equal values, thinned. */
static void write_points(struct plot *plot, const struct results_histogram *histogram) {
  struct results_histogram_range range = {0};
  double total = (double)histogram->total_count, last_log10 = -1;
  while (results_histogram_next(histogram, &range)) {
    double before = total - (double)(range.count_up_to - range.count);
    double beyond = total - (double)range.count_up_to;
    double begin = total / before, end = beyond > 0 ? total / beyond : total;
    bool is_last = range.count_up_to == histogram->total_count;
    uint64_t ns = is_last ? histogram->maximum_value : range.highest_value;
    if (!is_last && log10(end) - last_log10 < step_log10)
      continue;
    if (log10(end) - log10(begin) >= step_log10)
      fprintf(plot->data, "%.6g %.6g\n", begin, (double)ns / ns_per_ms);
    fprintf(plot->data, "%.6g %.6g\n", end, (double)ns / ns_per_ms);
    last_log10 = log10(end);
  }
}

static size_t write_block(struct plot *plot, const struct results_summary *summary,
                          struct plot_extent *extent) {
  const struct results_histogram *histogram = &summary->histograms[RESULTS_ALL_KINDS];
  if (histogram->total_count == 0)
    return SIZE_MAX;
  size_t block = plot_block(plot, "1/(1-percentile), pause length in ms", summary);
  write_points(plot, histogram);
  extent->least_y = fmin(extent->least_y, (double)histogram->minimum_value / ns_per_ms);
  extent->largest_y = fmax(extent->largest_y, (double)histogram->maximum_value / ns_per_ms);
  extent->largest_x = fmax(extent->largest_x, (double)histogram->total_count);
  return block;
}

static void put_axes(struct plot *plot, const struct plot_extent *extent) {
  fprintf(plot->script, "set logscale xy\nset xtics (");
  for (int nines = 0; pow(10, nines) <= extent->largest_x; nines++) {
    char percent[32] = "0 %%";
    if (nines > 0)
      snprintf(percent, sizeof percent, "%.*f %%%%", nines > 2 ? nines - 2 : 0,
               100 - pow(10, 2 - nines));
    fprintf(plot->script, "%s'%s' 1e%d", nines ? ", " : "", percent, nines);
  }
  fprintf(plot->script, ")\nset xrange [1:%.6g]\nset yrange [%.6g:%.6g]\n", extent->largest_x * 1.1,
          pow(10, floor(log10(fmax(extent->least_y, 1e-6)))),
          pow(10, ceil(log10(extent->largest_y * 1.001))));
  plot_time_tics(plot, "y", fmax(extent->least_y, 1e-6), extent->largest_y);
}

/* The parts overlap a little, so that no gap shows where one ends. */
static void put_series(struct plot *plot, const struct plot_series *series) {
  double limit =
      (double)series->summary->histograms[RESULTS_ALL_KINDS].total_count / RESULTS_SAMPLES_BEYOND;
  double line_width = series->is_floor ? 4 : 2;
  if (plot->request->target == RESULTS_PLOT_TERMINAL)
    fprintf(plot->script, "%s index %zu using 1:2 with lines title '%s'", plot->source,
            series->block, series->name);
  else
    fprintf(
        plot->script,
        "%s index %zu using 1:($1 <= %.6g ? $2 : NaN) with linespoints lc rgb '%s' lw %.1f dt %u "
        "pt %u ps %s pi 40, "
        "\\\n  %s index %zu using 1:($1 >= %.6g ? $2 : NaN) with lines lc rgb '%s' lw %.1f dt "
        "'.'",
        plot->source, series->block, limit * 1.03, series->color, line_width, series->dash,
        series->point, series->is_floor ? "0" : "0.7", plot->source, series->block, limit * 0.97,
        series->color, line_width * 0.8);
}

int plot_draw_percentiles(struct plot *plot) {
  static const struct plot_curves curves = {
      .title = "Pause length by percentile",
      .note = "Wall time of each mutator's pauses in the timed part, all trials pooled. Dotted: "
              "fewer than 10 samples beyond.",
      .x_title = "percentile of pauses",
      .y_title = "pause length",
      .block = write_block,
      .axes = put_axes,
      .series = put_series,
  };
  return plot_draw_curves(plot, &curves);
}
