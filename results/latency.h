/* Latency of requests: simple, metered, and from their arrival.
 *
 * Definitions are those of DaCapo Chopin (Blackburn et al. 2025). Requests 0 to N - 1 are sorted by
 * begin b, and end at e. simple_i = e_i - b_i says what the service of a request took. It does not
 * say what those felt who came while the server stood still, because a closed loop sends nothing
 * meanwhile. Metered latency spreads the begins evenly over a window W around each, as if requests
 * had come at that pace and had queued:
 *
 *     h = W / 2;  s = first index with b_s >= b_i - h;  t = first with b_t >= b_i + h, or N - 1
 *     smoothed_i = b_s + (i - s) (b_t - b_s) / (t - s)          (t = s: b_i itself)
 *     metered_i  = max(e_i - b_i, e_i - smoothed_i)
 *
 * Full smoothing is W = 10 times the elapsed time: arrivals are uniform over all of it. Any drift of
 * throughput then dominates; so both windows are shown.
 *
 * In an open loop nothing has to be reconstructed: response_i = e_i - arrival_i is what was felt.
 *
 * A percentile of tail k of d is sorted[N - 1 - floor(N k / d)], and is known from
 * RESULTS_SAMPLES_BEYOND values beyond it on. All times are integers of ns.
 *
 * Costs: O(N log N) to sort, O(N) for each latency: s and t only move forward.
 */
#ifndef RESULTS_LATENCY_H
#define RESULTS_LATENCY_H

#include "results/derive.h"
#include <stddef.h>
#include <stdint.h>

enum results_latency_kind {
  RESULTS_LATENCY_SIMPLE,
  RESULTS_LATENCY_METERED_100MS,
  RESULTS_LATENCY_METERED_FULL,
  RESULTS_LATENCY_RESPONSE, /* from the arrival; of a closed loop the same as simple */
  RESULTS_LATENCY_ORDINARY, /* the same, of the requests of class 0 alone */
  RESULTS_LATENCY_KINDS
};
/* As in summary.json. */
extern const char *const results_latency_names[RESULTS_LATENCY_KINDS];

enum results_latency_percentile {
  RESULTS_LATENCY_P50,
  RESULTS_LATENCY_P90,
  RESULTS_LATENCY_P99,
  RESULTS_LATENCY_P99_9,
  RESULTS_LATENCY_P99_99,
  RESULTS_LATENCY_MAX,
  RESULTS_LATENCY_PERCENTILES
};
extern const char *const results_latency_percentile_names[RESULTS_LATENCY_PERCENTILES];

struct results_latency {
  double count; /* of requests */
  double percentile_ns[RESULTS_LATENCY_PERCENTILES];
};

struct results_request {
  int64_t arrival_ns, begin_ns, end_ns;
  uint64_t class;
};

/* Of all mutators, by begin. Null when memory is lacking; the caller frees it. */
struct results_request *results_requests_of(const struct results_events *events, size_t *count);

/* True when a request waited between arrival and begin. */
bool results_requests_are_open_loop(const struct results_events *events);

#define RESULTS_LATENCY_WINDOW_NS INT64_C(100000000)

/* What W makes of metered latency: from 100 us on, two to each doubling, to twice the time that all
 * requests took. */
enum { RESULTS_LATENCY_WINDOWS_MAX = 64 };
struct results_latency_window {
  int64_t window_ns;
  struct results_latency latency;
};

/* W of full smoothing. Requests are sorted by begin. */
int64_t results_latency_full_window_ns(const struct results_request *requests, size_t count);

/* Latencies in the order of the requests, which are sorted by begin. */
void results_latency_metered(const struct results_request *requests, size_t count,
                             int64_t window_ns, uint64_t *latencies_ns);

/* Sorts the values. */
struct results_latency results_latency_of(uint64_t *latencies_ns, size_t count);

/* Every kind; not known where there are no requests. Between iterations nothing is smoothed: each
 * of these intervals is metered by itself. Returns 0 or -ENOMEM. */
int results_latency_derive(const struct results_events *events,
                           const struct results_intervals *timed,
                           struct results_latency latencies[RESULTS_LATENCY_KINDS]);

/* Metered latency at each window; `count` is how many there are, 0 without requests. Returns 0 or
 * -ENOMEM. */
int results_latency_sweep(const struct results_events *events,
                          const struct results_intervals *timed,
                          struct results_latency_window windows[RESULTS_LATENCY_WINDOWS_MAX],
                          size_t *count);

#endif
