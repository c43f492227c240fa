/* Export to Chrome's trace events in JSON, which Perfetto and DevTools open.
 *
 * A trial is a process whose time begins at 0, so that trials lie under each other. Its threads are the
 * mutators and the collector's threads; cycles and evacuations have threads of their own. Pauses are
 * slices of their mutator, under the names by which DevTools knows collections (MinorGC, MajorGC);
 * within them lie the time to the safepoint and the phases, around them the request that was served. Counters show the heap, what is
 * committed, the pacer's view and the promotion rate.
 *
 * Invariant `slices-nest`: of two slices of a thread one contains the other or they do not meet. What
 * clocks of two threads read a little apart is cut to the slice around it.
 * Costs: 40 bytes per slice of one trial; O(n log n) to nest them.
 */
#include "harness/export/export.h"
#include "results/measured_time.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
  cycles_thread = 1,
  evacuation_thread,
  first_mutator_thread = 100,
  first_collector_thread = 10000,
  no_mutator = UINT32_MAX
};

enum slice_type {
  SLICE_CYCLE,
  SLICE_MARKING,
  SLICE_EVACUATION,
  SLICE_REQUEST,
  SLICE_PAUSE,
  SLICE_SAFEPOINT,
  SLICE_PHASE,
  SLICE_GAP
};

struct slice {
  uint64_t thread, begin_ns, end_ns;
  enum slice_type type;
  size_t index; /* in the list of its type */
};

struct slices {
  struct slice *items;
  size_t count;
};

/* A trial while it is written. */
struct trace {
  FILE *stream;
  struct export_state *state;
  const struct export_trial *trial;
  uint32_t *mutators; /* of each ring, or no_mutator */
  size_t ring_count;
};

/* --- threads -----------------------------------------------------------------------------------
 */

static size_t rings_of(const uint32_t *rings, size_t count, size_t known) {
  for (size_t i = 0; i < count; i++) {
    known = rings[i] >= known ? (size_t)rings[i] + 1 : known;
  }
  return known;
}

static int find_mutators(struct trace *trace) {
  const struct results_events *events = trace->trial->events;
  size_t count = rings_of(events->pause.rings, events->pause.count, 1);
  count = rings_of(events->phase.rings, events->phase.count, count);
  count = rings_of(events->mutator.rings, events->mutator.count, count);
  count = rings_of(events->gap.rings, events->gap.count, count);
  trace->ring_count = count;
  trace->mutators = malloc(count * sizeof *trace->mutators);
  for (size_t i = 0; trace->mutators && i < count; i++) {
    trace->mutators[i] = no_mutator;
  }
  for (size_t i = 0; trace->mutators && i < events->pause.count; i++) {
    trace->mutators[events->pause.rings[i]] = (uint32_t)events->pause.items[i].mutator;
  }
  for (size_t i = 0; trace->mutators && i < events->mutator.count; i++) {
    trace->mutators[events->mutator.rings[i]] = (uint32_t)events->mutator.items[i].mutator;
  }
  return trace->mutators ? 0 : -ENOMEM;
}

static uint64_t thread_of(const struct trace *trace, uint32_t ring) {
  uint32_t mutator = trace->mutators[ring];
  return mutator == no_mutator ? (uint64_t)first_collector_thread + ring
                               : (uint64_t)first_mutator_thread + mutator;
}

/* --- slices ------------------------------------------------------------------------------------
 */

static void add_slice(struct slices *slices, enum slice_type type, size_t index, uint64_t thread,
                      struct results_span span) {
  if (span.end_ns >= span.begin_ns) {
    slices->items[slices->count++] =
        (struct slice){thread, span.begin_ns, span.end_ns, type, index};
  }
}

static bool is_shown(const struct results_pause *pause) {
  return pause->stop.stop_id != 0 || pause->wall_ns >= RESULTS_PAUSE_FLOOR_NS;
}

static void add_pauses(const struct trace *trace, struct slices *slices) {
  const struct results_pauses_list *pauses = trace->trial->pauses;
  for (size_t i = 0; i < pauses->count; i++) {
    const struct results_pause *pause = &pauses->items[i];
    uint64_t thread = first_mutator_thread + pause->mutator;
    if (!is_shown(pause)) {
      continue;
    }
    add_slice(slices, SLICE_PAUSE, i, thread,
              (struct results_span){pause->begin_ns, pause->resumed_ns});
    if (pause->has_stop && pause->stop.stopped_ns > pause->begin_ns) {
      add_slice(slices, SLICE_SAFEPOINT, i, thread,
                (struct results_span){pause->begin_ns, pause->stop.stopped_ns});
    }
  }
}

static void add_cycles(const struct results_events *events, struct slices *slices) {
  for (size_t i = 0; i < events->cycle.count; i++) {
    const struct gc_event_cycle *cycle = &events->cycle.items[i];
    add_slice(slices, SLICE_CYCLE, i, cycles_thread,
              (struct results_span){cycle->begin_ns, cycle->mark_end_ns});
    add_slice(slices, SLICE_MARKING, i, cycles_thread,
              (struct results_span){cycle->mark_begin_ns, cycle->mark_end_ns});
  }
  for (size_t i = 0; i < events->evacuation.count; i++) {
    const struct gc_event_evacuation *evacuation = &events->evacuation.items[i];
    add_slice(slices, SLICE_EVACUATION, i, evacuation_thread,
              (struct results_span){evacuation->begin_ns, evacuation->end_ns});
  }
}

static void add_threads_work(const struct trace *trace, struct slices *slices) {
  const struct results_events *events = trace->trial->events;
  for (size_t i = 0; i < events->phase.count; i++) {
    const struct gc_event_phase *phase = &events->phase.items[i];
    add_slice(slices, SLICE_PHASE, i, thread_of(trace, events->phase.rings[i]),
              (struct results_span){phase->begin_ns, phase->end_ns});
  }
  for (size_t i = 0; i < events->gap.count; i++) {
    const struct gc_event_gap *gap = &events->gap.items[i];
    add_slice(slices, SLICE_GAP, i, thread_of(trace, events->gap.rings[i]),
              (struct results_span){gap->begin_ns, gap->end_ns});
  }
}

static void add_requests(const struct results_events *events, struct slices *slices) {
  for (size_t i = 0; i < events->request.count; i++) {
    const struct gc_event_request *request = &events->request.items[i];
    add_slice(slices, SLICE_REQUEST, i, first_mutator_thread + request->mutator,
              (struct results_span){request->begin_ns, request->end_ns});
  }
}

/* By thread and begin, what contains others before them. */
static int compare_slices(const void *left, const void *right) {
  const struct slice *first = left, *second = right;
  if (first->thread != second->thread) {
    return first->thread > second->thread ? 1 : -1;
  }
  if (first->begin_ns != second->begin_ns) {
    return first->begin_ns > second->begin_ns ? 1 : -1;
  }
  if (first->end_ns != second->end_ns) {
    return first->end_ns < second->end_ns ? 1 : -1;
  }
  return (first->type > second->type) - (first->type < second->type);
}

/* Cuts each slice to those that it begins in. `open` has room for all of them. */
static void nest(struct slices *slices, const struct slice **open) {
  size_t depth = 0;
  qsort(slices->items, slices->count, sizeof *slices->items, compare_slices);
  for (size_t i = 0; i < slices->count; i++) {
    struct slice *slice = &slices->items[i];
    while (depth > 0 && (open[depth - 1]->thread != slice->thread ||
                         open[depth - 1]->end_ns <= slice->begin_ns)) {
      depth--;
    }
    if (depth > 0 && slice->end_ns > open[depth - 1]->end_ns) {
      slice->end_ns = open[depth - 1]->end_ns;
    }
    open[depth++] = slice;
  }
}

static int slices_derive(const struct trace *trace, struct slices *slices) {
  const struct results_events *events = trace->trial->events;
  size_t most = 2 * trace->trial->pauses->count + events->phase.count + events->gap.count +
                2 * events->cycle.count + events->evacuation.count + events->request.count + 1;
  *slices = (struct slices){.items = malloc(most * sizeof *slices->items)};
  const struct slice **open = malloc(most * sizeof *open);
  if (slices->items && open) {
    add_pauses(trace, slices);
    add_cycles(events, slices);
    add_requests(events, slices);
    add_threads_work(trace, slices);
    nest(slices, open);
  }
  int status = slices->items && open ? 0 : -ENOMEM;
  free(open);
  return status;
}

/* --- writing -----------------------------------------------------------------------------------
 */

/* Up to the arguments, which begin and end by the caller's hand. */
static void begin_event(struct trace *trace, const char *name, const char *category,
                        const char *type, uint64_t thread) {
  FILE *stream = trace->stream;
  fputs(trace->state->items++ ? ",\n{\"name\":" : "\n{\"name\":", stream);
  export_put_text(stream, name);
  fprintf(stream, ",\"cat\":\"%s\",\"ph\":\"%s\",\"pid\":%" PRIu64 ",\"tid\":%" PRIu64, category,
          type, trace->trial->trial->trial, thread);
}

/* Nanoseconds as microseconds, all of them. */
static void put_time(const struct trace *trace, const char *key, uint64_t ns) {
  fprintf(trace->stream, ",\"%s\":%" PRIu64 ".%03" PRIu64, key, ns / 1000, ns % 1000);
}

static uint64_t since_begin(const struct trace *trace, uint64_t time_ns) {
  return time_ns > trace->trial->begin_ns ? time_ns - trace->trial->begin_ns : 0;
}

/* DevTools draws collections by these names. */
struct look {
  const char *name, *category;
};

static struct look look_of(uint64_t kind) {
  switch (kind) {
  case GC_PAUSE_scavenge:
    return (struct look){"MinorGC", "devtools.timeline,v8"};
  case GC_PAUSE_cycle_begin:
  case GC_PAUSE_remark:
  case GC_PAUSE_compact:
  case GC_PAUSE_full:
  case GC_PAUSE_degenerated:
    return (struct look){"MajorGC", "devtools.timeline,v8"};
  case GC_PAUSE_mark_step:
    return (struct look){"V8.GCIncrementalMarking", "devtools.timeline,v8"};
  default:
    return (struct look){kind < GC_PAUSE_KINDS ? gc_pause_kind_names[kind] : "pause", "gc"};
  }
}

static void put_pause(struct trace *trace, const struct slice *slice) {
  const struct results_pause *pause = &trace->trial->pauses->items[slice->index];
  const struct gc_event_stop *stop = &pause->stop;
  const char *kind = pause->kind < GC_PAUSE_KINDS ? gc_pause_kind_names[pause->kind] : "";
  struct look look = look_of(pause->kind);
  begin_event(trace, look.name, look.category, "X", slice->thread);
  put_time(trace, "ts", since_begin(trace, slice->begin_ns));
  put_time(trace, "dur", slice->end_ns - slice->begin_ns);
  fprintf(trace->stream, ",\"args\":{\"kind\":\"%s\",\"type\":\"%s\"", kind, kind);
  if (pause->has_stop) {
    fprintf(trace->stream,
            ",\"reason\":\"%s\",\"stop\":%" PRIu64 ",\"cycle\":%" PRIu64
            ",\"usedHeapSizeBefore\":%" PRIu64 ",\"usedHeapSizeAfter\":%" PRIu64
            ",\"promoted_bytes\":%" PRIu64 ",\"marked_bytes\":%" PRIu64,
            stop->reason < GC_PAUSE_REASONS ? gc_pause_reason_names[stop->reason] : "",
            stop->stop_id, stop->cycle, stop->used_before_bytes, stop->used_after_bytes,
            stop->promoted_bytes, stop->marked_bytes);
  }
  if (pause->has_cpu) {
    fprintf(trace->stream, ",\"cpu_ns\":%" PRIu64, pause->cpu_ns);
  }
  fputs("}}", trace->stream);
}

static void put_plain(struct trace *trace, const struct slice *slice, const char *name,
                      const char *key, uint64_t value) {
  begin_event(trace, name, "gc", "X", slice->thread);
  put_time(trace, "ts", since_begin(trace, slice->begin_ns));
  put_time(trace, "dur", slice->end_ns - slice->begin_ns);
  fprintf(trace->stream, ",\"args\":{\"%s\":%" PRIu64 "}}", key, value);
}

static void put_slice(struct trace *trace, const struct slice *slice) {
  const struct results_events *events = trace->trial->events;
  char name[64];
  switch (slice->type) {
  case SLICE_PAUSE:
    put_pause(trace, slice);
    break;
  case SLICE_SAFEPOINT:
    put_plain(trace, slice, "time to safepoint", "stop",
              trace->trial->pauses->items[slice->index].stop.stop_id);
    break;
  case SLICE_PHASE: {
    const struct gc_event_phase *phase = &events->phase.items[slice->index];
    put_plain(trace, slice,
              phase->phase < events->names.phase_count ? events->names.phases[phase->phase]
                                                       : "phase",
              "cpu_ns", phase->cpu_ns);
    break;
  }
  case SLICE_GAP:
    put_plain(trace, slice, "gap", "cpu_ns", events->gap.items[slice->index].cpu_ns);
    break;
  case SLICE_CYCLE:
    snprintf(name, sizeof name, "cycle %" PRIu64, events->cycle.items[slice->index].cycle);
    put_plain(trace, slice, name, "marked_bytes", events->cycle.items[slice->index].marked_bytes);
    break;
  case SLICE_MARKING:
    put_plain(trace, slice, "marking", "goal_bytes", events->cycle.items[slice->index].goal_bytes);
    break;
  case SLICE_REQUEST: {
    const struct gc_event_request *request = &events->request.items[slice->index];
    put_plain(trace, slice, request->class ? "request, slow class" : "request", "waited_ns",
              request->begin_ns > request->arrival_ns ? request->begin_ns - request->arrival_ns
                                                      : 0);
    break;
  }
  case SLICE_EVACUATION:
    put_plain(trace, slice, "evacuation", "moved_bytes",
              events->evacuation.items[slice->index].moved_bytes);
    break;
  }
}

static void begin_counter(struct trace *trace, const char *name, uint64_t time_ns) {
  begin_event(trace, name, "gc", "C", 0);
  put_time(trace, "ts", since_begin(trace, time_ns));
}

static void put_counters(struct trace *trace) {
  const struct results_events *events = trace->trial->events;
  for (size_t i = 0; i < events->sample.count; i++) {
    const struct gc_event_sample *sample = &events->sample.items[i];
    begin_counter(trace, "heap", sample->time_ns);
    fprintf(trace->stream,
            ",\"args\":{\"nursery_bytes\":%" PRIu64 ",\"old_bytes\":%" PRIu64
            ",\"large_bytes\":%" PRIu64 "}}",
            sample->nursery_bytes, sample->old_bytes, sample->large_bytes);
    begin_counter(trace, "committed", sample->time_ns);
    fprintf(trace->stream,
            ",\"args\":{\"committed_bytes\":%" PRIu64 ",\"external_bytes\":%" PRIu64 "}}",
            sample->committed_bytes, sample->external_bytes);
  }
  for (size_t i = 0; i < events->pacer.count; i++) {
    const struct gc_event_pacer *pacer = &events->pacer.items[i];
    begin_counter(trace, "pacer", pacer->time_ns);
    fprintf(trace->stream,
            ",\"args\":{\"marked_bytes\":%" PRIu64 ",\"goal_bytes\":%" PRIu64
            ",\"debt_bytes\":%" PRIu64 "}}",
            pacer->marked_bytes, pacer->goal_bytes, pacer->debt_bytes);
  }
}

static int compare_stops(const void *left, const void *right) {
  const struct gc_event_stop *first = *(const struct gc_event_stop *const *)left;
  const struct gc_event_stop *second = *(const struct gc_event_stop *const *)right;
  return (first->work_end_ns > second->work_end_ns) - (first->work_end_ns < second->work_end_ns);
}

/* Of each stop, over the time since the one before it. */
static int put_promotion_rate(struct trace *trace) {
  const struct results_events *events = trace->trial->events;
  uint64_t last_ns = trace->trial->begin_ns;
  const struct gc_event_stop **stops = malloc((events->stop.count + 1) * sizeof *stops);
  if (!stops) {
    return -ENOMEM;
  }
  for (size_t i = 0; i < events->stop.count; i++) {
    stops[i] = &events->stop.items[i];
  }
  qsort(stops, events->stop.count, sizeof *stops, compare_stops);
  for (size_t i = 0; i < events->stop.count; i++) {
    uint64_t length_ns = stops[i]->work_end_ns > last_ns ? stops[i]->work_end_ns - last_ns : 1;
    begin_counter(trace, "promotion rate", stops[i]->work_end_ns);
    fprintf(trace->stream, ",\"args\":{\"bytes_per_second\":%.0f}}",
            (double)stops[i]->promoted_bytes / (double)length_ns * 1e9);
    last_ns = stops[i]->work_end_ns;
  }
  free(stops);
  return 0;
}

static void put_name(struct trace *trace, const char *what, uint64_t thread, const char *name) {
  begin_event(trace, what, "__metadata", "M", thread);
  fputs(",\"ts\":0,\"args\":{\"name\":", trace->stream);
  export_put_text(trace->stream, name);
  fputs("}}", trace->stream);
}

static void put_names(struct trace *trace, const struct slices *slices) {
  char name[RESULTS_TEXT_SIZE + 64];
  snprintf(name, sizeof name, "trial %" PRIu64 ": %s", trace->trial->trial->trial,
           trace->trial->slug);
  put_name(trace, "process_name", 0, name);
  for (size_t i = 0; i < slices->count; i++) {
    uint64_t thread = slices->items[i].thread;
    if (i > 0 && slices->items[i - 1].thread == thread) {
      continue;
    }
    if (thread == cycles_thread || thread == evacuation_thread) {
      snprintf(name, sizeof name, thread == cycles_thread ? "cycles" : "evacuations");
    } else if (thread < first_collector_thread) {
      snprintf(name, sizeof name, "mutator %" PRIu64, thread - first_mutator_thread);
    } else {
      snprintf(name, sizeof name, "%s %" PRIu64,
               trace->trial->events->gap.count ? "idle thread" : "collector thread",
               thread - first_collector_thread);
    }
    put_name(trace, "thread_name", thread, name);
  }
}

static void put_instant(struct trace *trace, const char *name, uint64_t time_ns) {
  begin_event(trace, name, "gc", "i", 0);
  put_time(trace, "ts", since_begin(trace, time_ns));
  fputs(",\"s\":\"p\"}", trace->stream);
}

static int begin(struct export_state *state, const struct export_trial *first) {
  (void)first;
  fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", state->stream);
  return 0;
}

static int add(struct export_state *state, const struct export_trial *trial) {
  struct trace trace = {.stream = state->stream, .state = state, .trial = trial};
  struct slices slices = {.items = NULL};
  struct results_span timed = results_timed_bounds(trial->events);
  int status = find_mutators(&trace);
  if (status == 0) {
    status = slices_derive(&trace, &slices);
  }
  if (status == 0) {
    put_names(&trace, &slices);
    if (results_measured_begin_ns(trial->events) != 0) {
      put_instant(&trace, "warm-up ends", results_measured_begin_ns(trial->events));
    }
    put_instant(&trace, "timed part begins", timed.begin_ns);
    put_instant(&trace, "timed part ends", timed.end_ns);
    for (size_t i = 0; i < slices.count; i++) {
      put_slice(&trace, &slices.items[i]);
    }
    put_counters(&trace);
    status = put_promotion_rate(&trace);
  }
  free(slices.items);
  free(trace.mutators);
  return status;
}

static int end(struct export_state *state) {
  fputs("\n]}\n", state->stream);
  return 0;
}

const struct exporter exporter_trace = {
    .name = "trace",
    .file_name = "trace.json",
    .file = EXPORT_ONE_FILE,
    .has_warmup = true,
    .begin = begin,
    .add = add,
    .end = end,
};
