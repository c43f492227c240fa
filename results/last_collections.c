/* The last collections of a trial. See last_collections.h. */
#include "results/last_collections.h"
#include "results/units.h"

static bool is_collection(const struct gc_event_stop *stop) {
  return stop->kind == GC_PAUSE_full || stop->kind == GC_PAUSE_remark ||
         stop->kind == GC_PAUSE_degenerated;
}

static uint64_t first_ns(const struct results_events *events) {
  uint64_t first = UINT64_MAX;
  for (size_t i = 0; i < events->mutator.count; i++)
    if (events->mutator.items[i].attach_ns < first)
      first = events->mutator.items[i].attach_ns;
  for (size_t i = 0; i < events->stop.count; i++)
    if (events->stop.items[i].request_ns < first)
      first = events->stop.items[i].request_ns;
  return first;
}

/* The sample that was taken when the stop's work was done. */
static void add_external(const struct results_events *events, const struct gc_event_stop *stop,
                         struct results_last_collection *collection) {
  for (size_t i = 0; i < events->sample.count; i++)
    if (events->sample.items[i].time_ns == stop->work_end_ns) {
      collection->external_before_bytes = (double)events->sample.items[i].external_before_bytes;
      collection->external_after_bytes = (double)events->sample.items[i].external_bytes;
    }
}

/* Stops of different mutators are in different rings: the one that ended last before `end_ns`. */
static const struct gc_event_stop *last_before(const struct results_events *events,
                                               uint64_t end_ns) {
  const struct gc_event_stop *last = NULL;
  for (size_t i = 0; i < events->stop.count; i++) {
    const struct gc_event_stop *stop = &events->stop.items[i];
    if (is_collection(stop) && stop->work_end_ns < end_ns &&
        (!last || stop->work_end_ns > last->work_end_ns))
      last = stop;
  }
  return last;
}

struct results_last_collections results_last_collections_of(const struct results_events *events) {
  const struct gc_event_stop *stops[RESULTS_LAST_COLLECTIONS];
  struct results_last_collections last = {.count = 0};
  uint64_t end_ns = UINT64_MAX, begin_ns = first_ns(events);
  while (last.count < RESULTS_LAST_COLLECTIONS && (stops[last.count] = last_before(events, end_ns)))
    end_ns = stops[last.count++]->work_end_ns;
  for (size_t i = 0; i < last.count; i++) {
    const struct gc_event_stop *stop = stops[last.count - 1 - i];
    last.items[i] = (struct results_last_collection){
        .at_ns = (double)(stop->request_ns - begin_ns),
        .pause_ns = (double)(stop->work_end_ns - stop->request_ns),
        .kind = (enum gc_pause_kind)stop->kind,
        .before_bytes = (double)stop->used_before_bytes,
        .after_bytes = (double)stop->used_after_bytes,
    };
    add_external(events, stop, &last.items[i]);
  }
  return last;
}

void results_last_collections_put(const struct results_last_collections *last,
                                  struct table_line *line) {
  for (size_t i = 0; i < last->count; i++) {
    const struct results_last_collection *collection = &last->items[i];
    table_put(line, "%s%s at %s: heap %s -> %s", i > 0 ? "; " : "",
              gc_pause_kind_names[collection->kind], results_text_ns(collection->at_ns).text,
              results_text_bytes(collection->before_bytes).text,
              results_text_bytes(collection->after_bytes).text);
    if (collection->external_before_bytes > 0)
      table_put(line, ", external %s -> %s",
                results_text_bytes(collection->external_before_bytes).text,
                results_text_bytes(collection->external_after_bytes).text);
    table_put(line, ", %s", results_text_ns(collection->pause_ns).text);
  }
}
