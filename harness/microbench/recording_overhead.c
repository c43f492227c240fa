/* Recording on against off, as whole programs. See recording_overhead.h.
 *
 * `tricolor run` makes a trial of each workload, which resolves the heap's size and writes the
 * trial's file. A copy of it asks for --record=nothing. Both files are then run again and again by
 * `tricolor trial`, all in random order within a repetition; the two of one repetition are a pair.
 */
#define _GNU_SOURCE /* nftw */
#include "harness/microbench/recording_overhead.h"

#include "harness/microbench/ideal_kernels.h"
#include "harness/microbench/peer_process.h"
#include "results/statistics.h"
#include "results/trial.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT_BYTES = 4096, ORDER_SEED = 1, OFF_TRIALS_FROM = 1000 };

/* A repetition of either side. */
enum side { SIDE_ON, SIDE_OFF, SIDES };

struct measured {
  double wall_ns, cpu_ns;
  double events, cost_ns; /* of recording; 0 when it is off */
};

struct row {
  const char *workload;
  char trial_paths[SIDES][PATH_MAX];
  struct measured *repetitions[SIDES];
};

static const char *const workloads[] = {"gcbench",      "binary_trees", "message_window",
                                        "message_tree", "lru_cache",    "graph_mutate"};
enum { ROWS = sizeof workloads / sizeof *workloads };

struct overhead {
  const struct recording_overhead_settings *settings;
  char program[PATH_MAX]; /* tricolor */
  char directory[PATH_MAX / 2];
  struct row rows[ROWS];
};

static enum harness_status find_program(char path[PATH_MAX]) {
  ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
  if (length < 0) {
    return say_environment("cannot tell where this program lies: %s", strerror(errno));
  }
  path[length] = '\0';
  char *name = strrchr(path, '/') + 1;
  size_t room = PATH_MAX - (size_t)(name - path);
  if ((size_t)snprintf(name, room, "tricolor") >= room || access(path, X_OK) != 0) {
    return say_environment("the cost of recording is measured with tricolor, which is not built "
                           "beside this program");
  }
  return HARNESS_DONE;
}

static enum harness_status run_program(const char *const *argv) {
  char output[OUTPUT_BYTES];
  int status = peer_process_run((char *const *)(uintptr_t)argv, output, sizeof output);
  if (status < 0) {
    return say_environment("cannot run %s: %s", argv[0], strerror(-status));
  }
  if (status != 0) {
    say_error("%s %s ended with status %d: %s", argv[0], argv[1], status, output);
    return status == HARNESS_BAD_INPUT || status == HARNESS_ENVIRONMENT
               ? (enum harness_status)status
               : HARNESS_TRIAL_FAILED;
  }
  return HARNESS_DONE;
}

/* --- the trials ---------------------------------------------------------------------------------
 */

static enum harness_status make_trials(const struct overhead *overhead) {
  char list[256] = "";
  for (size_t i = 0; i < ROWS; i++) {
    size_t length = strlen(list);
    snprintf(list + length, sizeof list - length, "%s%s", i > 0 ? "," : "", workloads[i]);
  }
  const struct recording_overhead_settings *settings = overhead->settings;
  const char *argv[] = {overhead->program,
                        "run",
                        "--collector",
                        settings->collector,
                        "--workload",
                        list,
                        "--heap",
                        settings->heap,
                        "--invocations",
                        "1",
                        "--out",
                        overhead->directory,
                        settings->quick ? "--quick" : NULL,
                        NULL};
  return run_program(argv);
}

/* The same trial with nothing recorded, under a number of its own. */
static int write_off(const struct overhead *overhead, struct row *row, struct results_trial *trial,
                     char *error, size_t error_size) {
  trial->trial += OFF_TRIALS_FROM;
  int status = results_settings_add(&trial->configuration.options, "record", "nothing");
  if (status == 0) {
    status = results_trial_path(row->trial_paths[SIDE_OFF], overhead->directory, trial->trial,
                                error, error_size);
  }
  return status == 0 ? results_trial_write(row->trial_paths[SIDE_OFF], trial, error, error_size)
                     : status;
}

/* Files the trial under its row; the control's is nobody's. */
static int take_trial(struct overhead *overhead, uint64_t number, char *error, size_t error_size) {
  char path[PATH_MAX];
  struct results_trial trial;
  int status = results_trial_path(path, overhead->directory, number, error, error_size);
  if (status == 0) {
    status = results_trial_read(path, &trial, error, error_size);
  }
  if (status != 0) {
    return status;
  }
  for (size_t i = 0; i < ROWS && status == 0; i++) {
    struct row *row = &overhead->rows[i];
    if (strcmp(workloads[i], trial.configuration.workload.text) == 0) {
      row->workload = workloads[i];
      memcpy(row->trial_paths[SIDE_ON], path, sizeof path);
      status = write_off(overhead, row, &trial, error, error_size);
      break;
    }
  }
  results_trial_finish(&trial);
  return status;
}

static enum harness_status prepare(struct overhead *overhead) {
  enum harness_status status = make_trials(overhead);
  char error[512];
  for (uint64_t number = 1; number <= ROWS + 1 && status == HARNESS_DONE; number++) {
    if (take_trial(overhead, number, error, sizeof error) != 0) {
      status = say_environment("%s", error);
    }
  }
  for (size_t i = 0; i < ROWS * SIDES && status == HARNESS_DONE; i++) {
    struct row *row = &overhead->rows[i / SIDES];
    row->repetitions[i % SIDES] =
        calloc(overhead->settings->repetitions, sizeof *row->repetitions[i % SIDES]);
    if (row->repetitions[i % SIDES] == NULL) {
      status = say_environment("not enough memory");
    }
  }
  return status;
}

static enum harness_status measure(const struct overhead *overhead, struct row *row, enum side side,
                                   unsigned repetition) {
  const char *path = row->trial_paths[side];
  const char *argv[] = {overhead->program, "trial", path, NULL};
  struct results_trial trial;
  char error[512];
  enum harness_status status = run_program(argv);
  if (status != HARNESS_DONE) {
    return status;
  }
  if (results_trial_read(path, &trial, error, sizeof error) != 0) {
    return say_environment("%s", error);
  }
  if (trial.status != (side == SIDE_ON ? RESULTS_ok : RESULTS_incomplete)) {
    say_error("the trial of %s ended: %s %s", row->workload, results_status_words(trial.status),
              trial.status_detail.text);
    status = HARNESS_TRIAL_FAILED;
  }
  row->repetitions[side][repetition] = (struct measured){
      .wall_ns = (double)trial.result.wall_ns,
      .cpu_ns = (double)(trial.result.cpu_user_ns + trial.result.cpu_system_ns),
      .events = side == SIDE_ON ? (double)trial.recording.events : 0,
      .cost_ns = side == SIDE_ON ? (double)trial.recording.cost_ns : 0,
  };
  results_trial_finish(&trial);
  return status;
}

/* Both sides of every row once, in random order. */
static enum harness_status run_round(struct overhead *overhead, unsigned repetition) {
  uint32_t order[ROWS * SIDES];
  ideal_shuffle(order, ROWS * SIDES, ORDER_SEED + repetition);
  for (size_t i = 0; i < ROWS * SIDES; i++) {
    enum harness_status status = measure(overhead, &overhead->rows[order[i] / SIDES],
                                         (enum side)(order[i] % SIDES), repetition);
    if (status != HARNESS_DONE) {
      return status;
    }
  }
  return HARNESS_DONE;
}

/* --- the table ----------------------------------------------------------------------------------
 */

typedef double quantity(const struct measured *measured);

static double wall_of(const struct measured *measured) {
  return measured->wall_ns;
}

static double cpu_of(const struct measured *measured) {
  return measured->cpu_ns;
}

static double events_of(const struct measured *measured) {
  return measured->events;
}

static double charged_percent_of(const struct measured *measured) {
  return 100 * measured->cost_ns / measured->wall_ns;
}

static double median_of(const struct row *row, size_t count, quantity *value_of, double *scratch) {
  for (size_t i = 0; i < count; i++) {
    scratch[i] = value_of(&row->repetitions[SIDE_ON][i]);
  }
  return results_median(scratch, count);
}

/* What "on" takes more than "off", of the pairs; the interval where there are pairs enough. */
static void print_difference(const struct row *row, size_t count, quantity *value_of,
                             double *scratch) {
  for (size_t i = 0; i < count; i++) {
    scratch[i] = value_of(&row->repetitions[SIDE_ON][i]) / value_of(&row->repetitions[SIDE_OFF][i]);
  }
  struct results_interval interval = results_interval_of_ratios(scratch, count, 1, ORDER_SEED);
  char text[64] = "";
  int length = snprintf(text, sizeof text, "%+.2f %%", 100 * (interval.estimate - 1));
  if (!isnan(interval.low)) {
    snprintf(text + length, sizeof text - (size_t)length, " [%+.2f, %+.2f]",
             100 * (interval.low - 1), 100 * (interval.high - 1));
  }
  printf("  %-24s", text);
}

static enum harness_status print_table(const struct overhead *overhead) {
  size_t count = overhead->settings->repetitions;
  double *scratch = calloc(count, sizeof *scratch), most_percent = 0;
  if (scratch == NULL) {
    return say_environment("not enough memory");
  }
  printf("recording on against off, %s at %s, %zu pairs\n\n%-15s %10s  %10s  %-24s  %s\n",
         overhead->settings->collector, overhead->settings->heap, count, "workload", "events",
         "charged", "wall, measured", "CPU, measured");
  for (size_t i = 0; i < ROWS; i++) {
    const struct row *row = &overhead->rows[i];
    double charged_percent = median_of(row, count, charged_percent_of, scratch);
    most_percent = fmax(most_percent, charged_percent);
    printf("%-15s %10.0f  %8.3f %%", row->workload, median_of(row, count, events_of, scratch),
           charged_percent);
    print_difference(row, count, wall_of, scratch);
    print_difference(row, count, cpu_of, scratch);
    printf("\n");
  }
  printf(
      "\nrecording costs at most %.2g %% of the wall time of a classic workload (charged: events "
      "by kind, each at what one was measured to cost; measured: mean of pairs%s)\n",
      most_percent, count < RESULTS_CALLED_FROM ? "" : ", interval of 95 %");
  free(scratch);
  return HARNESS_DONE;
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status;
  (void)kind;
  (void)place;
  return remove(path);
}

static enum harness_status run_rounds(struct overhead *overhead) {
  enum harness_status status = prepare(overhead);
  for (unsigned i = 0; i < overhead->settings->repetitions && status == HARNESS_DONE; i++) {
    say_note("recording: pair %u of %u", i + 1, overhead->settings->repetitions);
    status = run_round(overhead, i);
  }
  if (status == HARNESS_DONE) {
    status = print_table(overhead);
  }
  for (size_t i = 0; i < ROWS * SIDES; i++) {
    free(overhead->rows[i / SIDES].repetitions[i % SIDES]);
  }
  return status;
}

enum harness_status recording_overhead_run(const struct recording_overhead_settings *settings) {
  const char *parent = getenv("TMPDIR");
  struct overhead overhead = {.settings = settings};
  enum harness_status status = find_program(overhead.program);
  if (status != HARNESS_DONE) {
    return status;
  }
  snprintf(overhead.directory, sizeof overhead.directory, "%s/tricolor-recording-XXXXXX",
           parent == NULL || *parent == '\0' ? "/tmp" : parent);
  if (mkdtemp(overhead.directory) == NULL) {
    return say_environment("cannot make %s: %s", overhead.directory, strerror(errno));
  }
  status = run_rounds(&overhead);
  nftw(overhead.directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
  return status;
}
