/* Carrying out a plan: trials, invocation after invocation, into a run directory.
 *
 * Invocations that were not given are as many as fit: after each one, another is begun when the
 * mean of those so far and what summarising will take are still within the budget.
 *
 * The number of a trial is its place in the plan, (invocation - 1) times the configurations plus its
 * place in the invocation's order. A trial that has its files already counts as if it had just
 * finished; that is all that going on with a run needs. What the plan refuses becomes a row without
 * a process. Of a shard's plan only the shard's trials are run. A configuration of which enough
 * invocations in a row ran out of memory or passed the time limit is not run again: its other trials
 * are rows that say so (--skip-after). A shard counts its own.
 */
#include "harness/run.h"
#include "harness/checksums.h"
#include "harness/clock.h"
#include "harness/interrupt.h"
#include "harness/manifest.h"
#include "harness/plan_shard.h"
#include "harness/progress.h"
#include "harness/runner.h"
#include "harness/settings.h"
#include "results/configuration.h"
#include "results/events_file.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Summarising and plotting: a part fixed (gnuplot) and one per trial's events. Generous. */
static const uint64_t summary_ns = UINT64_C(4000000000);
static const uint64_t summary_of_trial_ns = 30000000;

struct run {
  const struct plan *plan;
  const char *directory;
  json_t *manifest;
  uint64_t begin_ns;
  struct progress progress;
  struct checksums checksums;
  struct plan_parts parts; /* of plan->shard; none where it has no count */
  size_t *order, *places; /* configurations of this invocation, and the places in the whole of it */
  uint64_t *lost; /* of each configuration, invocations in a row that ran out of memory or time */
  struct run_outcome *outcome;
};

static void watch(void *context, unsigned percent) {
  progress_show(context, percent);
}

static void note_recording(struct run *run, const struct results_trial *trial) {
  struct run_recording *most = &run->outcome->recording;
  if (trial->status != RESULTS_ok || trial->result.wall_ns == 0) {
    return;
  }
  double ratio = (double)trial->recording.cost_ns / (double)trial->result.wall_ns;
  if (ratio > most->ratio) {
    *most = (struct run_recording){.ratio = ratio, .trial = trial->trial};
    snprintf(most->workload, sizeof most->workload, "%s", trial->configuration.workload.text);
    snprintf(most->collector, sizeof most->collector, "%s", trial->configuration.collector.text);
  }
}

/* --- one trial ----------------------------------------------------------------------------------
 */

/* What a trial is before it has run. */
static void make_planned(const struct plan *plan, size_t configuration, uint64_t invocation,
                         size_t place, struct results_trial *trial) {
  results_trial_init(trial);
  trial->trial = (invocation - 1) * plan->configuration_count + place + 1;
  trial->configuration = configuration_copy(&plan->configurations[configuration]);
  trial->configuration.invocation = invocation;
  trial->configuration.seed = experiment_seed(plan->experiment, invocation);
}

static bool is_planned(const struct results_trial *planned, const struct results_trial *finished) {
  return finished->trial == planned->trial &&
         finished->configuration.seed == planned->configuration.seed &&
         finished->configuration.invocation == planned->configuration.invocation &&
         results_configuration_equal(&finished->configuration, &planned->configuration);
}

static enum harness_status say_other_plan(const struct results_trial *trial, const char *path) {
  return say_bad_input("%s is not what trial %" PRIu64 " of this plan is; the directory holds "
                       "another run",
                       path, trial->trial);
}

/* Whole: its JSON can be read, and its events where it has any. False, said, when they are torn. */
static bool read_finished(const char *directory, const char *path, uint64_t number,
                          struct results_trial *finished) {
  char events_path[PATH_MAX], error[PATH_MAX + 512];
  struct results_events events;
  if (results_trial_read(path, finished, error, sizeof error) != 0) {
    say_note("Trial %" PRIu64 " is run again: %s", number, error);
    return false;
  }
  if (finished->status != RESULTS_ok) {
    return true;
  }
  if (results_trial_events_path(events_path, directory, number, error, sizeof error) != 0 ||
      results_events_load(events_path, &events, error, sizeof error) != 0) {
    say_note("Trial %" PRIu64 " is run again: %s", number, error);
    results_trial_finish(finished);
    return false;
  }
  results_events_finish(&events);
  return true;
}

/* Takes a trial that was finished before, if it was. */
static enum harness_status take_finished(const struct run *run, struct results_trial *trial,
                                         bool *is_finished) {
  char path[PATH_MAX], error[512];
  struct results_trial finished;
  *is_finished = false;
  if (results_trial_path(path, run->directory, trial->trial, error, sizeof error) != 0) {
    return say_environment("%s", error);
  }
  if (access(path, F_OK) != 0 || !read_finished(run->directory, path, trial->trial, &finished)) {
    return HARNESS_DONE;
  }
  if (!is_planned(trial, &finished)) {
    results_trial_finish(&finished);
    return say_other_plan(trial, path);
  }
  runner_tidy(run->directory, trial->trial);
  results_trial_finish(trial);
  *trial = finished;
  *is_finished = true;
  return HARNESS_DONE;
}

/* A trial that cannot be read is no other run's. */
static enum harness_status check_trial(const struct plan *plan, const char *directory,
                                       size_t configuration, uint64_t invocation, size_t place) {
  char path[PATH_MAX], error[PATH_MAX + 512];
  struct results_trial planned, finished;
  enum harness_status status = HARNESS_DONE;
  make_planned(plan, configuration, invocation, place, &planned);
  if (results_trial_path(path, directory, planned.trial, error, sizeof error) == 0 &&
      access(path, F_OK) == 0 && results_trial_read(path, &finished, error, sizeof error) == 0) {
    if (!is_planned(&planned, &finished)) {
      status = say_other_plan(&planned, path);
    }
    results_trial_finish(&finished);
  }
  results_trial_finish(&planned);
  return status;
}

enum harness_status run_check_trials(const struct plan *plan, const char *directory) {
  size_t *order = memory_resize(NULL, plan->configuration_count, sizeof *order);
  enum harness_status status = HARNESS_DONE;
  for (uint64_t invocation = 1;
       status == HARNESS_DONE && invocation <= plan->experiment->invocations; invocation++) {
    plan_order(plan, invocation, order);
    for (size_t i = 0; status == HARNESS_DONE && i < plan->configuration_count; i++) {
      status = check_trial(plan, directory, order[i], invocation, i);
    }
  }
  free(order);
  return status;
}

/* A row without a process. */
static enum harness_status write_row(const struct run *run, struct results_trial *trial,
                                     enum results_status status, const char *reason) {
  char path[PATH_MAX], error[512];
  trial->status = status;
  results_text_set(&trial->status_detail, reason);
  if (results_trial_path(path, run->directory, trial->trial, error, sizeof error) != 0 ||
      results_trial_write(path, trial, error, sizeof error) != 0) {
    return say_environment("%s", error);
  }
  return HARNESS_DONE;
}

static enum harness_status run_process(struct run *run, struct results_trial *trial) {
  const struct experiment *experiment = run->plan->experiment;
  struct runner_request request = {
      .directory = run->directory,
      .limits = {.time_ns = experiment->time_limit_ns, .rss_bytes = experiment->rss_limit_bytes},
      .layout_seed = experiment_seed(experiment, 1) + trial->trial * UINT64_C(0x9e3779b97f4a7c15),
      .watch = watch,
      .context = &run->progress,
  };
  return runner_run(&request, trial);
}

static bool must_skip(const struct run *run, size_t configuration) {
  uint64_t skip_after = run->plan->experiment->skip_after;
  return skip_after > 0 && run->lost[configuration] >= skip_after;
}

static enum harness_status write_skipped(const struct run *run, struct results_trial *trial,
                                         size_t configuration) {
  char reason[160];
  snprintf(reason, sizeof reason,
           "not run: the %" PRIu64 " invocation%s before it ran out of memory or passed the time "
           "limit (--skip-after)",
           run->lost[configuration], run->lost[configuration] == 1 ? "" : "s");
  return write_row(run, trial, RESULTS_skipped, reason);
}

/* One that was skipped ends no row of them. */
static void count_lost(struct run *run, size_t configuration, enum results_status status) {
  if (status == RESULTS_out_of_memory || status == RESULTS_timed_out) {
    run->lost[configuration]++;
  } else if (status != RESULTS_skipped) {
    run->lost[configuration] = 0;
  }
}

static void count_trial(struct run *run, const struct results_trial *trial, bool is_foreseen) {
  struct run_outcome *outcome = run->outcome;
  outcome->trials++;
  outcome->statuses[trial->status]++;
  outcome->foreseen += is_foreseen;
  outcome->failures += trial->status != RESULTS_ok && trial->status != RESULTS_out_of_memory &&
                       trial->status != RESULTS_skipped && !is_foreseen;
  note_recording(run, trial);
}

static enum harness_status run_trial(struct run *run, size_t configuration, uint64_t invocation,
                                     size_t place) {
  const char *refusal = run->plan->refusals[configuration];
  struct results_trial trial;
  bool is_finished;
  make_planned(run->plan, configuration, invocation, place, &trial);
  enum harness_status status = take_finished(run, &trial, &is_finished);
  if (status == HARNESS_DONE && !is_finished) {
    progress_begin_trial(&run->progress, &trial, configuration);
    status = refusal                         ? write_row(run, &trial, RESULTS_refused, refusal)
             : must_skip(run, configuration) ? write_skipped(run, &trial, configuration)
                                             : run_process(run, &trial);
    manifest_add_trial(run->manifest, trial.trial);
  }
  if (status == HARNESS_DONE) {
    status = checksums_check(&run->checksums, configuration, &trial);
  }
  if (status == HARNESS_DONE) {
    count_trial(run, &trial, refusal && trial.status == RESULTS_refused);
    count_lost(run, configuration, trial.status);
    if (is_finished) {
      progress_pass_trial(&run->progress, configuration, trial.result.wall_ns);
    } else {
      progress_end_trial(&run->progress, &trial);
    }
  }
  results_trial_finish(&trial);
  return status;
}

/* Leaves the trials of other shards out of run->order. Returns how many are left. */
static size_t choose_own(struct run *run, uint64_t invocation) {
  size_t count = 0;
  for (size_t place = 0; place < run->plan->configuration_count; place++) {
    size_t configuration = run->order[place];
    if (run->plan->shard.count == 0 ||
        plan_parts_shard_of(&run->parts, invocation, configuration) == run->plan->shard.number) {
      run->order[count] = configuration;
      run->places[count++] = place;
    }
  }
  return count;
}

static enum harness_status run_invocation(struct run *run, uint64_t invocation) {
  plan_order(run->plan, invocation, run->order);
  size_t count = choose_own(run, invocation);
  progress_begin_invocation(&run->progress, run->order, count);
  for (size_t i = 0; i < count; i++) {
    enum harness_status status = run_trial(run, run->order[i], invocation, run->places[i]);
    if (status != HARNESS_DONE) {
      return status;
    }
  }
  run->outcome->invocations++;
  return HARNESS_DONE;
}

static size_t trials_wanted(const struct run *run, uint64_t invocations) {
  return run->plan->shard.count == 0 ? invocations * run->plan->configuration_count
                                     : plan_parts_trials(&run->parts, run->plan);
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
    const char *note = checksums_note(&run->checksums, i);
    if (*note) {
      say_note("%s: %s", run->plan->workloads[i].choice.input.workload->name, note);
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
      .outcome = outcome,
      .order = memory_resize(NULL, plan->configuration_count, sizeof *run.order),
      .places = memory_resize(NULL, plan->configuration_count, sizeof *run.places),
      .lost = memory_resize(NULL, plan->configuration_count, sizeof *run.lost),
  };
  memset(run.lost, 0, plan->configuration_count * sizeof *run.lost);
  checksums_init(&run.checksums, plan, directory);
  if (plan->shard.count > 0) {
    plan_parts_init(&run.parts, plan, plan->shard.count);
  }
  uint64_t trials_begin_ns = clock_now_ns();
  *outcome = (struct run_outcome){0};
  progress_init(&run.progress, plan->configuration_count, plan->workload_of);
  enum harness_status status = HARNESS_DONE;
  for (uint64_t invocation = 1; status == HARNESS_DONE; invocation++) {
    uint64_t wanted = invocations_wanted(&run, trials_begin_ns);
    if (invocation > wanted) {
      break;
    }
    progress_set_total(&run.progress, trials_wanted(&run, wanted));
    status = run_invocation(&run, invocation);
    if (status == HARNESS_DONE) {
      status =
          manifest_write(manifest, directory, "running", outcome->invocations, outcome->trials);
    }
  }
  progress_clear(&run.progress);
  say_notes(&run);
  progress_finish(&run.progress);
  plan_parts_finish(&run.parts);
  checksums_finish(&run.checksums);
  free(run.order);
  free(run.places);
  free(run.lost);
  return status;
}
