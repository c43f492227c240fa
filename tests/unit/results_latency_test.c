/* Latency of requests against vectors computed by hand, and metered latency against the definition
 * evaluated request by request.
 *
 * The random part takes its seed from the first argument and prints it.
 *
 * Presets: release debug asan
 */
#include "results/latency.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t seed = 20261123;

static uint64_t random_below(uint64_t bound) {
  seed += UINT64_C(0x9e3779b97f4a7c15);
  uint64_t mixed = (seed ^ seed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  return (mixed ^ mixed >> 31) % bound;
}

static void assert_metered(const struct results_request *requests, size_t count, int64_t window_ns,
                           const uint64_t *expected) {
  uint64_t actual[16];
  results_latency_metered(requests, count, window_ns, actual);
  for (size_t index = 0; index < count; index++)
    if (actual[index] != expected[index])
      fail_msg("window %lld, request %zu: %llu instead of %llu", (long long)window_ns, index,
               (unsigned long long)actual[index], (unsigned long long)expected[index]);
}

/* A closed loop of requests of 10 in which the third stands still for 60: 0, 10, 20, then 80, 90. */
static const struct results_request stalled[] = {
    {0, 0, 10, 0}, {10, 10, 20, 0}, {20, 20, 80, 0}, {80, 80, 90, 0}, {90, 90, 100, 0}};
enum { stalled_count = sizeof stalled / sizeof *stalled };

/* Elapsed 100, so the window is 1000 and covers everything: begins are spread over 0 to 90, 22.5 apart
 * (22, 45, 67, 90 in whole units). The last two would have come at 67 and 90. */
static void full_smoothing(void **state) {
  (void)state;
  int64_t window_ns = results_latency_full_window_ns(stalled, stalled_count);
  assert_int_equal(window_ns, 1000);
  assert_metered(stalled, stalled_count, window_ns, (uint64_t[]){10, 10, 60, 90 - 67, 10});
}

/* Window 40, half of it 20.
 * 0: s = 0, t = 2 (20 >= 20): smoothed 0.        10: s = 0, t = 3 (80 >= 30): 0 + 1 * 80 / 3 = 26 > 10.
 * 20: s = 0, t = 3 (80 >= 40): 2 * 80 / 3 = 53.  80: s = 3 (80 >= 60), t = 4, the last: smoothed 80.
 * 90: s = 3 (80 >= 70), t = 4: 80 + 1 * 10 / 1 = 90. Nothing is moved ahead of its begin. */
static void window_that_hides_nothing_behind_it(void **state) {
  (void)state;
  assert_metered(stalled, stalled_count, 40, (uint64_t[]){10, 10, 60, 10, 10});
}

/* Window 120, half 60. 80: s = 2 (20 >= 20), t = 4: 20 + 1 * 70 / 2 = 55, so 90 - 55 = 35.
 * 90: s = 3 (80 >= 30), since 20 < 30: smoothed 90. */
static void window_that_reaches_over_the_stall(void **state) {
  (void)state;
  assert_metered(stalled, stalled_count, 120, (uint64_t[]){10, 10, 60, 35, 10});
}

/* t = s: one request, several of one begin, and a window of nothing. */
static void nothing_to_interpolate(void **state) {
  (void)state;
  static const struct results_request same[] = {{5, 5, 7, 0}, {5, 5, 9, 0}};
  assert_metered(same, 1, 100, (uint64_t[]){2});
  assert_metered(same, 2, 100, (uint64_t[]){2, 4});
  assert_metered(same, 2, 0, (uint64_t[]){2, 4});
  assert_int_equal(results_latency_full_window_ns(same, 0), 0);
}

/* An hour of requests a microsecond apart, far from 0: no product of two of these fits 64 bits after
 * being scaled, and no difference is lost as it would be in 32 bits of a float. */
static void large_times_are_exact(void **state) {
  (void)state;
  enum { count = 3 };
  int64_t hour_ns = INT64_C(3600000000000), at_ns = INT64_C(9000000000000000000) / 1000;
  struct results_request requests[count] = {
      {at_ns, at_ns, at_ns + 1, 0},
      {at_ns + hour_ns, at_ns + hour_ns, at_ns + hour_ns + 3, 0},
      {at_ns + hour_ns + 2, at_ns + hour_ns + 2, at_ns + hour_ns + 4, 0}};
  uint64_t half_ns = (uint64_t)hour_ns / 2 + 1; /* the second would have come half-way */
  assert_metered(requests, count, results_latency_full_window_ns(requests, count),
                 (uint64_t[]){1, (uint64_t)hour_ns + 3 - half_ns, 2});
}

/* First index with begin from `ns` on, or the last request. */
static size_t plain_index(const struct results_request *requests, size_t count, int64_t ns) {
  size_t index = 0;
  while (index + 1 < count && requests[index].begin_ns < ns)
    index++;
  return index;
}

static uint64_t plain_metered(const struct results_request *requests, size_t count, size_t index,
                              int64_t window_ns) {
  int64_t begin_ns = requests[index].begin_ns, end_ns = requests[index].end_ns;
  size_t first = plain_index(requests, count, begin_ns - window_ns / 2);
  size_t last = plain_index(requests, count, begin_ns + window_ns / 2);
  long double smoothed = (long double)begin_ns;
  if (last != first)
    smoothed = (long double)requests[first].begin_ns +
               (long double)(index - first) *
                   (long double)(requests[last].begin_ns - requests[first].begin_ns) /
                   (long double)(last - first);
  long double simple = (long double)(end_ns - begin_ns);
  long double metered = (long double)end_ns - floorl(smoothed + 1e-9L);
  return (uint64_t)(metered > simple ? metered : simple);
}

static void random_requests_follow_the_definition(void **state) {
  (void)state;
  enum { count = 200 };
  print_message("seed %llu\n", (unsigned long long)seed);
  for (int round = 0; round < 200; round++) {
    struct results_request requests[count];
    uint64_t actual[count];
    int64_t begin_ns = (int64_t)random_below(1000);
    for (size_t index = 0; index < count; index++) {
      int64_t length_ns = (int64_t)random_below(20);
      requests[index] = (struct results_request){begin_ns, begin_ns, begin_ns + length_ns, 0};
      begin_ns += (int64_t)(random_below(20) ? random_below(10) : random_below(500));
    }
    int64_t window_ns = 2 * (int64_t)random_below(1000);
    results_latency_metered(requests, count, window_ns, actual);
    for (size_t index = 0; index < count; index++)
      assert_int_equal(actual[index], plain_metered(requests, count, index, window_ns));
  }
}

/* sorted[N - 1 - floor(N k / d)], from 10 values beyond it on. Values are 1 to N, shuffled. */
static struct results_latency latency_up_to(size_t count) {
  uint64_t *values = malloc(count * sizeof *values);
  assert_non_null(values);
  for (size_t index = 0; index < count; index++)
    values[index] = count - index;
  struct results_latency latency = results_latency_of(values, count);
  free(values);
  return latency;
}

static void percentiles_by_hand(void **state) {
  (void)state;
  struct results_latency latency = latency_up_to(1000);
  assert_true(latency.count == 1000);
  assert_true(latency.percentile_ns[RESULTS_LATENCY_P50] == 500); /* sorted[499] */
  assert_true(latency.percentile_ns[RESULTS_LATENCY_P90] == 900);
  assert_true(latency.percentile_ns[RESULTS_LATENCY_P99] == 990); /* ten beyond it */
  assert_true(isnan(latency.percentile_ns[RESULTS_LATENCY_P99_9]));
  assert_true(latency.percentile_ns[RESULTS_LATENCY_MAX] == 1000);
  assert_true(isnan(latency_up_to(999).percentile_ns[RESULTS_LATENCY_P99]));
  assert_true(latency_up_to(1099).percentile_ns[RESULTS_LATENCY_P99] == 1089); /* floor(10.99) */
  latency = latency_up_to(100000);
  assert_true(latency.percentile_ns[RESULTS_LATENCY_P99_9] == 99900);
  assert_true(latency.percentile_ns[RESULTS_LATENCY_P99_99] == 99990);
  assert_true(isnan(latency_up_to(99999).percentile_ns[RESULTS_LATENCY_P99_99]));
  latency = results_latency_of(NULL, 0);
  assert_true(latency.count == 0 && isnan(latency.percentile_ns[RESULTS_LATENCY_MAX]));
}

/* Requests as two mutators recorded them; the query (class 1) took 400, and what waited for it was due
 * long before it began. */
static void kinds_of_an_open_loop(void **state) {
  (void)state;
  struct gc_event_request items[] = {
      {.mutator = 0, .arrival_ns = 100, .begin_ns = 110, .end_ns = 510, .class = 1},
      {.mutator = 0, .arrival_ns = 200, .begin_ns = 510, .end_ns = 530},
      {.mutator = 1, .arrival_ns = 150, .begin_ns = 155, .end_ns = 170},
  };
  uint32_t rings[3] = {0};
  struct results_events events = {.request = {.items = items, .rings = rings, .count = 3}};
  struct results_latency latency[RESULTS_LATENCY_KINDS];
  assert_int_equal(results_latency_derive(&events, &(struct results_intervals){0}, latency), 0);
  assert_true(results_requests_are_open_loop(&events));
  assert_true(latency[RESULTS_LATENCY_SIMPLE].percentile_ns[RESULTS_LATENCY_MAX] == 400);
  assert_true(latency[RESULTS_LATENCY_RESPONSE].percentile_ns[RESULTS_LATENCY_MAX] == 410);
  assert_true(latency[RESULTS_LATENCY_ORDINARY].percentile_ns[RESULTS_LATENCY_MAX] == 330);
  assert_true(latency[RESULTS_LATENCY_ORDINARY].count == 2);
  size_t count;
  struct results_request *requests = results_requests_of(&events, &count);
  assert_int_equal(count, 3);
  assert_int_equal(requests[1].begin_ns, 155);
  free(requests);
  items[0].arrival_ns = 110, items[1].arrival_ns = 510, items[2].arrival_ns = 155;
  assert_false(results_requests_are_open_loop(&events));
  events.request.count = 0;
  assert_int_equal(results_latency_derive(&events, &(struct results_intervals){0}, latency), 0);
  assert_true(latency[RESULTS_LATENCY_METERED_FULL].count == 0);
  assert_true(isnan(latency[RESULTS_LATENCY_METERED_FULL].percentile_ns[RESULTS_LATENCY_MAX]));
}

/* A request each ms; in the middle nothing began for 50 ms. At 100 us each stands alone, and at twice
 * the elapsed time all are spread evenly. */
static void a_sweep_meters_window_by_window(void **state) {
  (void)state;
  enum { count = 200, ms = 1000000, us = 1000 };
  static struct gc_event_request items[count];
  static uint32_t rings[count];
  uint64_t values[count];
  for (uint64_t index = 0; index < count; index++) {
    uint64_t begin_ns = index * ms + (index >= count / 2 ? 50 * ms : 0);
    items[index] = (struct gc_event_request){
        .arrival_ns = begin_ns, .begin_ns = begin_ns, .end_ns = begin_ns + 10 * us};
  }
  struct results_events events = {.request = {.items = items, .rings = rings, .count = count}};
  struct results_latency_window windows[RESULTS_LATENCY_WINDOWS_MAX];
  struct results_intervals whole = {0};
  size_t window_count, request_count;
  assert_int_equal(results_latency_sweep(&events, &whole, windows, &window_count), 0);
  assert_int_equal(window_count, 25); /* 2 log2(2 * 249.01 ms / 100 us) = 24.6 */
  assert_int_equal(windows[0].window_ns, 100 * us);
  assert_int_equal(windows[1].window_ns, 141421);
  assert_int_equal(windows[24].window_ns, 4096 * 100 * us);
  struct results_request *requests = results_requests_of(&events, &request_count);
  for (size_t index = 0; index < window_count; index++) {
    results_latency_metered(requests, count, windows[index].window_ns, values);
    struct results_latency expected = results_latency_of(values, count);
    assert_memory_equal(&windows[index].latency.percentile_ns[RESULTS_LATENCY_MAX],
                        &expected.percentile_ns[RESULTS_LATENCY_MAX], sizeof(double));
  }
  assert_true(windows[0].latency.percentile_ns[RESULTS_LATENCY_MAX] == 10 * us);
  assert_true(windows[24].latency.percentile_ns[RESULTS_LATENCY_MAX] > 20 * ms);
  free(requests);
  events.request.count = 0;
  assert_int_equal(results_latency_sweep(&events, &whole, windows, &window_count), 0);
  assert_int_equal(window_count, 0);
}

int main(int argument_count, char **arguments) {
  if (argument_count > 1)
    seed = strtoull(arguments[1], NULL, 10);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(full_smoothing),
      cmocka_unit_test(a_sweep_meters_window_by_window),
      cmocka_unit_test(window_that_hides_nothing_behind_it),
      cmocka_unit_test(window_that_reaches_over_the_stall),
      cmocka_unit_test(nothing_to_interpolate),
      cmocka_unit_test(large_times_are_exact),
      cmocka_unit_test(random_requests_follow_the_definition),
      cmocka_unit_test(percentiles_by_hand),
      cmocka_unit_test(kinds_of_an_open_loop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
