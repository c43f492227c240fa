/* Progress of a run on stderr: a bar with an estimate of the time left on a terminal, one plain
 * line per trial elsewhere.
 *
 * The estimate: what the current trial still needs by its own percentage, and for the trials to
 * come the time that their configuration took last; of one that has not run, the mean of those of
 * its workload, or of all, so far.
 */
#ifndef HARNESS_PROGRESS_H
#define HARNESS_PROGRESS_H

#include "results/trial.h"
#include <stdbool.h>

struct progress {
  bool is_terminal;
  size_t done, total; /* trials */
  uint64_t trial_begin_ns, last_drawn_ns;
  uint64_t *configuration_ns; /* last duration of each configuration; 0: not yet known */
  size_t configuration_count;
  const size_t *workload_of; /* of each configuration; borrowed */
  uint64_t measured_ns;      /* of all trials so far */
  const size_t *order;       /* configurations of this invocation, and the place in it */
  size_t order_count, place;
  size_t current; /* configuration */
  char label[256];
};

void progress_init(struct progress *progress, size_t configuration_count,
                   const size_t *workload_of);
void progress_finish(struct progress *progress);

/* `total` may change when it becomes known how many invocations fit. */
void progress_set_total(struct progress *progress, size_t total);

/* `order` is borrowed until the invocation ends; it may have a part of the configurations alone. */
void progress_begin_invocation(struct progress *progress, const size_t *order, size_t count);
void progress_begin_trial(struct progress *progress, const struct results_trial *trial,
                          size_t configuration);
/* Percent as runner.h counts it. */
void progress_show(struct progress *progress, unsigned percent);
/* A trial that was finished before this run went on. */
void progress_pass_trial(struct progress *progress, size_t configuration, uint64_t duration_ns);
void progress_end_trial(struct progress *progress, const struct results_trial *trial);

/* Of the whole run, by what is known after the last finished trial. */
uint64_t progress_left_ns(const struct progress *progress);

/* Removes the bar, so that something else can be said. */
void progress_clear(const struct progress *progress);

/* "gcbench, stw with card, 51M (3x)" */
void progress_label(char *label, size_t label_size,
                    const struct results_configuration *configuration);

#endif
