/* A workload with a value for each of its parameters. */
#include "harness/workload_choice.h"
#include "harness/settings.h"
#include "harness/text_list.h"
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PRESET      "preset"
#define PRESETS_MAX 16

const char *project_directory(void) {
  return TRICOLOR_SOURCE_DIR;
}

uint64_t workload_mutator_seed(uint64_t seed, unsigned mutator_index) {
  uint64_t state = seed + mutator_index;
  return mutator_index == 0 ? seed : workload_random(&state);
}

static enum harness_status unknown_parameter(const struct workload *workload, const char *name) {
  const char *names[16];
  for (size_t i = 0; i < workload->parameter_count; i++) {
    names[i] = workload->parameters[i].name;
  }
  char what[96], see[96];
  snprintf(what, sizeof what, "parameter of %s called", workload->name);
  snprintf(see, sizeof see, "tricolor list workloads");
  return say_unknown(what, name, names, workload->parameter_count, see);
}

static bool is_parameter(const struct workload *workload, const char *name) {
  bool is_found = false;
  for (size_t i = 0; i < workload->parameter_count; i++) {
    is_found |= strcmp(workload->parameters[i].name, name) == 0;
  }
  return is_found;
}

bool workload_choice_takes(const struct workload *workload, const char *name) {
  return is_parameter(workload, name) || (workload->preset_count > 0 && strcmp(name, PRESET) == 0);
}

static enum harness_status check_names(const struct workload *workload,
                                       const struct results_settings *given) {
  for (size_t i = 0; i < given->count; i++) {
    if (!workload_choice_takes(workload, given->items[i].name)) {
      return unknown_parameter(workload, given->items[i].name);
    }
  }
  return HARNESS_DONE;
}

/* Null where none is given. */
static enum harness_status find_preset(const struct workload *workload,
                                       const struct results_settings *given,
                                       const struct workload_preset **preset) {
  const char *name = workload->preset_count > 0 ? results_settings_find(given, PRESET) : NULL;
  const char *names[PRESETS_MAX];
  *preset = NULL;
  for (size_t i = 0; name && i < workload->preset_count && i < PRESETS_MAX; i++) {
    names[i] = workload->presets[i].name;
    if (strcmp(names[i], name) == 0) {
      *preset = &workload->presets[i];
    }
  }
  if (name && !*preset) {
    char what[96];
    snprintf(what, sizeof what, "preset of %s called", workload->name);
    return say_unknown(what, name, names, workload->preset_count, "tricolor list workloads");
  }
  return HARNESS_DONE;
}

/* Null where there is no preset, or it does not name the parameter. */
static const char *preset_text(const struct workload_preset *preset, const char *parameter) {
  size_t count = preset ? sizeof preset->values / sizeof *preset->values : 0;
  for (size_t i = 0; i < count && preset->values[i].parameter; i++) {
    if (strcmp(preset->values[i].parameter, parameter) == 0) {
      return preset->values[i].text;
    }
  }
  return NULL;
}

static const char *text_of(const struct workload_parameter *parameter,
                           const struct results_settings *given,
                           const struct workload_preset *preset, bool quick) {
  const char *text = results_settings_find(given, parameter->name);
  if (!text && quick) {
    text = parameter->quick_text;
  }
  if (!text) {
    text = preset_text(preset, parameter->name);
  }
  return text ? text : parameter->default_text;
}

static enum harness_status parse_integer(const struct workload *workload,
                                         const struct workload_parameter *parameter,
                                         const char *text, uint64_t *value) {
  char error[256];
  bool is_size = parameter->unit && strcmp(parameter->unit, "bytes") == 0;
  int status = is_size ? gc_parse_size(text, value, error, sizeof error)
                       : gc_parse_count(text, value, error, sizeof error);
  if (status != 0) {
    return say_bad_input("parameter %s.%s: %s", workload->name, parameter->name, error);
  }
  if (*value < parameter->minimum || *value > parameter->maximum) {
    return say_bad_input("parameter %s.%s is %" PRIu64 ", but must be %" PRIu64 " to %" PRIu64,
                         workload->name, parameter->name, *value, parameter->minimum,
                         parameter->maximum);
  }
  return HARNESS_DONE;
}

static enum harness_status parse_choice(const struct workload *workload,
                                        const struct workload_parameter *parameter,
                                        const char *text, uint64_t *value) {
  char names[512] = "";
  size_t used = 0;
  *value = 0;
  for (const char *name = parameter->unit; used < sizeof names;) {
    size_t length = strcspn(name, "|");
    bool is_last = name[length] == 0;
    if (strlen(text) == length && strncmp(text, name, length) == 0) {
      return HARNESS_DONE;
    }
    used += (size_t)snprintf(names + used, sizeof names - used, "%s%.*s",
                             *value == 0 ? ""
                             : is_last   ? " or "
                                         : ", ",
                             (int)length, name);
    if (is_last) {
      break;
    }
    name += length + 1;
    ++*value;
  }
  return say_bad_input("parameter %s.%s is '%.60s', but must be %s", workload->name,
                       parameter->name, text, names);
}

/* The path to open, and how to call it in results. Both are the caller's to free. */
static void resolve_file(const char *text, char **path, char **name) {
  char joined[PATH_MAX];
  const char *found = text;
  if (text[0] != '/' && access(text, F_OK) != 0) {
    int length = snprintf(joined, sizeof joined, "%s/%s", project_directory(), text);
    if (length > 0 && (size_t)length < sizeof joined && access(joined, F_OK) == 0) {
      found = joined;
    }
  }
  char *absolute = realpath(found, NULL);
  char *project = realpath(project_directory(), NULL);
  size_t length = project ? strlen(project) : 0;
  *path = absolute ? absolute : text_copy(found);
  if (absolute && project && strncmp(absolute, project, length) == 0 && absolute[length] == '/') {
    *name = text_copy(absolute + length + 1);
  } else {
    *name = text_copy(*path);
  }
  free(project);
}

static enum harness_status set_parameter(struct workload_choice *choice, size_t place,
                                         const char *text) {
  const struct workload *workload = choice->input.workload;
  const struct workload_parameter *parameter = &workload->parameters[place];
  char *name = NULL;
  enum harness_status status = HARNESS_DONE;
  if (parameter->kind == WORKLOAD_FILE) {
    if (!*text) {
      return say_bad_input("parameter %s.%s needs a path", workload->name, parameter->name);
    }
    resolve_file(text, &choice->paths[place], &name);
    choice->input.texts[place] = choice->paths[place];
  } else if (parameter->kind == WORKLOAD_CHOICE) {
    status = parse_choice(workload, parameter, text, &choice->input.integers[place]);
    name = text_copy(text);
  } else {
    status = parse_integer(workload, parameter, text, &choice->input.integers[place]);
    char digits[32];
    snprintf(digits, sizeof digits, "%" PRIu64, choice->input.integers[place]);
    name = text_copy(digits);
  }
  settings_add(&choice->parameters, parameter->name, name);
  free(name);
  return status;
}

enum harness_status workload_choice_init(struct workload_choice *choice,
                                         const struct workload *workload,
                                         const struct results_settings *given, bool quick,
                                         uint64_t seed) {
  *choice = (struct workload_choice){.input = {.workload = workload, .seed = seed}};
  const struct workload_preset *preset = NULL;
  enum harness_status status = check_names(workload, given);
  if (status == HARNESS_DONE) {
    status = find_preset(workload, given, &preset);
  }
  for (size_t i = 0; status == HARNESS_DONE && i < workload->parameter_count; i++) {
    status = set_parameter(choice, i, text_of(&workload->parameters[i], given, preset, quick));
  }
  if (status != HARNESS_DONE) {
    workload_choice_finish(choice);
  }
  return status;
}

void workload_choice_finish(struct workload_choice *choice) {
  for (size_t i = 0; i < sizeof choice->paths / sizeof *choice->paths; i++) {
    free(choice->paths[i]);
  }
  settings_finish(&choice->parameters);
  *choice = (struct workload_choice){0};
}

enum harness_status workload_choice_check(struct workload_choice *choice) {
  const struct workload *workload = choice->input.workload;
  char error[512] = "";
  if (workload->prepare) {
    int status = workload->prepare(&choice->input, error, sizeof error);
    if (status == -ENOMEM) {
      return say_environment("%s: %s", workload->name, error);
    }
    if (status != 0) {
      return say_bad_input("%s: %s", workload->name, error);
    }
  }
  choice->allocation_bytes = workload->allocation_bytes(&choice->input);
  if (workload->finish) {
    workload->finish(&choice->input);
  }
  choice->input.data = NULL;
  return HARNESS_DONE;
}
