/* Where the collector's work was done: with the world stopped, on a mutator, or beside the mutators.
 *
 * A pause says what a mutator felt; this says what a phase cost, wherever it ran, so that work that
 * a strategy moved out of the pauses is seen again. The whole trial counts, filling included.
 *
 * A phase belongs to a stop, or runs while the world does; then it is a mutator's when the thread
 * that recorded it also recorded pauses or a mutator's life, and a collector thread's otherwise.
 */
#ifndef RESULTS_WORK_H
#define RESULTS_WORK_H

#include "results/derive.h"

enum results_place {
  RESULTS_STOPPED,
  RESULTS_ON_MUTATORS,
  RESULTS_BESIDE, /* on collector threads */
  RESULTS_PLACES
};

struct results_work {
  uint64_t
      wall_ns; /* stopped: of the thread that worked longest, stop by stop; else of all threads */
  uint64_t cpu_ns; /* of all threads; the wall time of shares too short to be measured */
};

struct results_phase_work {
  uint64_t count; /* shares of threads */
  struct results_work places[RESULTS_PLACES];
};

/* Adds to `phases`, one per name of the events file. Returns 0 or -ENOMEM. */
int results_work_derive(const struct results_events *events, struct results_phase_work *phases);

#endif
