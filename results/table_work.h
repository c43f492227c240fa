/* Where the time went: a row per configuration, what each phase cost with the world stopped, on the
 * mutators and on collector threads. Means of the ok trials, the whole trial each.
 */
#ifndef RESULTS_TABLE_WORK_H
#define RESULTS_TABLE_WORK_H

#include "results/summarize.h"
#include "results/table_text.h"

void results_table_work_print(const struct table_page *page, const struct results_run *run);

#endif
