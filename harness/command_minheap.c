/* `tricolor minheap`: measures the smallest heaps in which workloads run, of themselves or under each
 * of several collectors.
 */
#include "harness/command.h"
#include "harness/interrupt.h"
#include "harness/plan.h"
#include "harness/run_directory.h"
#include "harness/variants.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const shared_flags[] = {"collector", "workload", "param",
                                           "mutators",  "quick",    "time-limit"};
enum { SHARED_FLAGS = sizeof shared_flags / sizeof *shared_flags };

static const struct flag own_flags[] = {
    {"write", FLAG_ALONE, "", "records the results in workloads/minheap.json"},
    {"check", FLAG_ALONE, "",
     "measures nothing: a run in the recorded minimum must succeed and one in 90 % of it must not"},
};
enum { OWN_FLAGS = sizeof own_flags / sizeof *own_flags };

static const struct flag *minheap_flags(size_t *count) {
  static struct flag flags[SHARED_FLAGS + OWN_FLAGS];
  static size_t flag_count;
  size_t all_count;
  const struct flag *all = experiment_flags(&all_count);
  for (size_t i = 0; flag_count < SHARED_FLAGS && i < all_count; i++) {
    for (size_t j = 0; j < SHARED_FLAGS; j++) {
      if (strcmp(all[i].name, shared_flags[j]) == 0) {
        flags[flag_count++] = all[i];
      }
    }
  }
  memcpy(flags + flag_count, own_flags, sizeof own_flags);
  *count = flag_count + OWN_FLAGS;
  return flags;
}

struct minheap {
  struct minimum_heap_search search;
  json_t *table;
  bool is_of_workload; /* with the collector of the table's minima */
  char scratch[PATH_MAX];
};

static void print(const struct minheap *minheap, const char *workload, uint64_t bytes) {
  if (minheap->is_of_workload) {
    printf("%-16s %" PRIu64 " bytes (%s)\n", workload, bytes, say_size(bytes));
  } else {
    printf("%-16s %-16s %" PRIu64 " bytes (%s)\n", workload, minheap->search.collector, bytes,
           say_size(bytes));
  }
  fflush(stdout);
}

static enum harness_status measure(struct minheap *minheap, struct plan_workload *workload) {
  const struct minimum_heap_search *search = &minheap->search;
  const char *name = workload->choice.input.workload->name;
  uint64_t bytes;
  if (minheap->is_of_workload) {
    say_note("%s:", name);
  } else {
    say_note("%s under %s:", name, search->collector);
  }
  enum harness_status status = minimum_heap_measure(search, &bytes);
  if (status == HARNESS_DONE && minheap->is_of_workload) {
    minimum_heap_set(minheap->table, search->choice, search->mutators, bytes);
  }
  if (status == HARNESS_DONE) {
    print(minheap, name, bytes);
  }
  return status;
}

static enum harness_status check(struct minheap *minheap, struct plan_workload *workload) {
  const char *name = workload->choice.input.workload->name;
  struct minimum_heap_search *search = &minheap->search;
  uint64_t wall_ns;
  minimum_heap_find(minheap->table, search->choice, search->mutators, &workload->minimum);
  uint64_t bytes = workload->minimum.minimum_bytes;
  bool fits = false, fits_less = false;
  if (bytes == 0) {
    return say_bad_input("workloads/minheap.json has no measured minimum of %s with these "
                         "parameters",
                         name);
  }
  enum harness_status status = minimum_heap_try(search, bytes, &fits, &wall_ns);
  if (status == HARNESS_DONE) {
    search->time_limit_ns = wall_ns * 20 + UINT64_C(10000000000);
    status = minimum_heap_try(search, bytes / 10 * 9, &fits_less, &wall_ns);
  }
  if (status == HARNESS_DONE && (!fits || fits_less)) {
    say_error("the minimum heap of %s is no longer %s: it %s", name, say_size(bytes),
              fits ? "runs in 90 % of that too" : "does not run in that");
    return HARNESS_TRIAL_FAILED;
  }
  if (status == HARNESS_DONE) {
    printf("%-16s %s holds\n", name, say_size(bytes));
  }
  return status;
}

/* --- the command --------------------------------------------------------------------------------
 */

static bool has_minimum(const char *collector) {
  return !collector_is_native(collector) && !collector_reserves(collector);
}

/* One after the other; of a workload under each collector where any were given. */
static enum harness_status measure_each(struct minheap *minheap, struct plan *plan,
                                        struct plan_workload *workload) {
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < plan->variant_count; i++) {
    minheap->search.collector = plan->collectors.items[plan->variants[i].collector].name;
    minheap->search.barrier = plan->variants[i].barrier;
    if (has_minimum(minheap->search.collector)) {
      status = measure(minheap, workload);
    }
  }
  return plan->variant_count > 0 ? status : measure(minheap, workload);
}

static enum harness_status take_collectors(const struct command_line *line, struct plan *plan) {
  if (!command_line_value(line, "collector")) {
    return HARNESS_DONE;
  }
  if (command_line_value(line, "write") || command_line_value(line, "check")) {
    return say_bad_input("workloads/minheap.json holds the minima under %s: --collector cannot be "
                         "given with --write or --check",
                         MINIMUM_HEAP_COLLECTOR);
  }
  enum harness_status status = plan_add_variants(plan);
  for (size_t i = 0; status == HARNESS_DONE && i < plan->collectors.count; i++) {
    if (!has_minimum(plan->collectors.items[i].name)) {
      say_note("%s is bounded by no heap: it has no minimum.", plan->collectors.items[i].name);
    }
  }
  return status;
}

static enum harness_status work(const struct command_line *line, struct plan *plan) {
  struct minheap minheap = {.is_of_workload = !command_line_value(line, "collector")};
  run_directory_scratch(minheap.scratch, "minheap");
  enum harness_status status = minimum_heap_table_read(&minheap.table);
  interrupt_catch();
  for (size_t i = 0; status == HARNESS_DONE && i < plan->workload_count; i++) {
    struct plan_workload *workload = &plan->workloads[i];
    minheap.search = (struct minimum_heap_search){.choice = &workload->choice,
                                                  .mutators = plan->experiment->mutators,
                                                  .scratch = minheap.scratch,
                                                  .time_limit_ns = plan->experiment->time_limit_ns};
    status = command_line_value(line, "check") ? check(&minheap, workload)
                                               : measure_each(&minheap, plan, workload);
  }
  if (status == HARNESS_DONE && command_line_value(line, "write")) {
    status = minimum_heap_table_write(minheap.table);
  }
  json_decref(minheap.table);
  return status;
}

static enum harness_status run(const struct command_line *line) {
  struct experiment experiment;
  struct plan plan;
  enum harness_status status = experiment_init(&experiment, line);
  if (status != HARNESS_DONE) {
    return status;
  }
  interrupt_end_with("Interrupted.");
  status = plan_init_workloads(&plan, &experiment);
  if (status == HARNESS_DONE) {
    status = plan_check_inputs(&plan);
    if (status == HARNESS_DONE) {
      status = take_collectors(line, &plan);
    }
    if (status == HARNESS_DONE) {
      status = work(line, &plan);
    }
    plan_finish(&plan);
  }
  experiment_finish(&experiment);
  return status;
}

const struct command command_minheap = {
    .name = "minheap",
    .operands = "",
    .summary = "Measures the smallest heap in which a workload runs.",
    .text = "By bisection, to the larger of 256K and a 64th, with the collector stw; out of memory "
            "and a run\n20 times slower than the fastest count as too small. `--heap 2x` uses "
            "these figures where\nno declared live size is given: see tricolor list --help.\n\n"
            "With --collector, the smallest heap of each: what its metadata, reserves and floating "
            "garbage cost.\nUnder collectors that mark beside the program it differs from time "
            "to time.\n\n"
            "Examples:\n"
            "  tricolor minheap --workload gcbench\n"
            "  tricolor minheap --quick --workload lru_cache --collector stw,concurrent\n",
    .flags = minheap_flags,
    .run = run,
};
