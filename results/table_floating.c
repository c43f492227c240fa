/* The table of floating garbage; heap/floating_garbage.h says what it is. */
#include "results/table_floating.h"
#include "results/grid.h"
#include "results/units.h"
#include <math.h>
#include <stdio.h>

static bool is_shown(const struct results_summary *summary) {
  return !isnan(summary->median.floating_finding_ns);
}

static void add_row(struct results_grid *grid, const struct results_summary *summary) {
  const struct results_configuration *configuration = &summary->first.configuration;
  const struct results_figures *median = &summary->median;
  struct results_grid_name name = results_grid_name(configuration, summary->label);
  results_grid_add_row(grid);
  results_grid_set(grid, 0, name.text);
  results_grid_set(grid, 1, results_text_bytes(median->floating_bytes).text);
  results_grid_set(grid, 2, results_text_ratio(median->floating_ratio).text);
  results_grid_set(grid, 3, results_text_ns(median->floating_finding_ns).text);
}

static void print_group(const struct table_page *page, const struct results_summary *summaries,
                        size_t count) {
  struct results_grid grid = {0};
  results_grid_add_column(&grid, "", "collector, barrier");
  results_grid_add_column(&grid, "", "floating");
  results_grid_add_column(&grid, "", "of marked");
  results_grid_add_column(&grid, "", "to find out");
  for (size_t index = 0; index < count; index++)
    if (is_shown(&summaries[index]))
      add_row(&grid, &summaries[index]);
  results_grid_print_group(&grid, page, &summaries[0].first.configuration);
  results_grid_finish(&grid);
}

void results_table_floating_print(const struct table_page *page, const struct results_run *run) {
  struct table_line line = {.used = 0};
  size_t shown = 0;
  for (size_t index = 0; index < run->summary_count; index++)
    shown += is_shown(&run->summaries[index]);
  if (shown == 0)
    return;
  table_put(&line, "\nFloating garbage");
  table_end_line(page, &line, TABLE_BOLD);
  for (size_t first = 0, end; first < run->summary_count; first = end) {
    end = results_run_group_end(run, first);
    print_group(page, &run->summaries[first], end - first);
  }
  table_paragraph(
      page, 0, TABLE_DIM,
      "Marked and referred to by nothing when marking ended: mean of a trial's cycles, then the "
      "median of trials. What it took to find out is taken out of every time above; it "
      "cools caches and misleads pacers all the same, so pauses of this run are not "
      "comparable with those of a run that did not look.");
}
