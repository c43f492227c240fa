/* Carrying out a plan: trials, invocation after invocation, into a run directory.
 *
 * Invocations that were not given are as many as fit: after each one, another is begun when the
 * mean of those so far and what summarising will take are still within the budget.
 *
 * A workload's checksum must be the same in all trials of one run. The first trial that is ok sets
 * it; one that differs is marked wrong_result, in its file too.
 */
#include "harness/run.h"
#include "harness/clock.h"
#include "harness/interrupt.h"
#include "harness/manifest.h"
#include "harness/progress.h"
#include "harness/runner.h"
#include "harness/settings.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Summarising and plotting: a part fixed (gnuplot) and one per trial's events. Generous. */
static const uint64_t summary_ns = UINT64_C(4000000000);
static const uint64_t summary_of_trial_ns = 30000000;

struct reference {
  char checksum[32]; /* empty: no trial of the workload was ok so far */
  uint64_t trial;
  char note[RESULTS_TEXT_SIZE];
};

struct run {
  const struct plan *plan;
  const char *directory;
  json_t *manifest;
  uint64_t begin_ns;
  struct progress progress;
  struct reference *references; /* one per workload */
  struct run_outcome *outcome;
};

static void watch(void *context, unsigned percent) {
  progress_show(context, percent);
}

static bool is_failure(enum results_status status) {
  return status != RESULTS_ok && status != RESULTS_out_of_memory;
}

static enum harness_status check_checksum(struct run *run, size_t configuration,
                                          struct results_trial *trial) {
  bool is_idle = configuration + 1 == run->plan->configuration_count;
  if (is_idle || (trial->status != RESULTS_ok && trial->status != RESULTS_incomplete)) {
    return HARNESS_DONE;
  }
  struct reference *reference = &run->references[run->plan->workload_of[configuration]];
  const char *checksum = trial->result.checksum.text;
  if (!reference->checksum[0]) {
    snprintf(reference->checksum, sizeof reference->checksum, "%.31s", checksum);
    reference->trial = trial->trial;
    memcpy(reference->note, trial->result.note.text, sizeof reference->note);
    return HARNESS_DONE;
  }
  if (strcmp(reference->checksum, checksum) == 0) {
    return HARNESS_DONE;
  }
  char detail[256], path[PATH_MAX], error[512];
  snprintf(detail, sizeof detail, "checksum %.20s differs from %s of trial %" PRIu64, checksum,
           reference->checksum, reference->trial);
  trial->status = RESULTS_wrong_result;
  results_text_set(&trial->status_detail, detail);
  if (results_trial_path(path, run->directory, trial->trial, error, sizeof error) != 0 ||
      results_trial_write(path, trial, error, sizeof error) != 0) {
    return say_environment("%s", error);
  }
  return HARNESS_DONE;
}

static void note_recording(struct run *run, const struct results_trial *trial) {
  bool is_idle = strcmp(trial->configuration.workload.text, RESULTS_IDLE_WORKLOAD) == 0;
  if (trial->status == RESULTS_ok && !is_idle && trial->result.wall_ns > 0) {
    double events_per_ns = (double)trial->recording.events / (double)trial->result.wall_ns;
    if (events_per_ns > run->outcome->events_per_ns) {
      run->outcome->events_per_ns = events_per_ns;
    }
  }
}

static enum harness_status run_trial(struct run *run, size_t configuration, uint64_t invocation) {
  const struct experiment *experiment = run->plan->experiment;
  struct results_trial trial;
  results_trial_init(&trial);
  trial.trial = run->outcome->trials + 1;
  trial.configuration = configuration_copy(&run->plan->configurations[configuration]);
  trial.configuration.invocation = invocation;
  trial.configuration.seed = experiment_seed(experiment, invocation);
  uint64_t layout_seed =
      experiment_seed(experiment, 1) + trial.trial * UINT64_C(0x9e3779b97f4a7c15);
  struct runner_request request = {
      .directory = run->directory,
      .limits = {.time_ns = experiment->time_limit_ns, .rss_bytes = experiment->rss_limit_bytes},
      .layout_seed = layout_seed,
      .watch = watch,
      .context = &run->progress,
  };
  progress_begin_trial(&run->progress, &trial, configuration);
  enum harness_status status = runner_run(&request, &trial);
  if (status == HARNESS_DONE) {
    status = check_checksum(run, configuration, &trial);
  }
  if (status == HARNESS_DONE) {
    run->outcome->trials++;
    run->outcome->statuses[trial.status]++;
    run->outcome->failures += is_failure(trial.status);
    note_recording(run, &trial);
    progress_end_trial(&run->progress, &trial);
  }
  results_trial_finish(&trial);
  return status;
}

static enum harness_status run_invocation(struct run *run, uint64_t invocation, size_t *order) {
  plan_order(run->plan, invocation, order);
  progress_begin_invocation(&run->progress, order);
  for (size_t i = 0; i < run->plan->configuration_count; i++) {
    enum harness_status status = run_trial(run, order[i], invocation);
    if (status != HARNESS_DONE) {
      return status;
    }
  }
  run->outcome->invocations++;
  return HARNESS_DONE;
}

/* How many invocations there will be, after some: as many as were given, or as fit. */
static uint64_t invocations_wanted(const struct run *run, uint64_t trials_begin_ns) {
  uint64_t given = run->plan->experiment->invocations;
  uint64_t done = run->outcome->invocations;
  if (given > 0 || done == 0) {
    return given > 0 ? given : 1;
  }
  uint64_t now_ns = clock_now_ns();
  uint64_t per_invocation_ns = (now_ns - trials_begin_ns) / done * 21 / 20 +
                               summary_of_trial_ns * run->plan->configuration_count;
  uint64_t spent_ns = now_ns - run->begin_ns + summary_ns +
                      summary_of_trial_ns * run->plan->configuration_count * done;
  uint64_t more = spent_ns < RUN_BUDGET_NS ? (RUN_BUDGET_NS - spent_ns) / per_invocation_ns : 0;
  return done + more < RUN_INVOCATIONS_MAX ? done + more : RUN_INVOCATIONS_MAX;
}

/* What the workloads say of themselves; plain lines have said it with each trial. */
static void say_notes(const struct run *run) {
  for (size_t i = 0; run->progress.is_terminal && i < run->plan->workload_count; i++) {
    if (run->references[i].note[0]) {
      say_note("%s: %s", run->plan->workloads[i].choice.input.workload->name,
               run->references[i].note);
    }
  }
}

enum harness_status run_plan(const struct plan *plan, const char *directory, json_t *manifest,
                             uint64_t begin_ns, struct run_outcome *outcome) {
  struct run run = {
      .plan = plan,
      .directory = directory,
      .manifest = manifest,
      .begin_ns = begin_ns,
      .references = memory_resize(NULL, plan->workload_count, sizeof(struct reference)),
      .outcome = outcome,
  };
  memset(run.references, 0, plan->workload_count * sizeof(struct reference));
  size_t *order = memory_resize(NULL, plan->configuration_count, sizeof *order);
  uint64_t trials_begin_ns = clock_now_ns();
  *outcome = (struct run_outcome){0};
  progress_init(&run.progress, plan->configuration_count, plan->workload_of);
  enum harness_status status = HARNESS_DONE;
  for (uint64_t invocation = 1; status == HARNESS_DONE; invocation++) {
    uint64_t wanted = invocations_wanted(&run, trials_begin_ns);
    if (invocation > wanted) {
      break;
    }
    progress_set_total(&run.progress, wanted * plan->configuration_count);
    status = run_invocation(&run, invocation, order);
    if (status == HARNESS_DONE) {
      status =
          manifest_write(manifest, directory, "running", outcome->invocations, outcome->trials);
    }
  }
  progress_clear(&run.progress);
  say_notes(&run);
  progress_finish(&run.progress);
  free(order);
  free(run.references);
  return status;
}
