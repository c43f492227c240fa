/* Configurations of a plan: workloads, heaps, axes and variants, crossed. */
#include "harness/machine.h"
#include "harness/native/native_registry.h"
#include "harness/plan.h"
#include "harness/settings.h"
#include "harness/trial.h"
#include "harness/variants.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t mebibyte = UINT64_C(1) << 20;

/* --- heap sizes ---------------------------------------------------------------------------------
 */

/* The eden's size in a heap, by the rule that gc/option.def states for the default. */
static uint64_t nursery_bytes(const struct gc_options *options, uint64_t heap_bytes) {
  uint64_t sixteenth = heap_bytes / 16;
  uint64_t usual = sixteenth < 4 * mebibyte ? sixteenth : 4 * mebibyte;
  return options->nursery_bytes ? options->nursery_bytes : usual;
}

static bool is_heap_too_small(uint64_t heap_bytes, uint64_t nursery, const char *of, char *reason,
                              size_t reason_size) {
  if (heap_bytes >= nursery + mebibyte) {
    return false;
  }
  snprintf(reason, reason_size, "a heap of %s%s is too small: it must hold the nursery (%s) and 1M",
           say_size(heap_bytes), of, say_size(nursery));
  return true;
}

/* True with a reason when it is too small under every variant and at every point. */
static bool is_heap_of_no_use(const struct plan *plan, uint64_t heap_bytes, char *reason,
                              size_t reason_size) {
  for (size_t v = 0; v < plan->variant_count; v++) {
    for (size_t p = 0; p < plan->point_count; p++) {
      struct gc_options options = plan_options(plan, &plan->variants[v], &plan->points[p]);
      if (!is_heap_too_small(heap_bytes, nursery_bytes(&options, heap_bytes), "", reason,
                             reason_size)) {
        return false;
      }
    }
  }
  return true;
}

enum harness_status plan_check_given_heaps(const struct plan *plan) {
  const struct experiment *experiment = plan->experiment;
  uint64_t memory_bytes = machine_memory_bytes();
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < experiment->heap_count; i++) {
    const struct heap_size *heap = &experiment->heaps[i];
    char reason[256];
    if (heap->multiple > 0) {
      continue;
    }
    experiment_say_from(experiment, &heap->place);
    if (is_heap_of_no_use(plan, heap->bytes, reason, sizeof reason)) {
      status = say_bad_input("%s", reason);
    } else if (heap->bytes > memory_bytes) {
      status = say_bad_input("a heap of %s does not fit into this machine's memory of %s",
                             say_size(heap->bytes), say_size(memory_bytes));
    }
  }
  experiment_say_from(experiment, NULL);
  return status;
}

/* Of multiples; given sizes were looked at before. Metadata and the program itself take the rest. */
static bool is_heap_too_large(const struct results_configuration *configuration, const char *of,
                              char *reason, size_t reason_size) {
  uint64_t memory_bytes = machine_memory_bytes();
  if (isnan(configuration->heap_multiple) || collector_is_baseline(configuration->collector.text) ||
      configuration->heap_bytes <= memory_bytes / 10 * 9) {
    return false;
  }
  snprintf(reason, reason_size, "a heap of %s%s does not fit into this machine's memory of %s",
           say_size(configuration->heap_bytes), of, say_size(memory_bytes));
  return true;
}

/* --- one configuration --------------------------------------------------------------------------
 */

bool plan_refuses(const struct results_configuration *configuration, char *reason,
                  size_t reason_size) {
  struct gc_options options;
  char of[96] = "";
  if (strcmp(configuration->workload.text, RESULTS_IDLE_WORKLOAD) == 0) {
    return false;
  }
  if (!isnan(configuration->heap_multiple)) {
    snprintf(of, sizeof of, " (%gx of %.60s)", configuration->heap_multiple,
             configuration->workload.text);
  }
  return !collector_suffices(configuration->collector.text, configuration->barrier.text, reason,
                             reason_size) ||
         is_heap_too_small(configuration->heap_bytes, configuration->nursery_bytes, of, reason,
                           reason_size) ||
         is_heap_too_large(configuration, of, reason, reason_size) ||
         trial_heap_options(configuration, &options, reason, reason_size) != 0 ||
         native_refuses(configuration, reason, reason_size) ||
         collector_refuses(&options, reason, reason_size);
}

void plan_add_configuration(struct plan *plan, struct results_configuration *configuration,
                            size_t workload) {
  size_t count = plan->configuration_count + 1;
  plan->configurations = memory_resize(plan->configurations, count, sizeof *plan->configurations);
  plan->workload_of = memory_resize(plan->workload_of, count, sizeof *plan->workload_of);
  plan->heap_of = memory_resize(plan->heap_of, count, sizeof *plan->heap_of);
  plan->refusals = memory_resize(plan->refusals, count, sizeof *plan->refusals);
  plan->configurations[plan->configuration_count] = *configuration;
  plan->workload_of[plan->configuration_count] = workload;
  plan->heap_of[plan->configuration_count] = 0;
  plan->refusals[plan->configuration_count++] = NULL;
}

/* What a collector that never collects has to reserve, with a little for buffers' ends. */
static void add_expected_allocation(const struct plan *plan, const struct plan_workload *workload,
                                    struct results_configuration *configuration) {
  static const char name[] = "expected-allocation";
  if (!collector_reserves(configuration->collector.text) ||
      results_settings_find(&configuration->options, name)) {
    return;
  }
  const struct experiment *experiment = plan->experiment;
  uint64_t runs = workload->mutators * (experiment->warmup_iterations + experiment->iterations);
  uint64_t bytes = workload->choice.allocation_bytes * runs;
  char text[32];
  snprintf(text, sizeof text, "%" PRIu64, bytes + bytes / 64 + 16 * mebibyte);
  settings_add(&configuration->options, name, text);
}

/* Options that a configuration has no field for, or whose text is none of its values: auto. */
static void add_options(struct results_configuration *configuration,
                        const struct results_settings *settings) {
  for (size_t i = 0; i < settings->count; i++) {
    if (!experiment_is_configured(settings->items[i].name) ||
        strcmp(settings->items[i].text, "auto") == 0) {
      settings_add(&configuration->options, settings->items[i].name, settings->items[i].text);
    }
  }
}

static void make_configuration(struct plan *plan, size_t workload_index,
                               const struct heap_size *heap, const struct results_settings *point,
                               const struct plan_variant *variant) {
  const struct experiment *experiment = plan->experiment;
  const struct plan_workload *workload = &plan->workloads[workload_index];
  const struct experiment_item *collector = &plan->collectors.items[variant->collector];
  struct gc_options options = plan_options(plan, variant, point);
  struct results_trial empty;
  results_trial_init(&empty);
  struct results_configuration configuration = empty.configuration;
  results_text_set(&configuration.workload, workload->choice.input.workload->name);
  results_text_set(&configuration.collector, collector->name);
  results_text_set(&configuration.barrier, variant->barrier);
  configuration.heap_bytes =
      heap->multiple > 0
          ? (uint64_t)((double)minimum_heap_base(&workload->minimum) * heap->multiple)
          : heap->bytes;
  configuration.heap_multiple = heap->multiple > 0 ? heap->multiple : NAN;
  configuration.mutators = workload->mutators;
  configuration.gc_threads = options.gc_threads ? options.gc_threads : machine_cores();
  configuration.nursery_bytes = nursery_bytes(&options, configuration.heap_bytes);
  configuration.pause_target_ns = options.pause_target_ns;
  configuration.pretouch = options.pretouch;
  configuration.seed = experiment_seed(experiment, 1);
  configuration.warmup_iterations = experiment->warmup_iterations;
  configuration.iterations = experiment->iterations;
  configuration.quick = experiment->quick;
  settings_add_all(&configuration.parameters, &workload->choice.parameters);
  add_options(&configuration, &experiment->options);
  add_options(&configuration, &collector->settings);
  add_options(&configuration, point);
  add_expected_allocation(plan, workload, &configuration);
  plan_add_configuration(plan, &configuration, workload_index);
}

static void add_control(struct plan *plan) {
  struct results_trial empty;
  results_trial_init(&empty);
  results_text_set(&empty.configuration.workload, RESULTS_IDLE_WORKLOAD);
  empty.configuration.mutators = 1;
  empty.configuration.seed = experiment_seed(plan->experiment, 1);
  empty.configuration.quick = plan->experiment->quick;
  plan_add_configuration(plan, &empty.configuration, SIZE_MAX);
}

/* --- what follows from them ---------------------------------------------------------------------
 */

static int compare_sizes(const void *left, const void *right) {
  uint64_t first = *(const uint64_t *)left, second = *(const uint64_t *)right;
  return (first > second) - (first < second);
}

/* Fills heap_of for the configurations of one workload. */
static void rank_heaps(struct plan *plan, size_t workload, uint64_t *sizes) {
  size_t count = 0, distinct = 0;
  for (size_t i = 0; i < plan->configuration_count; i++) {
    if (plan->workload_of[i] == workload) {
      sizes[count++] = plan->configurations[i].heap_bytes;
    }
  }
  qsort(sizes, count, sizeof *sizes, compare_sizes);
  for (size_t i = 0; i < count; i++) {
    if (i == 0 || sizes[i] != sizes[i - 1]) {
      sizes[distinct++] = sizes[i];
    }
  }
  for (size_t i = 0; i < plan->configuration_count; i++) {
    if (plan->workload_of[i] == workload) {
      const uint64_t *place = bsearch(&plan->configurations[i].heap_bytes, sizes, distinct,
                                      sizeof *sizes, compare_sizes);
      plan->heap_of[i] = (size_t)(place - sizes);
    }
  }
}

void plan_complete_configurations(struct plan *plan) {
  uint64_t *sizes = memory_resize(NULL, plan->configuration_count, sizeof *sizes);
  for (size_t i = 0; i < plan->workload_count; i++) {
    rank_heaps(plan, i, sizes);
  }
  free(sizes);
  for (size_t i = 0; i < plan->configuration_count; i++) {
    char reason[RESULTS_TEXT_SIZE];
    if (plan_refuses(&plan->configurations[i], reason, sizeof reason)) {
      plan->refusals[i] = text_copy(reason);
    }
  }
}

/* --- what is of no use -----------------------------------------------------------------
 */

/* What becomes of the configurations that have one value in common. */
struct tally {
  size_t can_run;
  const char *reason; /* of the last that cannot: of the largest heap */
};

static void count_in(struct tally *tally, const char *refusal) {
  tally->can_run += refusal == NULL;
  tally->reason = refusal ? refusal : tally->reason;
}

static enum harness_status check_tally(const struct plan *plan, const struct tally *tally,
                                       const struct experiment_place *place) {
  if (tally->can_run > 0 || !tally->reason) {
    return HARNESS_DONE;
  }
  experiment_say_from(plan->experiment, place);
  enum harness_status status = say_bad_input("%s", tally->reason);
  experiment_say_from(plan->experiment, NULL);
  return status;
}

static struct tally *make_tallies(size_t count) {
  struct tally *tallies = memory_resize(NULL, count, sizeof *tallies);
  memset(tallies, 0, count * sizeof *tallies);
  return tallies;
}

/* What was asked for by name or in bytes and can run with nothing is a slip of the pen; pairs of
 * collector and barrier were looked at before. Multiples and values of axes may be of no use for some
 * workload, or with --quick for all: they are rows. */
static enum harness_status check_use(const struct plan *plan) {
  const struct experiment *experiment = plan->experiment;
  struct tally *heaps = make_tallies(experiment->heap_count);
  struct tally *collectors = make_tallies(plan->collectors.count);
  struct tally all = {0};
  size_t next = 0;
  for (size_t w = 0; w < plan->workload_count; w++) {
    for (size_t h = 0; h < experiment->heap_count; h++) {
      for (size_t p = 0; p < plan->point_count; p++) {
        for (size_t v = 0; v < plan->variant_count; v++) {
          if (!plan_runs_in(plan, &plan->variants[v], &experiment->heaps[h])) {
            continue;
          }
          const char *refusal = plan->refusals[next++];
          count_in(&heaps[h], refusal);
          count_in(&collectors[plan->variants[v].collector], refusal);
          count_in(&all, refusal);
        }
      }
    }
  }
  enum harness_status status = check_tally(plan, &all, &experiment->heaps[0].place);
  for (size_t i = 0; status == HARNESS_DONE && i < experiment->heap_count; i++) {
    if (experiment->heaps[i].multiple <= 0) {
      status = check_tally(plan, &heaps[i], &experiment->heaps[i].place);
    }
  }
  for (size_t i = 0; status == HARNESS_DONE && i < plan->collectors.count; i++) {
    status = check_tally(plan, &collectors[i], &plan->collectors.items[i].place);
  }
  free(heaps);
  free(collectors);
  return status;
}

enum harness_status plan_make_configurations(struct plan *plan) {
  const struct experiment *experiment = plan->experiment;
  for (size_t w = 0; w < plan->workload_count; w++) {
    for (size_t h = 0; h < experiment->heap_count; h++) {
      for (size_t p = 0; p < plan->point_count; p++) {
        for (size_t v = 0; v < plan->variant_count; v++) {
          if (plan_runs_in(plan, &plan->variants[v], &experiment->heaps[h])) {
            make_configuration(plan, w, &experiment->heaps[h], &plan->points[p],
                               &plan->variants[v]);
          }
        }
      }
    }
  }
  add_control(plan);
  plan_complete_configurations(plan);
  return check_use(plan);
}
