/* The verdict on a run's memory: which of heap, external memory and the rest grows, by the figures
 * of growth (growth.h).
 *
 * A heap whose troughs rise keeps objects that it once did not have: a leak of objects, or a program
 * that was not filled yet. External memory that rises over a flat heap: buffers. Resident memory
 * that rises over both and beyond what the heap may hold: fragmentation of allocators, or memory of
 * the program's own. Where no trial of a configuration ended well and one ran out of memory, that is
 * the verdict on it.
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

/* What grows by how much, or that memory ran out, without the end of a sentence; false, and nothing,
 * where neither happened. */
bool results_memory_verdict_say(char *text, size_t size, const struct results_run *run,
                                const struct results_summary *summary);

/* One line, and one for each configuration that grows or ran out, up to some. Nothing where no trial
 * ended in one of these ways. */
void results_memory_verdict_print(FILE *stream, const struct results_run *run);

#endif
