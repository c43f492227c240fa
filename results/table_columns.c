/* Tables of fixed columns. See table_columns.h. */
#include "results/table_columns.h"

static void print_group(const struct table_page *page, const struct table_columns *table,
                        const struct results_summary *summaries, size_t count) {
  struct results_grid grid = {0};
  results_grid_add_column(&grid, "", "collector, barrier");
  for (size_t column = 0; column < TABLE_COLUMNS_MAX && table->names[column] != NULL; column++) {
    results_grid_add_column(&grid, "", table->names[column]);
  }
  for (size_t index = 0; index < count; index++) {
    const struct results_summary *summary = &summaries[index];
    if (table->is_shown(summary)) {
      results_grid_add_row(&grid);
      results_grid_set(&grid, 0,
                       results_grid_name(&summary->first.configuration, summary->label).text);
      table->fill(&grid, summary);
    }
  }
  results_grid_print_group(&grid, page, &summaries[0].first.configuration);
  results_grid_finish(&grid);
}

static bool has_rows(const struct results_run *run, const struct table_columns *table) {
  for (size_t index = 0; index < run->summary_count; index++) {
    if (table->is_shown(&run->summaries[index])) {
      return true;
    }
  }
  return false;
}

void table_columns_print(const struct table_page *page, const struct results_run *run,
                         const struct table_columns *table) {
  struct table_line line = {.used = 0};
  if (!has_rows(run, table)) {
    return;
  }
  table_put(&line, "\n");
  table_put(&line, "%s", table->title);
  table_end_line(page, &line, TABLE_BOLD);
  for (size_t first = 0, end; first < run->summary_count; first = end) {
    end = results_run_group_end(run, first);
    print_group(page, table, &run->summaries[first], end - first);
  }
  table_paragraph(page, 0, TABLE_DIM, table->note);
}
