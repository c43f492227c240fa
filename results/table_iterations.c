/* The table of iterations within a process: what warmed up, and what was measured. */
#include "results/table_iterations.h"
#include "results/grid.h"
#include "results/units.h"
#include <math.h>
#include <stdio.h>

static bool is_shown(const struct results_summary *summary) {
  return !results_is_floor(summary) && summary->statuses[RESULTS_ok] > 0 &&
         summary->first.configuration.warmup_iterations + summary->first.configuration.iterations >
             1;
}

static void add_row(struct results_grid *grid, const struct results_summary *summary) {
  const struct results_configuration *configuration = &summary->first.configuration;
  const struct results_figures *median = &summary->median;
  struct results_grid_name name = results_grid_name(configuration, summary->label);
  results_grid_add_row(grid);
  results_grid_set(grid, 0, name.text);
  results_grid_set(grid, 1, results_text_count((double)configuration->warmup_iterations).text);
  results_grid_set(grid, 2, results_text_ns(median->warmup_ns).text);
  results_grid_set(grid, 3, results_text_count((double)configuration->iterations).text);
  results_grid_set(grid, 4, results_text_ns(median->iteration_ns).text);
  results_grid_set(grid, 5, results_text_ns(median->last_iteration_ns).text);
}

static void print_group(const struct table_page *page, const struct results_summary *summaries,
                        size_t count) {
  struct results_grid grid = {0};
  results_grid_add_column(&grid, "", "collector, barrier");
  results_grid_add_column(&grid, "", "warm-ups");
  results_grid_add_column(&grid, "", "all of them");
  results_grid_add_column(&grid, "", "measured");
  results_grid_add_column(&grid, "", "mean");
  results_grid_add_column(&grid, "", "last");
  for (size_t index = 0; index < count; index++)
    if (is_shown(&summaries[index]))
      add_row(&grid, &summaries[index]);
  results_grid_print_group(&grid, page, &summaries[0].first.configuration);
  results_grid_finish(&grid);
}

void results_table_iterations_print(const struct table_page *page, const struct results_run *run) {
  struct table_line line = {.used = 0};
  size_t shown = 0;
  for (size_t index = 0; index < run->summary_count; index++)
    shown += is_shown(&run->summaries[index]);
  if (shown == 0)
    return;
  table_put(&line, "\nIterations");
  table_end_line(page, &line, TABLE_BOLD);
  for (size_t first = 0, end; first < run->summary_count; first = end) {
    end = results_run_group_end(run, first);
    print_group(page, &run->summaries[first], end - first);
  }
  table_paragraph(
      page, 0, TABLE_DIM,
      "Timed parts of the measured iterations of a process, mean and last, and what warmed up "
      "before them, filling included: medians of trials. Iterations of one process are "
      "not independent: intervals are over processes.");
}
