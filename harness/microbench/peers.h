/* Whole programs beside the heap: gcbench and binary_trees here and as native ports on libgc.
 *
 * Trials of this project's workloads and runs of the ports alternate in random order. What is
 * compared is the wall time of the whole workload, filling included, in a process of its own,
 * pre-touch off; the port's time starts before libgc is initialised. Both check their results and
 * do the same work.
 */
#ifndef HARNESS_MICROBENCH_PEERS_H
#define HARNESS_MICROBENCH_PEERS_H

#include "harness/say.h"

struct peers_settings {
  const char *collector;
  const char *heap; /* as `tricolor run --heap` takes it */
  unsigned repetitions;
};

/* Prints the ratios. Needs the programs of the ports and tricolor beside the running one. */
enum harness_status peers_run(const struct peers_settings *settings);

#endif
