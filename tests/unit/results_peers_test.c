/* Peers and operations, on figures worked out by hand: which configuration is the denominator, ratios by
 * invocation, which baseline is quoted, the bound of memory; and of an operation the host's share.
 */
#include "results/operations.h"
#include "results/order.h"
#include "results/peers.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TRIALS = 2, SUMMARIES_MAX = 8 };

static struct results_summary summaries[SUMMARIES_MAX];
static struct results_figures trials[SUMMARIES_MAX][TRIALS];
static struct results_ok_trial ok_trials[SUMMARIES_MAX][TRIALS];
static struct results_run run;

static void begin_run(void) {
  run = (struct results_run){.summaries = summaries};
}

/* Wall times of invocations 1 and 2. */
static struct results_summary *add(const char *workload, const char *collector, double multiple,
                                   double first_ns, double second_ns) {
  size_t place = run.summary_count++;
  struct results_summary *summary = &summaries[place];
  memset(summary, 0, sizeof *summary);
  results_trial_init(&summary->first);
  struct results_configuration *configuration = &summary->first.configuration;
  results_text_set(&configuration->workload, workload);
  results_text_set(&configuration->collector, collector);
  results_text_set(&configuration->barrier, "none");
  configuration->mutators = 1;
  configuration->heap_multiple = multiple;
  configuration->heap_bytes = (uint64_t)(multiple * 100 * 1024 * 1024);
  summary->trial_count = summary->statuses[RESULTS_ok] = TRIALS;
  summary->trials = trials[place];
  summary->ok_trials = ok_trials[place];
  for (size_t index = 0; index < TRIALS; index++) {
    memset(&trials[place][index], 0, sizeof trials[place][index]);
    ok_trials[place][index].invocation = index + 1;
    trials[place][index].peak_rss_bytes = (200 + 10 * (double)index) * 1024 * 1024;
    trials[place][index].peak_external_bytes = 16.0 * 1024 * 1024;
  }
  trials[place][0].wall_ns = first_ns;
  trials[place][1].wall_ns = second_ns;
  return summary;
}

static const struct results_peer *peer_of(const struct results_peers *peers,
                                          const struct results_summary *summary) {
  for (size_t index = 0; index < peers->count; index++)
    if (peers->items[index].summary == summary)
      return &peers->items[index];
  return NULL;
}

static void assert_near(double actual, double expected) {
  if (!(fabs(actual - expected) <= 1e-9 * fabs(expected)))
    fail_msg("%.12g instead of %.12g", actual, expected);
}

static void ratios_are_over_the_native_port(void **state) {
  (void)state;
  begin_run();
  const struct results_summary *stw = add("tree", "stw", 3, 20, 45);
  const struct results_summary *concurrent = add("tree", "concurrent", 2, 50, 50);
  const struct results_summary *framework = add("tree", "bdwgc", 3, 150, 150);
  const struct results_summary *native = add("tree", "native_bdwgc", 3, 100, 100);
  const struct results_summary *quotable = add("tree", "malloc", 3, 81, 81);
  add("tree", "native_malloc", 3, 80, 80);
  const struct results_summary *alone = add("ring", "stw", 3, 10, 10);
  struct results_peers peers;
  assert_int_equal(results_peers_derive(&run, &peers), 0);
  assert_int_equal(peers.count, 6);
  assert_null(peer_of(&peers, alone)); /* nobody to compare it with */
  assert_ptr_equal(peer_of(&peers, stw)->denominator, native);
  assert_near(peer_of(&peers, stw)->wall.estimate, sqrt(0.2 * 0.45));
  assert_int_equal(peer_of(&peers, stw)->pairs, TRIALS);
  assert_near(peer_of(&peers, concurrent)->wall.estimate, 0.5); /* another heap */
  assert_near(peer_of(&peers, framework)->framework.estimate, 1.5);
  assert_false(results_peer_is_quotable(peer_of(&peers, framework)));
  assert_true(results_peer_is_quotable(peer_of(&peers, quotable)));
  assert_true(results_peer_is_quotable(peer_of(&peers, stw)));
  assert_near(peer_of(&peers, concurrent)->rss_bytes, (210 - 16) * 1048576.0);
  assert_near(peer_of(&peers, concurrent)->rss_bound_bytes, (1.15 * 200 + 24) * 1048576.0);
  assert_true(isnan(peer_of(&peers, native)->rss_bound_bytes));
  results_peers_finish(&peers);
}

static void without_a_port_the_framework_is_taken(void **state) {
  (void)state;
  begin_run();
  const struct results_summary *stw = add("tree", "stw", 3, 20, 20);
  const struct results_summary *framework = add("tree", "bdwgc", 3, 80, 80);
  struct results_summary *native = add("tree", "native_bdwgc", 3, 100, 100);
  native->statuses[RESULTS_ok] = 0; /* it crashed */
  struct results_peers peers;
  assert_int_equal(results_peers_derive(&run, &peers), 0);
  assert_ptr_equal(peer_of(&peers, stw)->denominator, framework);
  assert_near(peer_of(&peers, stw)->wall.estimate, 0.25);
  results_peers_finish(&peers);
}

static void baselines_are_known(void **state) {
  (void)state;
  assert_true(results_collector_is_baseline("malloc"));
  assert_true(results_collector_is_baseline("bdwgc"));
  assert_true(results_collector_is_baseline("native_bdwgc"));
  assert_false(results_collector_is_baseline("stw"));
  assert_false(results_collector_is_baseline("epsilon"));
  assert_false(results_collector_is_baseline("mark=stw,sweep=lazy"));
}

/* An operation of mutator 1 from 1,000,000 to 1,010,000 with 3,000 on the processor. */
static const struct gc_event_operation operation = {
    .mutator = 1, .begin_ns = 1000000, .end_ns = 1010000, .cpu_ns = 3000};

static struct results_pause pause_at(uint64_t begin_ns, uint64_t mutator, uint64_t requester,
                                     uint64_t threads, uint64_t critical_ns, uint64_t total_ns) {
  return (struct results_pause){
      .stop = {.stop_id = 1, .requester = requester, .threads = threads},
      .mutator = mutator,
      .begin_ns = begin_ns,
      .wall_ns = critical_ns,
      .cpu_ns = critical_ns,
      .cpu_total_ns = total_ns,
      .has_stop = true,
      .has_cpu = true,
  };
}

static uint64_t host_ns(struct results_pause pause) {
  struct results_pauses_list list = {.items = &pause, .count = 1};
  return results_operation_host_ns(&operation, &list);
}

static void hosts_share_is_what_nobody_asked_for(void **state) {
  (void)state;
  struct results_pauses_list none = {0};
  assert_int_equal(results_operation_host_ns(&operation, &none), 7000);
  /* Stopped by somebody else: what that one worked was waited for. */
  assert_int_equal(host_ns(pause_at(1001000, 1, 0, 1, 2500, 2500)), 4500);
  /* Stopped by itself, alone: its work is in its CPU time. */
  assert_int_equal(host_ns(pause_at(1001000, 1, 1, 1, 2500, 2500)), 7000);
  /* With a helper that worked 500 at least itself: of 2,500 it may have waited for 2,000. */
  assert_int_equal(host_ns(pause_at(1001000, 1, 1, 2, 2500, 3000)), 5000);
  /* Both worked alike. */
  assert_int_equal(host_ns(pause_at(1001000, 1, 1, 2, 2500, 5000)), 7000);
  /* Another mutator's pause, and pauses before and after. */
  assert_int_equal(host_ns(pause_at(1001000, 0, 2, 1, 2500, 2500)), 7000);
  assert_int_equal(host_ns(pause_at(999999, 1, 0, 1, 2500, 2500)), 7000);
  assert_int_equal(host_ns(pause_at(1010000, 1, 0, 1, 2500, 2500)), 7000);
  /* Never negative. */
  assert_int_equal(host_ns(pause_at(1001000, 1, 0, 1, 9000, 9000)), 0);
}

static void largest_operations_are_found(void **state) {
  (void)state;
  struct gc_event_operation items[] = {
      {.mutator = 0, .begin_ns = 0, .end_ns = 9000, .cpu_ns = 1000},
      {.mutator = 0, .begin_ns = 9000, .end_ns = 14000, .cpu_ns = 4000}};
  struct results_events events = {.operation = {.items = items, .count = 2}};
  struct results_pauses_list none = {0};
  struct results_figures figures;
  results_operations_derive(&events, &none, &figures);
  assert_near(figures.operation_max_ns, 9000);
  assert_near(figures.operation_own_max_ns, 4000);
  events.operation.count = 0;
  results_operations_derive(&events, &none, &figures);
  assert_true(isnan(figures.operation_max_ns));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ratios_are_over_the_native_port),
      cmocka_unit_test(without_a_port_the_framework_is_taken),
      cmocka_unit_test(baselines_are_known),
      cmocka_unit_test(hosts_share_is_what_nobody_asked_for),
      cmocka_unit_test(largest_operations_are_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
