/* The table of scaling, in `show`: of each workload and collector how pauses, start-up and metadata grow
 * with what is live. Nothing where no collector ran at three sizes. */
#ifndef RESULTS_TABLE_SCALING_H
#define RESULTS_TABLE_SCALING_H

#include "results/summarize.h"
#include "results/table_text.h"

void results_table_scaling_print(const struct table_page *page, const struct results_run *run);

#endif
