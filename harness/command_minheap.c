/* `tricolor minheap`: measures the smallest heaps in which workloads run. */
#include "harness/command.h"
#include "harness/interrupt.h"
#include "harness/plan.h"
#include "harness/text_list.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const shared_flags[] = {"workload", "param", "mutators", "quick", "time-limit"};

static const struct flag own_flags[] = {
    {"write", FLAG_ALONE, "", "records the results in workloads/minheap.json"},
    {"check", FLAG_ALONE, "",
     "measures nothing: a run in the recorded minimum must succeed and one in 90 % of it must not"},
};

static const struct flag *minheap_flags(size_t *count) {
  static struct flag flags[8];
  static size_t flag_count;
  size_t all_count;
  const struct flag *all = experiment_flags(&all_count);
  for (size_t i = 0; flag_count < 5 && i < all_count; i++) {
    for (size_t j = 0; j < sizeof shared_flags / sizeof *shared_flags; j++) {
      if (strcmp(all[i].name, shared_flags[j]) == 0) {
        flags[flag_count++] = all[i];
      }
    }
  }
  memcpy(flags + flag_count, own_flags, sizeof own_flags);
  *count = flag_count + sizeof own_flags / sizeof *own_flags;
  return flags;
}

struct minheap {
  const struct experiment *experiment;
  json_t *table;
  char scratch[PATH_MAX];
};

static enum harness_status measure(struct minheap *minheap, struct plan_workload *workload) {
  const char *name = workload->choice.input.workload->name;
  uint64_t bytes;
  say_note("%s:", name);
  enum harness_status status =
      minimum_heap_measure(&workload->choice, minheap->experiment->mutators, minheap->scratch,
                           minheap->experiment->time_limit_ns, &bytes);
  if (status == HARNESS_DONE) {
    minimum_heap_set(minheap->table, &workload->choice, minheap->experiment->mutators, bytes);
    printf("%-16s %" PRIu64 " bytes (%s)\n", name, bytes, say_size(bytes));
    fflush(stdout);
  }
  return status;
}

static enum harness_status check(struct minheap *minheap, struct plan_workload *workload) {
  const char *name = workload->choice.input.workload->name;
  uint64_t mutators = minheap->experiment->mutators, wall_ns;
  minimum_heap_find(minheap->table, &workload->choice, mutators, &workload->minimum);
  uint64_t bytes = workload->minimum.minimum_bytes;
  bool fits = false, fits_less = false;
  if (bytes == 0) {
    return say_bad_input("workloads/minheap.json has no measured minimum of %s with these "
                         "parameters",
                         name);
  }
  enum harness_status status =
      minimum_heap_try(&workload->choice, mutators, minheap->scratch, bytes,
                       minheap->experiment->time_limit_ns, &fits, &wall_ns);
  if (status == HARNESS_DONE) {
    uint64_t limit_ns = wall_ns * 20 + UINT64_C(10000000000);
    status = minimum_heap_try(&workload->choice, mutators, minheap->scratch, bytes / 10 * 9,
                              limit_ns, &fits_less, &wall_ns);
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

static enum harness_status run(const struct command_line *line) {
  struct experiment experiment;
  struct plan plan;
  bool is_check = command_line_value(line, "check") != NULL;
  enum harness_status status = experiment_init(&experiment, line);
  if (status != HARNESS_DONE) {
    return status;
  }
  struct minheap minheap = {.experiment = &experiment};
  const char *temporary = getenv("TMPDIR");
  snprintf(minheap.scratch, sizeof minheap.scratch, "%.2000s/tricolor-minheap-%ld",
           temporary && *temporary ? temporary : "/tmp", (long)getpid());
  interrupt_end_with("Interrupted.");
  status = plan_init_workloads(&plan, &experiment);
  if (status == HARNESS_DONE) {
    status = plan_check_inputs(&plan);
    if (status == HARNESS_DONE) {
      status = minimum_heap_table_read(&minheap.table);
    }
    interrupt_catch();
    for (size_t i = 0; status == HARNESS_DONE && i < plan.workload_count; i++) {
      status = (is_check ? check : measure)(&minheap, &plan.workloads[i]);
    }
    if (status == HARNESS_DONE && command_line_value(line, "write")) {
      status = minimum_heap_table_write(minheap.table);
    }
    json_decref(minheap.table);
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
            "these figures where\nno declared live size is given: see tricolor list --help.\n",
    .flags = minheap_flags,
    .run = run,
};
