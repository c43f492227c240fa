/* The collectors of the list, as the harness needs them. */
#include "harness/variants.h"
#include "barriers/barrier_parts.h"
#include "collectors/collector.h"
#include "harness/native/native_registry.h"
#include "harness/text_list.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char native_barrier[] = "none"; /* what tables show */

/* Native allocators come last. */
const char *const *collector_names(size_t *count) {
  static const char **names;
  size_t of_heap, native;
  const struct gc_collector *collectors = gc_collector_list(&of_heap);
  const struct native_allocator *allocators = native_allocator_list(&native);
  *count = of_heap + native;
  if (!names) {
    names = memory_resize(NULL, *count, sizeof *names);
    for (size_t i = 0; i < *count; i++) {
      names[i] = i < of_heap ? collectors[i].name : allocators[i - of_heap].collector;
    }
  }
  return names;
}

bool collector_is_native(const char *collector) {
  return native_allocator_find(collector) != NULL;
}

/* False with a sentence when the text names no collector. */
static bool parse(const char *text, struct gc_collector *collector,
                  struct gc_composition *composition, char *error, size_t error_size) {
  *collector = (struct gc_collector){0};
  return gc_collector_parse(text, collector, composition, error, error_size) == 0;
}

enum harness_status collector_check(const char *collector) {
  struct gc_collector parsed;
  struct gc_composition composition;
  char error[512];
  if (collector_is_native(collector) ||
      parse(collector, &parsed, &composition, error, sizeof error)) {
    return HARNESS_DONE;
  }
  if (strchr(collector, '=')) {
    return say_bad_input("%s", error);
  }
  size_t count;
  const char *const *names = collector_names(&count);
  return say_unknown("collector", collector, names, count, "tricolor list collectors");
}

bool collector_refuses(const struct gc_options *options, char *reason, size_t reason_size) {
  const struct native_allocator *allocator = native_allocator_find(options->collector);
  return allocator ? allocator->find(reason, reason_size) != 0
                   : gc_collector_check(options, reason, reason_size) != 0;
}

/* The barrier that a name, or an empty text, means for the collector; null with a sentence. */
static const char *choose_barrier(const char *collector, const char *name, char *error,
                                  size_t error_size) {
  struct gc_collector parsed;
  struct gc_composition composition;
  const struct gc_barrier *barrier;
  if (collector_is_native(collector)) {
    if (*name == 0 || strcmp(name, native_barrier) == 0) {
      return native_barrier;
    }
    snprintf(error, error_size, "%s is a program without a heap, and has no barrier %s", collector,
             name);
    return NULL;
  }
  if (!parse(collector, &parsed, &composition, error, error_size) ||
      gc_collector_choose_barrier(&parsed, name, &barrier, error, error_size) != 0) {
    return NULL;
  }
  return barrier->name;
}

const char *collector_barrier(const char *collector, char *reason, size_t reason_size) {
  return choose_barrier(collector, "", reason, reason_size);
}

bool collector_suffices(const char *collector, const char *barrier, char *reason,
                        size_t reason_size) {
  return choose_barrier(collector, barrier, reason, reason_size) != NULL;
}

bool collector_reserves(const char *collector) {
  struct gc_collector parsed;
  struct gc_composition composition;
  char error[512];
  return parse(collector, &parsed, &composition, error, sizeof error) &&
         (parsed.properties & GC_IGNORES_LIMIT) != 0;
}

bool collector_is_baseline(const char *collector) {
  struct gc_collector parsed;
  struct gc_composition composition;
  char error[512];
  return collector_is_native(collector) ||
         (parse(collector, &parsed, &composition, error, sizeof error) &&
          (parsed.properties & GC_IS_BASELINE) != 0);
}

/* --- descriptions -------------------------------------------------------------------------------
 */

static json_t *policy_name(const struct gc_composition *composition, const char *name) {
  return composition ? json_string(name) : json_null();
}

json_t *collector_describe(const char *collector) {
  struct gc_collector parsed;
  struct gc_composition composition = {0};
  char error[512];
  const struct native_allocator *allocator = native_allocator_find(collector);
  if (allocator) {
    parsed = (struct gc_collector){.summary = allocator->summary};
  } else if (!parse(collector, &parsed, &composition, error, sizeof error)) {
    return json_object();
  }
  const struct gc_composition *made_of = parsed.composition;
  json_t *entry = json_object();
  json_object_set_new(entry, "name", json_string(collector));
  json_object_set_new(entry, "description", json_string(parsed.summary ? parsed.summary : ""));
  json_object_set_new(entry, "young", policy_name(made_of, made_of ? made_of->young->name : ""));
  json_object_set_new(entry, "mark", policy_name(made_of, made_of ? made_of->mark->name : ""));
  json_object_set_new(entry, "sweep", policy_name(made_of, made_of ? made_of->sweep->name : ""));
  json_object_set_new(entry, "compact",
                      policy_name(made_of, made_of ? made_of->compact->name : ""));
  json_object_set_new(entry, "ignores_limit",
                      json_boolean((parsed.properties & GC_IGNORES_LIMIT) != 0));
  json_object_set_new(entry, "is_baseline", json_boolean(collector_is_baseline(collector)));
  return entry;
}

json_t *barrier_describe(const char *barrier) {
  static const struct {
    unsigned bit;
    const char *name;
  } capabilities[] = {
      {GC_KEEPS_REMEMBERED, "remembered"}, {GC_KEEPS_SNAPSHOT, "snapshot"},
      {GC_KEEPS_STRONG, "strong"},         {GC_KEEPS_MOVED_SLOTS, "moved_slots"},
      {GC_KEEPS_STAGGERED, "staggered"},
  };
  const struct gc_barrier *found = gc_barrier_find(barrier);
  json_t *entry = json_object();
  json_t *keeps = json_array();
  json_object_set_new(entry, "name", json_string(barrier));
  json_object_set_new(entry, "remember", json_string(found->remembered->name));
  json_object_set_new(entry, "shade", json_string(found->shade->name));
  for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++) {
    if (gc_barrier_provides(found) & capabilities[i].bit) {
      json_array_append_new(keeps, json_string(capabilities[i].name));
    }
  }
  json_object_set_new(entry, "keeps", keeps);
  return entry;
}
