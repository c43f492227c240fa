/* A report's timeline of one trial: the process's memory, the heap, its pauses and its cycles, and
 * the longest pause taken apart.
 *
 * Time is cut into as many parts as there may be marks, and of each part the longest pause, the
 * fullest moment before a stop and the emptiest after one, and the moment with most resident memory
 * are kept: no long pause and no peak is lost. The last moment is always there, so that what was
 * given back at the end is seen. Times are ns since the trial began.
 */
#include "results/report_data.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  cycle_marks_max = 200,
  phase_marks_max = 30,
};

static json_t *since(struct results_span span, uint64_t time_ns) {
  return json_integer(time_ns > span.begin_ns ? (json_int_t)(time_ns - span.begin_ns) : 0);
}

static json_t *number(uint64_t value) {
  return json_integer((json_int_t)value);
}

static void append_numbers(json_t *row, const uint64_t *values, size_t count) {
  for (size_t index = 0; index < count; index++)
    json_array_append_new(row, number(values[index]));
}

/* [begin, kind, wall, cpu]; cpu is null where it was not measured. */
static json_t *pauses_of(const struct results_pauses_list *pauses, struct results_span span,
                         size_t parts) {
  json_t *rows = json_array();
  const struct results_pause **longest = calloc(parts + 1, sizeof(struct results_pause *));
  double length_ns = (double)(span.end_ns - span.begin_ns);
  for (size_t index = 0; longest && index < pauses->count; index++) {
    const struct results_pause *pause = &pauses->items[index];
    double share = length_ns > 0 ? (double)(pause->begin_ns - span.begin_ns) / length_ns : 0;
    size_t part = share < 1 ? (size_t)(share * (double)parts) : parts - 1;
    if (!longest[part] || pause->wall_ns > longest[part]->wall_ns)
      longest[part] = pause;
  }
  for (size_t part = 0; longest && part < parts; part++) {
    const struct results_pause *pause = longest[part];
    if (!pause || pause->kind >= GC_PAUSE_KINDS)
      continue;
    json_t *row = json_array();
    json_array_append_new(row, since(span, pause->begin_ns));
    json_array_append_new(row, json_string(gc_pause_kind_names[pause->kind]));
    json_array_append_new(row, number(pause->wall_ns));
    json_array_append_new(row, pause->has_cpu ? number(pause->cpu_ns) : json_null());
    json_array_append_new(rows, row);
  }
  free(longest);
  return rows;
}

static int compare_stops(const void *left, const void *right) {
  const struct gc_event_stop *first = left, *second = right;
  return (first->request_ns > second->request_ns) - (first->request_ns < second->request_ns);
}

static void append_use(json_t *rows, struct results_span span, uint64_t time_ns, uint64_t bytes) {
  json_t *row = json_array();
  json_array_append_new(row, since(span, time_ns));
  json_array_append_new(row, number(bytes));
  json_array_append_new(rows, row);
}

/* [time, used], two of each stretch of stops. */
static json_t *use_of(const struct results_events *events, struct results_span span, size_t marks) {
  json_t *rows = json_array();
  size_t count = events->stop.count, stretch = count / (marks / 2 + 1) + 1;
  struct gc_event_stop *stops = malloc((count + 1) * sizeof *stops);
  if (stops && count > 0) {
    memcpy(stops, events->stop.items, count * sizeof *stops);
    qsort(stops, count, sizeof *stops, compare_stops);
  }
  for (size_t begin = 0; stops && begin < count; begin += stretch) {
    const struct gc_event_stop *full = &stops[begin], *empty = &stops[begin];
    for (size_t index = begin; index < begin + stretch && index < count; index++) {
      full = stops[index].used_before_bytes > full->used_before_bytes ? &stops[index] : full;
      empty = stops[index].used_after_bytes < empty->used_after_bytes ? &stops[index] : empty;
    }
    if (empty < full)
      append_use(rows, span, empty->resumed_ns, empty->used_after_bytes);
    append_use(rows, span, full->request_ns, full->used_before_bytes);
    if (empty >= full)
      append_use(rows, span, empty->resumed_ns, empty->used_after_bytes);
  }
  free(stops);
  return rows;
}

static int compare_samples(const void *left, const void *right) {
  const struct gc_event_sample *first = left, *second = right;
  return (first->time_ns > second->time_ns) - (first->time_ns < second->time_ns);
}

/* [time, committed, limit, external], the one with most committed of each stretch. */
static json_t *sizes_of(const struct results_events *events, struct results_span span,
                        size_t marks) {
  json_t *rows = json_array();
  size_t count = events->sample.count;
  size_t stretch = count / (marks / RESULTS_REPORT_SIZE_LINES + 1) + 1;
  struct gc_event_sample *samples = malloc((count + 1) * sizeof *samples);
  if (samples && count > 0) {
    memcpy(samples, events->sample.items, count * sizeof *samples);
    qsort(samples, count, sizeof *samples, compare_samples);
  }
  for (size_t begin = 0; samples && begin < count; begin += stretch) {
    const struct gc_event_sample *most = &samples[begin];
    for (size_t index = begin; index < begin + stretch && index < count; index++)
      most = samples[index].committed_bytes > most->committed_bytes ? &samples[index] : most;
    uint64_t sizes[] = {most->committed_bytes, most->limit_bytes, most->external_bytes};
    json_t *row = json_array();
    json_array_append_new(row, since(span, most->time_ns));
    append_numbers(row, sizes, sizeof sizes / sizeof *sizes);
    json_array_append_new(rows, row);
  }
  free(samples);
  return rows;
}

static void append_usage(json_t *rows, struct results_span span,
                         const struct gc_event_usage *usage) {
  uint64_t sizes[] = {usage->rss_bytes, usage->heap_total_bytes, usage->heap_used_bytes,
                      usage->external_bytes, usage->metadata_bytes};
  json_t *row = json_array();
  json_array_append_new(row, since(span, usage->time_ns));
  append_numbers(row, sizes, sizeof sizes / sizeof *sizes);
  json_array_append_new(rows, row);
}

/* [time, RSS, heap total, heap used, external, metadata], the one with most RSS of each stretch, and
 * the last. One thread wrote them, in the order of time. */
static json_t *memory_of(const struct results_events *events, struct results_span span,
                         size_t marks) {
  json_t *rows = json_array();
  const struct gc_event_usage *samples = events->usage.items;
  size_t count = events->usage.count;
  size_t stretch = count / (marks / RESULTS_REPORT_MEMORY_LINES + 1) + 1;
  for (size_t begin = 0; begin < count; begin += stretch) {
    size_t most = begin;
    for (size_t index = begin; index < begin + stretch && index < count; index++)
      most = samples[index].rss_bytes > samples[most].rss_bytes ? index : most;
    append_usage(rows, span, &samples[most]);
    if (begin + stretch >= count && most != count - 1)
      append_usage(rows, span, &samples[count - 1]);
  }
  return rows;
}

/* [begin, end] of cycles, from their first pause to the end of marking. Of more than fit, every so
 * many are left out. */
static json_t *cycles_of(const struct results_events *events, struct results_span span,
                         size_t marks) {
  json_t *rows = json_array();
  size_t step = events->cycle.count / (marks + 1) + 1;
  for (size_t index = 0; index < events->cycle.count; index += step) {
    const struct gc_event_cycle *cycle = &events->cycle.items[index];
    json_t *row = json_array();
    json_array_append_new(row, since(span, cycle->begin_ns));
    json_array_append_new(row, since(span, cycle->mark_end_ns));
    json_array_append_new(rows, row);
  }
  return rows;
}

json_t *report_timeline(uint64_t trial, const struct results_events *events,
                        const struct results_pauses_list *pauses, size_t marks) {
  struct results_span span = results_whole_bounds(events, pauses);
  json_t *timeline = json_object();
  size_t cycles = marks / 10 < cycle_marks_max ? marks / 10 : cycle_marks_max;
  size_t rest = marks - cycles;
  json_object_set_new(timeline, "trial", number(trial));
  json_object_set_new(timeline, "length_ns", number(span.end_ns - span.begin_ns));
  json_object_set_new(timeline, "pause_count", number(pauses->count));
  json_object_set_new(timeline, "pauses", pauses_of(pauses, span, rest * 2 / 5));
  json_object_set_new(timeline, "use", use_of(events, span, rest / 5));
  json_object_set_new(timeline, "sizes", sizes_of(events, span, rest / 5));
  json_object_set_new(timeline, "memory", memory_of(events, span, rest / 5));
  json_object_set_new(timeline, "cycles", cycles_of(events, span, cycles));
  return timeline;
}

/* --- the longest pause -------------------------------------------------------------------------
 */

static const struct results_pause *longest_of(const struct results_pauses_list *pauses) {
  const struct results_pause *longest = NULL;
  for (size_t index = 0; index < pauses->count; index++) {
    const struct results_pause *pause = &pauses->items[index];
    if (pause->is_timed && pause->kind < GC_PAUSE_KINDS &&
        (!longest || pause->wall_ns > longest->wall_ns))
      longest = pause;
  }
  return longest;
}

static bool is_of(const struct gc_event_phase *phase, uint32_t ring,
                  const struct results_pause *pause) {
  if (pause->has_stop)
    return phase->stop_id == pause->stop.stop_id;
  return phase->stop_id == 0 && ring == pause->ring && phase->begin_ns < pause->resumed_ns &&
         phase->end_ns > pause->begin_ns;
}

static int compare_phases(const void *left, const void *right) {
  const struct gc_event_phase *const *first = left, *const *second = right;
  uint64_t one_ns = (*first)->end_ns - (*first)->begin_ns,
           other_ns = (*second)->end_ns - (*second)->begin_ns;
  return (one_ns < other_ns) - (one_ns > other_ns);
}

/* [phase, worker, begin, end, cpu] with times since the pause began; of more than fit, the
 * longest. */
static json_t *phases_of(const struct results_events *events, const struct results_pause *pause) {
  json_t *rows = json_array();
  size_t count = 0;
  const struct gc_event_phase **phases =
      malloc((events->phase.count + 1) * sizeof(struct gc_event_phase *));
  for (size_t index = 0; phases && index < events->phase.count; index++)
    if (is_of(&events->phase.items[index], events->phase.rings[index], pause))
      phases[count++] = &events->phase.items[index];
  if (phases)
    qsort(phases, count, sizeof(struct gc_event_phase *), compare_phases);
  struct results_span span = {pause->begin_ns, pause->resumed_ns};
  for (size_t index = 0; index < count && index < phase_marks_max; index++) {
    const struct gc_event_phase *phase = phases[index];
    if (phase->phase >= events->names.phase_count)
      continue;
    json_t *row = json_array();
    json_array_append_new(row, json_string(events->names.phases[phase->phase]));
    json_array_append_new(row, number(phase->worker));
    json_array_append_new(row, since(span, phase->begin_ns));
    json_array_append_new(row, since(span, phase->end_ns));
    json_array_append_new(row, phase->cpu_ns ? number(phase->cpu_ns) : json_null());
    json_array_append_new(rows, row);
  }
  free(phases);
  return rows;
}

static void set_stop(json_t *longest, const struct results_pause *pause) {
  const struct gc_event_stop *stop = &pause->stop;
  json_object_set_new(longest, "reason",
                      json_string(stop->reason < GC_PAUSE_REASONS
                                      ? gc_pause_reason_names[stop->reason]
                                      : "not known"));
  json_object_set_new(longest, "cycle", number(stop->cycle));
  json_object_set_new(longest, "threads", number(stop->threads));
  json_object_set_new(longest, "to_safepoint_ns", number(stop->stopped_ns - stop->request_ns));
  json_object_set_new(longest, "work_end_ns", number(stop->work_end_ns - stop->request_ns));
  json_object_set_new(longest, "scavenge_ns", number(stop->scavenge_ns));
  json_object_set_new(longest, "used_before_bytes", number(stop->used_before_bytes));
  json_object_set_new(longest, "used_after_bytes", number(stop->used_after_bytes));
  json_object_set_new(longest, "survived_bytes", number(stop->survived_bytes));
  json_object_set_new(longest, "promoted_bytes", number(stop->promoted_bytes));
  json_object_set_new(longest, "marked_bytes", number(stop->marked_bytes));
  json_object_set_new(longest, "swept_bytes", number(stop->swept_bytes));
}

json_t *report_longest(const struct results_summary *summary, uint64_t trial,
                       const struct results_events *events,
                       const struct results_pauses_list *pauses) {
  const struct results_pause *pause = longest_of(pauses);
  if (!pause)
    return json_null();
  json_t *longest = json_object();
  json_object_set_new(longest, "trial", number(trial));
  json_object_set_new(longest, "at_ns",
                      since(results_whole_bounds(events, pauses), pause->begin_ns));
  json_object_set_new(longest, "kind", json_string(gc_pause_kind_names[pause->kind]));
  json_object_set_new(longest, "mutator", number(pause->mutator));
  json_object_set_new(longest, "wall_ns", number(pause->wall_ns));
  json_object_set_new(longest, "cpu_ns", pause->has_cpu ? number(pause->cpu_ns) : json_null());
  json_object_set_new(longest, "median_ns",
                      report_real(pause->kind < GC_PAUSE_KINDS
                                      ? summary->median.wall[pause->kind].percentile_ns[RESULTS_P50]
                                      : NAN));
  if (pause->has_stop)
    set_stop(longest, pause);
  json_object_set_new(longest, "phases", phases_of(events, pause));
  return longest;
}
