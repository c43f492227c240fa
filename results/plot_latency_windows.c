/* Metered latency by the window over which the begins of requests are spread: solid the 99th
 * percentile, dotted the median. Where a line rises, requests that came while the program stood
 * still would have waited for longer than that window shows; flat to the right, no drift of
 * throughput is mistaken for waiting. latency.h defines the windows.
 *
 * Medians across trials, whose events are read again, one trial at a time.
 */
#include "results/latency.h"
#include "results/measured_time.h"
#include "results/plot_canvas.h"
#include "results/statistics.h"
#include <math.h>
#include <stdlib.h>

static const double ns_per_ms = 1e6;

enum { drawn_p99, drawn_p50, drawn_count };
static const enum results_latency_percentile drawn[drawn_count] = {
    [drawn_p99] = RESULTS_LATENCY_P99, [drawn_p50] = RESULTS_LATENCY_P50};

/* Of the ok trials of a configuration; NaN: a trial too short for the window. */
struct sweep {
  size_t trial_count, window_count;
  double window_ns[RESULTS_LATENCY_WINDOWS_MAX];
  double *ns; /* by window, what is drawn, trial */
};

static double *cell(const struct sweep *sweep, size_t window, size_t which) {
  return &sweep->ns[(window * drawn_count + which) * sweep->trial_count];
}

static void take_trial(struct sweep *sweep, size_t place,
                       const struct results_latency_window *windows, size_t count) {
  sweep->window_count = count > sweep->window_count ? count : sweep->window_count;
  for (size_t window = 0; window < count; window++) {
    sweep->window_ns[window] = (double)windows[window].window_ns;
    for (size_t which = 0; which < drawn_count; which++)
      cell(sweep, window, which)[place] = windows[window].latency.percentile_ns[drawn[which]];
  }
}

/* A trial that cannot be read any more has no part. */
static void read_trial(struct sweep *sweep, const struct plot *plot,
                       const struct results_ok_trial *trial, size_t place) {
  struct results_latency_window windows[RESULTS_LATENCY_WINDOWS_MAX];
  struct results_events events;
  size_t count;
  if (!plot_load_trial(plot, trial->trial, &events))
    return;
  results_events_cut_warmup(&events);
  if (!results_latency_sweep(&events, &trial->iterations, windows, &count))
    take_trial(sweep, place, windows, count);
  results_events_finish(&events);
}

static void widen(struct plot_extent *extent, double window_ms, double ms) {
  if (!(ms > 0))
    return;
  extent->least_x = fmin(extent->least_x, window_ms);
  extent->largest_x = fmax(extent->largest_x, window_ms);
  extent->least_y = fmin(extent->least_y, ms);
  extent->largest_y = fmax(extent->largest_y, ms);
}

/* Columns: window, what is drawn, in ms. */
static size_t write_rows(struct plot *plot, const struct sweep *sweep,
                         const struct results_summary *summary, struct plot_extent *extent) {
  if (sweep->window_count == 0)
    return SIZE_MAX;
  size_t block = plot_block(plot, "window, metered p99 and p50 in ms", summary);
  for (size_t window = 0; window < sweep->window_count; window++) {
    double window_ms = sweep->window_ns[window] / ns_per_ms;
    fprintf(plot->data, "%.6g", window_ms);
    for (size_t which = 0; which < drawn_count; which++) {
      double ms = results_median(cell(sweep, window, which), sweep->trial_count) / ns_per_ms;
      fprintf(plot->data, " %.6g", ms);
      widen(extent, window_ms, ms);
    }
    fputc('\n', plot->data);
  }
  return block;
}

static size_t write_block(struct plot *plot, const struct results_summary *summary,
                          struct plot_extent *extent) {
  struct sweep sweep = {.trial_count = summary->statuses[RESULTS_ok]};
  size_t cells = RESULTS_LATENCY_WINDOWS_MAX * drawn_count * sweep.trial_count;
  bool has_requests = cells > 0 && summary->sum.latency[RESULTS_LATENCY_SIMPLE].count > 0;
  size_t block = SIZE_MAX;
  sweep.ns = has_requests ? malloc(cells * sizeof *sweep.ns) : NULL;
  if (!sweep.ns)
    return SIZE_MAX;
  for (size_t index = 0; index < cells; index++)
    sweep.ns[index] = NAN;
  for (size_t place = 0; place < sweep.trial_count; place++)
    read_trial(&sweep, plot, &summary->ok_trials[place], place);
  block = write_rows(plot, &sweep, summary, extent);
  free(sweep.ns);
  return block;
}

static void put_axes(struct plot *plot, const struct plot_extent *extent) {
  fprintf(plot->script, "set logscale xy\nset xrange [%.6g:%.6g]\nset yrange [%.6g:%.6g]\n",
          extent->least_x, fmax(extent->largest_x, 10 * extent->least_x),
          pow(10, floor(log10(extent->least_y))), pow(10, ceil(log10(extent->largest_y * 1.001))));
  plot_time_tics(plot, "x", extent->least_x, extent->largest_x);
  plot_time_tics(plot, "y", extent->least_y, extent->largest_y);
}

static void put_series(struct plot *plot, const struct plot_series *series) {
  plot_put_solid_and_dotted(plot, series, 0.4);
}

int plot_draw_latency_windows(struct plot *plot) {
  static const struct plot_curves curves = {
      .title = "Metered latency by the window of smoothing",
      .note = "Solid: 99th percentile. Dotted: median. Medians across trials.",
      .x_title = "window over which begins are spread",
      .y_title = "latency",
      .block = write_block,
      .axes = put_axes,
      .series = put_series,
  };
  plot->hides_floor = true; /* it serves no requests */
  return plot_draw_curves(plot, &curves);
}
