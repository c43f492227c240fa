/* Showing a run: summary, table, plots. */
#ifndef HARNESS_SHOW_H
#define HARNESS_SHOW_H

#include "harness/say.h"

enum {
  SHOW_SUMMARIZED = 1, /* computes the summary anew and writes its files */
  SHOW_PLOTTED = 2,    /* draws the histogram and percentile plots into the directory */
};

/* Prints the table. */
enum harness_status show_run(const char *directory, unsigned what);

/* Writes the summary files in a process of its own that is given up after half a second: the user
 * interrupted and does not wait. `show` computes what is missing. */
void show_summarize_briefly(const char *directory);

#endif
