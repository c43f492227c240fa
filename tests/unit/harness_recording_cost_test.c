/* What recording is said to cost: every kind of event costs something, a trial is charged by kind,
 * and a request that begins where another ended is charged as such.
 *
 * Presets: release
 */
#include "harness/recording_cost.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_kind_costs_something(void **state) {
  (void)state;
  struct recording_costs costs;
  recording_costs_measure(&costs);
  for (size_t number = 0; number < GC_EVENT_NUMBERS; number++) {
    assert_true(costs.event_ns[number] > 0 && costs.event_ns[number] < 1e6);
  }
  assert_true(costs.next_request_ns > 0 && costs.next_request_ns < 1e6);
}

static void trials_are_charged_by_kind(void **state) {
  (void)state;
  struct recording_costs costs = {.next_request_ns = 1};
  costs.event_ns[GC_EVENT_request] = 10;
  costs.event_ns[GC_EVENT_pause] = 100;
  costs.event_ns[GC_EVENT_phase] = 1000;
  struct gc_event_ring ring;
  assert_int_equal(gc_event_ring_init(&ring, 0), 0);
  assert_true(recording_costs_of(&costs, &ring) == 0);
  gc_event_write(&ring, request, .begin_ns = 5, .end_ns = 7);
  gc_event_write(&ring, pause, .begin_ns = 6, .end_ns = 7);
  gc_event_write(&ring, request, .begin_ns = 7, .end_ns = 9);
  gc_event_write(&ring, request, .begin_ns = 20, .end_ns = 21);
  gc_event_write(&ring, phase, .begin_ns = 30);
  assert_true(recording_costs_of(&costs, &ring) == 10 + 100 + 1 + 10 + 1000);
  gc_event_ring_finish(&ring);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kind_costs_something),
      cmocka_unit_test(trials_are_charged_by_kind),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
