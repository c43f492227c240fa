/* Two sides of a comparison, measure by measure, with intervals and verdicts in words.
 *
 * Method (as results/README.md states it for figures): the unit is the invocation. Invocations of the
 * same number are a pair; of each pair the ratio second over first is taken, and of the ratios the
 * geometric mean with its interval (statistics.h). A measure is called different when the interval
 * leaves 1 out and the verdict stands among all that were tested together (Holm 1979): the family is
 * everything in the comparison, all workloads, heaps and measures. Below RESULTS_CALLED_FROM pairs
 * nothing is called. With several pairs of configurations, `overall` is the geometric mean over
 * them, invocation by invocation.
 *
 * A pair is of one machine (hosts.h), unless the request says otherwise; how many were not
 * paired for that is noted.
 *
 * Configurations are paired when they differ in nothing but what the sides name; where no side names
 * a collector, in nothing at all. Quick and full trials are never paired.
 */
#ifndef RESULTS_COMPARE_H
#define RESULTS_COMPARE_H

#include "results/statistics.h"
#include "results/summarize.h"
#include <stdio.h>

enum results_measure {
#define RESULTS_MEASURE(name, unit, kind, title, value) RESULTS_MEASURE_##name,
#include "results/measures.def"
  RESULTS_MEASURE_COUNT
};
extern const char *const results_measure_names[RESULTS_MEASURE_COUNT];
extern const char *const results_measure_titles[RESULTS_MEASURE_COUNT];
extern const char *const results_measure_units[RESULTS_MEASURE_COUNT];

/* The measure's value in one trial; NaN: not known. */
double results_measure_of(const struct results_figures *figures, enum results_measure measure);

enum results_verdict {
  RESULTS_NOT_KNOWN, /* no pair has the measure on both sides */
  RESULTS_TOO_FEW,
  RESULTS_EQUAL,  /* the interval holds 1 */
  RESULTS_ALONE,  /* it does not, but among so many tests that says nothing */
  RESULTS_BETTER, /* called: the second side's ratio is below 1 */
  RESULTS_WORSE,
};

struct results_compared {
  bool is_chosen;
  size_t pairs;                  /* invocations that have the measure on both sides */
  double first, second;          /* medians over those, or where there are none over each side's
                                    trials; of `overall` NaN */
  struct results_interval ratio; /* second over first */
  enum results_verdict verdict;
};

struct results_compared_pair {
  const struct results_summary *first, *second;
  struct results_compared measures[RESULTS_MEASURE_COUNT];
};

struct results_comparison {
  struct results_compared_pair *pairs;
  size_t pair_count;
  struct results_compared overall[RESULTS_MEASURE_COUNT]; /* where pair_count > 1 */
  char (*notes)[RESULTS_TEXT_SIZE]; /* configurations that have no counterpart or did not finish */
  size_t note_count;
  size_t unfinished; /* pairs of which only the first side has trials that are ok */
  size_t apart;      /* pairs of trials that two machines ran, and that are no pair for that */
  size_t tested, better, worse, too_few;
};

/* One side: a run, and which of its configurations. */
struct results_side {
  const struct results_run *run;
  const char *collector; /* null: any */
  const char *barrier;   /* null: any */
};

struct results_comparison_request {
  struct results_side first, second;
  bool is_chosen[RESULTS_MEASURE_COUNT]; /* which measures are tested */
  bool is_across_machines;               /* pairs trials of different machines, too */
  uint64_t seed;                         /* of the bootstrap */
};

/* Borrows from the runs. Returns 0, or a negative errno with a sentence: -EINVAL when quick and full
 * runs are mixed or no two trials ran on one machine, -ENODATA when no configuration of one side has
 * a counterpart on the other. On
 * failure there is nothing to finish. */
int results_compare(const struct results_comparison_request *request,
                    struct results_comparison *comparison, char *error, size_t error_size);
void results_comparison_finish(struct results_comparison *comparison);

/* A verdict as a few words: "worse: 12 % more", "too few to call". Of a SHARE, what was taken. */
struct results_verdict_text {
  char text[96];
};
struct results_verdict_text results_verdict_words(const struct results_compared *compared,
                                                  size_t tested);

/* The tables, and what they rest on. */
void results_comparison_print(FILE *stream, const struct results_comparison_request *request,
                              const struct results_comparison *comparison);

/* Whether two runs have trials of the same machine, by their manifests. 0: yes; 1: no, and the
 * sentence says what differs; -ENODATA: a manifest does not say. */
int results_machines_compare(const char *first, const char *second, char *sentence,
                             size_t sentence_size);

#endif
