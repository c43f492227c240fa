/* `tricolor run`: an experiment from flags to table and plots. */
#include "harness/clock.h"
#include "harness/command.h"
#include "harness/interrupt.h"
#include "harness/machine.h"
#include "harness/manifest.h"
#include "harness/recording_cost.h"
#include "harness/run.h"
#include "harness/run_directory.h"
#include "harness/show.h"
#include "results/file.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TRIALS_UNASKED = 1000 };

/* Many trials are confirmed, on a terminal by an answer and elsewhere by --yes. */
static enum harness_status confirm(const struct plan *plan) {
  uint64_t invocations = plan->experiment->invocations ? plan->experiment->invocations : 1;
  uint64_t trials = invocations * plan->configuration_count;
  if (trials <= TRIALS_UNASKED || plan->experiment->yes) {
    return HARNESS_DONE;
  }
  if (!isatty(STDIN_FILENO)) {
    return say_bad_input("this run has %" PRIu64 " trials; repeat with --yes to start it", trials);
  }
  char answer[16] = "";
  fprintf(stderr, "This run has %" PRIu64 " trials. Start it? [y/n] ", trials);
  if (!fgets(answer, sizeof answer, stdin) || (answer[0] != 'y' && answer[0] != 'Y')) {
    return say_bad_input("not started");
  }
  return HARNESS_DONE;
}

/* "gcbench-stw", "all", "gcbench-quick": for the directory's name. */
static void make_short_name(const struct experiment *experiment, char *name, size_t name_size) {
  const struct experiment_items *workloads = &experiment->workloads;
  const struct experiment_items *collectors = &experiment->collectors;
  const char *first = workloads->count == 1 ? workloads->items[0].name : "several";
  const char *collector = collectors->count == 1 ? collectors->items[0].name : "";
  bool is_plain = *collector && !strchr(collector, '=');
  snprintf(name, name_size, "%.40s%s%.40s%s", first, is_plain ? "-" : "", is_plain ? collector : "",
           experiment->quick ? "-quick" : "");
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
             status == RESULTS_out_of_memory ? " (a result)" : "");
    }
  }
  printf("\n");
}

static enum harness_status conclude(const char *directory, enum harness_status status,
                                    const struct run_outcome *outcome) {
  if (status != HARNESS_DONE && outcome->trials == 0) {
    remove_empty(directory);
    if (status == HARNESS_INTERRUPTED) {
      say_note("Interrupted before a trial was finished.");
    }
    return status;
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
  double cost_ns = recording_cost_ns();
  printf("recording: about %.0f ns per event, at most %.2g %% of any trial's wall time\n", cost_ns,
         100 * cost_ns * outcome->events_per_ns);
  say_outcome(outcome);
  if (status == HARNESS_DONE && outcome->failures > 0) {
    fflush(stdout);
    say_error("%" PRIu64 " of %" PRIu64 " trials failed; their rows say how", outcome->failures,
              outcome->trials);
    status = HARNESS_TRIAL_FAILED;
  }
  return status;
}

/* From a directory that exists to its last file. */
static enum harness_status run_into(struct plan *plan, const char *directory, uint64_t begin_ns) {
  char scratch[PATH_MAX], error[512];
  struct run_outcome outcome = {0};
  if (results_path(scratch, directory, "minheap", error, sizeof error) != 0) {
    return say_bad_input("%s", error);
  }
  interrupt_catch();
  enum harness_status status = plan_find_minimum_heaps(plan, scratch);
  if (status == HARNESS_DONE) {
    status = plan_make_configurations(plan);
  }
  if (status == HARNESS_DONE) {
    status = confirm(plan);
  }
  if (status != HARNESS_DONE) {
    return conclude(directory, status, &outcome);
  }
  json_t *manifest = manifest_begin(plan);
  machine_warn(json_object_get(manifest, "machine"));
  status = manifest_write(manifest, directory, "running", 0, 0);
  if (status == HARNESS_DONE && !plan->experiment->out) {
    run_directory_set_latest(directory);
  }
  if (status == HARNESS_DONE) {
    status = run_plan(plan, directory, manifest, begin_ns, &outcome);
    const char *word = status == HARNESS_DONE          ? "finished"
                       : status == HARNESS_INTERRUPTED ? "interrupted"
                                                       : "failed";
    enum harness_status written =
        manifest_write(manifest, directory, word, outcome.invocations, outcome.trials);
    status = status == HARNESS_DONE ? written : status;
  }
  json_decref(manifest);
  return conclude(directory, status, &outcome);
}

static enum harness_status run(const struct command_line *line) {
  uint64_t begin_ns = clock_now_ns();
  struct experiment experiment;
  struct plan plan;
  char directory[PATH_MAX], short_name[128];
  interrupt_end_with("Interrupted before the first trial.");
  enum harness_status status = experiment_init(&experiment, line);
  if (status != HARNESS_DONE) {
    return status;
  }
  status = plan_init(&plan, &experiment);
  if (status == HARNESS_DONE) {
    make_short_name(&experiment, short_name, sizeof short_name);
    status = run_directory_create(experiment.out, short_name, directory);
    if (status == HARNESS_DONE) {
      status = run_into(&plan, directory, begin_ns);
    }
    plan_finish(&plan);
  }
  experiment_finish(&experiment);
  return status;
}

const struct command command_run = {
    .name = "run",
    .operands = "[EXPERIMENT]",
    .operands_max = 1,
    .summary = "Runs workloads under collectors and shows what the stopped program felt.",
    .text =
        "Every trial is a process of its own; the configurations of a workload are interleaved, "
        "in\n"
        "an order drawn from the seed, with a control trial (idle) that shows the platform floor.\n"
        "A trial that crashes, hangs, runs out of memory or computes a wrong result is a row that\n"
        "says so; the others go on. Ctrl-C keeps the finished trials. The last line counts: a "
        "trial\n"
        "succeeds when it finished and its result was checked (ok); running out of memory is a\n"
        "result, not a success and not a failure; anything else makes the exit status 1.\n\n"
        "Examples:\n"
        "  tricolor run\n"
        "  tricolor run --quick --workload gcbench --collector stw --barrier all\n"
        "  tricolor run --workload lru_cache --heap 1.5x,2x,3x --param entries=500000\n"
        "  tricolor run --collector mark=stw,sweep=eager --workload binary_trees --heap 64M\n"
        "  tricolor run --collector all --barrier-costs\n",
    .flags = experiment_flags,
    .run = run,
};
