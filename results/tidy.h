/* The figures of trials as one long table, a row for each trial and measure: what statistics programs
 * read without reshaping.
 *
 * Columns: trial, workload, collector, barrier, heap_bytes, heap_multiple, label, invocation,
 * measure, unit, value. Measures are every figure of schema.def by its name, and of each kind of
 * pauses, `all` included, and each clock pause.KIND.CLOCK.WHAT: count, total_ns, p50_ns, p90_ns, p99_ns, p99_9_ns, max_ns; and
 * time_to_safepoint.WHAT; of requests, latency.KIND.PERCENTILE. What is not known has no row. Texts that hold a comma are quoted.
 */
#ifndef RESULTS_TIDY_H
#define RESULTS_TIDY_H

#include "results/summarize.h"
#include <stdio.h>

void results_tidy_header(FILE *stream);

/* The rows of one trial. `label` tells its configuration from others, and may be empty. */
void results_tidy_rows(FILE *stream, const struct results_configuration *configuration,
                       const char *label, uint64_t trial, const struct results_figures *figures);

/* All ok trials of a run, written as `path`. */
int results_tidy_write(const char *path, const struct results_run *run, char *error,
                       size_t error_size);

#endif
