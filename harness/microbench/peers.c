/* Whole programs beside the heap: gcbench and binary_trees here and as native ports on libgc.
 *
 * `tricolor run` makes each workload's trial once, which resolves the heap's size and writes the
 * trial's file; that file is then run again and again by `tricolor trial`, in random order with the
 * ports. The first trial is not counted.
 */
#define _GNU_SOURCE /* nftw */
#include "harness/microbench/peers.h"

#include "harness/microbench/ideal_kernels.h"
#include "harness/microbench/peer_process.h"
#include "results/trial.h"

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT_BYTES = 4096, ORDER_SEED = 1 };

/* Who does the work of a row. */
enum side { SIDE_HERE, SIDE_BDWGC, SIDE_BDWGC_LISTS, SIDES };

struct row {
  const char *workload;
  const char *port;          /* name of the libgc program */
  char trial_path[PATH_MAX]; /* of the trial that is repeated */
  char directory[PATH_MAX];
  uint64_t *wall_ns[SIDES]; /* by repetition */
};

static struct row rows[] = {
    {.workload = "gcbench", .port = "bdwgc-gcbench"},
    {.workload = "binary_trees", .port = "bdwgc-binary-trees"},
};
enum { ROWS = sizeof rows / sizeof *rows };

/* A program that lies where the running one lies. */
static enum harness_status sibling(const char *name, char path[PATH_MAX]) {
  ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
  if (length < 0) {
    return say_environment("cannot tell where this program lies: %s", strerror(errno));
  }
  path[length] = '\0';
  char *slash = strrchr(path, '/');
  size_t room = PATH_MAX - (size_t)(slash + 1 - path);
  if ((size_t)snprintf(slash + 1, room, "%s", name) >= room || access(path, X_OK) != 0) {
    return say_environment("--peers needs the program %s, which is not built: it needs libgc "
                           "(libgc-dev), and tricolor",
                           name);
  }
  return HARNESS_DONE;
}

static enum harness_status run_program(char *const *argv, char output[OUTPUT_BYTES]) {
  int status = peer_process_run(argv, output, OUTPUT_BYTES);
  if (status < 0) {
    return say_environment("cannot run %s: %s", argv[0], strerror(-status));
  }
  if (status == HARNESS_BAD_INPUT || status == HARNESS_ENVIRONMENT) {
    fputs(output, stderr); /* it has said why */
    return (enum harness_status)status;
  }
  if (status != 0) {
    say_error("%s ended with status %d: %s", argv[0], status, output);
    return HARNESS_TRIAL_FAILED;
  }
  return HARNESS_DONE;
}

static enum harness_status read_trial(const struct row *row, uint64_t *wall_ns) {
  struct results_trial trial;
  char error[512];
  if (results_trial_read(row->trial_path, &trial, error, sizeof error) < 0) {
    return say_environment("%s", error);
  }
  enum harness_status status = HARNESS_DONE;
  if (trial.status != RESULTS_ok) {
    say_error("the trial of %s ended: %s %s", row->workload, results_status_words(trial.status),
              trial.status_detail.text);
    status = HARNESS_TRIAL_FAILED;
  }
  *wall_ns = trial.result.wall_ns;
  results_trial_finish(&trial);
  return status;
}

/* The trial of the row's workload among those of its run; the others are the control's. */
static enum harness_status find_trial(struct row *row) {
  for (uint64_t number = 1;; number++) {
    char error[512];
    struct results_trial trial;
    if (results_trial_path(row->trial_path, row->directory, number, error, sizeof error) < 0 ||
        results_trial_read(row->trial_path, &trial, error, sizeof error) < 0) {
      return say_environment("%s", error);
    }
    bool is_found = strcmp(trial.configuration.workload.text, row->workload) == 0;
    results_trial_finish(&trial);
    if (is_found) {
      uint64_t wall_ns;
      return read_trial(row, &wall_ns);
    }
  }
}

static enum harness_status prepare_row(struct row *row, const struct peers_settings *settings,
                                       const char *directory) {
  char program[PATH_MAX], output[OUTPUT_BYTES];
  enum harness_status status = sibling("tricolor", program);
  if (status != HARNESS_DONE) {
    return status;
  }
  if ((size_t)snprintf(row->directory, sizeof row->directory, "%s/%s", directory, row->workload) >=
      sizeof row->directory) {
    return say_environment("the path of the temporary folder is too long");
  }
  const char *argv[] = {
      program,         "run",    "--collector",  settings->collector, "--workload",
      row->workload,   "--heap", settings->heap, "--pretouch",        "off",
      "--invocations", "1",      "--out",        row->directory,      NULL};
  status = run_program((char *const *)(uintptr_t)argv, output);
  for (int side = 0; side < SIDES && status == HARNESS_DONE; side++) {
    row->wall_ns[side] = calloc(settings->repetitions, sizeof *row->wall_ns[side]);
    if (row->wall_ns[side] == NULL) {
      status = say_environment("not enough memory");
    }
  }
  return status == HARNESS_DONE ? find_trial(row) : status;
}

static enum harness_status run_here(const struct row *row, uint64_t *wall_ns) {
  char program[PATH_MAX], output[OUTPUT_BYTES];
  enum harness_status status = sibling("tricolor", program);
  if (status != HARNESS_DONE) {
    return status;
  }
  const char *argv[] = {program, "trial", row->trial_path, NULL};
  status = run_program((char *const *)(uintptr_t)argv, output);
  return status == HARNESS_DONE ? read_trial(row, wall_ns) : status;
}

static enum harness_status run_port(const struct row *row, enum side side, uint64_t *wall_ns) {
  char program[PATH_MAX], output[OUTPUT_BYTES];
  enum harness_status status = sibling(row->port, program);
  if (status != HARNESS_DONE) {
    return status;
  }
  const char *argv[] = {program, side == SIDE_BDWGC_LISTS ? "--lists" : NULL, NULL};
  status = run_program((char *const *)(uintptr_t)argv, output);
  const char *elapsed = strstr(output, "elapsed_ns ");
  if (status == HARNESS_DONE &&
      (elapsed == NULL || sscanf(elapsed, "elapsed_ns %" SCNu64, wall_ns) != 1)) {
    say_error("%s printed no time: %s", program, output);
    status = HARNESS_TRIAL_FAILED;
  }
  return status;
}

/* Every side of every row once, in random order. */
static enum harness_status run_round(unsigned repetition) {
  uint32_t order[ROWS * SIDES];
  ideal_shuffle(order, ROWS * SIDES, ORDER_SEED + repetition);
  for (size_t i = 0; i < ROWS * SIDES; i++) {
    struct row *row = &rows[order[i] / SIDES];
    enum side side = (enum side)(order[i] % SIDES);
    uint64_t *wall_ns = &row->wall_ns[side][repetition];
    enum harness_status status =
        side == SIDE_HERE ? run_here(row, wall_ns) : run_port(row, side, wall_ns);
    if (status != HARNESS_DONE) {
      return status;
    }
  }
  return HARNESS_DONE;
}

static int compare_times(const void *left, const void *right) {
  uint64_t a = *(const uint64_t *)left;
  uint64_t b = *(const uint64_t *)right;
  return (a > b) - (a < b);
}

/* Sorts. */
static double median_seconds(uint64_t *times_ns, size_t count) {
  qsort(times_ns, count, sizeof *times_ns, compare_times);
  return (double)(times_ns[(count - 1) / 2] + times_ns[count / 2]) / 2e9;
}

static void print_rows(const struct peers_settings *settings) {
  printf("wall seconds of the whole workload, medians of %u, pre-touch off, libgc with two "
         "markers\n\n%-14s %-24s %-22s %8s   %-26s %8s\n",
         settings->repetitions, "workload", "here", "libgc, GC_MALLOC", "ratio",
         "libgc, GC_malloc_many", "ratio");
  for (size_t i = 0; i < ROWS; i++) {
    double seconds[SIDES];
    for (int side = 0; side < SIDES; side++) {
      seconds[side] = median_seconds(rows[i].wall_ns[side], settings->repetitions);
    }
    char here[64];
    snprintf(here, sizeof here, "%.3f %s %s", seconds[SIDE_HERE], settings->collector,
             settings->heap);
    printf("%-14s %-24s %-22.3f %8.2f   %-26.3f %8.2f\n", rows[i].workload, here,
           seconds[SIDE_BDWGC], seconds[SIDE_HERE] / seconds[SIDE_BDWGC], seconds[SIDE_BDWGC_LISTS],
           seconds[SIDE_HERE] / seconds[SIDE_BDWGC_LISTS]);
  }
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status;
  (void)kind;
  (void)place;
  return remove(path);
}

static enum harness_status run_rounds(const struct peers_settings *settings,
                                      const char *directory) {
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; i < ROWS && status == HARNESS_DONE; i++) {
    status = prepare_row(&rows[i], settings, directory);
  }
  for (unsigned i = 0; i < settings->repetitions && status == HARNESS_DONE; i++) {
    say_note("round %u of %u", i + 1, settings->repetitions);
    status = run_round(i);
  }
  if (status == HARNESS_DONE) {
    print_rows(settings);
  }
  for (size_t i = 0; i < ROWS; i++) {
    for (int side = 0; side < SIDES; side++) {
      free(rows[i].wall_ns[side]);
      rows[i].wall_ns[side] = NULL;
    }
  }
  return status;
}

enum harness_status peers_run(const struct peers_settings *settings) {
  const char *parent = getenv("TMPDIR");
  char directory[PATH_MAX / 2];
  snprintf(directory, sizeof directory, "%s/tricolor-peers-XXXXXX",
           parent == NULL || *parent == '\0' ? "/tmp" : parent);
  if (mkdtemp(directory) == NULL) {
    return say_environment("cannot make %s: %s", directory, strerror(errno));
  }
  enum harness_status status = run_rounds(settings, directory);
  nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
  return status;
}
