/* `tricolor watch`: memory and pauses of a trial while it runs.
 *
 * Whatever is watched is a run in its directory: one that is there, or one that is started for it,
 * as `tricolor run` in a process of its own. The run itself does nothing for watchers; watch_follow.h
 * says how its trials are found and read.
 *
 * Concurrency: one thread, which looks ten times a second. An interrupt ends the waiting at once;
 * the terminal is given back before anything else is done.
 */
#define _GNU_SOURCE /* memfd_create */
#include "harness/clock.h"
#include "harness/command.h"
#include "harness/experiment.h"
#include "harness/interrupt.h"
#include "harness/progress.h"
#include "harness/run_directory.h"
#include "harness/screen.h"
#include "harness/text_list.h"
#include "harness/watch_follow.h"
#include "harness/watch_view.h"
#include "harness/workload_registry.h"
#include "results/memory_verdict.h"
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const int look_every_ms = 100;
static const uint64_t draw_every_ns = 200000000, line_every_ns = 1000000000;

struct watch {
  char directory[PATH_MAX];
  pid_t run;      /* the process that was started; 0: somebody else's run is followed */
  int said;       /* what that process says on stderr: an unnamed file */
  int run_status; /* as wait answers it, once it has ended */
  bool is_over, has_screen;
  struct watched_trial watched;
  bool is_watching;
  struct watch_history history;
  char title[256], state[64];
  uint64_t mutators, last_shown_ns;
};

/* --- showing ------------------------------------------------------------------------------------
 */

static void draw(const struct watch *watch) {
  struct watch_view view = {.title = watch->title,
                            .state = watch->state,
                            .mutators = watch->mutators,
                            .has_colors = screen_has_colors()};
  screen_size(&view.columns, &view.rows);
  char *picture = watch_view_draw(&view, &watch->history);
  if (picture) {
    screen_show(picture);
  }
  free(picture);
}

static void print_line(const struct watch *watch) {
  char line[512];
  if (watch->is_watching && watch->history.last.time_ns > 0) {
    watch_view_line(line, sizeof line, &watch->history, watch->mutators);
    printf("%s\n", line);
    fflush(stdout);
  }
}

static void show(struct watch *watch) {
  uint64_t now_ns = clock_now_ns();
  uint64_t every_ns = watch->has_screen ? draw_every_ns : line_every_ns;
  if (now_ns - watch->last_shown_ns < every_ns) {
    return;
  }
  watch->last_shown_ns = now_ns;
  if (watch->has_screen) {
    draw(watch);
  } else {
    print_line(watch);
  }
}

/* --- one trial after the other ------------------------------------------------------------------
 */

static void begin_trial(struct watch *watch) {
  const struct results_trial *trial = &watch->watched.trial;
  watch->is_watching = true;
  watch_history_begin(&watch->history, clock_now_ns());
  progress_label(watch->title, sizeof watch->title, &trial->configuration);
  watch->mutators = trial->configuration.mutators;
  watch->last_shown_ns = clock_now_ns();
  if (!watch->has_screen) {
    printf("trial %" PRIu64 ": %s\n", trial->trial, watch->title);
    fflush(stdout);
  }
}

static void say_state(struct watch *watch) {
  const struct trial_shared *shared = watch->watched.shared;
  uint64_t trial = watch->watched.trial.trial;
  if (gc_atomic_load_relaxed(&shared->is_running) == 0) {
    snprintf(watch->state, sizeof watch->state, "trial %" PRIu64 ", preparing", trial);
  } else if (watch->history.last.time_ns == 0) {
    snprintf(watch->state, sizeof watch->state, "trial %" PRIu64 ", %u %%", trial,
             trial_slowest_percent(shared));
  } else {
    double seconds = (double)(watch->history.last.time_ns - watch->history.begin_ns) * 1e-9;
    snprintf(watch->state, sizeof watch->state, "trial %" PRIu64 ", %u %%, %.1f s", trial,
             trial_slowest_percent(shared), seconds);
  }
}

static void take_samples(struct watch *watch) {
  struct usage_feed *feed = &watch->watched.shared->feed;
  struct usage_feed_sample sample;
  usage_feed_want(feed, clock_now_ns());
  uint64_t begin_ns = gc_atomic_load_relaxed(&feed->begin_ns);
  if (watch->history.last.time_ns == 0 && begin_ns != 0) {
    watch->history.begin_ns = begin_ns;
  }
  while (usage_feed_read(feed, &watch->watched.place, &sample)) {
    watch_history_add(&watch->history, &sample);
  }
  say_state(watch);
}

static void end_trial(struct watch *watch) {
  take_samples(watch); /* the last ones */
  if (!watch->has_screen) {
    print_line(watch);
  }
  watch_release(&watch->watched);
  watch->is_watching = false;
  snprintf(watch->state, sizeof watch->state, "ended");
}

static void follow_trial(struct watch *watch) {
  if (!watch->is_watching && watch_find(watch->directory, &watch->watched)) {
    begin_trial(watch);
  }
  if (watch->is_watching) {
    bool has_ended = watch_has_ended(&watch->watched);
    take_samples(watch);
    if (has_ended) {
      end_trial(watch);
    }
  }
}

/* Ends when the run has: the process that was started, or the one that holds the directory. */
static bool run_is_over(struct watch *watch) {
  if (watch->run > 0) {
    watch->is_over |= waitpid(watch->run, &watch->run_status, WNOHANG) == watch->run;
  } else {
    watch->is_over = !run_directory_is_at_work(watch->directory);
  }
  return watch->is_over;
}

static void follow(struct watch *watch) {
  watch->has_screen = screen_open();
  snprintf(watch->title, sizeof watch->title, "waiting for a trial");
  while (!interrupt_requested()) {
    bool is_over = run_is_over(watch); /* before the look: what it started last is still seen */
    follow_trial(watch);
    show(watch);
    if (is_over && !watch->is_watching) {
      break;
    }
    poll(NULL, 0, look_every_ms);
  }
  screen_close();
  if (watch->is_watching) {
    watch_release(&watch->watched);
    watch->is_watching = false;
  }
}

/* --- a run of its own ---------------------------------------------------------------------------
 */

/* WORKLOAD[:NAME=VALUE,...] as flags of `run`. */
static void add_workload(struct text_list *arguments, const char *text) {
  struct text_list parameters = {0};
  char *name = text_copy(text);
  char *colon = strchr(name, ':');
  if (colon) {
    *colon = 0;
    text_list_add_parts(&parameters, colon + 1);
  }
  text_list_add(arguments, "--workload");
  text_list_add(arguments, name);
  for (size_t i = 0; i < parameters.count; i++) {
    text_list_add(arguments, "--param");
    text_list_add(arguments, parameters.texts[i]);
  }
  text_list_finish(&parameters);
  free(name);
}

static void add_flags(struct text_list *arguments, const struct command_line *line) {
  for (size_t i = 0; i < line->use_count; i++) {
    const struct flag_use *use = &line->uses[i];
    char *flag = memory_resize(NULL, strlen(use->flag->name) + strlen(use->value) + 4, 1);
    if (strcmp(use->flag->name, "out") == 0) {
      flag[0] = 0;
    } else if (use->flag->argument == FLAG_ALONE) {
      sprintf(flag, "--%s", use->flag->name);
    } else {
      sprintf(flag, "--%s=%s", use->flag->name, use->value);
    }
    if (flag[0]) {
      text_list_add(arguments, flag);
    }
    free(flag);
  }
}

/* The child, up to exec. It is in a group of its own: an interrupt comes through its parent. */
static void become_run(struct text_list *arguments, int said) {
  char **list = memory_resize(NULL, arguments->count + 1, sizeof *list);
  memcpy(list, arguments->texts, arguments->count * sizeof *list);
  list[arguments->count] = NULL;
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  if (!freopen("/dev/null", "r", stdin) || !freopen("/dev/null", "w", stdout) ||
      dup2(said, STDERR_FILENO) < 0) {
    _exit(HARNESS_ENVIRONMENT);
  }
  execv("/proc/self/exe", list);
  _exit(HARNESS_ENVIRONMENT);
}

static enum harness_status start_run(struct watch *watch, const struct command_line *line) {
  struct text_list arguments = {0};
  text_list_add(&arguments, "tricolor");
  text_list_add(&arguments, "run");
  add_workload(&arguments, line->operands[0]);
  if (!command_line_value(line, "invocations")) {
    text_list_add(&arguments, "--invocations=1");
  }
  if (!command_line_value(line, "collector")) {
    text_list_add(&arguments, "--collector=stw");
  }
  add_flags(&arguments, line);
  text_list_add(&arguments, "--out");
  text_list_add(&arguments, watch->directory);
  watch->said = memfd_create("said", MFD_CLOEXEC);
  fflush(NULL);
  watch->run = watch->said >= 0 ? fork() : -1;
  if (watch->run == 0) {
    become_run(&arguments, watch->said);
  }
  text_list_finish(&arguments);
  return watch->run > 0 ? HARNESS_DONE : say_environment("cannot start a process");
}

/* What the run said on stderr, but for its progress. */
static void pass_on_what_was_said(const struct watch *watch) {
  char line[1024];
  FILE *stream = lseek(watch->said, 0, SEEK_SET) == 0 ? fdopen(dup(watch->said), "r") : NULL;
  while (stream && fgets(line, sizeof line, stream)) {
    if (strncmp(line, "trial ", 6) != 0) {
      fputs(line, stderr);
    }
  }
  if (stream) {
    fclose(stream);
  }
}

static enum harness_status end_run(struct watch *watch) {
  if (!watch->is_over) {
    kill(watch->run, SIGTERM);
    while (waitpid(watch->run, &watch->run_status, 0) < 0 && errno == EINTR) {
      /* A second interrupt: the run ends by the first. */
    }
  }
  pass_on_what_was_said(watch);
  close(watch->said);
  rmdir(watch->directory); /* where nothing came of it */
  return WIFEXITED(watch->run_status) ? (enum harness_status)WEXITSTATUS(watch->run_status)
                                      : HARNESS_TRIAL_FAILED;
}

/* --- the command --------------------------------------------------------------------------------
 */

static void print_verdict(const struct watch *watch) {
  struct results_run run;
  char error[1024];
  if (results_run_load(watch->directory, &run, error, sizeof error) == 0) {
    results_pause_target_print(stdout, &run);
    results_memory_verdict_print(stdout, &run);
    results_run_finish(&run);
  }
  printf("results: %s\n", run_directory_shown(watch->directory));
}

static bool is_directory(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static enum harness_status check_workload(const char *text) {
  char name[64];
  snprintf(name, sizeof name, "%.*s", (int)(strcspn(text, ":") % sizeof name), text);
  if (workload_find(name)) {
    return HARNESS_DONE;
  }
  if (strchr(text, '/')) {
    return say_bad_input("there is no directory %s", text);
  }
  return say_unknown("workload", name, workload_names(), workload_count(),
                     "tricolor list workloads");
}

/* The name is taken, and the folder as empty as the run that is started expects it. */
static enum harness_status make_directory(struct watch *watch, const char *out, const char *name) {
  char path[PATH_MAX + 16];
  enum harness_status status = run_directory_create(out, name, watch->directory);
  if (status == HARNESS_DONE) {
    snprintf(path, sizeof path, "%s/trials", watch->directory);
    rmdir(path);
  }
  return status;
}

static enum harness_status watch_own_run(struct watch *watch, const struct command_line *line) {
  char name[96];
  const char *out = command_line_value(line, "out");
  enum harness_status status = check_workload(line->operands[0]);
  snprintf(name, sizeof name, "watch-%.*s", (int)(strcspn(line->operands[0], ":") % 64),
           line->operands[0]);
  if (status == HARNESS_DONE) {
    status = make_directory(watch, out, name);
  }
  if (status == HARNESS_DONE && !out) {
    run_directory_set_latest(watch->directory);
  }
  interrupt_catch();
  if (status == HARNESS_DONE) {
    status = start_run(watch, line);
  }
  if (status == HARNESS_DONE) {
    follow(watch);
    status = end_run(watch);
  }
  return status;
}

static enum harness_status watch_their_run(struct watch *watch, const struct command_line *line) {
  snprintf(watch->directory, sizeof watch->directory, "%s", line->operands[0]);
  if (line->use_count > 0) {
    return say_bad_input("--%s is for a run that watch starts; the one in %s is there",
                         line->uses[0].flag->name, watch->directory);
  }
  enum harness_status status = run_directory_check(watch->directory);
  if (status == HARNESS_DONE) {
    interrupt_catch();
    follow(watch);
    if (interrupt_requested()) {
      say_note("The run goes on.");
      status = HARNESS_INTERRUPTED;
    }
  }
  return status;
}

static enum harness_status run(const struct command_line *line) {
  struct watch watch = {.said = -1};
  enum harness_status status =
      is_directory(line->operands[0]) ? watch_their_run(&watch, line) : watch_own_run(&watch, line);
  if (status == HARNESS_DONE || status == HARNESS_TRIAL_FAILED) {
    print_verdict(&watch);
  }
  return status;
}

const struct command command_watch = {
    .name = "watch",
    .operands = "WORKLOAD[:PARAMS]|DIR",
    .operands_min = 1,
    .operands_max = 1,
    .summary = "Draws memory and pauses of a trial while it runs.",
    .text =
        "With a workload, runs it once (under stw) and draws its trials one after the other; "
        "PARAMS\n"
        "are its parameters, as K=V,K=V. With the directory of a run that is at work, draws what "
        "runs "
        "there.\nWithout a terminal a line is written each second. Ctrl-C ends the run that was "
        "started, or the\nwatching of one that was not. What is not watched pays nothing for "
        "it.\n\n"
        "Examples:\n"
        "  tricolor watch lru_cache --collector concurrent --heap 200M\n"
        "  tricolor watch idle_frames:idle_after=90,frames=600 --heap 96M --memory-reducer 100ms\n"
        "  tricolor watch results/runs/latest\n",
    .flags = experiment_flags,
    .run = run,
};
