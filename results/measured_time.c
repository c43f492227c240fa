/* Takes time out of events, and events out of a trial; measured_time.h says which. */
#include "results/measured_time.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- taking out --------------------------------------------------------------------------------
 */

/* By begin; no two overlap, because the world stands in each. */
struct stills {
  struct results_span *items;
  uint64_t *before_ns; /* of each, the length of all before it */
  size_t count;
};

static int compare_spans(const void *left, const void *right) {
  const struct results_span *first = left, *second = right;
  return (first->begin_ns > second->begin_ns) - (first->begin_ns < second->begin_ns);
}

static int stills_derive(const struct results_events *events, struct stills *stills) {
  size_t count = events->floating_garbage.count;
  *stills = (struct stills){.items = malloc((count + 1) * sizeof *stills->items),
                            .before_ns = malloc((count + 1) * sizeof *stills->before_ns)};
  if (!stills->items || !stills->before_ns)
    return -ENOMEM;
  for (size_t index = 0; index < count; index++) {
    const struct gc_event_floating_garbage *found = &events->floating_garbage.items[index];
    if (found->end_ns > found->begin_ns)
      stills->items[stills->count++] = (struct results_span){found->begin_ns, found->end_ns};
  }
  qsort(stills->items, stills->count, sizeof *stills->items, compare_spans);
  uint64_t before_ns = 0;
  for (size_t index = 0; index < stills->count; index++) {
    stills->before_ns[index] = before_ns;
    before_ns += stills->items[index].end_ns - stills->items[index].begin_ns;
  }
  return 0;
}

static uint64_t length_ns(const struct gc_event_floating_garbage *found) {
  return found->end_ns > found->begin_ns ? found->end_ns - found->begin_ns : 0;
}

static void sum_up(struct results_events *events) {
  events->taken_out_ns = events->taken_out_cpu_ns = 0;
  for (size_t index = 0; index < events->floating_garbage.count; index++) {
    const struct gc_event_floating_garbage *found = &events->floating_garbage.items[index];
    events->taken_out_ns += length_ns(found);
    events->taken_out_cpu_ns += found->cpu_ns;
  }
}

static uint64_t running_ns(const struct stills *stills, uint64_t moment_ns) {
  size_t first = 0, end = stills->count;
  while (first < end) { /* the last that began before it */
    size_t middle = first + (end - first) / 2;
    if (stills->items[middle].begin_ns < moment_ns)
      first = middle + 1;
    else
      end = middle;
  }
  if (first == 0)
    return moment_ns;
  const struct results_span *still = &stills->items[first - 1];
  uint64_t within_ns = (moment_ns < still->end_ns ? moment_ns : still->end_ns) - still->begin_ns;
  return moment_ns - stills->before_ns[first - 1] - within_ns;
}

/* Of what is given in ns: how long something took, and not when it was. */
static bool is_length(const char *field) {
  static const char *const lengths[] = {"cpu_ns", "cpu_total_ns", "scavenge_ns", "scavenge_cpu_ns",
                                        "step_ns"};
  for (size_t index = 0; index < sizeof lengths / sizeof *lengths; index++)
    if (strcmp(field, lengths[index]) == 0)
      return true;
  return false;
}

#define SETTLE_ns(field, name)                                                                     \
  if (!is_length(name))                                                                            \
    (field) = running_ns(&stills, (field));
#define SETTLE_bytes(field, name)
#define SETTLE_objects(field, name)
#define SETTLE_slots(field, name)
#define SETTLE_count(field, name)
#define SETTLE_id(field, name)
#define SETTLE_kind(field, name)
#define SETTLE_reason(field, name)
#define SETTLE_phase(field, name)
#define SETTLE_counter(field, name)

static void settle(struct results_events *events, struct stills stills) {
#define GC_EVENT_BEGIN(name, description)                                                          \
  for (size_t index = 0; index < events->name.count; index++) {                                    \
    struct gc_event_##name *item = &events->name.items[index];
#define GC_EVENT_FIELD(event, field, unit, description) SETTLE_##unit(item->field, #field)
#define GC_EVENT_END(name)                              }
#include "heap/event.def"
#undef GC_EVENT_BEGIN
#undef GC_EVENT_FIELD
#undef GC_EVENT_END
}

int results_events_take_out(struct results_events *events) {
  struct stills stills;
  size_t count = events->floating_garbage.count;
  struct gc_event_floating_garbage *found = events->floating_garbage.items;
  uint64_t *lengths_ns = malloc((count + 1) * sizeof *lengths_ns);
  int status = stills_derive(events, &stills);
  if (!lengths_ns)
    status = -ENOMEM;
  if (!status && stills.count > 0) {
    for (size_t index = 0; index < count; index++)
      lengths_ns[index] = length_ns(&found[index]);
    settle(events, stills);
    for (size_t index = 0; index < count; index++)
      found[index].end_ns = found[index].begin_ns + lengths_ns[index];
  }
  sum_up(events);
  free(lengths_ns);
  free(stills.items);
  free(stills.before_ns);
  return status;
}

/* --- the warm-up -------------------------------------------------------------------------------
 */

uint64_t results_measured_begin_ns(const struct results_events *events) {
  uint64_t begin_ns = UINT64_MAX;
  bool has_warmup = false;
  for (size_t index = 0; index < events->iteration.count; index++) {
    const struct gc_event_iteration *iteration = &events->iteration.items[index];
    if (iteration->is_warmup)
      has_warmup = true;
    else if (iteration->begin_ns < begin_ns)
      begin_ns = iteration->begin_ns;
  }
  return has_warmup ? begin_ns : 0;
}

/* Keeps what ended later; in the order in which it is there. */
#define CUT(list, end_field)                                                                       \
  do {                                                                                             \
    size_t kept = 0;                                                                               \
    for (size_t index = 0; index < (list)->count; index++) {                                       \
      if ((list)->items[index].end_field < begin_ns)                                               \
        continue;                                                                                  \
      (list)->items[kept] = (list)->items[index];                                                  \
      (list)->rings[kept++] = (list)->rings[index];                                                \
    }                                                                                              \
    (list)->count = kept;                                                                          \
  } while (0)

void results_events_cut_warmup(struct results_events *events) {
  uint64_t begin_ns = results_measured_begin_ns(events);
  if (begin_ns == 0)
    return;
  CUT(&events->stop, resumed_ns);
  CUT(&events->pause, end_ns);
  CUT(&events->phase, end_ns);
  CUT(&events->sample, time_ns);
  CUT(&events->usage, time_ns);
  CUT(&events->cycle, mark_end_ns);
  CUT(&events->pacer, time_ns);
  CUT(&events->evacuation, end_ns);
  CUT(&events->floating_garbage, begin_ns);
  sum_up(events);
  for (size_t index = 0; index < events->mutator.count; index++) {
    struct gc_event_mutator *mutator = &events->mutator.items[index];
    if (mutator->attach_ns < begin_ns)
      mutator->attach_ns = begin_ns;
  }
}
