/* The table of scaling; scaling.h says what is fitted. */
#include "results/table_scaling.h"
#include "results/grid.h"
#include "results/scaling.h"
#include "results/units.h"
#include <math.h>
#include <stdio.h>

static const char legend[] =
    "Exponent: of the live size, fitted through all sizes on logarithmic axes: 1 where the figure "
    "is "
    "proportional to what is live, 0 where it does not depend on it. Growth: the largest size's "
    "value over that of the least from 128 MiB up. Least and largest: of all sizes. Pauses on the "
    "critical path, in the timed part.";

enum columns {
  column_name,
  column_live,
  column_measure,
  column_least,
  column_largest,
  column_growth,
  column_exponent,
  column_count
};

static void add_columns(struct results_grid *grid) {
  static const char *const names[column_count] = {
      [column_name] = "workload, collector",
      [column_live] = "live",
      [column_measure] = "",
      [column_least] = "least",
      [column_largest] = "largest",
      [column_growth] = "growth",
      [column_exponent] = "exponent",
  };
  for (size_t index = 0; index < column_count; index++)
    results_grid_add_column(grid, "", names[index]);
}

static struct results_unit_text text_of(enum results_scaling_measure measure, double value) {
  struct results_unit_text result = results_text_ns(value);
  if (measure == RESULTS_SCALING_METADATA && !isnan(value))
    snprintf(result.text, sizeof result.text, "%.2f %%", value);
  return result;
}

static void set_number(struct results_grid *grid, size_t column, double value) {
  char text[RESULTS_UNIT_TEXT] = "-";
  if (!isnan(value))
    snprintf(text, sizeof text, "%.2f", value);
  results_grid_set(grid, column, text);
}

static void set_names(struct results_grid *grid, const struct results_scaling_curve *curve) {
  const struct results_configuration *configuration =
      &curve->points[0].summary->first.configuration;
  char name[RESULTS_GRID_CELL], live[RESULTS_GRID_CELL];
  snprintf(name, sizeof name, "%.30s %.40s", configuration->workload.text,
           configuration->collector.text);
  snprintf(live, sizeof live, "%s to %s", results_text_bytes(curve->points[0].live_bytes).text,
           results_text_bytes(curve->points[curve->count - 1].live_bytes).text);
  results_grid_set(grid, column_name, name);
  results_grid_set(grid, column_live, live);
}

static void add_rows(struct results_grid *grid, const struct results_scaling_curve *curve) {
  for (size_t measure = 0; measure < RESULTS_SCALING_MEASURES; measure++) {
    const struct results_scaling_fit *fit = &curve->fits[measure];
    results_grid_add_row(grid);
    if (measure == 0)
      set_names(grid, curve);
    results_grid_set(grid, column_measure, results_scaling_titles[measure]);
    results_grid_set(grid, column_least,
                     text_of((enum results_scaling_measure)measure, fit->least).text);
    results_grid_set(grid, column_largest,
                     text_of((enum results_scaling_measure)measure, fit->largest).text);
    set_number(grid, column_growth, fit->growth);
    set_number(grid, column_exponent, fit->exponent);
  }
}

void results_table_scaling_print(const struct table_page *page, const struct results_run *run) {
  struct results_scaling scaling;
  struct results_grid grid = {0};
  struct table_line line = {.used = 0};
  if (results_scaling_derive(run, &scaling))
    return;
  if (scaling.count) {
    add_columns(&grid);
    for (size_t index = 0; index < scaling.count; index++)
      add_rows(&grid, &scaling.curves[index]);
    table_put(&line, "\nScaling");
    table_end_line(page, &line, TABLE_BOLD);
    results_grid_print(&grid, page);
    table_paragraph(page, 0, TABLE_DIM, legend);
  }
  results_grid_finish(&grid);
  results_scaling_finish(&scaling);
}
