/* What a run will do: workloads with their minimum heaps, and the plan as a whole.
 *
 * plan_variants.c crosses collectors, barriers and axes; plan_configurations.c makes configurations
 * of them; plan_order.c puts these into an order.
 */
#include "harness/plan.h"
#include "harness/settings.h"
#include "harness/workload_registry.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- workloads ----------------------------------------------------------------------------------
 */

static bool has_parameter(const struct workload *workload, const char *name) {
  for (size_t i = 0; i < workload->parameter_count; i++) {
    if (strcmp(workload->parameters[i].name, name) == 0) {
      return true;
    }
  }
  return false;
}

static enum harness_status add_workload(struct plan *plan, const struct workload *workload,
                                        const struct experiment_item *item) {
  const struct experiment *experiment = plan->experiment;
  struct results_settings given = {0};
  settings_add_all(&given, &item->settings);
  for (size_t i = 0; i < experiment->parameter_count; i++) {
    const struct parameter_setting *setting = &experiment->parameters[i];
    bool is_named = setting->workload && strcmp(setting->workload, workload->name) == 0;
    if (is_named || (!setting->workload && has_parameter(workload, setting->name))) {
      settings_add(&given, setting->name, setting->text);
    }
  }
  plan->workloads =
      memory_resize(plan->workloads, plan->workload_count + 1, sizeof *plan->workloads);
  struct plan_workload *added = &plan->workloads[plan->workload_count];
  *added = (struct plan_workload){.place = item->place};
  enum harness_status status = workload_choice_init(
      &added->choice, workload, &given, experiment->quick, experiment_seed(experiment, 1));
  plan->workload_count += status == HARNESS_DONE;
  settings_finish(&given);
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

/* A setting must reach a workload of the run: one that does not is a slip of the pen. */
static enum harness_status check_setting(const struct plan *plan,
                                         const struct parameter_setting *setting) {
  const char *names[256];
  size_t count = 0;
  if (setting->workload && !workload_find(setting->workload)) {
    return say_unknown("workload", setting->workload, workload_names(), workload_count(),
                       "tricolor list workloads");
  }
  for (size_t i = 0; i < plan->workload_count; i++) {
    const struct workload *workload = plan->workloads[i].choice.input.workload;
    bool is_meant = !setting->workload || strcmp(setting->workload, workload->name) == 0;
    if (is_meant && (setting->workload || has_parameter(workload, setting->name))) {
      return HARNESS_DONE; /* unknown names were said when its parameters were filled */
    }
    for (size_t j = 0; j < workload->parameter_count && count < 256; j++) {
      names[count++] = workload->parameters[j].name;
    }
  }
  if (setting->workload) {
    return say_bad_input("--param %s.%s: the run has no workload %s", setting->workload,
                         setting->name, setting->workload);
  }
  return say_unknown("parameter", setting->name, names, count, "tricolor list workloads");
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
  for (size_t i = 0; status == HARNESS_DONE && i < experiment->parameter_count; i++) {
    status = check_setting(plan, &experiment->parameters[i]);
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

/* With several mutators each has an instance of the workload: where the table knows nothing of that
 * number, their minimum is as many times that of one. */
static bool find_minimum(const json_t *table, struct plan_workload *workload, uint64_t mutators) {
  struct minimum_heap *minimum = &workload->minimum;
  if (minimum_heap_find(table, &workload->choice, mutators, minimum)) {
    return true;
  }
  bool is_found = minimum_heap_find(table, &workload->choice, 1, minimum);
  minimum->minimum_bytes *= mutators;
  minimum->declared_bytes *= mutators;
  return is_found;
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
    if (find_minimum(table, workload, experiment->mutators)) {
      continue;
    }
    if (plan->shard.count > 0) {
      status = say_bad_input("the minimum heap of %s with these parameters is not in "
                             "workloads/minheap.json, and shards that measured it would not have "
                             "one plan: give heaps in bytes",
                             workload->choice.input.workload->name);
    } else {
      say_note("The minimum heap of %s with these parameters is not in workloads/minheap.json; "
               "measuring it first:",
               workload->choice.input.workload->name);
      status = minimum_heap_measure(&workload->choice, experiment->mutators, scratch,
                                    experiment->time_limit_ns, &workload->minimum.minimum_bytes);
    }
  }
  json_decref(table);
  return status;
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
