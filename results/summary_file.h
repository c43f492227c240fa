/* summary.json: a run's summary for programs; README.md documents every key. */
#ifndef RESULTS_SUMMARY_FILE_H
#define RESULTS_SUMMARY_FILE_H

#include "results/summarize.h"

int results_summary_write(const char *path, const struct results_run *run, char *error,
                          size_t error_size);

#endif
