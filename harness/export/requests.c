/* Export of requests, a row each: when its service began and ended, and the mutator that served it,
 * as DaCapo Chopin writes its latencies; microseconds since the trial's first event, by begin. Of
 * iterations that warmed up there are none.
 */
#include "harness/export/export.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static int compare(const void *left, const void *right) {
  const struct gc_event_request *first = left, *second = right;
  if (first->begin_ns != second->begin_ns) {
    return first->begin_ns > second->begin_ns ? 1 : -1;
  }
  return (first->mutator > second->mutator) - (first->mutator < second->mutator);
}

static int begin(struct export_state *state, const struct export_trial *first) {
  (void)first;
  fprintf(state->stream, "start_us,end_us,thread\n");
  return 0;
}

static double since_us(const struct export_trial *trial, uint64_t moment_ns) {
  return (double)(int64_t)(moment_ns - trial->begin_ns) / 1e3;
}

static int add(struct export_state *state, const struct export_trial *trial) {
  const struct results_list_request *requests = &trial->events->request;
  struct gc_event_request *sorted = malloc((requests->count + 1) * sizeof *sorted);
  if (!sorted) {
    return -ENOMEM;
  }
  for (size_t i = 0; i < requests->count; i++) {
    sorted[i] = requests->items[i];
  }
  qsort(sorted, requests->count, sizeof *sorted, compare);
  for (size_t i = 0; i < requests->count; i++) {
    fprintf(state->stream, "%.3f,%.3f,%" PRIu64 "\n", since_us(trial, sorted[i].begin_ns),
            since_us(trial, sorted[i].end_ns), sorted[i].mutator);
  }
  free(sorted);
  return 0;
}

const struct exporter exporter_requests = {
    .name = "requests",
    .file_name = "requests.csv",
    .file = EXPORT_FILE_PER_TRIAL,
    .begin = begin,
    .add = add,
};
