/* Minimum mutator utilisation by window, in both views, because one alone hides work: solid what is
 * left to a mutator, dotted what is left of all processors. Medians across trials. The data have BMU
 * beside MMU. */
#include "results/plot_canvas.h"
#include <math.h>

static const double ns_per_ms = 1e6;

/* A median over fewer trials than all would make a step of the curve. */
static bool know_all(const struct results_summary *summary, size_t window) {
  bool is_known = true;
  for (size_t trial = 0; trial < summary->statuses[RESULTS_ok]; trial++)
    is_known = is_known && !isnan(summary->trials[trial].mutator_curve.mmu[window]);
  return is_known;
}

/* Columns: window in ms, MMU and BMU of a mutator, MMU and BMU of all processors. */
static size_t write_block(struct plot *plot, const struct results_summary *summary,
                          struct plot_extent *extent) {
  const struct results_utilisation_curve *mutator = &summary->median.mutator_curve;
  const struct results_utilisation_curve *capacity = &summary->median.capacity_curve;
  uint64_t windows_ns[RESULTS_CURVE_WINDOWS];
  results_curve_windows(windows_ns);
  if (summary->statuses[RESULTS_ok] == 0 || !know_all(summary, 0))
    return SIZE_MAX;
  size_t block = plot_block(plot, "window in ms, mmu, bmu, mmu_capacity, bmu_capacity", summary);
  for (size_t window = 0; window < RESULTS_CURVE_WINDOWS; window++) {
    double window_ms = (double)windows_ns[window] / ns_per_ms;
    if (!know_all(summary, window))
      break;
    fprintf(plot->data, "%.6g %.6g %.6g %.6g %.6g\n", window_ms, mutator->mmu[window],
            mutator->bmu[window], capacity->mmu[window], capacity->bmu[window]);
    extent->least_x = fmin(extent->least_x, window_ms);
    extent->largest_x = fmax(extent->largest_x, window_ms);
  }
  return block;
}

static void put_axes(struct plot *plot, const struct plot_extent *extent) {
  fprintf(plot->script, "set logscale x\nset xrange [%.6g:%.6g]\nset yrange [0:1.02]\n",
          extent->least_x, fmax(extent->largest_x, 1.01 * extent->least_x));
  plot_time_tics(plot, "x", extent->least_x, extent->largest_x);
}

static void put_series(struct plot *plot, const struct plot_series *series) {
  double line_width = series->is_floor ? 4 : 2;
  if (plot->request->target == RESULTS_PLOT_TERMINAL)
    fprintf(plot->script, "%s index %zu using 1:2 with lines title '%s'", plot->source,
            series->block, series->name);
  else
    fprintf(plot->script,
            "%s index %zu using 1:2 with linespoints lc rgb '%s' lw %.1f dt %u pt %u ps %s pi 8, "
            "\\\n  %s index %zu using 1:4 with lines lc rgb '%s' lw %.1f dt '.'",
            plot->source, series->block, series->color, line_width, series->dash, series->point,
            series->is_floor ? "0" : "0.7", plot->source, series->block, series->color,
            line_width * 0.8);
}

int plot_draw_mmu(struct plot *plot) {
  static const struct plot_curves curves = {
      .title = "Minimum mutator utilisation",
      .note = "Least share of any window of the timed part: solid, left to a mutator; dotted, left "
              "of all processors. Medians across trials.",
      .x_title = "window",
      .y_title = "utilisation",
      .block = write_block,
      .axes = put_axes,
      .series = put_series,
  };
  return plot_draw_curves(plot, &curves);
}
