/* Axes of an experiment: heap options, the number of mutators, parameters of workloads.
 *
 * A name without a dot is a heap option, `mutators`, or a parameter of every workload that has it,
 * in this order; WORKLOAD.NAME is a parameter of that workload. A value is checked when it is added;
 * that a parameter reaches a workload of the run is seen when these are crossed (plan.h).
 */
#include "harness/experiment_axis.h"
#include "harness/settings.h"
#include "harness/trial_shared.h"
#include "harness/workload_choice.h"
#include "harness/workload_registry.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char mutators_name[] = "mutators";

/* --- names --------------------------------------------------------------------------------------
 */

static bool is_parameter(const char *name) {
  for (size_t i = 0; i < workload_count(); i++) {
    if (workload_choice_takes(workload_at(i), name)) {
      return true;
    }
  }
  return false;
}

static enum harness_status say_no_axis(const char *name) {
  const char *names[512];
  size_t count = 0, option_count;
  const struct gc_option_description *options = gc_option_descriptions(&option_count);
  names[count++] = mutators_name;
  for (size_t i = 0; i < option_count && count < 512; i++) {
    if (experiment_is_option(options[i].name)) {
      names[count++] = options[i].name;
    }
  }
  for (size_t i = 0; i < workload_count(); i++) {
    const struct workload *workload = workload_at(i);
    for (size_t j = 0; j < workload->parameter_count && count < 512; j++) {
      names[count++] = workload->parameters[j].name;
    }
  }
  return say_unknown("heap option or parameter", name, names, count,
                     "tricolor list options, and tricolor list workloads");
}

/* NAME of WORKLOAD.NAME, both known. */
static enum harness_status take_parameter(const char *name, struct experiment_axis *axis) {
  char workload_name[128];
  const char *names[32];
  const char *dot = strchr(name, '.');
  snprintf(workload_name, sizeof workload_name, "%.*s", (int)(dot - name), name);
  const struct workload *workload = workload_find(workload_name);
  if (!workload) {
    return say_unknown("workload", workload_name, workload_names(), workload_count(),
                       "tricolor list workloads");
  }
  if (workload_choice_takes(workload, dot + 1)) {
    axis->kind = EXPERIMENT_AXIS_PARAMETER;
    axis->workload = text_copy(workload_name);
    return HARNESS_DONE;
  }
  for (size_t i = 0; i < workload->parameter_count; i++) {
    names[i] = workload->parameters[i].name;
  }
  snprintf(workload_name, sizeof workload_name, "parameter of %.60s called", workload->name);
  return say_unknown(workload_name, dot + 1, names, workload->parameter_count,
                     "tricolor list workloads");
}

static enum harness_status take_name(const char *name, struct experiment_axis *axis) {
  if (strchr(name, '.')) {
    return take_parameter(name, axis);
  }
  if (strcmp(name, mutators_name) == 0) {
    axis->kind = EXPERIMENT_AXIS_MUTATORS;
  } else if (experiment_find_option(name)) {
    axis->kind = EXPERIMENT_AXIS_OPTION;
    return experiment_is_option(name) ? HARNESS_DONE : experiment_check_option(name, "");
  } else if (is_parameter(name)) {
    axis->kind = EXPERIMENT_AXIS_PARAMETER;
  } else {
    return say_no_axis(name);
  }
  return HARNESS_DONE;
}

enum harness_status experiment_add_axis(struct experiment *experiment, const char *name,
                                        struct experiment_place place,
                                        struct experiment_axis **axis) {
  struct experiment_axis added = {.place = place};
  for (size_t i = 0; i < experiment->axis_count; i++) {
    if (strcmp(experiment->axes[i].name, name) == 0) {
      *axis = &experiment->axes[i];
      return HARNESS_DONE;
    }
  }
  enum harness_status status = take_name(name, &added);
  if (status != HARNESS_DONE) {
    return status;
  }
  added.name = text_copy(name);
  added.parameter = added.workload ? strchr(added.name, '.') + 1 : added.name;
  experiment->axes =
      memory_resize(experiment->axes, experiment->axis_count + 1, sizeof *experiment->axes);
  *axis = &experiment->axes[experiment->axis_count++];
  **axis = added;
  return HARNESS_DONE;
}

bool experiment_axis_varies(const struct experiment_axis *axis, const char *workload,
                            const char *parameter) {
  return axis->kind == EXPERIMENT_AXIS_PARAMETER && strcmp(axis->parameter, parameter) == 0 &&
         (!axis->workload || strcmp(axis->workload, workload) == 0);
}

/* --- values -------------------------------------------------------------------------------------
 */

/* Of two values that were checked: 1M and 1024K are the same. */
static bool is_same_value(const char *kind, const char *left, const char *right) {
  char error[256];
  uint64_t left_value = 0, right_value = 0;
  if (strcmp(kind, "size") == 0) {
    gc_parse_size(left, &left_value, error, sizeof error);
    gc_parse_size(right, &right_value, error, sizeof error);
  } else if (strcmp(kind, "duration") == 0) {
    gc_parse_duration(left, &left_value, error, sizeof error);
    gc_parse_duration(right, &right_value, error, sizeof error);
  } else if (strcmp(kind, "count") == 0) {
    gc_parse_count(left, &left_value, error, sizeof error);
    gc_parse_count(right, &right_value, error, sizeof error);
  } else {
    return strcmp(left, right) == 0;
  }
  return left_value == right_value;
}

/* Values of parameters that come to the same are seen when workloads are made of them. */
static const char *kind_of(const struct experiment_axis *axis) {
  switch (axis->kind) {
  case EXPERIMENT_AXIS_OPTION:
    return experiment_find_option(axis->name)->kind;
  case EXPERIMENT_AXIS_MUTATORS:
    return "count";
  default:
    return "text";
  }
}

/* Of every workload that is meant and has it. */
static enum harness_status check_parameter(const struct experiment_axis *axis, const char *text) {
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < workload_count(); i++) {
    const struct workload *workload = workload_at(i);
    bool is_meant = !axis->workload || strcmp(axis->workload, workload->name) == 0;
    if (is_meant && workload_choice_takes(workload, axis->parameter)) {
      struct results_settings one = {0};
      struct workload_choice choice;
      settings_add(&one, axis->parameter, text);
      status = workload_choice_init(&choice, workload, &one, false, 1);
      if (status == HARNESS_DONE) {
        workload_choice_finish(&choice);
      }
      settings_finish(&one);
    }
  }
  return status;
}

static enum harness_status check_value(const struct experiment_axis *axis, const char *text) {
  uint64_t count;
  switch (axis->kind) {
  case EXPERIMENT_AXIS_OPTION:
    return experiment_check_option(axis->name, text);
  case EXPERIMENT_AXIS_MUTATORS:
    return experiment_set_count(axis->name, text, 1, TRIAL_MUTATORS_MAX, &count);
  default:
    return check_parameter(axis, text);
  }
}

enum harness_status experiment_axis_add(struct experiment_axis *axis, const char *text) {
  enum harness_status status = check_value(axis, text);
  for (size_t i = 0; status == HARNESS_DONE && i < axis->values.count; i++) {
    if (is_same_value(kind_of(axis), axis->values.texts[i], text)) {
      return HARNESS_DONE;
    }
  }
  if (status == HARNESS_DONE) {
    text_list_add(&axis->values, text);
  }
  return status;
}

void experiment_axis_finish(struct experiment_axis *axis) {
  free(axis->name);
  free(axis->workload);
  text_list_finish(&axis->values);
}

void experiment_forget_axis(struct experiment *experiment, const char *name) {
  for (size_t i = 0; i < experiment->axis_count; i++) {
    struct experiment_axis *axis = &experiment->axes[i];
    if (strcmp(axis->name, name) == 0) {
      experiment_axis_finish(axis);
      memmove(axis, axis + 1, (experiment->axis_count - i - 1) * sizeof *axis);
      experiment->axis_count--;
      return;
    }
  }
}

/* --- axes and what is fixed ---------------------------------------------------------------------
 */

static enum harness_status say_also_fixed(const struct experiment_axis *axis, const char *by) {
  return say_bad_input("%s is an axis, and %s has a value of its own; it can be one of them",
                       axis->name, by);
}

static enum harness_status check_option_axis(const struct experiment *experiment,
                                             const struct experiment_axis *axis) {
  if (results_settings_find(&experiment->options, axis->name)) {
    return say_bad_input("%s is an axis and an option with one value; it can be one of them",
                         axis->name);
  }
  for (size_t i = 0; i < experiment->collectors.count; i++) {
    const struct experiment_item *item = &experiment->collectors.items[i];
    if (results_settings_find(&item->settings, axis->name)) {
      return say_also_fixed(axis, item->name);
    }
  }
  return HARNESS_DONE;
}

static enum harness_status check_parameter_axis(const struct experiment *experiment,
                                                const struct experiment_axis *axis) {
  for (size_t i = 0; i < experiment->workloads.count; i++) {
    const struct experiment_item *item = &experiment->workloads.items[i];
    if (experiment_axis_varies(axis, item->name, axis->parameter) &&
        results_settings_find(&item->settings, axis->parameter)) {
      return say_also_fixed(axis, item->name);
    }
  }
  for (size_t i = 0; i < experiment->parameter_count; i++) {
    const struct parameter_setting *setting = &experiment->parameters[i];
    bool is_other =
        setting->workload && axis->workload && strcmp(setting->workload, axis->workload) != 0;
    if (!is_other && strcmp(setting->name, axis->parameter) == 0) {
      return say_also_fixed(axis, "--param");
    }
  }
  for (const struct experiment_axis *other = experiment->axes; other < axis; other++) {
    bool is_apart =
        other->workload && axis->workload && strcmp(other->workload, axis->workload) != 0;
    if (other->kind == EXPERIMENT_AXIS_PARAMETER && !is_apart &&
        strcmp(other->parameter, axis->parameter) == 0) {
      return say_bad_input("%s and %s are axes of the same parameter", other->name, axis->name);
    }
  }
  return HARNESS_DONE;
}

static enum harness_status check_axis(const struct experiment *experiment,
                                      const struct experiment_axis *axis) {
  switch (axis->kind) {
  case EXPERIMENT_AXIS_OPTION:
    return check_option_axis(experiment, axis);
  case EXPERIMENT_AXIS_MUTATORS:
    return experiment->mutators == 1 ? HARNESS_DONE : say_also_fixed(axis, "the experiment");
  default:
    return check_parameter_axis(experiment, axis);
  }
}

enum harness_status experiment_check_axes(const struct experiment *experiment) {
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < experiment->axis_count; i++) {
    experiment_say_from(experiment, &experiment->axes[i].place);
    status = check_axis(experiment, &experiment->axes[i]);
  }
  experiment_say_from(experiment, NULL);
  return status;
}
