/* The table of iterations, in `show`; nothing where every process ran its workload once. */
#ifndef RESULTS_TABLE_ITERATIONS_H
#define RESULTS_TABLE_ITERATIONS_H

#include "results/summarize.h"
#include "results/table_text.h"

void results_table_iterations_print(const struct table_page *page, const struct results_run *run);

#endif
