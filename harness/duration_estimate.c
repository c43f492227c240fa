/* How long a plan will take. */
#include "harness/duration_estimate.h"
#include "harness/settings.h"
#include "results/trial.h"
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Looking at more would itself take long. */
enum { TRIALS_READ_MAX = 5000 };

static const double unknown_seconds = 1;
static const double process_seconds = 0.05; /* to start it and to write its files */

struct known {
  double seconds; /* sum */
  uint64_t trials;
};

struct estimate {
  const struct plan *plan;
  struct known *known; /* of each workload */
  uint64_t read;
};

static void take_trial(struct estimate *estimate, const char *path) {
  struct results_trial trial;
  char error[512];
  if (results_trial_read(path, &trial, error, sizeof error) != 0) {
    return;
  }
  estimate->read++;
  for (size_t i = 0; i < estimate->plan->workload_count; i++) {
    const struct workload_choice *choice = &estimate->plan->workloads[i].choice;
    if (trial.status == RESULTS_ok &&
        strcmp(choice->input.workload->name, trial.configuration.workload.text) == 0 &&
        settings_equal(&choice->parameters, &trial.configuration.parameters)) {
      const struct experiment *experiment = estimate->plan->experiment;
      double runs = (double)(experiment->warmup_iterations + experiment->iterations) /
                    (double)trial.configuration.iterations;
      estimate->known[i].seconds +=
          ((double)trial.result.wall_ns * runs + (double)trial.result.setup_ns) * 1e-9 +
          process_seconds;
      estimate->known[i].trials++;
    }
  }
  results_trial_finish(&trial);
}

/* Calls the function with the path of each entry that has no dot in front. */
static void each_entry(struct estimate *estimate, const char *directory,
                       void (*take)(struct estimate *estimate, const char *path)) {
  char path[PATH_MAX];
  DIR *entries = opendir(directory);
  const struct dirent *entry;
  while (entries && estimate->read < TRIALS_READ_MAX && (entry = readdir(entries))) {
    int length = snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
    if (entry->d_name[0] != '.' && length > 0 && (size_t)length < sizeof path) {
      take(estimate, path);
    }
  }
  if (entries) {
    closedir(entries);
  }
}

static void take_file(struct estimate *estimate, const char *path) {
  const char *dot = strchr(strrchr(path, '/'), '.');
  if (dot && strcmp(dot, ".json") == 0) {
    take_trial(estimate, path);
  }
}

static void take_run(struct estimate *estimate, const char *path) {
  char trials[PATH_MAX + 8];
  const char *name = strrchr(path, '/') + 1;
  snprintf(trials, sizeof trials, "%s/trials", path);
  if (strcmp(name, "latest") != 0) { /* a link to one that is met anyway */
    each_entry(estimate, trials, take_file);
  }
}

static double control_seconds(const struct plan *plan, uint64_t invocations) {
  return (double)invocations * (plan->experiment->quick ? 0.5 : 2);
}

void duration_estimate(const struct plan *plan, uint64_t invocations, char *text,
                       size_t text_size) {
  struct estimate estimate = {
      .plan = plan, .known = memory_resize(NULL, plan->workload_count, sizeof *estimate.known)};
  char directory[PATH_MAX];
  memset(estimate.known, 0, plan->workload_count * sizeof *estimate.known);
  snprintf(directory, sizeof directory, "%s/results/runs", project_directory());
  each_entry(&estimate, directory, take_run);
  snprintf(directory, sizeof directory, "%s/results/reference", project_directory());
  each_entry(&estimate, directory, take_run);

  double known_seconds = 0;
  uint64_t trials = 0;
  size_t known_count = 0;
  for (size_t i = 0; i < plan->workload_count; i++) {
    const struct known *known = &estimate.known[i];
    if (known->trials > 0) {
      known_seconds += known->seconds / (double)known->trials;
      known_count++;
      trials += known->trials;
    }
  }
  free(estimate.known);
  double mean = known_count > 0 ? known_seconds / (double)known_count : unknown_seconds;
  double per_workload = (double)(plan_configuration_total(plan) - 1) / (double)plan->workload_count;
  double seconds = per_workload * (double)invocations * mean * (double)plan->workload_count +
                   control_seconds(plan, invocations);
  seconds /= plan->shard.count > 0 ? (double)plan->shard.count : 1;
  size_t unknown = plan->workload_count - known_count;
  if (known_count == 0) {
    snprintf(text, text_size,
             "%s if a trial takes a second (no trial of its workloads with these parameters is in "
             "results/, so this is a guess)",
             say_seconds(seconds));
  } else if (unknown > 0) {
    snprintf(text, text_size,
             "about %s (by %" PRIu64 " earlier trials in results/; %zu of %zu workloads have none "
             "and are taken as the mean of the others)",
             say_seconds(seconds), trials, unknown, plan->workload_count);
  } else {
    snprintf(text, text_size,
             "about %s (by %" PRIu64 " earlier trials of its workloads in results/)",
             say_seconds(seconds), trials);
  }
}
