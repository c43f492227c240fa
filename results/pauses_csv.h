/* pauses.csv: one row per mutator and pause of every ok trial; columns from schema.def.
 *
 * Cells that mean nothing are empty: CPU times that were not measured, what only a stop has. Texts
 * are quoted where they hold a comma or a quotation mark (RFC 4180), as compositions do.
 */
#ifndef RESULTS_PAUSES_CSV_H
#define RESULTS_PAUSES_CSV_H

#include "results/derive.h"
#include "results/trial.h"
#include <stdio.h>

/* Write errors stay in the stream. */
void results_pauses_csv_header(FILE *stream);
void results_pauses_csv_rows(FILE *stream, const struct results_trial *trial,
                             const struct results_pauses_list *pauses);

#endif
