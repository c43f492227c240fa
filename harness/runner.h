/* Running one trial in a process of its own, and watching it.
 *
 * The process is this program again, as `tricolor trial FILE`, in a process group of its own that
 * dies with this process. It is ended when it passes the time limit or the limit of resident memory
 * (looked at every 50 ms), or when the user interrupts. Whatever becomes of it, the trial has a
 * file trials/NNNN.json that says so; only an interrupted trial leaves nothing.
 */
#ifndef HARNESS_RUNNER_H
#define HARNESS_RUNNER_H

#include "harness/say.h"
#include "results/trial.h"
#include <stdbool.h>

struct runner_limits {
  uint64_t time_ns;
  uint64_t rss_bytes;
};

/* Called about 20 times a second with the percentage of the slowest mutator, or RUNNER_PREPARING
 * while the trial loads its input and opens its heap. */
typedef void runner_watch(void *context, unsigned percent);
#define RUNNER_PREPARING 101u

struct runner_request {
  const char *directory; /* of the run */
  struct runner_limits limits;
  uint64_t layout_seed;    /* layout.h */
  uint64_t census_samples; /* that the trial is to take; 0: none (census_recorder.h) */
  runner_watch *watch;     /* may be null */
  void *context;
};

/* `trial` holds number and configuration, and the outcome afterwards. HARNESS_ENVIRONMENT (said):
 * the trial could not be started or its results not be written. HARNESS_INTERRUPTED: not said. */
enum harness_status runner_run(const struct runner_request *request, struct results_trial *trial);

/* Removes what a finished trial leaves behind when its run is killed; what it said on stderr stays,
 * as it explains a row. */
void runner_tidy(const char *directory, uint64_t trial);

#endif
