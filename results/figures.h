/* The figures of one trial, and of several.
 *
 * struct results_figures is nothing but doubles, so that a median across trials is taken figure by
 * figure without naming them. NaN: not known (too few samples, nothing measured, window too long).
 */
#ifndef RESULTS_FIGURES_H
#define RESULTS_FIGURES_H

#include "results/derive.h"
#include "results/histogram.h"
#include "results/latency.h"
#include "results/trial.h"

enum results_percentile {
  RESULTS_P50,
  RESULTS_P90,
  RESULTS_P99,
  RESULTS_P99_9,
  RESULTS_MAX,
  RESULTS_PERCENTILES
};

/* Kinds of pauses, and all of them together. */
enum { RESULTS_ALL_KINDS = GC_PAUSE_KINDS, RESULTS_KINDS };

struct results_distribution {
  double count, total_ns;
  double percentile_ns[RESULTS_PERCENTILES];
};

struct results_figures {
#define RESULTS_FIGURE(name, unit, description) double name;
#include "results/schema.def"
  struct results_distribution wall[RESULTS_KINDS];
  struct results_distribution cpu[RESULTS_KINDS]; /* of the pauses whose CPU time was measured */
  struct results_distribution own[RESULTS_KINDS]; /* cpu less that of the scavenge in the pause; of
                                                     plain scavenges none, neither in `all` */
  struct results_distribution time_to_safepoint;
  double without_stop_ns[GC_PAUSE_KINDS]; /* wall time of pauses without a stop, the whole trial */
  struct results_utilisation_curve mutator_curve, capacity_curve; /* at results_curve_windows */
  struct results_latency latency[RESULTS_LATENCY_KINDS];
};

enum { RESULTS_FIGURE_COUNT = sizeof(struct results_figures) / sizeof(double) };

/* Pauses without a stop that are shorter than this enter no distribution. */
#define RESULTS_PAUSE_FLOOR_NS 1000

/* Whether it enters distributions: it overlaps its mutator's timed part and is not that short. */
bool results_pause_counts(const struct results_pause *pause);

/* Figures of one trial; its wall times are added to the histograms, one per kind. Returns 0 or
 * -ENOMEM. */
int results_figures_derive(const struct results_trial *trial, const struct results_events *events,
                           const struct results_pauses_list *pauses,
                           struct results_figures *figures,
                           struct results_histogram histograms[RESULTS_KINDS]);

enum results_aggregate { RESULTS_LEAST, RESULTS_MEDIAN, RESULTS_LARGEST, RESULTS_SUM };

/* Figure by figure over `count` trials; counts of distributions included. */
struct results_figures results_figures_aggregate(const struct results_figures *trials, size_t count,
                                                 enum results_aggregate aggregate);

#endif
