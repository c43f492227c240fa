/* `tricolor run`: an experiment from its file and flags to table and plots; and going on with one. */
#include "harness/clock.h"
#include "harness/command.h"
#include "harness/conduct.h"
#include "harness/interrupt.h"
#include "harness/manifest.h"
#include "harness/plan_shard.h"
#include "harness/run.h"
#include "harness/run_directory.h"
#include "harness/sbatch.h"
#include "harness/settings.h"
#include "results/configuration.h"
#include "results/file.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct flag own_flags[] = {
    {"resume", FLAG_VALUE, "DIR",
     "runs what is missing of the run in DIR; with an experiment or other options these must make "
     "the same plan"},
    {"shard", FLAG_VALUE, "I/N",
     "runs the I-th of N parts of the plan; tricolor merge makes one run of them"},
    {"print-sbatch", FLAG_VALUE, "N",
     "runs nothing and prints a Slurm script: N shards as an array job, and a job that merges "
     "them"},
};

static const struct flag *run_flags(size_t *count) {
  static struct flag flags[96];
  const struct flag *shared = experiment_flags(count);
  memcpy(flags, own_flags, sizeof own_flags);
  memcpy(flags + sizeof own_flags / sizeof *own_flags, shared, *count * sizeof *shared);
  *count += sizeof own_flags / sizeof *own_flags;
  return flags;
}

/* --- a new run ----------------------------------------------------------------------------------
 */

/* Configurations of an experiment whose directory exists: minima may have to be measured in it. */
static enum harness_status complete_plan(struct plan *plan, const char *directory) {
  char scratch[PATH_MAX], error[512];
  if (results_path(scratch, directory, "minheap", error, sizeof error) != 0) {
    return say_bad_input("%s", error);
  }
  interrupt_catch();
  enum harness_status status = plan_find_minimum_heaps(plan, scratch);
  return status == HARNESS_DONE ? plan_make_configurations(plan) : status;
}

static enum harness_status take_shard(const struct command_line *line, struct plan *plan) {
  const char *text = command_line_value(line, "shard");
  enum harness_status status = text ? plan_shard_parse(text, &plan->shard) : HARNESS_DONE;
  return text && status == HARNESS_DONE ? plan_shard_check(plan, plan->shard.count) : status;
}

static enum harness_status run_plan_anew(struct plan *plan, uint64_t begin_ns) {
  char directory[PATH_MAX];
  enum harness_status status = conduct_confirm(plan);
  if (status == HARNESS_DONE) {
    status = conduct_make_directory(plan, directory);
  }
  if (status != HARNESS_DONE) {
    return status;
  }
  int lock = -1;
  status = run_directory_lock(directory, &lock);
  if (status == HARNESS_DONE) {
    status = complete_plan(plan, directory);
    status = status == HARNESS_DONE ? conduct_run(plan, directory, NULL, begin_ns)
                                    : conduct_give_up(directory, status);
  }
  run_directory_unlock(lock);
  return status;
}

static enum harness_status run_anew(const struct command_line *line, uint64_t begin_ns) {
  struct experiment experiment;
  struct plan plan;
  enum harness_status status = experiment_init(&experiment, line);
  if (status != HARNESS_DONE) {
    return status;
  }
  const char *tasks = command_line_value(line, "print-sbatch");
  status = plan_init(&plan, &experiment);
  if (status == HARNESS_DONE) {
    status = take_shard(line, &plan);
    if (status == HARNESS_DONE) {
      status = tasks ? sbatch_print(line, &plan, tasks) : run_plan_anew(&plan, begin_ns);
    }
    plan_finish(&plan);
  }
  experiment_finish(&experiment);
  return status;
}

/* --- going on -----------------------------------------------------------------------------------
 */

struct resumed {
  const char *directory;
  json_t *manifest;
  struct experiment experiment;
  struct plan plan;
};

static enum harness_status differs(const struct resumed *resumed, const char *what) {
  return say_bad_input("the plan is not that of the run in %s: %s; nothing was run",
                       resumed->directory, what);
}

static enum harness_status compare_experiments(const struct resumed *resumed,
                                               const struct experiment *asked) {
  const struct experiment *there = &resumed->experiment;
  if (asked->seed_count != there->seed_count ||
      memcmp(asked->seeds, there->seeds, asked->seed_count * sizeof *asked->seeds) != 0) {
    return differs(resumed, "the seeds differ");
  }
  if (asked->invocations != there->invocations) {
    return differs(resumed, "the number of invocations differs");
  }
  if (asked->quick != there->quick) {
    return differs(resumed, "one is quick and the other is not");
  }
  if (asked->time_limit_ns != there->time_limit_ns ||
      asked->rss_limit_bytes != there->rss_limit_bytes) {
    return differs(resumed, "the limits of a trial differ");
  }
  if (asked->skip_after != there->skip_after) {
    return differs(resumed, "what is skipped differs (--skip-after)");
  }
  return HARNESS_DONE;
}

static bool has_workload(const struct plan *plan, const struct workload_choice *choice) {
  for (size_t i = 0; i < plan->workload_count; i++) {
    const struct workload_choice *there = &plan->workloads[i].choice;
    if (there->input.workload == choice->input.workload &&
        settings_equal(&there->parameters, &choice->parameters)) {
      return true;
    }
  }
  return false;
}

/* Before anything is made of workloads of which that run knows no minimum. */
static enum harness_status compare_workloads(const struct resumed *resumed,
                                             const struct plan *asked) {
  for (size_t i = 0; i < asked->workload_count; i++) {
    const struct workload_choice *choice = &asked->workloads[i].choice;
    if (!has_workload(&resumed->plan, choice)) {
      char sentence[128];
      snprintf(sentence, sizeof sentence, "%.60s with these parameters is not in it",
               choice->input.workload->name);
      return differs(resumed, sentence);
    }
  }
  return HARNESS_DONE;
}

static enum harness_status compare_plans(const struct resumed *resumed, const struct plan *asked) {
  const struct plan *there = &resumed->plan;
  char sentence[320];
  if (asked->configuration_count != there->configuration_count) {
    snprintf(sentence, sizeof sentence, "it has %zu configurations, and that run %zu",
             asked->configuration_count, there->configuration_count);
    return differs(resumed, sentence);
  }
  for (size_t i = 0; i < asked->configuration_count; i++) {
    const struct results_configuration *left = &asked->configurations[i];
    if (!results_configuration_equal(left, &there->configurations[i])) {
      snprintf(sentence, sizeof sentence, "%.60s under %.60s with %.40s in %s is not in it",
               left->workload.text, left->collector.text, left->barrier.text,
               say_size(left->heap_bytes));
      return differs(resumed, sentence);
    }
  }
  return HARNESS_DONE;
}

/* True when more than the directory was given: then it must describe the same plan. */
static bool asks_for_a_plan(const struct command_line *line) {
  bool asks = line->operand_count > 0;
  for (size_t i = 0; i < line->use_count; i++) {
    const char *name = line->uses[i].flag->name;
    asks |= strcmp(name, "resume") != 0 && strcmp(name, "yes") != 0;
  }
  return asks;
}

static enum harness_status check_same_plan(const struct command_line *line,
                                           const struct resumed *resumed) {
  struct experiment asked;
  struct plan plan;
  enum harness_status status = experiment_init(&asked, line);
  if (status != HARNESS_DONE) {
    return status;
  }
  if (command_line_value(line, "shard")) {
    status = say_bad_input("--resume goes on with what %s is, a shard or not; --shard cannot be "
                           "given with it",
                           resumed->directory);
  } else if (asked.out) {
    status =
        say_bad_input("--resume goes on in %s; --out cannot be given with it", resumed->directory);
  } else {
    status = compare_experiments(resumed, &asked);
  }
  if (status == HARNESS_DONE) {
    status = plan_init(&plan, &asked);
    if (status == HARNESS_DONE) {
      manifest_minimum_heaps(resumed->manifest, &plan);
      status = compare_workloads(resumed, &plan);
      status = status == HARNESS_DONE ? plan_make_configurations(&plan) : status;
      status = status == HARNESS_DONE ? compare_plans(resumed, &plan) : status;
      plan_finish(&plan);
    }
  }
  experiment_finish(&asked);
  return status;
}

/* Trials of two programs make no run. */
static enum harness_status check_program(const struct resumed *resumed) {
  const char *version = json_string_value(json_object_get(resumed->manifest, "version"));
  if (!version || strcmp(version, TRICOLOR_VERSION) != 0) {
    return say_bad_input("the run in %s was made by version %s of this program, and this is %s; "
                         "tricolor reproduce runs its plan anew",
                         resumed->directory, version ? version : "?", TRICOLOR_VERSION);
  }
  return HARNESS_DONE;
}

/* A run that had no number of invocations ends with the one that was begun last. */
static void settle_invocations(struct resumed *resumed) {
  uint64_t count = resumed->plan.configuration_count;
  if (resumed->experiment.invocations == 0) {
    uint64_t begun = (run_directory_last_trial(resumed->directory) + count - 1) / count;
    resumed->experiment.invocations = begun > 0 ? begun : 1;
    say_note("The run had no number of invocations; the %" PRIu64 " that were begun are completed.",
             resumed->experiment.invocations);
  }
}

static enum harness_status go_on(const struct command_line *line, struct resumed *resumed,
                                 uint64_t begin_ns) {
  enum harness_status status =
      manifest_plan(resumed->manifest, &resumed->experiment, &resumed->plan);
  if (status != HARNESS_DONE) {
    return status;
  }
  if (asks_for_a_plan(line)) {
    status = check_same_plan(line, resumed);
  }
  if (status == HARNESS_DONE) {
    settle_invocations(resumed);
    status = run_check_trials(&resumed->plan, resumed->directory);
  }
  if (status == HARNESS_DONE) {
    interrupt_catch();
    status = conduct_run(&resumed->plan, resumed->directory, resumed->manifest, begin_ns);
  }
  plan_finish(&resumed->plan);
  return status;
}

static enum harness_status resume(const struct command_line *line, const char *directory,
                                  uint64_t begin_ns) {
  struct resumed resumed = {.directory = directory};
  int lock = -1;
  enum harness_status status = run_directory_check(directory);
  if (status == HARNESS_DONE) {
    status = run_directory_lock(directory, &lock);
  }
  if (status == HARNESS_DONE) {
    status = manifest_read(directory, &resumed.manifest);
  }
  if (status == HARNESS_DONE) {
    status = check_program(&resumed);
    if (status == HARNESS_DONE) {
      status = manifest_experiment(resumed.manifest, &resumed.experiment);
    }
    if (status == HARNESS_DONE) {
      status = go_on(line, &resumed, begin_ns);
      experiment_finish(&resumed.experiment);
    }
    json_decref(resumed.manifest);
  }
  run_directory_unlock(lock);
  return status;
}

static enum harness_status run(const struct command_line *line) {
  uint64_t begin_ns = clock_now_ns();
  const char *resumed = command_line_value(line, "resume");
  interrupt_end_with("Interrupted before the first trial.");
  if (resumed && command_line_value(line, "print-sbatch")) {
    return say_bad_input("--print-sbatch begins a run, and --resume goes on with one");
  }
  return resumed ? resume(line, resumed, begin_ns) : run_anew(line, begin_ns);
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
        "EXPERIMENT is a name (tricolor list experiments) or a YAML file; options replace what it "
        "says.\n"
        "--resume DIR runs what is missing after an interruption, or after the machine went "
        "down.\n\n"
        "Examples:\n"
        "  tricolor run\n"
        "  tricolor run heap-sweep --workload lru_cache\n"
        "  tricolor run --resume results/runs/latest\n"
        "  tricolor run --quick --workload gcbench --collector stw --barrier all\n"
        "  tricolor run --workload lru_cache --heap 1.5x,2x,3x --param entries=500000\n"
        "  tricolor run --collector mark=stw,sweep=eager --workload binary_trees --heap 64M\n"
        "  tricolor run --collector all --barrier-costs\n"
        "  tricolor run strategies --shard 1/4 --out shards/1\n"
        "  tricolor run heap-sweep --invocations 10 --print-sbatch 5 > job.sh && sh job.sh\n",
    .flags = run_flags,
    .run = run,
};
