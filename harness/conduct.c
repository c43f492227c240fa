/* From a plan to the last file of its run. */
#include "harness/conduct.h"
#include "harness/clock.h"
#include "harness/duration_estimate.h"
#include "harness/interrupt.h"
#include "harness/machine.h"
#include "harness/manifest.h"
#include "harness/run.h"
#include "harness/run_directory.h"
#include "harness/show.h"
#include "results/file.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TRIALS_UNASKED = 1000 };

/* --- before -------------------------------------------------------------------------------------
 */

enum harness_status conduct_confirm(const struct plan *plan) {
  uint64_t invocations = plan->experiment->invocations ? plan->experiment->invocations : 1;
  uint64_t trials = invocations * plan_configuration_total(plan);
  trials = plan->shard.count > 0 ? trials / plan->shard.count : trials; /* about */
  if (trials <= TRIALS_UNASKED || plan->experiment->yes) {
    return HARNESS_DONE;
  }
  char duration[512];
  duration_estimate(plan, invocations, duration, sizeof duration);
  if (!isatty(STDIN_FILENO)) {
    return say_bad_input("this run has %" PRIu64 " trials and will take %s; repeat with --yes to "
                         "start it",
                         trials, duration);
  }
  char answer[16] = "";
  fprintf(stderr, "This run has %" PRIu64 " trials and will take %s. Start it? [y/n] ", trials,
          duration);
  if (!fgets(answer, sizeof answer, stdin) || (answer[0] != 'y' && answer[0] != 'Y')) {
    return say_bad_input("not started");
  }
  return HARNESS_DONE;
}

void conduct_short_name(const struct experiment *experiment, char *name, size_t name_size) {
  if (experiment->name) {
    bool is_marked = strcmp(experiment->name, "quick") == 0 || !experiment->quick;
    snprintf(name, name_size, "%.60s%s", experiment->name, is_marked ? "" : "-quick");
    return;
  }
  const struct experiment_items *workloads = &experiment->workloads;
  const struct experiment_items *collectors = &experiment->collectors;
  const char *first = workloads->count == 1 ? workloads->items[0].name : "several";
  const char *collector = collectors->count == 1 ? collectors->items[0].name : "";
  bool is_plain = *collector && !strchr(collector, '=');
  snprintf(name, name_size, "%.40s%s%.40s%s", first, is_plain ? "-" : "", is_plain ? collector : "",
           experiment->quick ? "-quick" : "");
}

enum harness_status conduct_make_directory(const struct plan *plan, char directory[PATH_MAX]) {
  char short_name[192];
  conduct_short_name(plan->experiment, short_name, sizeof short_name);
  if (plan->shard.count > 0) {
    size_t length = strlen(short_name);
    snprintf(short_name + length, sizeof short_name - length, "-shard-%" PRIu64 "-of-%" PRIu64,
             plan->shard.number, plan->shard.count);
  }
  return run_directory_create(plan->experiment->out, short_name, directory);
}

/* Without a finished trial no directory stays behind that looks like a run. */
static void remove_empty(const char *directory) {
  char path[PATH_MAX], error[64];
  if (results_path(path, directory, "manifest.json", error, sizeof error) == 0) {
    unlink(path);
  }
  if (results_path(path, directory, "trials", error, sizeof error) == 0) {
    rmdir(path);
  }
  rmdir(directory);
}

static void say_how_to_see(const char *directory, const struct run_outcome *outcome) {
  const char *shown = run_directory_shown(directory);
  say_note("%" PRIu64 " finished trial%s kept in %s\nSee with: ./tricolor show %s", outcome->trials,
           outcome->trials == 1 ? "" : "s", shown, shown);
}

static const char *remark_on(const struct run_outcome *outcome, enum results_status status) {
  if (status == RESULTS_refused && outcome->statuses[status] == outcome->foreseen) {
    return " (cannot run; no failure)";
  }
  return status == RESULTS_out_of_memory ? " (a result)" : "";
}

/* "trials: 125 of 127 ok, 1 out of memory (a result), 1 crashed". A trial succeeds when it is ok. */
static void say_outcome(const struct run_outcome *outcome) {
  if (outcome->statuses[RESULTS_ok] == outcome->trials) {
    printf("trials: all %" PRIu64 " ok\n", outcome->trials);
    return;
  }
  printf("trials: %" PRIu64 " of %" PRIu64 " ok", outcome->statuses[RESULTS_ok], outcome->trials);
  for (size_t status = 0; status < RESULTS_STATUSES; status++) {
    if (status != RESULTS_ok && outcome->statuses[status] > 0) {
      printf(", %" PRIu64 " %s%s", outcome->statuses[status],
             results_status_words((enum results_status)status),
             remark_on(outcome, (enum results_status)status));
    }
  }
  printf("\n");
}

/* Nothing where nothing ended well. */
static void say_recording(const struct run_recording *most) {
  if (most->trial > 0) {
    printf("recording: at most %.2g %% of any trial's wall time (trial %" PRIu64 ", %s under %s)\n",
           100 * most->ratio, most->trial, most->workload, most->collector);
  }
}

enum harness_status conduct_give_up(const char *directory, enum harness_status status) {
  remove_empty(directory);
  if (status == HARNESS_INTERRUPTED) {
    say_note("Interrupted before a trial was finished.");
  }
  return status;
}

static enum harness_status conclude(const char *directory, enum harness_status status,
                                    const struct run_outcome *outcome, bool is_new) {
  if (status != HARNESS_DONE && outcome->trials == 0 && is_new) {
    return conduct_give_up(directory, status);
  }
  if (status == HARNESS_INTERRUPTED) {
    say_note("Interrupted.");
    show_summarize_briefly(directory);
    say_how_to_see(directory, outcome);
    return status;
  }
  if (status != HARNESS_DONE) {
    say_how_to_see(directory, outcome);
    return status;
  }
  char sentence[PATH_MAX + 128];
  snprintf(sentence, sizeof sentence,
           "Interrupted. All trials are finished; see them with: ./tricolor show %s",
           run_directory_shown(directory));
  interrupt_end_with(sentence);
  status = show_run(directory, SHOW_SUMMARIZED | SHOW_PLOTTED);
  say_recording(&outcome->recording);
  say_outcome(outcome);
  if (status == HARNESS_DONE && outcome->failures > 0) {
    fflush(stdout);
    say_error("%" PRIu64 " of %" PRIu64 " trials failed; their rows say how", outcome->failures,
              outcome->trials);
    status = HARNESS_TRIAL_FAILED;
  }
  return status;
}

static void say_refusals(const struct plan *plan) {
  size_t count = 0;
  const char *first = NULL;
  for (size_t i = 0; i < plan->configuration_count; i++) {
    if (plan->refusals[i]) {
      first = first ? first : plan->refusals[i];
      count++;
    }
  }
  if (count > 0) {
    say_note("%zu of %zu configurations cannot run and are rows that say why; the first: %s", count,
             plan->configuration_count, first);
  }
}

enum harness_status conduct_run(const struct plan *plan, const char *directory, json_t *resumed,
                                uint64_t begin_ns) {
  struct run_outcome outcome = {0};
  json_t *manifest = resumed ? json_incref(resumed) : manifest_begin(plan);
  say_refusals(plan);
  if (resumed) {
    manifest_resume(manifest);
  } else {
    machine_warn(json_object_get(manifest, "machine"));
  }
  enum harness_status status = manifest_write(manifest, directory, "running", 0, 0);
  bool is_whole = plan->shard.count == 0;
  if (status == HARNESS_DONE && !resumed && !plan->experiment->out && is_whole) {
    run_directory_set_latest(directory);
  }
  if (status == HARNESS_DONE) {
    status = run_plan(plan, directory, manifest, begin_ns, &outcome);
    const char *word = status == HARNESS_DONE          ? "finished"
                       : status == HARNESS_INTERRUPTED ? "interrupted"
                                                       : "failed";
    if (status == HARNESS_DONE) {
      manifest_end(manifest);
    }
    enum harness_status written =
        manifest_write(manifest, directory, word, outcome.invocations, outcome.trials);
    status = status == HARNESS_DONE ? written : status;
  }
  json_decref(manifest);
  return conclude(directory, status, &outcome, !resumed);
}
