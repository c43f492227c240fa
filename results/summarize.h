/* A run's summary: from the files of its trials to one entry per configuration.
 *
 * results_run_load reads DIRECTORY/trials/ and computes; results_summarize also writes pauses.csv,
 * summary.json, strategies.md and the .hgrm files. Both need nothing but the directory, so that a summary can be
 * computed again years later. A trial whose files are missing, damaged or of another schema version
 * is named in left_out, and the others go on.
 *
 * Method. The unit is the trial: percentiles are taken per trial, then the median across trials; a
 * percentile needs at least 10 samples beyond it. Pauses count that overlap their mutator's timed
 * part. Trials that are not `ok` count in `statuses` and enter neither figures nor pauses.csv.
 * Pauses without a stop under 1 us enter no distribution; their count and total are kept apart.
 *
 * Costs: one trial's events in memory at a time; O(n log n) in their number.
 */
#ifndef RESULTS_SUMMARIZE_H
#define RESULTS_SUMMARIZE_H

#include "results/figures.h"
#include "results/hosts.h"
#include "results/last_collections.h"
#include "results/pause_target.h"
#include "results/work.h"
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Work of a phase over ok trials. */
struct results_phase_sum {
  char *name;
  struct results_phase_work work;
};

/* A part's own counter over ok trials, aggregated as the part declares. */
struct results_counter_sum {
  char *name, *unit;
  enum gc_aggregate aggregate;
  uint64_t value;
};

struct results_summary {
  struct results_trial first;    /* its first trial; seed and invocation are that trial's */
  char label[RESULTS_TEXT_SIZE]; /* settings in which it differs from configurations of the same
                                    workload, collector, barrier and heap; mostly empty */
  char strategy_label[RESULTS_TEXT_SIZE]; /* of these, without parameters and mutators */
  char work[RESULTS_TEXT_SIZE]; /* the workload, with parameters and mutators in which it differs
                                   from others of that name: what can be compared */
  char slug[RESULTS_TEXT_SIZE]; /* unique in the run; for the names of files */
  uint64_t trial_count;
  uint64_t statuses[RESULTS_STATUSES];
  uint64_t failed_trial; /* the first that is not ok, and its sentence; 0: none */
  enum results_status failed_status;
  char failure[RESULTS_TEXT_SIZE];
  struct results_last_collections last_collections; /* of the first that ran out of memory */

  /* Of the ok trials, statuses[RESULTS_ok] of them. */
  struct results_ok_trial {
    uint64_t trial, invocation;
    size_t host;               /* place in the run's list, or RESULTS_NO_HOST */
    struct results_span timed; /* over all mutators, from the first iteration to the last */
    struct results_intervals iterations; /* of these: pauses that overlap one count */
  } * ok_trials;
  struct results_figures *trials;
  struct results_figures median, least, largest, sum;
  struct results_histogram histograms[RESULTS_KINDS]; /* wall times, pooled over trials */
  struct results_phase_sum *phases;
  size_t phase_count;
  struct results_counter_sum *counters;
  size_t counter_count;
  struct results_pause_target target;
};

struct results_left_out {
  uint64_t trial;
  char reason[RESULTS_TEXT_SIZE];
};

struct results_run {
  char directory[PATH_MAX];
  uint64_t cores;                    /* 0: not known */
  bool is_quick;                     /* a trial ran with quick parameters */
  struct results_summary *summaries; /* by workload, heap, collector and barrier; `idle` last */
  size_t summary_count;
  struct results_hosts hosts; /* machines that its trials ran on */
  struct results_left_out *left_out;
  size_t left_out_count;
};

/* Both are of one workload and heap: a group, under one heading. Summaries of a group follow each
 * other in a run. */
bool results_same_group(const struct results_summary *left, const struct results_summary *right);
/* Index of the first summary behind the group of `first`. */
size_t results_run_group_end(const struct results_run *run, size_t first);

/* The platform floor, or null when the run has no control trial that is ok. */
const struct results_summary *results_run_floor(const struct results_run *run);
bool results_is_floor(const struct results_summary *summary);

/* Returns 0, or a negative errno with a sentence: the directory cannot be read, holds no trial at
 * all (-ENODATA), or, of results_summarize, cannot be written. On failure there is nothing to
 * finish. */
int results_run_load(const char *directory, struct results_run *run, char *error,
                     size_t error_size);
int results_summarize(const char *directory, struct results_run *run, char *error,
                      size_t error_size);
void results_run_finish(struct results_run *run);

#endif
