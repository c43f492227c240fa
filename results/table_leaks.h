/* The table of leak pairs: a row per collector, a column per pair and variant, and whether each ended
 * as it should. Nothing where no pair ran. */
#ifndef RESULTS_TABLE_LEAKS_H
#define RESULTS_TABLE_LEAKS_H

#include "results/summarize.h"
#include "results/table_text.h"

void results_table_leaks_print(const struct table_page *page, const struct results_run *run);

#endif
