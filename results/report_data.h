/* What the parts of a report's data share. Jansson answers null for want of memory and accepts null
 * where an object is built, so a report that lacks something for that reason is whole JSON; that it
 * lacks it is seen at the end, by `has_failed`. */
#ifndef RESULTS_REPORT_DATA_H
#define RESULTS_REPORT_DATA_H

#include "results/report.h"

/* Of the curves of a configuration. */
struct report_detail {
  size_t percentile_step, bins_per_decade;
  bool has_kinds; /* histograms of each kind of pause, besides that of all */
};

struct report {
  const struct results_run *run;
  size_t timeline_marks; /* that a configuration's timeline may have; 0: none */
  size_t pacing_marks;   /* of what it says of pacing */
  bool has_longest;      /* whether its longest pause is taken apart */
  bool has_failed;
};

/* A number; null when it is not known, an integer where it is one. */
json_t *report_real(double value);

/* Of one configuration: `timeline` and `longest`, from the events of the trial with its longest
 * pause. */
void report_add_events(struct report *report, const struct results_summary *summary,
                       json_t *configuration);

/* The phases of the longest pause and what else is known of it. */
json_t *report_longest(const struct results_summary *summary, uint64_t trial,
                       const struct results_events *events,
                       const struct results_pauses_list *pauses);

/* Memory, heap, pauses and cycles over one trial, in at most `marks` marks. */
json_t *report_timeline(uint64_t trial, const struct results_events *events,
                        const struct results_pauses_list *pauses, size_t marks);

/* How marking was paced, in at most `marks` marks; null when it was not. */
json_t *report_pacing(uint64_t trial, const struct results_events *events,
                      const struct results_pauses_list *pauses, size_t marks);

/* Sentences, the most important first: an array of {kind, text}. */
json_t *report_findings(const struct results_run *run);

#endif
