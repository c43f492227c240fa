/* The table of lower-bound overhead, in `show`: a row per strategy, a pair of columns per heap. */
#ifndef RESULTS_TABLE_LBO_H
#define RESULTS_TABLE_LBO_H

#include "results/summarize.h"
#include "results/table_text.h"

void results_table_lbo_print(const struct table_page *page, const struct results_run *run);

#endif
