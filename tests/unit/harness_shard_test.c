/* Shards of a plan: every trial is in exactly one of them, none is empty, and what is compared with
 * each other stays together as far as their number allows. */
#include "harness/plan_shard.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct made {
  struct experiment experiment;
  struct command_line line;
  struct plan plan;
};

static void make(struct made *made, const char *const *words) {
  char *argv[24];
  int argc = 0;
  for (; words[argc]; argc++) {
    argv[argc] = (char *)(uintptr_t)words[argc];
  }
  size_t flag_count;
  const struct flag *flags = experiment_flags(&flag_count);
  assert_int_equal(command_line_parse("run", flags, flag_count, argc, argv, &made->line),
                   HARNESS_DONE);
  assert_int_equal(experiment_init(&made->experiment, &made->line), HARNESS_DONE);
  assert_int_equal(plan_init(&made->plan, &made->experiment), HARNESS_DONE);
  assert_int_equal(plan_find_minimum_heaps(&made->plan, "."), HARNESS_DONE);
  assert_int_equal(plan_make_configurations(&made->plan), HARNESS_DONE);
}

#define MAKE(made, ...) make((made), (const char *const[]){__VA_ARGS__, NULL})

static void finish(struct made *made) {
  plan_finish(&made->plan);
  experiment_finish(&made->experiment);
  command_line_finish(&made->line);
}

static uint64_t trial_total(const struct plan *plan) {
  return plan->experiment->invocations * plan->configuration_count;
}

/* Every trial in one shard of 1 to N, and as many in each as plan_parts_trials says, at least one. */
static void check_partition(struct plan *plan, uint64_t shard_count) {
  struct plan_parts parts;
  size_t *trials = calloc(shard_count + 1, sizeof *trials), sum = 0;
  plan_parts_init(&parts, plan, shard_count);
  for (uint64_t invocation = 1; invocation <= plan->experiment->invocations; invocation++) {
    for (size_t i = 0; i < plan->configuration_count; i++) {
      uint64_t shard = plan_parts_shard_of(&parts, invocation, i);
      assert_in_range(shard, 1, shard_count);
      trials[shard]++;
    }
  }
  for (uint64_t number = 1; number <= shard_count; number++) {
    plan->shard = (struct plan_shard){number, shard_count};
    assert_true(trials[number] > 0);
    assert_int_equal(plan_parts_trials(&parts, plan), trials[number]);
    sum += trials[number];
  }
  assert_int_equal(sum, trial_total(plan));
  plan_parts_finish(&parts);
  free(trials);
}

static void every_trial_is_in_one_shard(void **state) {
  (void)state;
  static const char *const seeds[] = {"1", "2,9"};
  static const char *const invocations[] = {"1", "3", "8"};
  for (size_t seed = 0; seed < 2; seed++) {
    for (size_t i = 0; i < 3; i++) {
      struct made made;
      MAKE(&made, "--workload", "gcbench,lru_cache,message_tree", "--collector", "stw,incremental",
           "--heap", "2x,3x,64M", "--seed", seeds[seed], "--invocations", invocations[i]);
      assert_int_equal(made.plan.configuration_count, 3 * 2 * 3 + 1);
      for (uint64_t count = 1; count <= trial_total(&made.plan); count++) {
        assert_int_equal(plan_shard_check(&made.plan, count), HARNESS_DONE);
        check_partition(&made.plan, count);
      }
      assert_int_equal(plan_shard_check(&made.plan, trial_total(&made.plan) + 1),
                       HARNESS_BAD_INPUT);
      finish(&made);
    }
  }
}

/* Whether two configurations of an invocation are always in one shard. */
static bool are_together(const struct plan *plan, uint64_t shard_count, size_t left, size_t right) {
  struct plan_parts parts;
  bool together = true;
  plan_parts_init(&parts, plan, shard_count);
  for (uint64_t invocation = 1; invocation <= plan->experiment->invocations; invocation++) {
    together &= plan_parts_shard_of(&parts, invocation, left) ==
                plan_parts_shard_of(&parts, invocation, right);
  }
  plan_parts_finish(&parts);
  return together;
}

static size_t find(const struct plan *plan, const char *workload, const char *collector,
                   size_t heap) {
  for (size_t i = 0; i < plan->configuration_count; i++) {
    const struct results_configuration *configuration = &plan->configurations[i];
    if (strcmp(configuration->workload.text, workload) == 0 &&
        strcmp(configuration->collector.text, collector) == 0 && plan->heap_of[i] == heap) {
      return i;
    }
  }
  fail_msg("the plan lacks %s under %s", workload, collector);
  return 0;
}

static void what_is_compared_stays_together(void **state) {
  (void)state;
  struct made made;
  MAKE(&made, "--workload", "gcbench,lru_cache", "--collector", "stw,incremental", "--heap",
       "2x,3x,4x", "--invocations", "4");
  size_t one = find(&made.plan, "gcbench", "stw", 0);
  size_t other_collector = find(&made.plan, "gcbench", "incremental", 0);
  size_t other_heap = find(&made.plan, "gcbench", "stw", 2);
  size_t other_workload = find(&made.plan, "lru_cache", "stw", 0);
  /* Whole invocations, with their control trials. */
  assert_true(are_together(&made.plan, 4, one, other_workload));
  assert_true(are_together(&made.plan, 4, one, made.plan.configuration_count - 1));
  /* Workloads of an invocation. */
  assert_true(are_together(&made.plan, 8, one, other_heap));
  assert_false(are_together(&made.plan, 8, one, other_workload));
  /* Heap sizes of a workload. */
  assert_true(are_together(&made.plan, 24, one, other_collector));
  assert_false(are_together(&made.plan, 24, one, other_heap));
  /* More shards than that. */
  assert_false(are_together(&made.plan, 25, one, other_collector));
  finish(&made);
}

static void unknown_sizes_have_no_shards(void **state) {
  (void)state;
  struct made made;
  MAKE(&made, "--workload", "gcbench", "--collector", "stw");
  assert_int_equal(plan_shard_check(&made.plan, 2), HARNESS_BAD_INPUT);
  finish(&made);
}

static void shards_are_parsed(void **state) {
  (void)state;
  struct plan_shard shard;
  assert_int_equal(plan_shard_parse("2/3", &shard), HARNESS_DONE);
  assert_int_equal(shard.number, 2);
  assert_int_equal(shard.count, 3);
  static const char *const wrong[] = {"0/3",  "4/3",  "x",    "1",   "1/",   "/3",    "1/0",
                                      "-1/3", "+1/3", "1/3 ", "1/x", "1/-3", "1.0/3", ""};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_int_equal(plan_shard_parse(wrong[i], &shard), HARNESS_BAD_INPUT);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_trial_is_in_one_shard),
      cmocka_unit_test(what_is_compared_stays_together),
      cmocka_unit_test(unknown_sizes_have_no_shards),
      cmocka_unit_test(shards_are_parsed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
