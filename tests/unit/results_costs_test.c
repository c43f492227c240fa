/* Explicit and distilled costs, the split of wall time, survival and fragmentation, on events small
 * enough to compute by hand.
 *
 * Presets: release debug asan
 */
#include "results/costs.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define US UINT64_C(1000)

static char path[] = "/tmp/tricolor-costs-XXXXXX";

static void assert_near(double actual, double expected) {
  if (!(fabs(actual - expected) < 1e-6))
    fail_msg("%.12g instead of %.12g", actual, expected);
}

/* Writes the rings and reads them back: what is derived went through the format. */
static void load(struct gc_event_ring *rings, size_t count, struct results_events *events) {
  static const char *const phases[] = {"scavenge", "mark"};
  const struct gc_event_ring *pointers[4];
  char error[512];
  for (size_t index = 0; index < count; index++)
    pointers[index] = &rings[index];
  struct results_events_source source = {
      .rings = pointers, .ring_count = count, .phases = phases, .phase_count = 2};
  if (results_events_write_source(path, &source, error, sizeof error) ||
      results_events_load(path, events, error, sizeof error))
    fail_msg("%s", error);
  for (size_t index = 0; index < count; index++)
    gc_event_ring_finish(&rings[index]);
}

/* Times in us. Two mutators live from 0 to 1000 and to 900. Stop 1: requested at 100, stopped at 110,
 * work to 190, resumed at 200; mutator 0 asked for it, mutator 1 was paused from 105 to 205. Stop 2 the
 * same from 500 on, half as long. Mutator 0 assists for 50 at 300, of which 40 were on a processor;
 * mutator 1 sweeps for 5 at 300 and for 30 at 400, and no phase tells of that, and it waits for memory
 * for 10 at 450. A collector thread (ring 2) marks for 400, 250 of it on a processor. */
static void two_mutators(struct results_events *events) {
  struct gc_event_ring rings[3];
  for (uint32_t index = 0; index < 3; index++)
    assert_int_equal(gc_event_ring_init(&rings[index], index), 0);
  for (uint64_t stop = 1; stop <= 2; stop++) {
    uint64_t begin_ns = stop == 1 ? 100 * US : 500 * US, part_ns = 10 * US / stop;
    gc_event_write(&rings[0], stop, .stop_id = stop, .kind = GC_PAUSE_scavenge,
                   .request_ns = begin_ns, .stopped_ns = begin_ns + part_ns,
                   .work_end_ns = begin_ns + 9 * part_ns, .resumed_ns = begin_ns + 10 * part_ns,
                   .scavenge_ns = 8 * part_ns, .nursery_before_bytes = 1000,
                   .survived_bytes = 200 * stop, .promoted_bytes = 50);
    gc_event_write(&rings[0], phase, .stop_id = stop, .phase = 0, .begin_ns = begin_ns + part_ns,
                   .end_ns = begin_ns + 9 * part_ns, .cpu_ns = 7 * part_ns);
    gc_event_write(&rings[2], phase, .stop_id = stop, .phase = 0, .begin_ns = begin_ns + part_ns,
                   .end_ns = begin_ns + 2 * part_ns); /* too short to be measured: wall time */
    gc_event_write(&rings[0], pause, .stop_id = stop, .mutator = 0, .kind = GC_PAUSE_scavenge,
                   .begin_ns = begin_ns, .end_ns = begin_ns + 10 * part_ns);
    gc_event_write(&rings[1], pause, .stop_id = stop, .mutator = 1, .kind = GC_PAUSE_scavenge,
                   .begin_ns = begin_ns + part_ns / 2, .end_ns = begin_ns + part_ns * 21 / 2);
  }
  gc_event_write(&rings[0], pause, .mutator = 0, .kind = GC_PAUSE_assist, .begin_ns = 300 * US,
                 .end_ns = 350 * US);
  gc_event_write(&rings[0], phase, .phase = 1, .begin_ns = 300 * US, .end_ns = 350 * US,
                 .cpu_ns = 40 * US);
  gc_event_write(&rings[1], pause, .mutator = 1, .kind = GC_PAUSE_lazy_sweep, .begin_ns = 300 * US,
                 .end_ns = 305 * US);
  gc_event_write(&rings[1], pause, .mutator = 1, .kind = GC_PAUSE_lazy_sweep, .begin_ns = 400 * US,
                 .end_ns = 430 * US);
  gc_event_write(&rings[1], pause, .mutator = 1, .kind = GC_PAUSE_allocation_stall,
                 .begin_ns = 450 * US, .end_ns = 460 * US);
  gc_event_write(&rings[2], phase, .phase = 1, .begin_ns = 550 * US, .end_ns = 950 * US,
                 .cpu_ns = 250 * US);
  gc_event_write(&rings[0], mutator, .mutator = 0, .attach_ns = 0, .detach_ns = 1000 * US);
  gc_event_write(&rings[1], mutator, .mutator = 1, .attach_ns = 0, .detach_ns = 900 * US);
  gc_event_write(&rings[0], timed, .mutator = 0, .begin_ns = 150 * US, .end_ns = 1000 * US);
  gc_event_write(&rings[0], sample, .time_ns = 140 * US, .old_bytes = 1, .old_blocks_bytes = 4096,
                 .committed_bytes = 9000, .metadata_bytes = 70); /* before the timed part */
  gc_event_write(&rings[0], sample, .time_ns = 190 * US, .old_bytes = 1000,
                 .old_blocks_bytes = 2000, .committed_bytes = 5000, .metadata_bytes = 90);
  gc_event_write(&rings[0], sample, .time_ns = 550 * US, .old_bytes = 500, .old_blocks_bytes = 2000,
                 .committed_bytes = 5000, .external_bytes = 3, .external_before_bytes = 8);
  load(rings, 3, events);
}

static void derive(const struct results_events *events, struct results_figures *figures) {
  struct results_trial trial;
  struct results_pauses_list pauses;
  struct results_histogram histograms[RESULTS_KINDS] = {0};
  results_trial_init(&trial);
  trial.machine.cores = 2;
  trial.result.wall_ns = 1000 * US;
  trial.result.cpu_user_ns = 1500 * US;
  trial.result.cpu_system_ns = 200 * US;
  trial.heap.allocated_bytes = 4000;
  trial.heap.promoted_bytes = 100;
  trial.heap.survived_bytes = 140;
  trial.heap.marked_bytes = 2900;
  trial.configuration.heap_bytes = 1000;
  trial.configuration.heap_multiple = 2;
  assert_int_equal(results_pauses_derive(events, &pauses), 0);
  assert_int_equal(results_figures_derive(&trial, events, &pauses, figures, histograms), 0);
  for (size_t kind = 0; kind < RESULTS_KINDS; kind++)
    results_histogram_finish(&histograms[kind]);
  results_pauses_finish(&pauses);
  results_trial_finish(&trial);
}

static void wall_time_by_hand(void **state) {
  (void)state;
  struct results_events events;
  struct results_figures figures;
  two_mutators(&events);
  derive(&events, &figures);
  assert_near(figures.transition_ns, (20 + 10) * 1e3);
  assert_near(figures.stop_work_ns, (80 + 40) * 1e3);
  assert_near(figures.without_stop_total_ns, (50 + 5 + 30 + 10) / 2.0 * 1e3);
  assert_near(figures.mutator_ns, (1000 - 30 - 120 - 47.5) * 1e3);
  /* Mutator 0: 100 + 50 and 50 of assisting. Mutator 1: 100 + 50, 45, and 100 after its end. */
  assert_near(figures.explicit_wall_ns, 200 * 1e3);
  assert_near(figures.distilled_wall_ns, 800 * 1e3);
  results_events_finish(&events);
}

static void cpu_time_by_hand(void **state) {
  (void)state;
  struct results_events events;
  struct results_figures figures;
  two_mutators(&events);
  derive(&events, &figures);
  assert_near(figures.stopped_cpu_ns, (70 + 10 + 35 + 5) * 1e3);
  assert_near(figures.on_mutators_cpu_ns, (40 + 5 + 20) * 1e3); /* of 30, what is certain */
  assert_near(figures.concurrent_cpu_ns, 250 * 1e3);
  assert_near(figures.explicit_cpu_ns, 435 * 1e3);
  assert_near(figures.distilled_cpu_ns, (1700 - 435) * 1e3);
  /* Scavenges took 120 us for 240 bytes, marking 290 us for 2900; nothing was swept. */
  assert_near(figures.scavenge_bytes_per_second, 2e6);
  assert_near(figures.mark_bytes_per_second, 10e6);
  assert_true(isnan(figures.sweep_bytes_per_second));
  assert_near(figures.turnover_ratio, 4000 / 500.0);
  results_events_finish(&events);
}

static void memory_by_hand(void **state) {
  (void)state;
  struct results_events events;
  struct results_figures figures;
  two_mutators(&events);
  derive(&events, &figures);
  assert_near(figures.allocation_bytes_per_second, 4000 / 1e-3);
  assert_near(figures.promotion_bytes_per_second, 100 / 1e-3);
  assert_near(figures.survival_ratio, (200 + 400 + 100) / 2000.0);
  assert_near(figures.promotion_ratio, 100 / 2000.0);
  assert_near(figures.fragmentation_ratio, (0.2 + 0.3) / 2);
  assert_near(figures.peak_committed_bytes, 9000);
  assert_near(figures.peak_metadata_bytes, 90);
  assert_near(figures.peak_external_bytes, 8);
  assert_true(isnan(figures.cycles));
  results_events_finish(&events);
}

/* Pauses that overlap are counted once; files that do not say what blocks occupy have no
 * fragmentation; an open loop has no distilled wall time. */
static void what_is_not_known(void **state) {
  (void)state;
  struct results_events events;
  struct results_figures figures;
  struct gc_event_ring ring;
  assert_int_equal(gc_event_ring_init(&ring, 0), 0);
  gc_event_write(&ring, pause, .mutator = 0, .kind = GC_PAUSE_lazy_sweep, .begin_ns = 100 * US,
                 .end_ns = 200 * US);
  gc_event_write(&ring, pause, .mutator = 0, .kind = GC_PAUSE_lazy_sweep, .begin_ns = 150 * US,
                 .end_ns = 160 * US);
  gc_event_write(&ring, pause, .mutator = 0, .kind = GC_PAUSE_lazy_sweep, .begin_ns = 190 * US,
                 .end_ns = 220 * US);
  gc_event_write(&ring, mutator, .mutator = 0, .attach_ns = 0, .detach_ns = 1000 * US);
  gc_event_write(&ring, sample, .time_ns = 500 * US, .old_bytes = 500, .committed_bytes = 5000);
  gc_event_write(&ring, request, .arrival_ns = 10, .begin_ns = 20, .end_ns = 30);
  load(&ring, 1, &events);
  derive(&events, &figures);
  assert_near(figures.explicit_wall_ns, 120 * 1e3);
  assert_true(isnan(figures.distilled_wall_ns));
  assert_true(isnan(figures.fragmentation_ratio));
  assert_true(isnan(figures.survival_ratio));
  results_events_finish(&events);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wall_time_by_hand),
      cmocka_unit_test(cpu_time_by_hand),
      cmocka_unit_test(memory_by_hand),
      cmocka_unit_test(what_is_not_known),
  };
  int descriptor = mkstemp(path);
  if (descriptor < 0)
    return 1;
  close(descriptor);
  int status = cmocka_run_group_tests(tests, NULL, NULL);
  unlink(path);
  return status;
}
