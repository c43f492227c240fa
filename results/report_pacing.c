/* How marking was paced in one trial, for a report: of each stretch of records the one with the
 * largest debt. Times are ns since the trial began. */
#include "results/report_data.h"
#include <stdlib.h>
#include <string.h>

static int compare_records(const void *left, const void *right) {
  const struct gc_event_pacer *first = left, *second = right;
  return (first->time_ns > second->time_ns) - (first->time_ns < second->time_ns);
}

static json_t *row_of(const struct gc_event_pacer *record, uint64_t begin_ns) {
  const uint64_t values[] = {record->time_ns > begin_ns ? record->time_ns - begin_ns : 0,
                             record->cycle,
                             record->goal_bytes,
                             record->marked_bytes,
                             record->room_bytes,
                             record->debt_bytes,
                             record->step_bytes,
                             record->marked_per_ms,
                             record->promoted_per_ms};
  json_t *row = json_array();
  for (size_t index = 0; index < sizeof values / sizeof *values; index++)
    json_array_append_new(row, json_integer((json_int_t)values[index]));
  return row;
}

static json_t *rows_of(struct gc_event_pacer *records, size_t count, uint64_t begin_ns,
                       size_t stretch) {
  json_t *rows = json_array();
  qsort(records, count, sizeof *records, compare_records);
  for (size_t begin = 0; begin < count; begin += stretch) {
    const struct gc_event_pacer *most = &records[begin];
    for (size_t index = begin; index < begin + stretch && index < count; index++)
      most = records[index].debt_bytes > most->debt_bytes ? &records[index] : most;
    json_array_append_new(rows, row_of(most, begin_ns));
  }
  return rows;
}

json_t *report_pacing(uint64_t trial, const struct results_events *events,
                      const struct results_pauses_list *pauses, size_t marks) {
  struct results_span span = results_whole_bounds(events, pauses);
  size_t count = events->pacer.count, rows = marks / RESULTS_REPORT_PACING_LINES + 1;
  struct gc_event_pacer *records = malloc((count + 1) * sizeof *records);
  if (!records)
    return NULL;
  memcpy(records, events->pacer.items, count * sizeof *records);
  json_t *object = json_object();
  json_object_set_new(object, "trial", json_integer((json_int_t)trial));
  json_object_set_new(object, "length_ns", json_integer((json_int_t)(span.end_ns - span.begin_ns)));
  json_object_set_new(object, "records", rows_of(records, count, span.begin_ns, count / rows + 1));
  free(records);
  return object;
}
