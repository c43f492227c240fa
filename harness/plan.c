/* What a run will do: workloads with their minimum heaps, and the plan as a whole.
 *
 * plan_variants.c crosses collectors, barriers and axes; plan_configurations.c makes configurations
 * of them; plan_order.c puts these into an order.
 */
#include "harness/plan.h"
#include "harness/settings.h"
#include "harness/workload_choice.h"
#include "harness/workload_registry.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- workloads ----------------------------------------------------------------------------------
 */

/* Names are the experiment's; texts are borrowed. */
static void add_given(const struct plan *plan, const struct workload *workload,
                      const struct experiment_item *item, struct results_settings *given) {
  const struct experiment *experiment = plan->experiment;
  settings_add_all(given, &item->settings);
  for (size_t i = 0; i < experiment->parameter_count; i++) {
    const struct parameter_setting *setting = &experiment->parameters[i];
    bool is_named = setting->workload && strcmp(setting->workload, workload->name) == 0;
    if (is_named || (!setting->workload && workload_choice_takes(workload, setting->name))) {
      settings_add(given, setting->name, setting->text);
    }
  }
}

/* True when the axis makes workloads of this one. */
static bool varies(const struct experiment_axis *axis, const struct workload *workload) {
  return axis->kind == EXPERIMENT_AXIS_MUTATORS ||
         (experiment_axis_varies(axis, workload->name, axis->parameter) &&
          workload_choice_takes(workload, axis->parameter));
}

static bool is_there(const struct plan *plan, const struct plan_workload *workload) {
  for (size_t i = 0; i < plan->workload_count; i++) {
    const struct plan_workload *other = &plan->workloads[i];
    if (other->choice.input.workload == workload->choice.input.workload &&
        other->mutators == workload->mutators &&
        settings_equal(&other->choice.parameters, &workload->choice.parameters)) {
      return true;
    }
  }
  return false;
}

/* The workload at a combination of what axes vary of it, counted from 0; once, where combinations
 * come to the same. */
static enum harness_status add_combination(struct plan *plan, const struct workload *workload,
                                           const struct experiment_item *item, size_t rest) {
  const struct experiment *experiment = plan->experiment;
  struct results_settings given = {0};
  struct plan_workload added = {.mutators = experiment->mutators, .place = item->place};
  add_given(plan, workload, item, &given);
  for (size_t i = experiment->axis_count; i > 0; i--) {
    const struct experiment_axis *axis = &experiment->axes[i - 1];
    if (!varies(axis, workload)) {
      continue;
    }
    const char *text = axis->values.texts[rest % axis->values.count];
    rest /= axis->values.count;
    experiment_say_from(experiment, &axis->place);
    if (axis->kind == EXPERIMENT_AXIS_MUTATORS) {
      added.mutators = strtoull(text, NULL, 10); /* it was checked */
    } else {
      settings_add(&given, axis->parameter, text);
    }
  }
  enum harness_status status = workload_choice_init(
      &added.choice, workload, &given, experiment->quick, experiment_seed(experiment, 1));
  settings_finish(&given);
  if (status != HARNESS_DONE) {
    return status;
  }
  if (is_there(plan, &added)) {
    workload_choice_finish(&added.choice);
    return HARNESS_DONE;
  }
  plan->workloads =
      memory_resize(plan->workloads, plan->workload_count + 1, sizeof *plan->workloads);
  plan->workloads[plan->workload_count++] = added;
  return HARNESS_DONE;
}

static enum harness_status add_workload(struct plan *plan, const struct workload *workload,
                                        const struct experiment_item *item) {
  const struct experiment *experiment = plan->experiment;
  size_t count = 1;
  for (size_t i = 0; i < experiment->axis_count; i++) {
    const struct experiment_axis *axis = &experiment->axes[i];
    if (varies(axis, workload)) {
      count *= axis->values.count;
    }
    if (count > PLAN_CONFIGURATIONS_MAX) {
      return say_bad_input("the axes have more than %d combinations", PLAN_CONFIGURATIONS_MAX);
    }
  }
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < count; i++) {
    experiment_say_from(experiment, &item->place);
    status = add_combination(plan, workload, item, i);
  }
  return status;
}

static enum harness_status add_item(struct plan *plan, const struct experiment_item *item) {
  bool is_standard = strcmp(item->name, "standard") == 0;
  bool is_several = is_standard || strcmp(item->name, "all") == 0;
  const struct workload *workload = workload_find(item->name);
  enum harness_status status = HARNESS_DONE;
  if (!is_several && !workload) {
    return say_unknown("workload", item->name, workload_names(), workload_count(),
                       "tricolor list workloads");
  }
  for (size_t i = 0; is_several && status == HARNESS_DONE && i < workload_count(); i++) {
    bool is_left_out = is_standard && workload_at(i)->is_on_request;
    if (!is_left_out &&
        !experiment_items_have(&plan->experiment->workloads, workload_at(i)->name)) {
      status = add_workload(plan, workload_at(i), item);
    }
  }
  return is_several ? status : add_workload(plan, workload, item);
}

/* What is given of a parameter must reach a workload of the run: what does not is a slip of the pen.
 * `how` is in front of it: "--param " or nothing. */
static enum harness_status check_reach(const struct plan *plan, const char *how,
                                       const char *workload_name, const char *name) {
  const char *names[256];
  size_t count = 0;
  if (workload_name && !workload_find(workload_name)) {
    return say_unknown("workload", workload_name, workload_names(), workload_count(),
                       "tricolor list workloads");
  }
  for (size_t i = 0; i < plan->workload_count; i++) {
    const struct workload *workload = plan->workloads[i].choice.input.workload;
    bool is_meant = !workload_name || strcmp(workload_name, workload->name) == 0;
    if (is_meant && (workload_name || workload_choice_takes(workload, name))) {
      return HARNESS_DONE; /* unknown names were said when its parameters were filled */
    }
    for (size_t j = 0; j < workload->parameter_count && count < 256; j++) {
      names[count++] = workload->parameters[j].name;
    }
  }
  if (workload_name) {
    return say_bad_input("%s%s.%s: the run has no workload %s", how, workload_name, name,
                         workload_name);
  }
  return say_unknown("parameter", name, names, count, "tricolor list workloads");
}

static enum harness_status check_all_reach(const struct plan *plan) {
  const struct experiment *experiment = plan->experiment;
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < experiment->parameter_count; i++) {
    const struct parameter_setting *setting = &experiment->parameters[i];
    status = check_reach(plan, "--param ", setting->workload, setting->name);
  }
  for (size_t i = 0; status == HARNESS_DONE && i < experiment->axis_count; i++) {
    const struct experiment_axis *axis = &experiment->axes[i];
    if (axis->kind == EXPERIMENT_AXIS_PARAMETER) {
      experiment_say_from(experiment, &axis->place);
      status = check_reach(plan, "", axis->workload, axis->parameter);
    }
  }
  experiment_say_from(experiment, NULL);
  return status;
}

enum harness_status plan_init_workloads(struct plan *plan, const struct experiment *experiment) {
  *plan = (struct plan){.experiment = experiment};
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < experiment->workloads.count; i++) {
    const struct experiment_item *item = &experiment->workloads.items[i];
    experiment_say_from(experiment, &item->place);
    status = add_item(plan, item);
  }
  experiment_say_from(experiment, NULL);
  if (status == HARNESS_DONE) {
    status = check_all_reach(plan);
  }
  if (status != HARNESS_DONE) {
    plan_finish(plan);
  }
  return status;
}

enum harness_status plan_check_inputs(struct plan *plan) {
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < plan->workload_count; i++) {
    experiment_say_from(plan->experiment, &plan->workloads[i].place);
    status = workload_choice_check(&plan->workloads[i].choice);
  }
  experiment_say_from(plan->experiment, NULL);
  return status;
}

/* --- minimum heaps ------------------------------------------------------------------------------
 */

static bool uses_multiples(const struct experiment *experiment) {
  for (size_t i = 0; i < experiment->heap_count; i++) {
    if (experiment->heaps[i].multiple > 0) {
      return true;
    }
  }
  return false;
}

/* "entries=1000, fill=50, 2 mutators". */
static void describe(const struct plan_workload *workload, char *text, size_t text_size) {
  const struct results_settings *parameters = &workload->choice.parameters;
  size_t length = 0;
  text[0] = 0;
  for (size_t i = 0; i < parameters->count && length < text_size; i++) {
    length += (size_t)snprintf(text + length, text_size - length, "%s%s=%.60s", i > 0 ? ", " : "",
                               parameters->items[i].name, parameters->items[i].text);
  }
  if (workload->mutators > 1 && length < text_size) {
    snprintf(text + length, text_size - length, "%s%" PRIu64 " mutators",
             parameters->count > 0 ? ", " : "", workload->mutators);
  }
}

static void multiply(struct minimum_heap *minimum, uint64_t mutators) {
  minimum->minimum_bytes *= mutators;
  minimum->declared_bytes *= mutators;
}

/* The same workload with one mutator, whose minimum is known by now; null: there is none. */
static const struct plan_workload *find_single(const struct plan *plan, size_t before) {
  const struct plan_workload *workload = &plan->workloads[before];
  for (size_t i = 0; i < before; i++) {
    const struct plan_workload *other = &plan->workloads[i];
    if (other->choice.input.workload == workload->choice.input.workload && other->mutators == 1 &&
        settings_equal(&other->choice.parameters, &workload->choice.parameters)) {
      return other;
    }
  }
  return NULL;
}

/* With several mutators each has an instance of the workload: where nothing is known of that number,
 * their minimum is as many times that of one. */
static bool find_minimum(const struct plan *plan, const json_t *table, size_t place) {
  struct plan_workload *workload = &plan->workloads[place];
  struct minimum_heap *minimum = &workload->minimum;
  if (minimum_heap_find(table, &workload->choice, workload->mutators, minimum)) {
    return true;
  }
  const struct plan_workload *single = find_single(plan, place);
  bool is_found = minimum_heap_find(table, &workload->choice, 1, minimum);
  if (!is_found && single) {
    *minimum = single->minimum;
  }
  multiply(minimum, workload->mutators);
  return is_found || single;
}

enum harness_status plan_find_minimum_heaps(struct plan *plan, const char *scratch) {
  const struct experiment *experiment = plan->experiment;
  json_t *table;
  if (!uses_multiples(experiment)) {
    return HARNESS_DONE;
  }
  enum harness_status status = minimum_heap_table_read(&table);
  for (size_t i = 0; status == HARNESS_DONE && i < plan->workload_count; i++) {
    struct plan_workload *workload = &plan->workloads[i];
    if (find_minimum(plan, table, i)) {
      continue;
    }
    char with[256];
    describe(workload, with, sizeof with);
    if (plan->shard.count > 0) {
      status = say_bad_input("the minimum heap of %s with these parameters is not in "
                             "workloads/minheap.json, and shards that measured it would not have "
                             "one plan: give heaps in bytes (%s)",
                             workload->choice.input.workload->name, with);
    } else {
      say_note("The minimum heap of %s with these parameters is not in workloads/minheap.json; "
               "measuring it first: %s",
               workload->choice.input.workload->name, with);
      struct minimum_heap_search search = {.choice = &workload->choice,
                                           .mutators = workload->mutators,
                                           .scratch = scratch,
                                           .time_limit_ns = experiment->time_limit_ns};
      status = minimum_heap_measure(&search, &workload->minimum.minimum_bytes);
    }
  }
  json_decref(table);
  return status;
}

static bool differs(const struct plan *plan, const struct plan_workload *workload,
                    const struct results_setting *parameter) {
  for (size_t i = 0; i < plan->workload_count; i++) {
    const struct workload_choice *other = &plan->workloads[i].choice;
    if (other->input.workload != workload->choice.input.workload) {
      continue;
    }
    const char *text = results_settings_find(&other->parameters, parameter->name);
    if (!text || strcmp(text, parameter->text) != 0) {
      return true;
    }
  }
  return false;
}

static bool differs_in_mutators(const struct plan *plan, const struct plan_workload *workload) {
  for (size_t i = 0; i < plan->workload_count; i++) {
    const struct plan_workload *other = &plan->workloads[i];
    if (other->choice.input.workload == workload->choice.input.workload &&
        other->mutators != workload->mutators) {
      return true;
    }
  }
  return false;
}

void plan_workload_name(const struct plan *plan, size_t workload_index, char *name,
                        size_t name_size) {
  const struct plan_workload *workload = &plan->workloads[workload_index];
  const struct results_settings *parameters = &workload->choice.parameters;
  size_t length = (size_t)snprintf(name, name_size, "%s", workload->choice.input.workload->name);
  for (size_t i = 0; i < parameters->count && length < name_size; i++) {
    if (differs(plan, workload, &parameters->items[i])) {
      length += (size_t)snprintf(name + length, name_size - length, " %s=%s",
                                 parameters->items[i].name, parameters->items[i].text);
    }
  }
  if (differs_in_mutators(plan, workload) && length < name_size) {
    snprintf(name + length, name_size - length, " mutators=%" PRIu64, workload->mutators);
  }
}

/* --- the plan -----------------------------------------------------------------------------------
 */

static enum harness_status check_total(const struct plan *plan) {
  uint64_t total = plan_configuration_total(plan);
  if (total > PLAN_CONFIGURATIONS_MAX) {
    return say_bad_input("the experiment has %" PRIu64 " configurations; at most %d can be planned",
                         total, PLAN_CONFIGURATIONS_MAX);
  }
  return HARNESS_DONE;
}

enum harness_status plan_init(struct plan *plan, const struct experiment *experiment) {
  enum harness_status status = plan_init_workloads(plan, experiment);
  if (status != HARNESS_DONE) {
    return status;
  }
  status = plan_add_variants(plan);
  if (status == HARNESS_DONE) {
    status = check_total(plan);
  }
  if (status == HARNESS_DONE) {
    status = plan_check_given_heaps(plan);
  }
  if (status == HARNESS_DONE) {
    status = plan_check_inputs(plan);
  }
  if (status != HARNESS_DONE) {
    plan_finish(plan);
  }
  return status;
}

uint64_t plan_configuration_total(const struct plan *plan) {
  if (plan->configuration_count > 0) {
    return plan->configuration_count;
  }
  double heaps_of_variants = 0;
  for (size_t v = 0; v < plan->variant_count; v++) {
    for (size_t h = 0; h < plan->experiment->heap_count; h++) {
      heaps_of_variants += plan_runs_in(plan, &plan->variants[v], &plan->experiment->heaps[h]);
    }
  }
  double total = (double)plan->workload_count * (double)plan->point_count * heaps_of_variants;
  return total < 1e15 ? (uint64_t)total + 1 : UINT64_C(1000000000000000);
}

void plan_finish(struct plan *plan) {
  for (size_t i = 0; i < plan->workload_count; i++) {
    workload_choice_finish(&plan->workloads[i].choice);
  }
  for (size_t i = 0; i < plan->configuration_count; i++) {
    configuration_finish(&plan->configurations[i]);
    free(plan->refusals[i]);
  }
  for (size_t i = 0; i < plan->point_count; i++) {
    settings_finish(&plan->points[i]);
  }
  experiment_items_finish(&plan->collectors);
  free(plan->workloads);
  free(plan->variants);
  free(plan->points);
  free(plan->configurations);
  free(plan->workload_of);
  free(plan->heap_of);
  free(plan->refusals);
  *plan = (struct plan){0};
}
