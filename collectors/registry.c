/* Collectors by name or composition, and opening a heap with one. See collector.h.
 *
 * The lists are policies.def and collectors.def; nothing here names a policy or a collector.
 */
#include "collectors/collector.h"
#include "collectors/cycle.h"
#include "collectors/last_resort.h"
#include "collectors/sizing.h"
#include "heap/platform.h"
#include "heap/recording.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Declarations of everything that the lists name. */
#define GC_YOUNG(name)   extern const struct gc_young_policy gc_young_policy_##name;
#define GC_MARK(name)    extern const struct gc_mark_policy gc_mark_policy_##name;
#define GC_SWEEP(name)   extern const struct gc_sweep_policy gc_sweep_policy_##name;
#define GC_COMPACT(name) extern const struct gc_compact_policy gc_compact_policy_##name;
#include <tricolor/policies.def>
#undef GC_YOUNG
#undef GC_MARK
#undef GC_SWEEP
#undef GC_COMPACT

#define GC_COLLECTOR(name, young, mark, sweep, compact, barrier)
#define GC_COLLECTOR_CUSTOM(name, barrier)   extern const struct gc_collector gc_collector_##name;
#define GC_COLLECTOR_BASELINE(name, barrier) extern const struct gc_collector gc_collector_##name;
#include <tricolor/collectors.def>
#undef GC_COLLECTOR
#undef GC_COLLECTOR_CUSTOM
#undef GC_COLLECTOR_BASELINE

enum axis { AXIS_YOUNG, AXIS_MARK, AXIS_SWEEP, AXIS_COMPACT, AXES };

static const char *const axis_names[AXES] = {"young", "mark", "sweep", "compact"};
static const char *const axis_defaults[AXES] = {"scavenger", "stw", "eager", "none"};

static const struct {
  enum axis axis;
  const char *name;
  const void *policy;
} policies[] = {
#define GC_YOUNG(name)   {AXIS_YOUNG, #name, &gc_young_policy_##name},
#define GC_MARK(name)    {AXIS_MARK, #name, &gc_mark_policy_##name},
#define GC_SWEEP(name)   {AXIS_SWEEP, #name, &gc_sweep_policy_##name},
#define GC_COMPACT(name) {AXIS_COMPACT, #name, &gc_compact_policy_##name},
#include <tricolor/policies.def>
#undef GC_YOUNG
#undef GC_MARK
#undef GC_SWEEP
#undef GC_COMPACT
};

#define POLICY_COUNT (sizeof policies / sizeof policies[0])

/* What collectors.def says, as texts. */
struct entry {
  const char *name;
  const char *axes[AXES];
  const char *barrier;
  const char *summary;               /* of a composition; a custom collector has its own */
  const struct gc_collector *custom; /* null for a composition */
  unsigned properties;               /* that the list states, beside the collector's own */
};

static const struct entry entries[] = {
#define GC_COLLECTOR(name, young, mark, sweep, compact, barrier)                                   \
  {#name,    {#young, #mark, #sweep, #compact},                                                    \
   #barrier, "young=" #young ", mark=" #mark ", sweep=" #sweep ", compact=" #compact,              \
   NULL,     0},
#define GC_COLLECTOR_CUSTOM(name, barrier) {#name, {NULL}, #barrier, "", &gc_collector_##name, 0},
#define GC_COLLECTOR_BASELINE(name, barrier)                                                       \
  {#name, {NULL}, #barrier, "", &gc_collector_##name, GC_IS_BASELINE},
#include <tricolor/collectors.def>
#undef GC_COLLECTOR
#undef GC_COLLECTOR_CUSTOM
#undef GC_COLLECTOR_BASELINE
};

#define ENTRY_COUNT (sizeof entries / sizeof entries[0])

static const struct {
  unsigned bit;
  const char *name, *meaning;
} capabilities[] = {
    {GC_KEEPS_REMEMBERED, "GC_KEEPS_REMEMBERED", "finding every old-to-young reference"},
    {GC_KEEPS_SNAPSHOT, "GC_KEEPS_SNAPSHOT", "losing nothing that was reachable at cycle start"},
    {GC_KEEPS_STRONG, "GC_KEEPS_STRONG", "letting no black object point to a white one"},
    {GC_KEEPS_MOVED_SLOTS, "GC_KEEPS_MOVED_SLOTS", "recording slots into evacuation candidates"},
    {GC_KEEPS_STAGGERED, "GC_KEEPS_STAGGERED", "scanning mutators one by one"},
};

static const void *find_policy(enum axis axis, const char *name, size_t length) {
  for (size_t index = 0; index < POLICY_COUNT; index++) {
    if (policies[index].axis == axis && strlen(policies[index].name) == length &&
        memcmp(policies[index].name, name, length) == 0) {
      return policies[index].policy;
    }
  }
  return NULL;
}

static void set_axis(struct gc_composition *composition, enum axis axis, const void *policy) {
  switch (axis) {
  case AXIS_YOUNG:
    composition->young = policy;
    break;
  case AXIS_MARK:
    composition->mark = policy;
    break;
  case AXIS_SWEEP:
    composition->sweep = policy;
    break;
  case AXIS_COMPACT:
    composition->compact = policy;
    break;
  case AXES:
    break;
  }
}

/* What a composition needs follows from its policies. */
static void describe_composition(struct gc_collector *collector, const char *name,
                                 const struct gc_composition *composition) {
  *collector = (struct gc_collector){
      .name = name,
      .summary = "",
      .needs = composition->young->needs | composition->compact->needs |
               (composition->mark->is_beside ? composition->compact->needs_beside : 0),
      .needs_any = composition->mark->needs_any,
      .properties = GC_RECLAIMS_ALL,
      .uses_threads = composition->mark->on_thread || composition->sweep->on_thread,
      .composition = composition,
      .hooks = &gc_cycle_hooks,
      .plan = composition->young->plan,
  };
}

static void build_named(const struct entry *entry, struct gc_collector *collector,
                        struct gc_composition *composition) {
  if (entry->custom != NULL) {
    *collector = *entry->custom;
    collector->properties |= entry->properties;
  } else {
    for (enum axis axis = AXIS_YOUNG; axis < AXES; axis++) {
      set_axis(composition, axis, find_policy(axis, entry->axes[axis], strlen(entry->axes[axis])));
    }
    describe_composition(collector, entry->name, composition);
    collector->summary = entry->summary;
  }
  collector->default_barrier = entry->barrier;
}

static struct gc_collector named[ENTRY_COUNT];
static struct gc_composition named_compositions[ENTRY_COUNT];
static pthread_once_t named_once = PTHREAD_ONCE_INIT;

static void build_all_named(void) {
  for (size_t index = 0; index < ENTRY_COUNT; index++) {
    build_named(&entries[index], &named[index], &named_compositions[index]);
  }
}

const struct gc_collector *gc_collector_list(size_t *count) {
  pthread_once(&named_once, build_all_named);
  *count = ENTRY_COUNT;
  return named;
}

static void list_names(char *text, size_t size, enum axis axis) {
  size_t used = 0;
  for (size_t index = 0; index < POLICY_COUNT && used < size; index++) {
    if (policies[index].axis == axis) {
      used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
                               policies[index].name);
    }
  }
}

/* One `axis=policy` of a composition. */
static int parse_axis(const char *part, size_t length, struct gc_composition *composition,
                      struct gc_collector *collector, char *error, size_t error_size) {
  const char *equals = memchr(part, '=', length);
  size_t key_length = equals != NULL ? (size_t)(equals - part) : length;
  const char *value = equals != NULL ? equals + 1 : part + length;
  size_t value_length = length - key_length - (equals != NULL);
  if (equals != NULL && key_length == 7 && memcmp(part, "barrier", 7) == 0) {
    size_t count = 0;
    const struct gc_barrier *barriers = gc_barrier_list(&count);
    for (size_t index = 0; index < count; index++) {
      if (strlen(barriers[index].name) == value_length &&
          memcmp(barriers[index].name, value, value_length) == 0) {
        collector->default_barrier = barriers[index].name;
        return 0;
      }
    }
    snprintf(error, error_size, "there is no barrier '%.*s'", (int)value_length, value);
    return -EINVAL;
  }
  for (enum axis axis = AXIS_YOUNG; axis < AXES; axis++) {
    if (equals == NULL || strlen(axis_names[axis]) != key_length ||
        memcmp(axis_names[axis], part, key_length) != 0) {
      continue;
    }
    const void *policy = find_policy(axis, value, value_length);
    if (policy == NULL) {
      char known[200] = "";
      list_names(known, sizeof known, axis);
      snprintf(error, error_size, "'%.*s' is no policy of the axis %s, which has: %s",
               (int)value_length, value, axis_names[axis], known);
      return -EINVAL;
    }
    set_axis(composition, axis, policy);
    return 0;
  }
  snprintf(error, error_size,
           "'%.*s' is not part of a composition: its axes are young, mark, sweep, compact and "
           "barrier",
           (int)length, part);
  return -EINVAL;
}

static int parse_composition(const char *text, struct gc_collector *collector,
                             struct gc_composition *composition, char *error, size_t error_size) {
  collector->default_barrier = NULL;
  for (enum axis axis = AXIS_YOUNG; axis < AXES; axis++) {
    set_axis(composition, axis,
             find_policy(axis, axis_defaults[axis], strlen(axis_defaults[axis])));
  }
  for (const char *part = text; *part != '\0';) {
    size_t length = strcspn(part, ",");
    int status = parse_axis(part, length, composition, collector, error, error_size);
    if (status != 0) {
      return status;
    }
    part += length + (part[length] == ',');
  }
  const char *barrier = collector->default_barrier;
  describe_composition(collector, text, composition);
  collector->default_barrier = barrier;
  return 0;
}

int gc_collector_parse(const char *text, struct gc_collector *collector,
                       struct gc_composition *composition, char *error, size_t error_size) {
  if (strchr(text, '=') != NULL) {
    return parse_composition(text, collector, composition, error, error_size);
  }
  for (size_t index = 0; index < ENTRY_COUNT; index++) {
    if (strcmp(entries[index].name, text) == 0) {
      build_named(&entries[index], collector, composition);
      return 0;
    }
  }
  snprintf(error, error_size, "there is no collector '%s'", text);
  return -EINVAL;
}

/* The names of the capabilities in bits, joined. */
static void describe_missing(char *text, size_t size, unsigned bits, const char *joint) {
  size_t used = 0;
  for (size_t index = 0; index < sizeof capabilities / sizeof capabilities[0]; index++) {
    if ((bits & capabilities[index].bit) != 0 && used < size) {
      used += (size_t)snprintf(text + used, size - used, "%s%s (%s)", used > 0 ? joint : "",
                               capabilities[index].name, capabilities[index].meaning);
    }
  }
}

static int check_sufficient(const struct gc_collector *collector, const struct gc_barrier *barrier,
                            char *error, size_t error_size) {
  unsigned provided = gc_barrier_provides(barrier);
  if ((collector->properties & GC_IS_BASELINE) != 0 && provided != 0) {
    snprintf(error, error_size,
             "the collector %s cannot run with the barrier %s: its objects lie outside of the "
             "heap, where a barrier has nothing to write to",
             collector->name, barrier->name);
    return -EINVAL;
  }
  unsigned missing = collector->needs & ~provided;
  bool lacks_any = collector->needs_any != 0 && (collector->needs_any & provided) == 0;
  if (missing == 0 && !lacks_any) {
    return 0;
  }
  char text[400] = "";
  describe_missing(text, sizeof text, missing != 0 ? missing : collector->needs_any,
                   missing != 0 ? " and " : " or ");
  snprintf(error, error_size, "the collector %s cannot run with the barrier %s, which lacks %s",
           collector->name, barrier->name, text);
  return -EINVAL;
}

/* The first of barriers.def that suffices: the list goes from cheap to dear. */
static const struct gc_barrier *cheapest_sufficient(const struct gc_collector *collector) {
  size_t count = 0;
  char ignored[8];
  const struct gc_barrier *barriers = gc_barrier_list(&count);
  for (size_t index = 0; index < count; index++) {
    if (check_sufficient(collector, &barriers[index], ignored, sizeof ignored) == 0) {
      return &barriers[index];
    }
  }
  return NULL;
}

int gc_collector_choose_barrier(const struct gc_collector *collector, const char *name,
                                const struct gc_barrier **barrier, char *error, size_t error_size) {
  if (name[0] == '\0' && collector->default_barrier == NULL) {
    *barrier = cheapest_sufficient(collector);
    if (*barrier == NULL) {
      snprintf(error, error_size, "no barrier suffices for the collector %s", collector->name);
      return -EINVAL;
    }
    return 0;
  }
  const char *wanted = name[0] != '\0' ? name : collector->default_barrier;
  *barrier = gc_barrier_find(wanted);
  if (*barrier == NULL) {
    snprintf(error, error_size, "there is no barrier '%s'", wanted);
    return -EINVAL;
  }
  return check_sufficient(collector, *barrier, error, error_size);
}

/* A semispace's eden is a quarter of a half at least. */
static size_t least_eden_bytes(enum gc_nursery_layout layout) {
  return layout == GC_NURSERY_EDEN ? GC_EDEN_BYTES_MIN : 4 * GC_EDEN_BYTES_MIN;
}

static size_t default_eden_bytes(size_t heap_bytes, enum gc_nursery_layout layout) {
  size_t sixteenth_bytes = heap_bytes / 16, least_bytes = least_eden_bytes(layout);
  if (sixteenth_bytes < least_bytes) {
    return least_bytes;
  }
  return sixteenth_bytes < ((size_t)4 << 20) ? sixteenth_bytes : (size_t)4 << 20;
}

/* How far the eden may grow while scavenges are put off: a quarter of the heap. */
static size_t max_grown_eden_bytes(const struct gc_options *options, size_t eden_bytes) {
  size_t steps = options->heap_bytes / 4 / eden_bytes;
  return (steps > 1 ? steps : 1) * eden_bytes;
}

/* Chosen by whole programs (tricolor run peers, with and without): pages of 2 MiB serve marking a
 * large graph a third faster, and where a hypervisor has yet to find their memory they cost 3 ms
 * each, whereas small ones come from what the system has at hand. So they are for memory that is
 * touched before anything is timed. */
static int parse_huge_pages(const struct gc_options *options, bool *has_huge_pages, char *error,
                            size_t error_size) {
  const char *text = options->huge_pages;
  bool is_on = strcmp(text, "on") == 0, is_auto = strcmp(text, "auto") == 0;
  if (!is_on && !is_auto && strcmp(text, "off") != 0) {
    snprintf(error, error_size, "huge pages are on, off or auto, not '%s'", text);
    return -EINVAL;
  }
  *has_huge_pages = is_on || (is_auto && options->pretouch);
  return 0;
}

static int parse_layout(const struct gc_options *options, enum gc_nursery_layout *layout,
                        char *error, size_t error_size) {
  const char *text = options->nursery_layout;
  bool is_semispace = strcmp(text, "semispace") == 0;
  if (!is_semispace && strcmp(text, "eden") != 0) {
    snprintf(error, error_size, "the nursery layout '%s' is neither eden nor semispace", text);
    return -EINVAL;
  }
  if (is_semispace && !options->interleave_minor) {
    snprintf(
        error, error_size,
        "--interleave-minor=off grows an eden, which --nursery-layout=semispace does not have");
    return -EINVAL;
  }
  if (strcmp(options->nursery_sizing, "auto") != 0 &&
      strcmp(options->nursery_sizing, "fixed") != 0) {
    snprintf(error, error_size, "the nursery sizing '%s' is neither fixed nor auto",
             options->nursery_sizing);
    return -EINVAL;
  }
  *layout = is_semispace ? GC_NURSERY_SEMISPACE : GC_NURSERY_EDEN;
  return 0;
}

int gc_collector_plan_usual(const struct gc_options *options, struct gc_heap_parts *parts,
                            char *error, size_t error_size) {
  enum gc_nursery_layout layout = GC_NURSERY_EDEN;
  if (parse_layout(options, &layout, error, error_size) != 0) {
    return -EINVAL;
  }
  size_t eden_bytes = options->nursery_bytes != 0 ? options->nursery_bytes
                                                  : default_eden_bytes(options->heap_bytes, layout);
  eden_bytes = (eden_bytes + GC_OS_PAGE_BYTES - 1) & ~(GC_OS_PAGE_BYTES - 1);
  if (eden_bytes < least_eden_bytes(layout)) {
    snprintf(error, error_size,
             "a nursery of %zu bytes is too small: it must hold two of the largest objects that "
             "are allocated in it%s, %zu bytes",
             (size_t)options->nursery_bytes,
             layout == GC_NURSERY_EDEN ? "" : " in a quarter of a half", least_eden_bytes(layout));
    return -EINVAL;
  }
  parts->nursery = (struct gc_nursery_plan){
      .layout = layout,
      .eden_bytes = eden_bytes,
      .eden_reserved_bytes =
          options->interleave_minor ? eden_bytes : max_grown_eden_bytes(options, eden_bytes),
      .survivor_bytes = gc_nursery_survivor_bytes_for(layout, eden_bytes)};
  size_t young_bytes = gc_nursery_initial_bytes(&parts->nursery);
  if (options->heap_bytes < young_bytes + ((size_t)1 << 20)) {
    snprintf(error, error_size,
             "a heap of %zu bytes has no room for its nursery of %zu bytes (eden and survivor "
             "areas) and 1 MiB beside it; give a larger --heap or a smaller --nursery",
             (size_t)options->heap_bytes, young_bytes);
    return -EINVAL;
  }
  parts->limit_bytes = options->heap_bytes;
  parts->old_limit_bytes = options->heap_bytes - young_bytes;
  size_t old_space_bytes = options->max_old_space_mib << 20;
  if (old_space_bytes != 0 && old_space_bytes < parts->old_limit_bytes) {
    parts->old_limit_bytes = old_space_bytes;
    parts->limit_bytes = old_space_bytes + young_bytes;
  }
  parts->block_limit_bytes = parts->old_limit_bytes;
  return 0;
}

/* One for every four cores, if nothing else is asked for. */
static unsigned collector_threads(const struct gc_options *options) {
  unsigned quarter = gc_platform_core_count() / 4;
  uint64_t count = options->collector_threads != 0 ? options->collector_threads
                   : quarter > 0                   ? quarter
                                                   : 1;
  return count < GC_WORKERS_MAX ? (unsigned)count : GC_WORKERS_MAX;
}

static int choose(const struct gc_options *options, struct gc_collector *collector,
                  struct gc_composition *composition, struct gc_heap_parts *parts, char *error,
                  size_t error_size) {
  const struct gc_barrier *barrier = NULL;
  int status = gc_collector_parse(options->collector, collector, composition, error, error_size);
  if (status == 0) {
    status = gc_last_resort_check(options, error, error_size);
  }
  if (status == 0) {
    status = gc_record_parse(options->record, &parts->record, error, error_size);
  }
  if (status == 0) {
    status = parse_huge_pages(options, &parts->has_huge_pages, error, error_size);
  }
  if (status == 0 && !gc_sizing_is_known(options->sizing)) {
    snprintf(error, error_size, "sizing is fixed, growing or membalancer, not '%s'",
             options->sizing);
    status = -EINVAL;
  }
  if (status == 0) {
    status = gc_collector_choose_barrier(collector, options->barrier, &barrier, error, error_size);
  }
  if (status == 0) {
    parts->hooks = collector->hooks;
    parts->remembered = barrier->remembered;
    parts->barrier_name = barrier->name;
    parts->barrier_keeps = gc_barrier_provides(barrier);
    parts->collector_threads = collector->uses_threads ? collector_threads(options) : 0;
    status = collector->plan(options, parts, error, error_size);
  }
  return status;
}

int gc_collector_check(const struct gc_options *options, char *error, size_t error_size) {
  struct gc_collector collector;
  struct gc_composition composition;
  struct gc_heap_parts parts = {0};
  return choose(options, &collector, &composition, &parts, error, error_size);
}

int gc_heap_open(const struct gc_options *options, struct gc_heap **heap, char *error,
                 size_t error_size) {
  struct gc_collector collector;
  struct gc_composition composition;
  struct gc_heap_parts parts = {0};
  int status = choose(options, &collector, &composition, &parts, error, error_size);
  return status == 0 ? gc_heap_create(options, &parts, heap, error, error_size) : status;
}
