/* The strategies' pauses over one workload: a row per strategy, its histogram standing on the row,
 * the kinds of pauses in colours of their own.
 *
 * Twelve curves over each other cannot be told apart; twelve rows under each other can, and lengths
 * are compared along the common axis. Heights are logarithmic, from the rarest to the most frequent
 * range of all rows, and kinds stand in front of each other, not on top: a logarithm does not add up.
 * Beside each row stands what a reader would look for first. The platform floor is the last row;
 * strategies without pauses have none.
 *
 * Of a run with several workloads the one with the most strategies is drawn, the last of several.
 */
#include "results/plot_canvas.h"
#include "results/units.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  row_points = 62,
  head_points = 92,
  plot_points = 560,
  columns_points = 264,
  name_points = 8
};
static const double row_height = 0.86; /* of the distance between rows */

/* In the order of pause.def; what it has beyond these is drawn in the last colour. */
static const char *const kind_colors[] = {"#56B4E9", "#009E73", "#E69F00", "#D55E00",
                                          "#B8A900", "#CC79A7", "#0072B2", "#000000",
                                          "#7A5195", "#882255", "#999999", "#661100"};
enum { kind_color_count = sizeof kind_colors / sizeof *kind_colors };

static const char *color_of(size_t kind) {
  return kind_colors[kind < kind_color_count ? kind : kind_color_count - 1];
}

/* What is drawn: summaries of one group, and the floor. */
struct rows {
  const struct results_summary **items;
  size_t count;
  double least_rate, largest_rate; /* pauses per second */
  double least_ms, largest_ms;
};

/* A strategy without pauses has nothing to stand on its row. */
static bool is_row(const struct results_summary *summary) {
  return summary->histograms[RESULTS_ALL_KINDS].total_count > 0 && !results_is_floor(summary);
}

static size_t count_rows(const struct results_run *run, size_t first) {
  size_t count = 0;
  for (size_t index = first; index < results_run_group_end(run, first); index++)
    count += is_row(&run->summaries[index]);
  return count;
}

static int find_rows(const struct plot *plot, struct rows *rows) {
  const struct results_run *run = plot->run;
  size_t best = 0, most = 0;
  *rows = (struct rows){.items = calloc(run->summary_count + 1, sizeof *rows->items),
                        .least_rate = INFINITY,
                        .least_ms = INFINITY};
  if (!rows->items)
    return -ENOMEM;
  for (size_t first = 0; first < run->summary_count; first = results_run_group_end(run, first))
    if (plot_is_wanted(plot, &run->summaries[first]) && count_rows(run, first) >= most) {
      best = first;
      most = count_rows(run, first);
    }
  for (size_t index = best; most && index < results_run_group_end(run, best); index++)
    if (is_row(&run->summaries[index]))
      rows->items[rows->count++] = &run->summaries[index];
  if (rows->count && results_run_floor(run))
    rows->items[rows->count++] = results_run_floor(run);
  return rows->count ? 0 : -ENODATA;
}

/* --- histograms --------------------------------------------------------------------------------
 */

/* A kind of pause; of the floor, its gaps are under the kind of all. */
static bool is_drawn_kind(const struct results_summary *summary, size_t kind) {
  bool is_meant = results_is_floor(summary) == (kind == RESULTS_ALL_KINDS);
  return is_meant && summary->histograms[kind].total_count > 0 && summary->sum.timed_ns > 0;
}

static double rate_of(const struct results_summary *summary, uint64_t count) {
  return (double)count / (summary->sum.timed_ns / 1e9);
}

static void widen(struct rows *rows) {
  for (size_t row = 0; row < rows->count; row++)
    for (size_t kind = 0; kind < RESULTS_KINDS; kind++) {
      uint64_t counts[PLOT_BINS];
      if (!is_drawn_kind(rows->items[row], kind))
        continue;
      plot_bin_counts(&rows->items[row]->histograms[kind], counts);
      for (size_t bin = 0; bin < PLOT_BINS; bin++) {
        if (counts[bin] == 0)
          continue;
        double rate = rate_of(rows->items[row], counts[bin]);
        rows->least_rate = fmin(rows->least_rate, rate);
        rows->largest_rate = fmax(rows->largest_rate, rate);
        rows->least_ms = fmin(rows->least_ms, plot_bin_begin_ms(bin));
        rows->largest_ms = fmax(rows->largest_ms, plot_bin_begin_ms(bin + 1));
      }
    }
}

/* Rows count from below. */
static double base_of(const struct rows *rows, size_t row) {
  return (double)(rows->count - 1 - row);
}

/* From a sixth of the row, so that a range that was met once is seen. */
static double height_of(const struct rows *rows, double rate) {
  double decades = log10(rows->largest_rate / rows->least_rate);
  double share = decades > 0 ? log10(rate / rows->least_rate) / decades : 1;
  return row_height * (1 + 5 * share) / 6;
}

/* An outline in steps, from the base and back to it. */
static size_t write_block(struct plot *plot, const struct rows *rows, size_t row, size_t kind) {
  const struct results_summary *summary = rows->items[row];
  uint64_t counts[PLOT_BINS];
  double base = base_of(rows, row);
  size_t block = plot_block(
      plot, "pause length in ms, row and height of the logarithm of pauses per second", summary);
  plot_bin_counts(&summary->histograms[kind], counts);
  for (size_t bin = 0; bin < PLOT_BINS; bin++) {
    if (counts[bin] == 0)
      continue;
    double height = base + height_of(rows, rate_of(summary, counts[bin]));
    fprintf(plot->data, "%.6g %.6g\n%.6g %.6g\n%.6g %.6g\n%.6g %.6g\n", plot_bin_begin_ms(bin),
            base, plot_bin_begin_ms(bin), height, plot_bin_begin_ms(bin + 1), height,
            plot_bin_begin_ms(bin + 1), base);
  }
  return block;
}

/* --- the script --------------------------------------------------------------------------------
 */

static const char *name_of(const struct plot *plot, const struct results_summary *summary) {
  return results_is_floor(summary) ? "platform floor" : plot_look_of(plot, summary)->name;
}

static double name_width(const struct plot *plot, const struct rows *rows) {
  size_t longest = 0;
  for (size_t row = 0; row < rows->count; row++) {
    size_t length = strlen(name_of(plot, rows->items[row]));
    longest = length > longest ? length : longest;
  }
  return (double)(longest * name_points + 24);
}

static void add_legend(struct plot *plot, const struct rows *rows) {
  for (size_t kind = 0; kind < RESULTS_ALL_KINDS; kind++)
    for (size_t row = 0; row < rows->count; row++)
      if (is_drawn_kind(rows->items[row], kind)) {
        plot_add_legend(plot, gc_pause_kind_names[kind], color_of(kind));
        break;
      }
}

/* Left of each row its strategy, the barrier below. */
static void put_names(struct plot *plot, const struct rows *rows) {
  fprintf(plot->script, "set ytics ('' 0");
  for (size_t row = 1; row < rows->count; row++)
    fprintf(plot->script, ", '' %zu", row);
  fprintf(plot->script, ")\n");
  for (size_t row = 0; row < rows->count; row++) {
    const struct results_summary *summary = rows->items[row];
    double y = base_of(rows, row);
    bool is_floor = results_is_floor(summary);
    fprintf(plot->script, "set label '%s' at graph -0.02, first %g right noenhanced\n",
            name_of(plot, summary), y + (is_floor ? 0.12 : 0.36));
    if (!is_floor)
      fprintf(plot->script,
              "set label '%s' at graph -0.02, first %g right noenhanced font 'sans-serif,9' "
              "textcolor rgb '#777777'\n",
              summary->first.configuration.barrier.text, y + 0.1);
  }
}

static void put_axes(struct plot *plot, const struct rows *rows) {
  fprintf(plot->script, "set logscale x\nset xrange [%.6g:%.6g]\nset yrange [-0.15:%zu]\n",
          pow(10, floor(log10(rows->least_ms) + 1e-6)),
          pow(10, ceil(log10(rows->largest_ms) - 1e-6)), rows->count);
  plot_time_tics(plot, "x", rows->least_ms, rows->largest_ms);
  if (plot->request->target == RESULTS_PLOT_FILE) {
    put_names(plot, rows);
    return;
  }
  fprintf(plot->script, "set ytics (");
  for (size_t row = 0; row < rows->count; row++)
    fprintf(plot->script, "%s'%s' %g", row ? ", " : "", name_of(plot, rows->items[row]),
            base_of(rows, row));
  fprintf(plot->script, ")\n");
}

/* A figure of a row, or the head of such figures, in the given column beside the plot. */
static void put_beside(struct plot *plot, size_t column, double y, const char *text,
                       const char *color) {
  fprintf(plot->script,
          "set label '%s' at graph %.5f, first %.5f right noenhanced font 'sans-serif,10' "
          "textcolor rgb '%s'\n",
          text, 1 + ((double)(column + 1) * columns_points / 3.0 - 10) / plot_points, y, color);
}

static void put_figures(struct plot *plot, const struct rows *rows) {
  static const char *const heads[] = {"p99", "largest", "mmu 10ms"};
  for (size_t column = 0; column < 3; column++)
    put_beside(plot, column, (double)rows->count - 0.02, heads[column], "#666666");
  for (size_t row = 0; row < rows->count; row++) {
    const struct results_summary *summary = rows->items[row];
    double y = base_of(rows, row) + 0.25;
    double p99_ns = summary->median.wall[RESULTS_ALL_KINDS].percentile_ns[RESULTS_P99];
    double largest_ns = summary->largest.wall[RESULTS_ALL_KINDS].percentile_ns[RESULTS_MAX];
    put_beside(plot, 0, y, results_text_ns(p99_ns).text, "#222222");
    put_beside(plot, 1, y, results_text_ns(largest_ns).text, "#222222");
    put_beside(plot, 2, y, results_text_ratio(summary->median.mmu_10ms).text, "#222222");
  }
}

static void put_panel(struct plot *plot, const struct rows *rows) {
  char title[RESULTS_TEXT_SIZE];
  plot_group_title(title, sizeof title, rows->items[0]);
  struct plot_titles titles = {.panel = title, .x = "pause length", .y = ""};
  plot_panel(plot, 0, &titles);
  if (plot->request->target == RESULTS_PLOT_FILE) {
    double left = name_width(plot, rows);
    fprintf(plot->script, "set lmargin at screen %.5f\nset rmargin at screen %.5f\n",
            left / plot->panel_width, (left + plot_points) / plot->panel_width);
    put_figures(plot, rows);
  }
  put_axes(plot, rows);
}

/* Rare kinds are drawn after scavenges and so in front of them. */
static void put_series(struct plot *plot, const struct rows *rows) {
  bool is_terminal = plot->request->target == RESULTS_PLOT_TERMINAL, is_first = true;
  size_t block = 0;
  fputs("plot ", plot->script);
  for (size_t row = 0; row < rows->count; row++)
    for (size_t kind = 0; kind < RESULTS_KINDS; kind++) {
      if (!is_drawn_kind(rows->items[row], kind))
        continue;
      fputs(is_first ? "" : ", \\\n  ", plot->script);
      is_first = false;
      const char *color = kind == RESULTS_ALL_KINDS ? RESULTS_FLOOR_COLOR : color_of(kind);
      if (is_terminal)
        fprintf(plot->script, "%s index %zu using 1:2 with lines notitle", plot->source, block++);
      else
        fprintf(plot->script,
                "%s index %zu using 1:2 with filledcurves y=%g fc rgb '%s' fs solid 0.75 noborder",
                plot->source, block++, base_of(rows, row), color);
    }
  fputs("\n", plot->script);
}

static void put_note(const struct rows *rows, char *note, size_t note_size) {
  snprintf(note, note_size,
           "Wall time of each mutator's pauses in the timed part, all trials, in ranges of a tenth "
           "of a decade. Heights are logarithmic, from %s to %s in every row.",
           results_text_rate(rows->least_rate).text, results_text_rate(rows->largest_rate).text);
}

int plot_draw_strategies(struct plot *plot) {
  struct rows rows;
  char note[RESULTS_TEXT_SIZE];
  int status = find_rows(plot, &rows);
  if (!status) {
    widen(&rows);
    if (isinf(rows.least_ms))
      status = -ENODATA;
  }
  if (!status) {
    for (size_t row = 0; row < rows.count; row++)
      for (size_t kind = 0; kind < RESULTS_KINDS; kind++)
        if (is_drawn_kind(rows.items[row], kind))
          write_block(plot, &rows, row, kind);
    add_legend(plot, &rows);
    put_note(&rows, note, sizeof note);
    plot_grid(plot, 1, 1);
    plot->panel_width = name_width(plot, &rows) + plot_points + columns_points;
    plot->panel_height = (double)(rows.count * row_points + head_points);
    plot_begin(plot, "Pauses of the strategies", note);
    put_panel(plot, &rows);
    put_series(plot, &rows);
    plot_end(plot);
  }
  free(rows.items);
  return status;
}
