/* The table of floating garbage, in `show`; nothing where no trial looked for it. */
#ifndef RESULTS_TABLE_FLOATING_H
#define RESULTS_TABLE_FLOATING_H

#include "results/summarize.h"
#include "results/table_text.h"

void results_table_floating_print(const struct table_page *page, const struct results_run *run);

#endif
