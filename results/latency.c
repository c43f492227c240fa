/* Latency of requests; latency.h has the definitions. */
#include "results/latency.h"
#include "results/statistics.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>

const char *const results_latency_names[RESULTS_LATENCY_KINDS] = {
    [RESULTS_LATENCY_SIMPLE] = "simple",
    [RESULTS_LATENCY_METERED_100MS] = "metered_100ms",
    [RESULTS_LATENCY_METERED_FULL] = "metered_full",
    [RESULTS_LATENCY_RESPONSE] = "response",
    [RESULTS_LATENCY_ORDINARY] = "response_ordinary",
};

const char *const results_latency_percentile_names[RESULTS_LATENCY_PERCENTILES] = {
    [RESULTS_LATENCY_P50] = "p50_ns",       [RESULTS_LATENCY_P90] = "p90_ns",
    [RESULTS_LATENCY_P99] = "p99_ns",       [RESULTS_LATENCY_P99_9] = "p99_9_ns",
    [RESULTS_LATENCY_P99_99] = "p99_99_ns", [RESULTS_LATENCY_MAX] = "max_ns",
};

/* Of all values, so many lie beyond the percentile: one of `tail`. */
static const uint64_t tails[RESULTS_LATENCY_MAX] = {
    [RESULTS_LATENCY_P50] = 2,      [RESULTS_LATENCY_P90] = 10,       [RESULTS_LATENCY_P99] = 100,
    [RESULTS_LATENCY_P99_9] = 1000, [RESULTS_LATENCY_P99_99] = 10000,
};

/* --- requests ----------------------------------------------------------------------------------
 */

static int compare_requests(const void *left, const void *right) {
  const struct results_request *first = left, *second = right;
  if (first->begin_ns != second->begin_ns)
    return first->begin_ns > second->begin_ns ? 1 : -1;
  return (first->end_ns > second->end_ns) - (first->end_ns < second->end_ns);
}

struct results_request *results_requests_of(const struct results_events *events, size_t *count) {
  struct results_request *requests = malloc((events->request.count + 1) * sizeof *requests);
  if (!requests)
    return NULL;
  for (size_t index = 0; index < events->request.count; index++) {
    const struct gc_event_request *event = &events->request.items[index];
    requests[index] = (struct results_request){.arrival_ns = (int64_t)event->arrival_ns,
                                               .begin_ns = (int64_t)event->begin_ns,
                                               .end_ns = (int64_t)event->end_ns,
                                               .class = event->class};
  }
  *count = events->request.count;
  qsort(requests, *count, sizeof *requests, compare_requests);
  return requests;
}

bool results_requests_are_open_loop(const struct results_events *events) {
  for (size_t index = 0; index < events->request.count; index++)
    if (events->request.items[index].arrival_ns != events->request.items[index].begin_ns)
      return true;
  return false;
}

/* --- latencies ---------------------------------------------------------------------------------
 */

/* What a clock that went backwards would make negative is 0. */
static uint64_t at_least_0(int64_t ns) {
  return ns > 0 ? (uint64_t)ns : 0;
}

int64_t results_latency_full_window_ns(const struct results_request *requests, size_t count) {
  int64_t end_ns = count ? requests[0].end_ns : 0;
  for (size_t index = 0; index < count; index++)
    end_ns = requests[index].end_ns > end_ns ? requests[index].end_ns : end_ns;
  return count ? 10 * (end_ns - requests[0].begin_ns) : 0;
}

void results_latency_metered(const struct results_request *requests, size_t count,
                             int64_t window_ns, uint64_t *latencies_ns) {
  int64_t half_ns = window_ns / 2;
  size_t first = 0, last = 0;
  for (size_t index = 0; index < count; index++) {
    int64_t begin_ns = requests[index].begin_ns, end_ns = requests[index].end_ns;
    while (requests[first].begin_ns < begin_ns - half_ns)
      first++;
    while (last + 1 < count && requests[last].begin_ns < begin_ns + half_ns)
      last++;
    int64_t from_ns = requests[first].begin_ns, smoothed_ns = begin_ns;
    if (last > first)
      smoothed_ns =
          from_ns + (int64_t)((__int128)(index - first) * (requests[last].begin_ns - from_ns) /
                              (__int128)(last - first));
    latencies_ns[index] = at_least_0(end_ns - (smoothed_ns < begin_ns ? smoothed_ns : begin_ns));
  }
}

struct results_latency results_latency_of(uint64_t *latencies_ns, size_t count) {
  struct results_latency latency = {.count = (double)count};
  results_sort(latencies_ns, count);
  for (size_t index = 0; index < RESULTS_LATENCY_MAX; index++) {
    size_t beyond = count / tails[index];
    latency.percentile_ns[index] =
        beyond >= RESULTS_SAMPLES_BEYOND ? (double)latencies_ns[count - 1 - beyond] : NAN;
  }
  latency.percentile_ns[RESULTS_LATENCY_MAX] = count ? (double)latencies_ns[count - 1] : NAN;
  return latency;
}

/* --- a trial -----------------------------------------------------------------------------------
 */

/* The requests from `first` that began before the interval behind theirs does. */
static size_t count_of_interval(const struct results_request *requests, size_t count, size_t first,
                                const struct results_intervals *timed) {
  int64_t end_ns = INT64_MAX;
  for (size_t index = timed->count; index > 1; index--) {
    int64_t begin_ns = (int64_t)timed->items[index - 1].begin_ns;
    end_ns = begin_ns > requests[first].begin_ns ? begin_ns : end_ns;
  }
  size_t end = first + 1;
  while (end < count && requests[end].begin_ns < end_ns)
    end++;
  return end - first;
}

enum { FULL_WINDOW = 0 };

/* Each interval by itself. */
static void meter(const struct results_request *requests, size_t count,
                  const struct results_intervals *timed, int64_t window_ns, uint64_t *values) {
  for (size_t first = 0, part; first < count; first += part) {
    part = count_of_interval(requests, count, first, timed);
    int64_t own_ns = window_ns == FULL_WINDOW
                         ? results_latency_full_window_ns(&requests[first], part)
                         : window_ns;
    results_latency_metered(&requests[first], part, own_ns, &values[first]);
  }
}

static size_t fill(const struct results_request *requests, size_t count,
                   const struct results_intervals *timed, enum results_latency_kind kind,
                   uint64_t *values) {
  size_t used = 0;
  if (kind == RESULTS_LATENCY_METERED_100MS || kind == RESULTS_LATENCY_METERED_FULL) {
    bool is_full = kind == RESULTS_LATENCY_METERED_FULL;
    meter(requests, count, timed, is_full ? FULL_WINDOW : RESULTS_LATENCY_WINDOW_NS, values);
    return count;
  }
  for (size_t index = 0; index < count; index++) {
    const struct results_request *request = &requests[index];
    if (kind == RESULTS_LATENCY_ORDINARY && request->class != 0)
      continue;
    int64_t from_ns = kind == RESULTS_LATENCY_SIMPLE ? request->begin_ns : request->arrival_ns;
    values[used++] = at_least_0(request->end_ns - from_ns);
  }
  return used;
}

int results_latency_derive(const struct results_events *events,
                           const struct results_intervals *timed,
                           struct results_latency latencies[RESULTS_LATENCY_KINDS]) {
  size_t count = 0;
  struct results_request *requests = results_requests_of(events, &count);
  uint64_t *values = malloc((count + 1) * sizeof *values);
  int status = requests && values ? 0 : -ENOMEM;
  for (enum results_latency_kind kind = 0; !status && kind < RESULTS_LATENCY_KINDS; kind++)
    latencies[kind] = results_latency_of(values, fill(requests, count, timed, kind, values));
  free(values);
  free(requests);
  return status;
}

/* --- a sweep over windows ----------------------------------------------------------------------
 */

static const double first_window_ns = 1e5, windows_per_doubling = 2;

int results_latency_sweep(const struct results_events *events,
                          const struct results_intervals *timed,
                          struct results_latency_window windows[RESULTS_LATENCY_WINDOWS_MAX],
                          size_t *count) {
  size_t request_count = 0;
  struct results_request *requests = results_requests_of(events, &request_count);
  uint64_t *values = malloc((request_count + 1) * sizeof *values);
  int status = requests && values ? 0 : -ENOMEM;
  int64_t last_ns = status ? 0 : results_latency_full_window_ns(requests, request_count) / 5;
  *count = 0;
  while (!status && *count < RESULTS_LATENCY_WINDOWS_MAX) {
    int64_t window_ns = llround(first_window_ns * pow(2, (double)*count / windows_per_doubling));
    if (window_ns > last_ns)
      break;
    meter(requests, request_count, timed, window_ns, values);
    windows[(*count)++] = (struct results_latency_window){
        .window_ns = window_ns, .latency = results_latency_of(values, request_count)};
  }
  free(values);
  free(requests);
  return status;
}
