/* From injected time to what people read: a trial of the fake collector, written as a trial is, and
 * what its events file, the pauses derived from it, pauses.csv and summary.json make of it.
 *
 * Every pause is there with its kind and, within 2 %, its CPU time; so are the sums by kind and by
 * place. Wall times are bounded from below alone: other programs may run meanwhile.
 *
 * Presets: release debug
 */
#include "harness/ring.h"
#include "results/summarize.h"
#include "tests/unit/fake_program.h"
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Of an injection: 2 % of it are some 80 us, many times what its records cost. */
#define LENGTH_NS UINT64_C(4000000)

enum { MUTATORS = 2, ROUNDS = 4 };

static char directory[] = "/tmp/tricolor-recorder-XXXXXX";
static char path[PATH_MAX], error[PATH_MAX + 512];
static struct fake_program program = {
    .mutators = MUTATORS, .rounds = ROUNDS, .fake.length_ns = LENGTH_NS};

static void assert_recorded(double recorded_ns, double cpu_ns, double around_cpu_ns,
                            const char *what) {
  if (!fake_is_recorded_as(recorded_ns, cpu_ns, around_cpu_ns)) {
    fail_msg("%s: %.0f instead of %.0f", what, recorded_ns, cpu_ns);
  }
}

/* --- the trial ---------------------------------------------------------------------------------*/

static void write_trial(void) {
  struct results_trial trial;
  results_trial_init(&trial);
  trial.trial = 1;
  trial.status = RESULTS_ok;
  results_text_set(&trial.configuration.workload, "fake");
  results_text_set(&trial.configuration.collector, "fake");
  results_text_set(&trial.configuration.barrier, GC_BARRIER_NAME);
  trial.configuration.heap_bytes = program.heap->budget.limit_bytes;
  trial.configuration.mutators = MUTATORS;
  trial.configuration.gc_threads = trial.configuration.invocation = 1;
  trial.result.wall_ns = trial.result.timed_ns = UINT64_C(1000000000);
  trial.machine.cores = 2;
  for (size_t index = 0; index < gc_recording_ring_count(program.heap); index++) {
    trial.recording.events += ring_event_count(gc_recording_ring(program.heap, index));
  }
  int status = results_trial_events_path(path, directory, 1, error, sizeof error);
  status = status ? status : results_events_write(path, program.heap, NULL, error, sizeof error);
  status = status ? status : results_trial_path(path, directory, 1, error, sizeof error);
  status = status ? status : results_trial_write(path, &trial, error, sizeof error);
  results_trial_finish(&trial);
  if (status) {
    fail_msg("%s", error);
  }
}

static int run_program(void **state) {
  (void)state;
  struct results_run run;
  assert_non_null(mkdtemp(directory));
  snprintf(path, sizeof path, "%s/trials", directory);
  assert_int_equal(mkdir(path, 0777), 0);
  fake_program_run(&program);
  write_trial();
  gc_heap_close(program.heap);
  if (results_summarize(directory, &run, error, sizeof error)) {
    fail_msg("%s", error);
  }
  results_run_finish(&run);
  return 0;
}

static int remove_directory(void **state) {
  (void)state;
  snprintf(path, sizeof path, "rm -rf %s", directory);
  return system(path) == 0 ? 0 : -1;
}

/* --- what is true ------------------------------------------------------------------------------*/

static bool is_stop(enum fake_path stopping) {
  return stopping == FAKE_STOP || stopping == FAKE_STEP || stopping == FAKE_STEP_BESIDE ||
         stopping == FAKE_ALLOCATION_STALL;
}

/* What was injected in pauses of one kind. A stop is a pause of every mutator. */
struct truth {
  size_t count;
  double sum_ns, largest_ns, around_sum_ns, around_largest_ns;
};

static struct truth truth_of(size_t kind) {
  struct truth truth = {0};
  for (size_t index = 0; index < program.fake.injection_count; index++) {
    const struct fake_injection *injection = &program.fake.injections[index];
    if (fake_kinds[injection->path] == kind) {
      size_t times = is_stop(injection->path) ? MUTATORS : 1;
      truth.count += times;
      truth.sum_ns += (double)(times * injection->cpu_ns);
      truth.largest_ns = fmax(truth.largest_ns, (double)injection->cpu_ns);
      truth.around_sum_ns += (double)(times * injection->around_cpu_ns);
      truth.around_largest_ns = fmax(truth.around_largest_ns, (double)injection->around_cpu_ns);
    }
  }
  return truth;
}

/* --- what is read ------------------------------------------------------------------------------*/

/* The pauses of an injection: of its mutator, or of all where it stopped the world. */
static void check_injection(const struct results_pauses_list *pauses,
                            const struct fake_injection *injection) {
  size_t matches = 0;
  for (size_t index = 0; index < pauses->count; index++) {
    const struct results_pause *pause = &pauses->items[index];
    bool covers = pause->begin_ns <= injection->begin_ns && pause->resumed_ns >= injection->end_ns;
    bool is_its = is_stop(injection->path) ? pause->has_stop : pause->mutator == injection->thread;
    if (covers && is_its && pause->kind == fake_kinds[injection->path] &&
        (!pause->has_stop || pause->stop.requester == injection->thread)) {
      matches++;
      assert_true(pause->has_cpu && pause->has_own);
      assert_recorded((double)pause->cpu_ns, (double)injection->cpu_ns,
                      (double)injection->around_cpu_ns, fake_path_names[injection->path]);
      assert_recorded((double)pause->cpu_total_ns, (double)injection->cpu_ns,
                      (double)injection->around_cpu_ns, fake_path_names[injection->path]);
      assert_true(pause->wall_ns >= injection->cpu_ns * 98 / 100);
    }
  }
  size_t expected = is_stop(injection->path) ? MUTATORS : 1;
  if (matches != expected) {
    fail_msg("%s: %zu pauses instead of %zu", fake_path_names[injection->path], matches, expected);
  }
}

static void test_derived_pauses(void **state) {
  (void)state;
  struct results_events events;
  struct results_pauses_list pauses;
  assert_int_equal(results_trial_events_path(path, directory, 1, error, sizeof error), 0);
  if (results_events_load(path, &events, error, sizeof error)) {
    fail_msg("%s", error);
  }
  assert_int_equal(results_pauses_derive(&events, &pauses), 0);
  assert_int_equal(program.fake.injection_count, MUTATORS * ROUNDS * (FAKE_PATHS - 1));
  for (size_t index = 0; index < program.fake.injection_count; index++) {
    check_injection(&pauses, &program.fake.injections[index]);
  }
  results_pauses_finish(&pauses);
  results_events_finish(&events);
}

static size_t column_of(const char *header, const char *name) {
  size_t column = 0, length = strlen(name);
  for (const char *at = header; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL, column++) {
    if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\n')) {
      return column;
    }
  }
  fail_msg("pauses.csv has no column %s", name);
  return 0;
}

static const char *cell_of(const char *row, size_t column) {
  for (; column > 0; column--) {
    row = strchr(row, ',');
    assert_non_null(row++);
  }
  return row;
}

/* What is too short for CPU time to be measured has none: only injections have. */
static void test_pauses_csv(void **state) {
  (void)state;
  double sums_ns[GC_PAUSE_KINDS] = {0};
  size_t counts[GC_PAUSE_KINDS] = {0};
  char header[1024], row[4096];
  snprintf(path, sizeof path, "%s/pauses.csv", directory);
  FILE *stream = fopen(path, "r");
  assert_non_null(stream);
  assert_non_null(fgets(header, sizeof header, stream));
  size_t kind_column = column_of(header, "kind"), cpu_column = column_of(header, "cpu_ns");
  while (fgets(row, sizeof row, stream)) {
    const char *name = cell_of(row, kind_column);
    double cpu_ns = strtod(cell_of(row, cpu_column), NULL);
    for (size_t kind = 0; kind < GC_PAUSE_KINDS; kind++) {
      size_t length = strlen(gc_pause_kind_names[kind]);
      if (strncmp(name, gc_pause_kind_names[kind], length) == 0 && name[length] == ',' &&
          cpu_ns > (double)LENGTH_NS / 2) {
        sums_ns[kind] += cpu_ns;
        counts[kind]++;
      }
    }
  }
  fclose(stream);
  for (size_t kind = 0; kind < GC_PAUSE_KINDS; kind++) {
    struct truth truth = truth_of(kind);
    assert_int_equal(counts[kind], truth.count);
    assert_recorded(sums_ns[kind], truth.sum_ns, truth.around_sum_ns, gc_pause_kind_names[kind]);
  }
}

static double number_at(const json_t *object, const char *name) {
  const json_t *value = json_object_get(object, name);
  const json_t *median = json_object_get(value, "median"); /* of a figure */
  value = median ? median : value;
  if (!json_is_number(value)) {
    fail_msg("summary.json has no number %s", name);
  }
  return json_number_value(value);
}

/* CPU time by place: pauses of stops count once, whoever was stopped. */
static void check_places(const json_t *figures) {
  double cpu_ns[2] = {0}, around_cpu_ns[2] = {0};
  for (size_t index = 0; index < program.fake.injection_count; index++) {
    const struct fake_injection *injection = &program.fake.injections[index];
    cpu_ns[is_stop(injection->path)] += (double)injection->cpu_ns;
    around_cpu_ns[is_stop(injection->path)] += (double)injection->around_cpu_ns;
  }
  assert_recorded(number_at(figures, "on_mutators_cpu_ns"), cpu_ns[0], around_cpu_ns[0],
                  "on_mutators_cpu_ns");
  assert_recorded(number_at(figures, "stopped_cpu_ns"), cpu_ns[1], around_cpu_ns[1],
                  "stopped_cpu_ns");
  assert_recorded(number_at(figures, "explicit_cpu_ns"), cpu_ns[0] + cpu_ns[1],
                  around_cpu_ns[0] + around_cpu_ns[1], "explicit_cpu_ns");
  assert_true(number_at(figures, "concurrent_cpu_ns") == 0);
}

static void check_kind(const json_t *pauses, size_t kind) {
  struct truth truth = truth_of(kind);
  const char *name = gc_pause_kind_names[kind];
  const json_t *both = json_object_get(pauses, name);
  if (truth.count == 0) {
    assert_null(both);
    return;
  }
  const json_t *cpu = json_object_get(both, "cpu"), *wall = json_object_get(both, "wall");
  assert_recorded(number_at(cpu, "total_ns"), truth.sum_ns, truth.around_sum_ns, name);
  assert_recorded(number_at(cpu, "max_ns"), truth.largest_ns, truth.around_largest_ns, name);
  assert_true(number_at(wall, "count") >= (double)truth.count);
  assert_true(number_at(wall, "total_ns") >= truth.sum_ns * 0.98);
}

static void test_summary_json(void **state) {
  (void)state;
  snprintf(path, sizeof path, "%s/summary.json", directory);
  json_t *summary = json_load_file(path, 0, NULL);
  assert_non_null(summary);
  json_t *entry = json_array_get(json_object_get(summary, "configurations"), 0);
  for (size_t kind = 0; kind < GC_PAUSE_KINDS; kind++) {
    check_kind(json_object_get(entry, "pauses"), kind);
  }
  check_places(json_object_get(entry, "figures"));
  json_decref(summary);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_derived_pauses),
      cmocka_unit_test(test_pauses_csv),
      cmocka_unit_test(test_summary_json),
  };
  return cmocka_run_group_tests(tests, run_program, remove_directory);
}
