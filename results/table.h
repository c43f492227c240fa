/* The terminal's table: one row per configuration, its pauses by kind, CPU time under wall time,
 * and the platform floor as a row of its own.
 *
 * Wide (about 165 columns) everything of a configuration stands beside its pauses; narrower, its
 * figures stand in lines above them. Bold and dim text only on a terminal, and never when NO_COLOR
 * is set. Trials that are not ok, and trials that were left out, are named below the table. A second
 * table says where the collectors' time went; a third, where several ran, what each strategy costs
 * and buys.
 */
#ifndef RESULTS_TABLE_H
#define RESULTS_TABLE_H

#include "results/summarize.h"
#include <stdio.h>

/* Takes width and style from the stream: a terminal's columns, else $COLUMNS, else wide and plain.
 */
void results_table_print(FILE *stream, const struct results_run *run);

/* Of the stream's terminal; else $COLUMNS; else 180. */
size_t results_columns_of(FILE *stream);

enum results_table_style { RESULTS_TABLE_PLAIN, RESULTS_TABLE_STYLED };
/* Styled on a terminal, unless NO_COLOR is set. */
enum results_table_style results_style_of(FILE *stream);

void results_table_print_width(FILE *stream, const struct results_run *run, size_t columns,
                               enum results_table_style style);

#endif
