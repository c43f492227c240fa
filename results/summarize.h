/* A run's summary: from the files of its trials to one entry per configuration.
 *
 * results_run_load reads DIRECTORY/trials/ and computes; results_summarize also writes pauses.csv,
 * summary.json and the .hgrm files. Both need nothing but the directory, so that a summary can be
 * computed again years later. A trial whose files are missing, damaged or of another schema version
 * is named in left_out, and the others go on.
 *
 * Method. The unit is the trial: percentiles are taken per trial, then the median across trials; a
 * percentile needs at least 10 samples beyond it. Pauses count that overlap their mutator's timed
 * part (its whole life, where there is none); pauses.csv has all of them. Trials that are not `ok`
 * count in `statuses` and enter no figure. barrier_slow pauses under 1 us enter no distribution;
 * their count and total are kept apart.
 *
 * Costs: one trial's events in memory at a time; O(n log n) in its pauses.
 */
#ifndef RESULTS_SUMMARIZE_H
#define RESULTS_SUMMARIZE_H

#include "heap/event.h"
#include "results/histogram.h"
#include "results/trial.h"
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

enum results_percentile {
  RESULTS_P50,
  RESULTS_P90,
  RESULTS_P99,
  RESULTS_P99_9,
  RESULTS_MAX,
  RESULTS_PERCENTILES
};

enum { RESULTS_WINDOWS = 3 };
extern const uint64_t results_mmu_windows_ns[RESULTS_WINDOWS]; /* 1, 10 and 100 ms */

/* NaN means "not known": too few samples, or nothing measured. */
struct results_distribution {
  uint64_t count;  /* over all trials */
  double total_ns; /* per trial, median */
  double percentile_ns[RESULTS_PERCENTILES];
};

/* Kinds of pauses, and all of them together. */
enum { RESULTS_ALL_KINDS = GC_PAUSE_KINDS, RESULTS_KINDS };

struct results_pauses {
  struct results_distribution wall;
  struct results_distribution cpu;     /* of the pauses whose CPU time was measured */
  struct results_histogram *histogram; /* wall, ns, pooled over trials; null when empty */
};

struct results_configuration_summary {
  struct results_configuration configuration; /* of its first trial; seed and invocation are that
                                                 trial's; settings borrowed from `first` */
  struct results_trial first;                 /* owns what configuration borrows */
  char label[RESULTS_TEXT_SIZE]; /* settings in which it differs from configurations of the
                                    same workload, collector, barrier and heap; mostly "" */
  char slug[RESULTS_TEXT_SIZE];  /* name for files */
  uint64_t trials;
  uint64_t statuses[RESULTS_STATUSES];
  char failure[RESULTS_TEXT_SIZE]; /* sentence of its first trial that is not ok */
  uint64_t first_ok_trial;         /* 0: none */

  double operations_per_second, wall_ns, timed_ns, cpu_ns;
  double peak_heap_bytes, peak_rss_bytes;
  struct results_pauses pauses[RESULTS_KINDS];
  struct results_distribution time_to_safepoint;
  double barrier_slow_short_count, barrier_slow_short_ns; /* per trial, median */
  double mmu[RESULTS_WINDOWS], mmu_capacity[RESULTS_WINDOWS], utilisation;
};

struct results_left_out {
  uint64_t trial;
  char reason[RESULTS_TEXT_SIZE];
};

struct results_run {
  char directory[PATH_MAX];
  uint64_t cores;                                       /* 0: not known */
  bool quick;                                           /* any trial ran with quick parameters */
  struct results_configuration_summary *configurations; /* in the order of their first trials;
                                                           `idle` last */
  size_t configuration_count;
  struct results_left_out *left_out;
  size_t left_out_count;
};

/* The platform floor, or null when the run has no control trial. */
const struct results_configuration_summary *results_run_floor(const struct results_run *run);

/* Returns 0, or a negative errno with a sentence: the directory cannot be read (-ENOENT), holds no
 * trial at all (-ENODATA), or, of results_summarize, cannot be written. On failure there is nothing
 * to finish. */
int results_run_load(const char *directory, struct results_run *run, char *error,
                     size_t error_size);
int results_summarize(const char *directory, struct results_run *run, char *error,
                      size_t error_size);
void results_run_finish(struct results_run *run);

#endif
