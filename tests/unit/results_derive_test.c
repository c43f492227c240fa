/* Pauses joined with stops, what counts, CPU times that were not measured, and utilisation in both
 * views, on events small enough to compute by hand. Times in the comments are in ms.
 */
#include "results/figures.h"
#include "results/work.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)

static char path[] = "/tmp/tricolor-derive-XXXXXX";
static char error[1024];

/* Writes rings to the file and loads it: what is derived went through the format. */
static void load_with(struct gc_event_ring *rings, size_t count, const char *const *phases,
                      size_t phase_count, struct results_events *events) {
  const struct gc_event_ring *pointers[4];
  for (size_t index = 0; index < count; index++)
    pointers[index] = &rings[index];
  struct results_events_source source = {
      .rings = pointers, .ring_count = count, .phases = phases, .phase_count = phase_count};
  if (results_events_write_source(path, &source, error, sizeof error) ||
      results_events_load(path, events, error, sizeof error))
    fail_msg("%s", error);
  for (size_t index = 0; index < count; index++)
    gc_event_ring_finish(&rings[index]);
}

static void load(struct gc_event_ring *rings, size_t count, struct results_events *events) {
  static const char *const phases[] = {"mark"};
  load_with(rings, count, phases, 1, events);
}

static void make_rings(struct gc_event_ring *rings, uint32_t count) {
  for (uint32_t index = 0; index < count; index++)
    assert_int_equal(gc_event_ring_init(&rings[index], index), 0);
}

/* Two mutators, timed 100 to 200. Stop 2 (150 to 154) was measured, stop 1 (90 to 92, before) and
 * stop 3 (160, 10 us) were not. Mutator 1 assists at 170 for 3, on a ring where a phase covers the
 * same 3. */
static void two_mutators(struct results_events *events) {
  struct gc_event_ring rings[2];
  make_rings(rings, 2);
  gc_event_write(&rings[1], timed, .mutator = 1, .begin_ns = 100 * MS, .end_ns = 200 * MS);
  gc_event_write(&rings[0], timed, .mutator = 0, .begin_ns = 100 * MS, .end_ns = 200 * MS);
  gc_event_write(&rings[0], stop, .stop_id = 3, .kind = GC_PAUSE_scavenge, .request_ns = 160 * MS,
                 .stopped_ns = 160 * MS + 2000, .resumed_ns = 160 * MS + 10000);
  gc_event_write(&rings[0], stop, .stop_id = 1, .kind = GC_PAUSE_scavenge, .request_ns = 90 * MS,
                 .stopped_ns = 90 * MS, .resumed_ns = 92 * MS);
  gc_event_write(&rings[0], stop, .stop_id = 2, .cycle = 1, .kind = GC_PAUSE_full,
                 .reason = GC_REASON_last_resort, .request_ns = 150 * MS, .stopped_ns = 151 * MS,
                 .work_end_ns = 153 * MS, .resumed_ns = 154 * MS, .cpu_ns = 2 * MS,
                 .cpu_total_ns = 3 * MS);
  gc_event_write(&rings[0], pause, .stop_id = 2, .mutator = 0, .kind = GC_PAUSE_full,
                 .begin_ns = 150 * MS, .end_ns = 154 * MS);
  gc_event_write(&rings[1], pause, .stop_id = 2, .mutator = 1, .kind = GC_PAUSE_full,
                 .begin_ns = 151 * MS, .end_ns = 156 * MS);
  gc_event_write(&rings[0], pause, .stop_id = 1, .mutator = 0, .kind = GC_PAUSE_scavenge,
                 .begin_ns = 90 * MS, .end_ns = 92 * MS);
  gc_event_write(&rings[0], pause, .stop_id = 3, .mutator = 0, .kind = GC_PAUSE_scavenge,
                 .begin_ns = 160 * MS, .end_ns = 160 * MS + 10000);
  gc_event_write(&rings[1], pause, .mutator = 1, .kind = GC_PAUSE_assist, .begin_ns = 170 * MS,
                 .end_ns = 173 * MS);
  gc_event_write(&rings[1], phase, .phase = 0, .begin_ns = 170 * MS, .end_ns = 173 * MS);
  gc_event_write(&rings[1], pause, .mutator = 1, .kind = GC_PAUSE_barrier_slow,
                 .begin_ns = 180 * MS, .end_ns = 180 * MS + 999);
  gc_event_write(&rings[1], pause, .mutator = 1, .kind = GC_PAUSE_barrier_slow,
                 .begin_ns = 181 * MS, .end_ns = 181 * MS + 1000);
  load(rings, 2, events);
}

static void pauses_are_joined_and_sorted(void **state) {
  (void)state;
  struct results_events events;
  struct results_pauses_list pauses;
  two_mutators(&events);
  assert_int_equal(results_pauses_derive(&events, &pauses), 0);
  assert_int_equal(pauses.count, 7);
  const struct results_pause *before = &pauses.items[0], *first = &pauses.items[1];
  const struct results_pause *second = &pauses.items[2], *assist = &pauses.items[4];
  assert_false(before->is_timed);
  assert_true(first->is_timed);
  assert_int_equal(first->mutator, 0);
  assert_int_equal(first->wall_ns, 4 * MS);
  assert_int_equal(first->stop.reason, GC_REASON_last_resort);
  assert_true(first->has_cpu);
  assert_int_equal(second->mutator, 1);
  assert_int_equal(second->wall_ns, 5 * MS);
  assert_int_equal(second->resumed_ns, 156 * MS);
  assert_int_equal(second->stop.stopped_ns, 151 * MS);
  assert_true(pauses.items[3].has_stop);
  assert_false(pauses.items[3].has_cpu);
  assert_false(assist->has_stop);
  assert_int_equal(assist->kind, GC_PAUSE_assist);
  results_pauses_finish(&pauses);
  results_events_finish(&events);
}

static void figures_count_what_is_timed(void **state) {
  (void)state;
  struct results_events events;
  struct results_pauses_list pauses;
  struct results_trial trial;
  struct results_figures figures;
  struct results_histogram histograms[RESULTS_KINDS] = {0};
  two_mutators(&events);
  assert_int_equal(results_pauses_derive(&events, &pauses), 0);
  results_trial_init(&trial);
  trial.machine.cores = 2;
  trial.result.operations = 50;
  trial.result.timed_ns = 100 * MS;
  assert_int_equal(results_figures_derive(&trial, &events, &pauses, &figures, histograms), 0);
  assert_true(figures.operations_per_second == 500);
  assert_true(figures.wall[GC_PAUSE_scavenge].count == 1);
  assert_true(figures.wall[GC_PAUSE_full].count == 2);
  assert_true(figures.wall[GC_PAUSE_full].percentile_ns[RESULTS_MAX] == 5e6);
  assert_true(isnan(figures.wall[GC_PAUSE_full].percentile_ns[RESULTS_P50]));
  assert_true(figures.cpu[GC_PAUSE_full].count == 2);
  assert_true(figures.cpu[GC_PAUSE_scavenge].count == 0);
  assert_true(figures.wall[GC_PAUSE_barrier_slow].count == 1);
  assert_true(figures.short_count == 1);
  assert_true(figures.short_ns == 999);
  assert_true(figures.wall[RESULTS_ALL_KINDS].count == 5);
  assert_int_equal(histograms[RESULTS_ALL_KINDS].total_count, 5);
  assert_true(figures.time_to_safepoint.count == 2);
  assert_true(figures.time_to_safepoint.percentile_ns[RESULTS_MAX] == 1e6);
  for (size_t kind = 0; kind < RESULTS_KINDS; kind++)
    results_histogram_finish(&histograms[kind]);
  results_pauses_finish(&pauses);
  results_events_finish(&events);
}

static void assert_near(double actual, double expected) {
  if (!(fabs(actual - expected) < 1e-9))
    fail_msg("%.12g instead of %.12g", actual, expected);
}

/* Mutator 1 is paused 5 in a row, 8.002 of the 100; in capacity the stops take 4.01 twice and the
 * assist 3 of one of two processors, though a phase and a pause both tell of it. */
static void utilisation_in_both_views(void **state) {
  (void)state;
  struct results_events events;
  struct results_pauses_list pauses;
  struct results_utilisation_figures figures;
  two_mutators(&events);
  assert_int_equal(results_pauses_derive(&events, &pauses), 0);
  assert_int_equal(results_utilisation_derive(&events, &pauses, 2, &figures), 0);
  assert_near(figures.mmu[0], 0);
  assert_near(figures.mmu[1], 5.0 / 10);
  assert_near(figures.mmu[3], 1 - (5 + 3 + 0.001999) / 100);
  assert_near(figures.utilisation, figures.mmu[3]);
  assert_near(figures.mmu_capacity[0], 0);
  assert_near(figures.mmu_capacity[1], 6.0 / 10);
  assert_near(figures.mmu_capacity[3], 1 - (4.01 + (3 + 0.001999) / 2) / 100);
  results_pauses_finish(&pauses);
  results_events_finish(&events);
}

/* A collector thread that marks for 40 of 100 beside one mutator: nothing to the mutator, half of
 * two processors to the program; of one processor, everything. */
static void concurrent_work_takes_capacity(void **state) {
  (void)state;
  struct gc_event_ring rings[2];
  struct results_events events;
  struct results_pauses_list pauses;
  struct results_utilisation_figures figures;
  make_rings(rings, 2);
  gc_event_write(&rings[0], mutator, .attach_ns = 0, .detach_ns = 100 * MS);
  gc_event_write(&rings[1], phase, .begin_ns = 20 * MS, .end_ns = 60 * MS);
  gc_event_write(&rings[0], pause, .kind = GC_PAUSE_allocation_stall, .begin_ns = 50 * MS,
                 .end_ns = 58 * MS);
  load(rings, 2, &events);
  assert_int_equal(results_pauses_derive(&events, &pauses), 0);
  assert_int_equal(results_utilisation_derive(&events, &pauses, 2, &figures), 0);
  assert_near(figures.mmu[1], 0.2);
  assert_near(figures.mmu_capacity[0], 0.5);
  assert_near(figures.mmu_capacity[3], 0.8);
  assert_int_equal(results_utilisation_derive(&events, &pauses, 1, &figures), 0);
  assert_near(figures.mmu_capacity[1], 0);
  assert_near(figures.mmu_capacity[3], 0.6);
  results_pauses_finish(&pauses);
  results_events_finish(&events);
}

/* Two mutators and a collector thread, timed 0 to 100. The collector thread asks for both stops and
 * is no mutator: cycle_begin (stop 1, at 10, too short to be measured, 8 us of which 3 scavenge) and
 * remark (stop 2, at 70 for 2, of 1.5 on the critical path 1.2 scavenge). It marks from 20 to 60.
 * Mutator 0 sweeps for 0.5 at 30, 0.4 of it measured, and for 5 us at 40; mutator 1 assists for 1 at
 * 50, not measured, and waits for 3 at 80. */
static void a_concurrent_cycle(struct results_events *events) {
  enum { phase_mark, phase_scavenge, phase_sweep };
  struct gc_event_ring rings[3];
  make_rings(rings, 3);
  for (uint64_t mutator = 0; mutator < 2; mutator++) {
    gc_event_write(&rings[mutator], timed, .mutator = mutator, .begin_ns = 0, .end_ns = 100 * MS);
    gc_event_write(&rings[mutator], pause, .stop_id = 1, .mutator = mutator,
                   .kind = GC_PAUSE_cycle_begin, .begin_ns = 10 * MS, .end_ns = 10 * MS + 9000);
    gc_event_write(&rings[mutator], pause, .stop_id = 2, .mutator = mutator,
                   .kind = GC_PAUSE_remark, .begin_ns = 70 * MS, .end_ns = 72 * MS);
  }
  gc_event_write(&rings[2], stop, .stop_id = 1, .kind = GC_PAUSE_cycle_begin,
                 .requester = UINT64_MAX, .request_ns = 10 * MS, .stopped_ns = 10 * MS + 100,
                 .work_end_ns = 10 * MS + 8100, .resumed_ns = 10 * MS + 9000, .scavenge_ns = 3000);
  gc_event_write(&rings[2], stop, .stop_id = 2, .kind = GC_PAUSE_remark, .requester = UINT64_MAX,
                 .request_ns = 70 * MS, .stopped_ns = 70 * MS, .work_end_ns = 72 * MS,
                 .resumed_ns = 72 * MS, .cpu_ns = 3 * MS / 2, .cpu_total_ns = 2 * MS,
                 .scavenge_ns = 3 * MS / 2, .scavenge_cpu_ns = 6 * MS / 5);
  gc_event_write(&rings[2], phase, .phase = phase_mark, .begin_ns = 20 * MS, .end_ns = 60 * MS,
                 .cpu_ns = 38 * MS);
  gc_event_write(&rings[2], phase, .stop_id = 2, .phase = phase_scavenge, .begin_ns = 70 * MS,
                 .end_ns = 71 * MS, .cpu_ns = MS);
  gc_event_write(&rings[1], phase, .stop_id = 2, .phase = phase_scavenge, .begin_ns = 70 * MS,
                 .end_ns = 70 * MS + 10000);
  gc_event_write(&rings[0], phase, .phase = phase_sweep, .begin_ns = 30 * MS,
                 .end_ns = 30 * MS + MS / 2, .cpu_ns = 2 * MS / 5);
  gc_event_write(&rings[0], pause, .mutator = 0, .kind = GC_PAUSE_lazy_sweep, .begin_ns = 30 * MS,
                 .end_ns = 30 * MS + MS / 2);
  gc_event_write(&rings[0], pause, .mutator = 0, .kind = GC_PAUSE_lazy_sweep, .begin_ns = 40 * MS,
                 .end_ns = 40 * MS + 5000);
  gc_event_write(&rings[1], pause, .mutator = 1, .kind = GC_PAUSE_assist, .begin_ns = 50 * MS,
                 .end_ns = 51 * MS);
  gc_event_write(&rings[1], pause, .mutator = 1, .kind = GC_PAUSE_allocation_stall,
                 .begin_ns = 80 * MS, .end_ns = 83 * MS);
  load_with(rings, 3, (const char *const[]){"mark", "scavenge", "sweep"}, 3, events);
}

static void stops_of_a_collector_thread_are_joined(void **state) {
  (void)state;
  struct results_events events;
  struct results_pauses_list pauses;
  struct results_trial trial;
  struct results_figures figures;
  struct results_histogram histograms[RESULTS_KINDS] = {0};
  a_concurrent_cycle(&events);
  assert_int_equal(results_pauses_derive(&events, &pauses), 0);
  assert_int_equal(pauses.count, 8);
  assert_true(pauses.items[0].has_stop);
  assert_false(pauses.items[0].has_cpu);
  assert_true(pauses.items[0].has_own);
  assert_int_equal(pauses.items[0].own_ns, 5000);
  const struct results_pause *sweep = &pauses.items[2], *assist = &pauses.items[4];
  assert_int_equal(sweep->kind, GC_PAUSE_lazy_sweep);
  assert_true(sweep->has_cpu);
  assert_int_equal(sweep->cpu_ns, 2 * MS / 5);
  assert_int_equal(assist->kind, GC_PAUSE_assist);
  assert_false(assist->has_cpu);
  assert_false(assist->has_own);

  results_trial_init(&trial);
  trial.machine.cores = 2;
  assert_int_equal(results_figures_derive(&trial, &events, &pauses, &figures, histograms), 0);
  assert_true(figures.own[GC_PAUSE_remark].count == 2);
  assert_true(figures.own[GC_PAUSE_remark].percentile_ns[RESULTS_MAX] == 0.3e6);
  assert_true(figures.own[RESULTS_ALL_KINDS].count == 6);
  assert_true(figures.own[RESULTS_ALL_KINDS].percentile_ns[RESULTS_MAX] == 0.4e6);
  assert_true(figures.without_stop_ns[GC_PAUSE_lazy_sweep] == 505000);
  assert_true(figures.without_stop_ns[GC_PAUSE_assist] == 1e6);
  assert_true(figures.without_stop_ns[GC_PAUSE_remark] == 0);
  for (size_t kind = 0; kind < RESULTS_KINDS; kind++)
    results_histogram_finish(&histograms[kind]);
  results_pauses_finish(&pauses);
  results_events_finish(&events);
}

static void assert_work(struct results_work work, uint64_t wall_ns, uint64_t cpu_ns) {
  assert_int_equal(work.wall_ns, wall_ns);
  assert_int_equal(work.cpu_ns, cpu_ns);
}

/* A share too short to be measured counts with its wall time; two threads at work in one phase of a
 * stop are as long as the longer of them. */
static void work_is_told_apart_by_place(void **state) {
  (void)state;
  struct results_events events;
  struct results_phase_work phases[3] = {0};
  a_concurrent_cycle(&events);
  assert_int_equal(results_work_derive(&events, phases), 0);
  assert_work(phases[0].places[RESULTS_BESIDE], 40 * MS, 38 * MS);
  assert_work(phases[0].places[RESULTS_STOPPED], 0, 0);
  assert_work(phases[1].places[RESULTS_STOPPED], MS, MS + 10000);
  assert_int_equal(phases[1].count, 2);
  assert_work(phases[2].places[RESULTS_ON_MUTATORS], MS / 2, 2 * MS / 5);
  assert_work(phases[2].places[RESULTS_BESIDE], 0, 0);
  results_events_finish(&events);
}

static void gaps_of_a_control_trial(void **state) {
  (void)state;
  struct gc_event_ring rings[1];
  struct results_events events;
  struct results_pauses_list pauses;
  struct results_trial trial;
  struct results_figures figures;
  struct results_histogram histograms[RESULTS_KINDS] = {0};
  make_rings(rings, 1);
  gc_event_write(&rings[0], timed, .begin_ns = 0, .end_ns = 50 * MS);
  gc_event_write(&rings[0], gap, .begin_ns = 10 * MS, .end_ns = 12 * MS, .cpu_ns = 500);
  gc_event_write(&rings[0], gap, .begin_ns = 20 * MS, .end_ns = 20 * MS + 3000);
  load(rings, 1, &events);
  results_trial_init(&trial);
  trial.machine.cores = 2;
  assert_int_equal(results_pauses_derive(&events, &pauses), 0);
  assert_int_equal(results_figures_derive(&trial, &events, &pauses, &figures, histograms), 0);
  assert_true(figures.wall[RESULTS_ALL_KINDS].count == 2);
  assert_true(figures.cpu[RESULTS_ALL_KINDS].count == 1);
  assert_true(figures.cpu[RESULTS_ALL_KINDS].percentile_ns[RESULTS_MAX] == 500);
  assert_near(figures.mmu_10ms, 0.8);
  assert_near(figures.mmu_capacity_10ms, 0.9);
  assert_true(isnan(figures.mmu_100ms));
  results_histogram_finish(&histograms[RESULTS_ALL_KINDS]);
  results_pauses_finish(&pauses);
  results_events_finish(&events);
}

static void aggregates_skip_what_is_not_known(void **state) {
  (void)state;
  struct results_figures *trials = calloc(3, sizeof *trials);
  assert_non_null(trials);
  double values[] = {3, NAN, 1};
  for (size_t index = 0; index < 3; index++)
    trials[index].wall_ns = trials[index].time_to_safepoint.percentile_ns[RESULTS_MAX] =
        values[index];
  assert_true(results_figures_aggregate(trials, 3, RESULTS_MEDIAN).wall_ns == 2);
  assert_true(results_figures_aggregate(trials, 3, RESULTS_LEAST).wall_ns == 1);
  assert_true(results_figures_aggregate(trials, 3, RESULTS_SUM).wall_ns == 4);
  struct results_figures largest = results_figures_aggregate(trials, 3, RESULTS_LARGEST);
  assert_true(largest.time_to_safepoint.percentile_ns[RESULTS_MAX] == 3);
  assert_true(isnan(results_figures_aggregate(trials, 0, RESULTS_MEDIAN).wall_ns));
  free(trials);
}

static int set_up(void **state) {
  (void)state;
  int file = mkstemp(path);
  return file < 0 ? -1 : close(file);
}

static int tear_down(void **state) {
  (void)state;
  return unlink(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pauses_are_joined_and_sorted),
      cmocka_unit_test(figures_count_what_is_timed),
      cmocka_unit_test(utilisation_in_both_views),
      cmocka_unit_test(concurrent_work_takes_capacity),
      cmocka_unit_test(stops_of_a_collector_thread_are_joined),
      cmocka_unit_test(work_is_told_apart_by_place),
      cmocka_unit_test(gaps_of_a_control_trial),
      cmocka_unit_test(aggregates_skip_what_is_not_known),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
