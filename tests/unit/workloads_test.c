/* Tests of every workload in the lists: what they declare, and that what they compute does not
 * depend on the collector, the barrier, the heap's size or where objects lie.
 *
 * The classic workloads run with tiny parameters, under stress options that move every object at
 * every allocation buffer; a workload whose data are large runs shortened and without stress, and
 * one that is not named here with its quick parameters.
 *
 * Labels: slow
 * Presets: release asan
 * Timeout: 240
 */
#include "harness/workload_choice.h"
#include "harness/workload_registry.h"
#include "results/trial.h"

#include <gc/gc.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- parameters -----------------------------------------------------------------------------*/

struct small_value {
  const char *workload, *parameter, *value;
};

static const struct small_value tiny_values[] = {
    {"gcbench", "repetitions", "2"},
    {"gcbench", "stretch_depth", "9"},
    {"gcbench", "long_lived_depth", "7"},
    {"gcbench", "array_length", "10000"},
    {"gcbench", "min_depth", "2"},
    {"gcbench", "max_depth", "7"},
    {"binary_trees", "depth", "8"},
    {"message_window", "window", "200"},
    {"message_window", "pushes", "1000"},
    {"message_window", "message_bytes", "200"},
    {"message_tree", "window", "4200"},
    {"message_tree", "pushes", "300"},
    {"message_tree", "levels", "3"},
    {"lru_cache", "entries", "300"},
    {"lru_cache", "buckets_log2", "13"},
    {"lru_cache", "operations", "2000"},
    {"graph_mutate", "nodes", "20000"},
    {"graph_mutate", "operations", "500"},
    {"graph_mutate", "chain", "16"},
    {"graph_mutate", "replace_every", "8"},
    {"server", "sessions", "200"},
    {"server", "requests", "400"},
    {"server", "rate", "1000000"},
    {"server", "request_objects", "20"},
    {"server", "query_every", "50"},
    {"server", "query_sessions", "100"},
    {"scheme", "size", "0"},
    {"scheme", "repetitions", "1"},
    {"closures", "listeners", "300"},
    {"closures", "modules", "20"},
    {"closures", "operations", "1000"},
    {"fragmenter", "live_bytes", "1M"},
    {"fragmenter", "rounds", "4"},
    {"long_list", "nodes", "1000"},
    {"long_list", "operations", "4000"},
    {"large_arrays", "arrays", "2"},
    {"large_arrays", "length", "5000"},
    {"large_arrays", "operations", "2000"},
    {"weak_cache", "keys", "300"},
    {"weak_cache", "in_use", "50"},
    {"weak_cache", "operations", "1000"},
    {"pipeline", "items", "600"},
    {"pipeline", "stages", "3"},
    {"pipeline", "queue", "7"},
    {"pipeline", "nodes", "5"},
    {"pipeline", "window", "60"},
    {"idle_frames", "frames", "3"},
    {"idle_frames", "frame_us", "500"},
    {"idle_frames", "frame_objects", "600"},
    {"idle_frames", "scene_objects", "300"},
    {"idle_frames", "idle_after", "2"},
    {"synthetic", "operations", "3000"},
    {"synthetic", "live_objects", "500"},
    {"synthetic", "chain", "3"},
    {"synthetic", "sites", "50"},
    {"synthetic", "large", "1000"},
    {"synthetic", "large_bytes", "40000"},
    {"synthetic", "weak", "50000"},
    {"synthetic", "leak", "2000"},
    {"synthetic", "burst", "100"},
    {"leak", "operations", "600"},
    {"leak", "requests", "40"},
    {"no_leak", "operations", "600"},
    {"no_leak", "requests", "40"},
};

/* Of workloads that stress would take minutes for. */
static const struct small_value short_values[] = {{"heap_graph", "requests", "2000"}};

static void add_values(struct results_settings *given, const struct workload *workload,
                       const struct small_value *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(values[i].workload, workload->name) == 0) {
      assert_int_equal(results_settings_add(given, values[i].parameter, values[i].value), 0);
    }
  }
}

/* Tiny parameters where the table has them, short or quick ones otherwise: false for the latter. What
 * the workload reads is there until finish_small. */
static bool choose_small(struct workload_choice *choice, const struct workload *workload) {
  struct results_settings given = {0};
  add_values(&given, workload, tiny_values, sizeof tiny_values / sizeof *tiny_values);
  bool is_tiny = given.count > 0;
  add_values(&given, workload, short_values, sizeof short_values / sizeof *short_values);
  assert_int_equal(workload_choice_init(choice, workload, &given, true, 42), HARNESS_DONE);
  assert_int_equal(workload_choice_check(choice), HARNESS_DONE);
  for (size_t i = 0; i < given.count; i++) {
    free(given.items[i].name);
    free(given.items[i].text);
  }
  free(given.items);
  char error[512] = "";
  if (workload->prepare && workload->prepare(&choice->input, error, sizeof error) != 0) {
    fail_msg("%s", error);
  }
  return is_tiny;
}

static void finish_small(struct workload_choice *choice) {
  if (choice->input.workload->finish) {
    choice->input.workload->finish(&choice->input);
  }
  workload_choice_finish(choice);
}

static void check_value(const struct workload_parameter *parameter, const char *text) {
  char error[256];
  uint64_t value = 0;
  bool is_size = strcmp(parameter->unit, "bytes") == 0;
  assert_int_equal(is_size ? gc_parse_size(text, &value, error, sizeof error)
                           : gc_parse_count(text, &value, error, sizeof error),
                   0);
  assert_in_range(value, parameter->minimum, parameter->maximum);
}

static void check_choice(const struct workload_parameter *parameter) {
  assert_true(strlen(parameter->unit) > 0 && strstr(parameter->unit, "||") == NULL);
}

/* Choices among them: a default that is none of the names is refused. */
static void test_defaults_are_accepted(void **state) {
  (void)state;
  static const struct results_settings none = {0};
  for (size_t i = 0; i < workload_count(); i++) {
    for (int quick = 0; quick < 2; quick++) {
      struct workload_choice choice;
      assert_int_equal(workload_choice_init(&choice, workload_at(i), &none, quick != 0, 1),
                       HARNESS_DONE);
      workload_choice_finish(&choice);
    }
  }
}

static void test_parameters_are_sane(void **state) {
  (void)state;
  for (size_t i = 0; i < workload_count(); i++) {
    const struct workload *workload = workload_at(i);
    assert_in_range(workload->parameter_count, 0, 16);
    for (size_t place = 0; place < workload->parameter_count; place++) {
      const struct workload_parameter *parameter = &workload->parameters[place];
      assert_true(strlen(parameter->name) > 0 && strlen(parameter->description) > 0);
      assert_non_null(parameter->unit);
      assert_non_null(parameter->default_text);
      for (size_t other = 0; other < place; other++) {
        assert_string_not_equal(parameter->name, workload->parameters[other].name);
      }
      if (parameter->kind == WORKLOAD_INTEGER) {
        check_value(parameter, parameter->default_text);
        if (parameter->quick_text) {
          check_value(parameter, parameter->quick_text);
        }
      } else if (parameter->kind == WORKLOAD_CHOICE) {
        check_choice(parameter);
      }
    }
  }
}

static void test_descriptions_are_there(void **state) {
  (void)state;
  for (size_t i = 0; i < workload_count(); i++) {
    const struct workload *workload = workload_at(i);
    assert_string_equal(workload->name, workload_names()[i]);
    assert_true(strlen(workload->summary) > 0 && strchr(workload->summary, '\n') == NULL);
    assert_true(strlen(workload->operation) > 0);
    assert_non_null(workload->allocation_bytes);
  }
}

/* Sizes that other systems were measured on; a change of a default shows here. The bounds are exact
 * to 5 % of what the objects of this work occupy. */
static void test_default_volumes_are_those_that_were_measured(void **state) {
  (void)state;
  static const struct {
    const char *workload;
    uint64_t objects_bytes;
  } volumes[] = {
      {"gcbench", UINT64_C(1484050776)},
      {"binary_trees", UINT64_C(836344272)},
      {"message_window", UINT64_C(2200000) * 1032 + 1600008},
      {"message_tree", UINT64_C(800000) * 31 * 32 + 1600008},
      {"lru_cache", UINT64_C(3000000) * 32 + UINT64_C(2000000) * 48 + 8388616},
      {"graph_mutate", UINT64_C(24125000) * 40 + UINT64_C(8000000) * 8},
  };
  static const struct results_settings none = {0};
  for (size_t i = 0; i < sizeof volumes / sizeof *volumes; i++) {
    const struct workload *workload = workload_find(volumes[i].workload);
    if (workload == NULL) {
      continue; /* this program was built without it */
    }
    struct workload_choice choice;
    assert_int_equal(workload_choice_init(&choice, workload, &none, false, 1), HARNESS_DONE);
    assert_int_equal(workload_choice_check(&choice), HARNESS_DONE);
    assert_in_range(choice.allocation_bytes, volumes[i].objects_bytes,
                    volumes[i].objects_bytes + volumes[i].objects_bytes / 20);
    workload_choice_finish(&choice);
  }
}

/* ---- runs -----------------------------------------------------------------------------------*/

enum heap_kind { HEAP_STRESSED, HEAP_PLAIN, HEAP_LARGE, HEAP_KINDS };

static const char *const collectors[] = {
#define GC_COLLECTOR(name, ...)        #name,
#define GC_COLLECTOR_CUSTOM(name, ...) #name,
#define GC_COLLECTOR_BASELINE(name, ...)
#include <tricolor/collectors.def>
#undef GC_COLLECTOR
#undef GC_COLLECTOR_CUSTOM
#undef GC_COLLECTOR_BASELINE
};

struct outcome {
  bool is_refused; /* the pair of collector and barrier is not sufficient */
  uint64_t checksum;
  uint64_t operations;
  uint64_t allocated_bytes;
};

static void run_on(struct gc_heap *heap, const struct workload_ops *ops,
                   const struct workload_input *input, struct outcome *outcome) {
  char error[256] = "";
  struct gc_mutator *mutator = ops->attach(heap, error, sizeof error);
  if (mutator == NULL) {
    fail_msg("%s", error);
  }
  struct workload_run run = {.input = input, .mutator = mutator, .seed = input->seed};
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  enum workload_status status = ops->run(&run);
  if (status != WORKLOAD_DONE) {
    fail_msg("%s under barrier %s: status %d, %s", input->workload->name, ops->barrier, status,
             run.note);
  }
  assert_ptr_equal(gc_handles_enter(mutator).top, frame.top);
  assert_true(run.timed_begin_ns > 0 && run.timed_end_ns >= run.timed_begin_ns);
  assert_in_range(run.progress_percent, 0, 100);
  gc_detach(mutator);
  struct gc_statistics statistics;
  gc_statistics_read(heap, &statistics);
  *outcome = (struct outcome){.checksum = run.checksum,
                              .operations = run.operations,
                              .allocated_bytes = statistics.allocated_bytes};
}

static struct gc_options options_for(const struct workload_choice *choice, const char *collector,
                                     const char *barrier, enum heap_kind kind) {
  struct gc_options options = gc_options_default();
  options.collector = collector;
  options.barrier = barrier;
  options.heap_bytes = (uint64_t)(kind == HEAP_LARGE ? 512 : 256) << 20;
  options.nursery_bytes = kind == HEAP_LARGE ? 1 << 20 : 256 << 10;
  options.pretouch = false;
  options.expected_allocation_bytes = choice->allocation_bytes;
  options.stress_buffer_bytes = kind == HEAP_STRESSED ? 4096 : 0;
  options.stress_move = kind == HEAP_STRESSED;
  options.stress_collect_every = kind == HEAP_STRESSED ? 1 : 0;
  options.stress_full_every = kind == HEAP_STRESSED ? 16 : 0;
  options.verify_level = kind == HEAP_STRESSED ? 1 : 0;
  return options;
}

static struct outcome run_one(struct workload_choice *choice, const char *collector,
                              const char *barrier, enum heap_kind kind) {
  struct outcome outcome = {.is_refused = true};
  char error[512] = "";
  struct gc_options options = options_for(choice, collector, barrier, kind);
  struct gc_heap *heap;
  if (gc_heap_open(&options, &heap, error, sizeof error) != 0) {
    return outcome;
  }
  const char *name = choice->input.workload->name;
  run_on(heap, workload_find_ops(name, barrier), &choice->input, &outcome);
  gc_heap_close(heap);
  return outcome;
}

/* Runs one workload under one collector with all barriers that suffice: the first of them in every
 * kind of heap, the others in a large one. */
static void expect_same_result(struct workload_choice *choice, const char *collector,
                               enum heap_kind kind, struct outcome *first) {
  size_t barrier_count;
  const char *const *barriers = barrier_names(&barrier_count);
  unsigned sufficient = 0;
  for (size_t i = 0; i < barrier_count; i++) {
    if (sufficient > 0 && kind != HEAP_LARGE) {
      continue;
    }
    struct outcome outcome = run_one(choice, collector, barriers[i], kind);
    if (outcome.is_refused) {
      continue;
    }
    sufficient++;
    if (first->is_refused) {
      *first = outcome;
    }
    assert_int_equal(outcome.checksum, first->checksum);
    assert_int_equal(outcome.operations, first->operations);
  }
  assert_true(sufficient > 0);
}

static void test_results_are_the_same_everywhere(void **state) {
  (void)state;
  for (size_t i = 0; i < workload_count(); i++) {
    struct workload_choice choice;
    bool is_tiny = choose_small(&choice, workload_at(i));
    struct outcome first = {.is_refused = true};
    for (size_t place = 0; place < sizeof collectors / sizeof *collectors; place++) {
      for (int kind = is_tiny ? HEAP_STRESSED : HEAP_LARGE; kind < HEAP_KINDS; kind++) {
        expect_same_result(&choice, collectors[place], (enum heap_kind)kind, &first);
      }
    }
    finish_small(&choice);
  }
}

/* What was allocated, under a collector that never collects: buffers are cut from one range. */
static void test_the_allocation_bound_is_one(void **state) {
  (void)state;
  for (size_t i = 0; i < workload_count(); i++) {
    struct workload_choice choice;
    choose_small(&choice, workload_at(i));
    struct outcome outcome = run_one(&choice, "epsilon", "none", HEAP_PLAIN);
    if (!outcome.is_refused && outcome.allocated_bytes > choice.allocation_bytes) {
      fail_msg("%s allocated %llu bytes, more than the %llu it announced", workload_at(i)->name,
               (unsigned long long)outcome.allocated_bytes,
               (unsigned long long)choice.allocation_bytes);
    }
    assert_true(outcome.is_refused || outcome.allocated_bytes > 0);
    finish_small(&choice);
  }
}

static void test_the_seed_matters(void **state) {
  (void)state;
  static const char *const random_workloads[] = {"gcbench", "lru_cache", "graph_mutate"};
  for (size_t i = 0; i < sizeof random_workloads / sizeof *random_workloads; i++) {
    if (workload_find(random_workloads[i]) == NULL) {
      continue; /* this program was built without it */
    }
    struct workload_choice choice;
    choose_small(&choice, workload_find(random_workloads[i]));
    struct outcome one = run_one(&choice, "stw", "card", HEAP_LARGE);
    choice.input.seed++;
    struct outcome two = run_one(&choice, "stw", "card", HEAP_LARGE);
    assert_int_not_equal(one.checksum, two.checksum);
    finish_small(&choice);
  }
}

/* A heap that is too small is a result, with the handles as they were. */
static void test_exhaustion_is_a_result(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof tiny_values / sizeof *tiny_values; i++) {
    const struct workload *workload = workload_find(tiny_values[i].workload);
    if (workload == NULL || (i > 0 && strcmp(tiny_values[i - 1].workload, workload->name) == 0)) {
      continue;
    }
    static const struct results_settings none = {0};
    struct workload_choice choice;
    char error[256];
    assert_int_equal(workload_choice_init(&choice, workload, &none, false, 1), HARNESS_DONE);
    struct gc_options options = options_for(&choice, "stw", "card", HEAP_PLAIN);
    options.heap_bytes = 4 << 20;
    struct gc_heap *heap;
    assert_int_equal(gc_heap_open(&options, &heap, error, sizeof error), 0);
    const struct workload_ops *ops = workload_find_ops(workload->name, "card");
    struct gc_mutator *mutator = ops->attach(heap, error, sizeof error);
    assert_non_null(mutator);
    if (workload->prepare) {
      assert_int_equal(workload->prepare(&choice.input, error, sizeof error), 0);
    }
    struct workload_run run = {.input = &choice.input, .mutator = mutator, .seed = 1};
    struct gc_handle_frame frame = gc_handles_enter(mutator);
    assert_int_equal(ops->run(&run), WORKLOAD_OUT_OF_MEMORY);
    assert_ptr_equal(gc_handles_enter(mutator).top, frame.top);
    gc_detach(mutator);
    gc_heap_close(heap);
    if (workload->finish) {
      workload->finish(&choice.input);
    }
    workload_choice_finish(&choice);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parameters_are_sane),
      cmocka_unit_test(test_defaults_are_accepted),
      cmocka_unit_test(test_descriptions_are_there),
      cmocka_unit_test(test_default_volumes_are_those_that_were_measured),
      cmocka_unit_test(test_results_are_the_same_everywhere),
      cmocka_unit_test(test_the_allocation_bound_is_one),
      cmocka_unit_test(test_the_seed_matters),
      cmocka_unit_test(test_exhaustion_is_a_result),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
