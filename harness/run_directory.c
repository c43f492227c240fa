/* The directory of a run: where it lies, making it, its `latest` link, its file names. */
#include "harness/run_directory.h"
#include "harness/workload_choice.h"
#include "results/file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* mkdir -p. */
static int make_directories(const char *path) {
  char partial[PATH_MAX];
  int length = snprintf(partial, sizeof partial, "%s", path);
  if (length < 0 || (size_t)length >= sizeof partial) {
    return -ENAMETOOLONG;
  }
  for (char *end = partial + 1; *end; end++) {
    if (*end == '/') {
      *end = 0;
      if (mkdir(partial, 0777) != 0 && errno != EEXIST) {
        return -errno;
      }
      *end = '/';
    }
  }
  return mkdir(partial, 0777) != 0 && errno != EEXIST ? -errno : 0;
}

static bool holds(const char *directory, const char *name) {
  char path[PATH_MAX];
  int length = snprintf(path, sizeof path, "%s/%s", directory, name);
  return length > 0 && (size_t)length < sizeof path && access(path, F_OK) == 0;
}

static bool holds_run(const char *directory) {
  return holds(directory, "manifest.json") || holds(directory, "trials");
}

static enum harness_status make_trials(const char *directory) {
  char path[PATH_MAX];
  int length = snprintf(path, sizeof path, "%s/trials", directory);
  int status = length > 0 && (size_t)length < sizeof path ? make_directories(path) : -ENAMETOOLONG;
  if (status == 0 && access(path, W_OK) != 0) {
    status = -errno;
  }
  if (status != 0) {
    return say_environment("cannot write to the directory %s: %s", directory, strerror(-status));
  }
  return HARNESS_DONE;
}

enum harness_status run_directory_create(const char *asked, const char *short_name,
                                         char directory[PATH_MAX]) {
  if (asked) {
    struct stat status;
    snprintf(directory, PATH_MAX, "%s", asked);
    if (strlen(asked) > PATH_MAX - 64 || !*asked) {
      return say_bad_input("--out needs the path of a directory");
    }
    if (stat(asked, &status) == 0 && !S_ISDIR(status.st_mode)) {
      return say_bad_input("--out %s is a file, not a directory", asked);
    }
    if (holds_run(asked)) {
      return say_bad_input("the directory %s already holds a run; nothing was changed", asked);
    }
    return make_trials(directory);
  }
  char stamp[32];
  time_t now = time(NULL);
  struct tm utc;
  strftime(stamp, sizeof stamp, "%Y-%m-%d-%H%M%S", gmtime_r(&now, &utc));
  for (unsigned attempt = 0; attempt < 100; attempt++) {
    char suffix[16] = "";
    if (attempt > 0) {
      snprintf(suffix, sizeof suffix, "-%u", attempt + 1);
    }
    snprintf(directory, PATH_MAX, "%s/results/runs/%s-%s%s", project_directory(), stamp, short_name,
             suffix);
    if (access(directory, F_OK) != 0) {
      break;
    }
  }
  return make_trials(directory);
}

void run_directory_set_latest(const char *directory) {
  const char *name = strrchr(directory, '/');
  char link_path[PATH_MAX], temporary[PATH_MAX];
  int length = snprintf(link_path, sizeof link_path, "%s/results/runs/latest", project_directory());
  int longer = snprintf(temporary, sizeof temporary, "%s/results/runs/.latest.%ld",
                        project_directory(), (long)getpid());
  if (!name || length < 0 || longer < 0 || (size_t)longer >= sizeof temporary) {
    return;
  }
  /* Renaming replaces the link in one step; where that fails the run is complete all the same. */
  if (symlink(name + 1, temporary) != 0 || rename(temporary, link_path) != 0) {
    unlink(temporary);
  }
}

void run_directory_file(char path[PATH_MAX], const char *directory, uint64_t trial,
                        const char *suffix) {
  int length = snprintf(path, PATH_MAX, "%s/trials/%04" PRIu64 ".%s", directory, trial, suffix);
  if (length < 0) {
    path[0] = 0;
  }
}

enum harness_status run_directory_check(const char *directory) {
  struct stat status;
  if (stat(directory, &status) != 0) {
    return say_bad_input("there is no directory %s: %s", directory, strerror(errno));
  }
  if (!S_ISDIR(status.st_mode)) {
    return say_bad_input("%s is a file; a run is a directory", directory);
  }
  if (!holds_run(directory)) {
    return say_bad_input("the directory %s holds no run (no manifest.json and no trials)",
                         directory);
  }
  return HARNESS_DONE;
}

enum harness_status run_directory_lock(const char *directory, int *lock) {
  *lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (*lock >= 0 && flock(*lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return say_bad_input("a run is at work in %s", directory);
  } /* a file system without locks has none to offer */
  return HARNESS_DONE;
}

void run_directory_unlock(int lock) {
  if (lock >= 0) {
    close(lock);
  }
}

bool run_directory_is_at_work(const char *directory) {
  int file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool is_locked = file >= 0 && flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (file >= 0) {
    close(file);
  }
  return is_locked;
}

uint64_t run_directory_last_trial(const char *directory) {
  char path[PATH_MAX];
  uint64_t last = 0;
  snprintf(path, sizeof path, "%.4000s/trials", directory);
  DIR *trials = opendir(path);
  const struct dirent *entry;
  while (trials && (entry = readdir(trials))) {
    char *end;
    uint64_t number = strtoull(entry->d_name, &end, 10);
    if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' && strcmp(end, ".json") == 0) {
      last = number > last ? number : last;
    }
  }
  if (trials) {
    closedir(trials);
  }
  return last;
}

const char *run_directory_shown(const char *directory) {
  static char shown[PATH_MAX];
  char here[PATH_MAX];
  size_t length = getcwd(here, sizeof here) ? strlen(here) : 0;
  bool is_below = length > 1 && strncmp(directory, here, length) == 0 && directory[length] == '/';
  snprintf(shown, sizeof shown, "%s", is_below ? directory + length + 1 : directory);
  return shown;
}

void run_directory_scratch(char path[PATH_MAX], const char *command) {
  const char *temporary = getenv("TMPDIR");
  snprintf(path, PATH_MAX, "%.2000s/tricolor-%.100s-%ld",
           temporary && *temporary ? temporary : "/tmp", command, (long)getpid());
}

void run_directory_discard(const char *directory) {
  char trials[PATH_MAX], path[PATH_MAX], error[64];
  const struct dirent *entry;
  if (results_path(trials, directory, "trials", error, sizeof error) != 0) {
    return;
  }
  DIR *listing = opendir(trials);
  while (listing && (entry = readdir(listing))) {
    if (entry->d_name[0] != '.' &&
        results_path(path, trials, entry->d_name, error, sizeof error) == 0) {
      unlink(path);
    }
  }
  if (listing) {
    closedir(listing);
  }
  rmdir(trials);
  rmdir(directory);
}
