/* Of a report's data what needs the events of a trial: of the trial with the configuration's
 * longest pause its timeline, and that pause taken apart. One trial's events are in memory at a
 * time. */
#include "results/report_data.h"
#include <math.h>

/* Place in ok_trials of the trial that had the longest pause; the first when none had any. */
static size_t trial_of_longest(const struct results_summary *summary) {
  size_t found = 0;
  double longest_ns = -1;
  for (size_t index = 0; index < summary->statuses[RESULTS_ok]; index++) {
    double ns = summary->trials[index].wall[RESULTS_ALL_KINDS].percentile_ns[RESULTS_MAX];
    if (!isnan(ns) && ns > longest_ns) {
      longest_ns = ns;
      found = index;
    }
  }
  return found;
}

/* A trial that was there a moment ago and cannot be read now has neither. */
void report_add_events(struct report *report, const struct results_summary *summary,
                       json_t *configuration) {
  char path[PATH_MAX], error[PATH_MAX + RESULTS_TEXT_SIZE];
  struct results_events events;
  struct results_pauses_list pauses;
  if (results_is_floor(summary))
    return;
  uint64_t trial = summary->ok_trials[trial_of_longest(summary)].trial;
  if (results_trial_events_path(path, report->run->directory, trial, error, sizeof error) ||
      results_events_load(path, &events, error, sizeof error))
    return;
  if (results_pauses_derive(&events, &pauses)) {
    report->has_failed = true;
    results_events_finish(&events);
    return;
  }
  if (report->timeline_marks > 0) {
    json_object_set_new(configuration, "timeline",
                        report_timeline(trial, &events, &pauses, report->timeline_marks));
  }
  if (report->has_longest)
    json_object_set_new(configuration, "longest", report_longest(summary, trial, &events, &pauses));
  if (report->pacing_marks > 0 && events.pacer.count > 0)
    json_object_set_new(configuration, "pacing",
                        report_pacing(trial, &events, &pauses, report->pacing_marks));
  results_pauses_finish(&pauses);
  results_events_finish(&events);
}
