/* Pauses joined with stops, and utilisation curves; derive.h says what they mean. */
#include "results/derive.h"
#include "results/measured_time.h"
#include "results/timed_parts.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const uint64_t results_windows_ns[RESULTS_WINDOWS] = {1000000, 10000000, 50000000, 100000000};

/* --- events in memory --------------------------------------------------------------------------
 */

static int grow(void **items, uint32_t **rings, size_t item_size, size_t *capacity) {
  size_t wanted = *capacity ? *capacity * 2 : 256;
  void *new_items = realloc(*items, wanted * item_size);
  if (new_items)
    *items = new_items;
  uint32_t *new_rings = new_items ? realloc(*rings, wanted * sizeof **rings) : NULL;
  if (!new_rings)
    return -ENOMEM;
  *rings = new_rings;
  *capacity = wanted;
  return 0;
}

#define GC_EVENT_BEGIN(name, description)                                                          \
  static int append_##name(struct results_list_##name *list, const uint64_t *fields,               \
                           uint32_t ring) {                                                        \
    void *items = list->items;                                                                     \
    int status = list->count < list->capacity                                                      \
                     ? 0                                                                           \
                     : grow(&items, &list->rings, sizeof *list->items, &list->capacity);           \
    list->items = items;                                                                           \
    if (status)                                                                                    \
      return status;                                                                               \
    memcpy(&list->items[list->count], fields, sizeof *list->items);                                \
    list->rings[list->count++] = ring;                                                             \
    return 0;                                                                                      \
  }
#define GC_EVENT_FIELD(event, field, unit, description)
#define GC_EVENT_END(name)
#include "heap/event.def"
#undef GC_EVENT_BEGIN

static int append(void *context, enum gc_event_number number, uint32_t ring,
                  const uint64_t *fields) {
  struct results_events *events = context;
  events->event_count++;
  switch (number) {
#define GC_EVENT_BEGIN(name, description)                                                          \
  case GC_EVENT_##name:                                                                            \
    return append_##name(&events->name, fields, ring);
#include "heap/event.def"
#undef GC_EVENT_BEGIN
  case GC_EVENT_NUMBERS:
    break;
  }
  return 0;
}

int results_events_load(const char *path, struct results_events *events, char *error,
                        size_t error_size) {
  *events = (struct results_events){0};
  if (error_size)
    error[0] = 0;
  int status = results_events_read(path, &events->names, append, events, error, error_size);
  if (!status)
    status = results_events_take_out(events);
  if (status && error_size && error[0] == 0)
    snprintf(error, error_size, "%s: out of memory", path);
  if (status)
    results_events_finish(events);
  return status;
}

void results_events_finish(struct results_events *events) {
  results_events_names_finish(&events->names);
#define GC_EVENT_BEGIN(name, description)                                                          \
  free(events->name.items);                                                                        \
  free(events->name.rings);
#include "heap/event.def"
#undef GC_EVENT_BEGIN
#undef GC_EVENT_FIELD
#undef GC_EVENT_END
  *events = (struct results_events){0};
}

/* --- pauses ------------------------------------------------------------------------------------
 */

static int compare_stops(const void *left, const void *right) {
  const struct gc_event_stop *first = *(const struct gc_event_stop *const *)left;
  const struct gc_event_stop *second = *(const struct gc_event_stop *const *)right;
  return (first->stop_id > second->stop_id) - (first->stop_id < second->stop_id);
}

static int compare_pauses(const void *left, const void *right) {
  const struct results_pause *first = left, *second = right;
  if (first->begin_ns != second->begin_ns)
    return first->begin_ns > second->begin_ns ? 1 : -1;
  return (first->mutator > second->mutator) - (first->mutator < second->mutator);
}

static const struct gc_event_stop **stops_by_id(const struct results_events *events) {
  const struct gc_event_stop **stops = malloc((events->stop.count + 1) * sizeof *stops);
  if (!stops)
    return NULL;
  for (size_t index = 0; index < events->stop.count; index++)
    stops[index] = &events->stop.items[index];
  qsort(stops, events->stop.count, sizeof *stops, compare_stops);
  return stops;
}

/* A phase that ran while the world did. */
struct running_phase {
  uint32_t ring;
  uint64_t begin_ns, end_ns, cpu_ns;
};

struct running_phases {
  struct running_phase *items; /* by ring, then begin */
  size_t count;
};

static int compare_running(const void *left, const void *right) {
  const struct running_phase *first = left, *second = right;
  if (first->ring != second->ring)
    return first->ring > second->ring ? 1 : -1;
  return (first->begin_ns > second->begin_ns) - (first->begin_ns < second->begin_ns);
}

static int running_phases_derive(const struct results_events *events,
                                 struct running_phases *phases) {
  *phases =
      (struct running_phases){.items = malloc((events->phase.count + 1) * sizeof *phases->items)};
  if (!phases->items)
    return -ENOMEM;
  for (size_t index = 0; index < events->phase.count; index++) {
    const struct gc_event_phase *phase = &events->phase.items[index];
    if (phase->stop_id == 0)
      phases->items[phases->count++] = (struct running_phase){
          events->phase.rings[index], phase->begin_ns, phase->end_ns, phase->cpu_ns};
  }
  qsort(phases->items, phases->count, sizeof *phases->items, compare_running);
  return 0;
}

/* CPU time of the pause's own thread in the phases that lie within it; 0: not measured. */
static uint64_t running_cpu_ns(const struct running_phases *phases,
                               const struct results_pause *pause) {
  struct running_phase key = {.ring = pause->ring, .begin_ns = pause->begin_ns};
  size_t first = 0, end = phases->count;
  while (first < end) {
    size_t middle = (first + end) / 2;
    if (compare_running(&phases->items[middle], &key) < 0)
      first = middle + 1;
    else
      end = middle;
  }
  uint64_t cpu_ns = 0;
  for (; first < phases->count && phases->items[first].ring == pause->ring &&
         phases->items[first].end_ns <= pause->resumed_ns;
       first++)
    cpu_ns += phases->items[first].cpu_ns;
  return cpu_ns;
}

static uint64_t less(uint64_t whole, uint64_t part) {
  return whole > part ? whole - part : 0;
}

/* What it cost besides a scavenge. Of a pause that was too short to be measured, wall time is no
 * more than the shortest that is. */
static void set_own(struct results_pause *pause) {
  const struct gc_event_stop *stop = &pause->stop;
  uint64_t scavenge_ns = pause->has_stop ? stop->scavenge_ns : 0;
  uint64_t work_ns = pause->has_stop ? less(stop->work_end_ns, stop->stopped_ns) : pause->wall_ns;
  if (pause->has_cpu)
    pause->own_ns = less(pause->cpu_ns, pause->has_stop ? stop->scavenge_cpu_ns : 0);
  else
    pause->own_ns = less(work_ns, scavenge_ns);
  pause->has_own = pause->has_cpu || work_ns < RESULTS_CPU_FLOOR_NS;
}

static struct results_pause join(const struct gc_event_pause *pause, uint32_t ring,
                                 const struct gc_event_stop **stops, size_t stop_count,
                                 const struct results_parts *parts,
                                 const struct running_phases *phases) {
  struct gc_event_stop key = {.stop_id = pause->stop_id};
  const struct gc_event_stop *key_address = &key;
  const struct gc_event_stop **stop =
      pause->stop_id ? bsearch(&key_address, stops, stop_count, sizeof *stops, compare_stops)
                     : NULL;
  uint64_t end_ns = pause->end_ns > pause->begin_ns ? pause->end_ns : pause->begin_ns;
  struct results_pause joined = {
      .stop = stop ? **stop : key,
      .mutator = pause->mutator,
      .kind = pause->kind,
      .begin_ns = pause->begin_ns,
      .resumed_ns = end_ns,
      .wall_ns = end_ns - pause->begin_ns,
      .ring = ring,
      .has_stop = stop != NULL,
      .is_timed =
          results_parts_meet(parts, pause->mutator, (struct results_span){pause->begin_ns, end_ns}),
  };
  joined.cpu_ns = stop ? (*stop)->cpu_ns : 0;
  joined.cpu_total_ns = stop ? (*stop)->cpu_total_ns : 0;
  if (pause->stop_id == 0)
    joined.cpu_ns = joined.cpu_total_ns = running_cpu_ns(phases, &joined);
  joined.has_cpu = joined.cpu_ns > 0;
  set_own(&joined);
  return joined;
}

int results_pauses_derive(const struct results_events *events, struct results_pauses_list *pauses) {
  struct results_parts parts = {0};
  struct running_phases phases = {0};
  const struct gc_event_stop **stops = stops_by_id(events);
  *pauses = (struct results_pauses_list){
      .items = malloc((events->pause.count + 1) * sizeof *pauses->items),
      .count = events->pause.count};
  int status = stops && pauses->items ? results_parts_derive(events, &parts) : -ENOMEM;
  if (!status)
    status = running_phases_derive(events, &phases);
  for (size_t index = 0; !status && index < pauses->count; index++)
    pauses->items[index] = join(&events->pause.items[index], events->pause.rings[index], stops,
                                events->stop.count, &parts, &phases);
  if (status)
    results_pauses_finish(pauses);
  else
    qsort(pauses->items, pauses->count, sizeof *pauses->items, compare_pauses);
  free(phases.items);
  free(parts.items);
  free(stops);
  return status;
}

void results_pauses_finish(struct results_pauses_list *pauses) {
  free(pauses->items);
  *pauses = (struct results_pauses_list){0};
}

/* --- utilisation -------------------------------------------------------------------------------
 */

static void take_least(double *least, double value) {
  if (isnan(*least) || value < *least)
    *least = value;
}

void results_curve_windows(uint64_t windows_ns[RESULTS_CURVE_WINDOWS]) {
  for (size_t index = 0; index < RESULTS_CURVE_WINDOWS; index++)
    windows_ns[index] = (uint64_t)llround(1e5 * pow(10, (double)index / 8));
}

static void take_least_curve(struct results_utilisation_curve *curve,
                             const struct results_utilisation *utilisation) {
  uint64_t windows_ns[RESULTS_CURVE_WINDOWS];
  struct results_utilisation_curve one;
  results_curve_windows(windows_ns);
  results_mmu_curve(utilisation, windows_ns, RESULTS_CURVE_WINDOWS, one.mmu, one.bmu);
  for (size_t index = 0; index < RESULTS_CURVE_WINDOWS; index++) {
    take_least(&curve->mmu[index], one.mmu[index]);
    take_least(&curve->bmu[index], one.bmu[index]);
  }
}

/* Spans of one mutator's pauses; gaps are those of the only thread of a control trial. */
static size_t mutator_spans(const struct results_events *events,
                            const struct results_pauses_list *pauses, uint64_t mutator,
                            struct results_span *spans) {
  size_t count = 0;
  for (size_t index = 0; index < pauses->count; index++)
    if (pauses->items[index].mutator == mutator)
      spans[count++] =
          (struct results_span){pauses->items[index].begin_ns, pauses->items[index].resumed_ns};
  for (size_t index = 0; index < events->gap.count; index++)
    spans[count++] =
        (struct results_span){events->gap.items[index].begin_ns, events->gap.items[index].end_ns};
  return count;
}

/* Of one mutator: the least of its iterations, and the mean over their time together. */
static int mutator_view(const struct results_part *parts, size_t part_count,
                        const struct results_span *spans, size_t span_count,
                        struct results_utilisation_figures *figures) {
  double left_ns = 0, whole_ns = 0;
  for (size_t index = 0; index < part_count; index++) {
    struct results_utilisation utilisation;
    int status = results_utilisation_of_pauses(&utilisation, spans, span_count, parts[index].span);
    if (status)
      return status;
    for (size_t window = 0; window < RESULTS_WINDOWS; window++)
      take_least(&figures->mmu[window], results_mmu(&utilisation, results_windows_ns[window]));
    double length_ns = (double)(parts[index].span.end_ns - parts[index].span.begin_ns);
    left_ns += length_ns > 0 ? results_utilisation_mean(&utilisation) * length_ns : 0;
    whole_ns += length_ns;
    take_least_curve(&figures->mutator_curve, &utilisation);
    results_utilisation_finish(&utilisation);
  }
  if (whole_ns > 0)
    take_least(&figures->utilisation, left_ns / whole_ns);
  return 0;
}

static int mutators_view(const struct results_events *events,
                         const struct results_pauses_list *pauses,
                         const struct results_parts *parts,
                         struct results_utilisation_figures *figures) {
  struct results_span *spans = malloc((pauses->count + events->gap.count + 1) * sizeof *spans);
  int status = spans ? 0 : -ENOMEM;
  for (size_t first = 0, count; !status && first < parts->count; first += count) {
    count = results_parts_of_mutator(parts, first);
    size_t span_count = mutator_spans(events, pauses, parts->items[first].mutator, spans);
    status = mutator_view(&parts->items[first], count, spans, span_count, figures);
  }
  free(spans);
  return status;
}

/* Collector work beside the mutators, with the thread that did it; in a control trial, what kept
 * its thread from its processor. */
struct work {
  uint32_t ring;
  struct results_span span;
};

static int compare_work(const void *left, const void *right) {
  const struct work *first = left, *second = right;
  if (first->ring != second->ring)
    return first->ring > second->ring ? 1 : -1;
  return (first->span.begin_ns > second->span.begin_ns) -
         (first->span.begin_ns < second->span.begin_ns);
}

/* A mutator that waits for the collector takes no processor; one that marks, sweeps or runs a slow
 * half does. */
static bool takes_processor(const struct results_pause *pause) {
  return pause->stop.stop_id == 0 && pause->kind != GC_PAUSE_allocation_stall;
}

/* A thread takes at most one processor, though its phase may lie within its own pause: spans of one
 * ring that touch become one. */
static size_t merge_work(struct work *work, size_t count, struct results_span *spans) {
  size_t kept = 0;
  qsort(work, count, sizeof *work, compare_work);
  for (size_t index = 0; index < count; index++) {
    bool is_same = index > 0 && work[index].ring == work[index - 1].ring &&
                   work[index].span.begin_ns <= spans[kept - 1].end_ns;
    if (!is_same)
      spans[kept++] = work[index].span;
    else if (work[index].span.end_ns > spans[kept - 1].end_ns)
      spans[kept - 1].end_ns = work[index].span.end_ns;
  }
  return kept;
}

static size_t collect_work(const struct results_events *events,
                           const struct results_pauses_list *pauses, struct work *work) {
  size_t count = 0;
  for (size_t index = 0; index < events->phase.count; index++) {
    const struct gc_event_phase *phase = &events->phase.items[index];
    if (phase->stop_id == 0)
      work[count++] = (struct work){events->phase.rings[index], {phase->begin_ns, phase->end_ns}};
  }
  for (size_t index = 0; index < pauses->count; index++) {
    const struct results_pause *pause = &pauses->items[index];
    if (takes_processor(pause))
      work[count++] = (struct work){pause->ring, {pause->begin_ns, pause->resumed_ns}};
  }
  for (size_t index = 0; index < events->gap.count; index++) {
    const struct gc_event_gap *gap = &events->gap.items[index];
    work[count++] = (struct work){events->gap.rings[index], {gap->begin_ns, gap->end_ns}};
  }
  return count;
}

/* Of one iteration. */
static int capacity_of(const struct results_span *stops, size_t stop_count,
                       const struct results_span *work, size_t work_count, uint64_t cores,
                       struct results_span bounds, struct results_utilisation_figures *figures) {
  struct results_utilisation utilisation;
  int status = results_utilisation_of_capacity(&utilisation, stops, stop_count, work, work_count,
                                               cores, bounds);
  if (status)
    return status;
  for (size_t window = 0; window < RESULTS_WINDOWS; window++)
    take_least(&figures->mmu_capacity[window],
               results_mmu(&utilisation, results_windows_ns[window]));
  take_least_curve(&figures->capacity_curve, &utilisation);
  results_utilisation_finish(&utilisation);
  return 0;
}

static int capacity_view(const struct results_events *events,
                         const struct results_pauses_list *pauses, uint64_t cores,
                         const struct results_intervals *intervals,
                         struct results_utilisation_figures *figures) {
  size_t stop_count = 0, work_max = events->phase.count + pauses->count + events->gap.count + 1;
  struct results_span *stops = malloc((events->stop.count + 1) * sizeof *stops);
  struct results_span *spans = malloc(work_max * sizeof *spans);
  struct work *work = malloc(work_max * sizeof *work);
  int status = -ENOMEM;
  if (stops && spans && work) {
    for (size_t index = 0; index < events->stop.count; index++)
      stops[stop_count++] = (struct results_span){events->stop.items[index].request_ns,
                                                  events->stop.items[index].resumed_ns};
    size_t work_count = merge_work(work, collect_work(events, pauses, work), spans);
    status = 0;
    for (size_t index = 0; !status && index < intervals->count; index++)
      status = capacity_of(stops, stop_count, spans, work_count, cores ? cores : 1,
                           intervals->items[index], figures);
  }
  free(work);
  free(spans);
  free(stops);
  return status;
}

int results_utilisation_derive(const struct results_events *events,
                               const struct results_pauses_list *pauses, uint64_t cores,
                               struct results_utilisation_figures *figures) {
  *figures = (struct results_utilisation_figures){.utilisation = NAN};
  for (size_t window = 0; window < RESULTS_WINDOWS; window++)
    figures->mmu[window] = figures->mmu_capacity[window] = NAN;
  for (size_t window = 0; window < RESULTS_CURVE_WINDOWS; window++) {
    figures->mutator_curve.mmu[window] = figures->mutator_curve.bmu[window] = NAN;
    figures->capacity_curve.mmu[window] = figures->capacity_curve.bmu[window] = NAN;
  }
  struct results_parts parts;
  struct results_intervals intervals = {0};
  int status = results_parts_derive(events, &parts);
  if (status)
    return status;
  status = mutators_view(events, pauses, &parts, figures);
  if (!status)
    status = results_intervals_of(&parts, &intervals);
  if (!status)
    status = capacity_view(events, pauses, cores, &intervals, figures);
  results_intervals_finish(&intervals);
  free(parts.items);
  return status;
}
