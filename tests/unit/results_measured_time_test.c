/* What of a trial's time counts, on events small enough to compute by hand: several iterations after
 * a warm-up, and the finding of floating garbage taken out of the clock. Times in the comments are
 * in ms.
 */
#include "results/figures.h"
#include "results/measured_time.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)

static char path[] = "/tmp/tricolor-measured-XXXXXX";
static char error[1024];

static void load(struct gc_event_ring *rings, size_t count, struct results_events *events) {
  static const char *const phases[] = {"mark"};
  const struct gc_event_ring *pointers[2] = {&rings[0], &rings[count - 1]};
  struct results_events_source source = {
      .rings = pointers, .ring_count = count, .phases = phases, .phase_count = 1};
  if (results_events_write_source(path, &source, error, sizeof error) ||
      results_events_load(path, events, error, sizeof error))
    fail_msg("%s", error);
  for (size_t index = 0; index < count; index++)
    gc_event_ring_finish(&rings[index]);
}

static void make_rings(struct gc_event_ring *rings, uint32_t count) {
  for (uint32_t index = 0; index < count; index++)
    assert_int_equal(gc_event_ring_init(&rings[index], index), 0);
}

static void assert_near(double value, double expected) {
  if (!(fabs(value - expected) <= fabs(expected) * 1e-9))
    fail_msg("%.15g instead of %.15g", value, expected);
}

static struct results_figures derive(const struct results_trial *trial,
                                     const struct results_events *events) {
  struct results_figures figures;
  struct results_pauses_list pauses;
  struct results_histogram histograms[RESULTS_KINDS] = {{0}};
  assert_int_equal(results_pauses_derive(events, &pauses), 0);
  assert_int_equal(results_figures_derive(trial, events, &pauses, &figures, histograms), 0);
  for (size_t kind = 0; kind < RESULTS_KINDS; kind++)
    results_histogram_finish(&histograms[kind]);
  results_pauses_finish(&pauses);
  return figures;
}

/* --- iterations --------------------------------------------------------------------------------
 */

static void put_stop(struct gc_event_ring *ring, uint64_t id, uint64_t begin_ms, uint64_t end_ms) {
  gc_event_write(ring, stop, .stop_id = id, .kind = GC_PAUSE_scavenge, .request_ns = begin_ms * MS,
                 .stopped_ns = begin_ms * MS, .work_end_ns = end_ms * MS, .resumed_ns = end_ms * MS,
                 .scavenge_ns = (end_ms - begin_ms) * MS, .nursery_before_bytes = 1000,
                 .survived_bytes = 100 * id);
  gc_event_write(ring, pause, .stop_id = id, .mutator = 0, .kind = GC_PAUSE_scavenge,
                 .begin_ns = begin_ms * MS, .end_ns = end_ms * MS);
}

static void put_iteration(struct gc_event_ring *ring, uint64_t mutator, uint64_t number,
                          const uint64_t times_ms[4]) {
  gc_event_write(ring, iteration, .mutator = mutator, .iteration = number, .is_warmup = number == 1,
                 .begin_ns = times_ms[0] * MS, .timed_begin_ns = times_ms[1] * MS,
                 .timed_end_ns = times_ms[2] * MS, .end_ns = times_ms[3] * MS);
  if (number > 1)
    gc_event_write(ring, timed, .mutator = mutator, .begin_ns = times_ms[1] * MS,
                   .end_ns = times_ms[2] * MS);
}

/* Mutator 0 and, one later and one earlier, mutator 1: a warm-up 1000 to 1100, iterations 1100 to
 * 1200, timed from 1120, and 1200 to 1320, timed from 1240. Stops of 10 in the warm-up, of 5 in both
 * fillings, of 4 in the first timed part, and of 8 in the second. */
static void warm_and_two(struct results_events *events) {
  struct gc_event_ring rings[2];
  static const uint64_t times_ms[2][3][4] = {
      {{1000, 1010, 1100, 1100}, {1100, 1120, 1200, 1200}, {1200, 1240, 1320, 1320}},
      {{1001, 1011, 1099, 1099}, {1101, 1121, 1199, 1199}, {1201, 1241, 1319, 1319}}};
  static const uint64_t stops_ms[5][2] = {
      {1050, 1060}, {1105, 1110}, {1150, 1154}, {1210, 1215}, {1250, 1258}};
  make_rings(rings, 2);
  for (uint64_t mutator = 0; mutator < 2; mutator++) {
    for (uint64_t number = 1; number <= 3; number++)
      put_iteration(&rings[0], mutator, number, times_ms[mutator][number - 1]);
    gc_event_write(&rings[0], mutator, .mutator = mutator, .attach_ns = 990 * MS,
                   .detach_ns = 1320 * MS);
  }
  for (uint64_t id = 1; id <= 5; id++)
    put_stop(&rings[1], id, stops_ms[id - 1][0], stops_ms[id - 1][1]);
  for (uint64_t request = 0; request < 6; request++) {
    uint64_t begin_ns = (request < 3 ? 1120 + 10 * request : 1240 + 10 * (request - 3)) * MS;
    gc_event_write(&rings[0], request, .arrival_ns = begin_ns, .begin_ns = begin_ns,
                   .end_ns = begin_ns + MS);
  }
  load(rings, 2, events);
}

static void warmup_is_cut(void **state) {
  (void)state;
  struct results_events events;
  warm_and_two(&events);
  assert_int_equal(results_measured_begin_ns(&events), 1100 * MS);
  uint64_t event_count = events.event_count;
  results_events_cut_warmup(&events);
  assert_int_equal(events.event_count, event_count);
  assert_int_equal(events.stop.count, 4);
  assert_int_equal(events.stop.items[0].stop_id, 2);
  assert_int_equal(events.pause.count, 4);
  assert_int_equal(events.iteration.count, 6);
  assert_int_equal(events.mutator.items[1].attach_ns, 1100 * MS);
  results_events_finish(&events);
}

static void figures_are_of_measured_iterations(void **state) {
  (void)state;
  struct results_events events;
  struct results_trial trial;
  warm_and_two(&events);
  results_events_cut_warmup(&events);
  results_trial_init(&trial);
  trial.result.wall_ns = 220 * MS;
  trial.result.timed_ns = 160 * MS;
  trial.result.operations = 320;
  trial.machine.cores = 2;
  struct results_figures figures = derive(&trial, &events);
  const struct results_distribution *pauses = &figures.wall[RESULTS_ALL_KINDS];
  assert_near(pauses->count, 2);
  assert_near(pauses->total_ns, 12.0 * MS);
  assert_near(pauses->percentile_ns[RESULTS_MAX], 8.0 * MS);
  assert_near(figures.time_to_safepoint.count, 2);
  assert_near(figures.operations_per_second, 2000);
  assert_near(figures.timed_ns, 160.0 * MS);
  assert_near(figures.iteration_ns, 80.0 * MS);
  assert_near(figures.last_iteration_ns, 80.0 * MS);
  assert_near(figures.warmup_ns, 100.0 * MS);
  assert_near(figures.utilisation, (76.0 + 72) / 160);
  assert_near(figures.mmu_10ms, 0.2);
  assert_near(figures.mmu_50ms, 42.0 / 50);
  assert_true(isnan(figures.mmu_100ms)); /* no iteration is as long */
  assert_near(figures.mmu_capacity_10ms, 0.2);
  assert_near(figures.stop_work_ns, (5.0 + 4 + 5 + 8) * MS);
  assert_near(figures.explicit_wall_ns, 0); /* of mutator 1, which was not paused */
  assert_near(figures.survival_ratio, (200.0 + 300 + 400 + 500) / 4000);
  results_trial_finish(&trial);
  results_events_finish(&events);
}

/* Requests come every 10 within an iteration, so none waited. Smoothed over the 100 between them,
 * the fourth would have been due at 1204. */
static void requests_are_metered_by_iterations(void **state) {
  (void)state;
  struct results_events events;
  struct results_intervals timed;
  struct results_latency latency[RESULTS_LATENCY_KINDS];
  warm_and_two(&events);
  results_events_cut_warmup(&events);
  assert_int_equal(results_timed_intervals(&events, &timed), 0);
  assert_int_equal(timed.count, 2);
  assert_int_equal(timed.items[0].begin_ns, 1120 * MS);
  assert_int_equal(timed.items[1].end_ns, 1320 * MS);
  assert_int_equal(results_latency_derive(&events, &timed, latency), 0);
  assert_near(latency[RESULTS_LATENCY_METERED_FULL].percentile_ns[RESULTS_LATENCY_MAX], 1.0 * MS);
  struct results_intervals one = {.items = timed.items, .count = 1};
  one.items[0].end_ns = 1320 * MS;
  assert_int_equal(results_latency_derive(&events, &one, latency), 0);
  assert_near(latency[RESULTS_LATENCY_METERED_FULL].percentile_ns[RESULTS_LATENCY_MAX], 37.0 * MS);
  results_intervals_finish(&timed);
  results_events_finish(&events);
}

/* --- time taken out ----------------------------------------------------------------------------
 */

/* Timed 50 to 250. A stop from 100 to 136 in which floating garbage is found, 110 to 130; another
 * from 160 to 166, in which that takes 1. */
static void with_floating_garbage(struct results_events *events) {
  struct gc_event_ring ring;
  make_rings(&ring, 1);
  gc_event_write(&ring, mutator, .mutator = 0, .attach_ns = 50 * MS, .detach_ns = 250 * MS);
  gc_event_write(&ring, timed, .mutator = 0, .begin_ns = 50 * MS, .end_ns = 250 * MS);
  put_stop(&ring, 1, 100, 136);
  put_stop(&ring, 2, 160, 166);
  gc_event_write(&ring, floating_garbage, .cycle = 2, .stop_id = 2, .begin_ns = 165 * MS,
                 .end_ns = 166 * MS, .cpu_ns = MS, .is_known = 1, .marked_bytes = 3000,
                 .floating_bytes = 100);
  gc_event_write(&ring, floating_garbage, .cycle = 1, .stop_id = 1, .begin_ns = 110 * MS,
                 .end_ns = 130 * MS, .cpu_ns = 18 * MS, .is_known = 1, .marked_bytes = 1000,
                 .floating_bytes = 300);
  load(&ring, 1, events);
}

static void finding_is_charged_to_nothing(void **state) {
  (void)state;
  struct results_events events;
  struct results_trial trial;
  with_floating_garbage(&events);
  results_trial_init(&trial);
  trial.result.wall_ns = trial.result.timed_ns = 200 * MS;
  trial.result.cpu_user_ns = 100 * MS;
  trial.heap.stop_ns = 42 * MS;
  trial.machine.cores = 1;
  struct results_figures figures = derive(&trial, &events);
  const struct results_distribution *pauses = &figures.wall[RESULTS_ALL_KINDS];
  assert_near(pauses->count, 2);
  assert_near(pauses->total_ns, (16.0 + 5) * MS);
  assert_near(figures.stopped_ns, 21.0 * MS);
  assert_near(figures.stop_work_ns, 21.0 * MS);
  assert_near(figures.wall_ns, 179.0 * MS);
  assert_near(figures.timed_ns, 179.0 * MS);
  assert_near(figures.cpu_ns, 81.0 * MS);
  assert_near(figures.utilisation, (179.0 - 21) / 179);
  assert_near(figures.mmu_50ms, (50.0 - 16 - 5) / 50); /* from 100 to 116 and 140 to 145 */
  assert_near(figures.mmu_capacity_50ms, (50.0 - 16 - 5) / 50);
  assert_near(figures.floating_bytes, 200);
  assert_near(figures.floating_ratio, 400.0 / 4000);
  assert_near(figures.floating_finding_ns, 21.0 * MS);
  results_trial_finish(&trial);
  results_events_finish(&events);
}

/* Every moment is set to 1000, every length to 300: after 20 were taken out, all moments are 980. A
 * field that is new and measured in ns is one or the other. */
static void every_moment_is_moved(void **state) {
  (void)state;
  struct results_events events;
  struct gc_event_ring ring;
  make_rings(&ring, 1);
  gc_event_write(&ring, floating_garbage, .begin_ns = 100 * MS, .end_ns = 120 * MS);
  for (size_t number = 0; number < GC_EVENT_NUMBERS; number++) {
    const struct gc_event_description *event = &gc_event_descriptions[number];
    uint64_t fields[64] = {0};
    for (size_t index = 0; index < event->field_count; index++)
      if (strcmp(event->fields[index].unit, "ns") == 0)
        fields[index] = 1000 * MS;
    if (number != GC_EVENT_floating_garbage)
      gc_event_ring_write(&ring, (enum gc_event_number)number, fields, event->field_count);
  }
  load(&ring, 1, &events);
  assert_int_equal(events.taken_out_ns, 20 * MS);
#define GC_EVENT_BEGIN(name, description)
#define GC_EVENT_FIELD(event, field, unit, description)                                            \
  if (strcmp(#unit, "ns") == 0 && GC_EVENT_##event != GC_EVENT_floating_garbage) {                 \
    bool is_length = strstr(#field, "cpu") != NULL || strcmp(#field, "scavenge_ns") == 0 ||        \
                     strcmp(#field, "step_ns") == 0;                                               \
    if (events.event.items[0].field != (is_length ? 1000 * MS : 980 * MS))                         \
      fail_msg("%s of %s was %s", #field, #event, is_length ? "moved" : "not moved");              \
  }
#define GC_EVENT_END(name)
#include "heap/event.def"
#undef GC_EVENT_BEGIN
#undef GC_EVENT_FIELD
#undef GC_EVENT_END
  results_events_finish(&events);
}

static int make_path(void **state) {
  (void)state;
  int file = mkstemp(path);
  return file < 0 ? -1 : close(file);
}

static int remove_path(void **state) {
  (void)state;
  return unlink(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(warmup_is_cut),
      cmocka_unit_test(figures_are_of_measured_iterations),
      cmocka_unit_test(requests_are_metered_by_iterations),
      cmocka_unit_test(finding_is_charged_to_nothing),
      cmocka_unit_test(every_moment_is_moved),
  };
  return cmocka_run_group_tests(tests, make_path, remove_path);
}
