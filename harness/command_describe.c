/* `tricolor describe`: a workload's nominal statistics, measured in one trial.
 *
 * As those of DaCapo: what a program is to a collector, in numbers by which programs can be compared.
 * The trial has twice the minimum heap and the collector with which minimum heaps are measured.
 */
#include "harness/command.h"
#include "harness/interrupt.h"
#include "harness/minimum_heap.h"
#include "harness/plan.h"
#include "harness/run_directory.h"
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAP_MULTIPLE = 2 };

static const char *const shared_flags[] = {"param", "mutators", "quick", "time-limit"};
enum { SHARED_FLAGS = sizeof shared_flags / sizeof *shared_flags };

static const struct flag own_flags[] = {{"json", FLAG_ALONE, "", "as JSON, for programs"}};
enum { OWN_FLAGS = sizeof own_flags / sizeof *own_flags };

static const struct flag *describe_flags(size_t *count) {
  static struct flag flags[SHARED_FLAGS + OWN_FLAGS];
  size_t all_count, used = 0;
  const struct flag *all = experiment_flags(&all_count);
  for (size_t i = 0; i < all_count; i++) {
    for (size_t j = 0; j < SHARED_FLAGS; j++) {
      if (strcmp(all[i].name, shared_flags[j]) == 0 && used < SHARED_FLAGS) {
        flags[used++] = all[i];
      }
    }
  }
  memcpy(flags + used, own_flags, sizeof own_flags);
  *count = used + OWN_FLAGS;
  return flags;
}

struct statistic {
  const char *key;
  double value;
  const char *unit, *description;
};

static double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

enum { STATISTICS_MAX = 16 };

/* Returns how many there are. */
static size_t derive(const struct results_trial *trial, uint64_t minimum_bytes,
                     struct statistic *statistics) {
  double allocated_bytes = (double)trial->heap.allocated_bytes;
  double seconds = (double)trial->result.timed_ns / 1e9;
  double wall_ns = (double)(trial->result.setup_ns + trial->result.timed_ns);
  double operations = (double)trial->result.operations * (double)trial->configuration.mutators;
  double moved_bytes = (double)(trial->heap.survived_bytes + trial->heap.promoted_bytes);
  double moved_objects = (double)(trial->heap.survived_objects + trial->heap.promoted_objects);
  const struct statistic all[] = {
      {"ARA", ratio(allocated_bytes / 1e6, wall_ns / 1e9), "MB/s",
       "allocation rate, the filling before time is taken included"},
      {"AOS", ratio(moved_bytes, moved_objects), "bytes",
       "average object that survives a scavenge"},
      {"GMD", (double)minimum_bytes / (1 << 20), "MiB", "minimum heap"},
      {"GTO", ratio(allocated_bytes, (double)minimum_bytes), "",
       "turnover: allocated by minimum heap"},
      {"GSV", 100 * ratio(moved_bytes, allocated_bytes), "%",
       "copied by scavenges, of what is allocated"},
      {"GPR", 100 * ratio((double)trial->heap.promoted_bytes, allocated_bytes), "%",
       "promoted, of what is allocated"},
      {"GSC", (double)trial->heap.scavenge_count, "", "scavenges at 2x heap"},
      {"GFC", (double)trial->heap.full_count, "", "major collections at 2x heap"},
      {"GLV", (double)trial->heap.last_live_bytes / (1 << 20), "MiB",
       "live after the last major collection; 0 where none came"},
      {"GCP", 100 * ratio((double)trial->heap.stop_ns, wall_ns), "%", "time in pauses at 2x heap"},
      {"UOP", operations, "", "operations"},
      {"UOR", ratio(operations, seconds), "1/s", "operations per second"},
      {"PET", seconds, "s", "time of the operations"},
  };
  _Static_assert(sizeof all / sizeof *all <= STATISTICS_MAX, "all have room");
  memcpy(statistics, all, sizeof all);
  return sizeof all / sizeof *all;
}

static void print(const struct results_trial *trial, uint64_t minimum_bytes, bool as_json) {
  struct statistic statistics[STATISTICS_MAX];
  size_t count = derive(trial, minimum_bytes, statistics);
  printf(as_json ? "{\n  \"workload\": \"%s\"" : "%s\n", trial->configuration.workload.text);
  for (size_t i = 0; i < count; i++) {
    const struct statistic *statistic = &statistics[i];
    if (as_json) {
      printf(",\n  \"%s\": {\"value\": %.6g, \"unit\": \"%s\", \"description\": \"%s\"}",
             statistic->key, statistic->value, statistic->unit, statistic->description);
    } else {
      printf("  %s %12.6g %-5s %s\n", statistic->key, statistic->value, statistic->unit,
             statistic->description);
    }
  }
  printf(as_json ? "\n}\n" : "");
}

static enum harness_status find_minimum(struct plan_workload *workload,
                                        const struct minimum_heap_search *search, uint64_t *bytes) {
  json_t *table;
  enum harness_status status = minimum_heap_table_read(&table);
  if (status != HARNESS_DONE) {
    return status;
  }
  minimum_heap_find(table, &workload->choice, search->mutators, &workload->minimum);
  json_decref(table);
  *bytes = workload->minimum.minimum_bytes;
  if (*bytes == 0) {
    say_note("The minimum heap is not in workloads/minheap.json; measuring it first.");
    status = minimum_heap_measure(search, bytes);
  }
  return status;
}

static enum harness_status describe(struct plan_workload *workload,
                                    const struct experiment *experiment, bool as_json) {
  char scratch[PATH_MAX];
  uint64_t minimum_bytes;
  run_directory_scratch(scratch, "describe");
  struct minimum_heap_search search = {.choice = &workload->choice,
                                       .mutators = experiment->mutators,
                                       .scratch = scratch,
                                       .time_limit_ns = experiment->time_limit_ns};
  enum harness_status status = find_minimum(workload, &search, &minimum_bytes);
  if (status != HARNESS_DONE) {
    return status;
  }
  struct results_trial trial;
  results_trial_init(&trial);
  status = minimum_heap_trial(&search, HEAP_MULTIPLE * minimum_bytes, &trial);
  if (status == HARNESS_DONE && trial.status != RESULTS_ok) {
    say_error("the trial of %s: %s: %s", trial.configuration.workload.text,
              results_status_words(trial.status), trial.status_detail.text);
    status = HARNESS_TRIAL_FAILED;
  }
  if (status == HARNESS_DONE) {
    print(&trial, minimum_bytes, as_json);
  }
  results_trial_finish(&trial);
  return status;
}

static enum harness_status run(const struct command_line *line) {
  struct experiment experiment;
  struct plan plan;
  struct command_line options = *line;
  options.operand_count = 0; /* no experiment */
  enum harness_status status = experiment_init(&experiment, &options);
  if (status != HARNESS_DONE) {
    return status;
  }
  experiment_items_finish(&experiment.workloads);
  experiment_items_add(&experiment.workloads, line->operands[0], (struct experiment_place){0});
  interrupt_end_with("Interrupted.");
  status = plan_init_workloads(&plan, &experiment);
  if (status == HARNESS_DONE) {
    status = plan_check_inputs(&plan);
    interrupt_catch();
    for (size_t i = 0; status == HARNESS_DONE && i < plan.workload_count; i++) {
      status = describe(&plan.workloads[i], &experiment, command_line_value(line, "json") != NULL);
    }
    plan_finish(&plan);
  }
  experiment_finish(&experiment);
  return status;
}

const struct command command_describe = {
    .name = "describe",
    .operands = "WORKLOAD",
    .summary = "Measures what a workload is to a collector: its nominal statistics.",
    .text = "One trial in twice the minimum heap with the collector stw. Keys begin as DaCapo's "
            "do: A for\n"
            "allocation, G for collection, U for what is the workload's own, P for performance.\n",
    .flags = describe_flags,
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
