/* Finding the trial that is running in a directory, and reading its live figures from outside.
 *
 * Nothing is left behind for watchers: the process of a trial names its file and the descriptor of
 * its page on its command line, and the system hands out the page as /proc/PID/fd/N, to whoever may
 * look at the process.
 *
 * Costs: a search reads the command lines of the machine's processes, a millisecond or so.
 */
#ifndef HARNESS_WATCH_FOLLOW_H
#define HARNESS_WATCH_FOLLOW_H

#include "harness/trial_shared.h"
#include "results/trial.h"
#include <stdbool.h>

struct watched_trial {
  struct trial_shared *shared; /* null: none is watched */
  struct results_trial trial;  /* number and configuration */
  int pid_fd;
  uint64_t place; /* in the feed */
};

/* True when a trial of the run is running: it is watched from now on, until watch_release. */
bool watch_find(const char *directory, struct watched_trial *watched);
void watch_release(struct watched_trial *watched);

/* True when the trial's process has ended. What it said last can still be read. */
bool watch_has_ended(const struct watched_trial *watched);

#endif
