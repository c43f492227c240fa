/* Running one trial in a process of its own, and watching it.
 *
 * Concurrency. This process has one thread. The child is waited for through a pidfd where the
 * system has them, by short sleeps where not. PR_SET_PDEATHSIG ends the child when this process
 * dies by whatever cause; the window before the call is closed by asking for the parent afterwards.
 */
#define _GNU_SOURCE /* memfd_create, environ, strsignal */
#include "harness/runner.h"
#include "harness/clock.h"
#include "harness/interrupt.h"
#include "harness/layout.h"
#include "harness/machine.h"
#include "harness/run_directory.h"
#include "harness/text_list.h"
#include "harness/trial_shared.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  POLL_MS = 50,
  LAST_WAIT_MS = 400, /* for an ended process to give back its memory, when the user waits */
};

enum ending { ENDED_BY_ITSELF, ENDED_BY_TIME, ENDED_BY_RSS, ENDED_BY_INTERRUPT };

struct watched {
  const struct runner_request *request;
  struct trial_shared *shared;
  int shared_fd;
  pid_t pid;
  int pid_fd; /* -1: the system has none */
  char running_path[PATH_MAX], stderr_path[PATH_MAX];
  enum ending ending;
  uint64_t sampled_rss_bytes; /* largest seen */
  int wait_status;
  struct rusage usage;
};

/* --- starting -----------------------------------------------------------------------------------
 */

static enum harness_status make_shared(struct watched *watched) {
  watched->shared_fd = memfd_create("trial", MFD_CLOEXEC);
  if (watched->shared_fd >= 0 && ftruncate(watched->shared_fd, sizeof(struct trial_shared)) == 0) {
    void *memory = mmap(NULL, sizeof(struct trial_shared), PROT_READ | PROT_WRITE, MAP_SHARED,
                        watched->shared_fd, 0);
    if (memory != MAP_FAILED) {
      watched->shared = memory;
      return HARNESS_DONE;
    }
  }
  return say_environment("cannot share memory with a trial: %s", strerror(errno));
}

/* The environment with one variable more, by which memory is laid out. The caller frees the list and
 * its first text. */
static char **environment_with_layout(uint64_t layout_seed) {
  size_t count = 0;
  while (environ[count]) {
    count++;
  }
  char **environment = memory_resize(NULL, count + 2, sizeof *environment);
  environment[0] = layout_variable(layout_seed);
  memcpy(environment + 1, environ, (count + 1) * sizeof *environment);
  return environment;
}

/* The child, up to exec: only calls that are safe after fork. */
static void become_trial(const struct watched *watched, pid_t parent, char *const *arguments,
                         char *const *environment, int null_fd, int stderr_fd) {
  struct rlimit no_core = {0, 0};
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(HARNESS_INTERRUPTED);
  }
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  setrlimit(RLIMIT_CORE, &no_core);
  layout_fix_addresses();
  fcntl(watched->shared_fd, F_SETFD, 0);
  dup2(null_fd, STDIN_FILENO);
  dup2(null_fd, STDOUT_FILENO);
  dup2(stderr_fd, STDERR_FILENO);
  execve("/proc/self/exe", arguments, environment);
  _exit(127);
}

static enum harness_status start_child(struct watched *watched) {
  char shared_text[32], census_text[48];
  snprintf(shared_text, sizeof shared_text, "--shared-fd=%d", watched->shared_fd);
  snprintf(census_text, sizeof census_text, "--census=%" PRIu64, watched->request->census_samples);
  char *arguments[] = {"tricolor", "trial", shared_text, census_text, "--", watched->running_path,
                       NULL};
  int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  int stderr_fd =
      open(watched->stderr_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
  enum harness_status status = HARNESS_DONE;
  if (null_fd < 0 || stderr_fd < 0) {
    status = say_environment("cannot write %s: %s", watched->stderr_path, strerror(errno));
  } else {
    char **environment = environment_with_layout(watched->request->layout_seed);
    pid_t parent = getpid();
    watched->pid = fork();
    if (watched->pid == 0) {
      become_trial(watched, parent, arguments, environment, null_fd, stderr_fd);
    }
    if (watched->pid < 0) {
      status = say_environment("cannot start a process: %s", strerror(errno));
    } else {
      setpgid(watched->pid, watched->pid); /* both sides: whoever is first */
      watched->pid_fd = (int)syscall(SYS_pidfd_open, watched->pid, 0);
    }
    free(environment[0]);
    free(environment);
  }
  if (null_fd >= 0) {
    close(null_fd);
  }
  if (stderr_fd >= 0) {
    close(stderr_fd);
  }
  return status;
}

/* --- watching -----------------------------------------------------------------------------------
 */

/* True when the child has ended. */
static bool wait_ms(struct watched *watched, int milliseconds) {
  struct pollfd ended = {.fd = watched->pid_fd, .events = POLLIN};
  poll(&ended, watched->pid_fd >= 0 ? 1 : 0, milliseconds);
  return wait4(watched->pid, &watched->wait_status, WNOHANG, &watched->usage) == watched->pid;
}

static uint64_t resident_bytes(pid_t pid) {
  char path[64], text[128] = "";
  snprintf(path, sizeof path, "/proc/%ld/statm", (long)pid);
  unsigned long long total = 0, resident = 0;
  if (machine_read_file(path, text, sizeof text) == 0) {
    sscanf(text, "%llu %llu", &total, &resident);
  }
  return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void end_child(struct watched *watched, enum ending ending) {
  watched->ending = ending;
  kill(-watched->pid, SIGKILL);
  kill(watched->pid, SIGKILL);
  if (ending == ENDED_BY_INTERRUPT) {
    wait_ms(watched, LAST_WAIT_MS);
  } else {
    wait4(watched->pid, &watched->wait_status, 0, &watched->usage);
  }
}

static void watch_child(struct watched *watched) {
  const struct runner_request *request = watched->request;
  uint64_t begin_ns = clock_now_ns();
  for (;;) {
    if (interrupt_requested()) {
      end_child(watched, ENDED_BY_INTERRUPT);
      return;
    }
    if (wait_ms(watched, POLL_MS)) {
      kill(-watched->pid, SIGKILL); /* whatever it may have started */
      return;
    }
    uint64_t rss_bytes = resident_bytes(watched->pid);
    if (rss_bytes > watched->sampled_rss_bytes) {
      watched->sampled_rss_bytes = rss_bytes;
    }
    if (rss_bytes > request->limits.rss_bytes) {
      end_child(watched, ENDED_BY_RSS);
      return;
    }
    if (clock_now_ns() - begin_ns > request->limits.time_ns) {
      end_child(watched, ENDED_BY_TIME);
      return;
    }
    if (request->watch) {
      bool is_running = gc_atomic_load_relaxed(&watched->shared->is_running) != 0;
      request->watch(request->context,
                     is_running ? trial_slowest_percent(watched->shared) : RUNNER_PREPARING);
    }
  }
}

/* --- how it ended -------------------------------------------------------------------------------
 */

/* The last line that the trial wrote to stderr, without its `tricolor: `. */
static void last_words(const struct watched *watched, char *text, size_t text_size) {
  char content[4096] = "";
  text[0] = 0;
  FILE *stream = fopen(watched->stderr_path, "r");
  if (!stream) {
    return;
  }
  if (fseek(stream, -(long)(sizeof content - 1), SEEK_END) != 0) {
    rewind(stream);
  }
  size_t length = fread(content, 1, sizeof content - 1, stream);
  fclose(stream);
  while (length > 0 && content[length - 1] == '\n') {
    length--;
  }
  content[length] = 0;
  const char *newline = strrchr(content, '\n');
  const char *line = newline ? newline + 1 : content;
  static const char prefix[] = "tricolor: ";
  if (strncmp(line, prefix, sizeof prefix - 1) == 0) {
    line += sizeof prefix - 1;
  }
  snprintf(text, text_size, "%.400s", line);
}

static void describe_crash(const struct watched *watched, struct results_trial *trial) {
  char words[RESULTS_TEXT_SIZE], detail[RESULTS_TEXT_SIZE];
  last_words(watched, words, sizeof words);
  const char *colon = words[0] ? ": " : "";
  trial->status = RESULTS_crashed;
  if (WIFSIGNALED(watched->wait_status)) {
    int number = WTERMSIG(watched->wait_status);
    snprintf(detail, sizeof detail, "ended by SIG%s (%s)%s%.400s", sigabbrev_np(number),
             strsignal(number), colon, words);
  } else {
    snprintf(detail, sizeof detail, "ended with status %d%s%.400s",
             WEXITSTATUS(watched->wait_status), colon, words);
  }
  results_text_set(&trial->status_detail, detail);
}

static void fill_from_usage(const struct watched *watched, struct results_trial *trial) {
  const struct rusage *usage = &watched->usage;
  trial->result.cpu_user_ns =
      (uint64_t)usage->ru_utime.tv_sec * 1000000000 + (uint64_t)usage->ru_utime.tv_usec * 1000;
  trial->result.cpu_system_ns =
      (uint64_t)usage->ru_stime.tv_sec * 1000000000 + (uint64_t)usage->ru_stime.tv_usec * 1000;
  trial->result.peak_rss_bytes = watched->sampled_rss_bytes;
  trial->machine.involuntary_switches = (uint64_t)usage->ru_nivcsw;
  trial->machine.voluntary_switches = (uint64_t)usage->ru_nvcsw;
}

/* For a trial that did not write its own results. */
static enum harness_status describe_ending(const struct watched *watched,
                                           struct results_trial *trial) {
  char detail[RESULTS_TEXT_SIZE];
  bool has_exited = WIFEXITED(watched->wait_status);
  int exit_status = has_exited ? WEXITSTATUS(watched->wait_status) : 0;
  fill_from_usage(watched, trial);
  if (watched->ending == ENDED_BY_TIME) {
    trial->status = RESULTS_timed_out;
    snprintf(detail, sizeof detail, "passed the time limit of %s after %u %% of the run",
             say_seconds((double)watched->request->limits.time_ns * 1e-9),
             trial_slowest_percent(watched->shared));
    results_text_set(&trial->status_detail, detail);
  } else if (watched->ending == ENDED_BY_RSS) {
    trial->status = RESULTS_rss_exceeded;
    snprintf(detail, sizeof detail, "passed the limit of %s of resident memory",
             say_size(watched->request->limits.rss_bytes));
    results_text_set(&trial->status_detail, detail);
  } else if (has_exited && exit_status == HARNESS_ENVIRONMENT) {
    last_words(watched, detail, sizeof detail);
    if (detail[0] == '\0') { /* its words, too, go to that disk */
      return say_environment("%s: files of a trial cannot be written: No space left on device",
                             watched->request->directory);
    }
    return say_environment("%s", detail);
  } else if (has_exited && exit_status == HARNESS_BAD_INPUT) {
    last_words(watched, detail, sizeof detail);
    trial->status = RESULTS_refused;
    results_text_set(&trial->status_detail, detail);
  } else {
    describe_crash(watched, trial);
  }
  return HARNESS_DONE;
}

/* Takes what the trial wrote of itself. False: it wrote nothing that can be read. */
static bool take_result(const char *path, struct results_trial *trial) {
  struct results_trial written;
  char error[512];
  if (results_trial_read(path, &written, error, sizeof error) != 0) {
    return false;
  }
  uint64_t steal_ticks = trial->machine.steal_ticks;
  double load_before = trial->machine.load_before;
  results_trial_finish(trial);
  *trial = written;
  trial->machine.steal_ticks = steal_ticks;
  trial->machine.load_before = load_before;
  return true;
}

static void remove_file(const char *directory, uint64_t trial, const char *suffix) {
  char path[PATH_MAX];
  run_directory_file(path, directory, trial, suffix);
  unlink(path);
}

void runner_tidy(const char *directory, uint64_t trial) {
  char path[PATH_MAX];
  struct stat stderr_file;
  run_directory_file(path, directory, trial, "stderr.txt");
  if (stat(path, &stderr_file) == 0 && stderr_file.st_size == 0) {
    unlink(path);
  }
  remove_file(directory, trial, "running.json");
  remove_file(directory, trial, "json.tmp");
  remove_file(directory, trial, "events.zst.tmp");
}

static void remove_leftovers(const struct watched *watched, uint64_t trial,
                             enum harness_status status) {
  const char *directory = watched->request->directory;
  runner_tidy(directory, trial);
  if (status != HARNESS_DONE) {
    unlink(watched->stderr_path);
    remove_file(directory, trial, "json");
    remove_file(directory, trial, "events.zst");
  }
}

static enum harness_status conclude(struct watched *watched, struct results_trial *trial) {
  char path[PATH_MAX], error[512];
  enum harness_status status = HARNESS_DONE;
  if (watched->ending == ENDED_BY_INTERRUPT) {
    return HARNESS_INTERRUPTED;
  }
  run_directory_file(path, watched->request->directory, trial->trial, "json");
  bool has_result = watched->ending == ENDED_BY_ITSELF && WIFEXITED(watched->wait_status) &&
                    WEXITSTATUS(watched->wait_status) == 0 && take_result(path, trial);
  if (!has_result) {
    status = describe_ending(watched, trial);
  }
  trial->result.exit_status =
      WIFEXITED(watched->wait_status) ? (uint64_t)WEXITSTATUS(watched->wait_status) : 0;
  trial->result.signal =
      WIFSIGNALED(watched->wait_status) ? (uint64_t)WTERMSIG(watched->wait_status) : 0;
  if (status == HARNESS_DONE && results_trial_write(path, trial, error, sizeof error) != 0) {
    status = say_environment("%s", error);
  }
  return status;
}

enum harness_status runner_run(const struct runner_request *request, struct results_trial *trial) {
  struct watched watched = {.request = request, .shared_fd = -1, .pid_fd = -1};
  char error[512];
  run_directory_file(watched.running_path, request->directory, trial->trial, "running.json");
  run_directory_file(watched.stderr_path, request->directory, trial->trial, "stderr.txt");
  trial->machine.load_before = machine_load();
  if (results_trial_write(watched.running_path, trial, error, sizeof error) != 0) {
    return say_environment("%s", error);
  }
  enum harness_status status = make_shared(&watched);
  uint64_t steal_before = machine_steal_ticks();
  if (status == HARNESS_DONE) {
    status = start_child(&watched);
  }
  if (status == HARNESS_DONE) {
    watch_child(&watched);
    trial->machine.steal_ticks = machine_steal_ticks() - steal_before;
    status = conclude(&watched, trial);
  }
  remove_leftovers(&watched, trial->trial, status);
  if (watched.shared) {
    munmap(watched.shared, sizeof *watched.shared);
  }
  if (watched.shared_fd >= 0) {
    close(watched.shared_fd);
  }
  if (watched.pid_fd >= 0) {
    close(watched.pid_fd);
  }
  return status;
}
