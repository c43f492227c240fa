/* A table of texts whose columns are known only when it is filled: for a terminal, aligned, or as
 * Markdown.
 *
 * The first column names the rows. A column has a name and may belong to a group of columns that
 * stand next to each other and share a title. On a terminal that is too narrow, each row becomes a
 * paragraph of "name value" pairs.
 */
#ifndef RESULTS_GRID_H
#define RESULTS_GRID_H

#include "results/table_text.h"
#include "results/trial.h"

enum { RESULTS_GRID_CELL = 96 };

struct results_grid_column {
  char group[RESULTS_GRID_CELL]; /* empty: none */
  char name[RESULTS_GRID_CELL];
};

struct results_grid {
  struct results_grid_column *columns;
  size_t column_count;
  char (*cells)[RESULTS_GRID_CELL]; /* row after row */
  size_t row_count;
  bool has_failed; /* memory was lacking: what was added since is missing */
};

/* Columns first, then rows. */
void results_grid_add_column(struct results_grid *grid, const char *group, const char *name);
void results_grid_add_row(struct results_grid *grid);

/* A cell of the last row. Cells that are not set are empty. */
void results_grid_set(struct results_grid *grid, size_t column, const char *text);

/* The first cell of a configuration's row: "stw card entries=1000". Names give way to the label, which
 * may be all that tells rows apart. */
struct results_grid_name {
  char text[RESULTS_GRID_CELL];
};
struct results_grid_name results_grid_name(const struct results_configuration *configuration,
                                           const char *label);

void results_grid_print(const struct results_grid *grid, const struct table_page *page);
/* Under the heading of a group of configurations, workload and heap; nothing without rows. */
void results_grid_print_group(const struct results_grid *grid, const struct table_page *page,
                              const struct results_configuration *configuration);
void results_grid_print_markdown(const struct results_grid *grid, FILE *stream);
void results_grid_finish(struct results_grid *grid);

#endif
