/* The table of floating garbage; heap/floating_garbage.h says what it is. */
#include "results/table_floating.h"
#include "results/table_columns.h"
#include "results/units.h"
#include <math.h>

static bool is_shown(const struct results_summary *summary) {
  return !isnan(summary->median.floating_finding_ns);
}

static void fill(struct results_grid *grid, const struct results_summary *summary) {
  const struct results_figures *median = &summary->median;
  results_grid_set(grid, 1, results_text_bytes(median->floating_bytes).text);
  results_grid_set(grid, 2, results_text_ratio(median->floating_ratio).text);
  results_grid_set(grid, 3, results_text_ns(median->floating_finding_ns).text);
}

void results_table_floating_print(const struct table_page *page, const struct results_run *run) {
  static const struct table_columns table = {
      .title = "Floating garbage",
      .names = {"floating", "of marked", "to find out"},
      .is_shown = is_shown,
      .fill = fill,
      .note = "Marked and referred to by nothing when marking ended: mean of a trial's cycles, "
              "then the median of trials. What it took to find out is taken out of every time "
              "above; it cools caches and misleads pacers all the same, so pauses of this run are "
              "not comparable with those of a run that did not look."};
  table_columns_print(page, run, &table);
}
