/* Loading a run while its pauses are written, for results_summarize: events are read once. */
#ifndef RESULTS_RUN_LOAD_H
#define RESULTS_RUN_LOAD_H

#include "results/summarize.h"
#include <stdio.h>

/* As results_run_load; rows of every ok trial go to pauses_csv unless it is null. */
int results_run_load_with(const char *directory, FILE *pauses_csv, struct results_run *run,
                          char *error, size_t error_size);

/* 0, or a negative errno with a sentence when the directory is not that of a run. */
int results_run_check(const char *directory, char *error, size_t error_size);

#endif
