/* `tricolor trial FILE`: runs the one trial that FILE describes, in this process.
 *
 * `run` starts it for every trial. Called by hand on a NNNN.running.json, or on a finished
 * trials/NNNN.json, it runs that trial again (under a debugger, say); the results then go beside
 * FILE, over those that are there.
 */
#include "harness/command.h"
#include "harness/layout.h"
#include "harness/machine.h"
#include "harness/run_directory.h"
#include "harness/trial.h"
#include "harness/variants.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const struct flag flags[] = {
    {"shared-fd", FLAG_VALUE, "N", "descriptor of the memory in which progress is reported"},
    {"census", FLAG_VALUE, "N",
     "collects everything at N equal parts of the work, and writes what is left into "
     "NNNN.census.json"},
};

static const struct flag *trial_flags(size_t *count) {
  *count = sizeof flags / sizeof *flags;
  return flags;
}

static struct trial_shared *map_shared(const char *descriptor_text) {
  int descriptor = descriptor_text ? atoi(descriptor_text) : -1;
  int kind = descriptor_text ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
  void *memory =
      mmap(NULL, sizeof(struct trial_shared), PROT_READ | PROT_WRITE, kind, descriptor, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

/* VmHWM: of this program alone, which rusage's maximum is not: that one remembers the process that
 * started it. */
static uint64_t peak_rss_bytes(void) {
  FILE *stream = fopen("/proc/self/status", "r");
  char line[256];
  unsigned long long kibibytes = 0;
  while (stream && fgets(line, sizeof line, stream)) {
    if (sscanf(line, "VmHWM: %llu kB", &kibibytes) == 1) {
      break;
    }
  }
  if (stream) {
    fclose(stream);
  }
  return kibibytes * 1024;
}

/* FILE is DIRECTORY/trials/NAME. */
static void take_directory(const char *file, char directory[PATH_MAX]) {
  snprintf(directory, PATH_MAX, "%s", file);
  for (unsigned i = 0; i < 2; i++) {
    char *slash = strrchr(directory, '/');
    if (slash) {
      *slash = 0;
    } else {
      snprintf(directory, PATH_MAX, "%s", i == 0 ? ".." : ".");
      return;
    }
  }
}

static void forget_result(struct results_trial *trial) {
  trial->result = (struct results_result){0};
  trial->heap = (struct results_heap){0};
  trial->recording = (struct results_recording){0};
  results_text_set(&trial->status_detail, "");
}

static enum harness_status run_trial(const char *file, struct results_trial *trial,
                                     struct trial_shared *shared, uint64_t census_samples) {
  char directory[PATH_MAX], path[PATH_MAX], events_path[PATH_MAX], census_path[PATH_MAX];
  char error[512];
  struct gc_event_ring ring;
  if (gc_event_ring_init(&ring, 0) != 0) {
    return say_environment("out of memory");
  }
  forget_result(trial);
  take_directory(file, directory);
  enum harness_status status = HARNESS_DONE;
  if (results_trial_path(path, directory, trial->trial, error, sizeof error) != 0 ||
      results_trial_events_path(events_path, directory, trial->trial, error, sizeof error) != 0) {
    status = say_environment("%s", error);
  } else if (strcmp(trial->configuration.workload.text, RESULTS_IDLE_WORKLOAD) == 0) {
    status = idle_trial_run(trial, shared, &ring, events_path);
  } else if (collector_is_native(trial->configuration.collector.text)) {
    status = native_trial_run(trial, shared, &ring, events_path);
  } else {
    run_directory_file(census_path, directory, trial->trial, "census.json");
    struct trial_census census = {census_samples, census_path};
    status = heap_trial_run(trial, shared, &ring, events_path, &census);
  }
  trial->result.peak_rss_bytes = peak_rss_bytes();
  trial->machine.cores = machine_cores();
  if (status == HARNESS_DONE && results_trial_write(path, trial, error, sizeof error) != 0) {
    status = say_environment("%s", error);
  }
  gc_event_ring_finish(&ring);
  return status;
}

static enum harness_status run(const struct command_line *line) {
  const char *file = line->operands[0];
  char error[512];
  struct results_trial trial;
  layout_shift_mappings();
  if (results_trial_read(file, &trial, error, sizeof error) != 0) {
    return say_bad_input("%s", error);
  }
  enum harness_status status = HARNESS_DONE;
  if (trial.configuration.mutators < 1 || trial.configuration.mutators > TRIAL_MUTATORS_MAX) {
    status = say_bad_input("a trial has 1 to %d mutators", TRIAL_MUTATORS_MAX);
  }
  struct trial_shared *shared = map_shared(command_line_value(line, "shared-fd"));
  if (!shared) {
    status = say_environment("cannot map the memory for progress: %s", strerror(errno));
  }
  if (status == HARNESS_DONE) {
    const char *census = command_line_value(line, "census");
    status = run_trial(file, &trial, shared, census ? strtoull(census, NULL, 10) : 0);
  }
  results_trial_finish(&trial);
  return status;
}

const struct command command_trial = {
    .name = "trial",
    .operands = "FILE",
    .summary = "Runs one trial in this process; `run` starts it for each.",
    .text = "FILE is DIRECTORY/trials/NNNN.json: the trial runs again with the same configuration, "
            "under a\ndebugger for instance, and its results replace those in DIRECTORY.\n",
    .flags = trial_flags,
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
    .is_hidden = true,
};
