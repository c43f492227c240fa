/* Where experiment files lie, and what their names are. */
#include "harness/experiment_find.h"
#include "harness/run_directory.h"
#include "harness/workload_choice.h"
#include "harness/workload_registry.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const endings[] = {".yaml", ".yml"};

/* Length of the text without an ending of such files; 0: it has none. */
static size_t length_without_ending(const char *text) {
  size_t length = strlen(text);
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    size_t ending = strlen(endings[i]);
    if (length > ending && strcmp(text + length - ending, endings[i]) == 0) {
      return length - ending;
    }
  }
  return 0;
}

static int compare_texts(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

void experiment_names(struct text_list *names) {
  char path[PATH_MAX], name[256];
  snprintf(path, sizeof path, "%s/experiments", project_directory());
  DIR *directory = opendir(path);
  const struct dirent *entry;
  while (directory && (entry = readdir(directory))) {
    size_t length = length_without_ending(entry->d_name);
    if (length > 0 && entry->d_name[0] != '.') {
      snprintf(name, sizeof name, "%.*s", (int)length, entry->d_name);
      text_list_add(names, name);
    }
  }
  if (directory) {
    closedir(directory);
  }
  if (names->count > 0) {
    qsort(names->texts, names->count, sizeof *names->texts, compare_texts);
  }
}

static enum harness_status unknown_name(const char *asked) {
  struct text_list names = {0};
  enum harness_status status;
  if (workload_find(asked)) {
    return say_bad_input("there is no experiment '%s', but a workload: --workload %s", asked,
                         asked);
  }
  experiment_names(&names);
  status = say_unknown("experiment", asked, (const char *const *)names.texts, names.count,
                       "tricolor list experiments");
  text_list_finish(&names);
  return status;
}

static void set_name(struct experiment *experiment, const char *path) {
  const char *slash = strrchr(path, '/');
  experiment->name = text_copy(slash ? slash + 1 : path);
  size_t length = length_without_ending(experiment->name);
  if (length > 0) {
    experiment->name[length] = 0;
  }
  experiment->file = text_copy(run_directory_shown(path));
}

enum harness_status experiment_find(const char *asked, char path[PATH_MAX],
                                    struct experiment *experiment) {
  struct stat file;
  bool is_path = strchr(asked, '/') || length_without_ending(asked) > 0 ||
                 (stat(asked, &file) == 0 && S_ISREG(file.st_mode));
  if (is_path) {
    if (snprintf(path, PATH_MAX, "%s", asked) >= PATH_MAX || stat(path, &file) != 0) {
      return say_bad_input("there is no experiment file %s", asked);
    }
    if (S_ISDIR(file.st_mode)) {
      return say_bad_input("%s is a directory; an experiment is a file", asked);
    }
    set_name(experiment, path);
    return HARNESS_DONE;
  }
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    int length =
        snprintf(path, PATH_MAX, "%s/experiments/%s%s", project_directory(), asked, endings[i]);
    if (length < PATH_MAX && access(path, F_OK) == 0) {
      set_name(experiment, path);
      return HARNESS_DONE;
    }
  }
  return unknown_name(asked);
}
