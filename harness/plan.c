/* What a run will do: an experiment with every name looked up and every value checked. */
#include "harness/plan.h"
#include "harness/machine.h"
#include "harness/settings.h"
#include "harness/trial.h"
#include "harness/variants.h"
#include "harness/workload_registry.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t mebibyte = UINT64_C(1) << 20;

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

static enum harness_status add_workload(struct plan *plan, const struct workload *workload) {
  const struct experiment *experiment = plan->experiment;
  struct results_settings given = {0};
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
  *added = (struct plan_workload){0};
  enum harness_status status =
      workload_choice_init(&added->choice, workload, &given, experiment->quick, experiment->seed);
  plan->workload_count += status == HARNESS_DONE;
  settings_finish(&given);
  return status;
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
  bool is_all = text_list_has(&experiment->workloads, "all");
  size_t count = is_all ? workload_count() : experiment->workloads.count;
  for (size_t i = 0; status == HARNESS_DONE && i < count; i++) {
    const struct workload *workload =
        is_all ? workload_at(i) : workload_find(experiment->workloads.texts[i]);
    status = workload ? add_workload(plan, workload)
                      : say_unknown("workload", experiment->workloads.texts[i], workload_names(),
                                    workload_count(), "tricolor list workloads");
  }
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
    status = workload_choice_check(&plan->workloads[i].choice);
  }
  return status;
}

/* --- collectors and barriers --------------------------------------------------------------------
 */

static void add_variant(struct plan *plan, const char *collector, const char *barrier) {
  for (size_t i = 0; i < plan->variant_count; i++) {
    if (strcmp(plan->variants[i].collector, collector) == 0 &&
        strcmp(plan->variants[i].barrier, barrier) == 0) {
      return;
    }
  }
  plan->variants = memory_resize(plan->variants, plan->variant_count + 1, sizeof *plan->variants);
  plan->variants[plan->variant_count++] = (struct plan_variant){collector, barrier};
}

static enum harness_status add_named_barriers(struct plan *plan, const char *collector) {
  size_t known_count;
  const char *const *known = barrier_names(&known_count);
  for (size_t i = 0; i < plan->experiment->barriers.count; i++) {
    const char *name = plan->experiment->barriers.texts[i];
    const char *barrier = NULL;
    char reason[512];
    for (size_t j = 0; j < known_count; j++) {
      barrier = strcmp(known[j], name) == 0 ? known[j] : barrier;
    }
    if (!barrier) {
      return say_unknown("barrier", name, known, known_count, "tricolor list barriers");
    }
    if (!collector_suffices(collector, barrier, reason, sizeof reason)) {
      return say_bad_input("%s", reason);
    }
    add_variant(plan, collector, barrier);
  }
  return HARNESS_DONE;
}

/* `--barrier all`: the sufficient ones; the others are named in one line. */
static void add_all_barriers(struct plan *plan, const char *collector) {
  size_t known_count;
  const char *const *known = barrier_names(&known_count);
  char skipped[512] = "", reason[512];
  size_t length = 0;
  for (size_t i = 0; i < known_count; i++) {
    if (collector_suffices(collector, known[i], reason, sizeof reason)) {
      add_variant(plan, collector, known[i]);
    } else if (length < sizeof skipped) {
      int written = snprintf(skipped + length, sizeof skipped - length, "%s%s",
                             length > 0 ? ", " : "", known[i]);
      length += written > 0 ? (size_t)written : 0;
    }
  }
  if (length > 0) {
    say_note("Skipped for %s, not sufficient: %s", collector, skipped);
  }
}

static enum harness_status add_collector(struct plan *plan, const char *collector) {
  const struct text_list *barriers = &plan->experiment->barriers;
  enum harness_status status = collector_check(collector);
  if (status != HARNESS_DONE) {
    return status;
  }
  if (barriers->count == 0) {
    char reason[512];
    const char *barrier = collector_barrier(collector, reason, sizeof reason);
    if (!barrier) {
      return say_bad_input("%s", reason);
    }
    add_variant(plan, collector, barrier);
  } else if (text_list_has(barriers, "all")) {
    add_all_barriers(plan, collector);
  } else {
    status = add_named_barriers(plan, collector);
  }
  return status;
}

/* What a barrier costs alone: a collector that never collects, with its own barrier and with every
 * other that the run has. */
static void add_barrier_costs(struct plan *plan) {
  size_t count, variant_count = plan->variant_count;
  const char *const *names = collector_names(&count);
  char reason[512];
  for (size_t i = 0; i < count; i++) {
    if (!collector_reserves(names[i])) {
      continue;
    }
    add_variant(plan, names[i], collector_barrier(names[i], reason, sizeof reason));
    for (size_t j = 0; j < variant_count; j++) {
      if (collector_suffices(names[i], plan->variants[j].barrier, reason, sizeof reason)) {
        add_variant(plan, names[i], plan->variants[j].barrier);
      }
    }
    return;
  }
}

static enum harness_status add_collectors(struct plan *plan) {
  const struct text_list *asked = &plan->experiment->collectors;
  enum harness_status status = HARNESS_DONE;
  if (text_list_has(asked, "all")) {
    size_t count;
    const char *const *names = collector_names(&count);
    for (size_t i = 0; status == HARNESS_DONE && i < count; i++) {
      status = add_collector(plan, names[i]);
    }
    return status;
  }
  for (size_t i = 0; status == HARNESS_DONE && i < asked->count; i++) {
    status = add_collector(plan, asked->texts[i]);
  }
  return status;
}

/* --- heap sizes ---------------------------------------------------------------------------------
 */

/* The eden's size in a heap, by the rule that gc/option.def states for the default. */
static uint64_t nursery_bytes(const struct gc_options *options, uint64_t heap_bytes) {
  uint64_t sixteenth = heap_bytes / 16;
  uint64_t usual = sixteenth < 4 * mebibyte ? sixteenth : 4 * mebibyte;
  return options->nursery_bytes ? options->nursery_bytes : usual;
}

static enum harness_status check_heap(const struct plan *plan, uint64_t heap_bytes,
                                      const char *of) {
  uint64_t nursery = nursery_bytes(&plan->experiment->heap_options, heap_bytes);
  if (heap_bytes < nursery + mebibyte) {
    return say_bad_input("a heap of %s%s is too small: it must hold the nursery (%s) and 1M",
                         say_size(heap_bytes), of, say_size(nursery));
  }
  return HARNESS_DONE;
}

static enum harness_status check_given_heaps(const struct plan *plan) {
  const struct experiment *experiment = plan->experiment;
  uint64_t memory_bytes = machine_memory_bytes();
  for (size_t i = 0; i < experiment->heap_count; i++) {
    const struct heap_size *heap = &experiment->heaps[i];
    if (heap->multiple > 0) {
      continue;
    }
    enum harness_status status = check_heap(plan, heap->bytes, "");
    if (status != HARNESS_DONE) {
      return status;
    }
    if (heap->bytes > memory_bytes) {
      return say_bad_input("a heap of %s does not fit into this machine's memory of %s",
                           say_size(heap->bytes), say_size(memory_bytes));
    }
  }
  return HARNESS_DONE;
}

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
    if (!find_minimum(table, workload, experiment->mutators)) {
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

/* --- configurations -----------------------------------------------------------------------------
 */

static struct results_configuration *append_configuration(struct plan *plan, size_t workload) {
  size_t count = plan->configuration_count + 1;
  plan->configurations = memory_resize(plan->configurations, count, sizeof *plan->configurations);
  plan->workload_of = memory_resize(plan->workload_of, count, sizeof *plan->workload_of);
  plan->workload_of[plan->configuration_count] = workload;
  struct results_configuration *configuration = &plan->configurations[plan->configuration_count++];
  struct results_trial empty;
  results_trial_init(&empty);
  *configuration = empty.configuration;
  return configuration;
}

/* What a collector that never collects has to reserve, with a little for buffers' ends. */
static void add_expected_allocation(const struct plan *plan, const struct plan_workload *workload,
                                    const struct plan_variant *variant,
                                    struct results_configuration *configuration) {
  static const char name[] = "expected-allocation";
  if (!collector_reserves(variant->collector) ||
      results_settings_find(&plan->experiment->options, name)) {
    return;
  }
  uint64_t bytes = workload->choice.allocation_bytes * plan->experiment->mutators;
  char text[32];
  snprintf(text, sizeof text, "%" PRIu64, bytes + bytes / 64 + 16 * mebibyte);
  settings_add(&configuration->options, name, text);
}

static enum harness_status add_configuration(struct plan *plan, size_t workload_index,
                                             const struct plan_variant *variant,
                                             const struct heap_size *heap) {
  const struct experiment *experiment = plan->experiment;
  const struct plan_workload *workload = &plan->workloads[workload_index];
  const char *name = workload->choice.input.workload->name;
  uint64_t heap_bytes = heap->bytes;
  char of[128] = "";
  if (heap->multiple > 0) {
    heap_bytes = (uint64_t)((double)minimum_heap_base(&workload->minimum) * heap->multiple);
    snprintf(of, sizeof of, " (%gx of %s)", heap->multiple, name);
  }
  enum harness_status status = check_heap(plan, heap_bytes, of);
  if (status != HARNESS_DONE) {
    return status;
  }
  struct results_configuration *configuration = append_configuration(plan, workload_index);
  results_text_set(&configuration->workload, name);
  results_text_set(&configuration->collector, variant->collector);
  results_text_set(&configuration->barrier, variant->barrier);
  configuration->heap_bytes = heap_bytes;
  configuration->heap_multiple = heap->multiple > 0 ? heap->multiple : NAN;
  configuration->mutators = experiment->mutators;
  configuration->gc_threads =
      experiment->heap_options.gc_threads ? experiment->heap_options.gc_threads : machine_cores();
  configuration->nursery_bytes = nursery_bytes(&experiment->heap_options, heap_bytes);
  configuration->pause_target_ns = experiment->heap_options.pause_target_ns;
  configuration->pretouch = experiment->heap_options.pretouch;
  configuration->seed = experiment->seed;
  configuration->quick = experiment->quick;
  settings_add_all(&configuration->parameters, &workload->choice.parameters);
  settings_add_all(&configuration->options, &experiment->options);
  add_expected_allocation(plan, workload, variant, configuration);
  struct gc_options options;
  status = trial_heap_options(configuration, &options);
  return status == HARNESS_DONE ? collector_check_options(&options) : status;
}

static void add_control(struct plan *plan) {
  struct results_configuration *configuration = append_configuration(plan, SIZE_MAX);
  results_text_set(&configuration->workload, RESULTS_IDLE_WORKLOAD);
  configuration->mutators = 1;
  configuration->seed = plan->experiment->seed;
  configuration->quick = plan->experiment->quick;
}

enum harness_status plan_make_configurations(struct plan *plan) {
  const struct experiment *experiment = plan->experiment;
  enum harness_status status = HARNESS_DONE;
  for (size_t w = 0; w < plan->workload_count; w++) {
    for (size_t h = 0; h < experiment->heap_count; h++) {
      for (size_t v = 0; status == HARNESS_DONE && v < plan->variant_count; v++) {
        status = add_configuration(plan, w, &plan->variants[v], &experiment->heaps[h]);
      }
    }
  }
  if (status == HARNESS_DONE) {
    add_control(plan);
  }
  return status;
}

/* --- order --------------------------------------------------------------------------------------
 */

static void shuffle(size_t *items, size_t count, uint64_t *random) {
  for (size_t i = count; i > 1; i--) {
    size_t other = workload_random_below(random, i);
    size_t item = items[i - 1];
    items[i - 1] = items[other];
    items[other] = item;
  }
}

void plan_order(const struct plan *plan, uint64_t invocation, size_t *order) {
  uint64_t random = plan->experiment->seed ^ invocation * UINT64_C(0x9e3779b97f4a7c15);
  size_t groups[plan->workload_count + 1]; /* the last is the control trial's */
  for (size_t i = 0; i <= plan->workload_count; i++) {
    groups[i] = i;
  }
  shuffle(groups, plan->workload_count + 1, &random);
  size_t count = 0;
  for (size_t g = 0; g <= plan->workload_count; g++) {
    size_t first = count;
    for (size_t i = 0; i + 1 < plan->configuration_count; i++) {
      if (plan->workload_of[i] == groups[g]) {
        order[count++] = i;
      }
    }
    if (groups[g] == plan->workload_count) {
      order[count++] = plan->configuration_count - 1;
    }
    shuffle(order + first, count - first, &random);
  }
}

/* --- the plan -----------------------------------------------------------------------------------
 */

enum harness_status plan_init(struct plan *plan, const struct experiment *experiment) {
  enum harness_status status = plan_init_workloads(plan, experiment);
  if (status != HARNESS_DONE) {
    return status;
  }
  status = add_collectors(plan);
  if (status == HARNESS_DONE && experiment->barrier_costs) {
    add_barrier_costs(plan);
  }
  if (status == HARNESS_DONE && plan->variant_count == 0) {
    status = say_bad_input("no barrier suffices for the collectors asked for");
  }
  if (status == HARNESS_DONE) {
    status = check_given_heaps(plan);
  }
  if (status == HARNESS_DONE) {
    status = plan_check_inputs(plan);
  }
  if (status != HARNESS_DONE) {
    plan_finish(plan);
  }
  return status;
}

void plan_finish(struct plan *plan) {
  for (size_t i = 0; i < plan->workload_count; i++) {
    workload_choice_finish(&plan->workloads[i].choice);
  }
  for (size_t i = 0; i < plan->configuration_count; i++) {
    configuration_finish(&plan->configurations[i]);
  }
  free(plan->workloads);
  free(plan->variants);
  free(plan->configurations);
  free(plan->workload_of);
  *plan = (struct plan){0};
}
