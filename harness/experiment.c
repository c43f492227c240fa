/* Filling an experiment: each value checked as far as it can be alone.
 *
 * Algorithm. A sweep of N steps from 1 to R takes n' = n + n(n-1)/2 / (N-1) of N' for n = 0 to N
 * and 1 + (R-1) n'/N' as multiples, so that steps grow linearly and the last is twice the first.
 */
#include "harness/experiment.h"
#include "harness/experiment_axis.h"
#include "harness/machine.h"
#include "harness/settings.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SWEEP_POINTS_MAX = 100, SWEEP_RANGE = 6 };

/* A scheduler may keep a thread from running for longer. */
#define SAFEPOINT_TIMEOUT_MIN_NS 1000000

/* Heap options that a configuration has a field for. */
static const char *const configured_options[] = {"gc-threads", "nursery", "pause-target",
                                                 "pretouch"};
/* Heap options that mean something else to a whole run. */
static const char *const run_options[] = {"collector", "barrier", "heap", "seed"};

static bool is_among(const char *name, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(names[i], name) == 0) {
      return true;
    }
  }
  return false;
}

#define IS_AMONG(name, names) is_among((name), (names), sizeof(names) / sizeof *(names))

struct experiment experiment_empty(void) {
  return (struct experiment){
      .mutators = 1,
      .iterations = 1,
      .time_limit_ns = UINT64_C(300) * 1000000000,
      .rss_limit_bytes = machine_memory_bytes() / 5 * 4,
      .skip_after = EXPERIMENT_SKIP_AFTER,
  };
}

uint64_t experiment_seed(const struct experiment *experiment, uint64_t invocation) {
  return experiment->seeds[(invocation - 1) % experiment->seed_count];
}

void experiment_say_from(const struct experiment *experiment,
                         const struct experiment_place *place) {
  bool is_there = place && place->line > 0 && experiment->file;
  say_from(is_there ? experiment->file : NULL, is_there ? place->line : 0,
           is_there ? place->column : 0);
}

/* --- items --------------------------------------------------------------------------------------
 */

struct experiment_item *experiment_items_add(struct experiment_items *items, const char *name,
                                             struct experiment_place place) {
  items->items = memory_resize(items->items, items->count + 1, sizeof *items->items);
  struct experiment_item *item = &items->items[items->count++];
  *item = (struct experiment_item){.name = text_copy(name), .place = place};
  return item;
}

static void item_finish(struct experiment_item *item) {
  free(item->name);
  free(item->heaps.items);
  settings_finish(&item->settings);
}

static bool same_heap(const struct heap_size *left, const struct heap_size *right) {
  return left->bytes == right->bytes && fabs(left->multiple - right->multiple) < 1e-9;
}

bool experiment_item_has_heap(const struct experiment_item *item, const struct heap_size *heap) {
  for (size_t i = 0; i < item->heaps.count; i++) {
    if (same_heap(&item->heaps.items[i], heap)) {
      return true;
    }
  }
  return item->heaps.count == 0;
}

static bool has_heaps_of(const struct experiment_item *item, const struct experiment_item *other) {
  bool has_all = item->heaps.count == 0 || other->heaps.count > 0;
  for (size_t i = 0; i < other->heaps.count; i++) {
    has_all = has_all && experiment_item_has_heap(item, &other->heaps.items[i]);
  }
  return has_all;
}

bool experiment_items_alike(const struct experiment_item *left,
                            const struct experiment_item *right) {
  return settings_equal(&left->settings, &right->settings) && has_heaps_of(left, right) &&
         has_heaps_of(right, left);
}

void experiment_items_settle(struct experiment_items *items) {
  struct experiment_item *last = &items->items[items->count - 1];
  for (size_t i = 0; i + 1 < items->count; i++) {
    if (strcmp(items->items[i].name, last->name) == 0 &&
        experiment_items_alike(&items->items[i], last)) {
      item_finish(last);
      items->count--;
      return;
    }
  }
}

void experiment_items_finish(struct experiment_items *items) {
  for (size_t i = 0; i < items->count; i++) {
    item_finish(&items->items[i]);
  }
  free(items->items);
  *items = (struct experiment_items){0};
}

bool experiment_items_have(const struct experiment_items *items, const char *name) {
  for (size_t i = 0; i < items->count; i++) {
    if (strcmp(items->items[i].name, name) == 0) {
      return true;
    }
  }
  return false;
}

/* --- heaps --------------------------------------------------------------------------------------
 */

static void append_heap(struct experiment *experiment, struct heap_size size) {
  for (size_t i = 0; i < experiment->heap_count; i++) {
    if (same_heap(&experiment->heaps[i], &size)) {
      return;
    }
  }
  experiment->heaps =
      memory_resize(experiment->heaps, experiment->heap_count + 1, sizeof *experiment->heaps);
  experiment->heaps[experiment->heap_count++] = size;
}

static enum harness_status parse_heap(const char *what, const char *text, struct heap_size *size) {
  char error[256], *end;
  size_t length = strlen(text);
  if (length > 1 && (text[length - 1] == 'x' || text[length - 1] == 'X') &&
      strspn(text, "0123456789.") == length - 1) {
    size->multiple = strtod(text, &end);
    if (end != text + length - 1 || !(size->multiple > 0) || size->multiple > 1000) {
      return say_bad_input("%s %s: a multiple of the minimum heap is above 0x and at most 1000x",
                           what, text);
    }
  } else if (gc_parse_size(text, &size->bytes, error, sizeof error) != 0) {
    return say_bad_input("%s %s: %s", what, text, error);
  }
  return HARNESS_DONE;
}

enum harness_status experiment_add_heap(struct experiment *experiment, const char *what,
                                        const char *text, struct experiment_place place) {
  struct heap_size size = {.place = place};
  enum harness_status status = parse_heap(what, text, &size);
  if (status == HARNESS_DONE) {
    append_heap(experiment, size);
  }
  return status;
}

enum harness_status experiment_item_add_heap(struct experiment_item *item, const char *what,
                                             const char *text, struct experiment_place place) {
  struct heap_sizes *heaps = &item->heaps;
  struct heap_size size = {.place = place};
  enum harness_status status = parse_heap(what, text, &size);
  if (status == HARNESS_DONE) {
    heaps->items = memory_resize(heaps->items, heaps->count + 1, sizeof *heaps->items);
    heaps->items[heaps->count++] = size;
  }
  return status;
}

void experiment_forget_heaps(struct experiment *experiment) {
  for (size_t i = 0; i < experiment->collectors.count; i++) {
    free(experiment->collectors.items[i].heaps.items);
    experiment->collectors.items[i].heaps = (struct heap_sizes){0};
  }
  free(experiment->heaps);
  experiment->heaps = NULL;
  experiment->heap_count = 0;
}

double experiment_sweep_multiple(unsigned points, unsigned step) {
  double whole = points + points / 2.0;
  double part = step + (double)step * (step - 1.0) / 2 / (points - 1.0);
  return round((1 + (SWEEP_RANGE - 1) * part / whole) * 100) / 100;
}

enum harness_status experiment_add_sweep(struct experiment *experiment, const char *what,
                                         const char *points, struct experiment_place place) {
  uint64_t count;
  enum harness_status status = experiment_set_count(what, points, 2, SWEEP_POINTS_MAX, &count);
  for (unsigned step = 0; status == HARNESS_DONE && step <= count; step++) {
    append_heap(experiment,
                (struct heap_size){.multiple = experiment_sweep_multiple((unsigned)count, step),
                                   .place = place});
  }
  return status;
}

/* --- single values ------------------------------------------------------------------------------
 */

enum harness_status experiment_set_count(const char *what, const char *text, uint64_t minimum,
                                         uint64_t maximum, uint64_t *count) {
  char error[256];
  if (gc_parse_count(text, count, error, sizeof error) != 0) {
    return say_bad_input("%s %s: %s", what, text, error);
  }
  if (*count < minimum || *count > maximum) {
    return say_bad_input("%s %s: must be %" PRIu64 " to %" PRIu64, what, text, minimum, maximum);
  }
  return HARNESS_DONE;
}

enum harness_status experiment_add_seed(struct experiment *experiment, const char *what,
                                        const char *text) {
  uint64_t seed;
  enum harness_status status = experiment_set_count(what, text, 0, UINT64_MAX, &seed);
  if (status == HARNESS_DONE) {
    experiment->seeds =
        memory_resize(experiment->seeds, experiment->seed_count + 1, sizeof *experiment->seeds);
    experiment->seeds[experiment->seed_count++] = seed;
  }
  return status;
}

static enum harness_status check_limit(const char *what, const char *text, int parsed,
                                       const char *error, uint64_t limit) {
  if (parsed != 0) {
    return say_bad_input("%s %s: %s", what, text, error);
  }
  if (limit == 0) {
    return say_bad_input("%s %s: a limit of nothing leaves no trial", what, text);
  }
  return HARNESS_DONE;
}

enum harness_status experiment_set_time_limit(struct experiment *experiment, const char *what,
                                              const char *text) {
  char error[256];
  uint64_t *limit_ns = &experiment->time_limit_ns;
  int parsed = gc_parse_duration(text, limit_ns, error, sizeof error);
  enum harness_status status = check_limit(what, text, parsed, error, *limit_ns);
  if (status == HARNESS_DONE && *limit_ns == UINT64_MAX) {
    return say_bad_input("%s %s: a trial that hangs would never end; give a time, such as 86400s",
                         what, text);
  }
  return status;
}

enum harness_status experiment_set_rss_limit(struct experiment *experiment, const char *what,
                                             const char *text) {
  char error[256];
  uint64_t *limit_bytes = &experiment->rss_limit_bytes;
  int parsed = gc_parse_size(text, limit_bytes, error, sizeof error);
  return check_limit(what, text, parsed, error, *limit_bytes);
}

/* --- heap options -------------------------------------------------------------------------------
 */

const struct gc_option_description *experiment_find_option(const char *name) {
  size_t count;
  const struct gc_option_description *options = gc_option_descriptions(&count);
  for (size_t i = 0; i < count; i++) {
    if (strcmp(options[i].name, name) == 0) {
      return &options[i];
    }
  }
  return NULL;
}

bool experiment_is_option(const char *name) {
  return experiment_find_option(name) && !IS_AMONG(name, run_options);
}

bool experiment_is_configured(const char *name) {
  return IS_AMONG(name, configured_options);
}

static enum harness_status check_option_name(const char *name) {
  const char *names[128];
  size_t count, known = 0;
  const struct gc_option_description *options = gc_option_descriptions(&count);
  if (IS_AMONG(name, run_options)) {
    return say_bad_input("'%s' is not an option of a heap here, but a field of the experiment",
                         name);
  }
  if (experiment_find_option(name)) {
    return HARNESS_DONE;
  }
  for (size_t i = 0; i < count && known < 128; i++) {
    if (!IS_AMONG(options[i].name, run_options)) {
      names[known++] = options[i].name;
    }
  }
  return say_unknown("heap option", name, names, known, "tricolor list options");
}

enum harness_status experiment_check_option(const char *name, const char *text) {
  char error[256];
  struct gc_options options = gc_options_default();
  enum harness_status status = check_option_name(name);
  if (status != HARNESS_DONE) {
    return status;
  }
  if (gc_option_set(&options, name, text, error, sizeof error) != 0) {
    return say_bad_input("%s", error);
  }
  if (options.safepoint_timeout_ns < SAFEPOINT_TIMEOUT_MIN_NS) {
    return say_bad_input("%s %s: the shortest is 1ms; inf waits for ever", name, text);
  }
  return HARNESS_DONE;
}

enum harness_status experiment_set_option(struct results_settings *settings, const char *name,
                                          const char *text) {
  enum harness_status status = experiment_check_option(name, text);
  if (status == HARNESS_DONE) {
    settings_add(settings, name, text);
  }
  return status;
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static const struct experiment_place nowhere;

/* The heap sizes of an entry are among the experiment's. */
static enum harness_status check_item_heaps(const struct experiment *experiment,
                                            const struct experiment_item *item) {
  for (size_t i = 0; i < item->heaps.count; i++) {
    bool is_known = false;
    for (size_t j = 0; j < experiment->heap_count; j++) {
      is_known |= same_heap(&item->heaps.items[i], &experiment->heaps[j]);
    }
    if (!is_known) {
      experiment_say_from(experiment, &item->heaps.items[i].place);
      enum harness_status status = say_bad_input(
          "%s is to run in a heap size that the experiment's list heap does not have", item->name);
      experiment_say_from(experiment, NULL);
      return status;
    }
  }
  return HARNESS_DONE;
}

enum harness_status experiment_complete(struct experiment *experiment) {
  enum harness_status status = HARNESS_DONE;
  if (experiment->collectors.count == 0) {
    experiment_items_add(&experiment->collectors, "stw", nowhere);
    experiment_items_add(&experiment->collectors, "epsilon", nowhere);
  }
  if (experiment->workloads.count == 0) {
    experiment_items_add(&experiment->workloads, "standard", nowhere);
  }
  if (experiment->invocations == 0 && experiment->quick) {
    experiment->invocations = 1;
  }
  if (experiment->heap_count == 0) {
    append_heap(experiment, (struct heap_size){.multiple = 3});
  }
  if (experiment->seed_count == 0) {
    status = experiment_add_seed(experiment, "seed", "1");
  }
  for (size_t i = 0; status == HARNESS_DONE && i < experiment->collectors.count; i++) {
    status = check_item_heaps(experiment, &experiment->collectors.items[i]);
  }
  return status == HARNESS_DONE ? experiment_check_axes(experiment) : status;
}

void experiment_finish(struct experiment *experiment) {
  free(experiment->name);
  free(experiment->file);
  free(experiment->description);
  experiment_items_finish(&experiment->collectors);
  experiment_items_finish(&experiment->barriers);
  experiment_items_finish(&experiment->workloads);
  free(experiment->heaps);
  for (size_t i = 0; i < experiment->parameter_count; i++) {
    free(experiment->parameters[i].workload);
    free(experiment->parameters[i].name);
    free(experiment->parameters[i].text);
  }
  free(experiment->parameters);
  settings_finish(&experiment->options);
  for (size_t i = 0; i < experiment->axis_count; i++) {
    experiment_axis_finish(&experiment->axes[i]);
  }
  free(experiment->axes);
  free(experiment->seeds);
  *experiment = (struct experiment){0};
}
