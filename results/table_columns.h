/* A table of fixed columns, a heading for each group of configurations and a row for each that has
 * something to say; with a title and a paragraph about what it shows. Nothing at all without rows.
 */
#ifndef RESULTS_TABLE_COLUMNS_H
#define RESULTS_TABLE_COLUMNS_H

#include "results/grid.h"
#include "results/summarize.h"

enum { TABLE_COLUMNS_MAX = 8 };

struct table_columns {
  const char *title;
  const char *names[TABLE_COLUMNS_MAX]; /* behind the first, which names the row; null ends them */
  bool (*is_shown)(const struct results_summary *summary);
  /* Sets the last row's cells from 1 on. */
  void (*fill)(struct results_grid *grid, const struct results_summary *summary);
  const char *note;
};

void table_columns_print(const struct table_page *page, const struct results_run *run,
                         const struct table_columns *table);

#endif
