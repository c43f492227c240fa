/* Response times of requests by percentile, for workloads that serve some: solid from the arrival, which
 * is what a client feels; dotted the time of service alone, which hides that requests waited. Medians
 * across trials of each trial's percentiles. */
#include "results/plot_canvas.h"
#include <math.h>

static const double ns_per_ms = 1e6;

/* 1 / (1 - p) of each percentile; the largest has no place on the axis. */
static const double inverses[RESULTS_LATENCY_MAX] = {2, 10, 100, 1000, 10000};

static void widen(struct plot_extent *extent, double inverse, double ns) {
  if (!(ns > 0))
    return;
  extent->largest_x = fmax(extent->largest_x, inverse);
  extent->least_y = fmin(extent->least_y, ns / ns_per_ms);
  extent->largest_y = fmax(extent->largest_y, ns / ns_per_ms);
}

/* Columns: 1 / (1 - p), response and service in ms. */
static size_t write_block(struct plot *plot, const struct results_summary *summary,
                          struct plot_extent *extent) {
  const double *response = summary->median.latency[RESULTS_LATENCY_RESPONSE].percentile_ns;
  const double *service = summary->median.latency[RESULTS_LATENCY_SIMPLE].percentile_ns;
  if (summary->statuses[RESULTS_ok] == 0 || !(response[RESULTS_LATENCY_P50] > 0))
    return SIZE_MAX;
  size_t block = plot_block(plot, "1/(1-percentile), response and service in ms", summary);
  for (size_t place = 0; place < RESULTS_LATENCY_MAX && response[place] > 0; place++) {
    fprintf(plot->data, "%.6g %.6g %.6g\n", inverses[place], response[place] / ns_per_ms,
            service[place] / ns_per_ms);
    widen(extent, inverses[place], response[place]);
    widen(extent, inverses[place], service[place]);
  }
  return block;
}

static void put_axes(struct plot *plot, const struct plot_extent *extent) {
  fprintf(
      plot->script,
      "set logscale xy\n"
      "set xtics ('50 %%%%' 2, '90 %%%%' 10, '99 %%%%' 100, '99.9 %%%%' 1000, '99.99 %%%%' 1e4)\n"
      "set xrange [1.8:%.6g]\nset yrange [%.6g:%.6g]\n",
      fmax(extent->largest_x, 10) * 1.1, pow(10, floor(log10(extent->least_y))),
      pow(10, ceil(log10(extent->largest_y * 1.001))));
  plot_time_tics(plot, "y", extent->least_y, extent->largest_y);
}

static void put_series(struct plot *plot, const struct plot_series *series) {
  plot_put_solid_and_dotted(plot, series, 0.6);
}

int plot_draw_latency(struct plot *plot) {
  static const struct plot_curves curves = {
      .title = "Response times of requests",
      .note =
          "Solid: from the arrival to the end. Dotted: the service alone. Medians across trials.",
      .x_title = "percentile of requests",
      .y_title = "time",
      .block = write_block,
      .axes = put_axes,
      .series = put_series,
  };
  plot->hides_floor = true; /* it serves no requests */
  return plot_draw_curves(plot, &curves);
}
