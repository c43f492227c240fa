/* A run as a LaTeX table: a row per configuration, for papers.
 *
 * Medians across trials; of the wall time also the interval of 95 % of their geometric mean where
 * there are trials enough. Needs the package booktabs and nothing else; the file is one tabular, to be
 * put into a table by \input.
 */
#ifndef RESULTS_LATEX_H
#define RESULTS_LATEX_H

#include "results/summarize.h"

int results_latex_write(const char *path, const struct results_run *run, char *error,
                        size_t error_size);

#endif
