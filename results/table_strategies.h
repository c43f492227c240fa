/* The table of strategies, on a terminal and as Markdown for documents. */
#ifndef RESULTS_TABLE_STRATEGIES_H
#define RESULTS_TABLE_STRATEGIES_H

#include "results/strategies.h"
#include "results/table_text.h"

/* Nothing where fewer than two strategies ran. */
void results_table_strategies_print(const struct table_page *page, const struct results_run *run);

/* The same tables to a file; the file is removed where there is nothing to show. */
int results_strategies_write(const char *path, const struct results_run *run, char *error,
                             size_t error_size);

#endif
