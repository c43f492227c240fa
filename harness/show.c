/* Showing a run: summary, table, plots. */
#include "harness/show.h"
#include "harness/clock.h"
#include "harness/run_directory.h"
#include "results/memory_verdict.h"
#include "results/plot.h"
#include "results/strategies.h"
#include "results/summarize.h"
#include "results/table.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BRIEFLY_MS = 500, LOOK_MS = 10 };

static enum harness_status status_of(int error_number, const char *error) {
  bool is_input = error_number == -ENODATA || error_number == -ENOENT || error_number == -EPROTO ||
                  error_number == -EINVAL || error_number == -ENOTDIR;
  return is_input ? say_bad_input("%s", error) : say_environment("%s", error);
}

/* A row per strategy says more than one plot of curves from three on. */
enum { STRATEGIES_PLOTTED = 3 };

static bool has_strategies(const struct results_run *run) {
  struct results_strategies_list list;
  bool has_several = false;
  if (results_strategies_derive(run, &list) != 0) {
    return false;
  }
  for (size_t i = 0; i < list.count; i++) {
    has_several |= list.items[i].count >= STRATEGIES_PLOTTED;
  }
  results_strategies_finish(&list);
  return has_several;
}

static enum harness_status plot_kind(const struct results_run *run, enum results_plot_kind kind) {
  char error[512];
  struct results_plot_request request = {.kind = kind, .target = RESULTS_PLOT_FILE};
  int status = results_plot_run(run, &request, error, sizeof error);
  if (status == -ENOPKG || status == -ENODATA) {
    say_note("No %s plot: %s", results_plot_kind_names[kind], error);
    return HARNESS_DONE;
  }
  if (status != 0) {
    return say_environment("%s", error);
  }
  printf("%s: %s/%s.svg\n", results_plot_kind_names[kind], run_directory_shown(run->directory),
         results_plot_kind_names[kind]);
  return HARNESS_DONE;
}

static enum harness_status plot(const struct results_run *run) {
  static const enum results_plot_kind kinds[] = {RESULTS_PLOT_histogram, RESULTS_PLOT_percentiles,
                                                 RESULTS_PLOT_strategies};
  size_t count = sizeof kinds / sizeof *kinds - !has_strategies(run);
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < count; i++) {
    status = plot_kind(run, kinds[i]);
  }
  return status;
}

enum harness_status show_run(const char *directory, unsigned what) {
  struct results_run run;
  char error[1024];
  int loaded = what & SHOW_SUMMARIZED ? results_summarize(directory, &run, error, sizeof error)
                                      : results_run_load(directory, &run, error, sizeof error);
  if (loaded != 0) {
    return status_of(loaded, error);
  }
  results_table_print(stdout, &run);
  fflush(stdout); /* before what may be said on stderr */
  enum harness_status status = HARNESS_DONE;
  if (what & SHOW_PLOTTED) {
    status = plot(&run);
  }
  results_pause_target_print(stdout, &run);
  results_memory_verdict_print(stdout, &run);
  if (what & SHOW_SUMMARIZED) {
    printf("results: %s\n", run_directory_shown(run.directory));
  }
  results_run_finish(&run);
  return status;
}

void show_summarize_briefly(const char *directory) {
  pid_t pid = fork();
  if (pid == 0) {
    struct results_run run;
    char error[1024];
    signal(SIGINT, SIG_DFL);
    _exit(results_summarize(directory, &run, error, sizeof error) == 0 ? 0 : 1);
  }
  uint64_t end_ns = clock_now_ns() + UINT64_C(1000000) * BRIEFLY_MS;
  while (pid > 0 && waitpid(pid, NULL, WNOHANG) == 0) {
    if (clock_now_ns() >= end_ns) {
      kill(pid, SIGKILL);
      waitpid(pid, NULL, 0);
      return;
    }
    poll(NULL, 0, LOOK_MS);
  }
}
