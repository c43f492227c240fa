/* The table of iterations within a process: what warmed up, and what was measured. */
#include "results/table_iterations.h"
#include "results/table_columns.h"
#include "results/units.h"

static bool is_shown(const struct results_summary *summary) {
  return !results_is_floor(summary) && summary->statuses[RESULTS_ok] > 0 &&
         summary->first.configuration.warmup_iterations + summary->first.configuration.iterations >
             1;
}

static void fill(struct results_grid *grid, const struct results_summary *summary) {
  const struct results_configuration *configuration = &summary->first.configuration;
  const struct results_figures *median = &summary->median;
  results_grid_set(grid, 1, results_text_count((double)configuration->warmup_iterations).text);
  results_grid_set(grid, 2, results_text_ns(median->warmup_ns).text);
  results_grid_set(grid, 3, results_text_count((double)configuration->iterations).text);
  results_grid_set(grid, 4, results_text_ns(median->iteration_ns).text);
  results_grid_set(grid, 5, results_text_ns(median->last_iteration_ns).text);
}

void results_table_iterations_print(const struct table_page *page, const struct results_run *run) {
  static const struct table_columns table = {
      .title = "Iterations",
      .names = {"warm-ups", "all of them", "measured", "mean", "last"},
      .is_shown = is_shown,
      .fill = fill,
      .note = "Timed parts of the measured iterations of a process, mean and last, and what "
              "warmed up before them, filling included: medians of trials. Iterations of one "
              "process are not independent: intervals are over processes."};
  table_columns_print(page, run, &table);
}
