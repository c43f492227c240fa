/* The pause histogram: how many pauses of which length, per second of the timed part.
 *
 * Counts are divided by the time over which they were collected, so
 * that a collector that makes a program slower, and the platform floor, stand on the same scale.
 */
#include "results/plot_canvas.h"
#include <math.h>

static const double empty_rate = 1e-12; /* below every axis: a logarithm has no 0 */

static void write_rates(struct plot *plot, const uint64_t *counts, size_t first, size_t end,
                        double seconds, struct plot_extent *extent) {
  fprintf(plot->data, "%.6g %.6g\n", plot_bin_begin_ms(first), empty_rate);
  for (size_t bin = first; bin < end; bin++) {
    double rate = (double)counts[bin] / seconds;
    fprintf(plot->data, "%.6g %.6g\n", plot_bin_begin_ms(bin), rate > 0 ? rate : empty_rate);
    if (counts[bin] == 0)
      continue;
    extent->least_y = fmin(extent->least_y, rate);
    extent->largest_y = fmax(extent->largest_y, rate);
  }
  fprintf(plot->data, "%.6g %.6g\n", plot_bin_begin_ms(end), empty_rate);
}

static size_t write_block(struct plot *plot, const struct results_summary *summary,
                          struct plot_extent *extent) {
  const struct results_histogram *histogram = &summary->histograms[RESULTS_ALL_KINDS];
  double seconds = summary->sum.timed_ns / 1e9;
  uint64_t counts[PLOT_BINS];
  if (histogram->total_count == 0 || !(seconds > 0))
    return SIZE_MAX;
  plot_bin_counts(histogram, counts);
  size_t first = 0, end = PLOT_BINS;
  while (counts[first] == 0)
    first++;
  while (counts[end - 1] == 0)
    end--;
  size_t block = plot_block(plot, "pause length in ms, pauses per second", summary);
  write_rates(plot, counts, first, end, seconds, extent);
  extent->least_x = fmin(extent->least_x, plot_bin_begin_ms(first));
  extent->largest_x = fmax(extent->largest_x, plot_bin_begin_ms(end));
  return block;
}

static void put_axes(struct plot *plot, const struct plot_extent *extent) {
  fprintf(plot->script,
          "set logscale xy\nset format y '%%g'\n"
          "set xrange [%.6g:%.6g]\nset yrange [%.6g:%.6g]\n",
          pow(10, floor(log10(extent->least_x) + 1e-6)),
          pow(10, ceil(log10(extent->largest_x) - 1e-6)), extent->least_y / 1.5,
          pow(10, ceil(log10(extent->largest_y) + 0.05)));
  plot_time_tics(plot, "x", extent->least_x, extent->largest_x);
}

static void put_series(struct plot *plot, const struct plot_series *series) {
  if (plot->request->target == RESULTS_PLOT_TERMINAL)
    fprintf(plot->script, "%s index %zu using 1:2 with steps title '%s'", plot->source,
            series->block, series->name);
  else
    fprintf(plot->script,
            "%s index %zu using 1:2 with fillsteps fc rgb '%s' fs transparent solid %s noborder, "
            "\\\n  %s index %zu using 1:2 with steps lc rgb '%s' lw %s dt %u",
            plot->source, series->block, series->color, series->is_floor ? "0.35" : "0.15",
            plot->source, series->block, series->color, series->is_floor ? "0.6" : "1.6",
            series->dash);
}

int plot_draw_histogram(struct plot *plot) {
  static const struct plot_curves curves = {
      .title = "Pauses by length",
      .note = "Wall time of each mutator's pauses in the timed part, all trials; ranges of a tenth "
              "of a decade.",
      .x_title = "pause length",
      .y_title = "pauses per second",
      .block = write_block,
      .axes = put_axes,
      .series = put_series,
  };
  return plot_draw_curves(plot, &curves);
}
