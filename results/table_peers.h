/* The table of peers, on a terminal and as Markdown for documents; peers.h says what is compared. */
#ifndef RESULTS_TABLE_PEERS_H
#define RESULTS_TABLE_PEERS_H

#include "results/summarize.h"
#include "results/table_text.h"

/* Nothing where no baseline ran. */
void results_table_peers_print(const struct table_page *page, const struct results_run *run);

/* The same to a file; the file is removed where there is nothing to show. */
int results_peers_write(const char *path, const struct results_run *run, char *error,
                        size_t error_size);

#endif
