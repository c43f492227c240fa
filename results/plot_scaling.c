/* Figures over the live size on logarithmic axes, a panel per workload and figure, a curve per collector
 * with the line that was fitted and its exponent. */
#include "results/plot_canvas.h"
#include "results/scaling.h"
#include <errno.h>
#include <math.h>
#include <string.h>

static const double mebibyte = 1024 * 1024, ns_per_ms = 1e6;

struct panels {
  struct plot *plot;
  const struct results_scaling *scaling;
};

static const struct results_summary *first_of(const struct results_scaling_curve *curve) {
  return curve->points[0].summary;
}

static const char *workload_of(const struct results_scaling_curve *curve) {
  return first_of(curve)->first.configuration.workload.text;
}

static bool is_wanted(const struct panels *panels, size_t curve) {
  return plot_is_wanted(panels->plot, first_of(&panels->scaling->curves[curve]));
}

/* The end of the curves of one workload. */
static size_t workload_end(const struct results_scaling *scaling, size_t first) {
  size_t end = first + 1;
  while (end < scaling->count &&
         strcmp(workload_of(&scaling->curves[first]), workload_of(&scaling->curves[end])) == 0)
    end++;
  return end;
}

/* Milliseconds, or percent. */
static double shown(enum results_scaling_measure measure, double value) {
  return measure == RESULTS_SCALING_METADATA ? value : value / ns_per_ms;
}

/* Columns: live size in MiB, then per measure its value and the fitted line's; "nan" is left out. */
static void write_block(struct panels *panels, const struct results_scaling_curve *curve) {
  struct plot *plot = panels->plot;
  plot_block(plot, "live MiB, then of each figure its value and the fitted line's",
             first_of(curve));
  for (size_t index = 0; index < curve->count; index++) {
    const struct results_scaling_point *point = &curve->points[index];
    fprintf(plot->data, "%.6g", point->live_bytes / mebibyte);
    for (size_t measure = 0; measure < RESULTS_SCALING_MEASURES; measure++) {
      const struct results_scaling_fit *fit = &curve->fits[measure];
      double fitted = fit->scale * pow(point->live_bytes, fit->exponent);
      fprintf(plot->data, " %.6g %.6g",
              shown((enum results_scaling_measure)measure, point->values[measure]),
              shown((enum results_scaling_measure)measure, fitted));
    }
    fputc('\n', plot->data);
  }
}

static bool has_measure(const struct results_scaling *scaling, size_t first, size_t end,
                        size_t measure) {
  bool is_known = false;
  for (size_t index = first; index < end; index++)
    is_known |= !isnan(scaling->curves[index].fits[measure].largest);
  return is_known;
}

/* The exponent stands in the panel, in the curve's colour. */
static void put_exponent(struct plot *plot, const struct results_scaling_curve *curve,
                         const struct plot_look *look, size_t measure, size_t place) {
  double exponent = curve->fits[measure].exponent;
  if (!isnan(exponent))
    fprintf(plot->script,
            "set label %zu 'live^{%.2f}' at graph 0.03, graph %.3f left textcolor rgb '%s'\n",
            place + 1, exponent, 0.94 - 0.08 * (double)place, look->color);
}

static void put_curve(struct plot *plot, const struct plot_look *look, size_t block,
                      size_t measure) {
  size_t column = 2 + 2 * measure;
  if (plot->request->target == RESULTS_PLOT_TERMINAL)
    fprintf(plot->script, "%s index %zu using 1:%zu with linespoints title '%s'", plot->source,
            block, column, look->name);
  else
    fprintf(plot->script,
            "%s index %zu using 1:%zu with linespoints lc rgb '%s' lw 2 dt %u pt %u ps 0.7, "
            "\\\n  %s index %zu using 1:%zu with lines lc rgb '%s' lw 1 dt '.'",
            plot->source, block, column, look->color, look->dash,
            results_marker_point(look->marker), plot->source, block, column + 1, look->color);
}

static void put_panel(struct panels *panels, size_t panel, size_t first, size_t end,
                      size_t measure) {
  struct plot *plot = panels->plot;
  char title[RESULTS_TEXT_SIZE];
  snprintf(title, sizeof title, "%.100s: %s", workload_of(&panels->scaling->curves[first]),
           results_scaling_titles[measure]);
  struct plot_titles titles = {.panel = title,
                               .x = "live, in MiB",
                               .y = measure == RESULTS_SCALING_METADATA ? "% of the heap" : "ms"};
  fputs(panel ? "\n" : "", plot->script);
  plot_panel(plot, panel, &titles);
  fputs("unset label\n", plot->script);
  for (size_t index = first; index < end; index++)
    put_exponent(plot, &panels->scaling->curves[index],
                 plot_look_of(plot, first_of(&panels->scaling->curves[index])), measure,
                 index - first);
  fputs("plot ", plot->script);
  for (size_t index = first; index < end; index++) {
    fputs(index > first ? ", \\\n  " : "", plot->script);
    put_curve(plot, plot_look_of(plot, first_of(&panels->scaling->curves[index])), index, measure);
  }
}

/* Every curve is a block, in their order, wanted or not. */
static size_t write_blocks(struct panels *panels) {
  const struct results_scaling *scaling = panels->scaling;
  size_t panel_count = 0;
  for (size_t first = 0, end; first < scaling->count; first = end) {
    end = workload_end(scaling, first);
    for (size_t index = first; index < end; index++) {
      write_block(panels, &scaling->curves[index]);
      if (is_wanted(panels, index))
        plot_look_of(panels->plot, first_of(&scaling->curves[index]))->is_drawn = true;
    }
    for (size_t measure = 0; is_wanted(panels, first) && measure < RESULTS_SCALING_MEASURES;
         measure++)
      panel_count += has_measure(scaling, first, end, measure);
  }
  return panel_count;
}

static void put_panels(struct panels *panels) {
  const struct results_scaling *scaling = panels->scaling;
  size_t panel = 0;
  for (size_t first = 0, end; first < scaling->count; first = end) {
    end = workload_end(scaling, first);
    for (size_t measure = 0; is_wanted(panels, first) && measure < RESULTS_SCALING_MEASURES;
         measure++)
      if (has_measure(scaling, first, end, measure))
        put_panel(panels, panel++, first, end, measure);
  }
  fputs("\n", panels->plot->script);
}

int plot_draw_scaling(struct plot *plot) {
  struct results_scaling scaling;
  int status = results_scaling_derive(plot->run, &scaling);
  if (status)
    return status;
  struct panels panels = {.plot = plot, .scaling = &scaling};
  size_t panel_count = write_blocks(&panels);
  if (panel_count > 0) {
    plot->hides_floor = true; /* it has nothing live */
    plot_grid(plot, panel_count, 0);
    plot_begin(plot, "Figures over the live size",
               "Dotted: the power of the live size that fits best, with its exponent: 1 where a "
               "figure is proportional to what is live, 0 where it does not depend on it.");
    fputs("set logscale xy\n", plot->script);
    put_panels(&panels);
    plot_end(plot);
  }
  results_scaling_finish(&scaling);
  return panel_count > 0 ? 0 : -ENODATA;
}
