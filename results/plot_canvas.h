/* What every kind of plot shares: panels on a canvas, series with their colours, data blocks, and
 * the gnuplot script that is written beside them.
 *
 * A drawing function first writes data blocks (each gets an index) and then panels that name them.
 * Script and data are texts in memory until the whole plot is known, so a failure leaves no file.
 * Lengths on the canvas are points (1/72 inch); PNG has two pixels per point.
 */
#ifndef RESULTS_PLOT_CANVAS_H
#define RESULTS_PLOT_CANVAS_H

#include "results/derive.h"
#include "results/look.h"
#include "results/plot.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* One look: a collector with a barrier and settings. */
struct plot_look {
  const struct results_summary *summary; /* the first that has it */
  char name[RESULTS_TEXT_SIZE];
  const char *color;
  unsigned dash; /* gnuplot's dash type, from 1 */
  enum results_marker marker;
  bool is_drawn; /* in some panel; only those enter the legend */
};

/* An entry of the legend that is no look: a kind of pause, a phase. */
struct plot_legend_entry {
  const char *name, *color;
};
enum { PLOT_LEGEND_MAX = 24 };

struct plot {
  const struct results_run *run;
  const struct results_plot_request *request;
  FILE *script, *data;
  const char *source; /* how the script names the data */
  size_t block_count;
  struct plot_look *looks;
  size_t look_count;
  struct plot_legend_entry legend[PLOT_LEGEND_MAX]; /* after the looks */
  size_t legend_count;
  size_t columns, rows, panel_count; /* of panels */
  double panel_width, panel_height;  /* in points */
  const char *note;                  /* below the panels */
  bool hides_floor;                  /* the platform floor is neither drawn nor in the legend */
};

/* What is written around a panel. Axis titles appear on the outer panels only. */
struct plot_titles {
  const char *panel, *x, *y;
  const char *y2; /* null: no right axis */
};

/* Returns 0 or -ENOMEM; then there is nothing to finish. */
int plot_looks_create(struct plot *plot);
struct plot_look *plot_look_of(const struct plot *plot, const struct results_summary *summary);

/* False when the request names another workload. */
bool plot_is_wanted(const struct plot *plot, const struct results_summary *summary);

/* The events of one trial, or of the first good trial of a summary that is wanted and no floor. False,
 * and nothing to finish, where there are none: a trial that was there a moment ago and cannot be
 * read is a panel less. */
bool plot_load_trial(const struct plot *plot, uint64_t trial, struct results_events *events);
bool plot_load_first_trial(const struct plot *plot, const struct results_summary *summary,
                           struct results_events *events);

/* Before plot_begin. A name that is there already is not added again. */
void plot_add_legend(struct plot *plot, const char *name, const char *color);

/* Starts a data block and answers its index. */
size_t plot_block(struct plot *plot, const char *what, const struct results_summary *summary);

/* Chooses rows and columns for the panels. */
void plot_grid(struct plot *plot, size_t panel_count, size_t columns);

/* Terminal, title, legend; then panel after panel. */
void plot_begin(struct plot *plot, const char *title, const char *note);
void plot_panel(struct plot *plot, size_t panel, const struct plot_titles *titles);
void plot_end(struct plot *plot);

/* Labels a logarithmic axis of milliseconds with times: 10 us, 100 us, 1 ms. */
void plot_time_tics(struct plot *plot, const char *axis, double least_ms, double largest_ms);

/* Workload and heap of a group, as a panel's title. */
void plot_group_title(char *text, size_t text_size, const struct results_summary *summary);
/* The same and who collects, of a panel that has one configuration. */
void plot_configuration_title(char *text, size_t text_size, const struct plot *plot,
                              const struct results_summary *summary);

/* Ranges of pause lengths: tenths of a decade, from 1 ns. */
enum { PLOT_BINS_PER_DECADE = 10, PLOT_BINS = 11 * PLOT_BINS_PER_DECADE };
double plot_bin_begin_ms(size_t bin);
void plot_bin_counts(const struct results_histogram *histogram, uint64_t counts[PLOT_BINS]);

/* A plot whose panels are workloads and whose series are collectors, the floor behind them. */
struct plot_extent {
  double least_x, largest_x, least_y, largest_y;
};
struct plot_series {
  const struct results_summary *summary;
  const char *name, *color;
  unsigned dash, point; /* gnuplot's types */
  size_t block;
  bool is_floor;
};
struct plot_curves {
  const char *title, *note, *x_title, *y_title;
  /* Writes a data block, widens the extent and answers the block's index; SIZE_MAX when the summary
   * has nothing to draw. */
  size_t (*block)(struct plot *plot, const struct results_summary *summary,
                  struct plot_extent *extent);
  void (*axes)(struct plot *plot, const struct plot_extent *extent);
  /* One or more elements of a plot command, separated by ", ". */
  void (*series)(struct plot *plot, const struct plot_series *series);
};
int plot_draw_curves(struct plot *plot, const struct plot_curves *curves);
/* Elements for blocks of three columns: the second solid with points of a size, the third dotted. On
 * a terminal the second alone, named. */
void plot_put_solid_and_dotted(struct plot *plot, const struct plot_series *series,
                               double point_size);

/* A cost with its interval of 95 %; NaN: not known. */
struct plot_point {
  double x, y, low, high;
};

/* Wall times in ns as the run's summaries, geometric means across trials; x is not filled. Returns 0
 * or -ENOMEM. */
int plot_wall_points(const struct results_run *run, struct plot_point *points);

/* The kinds. 0, -ENODATA when nothing can be drawn, or -ENOMEM. */
int plot_draw_histogram(struct plot *plot);
int plot_draw_percentiles(struct plot *plot);
int plot_draw_timeline(struct plot *plot);
int plot_draw_strategies(struct plot *plot);
int plot_draw_mmu(struct plot *plot);
int plot_draw_heap_sweep(struct plot *plot);
int plot_draw_lbo(struct plot *plot);
int plot_draw_barriers(struct plot *plot);
int plot_draw_latency(struct plot *plot);
int plot_draw_latency_windows(struct plot *plot);
int plot_draw_scaling(struct plot *plot);
int plot_draw_pacer(struct plot *plot);
int plot_draw_memory(struct plot *plot);

#endif
