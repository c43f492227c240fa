/* The table of latencies of requests, in `show`: of each configuration simple, metered and, in an open
 * loop, the response from the intended arrival. Nothing where no workload served requests. */
#ifndef RESULTS_TABLE_LATENCY_H
#define RESULTS_TABLE_LATENCY_H

#include "results/summarize.h"
#include "results/table_text.h"

void results_table_latency_print(const struct table_page *page, const struct results_run *run);

#endif
