/* Export to the lines that V8 prints with --trace-gc, so that scripts written for Node read them.
 *
 * The mapping is by analogy: a scavenge is a Scavenge; whatever ends an old-generation cycle or is a
 * whole collection is a Mark-Compact, whose steps since its start are the pauses of that cycle
 * before it. Other stops have no line, as in V8. Memory is used (committed) in MB of 2^20 bytes; the
 * utilisation after each Mark-Compact is the mutator's share since the one before, the average half
 * that and half the average before.
 *
 * Forms: that of V8 10 (Node 18), 11 (Node 20), 12 (Node 22) or 15 (13 and later, Node 24). Pooled
 * memory, which V8 counts since 12, is 0 here.
 */
#include "harness/export/export.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Since the start of marking, of one cycle. */
struct steps {
  uint64_t cycle, count, total_ns, longest_ns, begin_ns;
};

/* What differs between the versions of V8. */
struct form {
  int version;
  const char *mark_compact, *pooled, *gap, *between_reasons;
  int decimals; /* of the pause */
};

static const struct form forms[] = {
    {10, "Mark-sweep", "", " ", " ", 1},
    {11, "Mark-Compact", "", " ", "; ", 2},
    {12, "Mark-Compact", "pooled: 0 MB, ", " ", "; ", 2},
    {15, "Mark-Compact", "pooled: 0.0 MB, ", "", "; ", 2},
};
enum { form_count = sizeof forms / sizeof *forms };

static const struct form *form_of(int version) {
  size_t place = form_count - 1;
  while (place > 0 && forms[place].version > version) {
    place--;
  }
  return &forms[place];
}

struct lines {
  const struct export_trial *trial;
  FILE *stream;
  const struct form *form;
  size_t sample; /* the last one at or before the stop under way */
  struct steps steps;
  double average_mu, current_mu;
  uint64_t last_end_ns; /* of the last Mark-Compact */
  uint64_t stopped_ns;  /* since then */
};

static double mebibytes(uint64_t bytes) {
  return (double)bytes / (1 << 20);
}

static double milliseconds(uint64_t ns) {
  return (double)ns / 1e6;
}

static bool ends_cycle(const struct gc_event_stop *stop) {
  return stop->kind == GC_PAUSE_full || stop->kind == GC_PAUSE_remark ||
         stop->kind == GC_PAUSE_compact || stop->kind == GC_PAUSE_degenerated;
}

static const char *reason_of(const struct gc_event_stop *stop) {
  switch (stop->reason) {
  case GC_REASON_nursery_full:
    return "allocation failure";
  case GC_REASON_old_space_full:
  case GC_REASON_large_object:
  case GC_REASON_direct_old:
    return "allocation limit";
  case GC_REASON_last_resort:
    return "last resort";
  case GC_REASON_mark_pace:
    return "finalize incremental marking via stack guard";
  case GC_REASON_marking_dry:
  case GC_REASON_weak_cleared:
    return "finalize incremental marking via task";
  case GC_REASON_idle:
    return "task";
  default:
    return "testing";
  }
}

/* --- what lines need of the stops before -------------------------------------------------------
 */

static void note_step(struct lines *lines, const struct gc_event_stop *stop) {
  struct steps *steps = &lines->steps;
  uint64_t length_ns = stop->work_end_ns - stop->stopped_ns;
  if (stop->cycle != steps->cycle) {
    *steps = (struct steps){.cycle = stop->cycle, .begin_ns = stop->request_ns};
  }
  steps->count++;
  steps->total_ns += length_ns;
  steps->longest_ns = length_ns > steps->longest_ns ? length_ns : steps->longest_ns;
}

static void note_cycle_end(struct lines *lines, const struct gc_event_stop *stop) {
  uint64_t length_ns =
      stop->work_end_ns > lines->last_end_ns ? stop->work_end_ns - lines->last_end_ns : 1;
  lines->current_mu =
      lines->stopped_ns < length_ns ? 1 - (double)lines->stopped_ns / (double)length_ns : 0;
  lines->average_mu = (lines->average_mu + lines->current_mu) / 2;
  lines->last_end_ns = stop->work_end_ns;
  lines->stopped_ns = 0;
}

/* Committed bytes at the last sample not after the moment. */
static uint64_t committed_at(struct lines *lines, uint64_t time_ns) {
  const struct results_list_sample *samples = &lines->trial->events->sample;
  if (samples->count == 0) {
    return lines->trial->trial->heap.heap_total_bytes;
  }
  while (lines->sample + 1 < samples->count &&
         samples->items[lines->sample + 1].time_ns <= time_ns) {
    lines->sample++;
  }
  return samples->items[lines->sample].committed_bytes;
}

/* --- lines -------------------------------------------------------------------------------------
 */

static void put_steps(struct lines *lines, const struct gc_event_stop *stop) {
  const struct steps *steps = &lines->steps;
  if (steps->count == 0 || steps->cycle != stop->cycle) {
    return;
  }
  fprintf(lines->stream,
          " (+ %.1f ms in %" PRIu64
          " steps since start of marking, biggest step %.1f ms, walltime since start of marking "
          "%.f ms)",
          milliseconds(steps->total_ns), steps->count, milliseconds(steps->longest_ns),
          milliseconds(stop->work_end_ns - steps->begin_ns));
}

static void put_line(struct lines *lines, const struct gc_event_stop *stop) {
  uint64_t number = lines->trial->trial->trial;
  uint64_t before_bytes = committed_at(lines, stop->stopped_ns);
  uint64_t after_bytes = committed_at(lines, stop->resumed_ns);
  bool is_cycle = ends_cycle(stop);
  const struct form *form = lines->form;
  fprintf(lines->stream, "[%" PRIu64 ":0x1] %8.0f ms: %s %.1f (%.1f) -> %.1f (%.1f) MB, %s", number,
          milliseconds(stop->work_end_ns - lines->trial->begin_ns),
          is_cycle ? form->mark_compact : "Scavenge", mebibytes(stop->used_before_bytes),
          mebibytes(before_bytes), mebibytes(stop->used_after_bytes), mebibytes(after_bytes),
          form->pooled);
  fprintf(lines->stream, "%.*f / %.*f ms%s", form->decimals,
          milliseconds(stop->work_end_ns - stop->stopped_ns), form->decimals, 0.0, form->gap);
  if (is_cycle) {
    put_steps(lines, stop);
  }
  fprintf(lines->stream, " (average mu = %.3f, current mu = %.3f) %s%s%s\n", lines->average_mu,
          lines->current_mu, reason_of(stop), form->between_reasons,
          is_cycle ? "GC in old space requested" : "");
}

static int compare_stops(const void *left, const void *right) {
  const struct gc_event_stop *first = *(const struct gc_event_stop *const *)left;
  const struct gc_event_stop *second = *(const struct gc_event_stop *const *)right;
  return (first->work_end_ns > second->work_end_ns) - (first->work_end_ns < second->work_end_ns);
}

static void put_stop(struct lines *lines, const struct gc_event_stop *stop) {
  bool is_cycle = ends_cycle(stop), has_step = !is_cycle && stop->cycle != 0;
  lines->stopped_ns += stop->work_end_ns - stop->stopped_ns;
  if (is_cycle) {
    note_cycle_end(lines, stop);
    put_line(lines, stop);
    lines->steps = (struct steps){.count = 0};
  } else if (stop->kind == GC_PAUSE_scavenge) {
    put_line(lines, stop);
  } else if (has_step) {
    note_step(lines, stop);
  }
}

static int add(struct export_state *state, const struct export_trial *trial) {
  struct lines lines = {.trial = trial,
                        .stream = state->stream,
                        .form = form_of(state->request->v8_version),
                        .average_mu = 1,
                        .current_mu = 1,
                        .last_end_ns = trial->begin_ns};
  size_t count = trial->events->stop.count;
  const struct gc_event_stop **stops = malloc((count + 1) * sizeof *stops);
  if (!stops) {
    return -ENOMEM;
  }
  for (size_t i = 0; i < count; i++) {
    stops[i] = &trial->events->stop.items[i];
  }
  qsort(stops, count, sizeof *stops, compare_stops);
  for (size_t i = 0; i < count; i++) {
    put_stop(&lines, stops[i]);
  }
  free(stops);
  return 0;
}

const struct exporter exporter_v8_trace = {
    .name = "v8-trace",
    .file_name = "v8-trace.log",
    .file = EXPORT_ONE_FILE,
    .add = add,
};
