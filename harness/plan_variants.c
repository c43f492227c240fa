/* Collectors, barriers and axes of an experiment, crossed. */
#include "harness/plan.h"
#include "harness/settings.h"
#include "harness/variants.h"
#include "harness/workload_registry.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct experiment_place nowhere;

static void add_variant(struct plan *plan, size_t collector, const char *barrier,
                        struct experiment_place barrier_place) {
  for (size_t i = 0; i < plan->variant_count; i++) {
    if (plan->variants[i].collector == collector &&
        strcmp(plan->variants[i].barrier, barrier) == 0) {
      return;
    }
  }
  plan->variants = memory_resize(plan->variants, plan->variant_count + 1, sizeof *plan->variants);
  plan->variants[plan->variant_count++] = (struct plan_variant){collector, barrier, barrier_place};
}

/* --- collectors ---------------------------------------------------------------------------------
 */

/* Adds a collector unless it is there, and answers its place. */
static size_t take_collector(struct plan *plan, const char *name,
                             const struct experiment_item *asked) {
  for (size_t i = 0; i < plan->collectors.count; i++) {
    const struct experiment_item *item = &plan->collectors.items[i];
    if (strcmp(item->name, name) == 0 && experiment_items_alike(item, asked)) {
      return i;
    }
  }
  struct experiment_item *item = experiment_items_add(&plan->collectors, name, asked->place);
  settings_add_all(&item->settings, &asked->settings);
  item->heaps.count = asked->heaps.count;
  item->heaps.items = memory_resize(NULL, asked->heaps.count + 1, sizeof *item->heaps.items);
  for (size_t i = 0; i < asked->heaps.count; i++) {
    item->heaps.items[i] = asked->heaps.items[i];
  }
  return plan->collectors.count - 1;
}

static enum harness_status take_collectors(struct plan *plan) {
  const struct experiment *experiment = plan->experiment;
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < experiment->collectors.count; i++) {
    const struct experiment_item *asked = &experiment->collectors.items[i];
    size_t count = 0;
    const char *const *names = collector_names(&count);
    bool is_collecting = strcmp(asked->name, "collecting") == 0;
    if (strcmp(asked->name, "all") != 0 && !is_collecting) {
      experiment_say_from(experiment, &asked->place);
      status = collector_check(asked->name);
      experiment_say_from(experiment, NULL);
      take_collector(plan, asked->name, asked);
      continue;
    }
    for (size_t j = 0; j < count; j++) {
      if (!collector_is_baseline(names[j]) && !(is_collecting && collector_reserves(names[j]))) {
        take_collector(plan, names[j], asked);
      }
    }
  }
  return status;
}

/* The collector that never collects; null: this program has none. */
static const char *name_of_reserving(void) {
  size_t count;
  const char *const *names = collector_names(&count);
  for (size_t i = 0; i < count; i++) {
    if (collector_reserves(names[i])) {
      return names[i];
    }
  }
  return NULL;
}

/* --- barriers -----------------------------------------------------------------------------------
 */

static const char *known_barrier(const char *name) {
  size_t count;
  const char *const *known = barrier_names(&count);
  for (size_t i = 0; i < count; i++) {
    if (strcmp(known[i], name) == 0) {
      return known[i];
    }
  }
  return NULL;
}

static enum harness_status check_barrier_names(const struct plan *plan) {
  const struct experiment_items *barriers = &plan->experiment->barriers;
  for (size_t i = 0; i < barriers->count; i++) {
    if (!known_barrier(barriers->items[i].name)) {
      size_t count;
      const char *const *known = barrier_names(&count);
      return say_unknown("barrier", barriers->items[i].name, known, count,
                         "tricolor list barriers");
    }
  }
  return HARNESS_DONE;
}

/* Of the barriers that were named, one at least must suffice for the collector. */
static enum harness_status add_named_barriers(struct plan *plan, size_t collector_index) {
  const struct experiment_item *collector = &plan->collectors.items[collector_index];
  const struct experiment_items *barriers = &plan->experiment->barriers;
  char reason[512] = "";
  bool has_one = false;
  for (size_t i = 0; i < barriers->count; i++) {
    const char *barrier = known_barrier(barriers->items[i].name);
    char refused[512];
    bool suffices = collector_suffices(collector->name, barrier, refused, sizeof refused);
    if (!suffices && !*reason) {
      memcpy(reason, refused, sizeof reason);
    }
    has_one |= suffices;
    add_variant(plan, collector_index, barrier, barriers->items[i].place);
  }
  if (!has_one) {
    experiment_say_from(plan->experiment, &collector->place);
    return say_bad_input("%s", reason);
  }
  return HARNESS_DONE;
}

/* And each that was named must suffice for a collector. */
static enum harness_status check_named_barriers(const struct plan *plan) {
  const struct experiment_items *barriers = &plan->experiment->barriers;
  for (size_t i = 0; i < barriers->count; i++) {
    char reason[512] = "";
    bool has_one = false;
    for (size_t j = 0; !has_one && j < plan->collectors.count; j++) {
      has_one = collector_suffices(plan->collectors.items[j].name, barriers->items[i].name, reason,
                                   sizeof reason);
    }
    if (!has_one) {
      experiment_say_from(plan->experiment, &barriers->items[i].place);
      return say_bad_input("%s", reason);
    }
  }
  return HARNESS_DONE;
}

/* `--barrier all`: the sufficient ones; the others are named in one line. */
static void add_all_barriers(struct plan *plan, size_t collector_index) {
  const struct experiment_item *collector = &plan->collectors.items[collector_index];
  size_t known_count;
  const char *const *known = barrier_names(&known_count);
  char skipped[512] = "", reason[512];
  size_t length = 0;
  for (size_t i = 0; i < known_count; i++) {
    if (collector_suffices(collector->name, known[i], reason, sizeof reason)) {
      add_variant(plan, collector_index, known[i], nowhere);
    } else if (length < sizeof skipped) {
      int written = snprintf(skipped + length, sizeof skipped - length, "%s%s",
                             length > 0 ? ", " : "", known[i]);
      length += written > 0 ? (size_t)written : 0;
    }
  }
  if (length > 0) {
    say_note("Skipped for %s, not sufficient: %s", collector->name, skipped);
  }
}

static enum harness_status add_own_barrier(struct plan *plan, size_t collector_index) {
  const struct experiment_item *collector = &plan->collectors.items[collector_index];
  char reason[512];
  const char *barrier = collector_barrier(collector->name, reason, sizeof reason);
  if (!barrier) {
    experiment_say_from(plan->experiment, &collector->place);
    return say_bad_input("%s", reason);
  }
  add_variant(plan, collector_index, barrier, nowhere);
  return HARNESS_DONE;
}

/* What a barrier costs alone: a collector that never collects, with its own barrier and with every
 * other that the run has. */
static void add_barrier_costs(struct plan *plan) {
  const char *name = name_of_reserving();
  if (!name) {
    return;
  }
  char reason[512];
  size_t variant_count = plan->variant_count;
  size_t collector = take_collector(plan, name, &(struct experiment_item){0});
  add_variant(plan, collector, collector_barrier(name, reason, sizeof reason), nowhere);
  for (size_t i = 0; i < variant_count; i++) {
    if (collector_suffices(name, plan->variants[i].barrier, reason, sizeof reason)) {
      add_variant(plan, collector, plan->variants[i].barrier, nowhere);
    }
  }
}

/* --- axes ---------------------------------------------------------------------------------------
 */

static bool is_option_axis(const struct experiment_axis *axis) {
  return axis->kind == EXPERIMENT_AXIS_OPTION;
}

/* Every combination of the values of heap options, the last axis innermost. */
static enum harness_status add_points(struct plan *plan) {
  const struct experiment *experiment = plan->experiment;
  size_t count = 1;
  for (size_t i = 0; i < experiment->axis_count; i++) {
    size_t values = is_option_axis(&experiment->axes[i]) ? experiment->axes[i].values.count : 1;
    if (values > 0 && count > PLAN_CONFIGURATIONS_MAX / values) {
      return say_bad_input("the axes have more than %d combinations", PLAN_CONFIGURATIONS_MAX);
    }
    count *= values;
  }
  plan->points = memory_resize(NULL, count, sizeof *plan->points);
  for (size_t point = 0; point < count; point++) {
    size_t rest = point;
    plan->points[point] = (struct results_settings){0};
    for (size_t i = experiment->axis_count; i > 0; i--) {
      const struct experiment_axis *axis = &experiment->axes[i - 1];
      if (is_option_axis(axis)) {
        settings_add(&plan->points[point], axis->name,
                     axis->values.texts[rest % axis->values.count]);
        rest /= axis->values.count;
      }
    }
  }
  plan->point_count = count;
  return HARNESS_DONE;
}

/* --- together -----------------------------------------------------------------------------------
 */

static enum harness_status add_barriers(struct plan *plan, size_t collector) {
  const struct experiment_items *barriers = &plan->experiment->barriers;
  if (barriers->count == 0) {
    return add_own_barrier(plan, collector);
  }
  if (!experiment_items_have(barriers, "all")) {
    return add_named_barriers(plan, collector);
  }
  add_all_barriers(plan, collector);
  return HARNESS_DONE;
}

static enum harness_status cross(struct plan *plan) {
  const struct experiment_items *barriers = &plan->experiment->barriers;
  bool is_named = barriers->count > 0 && !experiment_items_have(barriers, "all");
  enum harness_status status = is_named ? check_barrier_names(plan) : HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < plan->collectors.count; i++) {
    status = add_barriers(plan, i);
  }
  if (status == HARNESS_DONE && is_named) {
    status = check_named_barriers(plan);
  }
  experiment_say_from(plan->experiment, NULL);
  if (status == HARNESS_DONE && plan->variant_count == 0) {
    status = say_bad_input("no barrier suffices for the collectors asked for");
  }
  return status;
}

enum harness_status plan_add_variants(struct plan *plan) {
  enum harness_status status = take_collectors(plan);
  if (status == HARNESS_DONE) {
    status = cross(plan);
  }
  if (status == HARNESS_DONE && plan->experiment->barrier_costs) {
    add_barrier_costs(plan);
  }
  return status == HARNESS_DONE ? add_points(plan) : status;
}

static void set_options(struct gc_options *options, const struct results_settings *settings) {
  for (size_t i = 0; i < settings->count; i++) {
    char error[256]; /* every text was checked when it was given */
    gc_option_set(options, settings->items[i].name, settings->items[i].text, error, sizeof error);
  }
}

bool plan_runs_in(const struct plan *plan, const struct plan_variant *variant,
                  const struct heap_size *heap) {
  return experiment_item_has_heap(&plan->collectors.items[variant->collector], heap);
}

struct gc_options plan_options(const struct plan *plan, const struct plan_variant *variant,
                               const struct results_settings *point) {
  struct gc_options options = gc_options_default();
  set_options(&options, &plan->experiment->options);
  set_options(&options, &plan->collectors.items[variant->collector].settings);
  set_options(&options, point);
  return options;
}
