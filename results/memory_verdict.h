/* The verdict on a run's memory: which of heap, external memory and the rest grows, by the figures
 * of growth (growth.h).
 *
 * A heap whose troughs rise keeps objects that it once did not have: a leak of objects, or a program
 * that was not filled yet. External memory that rises over a flat heap: buffers. Resident memory
 * that rises over both: fragmentation, or memory of the program's own.
 */
#ifndef RESULTS_MEMORY_VERDICT_H
#define RESULTS_MEMORY_VERDICT_H

#include "results/summarize.h"
#include <stdio.h>

enum results_memory_verdict {
  RESULTS_MEMORY_FLAT,
  RESULTS_MEMORY_HEAP,     /* objects */
  RESULTS_MEMORY_EXTERNAL, /* buffers */
  RESULTS_MEMORY_RESIDENT, /* fragmentation, or native memory */
  RESULTS_MEMORY_UNKNOWN,  /* too few cycles */
  RESULTS_MEMORY_VERDICTS
};

enum results_memory_verdict results_memory_verdict_of(const struct results_figures *median);

/* One line, and one for each configuration that grows, up to some. Nothing where no trial is ok. */
void results_memory_verdict_print(FILE *stream, const struct results_run *run);

#endif
