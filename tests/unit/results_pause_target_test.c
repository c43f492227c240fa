/* Pauses against their target, of trials whose pauses, phases and stops are known: which count and
 * how long they are, the phase that made the longest of them long, and what the report and the end of
 * a run say of it.
 *
 * Presets: release debug asan
 */
#include "results/report.h"
#include "tests/unit/results_fixture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/tricolor-target-XXXXXX";
static char error[PATH_MAX + 1024];

enum { us = 1000, ms = 1000000, SCAVENGE = 0, MARK = 1, CLEAR = 2 };
static const char *const phases[] = {"scavenge", "mark", "clear"};

/* A stop with one pause of mutator 0, wall time twice the CPU time. */
static void stop(struct gc_event_ring *ring, uint64_t number, uint64_t kind, uint64_t at_ns,
                 uint64_t cpu_ns) {
  uint64_t begin_ns = fixture_epoch_ns + at_ns;
  gc_event_write(ring, stop, .stop_id = number, .kind = kind, .threads = 2, .request_ns = begin_ns,
                 .stopped_ns = begin_ns, .work_end_ns = begin_ns + 2 * cpu_ns,
                 .resumed_ns = begin_ns + 2 * cpu_ns, .cpu_ns = cpu_ns >= 20 * us ? cpu_ns : 0,
                 .survived_bytes = 1 << 20, .promoted_bytes = 512 << 10, .marked_bytes = 3 << 20);
  gc_event_write(ring, pause, .stop_id = number, .kind = kind, .begin_ns = begin_ns,
                 .end_ns = begin_ns + 2 * cpu_ns);
}

static void phase(struct gc_event_ring *ring, uint64_t stop_id, uint64_t number, uint64_t worker,
                  uint64_t at_ns, uint64_t cpu_ns) {
  uint64_t begin_ns = fixture_epoch_ns + at_ns;
  gc_event_write(ring, phase, .stop_id = stop_id, .phase = number, .worker = worker,
                 .begin_ns = begin_ns, .end_ns = begin_ns + cpu_ns, .cpu_ns = cpu_ns);
}

/* Within 1 ms: two scavenges, one of them of 1.6 ms of wall time; an assist; a stop that was too
 * short to be measured. Beyond: a scavenge; a remark that two workers marked for and that cleared. */
static void concurrent_events(struct gc_event_ring *ring) {
  stop(ring, 1, GC_PAUSE_scavenge, 100 * ms, 400 * us);
  stop(ring, 2, GC_PAUSE_scavenge, 200 * ms, 800 * us);
  stop(ring, 3, GC_PAUSE_scavenge, 300 * ms, 1200 * us);
  phase(ring, 3, SCAVENGE, 0, 300 * ms, 1200 * us);
  stop(ring, 4, GC_PAUSE_remark, 400 * ms, 3000 * us);
  phase(ring, 4, CLEAR, 0, 400 * ms, 900 * us);
  phase(ring, 4, MARK, 0, 401 * ms, 500 * us);
  phase(ring, 4, MARK, 1, 401 * ms, 2000 * us);
  phase(ring, 4, MARK, 0, 403 * ms, 600 * us);
  stop(ring, 5, GC_PAUSE_sweep, 450 * ms, 5 * us);
  gc_event_write(ring, pause, .kind = GC_PAUSE_assist, .begin_ns = fixture_epoch_ns + 500 * ms,
                 .end_ns = fixture_epoch_ns + 502 * ms);
  phase(ring, 0, MARK, 0, 500 * ms, 700 * us);
}

/* None of these counts: a barrier's slow half under 1 us, and what lies outside the timed part. */
static void uncounted_events(struct gc_event_ring *ring) {
  gc_event_write(ring, pause, .kind = GC_PAUSE_barrier_slow,
                 .begin_ns = fixture_epoch_ns + 600 * ms,
                 .end_ns = fixture_epoch_ns + 600 * ms + 900);
  stop(ring, 6, GC_PAUSE_full, 1200 * ms, 50 * ms);
}

/* A collection with the world stopped. */
static void stw_events(struct gc_event_ring *ring) {
  stop(ring, 1, GC_PAUSE_scavenge, 100 * ms, 400 * us);
  stop(ring, 2, GC_PAUSE_full, 200 * ms, 20 * ms);
  phase(ring, 2, MARK, 0, 200 * ms, 18 * ms);
}

/* A mutator waited, and nobody measured what for: its wall time counts. */
static void waiting_events(struct gc_event_ring *ring) {
  stop(ring, 1, GC_PAUSE_remark, 100 * ms, 100 * us);
  gc_event_write(ring, pause, .kind = GC_PAUSE_allocation_stall,
                 .begin_ns = fixture_epoch_ns + 500 * ms, .end_ns = fixture_epoch_ns + 504 * ms);
}

static void write_trial(const char *run, uint64_t number, const char *collector, uint64_t target_ns,
                        void (*write_events)(struct gc_event_ring *)) {
  char path[PATH_MAX];
  struct gc_event_ring ring;
  struct results_trial trial;
  assert_int_equal(gc_event_ring_init(&ring, 0), 0);
  write_events(&ring);
  uncounted_events(&ring);
  gc_event_write(&ring, timed, .begin_ns = fixture_epoch_ns,
                 .end_ns = fixture_epoch_ns + 1000 * ms);
  results_trial_init(&trial);
  trial.trial = number;
  trial.configuration.invocation = 1;
  results_text_set(&trial.configuration.workload, "gcbench");
  results_text_set(&trial.configuration.collector, collector);
  results_text_set(&trial.configuration.barrier, "card");
  trial.configuration.heap_bytes = 51 << 20;
  trial.configuration.pause_target_ns = target_ns;
  trial.result.wall_ns = trial.result.timed_ns = 1000 * ms;
  for (size_t head = 0; head < ring.used_words; head += 1 + (ring.words[head] >> 16 & 0xffff))
    trial.recording.events++;
  struct results_events_source source = {.rings = (const struct gc_event_ring *[]){&ring},
                                         .ring_count = 1,
                                         .phases = phases,
                                         .phase_count = 3};
  assert_int_equal(results_trial_events_path(path, run, number, error, sizeof error), 0);
  assert_int_equal(results_events_write_source(path, &source, error, sizeof error), 0);
  assert_int_equal(results_trial_path(path, run, number, error, sizeof error), 0);
  assert_int_equal(results_trial_write(path, &trial, error, sizeof error), 0);
  results_trial_finish(&trial);
  gc_event_ring_finish(&ring);
}

static const char *new_run(void) {
  static char run[64];
  static unsigned number;
  snprintf(run, sizeof run, "%s/%u", directory, ++number);
  assert_int_equal(fixture_make_directory(run), 0);
  return run;
}

static char *printed_of(const struct results_run *run) {
  char *text = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&text, &size);
  assert_non_null(stream);
  results_pause_target_print(stream, run);
  fclose(stream);
  return text;
}

static const struct results_summary *summary_of(const struct results_run *run,
                                                const char *collector) {
  for (size_t index = 0; index < run->summary_count; index++)
    if (strcmp(run->summaries[index].first.configuration.collector.text, collector) == 0)
      return &run->summaries[index];
  fail_msg("no summary of %s", collector);
  return NULL;
}

static void critical_paths_are_counted(void **state) {
  (void)state;
  const char *directory_of_run = new_run();
  struct results_run run;
  write_trial(directory_of_run, 7, "concurrent", ms, concurrent_events);
  assert_int_equal(results_run_load(directory_of_run, &run, error, sizeof error), 0);
  const struct results_pause_target *kept = &run.summaries[0].target;
  assert_int_equal(kept->pauses, 6);
  assert_int_equal(kept->within, 4);
  assert_int_equal(kept->beyond[GC_PAUSE_scavenge], 1);
  assert_int_equal(kept->beyond[GC_PAUSE_remark], 1);
  assert_float_equal(run.summaries[0].trials[0].within_target_ratio, 4.0 / 6, 1e-9);
  assert_int_equal(kept->worst.trial, 7);
  assert_int_equal(kept->worst.ns, 3 * ms);
  assert_int_equal(kept->worst.at_ns, 400 * ms);
  assert_string_equal(kept->worst.phase, "mark"); /* of worker 1; CLEAR was one worker's */
  assert_int_equal(kept->worst.phase_ns, 2 * ms);
  char *text = printed_of(&run);
  assert_string_equal(
      text, "pause target: 99.9 % of pauses are within it in 0 of 1 configurations; missed by:\n"
            "  concurrent on gcbench, heap 51M: 66.66 % of 6 pauses within 1.00 ms; beyond it "
            "1 scavenge, 1 remark; the longest 3.00 ms (remark, trial 7 at 400 ms), of which mark "
            "2.00 ms: 3 MiB marked\n");
  free(text);
  results_run_finish(&run);
}

/* A fixed nursery is named where scavenges are what missed. */
static void scavenges_name_the_nursery(void **state) {
  (void)state;
  const char *directory_of_run = new_run();
  struct results_run run;
  char text[1024];
  write_trial(directory_of_run, 1, "stw", 300 * us, stw_events);
  write_trial(directory_of_run, 2, "concurrent", 300 * us, concurrent_events);
  assert_int_equal(results_run_load(directory_of_run, &run, error, sizeof error), 0);
  results_pause_target_say(text, sizeof text, &run, summary_of(&run, "concurrent"));
  assert_non_null(strstr(text, "beyond it 3 scavenge, 1 remark, 1 assist; "));
  assert_non_null(strstr(text, "; the nursery has a fixed size, --nursery=auto sizes it"));
  results_pause_target_say(text, sizeof text, &run, summary_of(&run, "stw"));
  assert_non_null(strstr(text, "; its collections stop the world, whatever the target"));
  assert_null(strstr(text, "nursery"));
  results_run_finish(&run);
}

static void targets_that_cannot_be_missed_are_silent(void **state) {
  (void)state;
  const char *directory_of_run = new_run();
  struct results_run run;
  write_trial(directory_of_run, 1, "stw", UINT64_MAX, stw_events);
  write_trial(directory_of_run, 2, "concurrent", 0, concurrent_events);
  assert_int_equal(results_run_load(directory_of_run, &run, error, sizeof error), 0);
  assert_false(results_pause_target_is_known(&run.summaries[0]));
  assert_true(isnan(run.summaries[0].median.within_target_ratio));
  char *text = printed_of(&run);
  assert_string_equal(text, "");
  free(text);
  results_run_finish(&run);
}

static void a_run_ends_with_what_was_missed(void **state) {
  (void)state;
  const char *directory_of_run = new_run();
  struct results_run run;
  write_trial(directory_of_run, 1, "stw", ms, stw_events);
  write_trial(directory_of_run, 2, "concurrent", ms, waiting_events);
  write_trial(directory_of_run, 3, "incremental", 5 * ms, concurrent_events);
  assert_int_equal(results_run_load(directory_of_run, &run, error, sizeof error), 0);
  char *text = printed_of(&run);
  assert_string_equal(
      text, "pause target: 99.9 % of pauses are within it in 1 of 3 configurations; 1 stops the "
            "world for whole collections; missed by:\n"
            "  concurrent on gcbench, heap 51M: 50.00 % of 2 pauses within 1.00 ms; beyond it "
            "1 allocation_stall; the longest 4.00 ms of wall time (allocation_stall, trial 2 at "
            "500 ms)\n");
  free(text);
  results_run_finish(&run);
}

/* For programs, in summary.json. */
static void a_summary_has_it_too(void **state) {
  (void)state;
  const char *directory_of_run = new_run();
  struct results_run run;
  char path[PATH_MAX];
  write_trial(directory_of_run, 1, "concurrent", ms, concurrent_events);
  assert_int_equal(results_summarize(directory_of_run, &run, error, sizeof error), 0);
  results_run_finish(&run);
  snprintf(path, sizeof path, "%s/summary.json", directory_of_run);
  json_t *summary = json_load_file(path, 0, NULL);
  const json_t *configuration = json_array_get(json_object_get(summary, "configurations"), 0);
  const json_t *target = json_object_get(configuration, "pause_target");
  const json_t *longest = json_object_get(target, "longest");
  assert_int_equal(json_integer_value(json_object_get(target, "pauses")), 6);
  assert_int_equal(json_integer_value(json_object_get(target, "within")), 4);
  assert_int_equal(json_object_size(json_object_get(target, "beyond")), 2);
  assert_int_equal(json_integer_value(json_object_get(longest, "cpu_ns")), 3 * ms);
  assert_string_equal(json_string_value(json_object_get(longest, "phase")), "mark");
  json_decref(summary);
}

/* Findings, the worst first, each said of its configuration. */
static void a_report_says_it_of_each(void **state) {
  (void)state;
  const char *directory_of_run = new_run();
  struct results_run run;
  write_trial(directory_of_run, 1, "incremental", 5 * ms, concurrent_events);
  write_trial(directory_of_run, 2, "concurrent", ms, concurrent_events);
  assert_int_equal(results_run_load(directory_of_run, &run, error, sizeof error), 0);
  json_t *data = results_report_data(&run, "");
  const char *const expected[] = {"Pause target, concurrent on gcbench, heap 51M: 66.66 % of 6 ",
                                  "Pause target, incremental on gcbench, heap 51M: all 6 pauses "
                                  "within 5.00 ms; the longest 3.00 ms (remark, trial 1 at "};
  size_t index, found = 0;
  const json_t *finding;
  json_array_foreach(json_object_get(data, "findings"), index, finding) {
    const char *text = json_string_value(json_object_get(finding, "text"));
    if (strcmp(json_string_value(json_object_get(finding, "kind")), "target") != 0)
      continue;
    assert_true(found < 2);
    assert_memory_equal(text, expected[found], strlen(expected[found]));
    assert_int_equal(json_array_size(json_object_get(finding, "of")), 1);
    found++;
  }
  assert_int_equal(found, 2);
  json_decref(data);
  results_run_finish(&run);
}

static int make_directory(void **state) {
  (void)state;
  return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state) {
  (void)state;
  char command[sizeof directory + 16];
  snprintf(command, sizeof command, "rm -r %s", directory);
  return system(command);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(critical_paths_are_counted),
      cmocka_unit_test(scavenges_name_the_nursery),
      cmocka_unit_test(targets_that_cannot_be_missed_are_silent),
      cmocka_unit_test(a_run_ends_with_what_was_missed),
      cmocka_unit_test(a_report_says_it_of_each),
      cmocka_unit_test(a_summary_has_it_too),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
