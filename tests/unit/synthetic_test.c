/* Tests of the generator: what is measured of a run is what was asked for, per operation, to a tenth.
 *
 * Bytes are the heap's own count of what was allocated, stores are counted by the barrier, which
 * this unit compiles with its counters, and survival is what scavenges promoted. Each is the
 * difference between a long run and a short one, so that the filling of the live set is none of it.
 */
#define GC_BARRIER_COUNTS 1

#include "tests/unit/workload_fixture.h"

#include "workloads/synthetic_ops.c"

#include <errno.h>

extern const struct workload workload_synthetic;

enum { SHORT_OPERATIONS = 200000, LONG_OPERATIONS = 1200000 };

/* Of one run in all, or per operation. */
struct achieved {
  double bytes, stores, survivors;
};

/* Each scavenge finds an object alive by chance, the one that was allocated last; so where few survive,
 * few scavenges are made. Where many do, a small nursery promotes them before they are replaced. */
static size_t nursery_bytes(const uint64_t *values) {
  return values[SYNTHETIC_SURVIVAL] < SYNTHETIC_MILLION / 100 ? 2 << 20 : 512 << 10;
}

static struct achieved run_of(const uint64_t *values, uint64_t operations) {
  char error[256] = "";
  struct workload_input input = {.workload = &workload_synthetic, .seed = 1};
  memcpy(input.integers, values, SYNTHETIC_PARAMETERS * sizeof *values);
  input.integers[SYNTHETIC_OPERATIONS] = operations;
  assert_int_equal(workload_synthetic.prepare(&input, error, sizeof error), 0);
  struct gc_options options = gc_options_default();
  options.barrier = GC_BARRIER_NAME;
  options.heap_bytes = 128 << 20;
  options.nursery_bytes = nursery_bytes(values);
  options.pretouch = false;
  struct gc_heap *heap;
  if (gc_heap_open(&options, &heap, error, sizeof error) != 0) {
    fail_msg("%s", error);
  }
  struct gc_mutator *mutator = gc_attach(heap, error, sizeof error);
  assert_non_null(mutator);
  struct workload_run run = {.input = &input, .mutator = mutator, .seed = 1};
  if (ops_under_test.run(&run) != WORKLOAD_DONE) {
    fail_msg("%s", run.note);
  }
  double stores = (double)mutator->barrier_counts.of[GC_COUNT_STORES];
  gc_detach(mutator);
  struct gc_statistics statistics;
  gc_statistics_read(heap, &statistics);
  gc_heap_close(heap);
  assert_true(statistics.allocated_bytes <= workload_synthetic.allocation_bytes(&input));
  workload_synthetic.finish(&input);
  return (struct achieved){(double)statistics.allocated_bytes, stores,
                           (double)statistics.promoted_objects};
}

static struct achieved per_operation(const uint64_t *values) {
  struct achieved brief = run_of(values, SHORT_OPERATIONS);
  struct achieved whole = run_of(values, LONG_OPERATIONS);
  double operations = LONG_OPERATIONS - SHORT_OPERATIONS;
  return (struct achieved){(whole.bytes - brief.bytes) / operations,
                           (whole.stores - brief.stores) / operations,
                           (whole.survivors - brief.survivors) / operations};
}

static void expect_about(const char *what, double achieved, double asked) {
  if (achieved < 0.9 * asked || achieved > 1.1 * asked) {
    fail_msg("%s per operation: %g, where %g were asked for", what, achieved, asked);
  }
}

static double share(uint64_t per_million) {
  return (double)per_million / SYNTHETIC_MILLION;
}

/* Survivors become old. A chain links each survivor but its first to the one before; links into
 * young objects are stores like any other. */
static void check_values(const uint64_t *values) {
  struct achieved achieved = per_operation(values);
  double survival = share(values[SYNTHETIC_SURVIVAL]);
  double chain = (double)values[SYNTHETIC_CHAIN];
  double large_bytes = share(values[SYNTHETIC_LARGE]) * (double)values[SYNTHETIC_LARGE_BYTES];
  expect_about("bytes", achieved.bytes, (double)values[SYNTHETIC_OBJECT_BYTES] + large_bytes);
  expect_about("stores", achieved.stores,
               share(values[SYNTHETIC_OLD_TO_YOUNG]) + share(values[SYNTHETIC_OLD_TO_OLD]) +
                   survival / chain + survival * (chain - 1) / chain +
                   share(values[SYNTHETIC_LEAK]));
  expect_about("survivors", achieved.survivors, survival + share(values[SYNTHETIC_LEAK]));
}

static void test_what_was_asked_for_is_achieved(void **state) {
  (void)state;
  static const uint64_t cases[][SYNTHETIC_PARAMETERS] = {
      /* operations, bytes, sizes, references, live, survival, lifetime, chain, old to young, old to
       * old, sites, burst, large, large bytes, weak, leak */
      {0, 64, SYNTHETIC_EXPONENTIAL, 30, 50000, 50000, SYNTHETIC_ANY, 1, 100000, 100000, 1000, 0, 0,
       65536, 0, 0},
      {0, 32, SYNTHETIC_FIXED, 0, 50000, 100000, SYNTHETIC_OLDEST, 1, 2500000, 0, 100, 0, 0, 65536,
       0, 0},
      {0, 100, SYNTHETIC_UNIFORM, 60, 50000, 50000, SYNTHETIC_ANY, 10, 0, 1500000, 10, 5000, 0,
       65536, 0, 0},
      {0, 200, SYNTHETIC_PARETO, 100, 20000, 20000, SYNTHETIC_OLDEST, 4, 50000, 50000, 1000, 0, 500,
       100000, 5000, 0},
      {0, 48, SYNTHETIC_EXPONENTIAL, 50, 50000, 50000, SYNTHETIC_OLDEST, 1, 0, 0, 1, 0, 0, 65536, 0,
       10000},
  };
  for (size_t place = 0; place < sizeof cases / sizeof *cases; place++) {
    check_values(cases[place]);
  }
}

/* By the parameters' names, as the command line would take them. */
static void read_preset(const struct workload_preset *preset, uint64_t *values) {
  char error[256] = "";
  for (size_t place = 0; place < SYNTHETIC_PARAMETERS; place++) {
    const struct workload_parameter *parameter = &workload_synthetic.parameters[place];
    const char *text = parameter->default_text;
    for (size_t i = 0; i < 16 && preset->values[i].parameter != NULL; i++) {
      text =
          strcmp(preset->values[i].parameter, parameter->name) == 0 ? preset->values[i].text : text;
    }
    assert_int_equal(gc_parse_size(text, &values[place], error, sizeof error), 0);
    assert_in_range(values[place], parameter->minimum, parameter->maximum);
  }
}

static void names_are_of_parameters(const struct workload_preset *preset) {
  for (size_t i = 0; i < 16 && preset->values[i].parameter != NULL; i++) {
    bool is_found = false;
    for (size_t place = 0; place < SYNTHETIC_PARAMETERS; place++) {
      is_found |=
          strcmp(preset->values[i].parameter, workload_synthetic.parameters[place].name) == 0;
    }
    assert_true(is_found);
  }
}

/* With a live set that fits: what is achieved per operation does not depend on it. */
static void test_what_presets_ask_for_is_achieved(void **state) {
  (void)state;
  assert_int_equal(workload_synthetic.preset_count, 6);
  for (size_t number = 0; number < workload_synthetic.preset_count; number++) {
    const struct workload_preset *preset = &workload_synthetic.presets[number];
    uint64_t values[SYNTHETIC_PARAMETERS];
    assert_non_null(strstr(preset->origin, "DaCapo"));
    names_are_of_parameters(preset);
    read_preset(preset, values);
    values[SYNTHETIC_LIVE_OBJECTS] = 50000;
    check_values(values);
  }
}

static void test_impossible_bursts_are_refused(void **state) {
  (void)state;
  char error[256] = "";
  struct workload_input input = {.workload = &workload_synthetic, .seed = 1};
  input.integers[SYNTHETIC_OBJECT_BYTES] = 64;
  input.integers[SYNTHETIC_SURVIVAL] = 600000;
  input.integers[SYNTHETIC_BURST] = 10;
  assert_int_equal(workload_synthetic.prepare(&input, error, sizeof error), -EINVAL);
  assert_non_null(strstr(error, "500000 of a million"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_what_was_asked_for_is_achieved),
      cmocka_unit_test(test_what_presets_ask_for_is_achieved),
      cmocka_unit_test(test_impossible_bursts_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
