/* Finding the trial that is running in a directory. See watch_follow.h. */
#define _GNU_SOURCE /* O_PATH */
#include "harness/watch_follow.h"
#include "harness/clock.h"
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char running_ending[] = ".running.json";
static const char descriptor_flag[] = "--shared-fd=";

/* Of the first NNNN.running.json in the directory; there is at most one. */
static bool find_running_file(const char *directory, char path[PATH_MAX]) {
  bool is_found = false;
  char trials_path[PATH_MAX];
  snprintf(trials_path, sizeof trials_path, "%.4000s/trials", directory);
  DIR *trials = opendir(trials_path);
  const struct dirent *entry;
  while (trials && !is_found && (entry = readdir(trials))) {
    size_t length = strlen(entry->d_name), ending = sizeof running_ending - 1;
    is_found = length > ending && length < 64 &&
               strcmp(entry->d_name + length - ending, running_ending) == 0;
    if (is_found) {
      snprintf(path, PATH_MAX, "%.4000s/%.64s", trials_path, entry->d_name);
    }
  }
  if (trials) {
    closedir(trials);
  }
  return is_found;
}

/* The arguments of a process, each ended by a zero. Returns their length. */
static size_t read_arguments(const char *pid, char *text, size_t text_size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%.32s/cmdline", pid);
  FILE *stream = fopen(path, "re");
  size_t length = stream ? fread(text, 1, text_size - 1, stream) : 0;
  if (stream) {
    fclose(stream);
  }
  text[length] = 0;
  return length;
}

/* Whether the process, which sees its files from its own folder, means that file. */
static bool is_same_file(const char *pid, const char *argument, const struct stat *wanted) {
  char path[PATH_MAX + 64];
  struct stat found;
  if (*argument == '/') {
    snprintf(path, sizeof path, "%.4095s", argument);
  } else {
    snprintf(path, sizeof path, "/proc/%.32s/cwd/%.4000s", pid, argument);
  }
  return stat(path, &found) == 0 && found.st_dev == wanted->st_dev &&
         found.st_ino == wanted->st_ino;
}

/* The descriptor of the page in a process that runs the trial of that file; -1: it is another. */
static int descriptor_in(const char *pid, const struct stat *wanted) {
  char text[2 * PATH_MAX];
  int descriptor = -1;
  bool is_trial = false;
  size_t length = read_arguments(pid, text, sizeof text);
  const char *last = text;
  for (size_t at = 0, place = 0; at < length; at += strlen(text + at) + 1, place++) {
    last = text + at;
    is_trial |= place == 1 && strcmp(last, "trial") == 0;
    if (strncmp(last, descriptor_flag, sizeof descriptor_flag - 1) == 0) {
      descriptor = atoi(last + sizeof descriptor_flag - 1);
    }
  }
  return is_trial && is_same_file(pid, last, wanted) ? descriptor : -1;
}

/* A page of another size belongs to another build of this program. */
static struct trial_shared *map_page(const char *pid, int descriptor) {
  char path[64];
  struct stat page;
  snprintf(path, sizeof path, "/proc/%.32s/fd/%d", pid, descriptor);
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) {
    return NULL;
  }
  void *memory =
      fstat(file, &page) == 0 && page.st_size == (off_t)sizeof(struct trial_shared)
          ? mmap(NULL, sizeof(struct trial_shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
          : MAP_FAILED;
  close(file);
  return memory == MAP_FAILED ? NULL : memory;
}

static bool take_process(const char *pid, const struct stat *wanted,
                         struct watched_trial *watched) {
  int descriptor = descriptor_in(pid, wanted);
  if (descriptor < 0) {
    return false;
  }
  watched->pid_fd = (int)syscall(SYS_pidfd_open, (pid_t)atoi(pid), 0);
  watched->shared = watched->pid_fd >= 0 ? map_page(pid, descriptor) : NULL;
  if (!watched->shared && watched->pid_fd >= 0) {
    close(watched->pid_fd);
  }
  return watched->shared != NULL;
}

static bool find_process(const struct stat *wanted, struct watched_trial *watched) {
  bool is_found = false;
  DIR *processes = opendir("/proc");
  const struct dirent *entry;
  while (processes && !is_found && (entry = readdir(processes))) {
    is_found =
        isdigit((unsigned char)entry->d_name[0]) && take_process(entry->d_name, wanted, watched);
  }
  if (processes) {
    closedir(processes);
  }
  return is_found;
}

bool watch_find(const char *directory, struct watched_trial *watched) {
  char path[PATH_MAX], error[512];
  struct stat wanted;
  *watched = (struct watched_trial){.pid_fd = -1};
  if (!find_running_file(directory, path) || stat(path, &wanted) != 0 ||
      results_trial_read(path, &watched->trial, error, sizeof error) != 0) {
    return false;
  }
  if (!find_process(&wanted, watched)) {
    results_trial_finish(&watched->trial);
    return false;
  }
  watched->place = usage_feed_place(&watched->shared->feed);
  usage_feed_want(&watched->shared->feed, clock_now_ns());
  return true;
}

void watch_release(struct watched_trial *watched) {
  munmap(watched->shared, sizeof *watched->shared);
  close(watched->pid_fd);
  results_trial_finish(&watched->trial);
  *watched = (struct watched_trial){.pid_fd = -1};
}

bool watch_has_ended(const struct watched_trial *watched) {
  struct pollfd ended = {.fd = watched->pid_fd, .events = POLLIN};
  return poll(&ended, 1, 0) > 0;
}
