/* Growth of what trials hold. See growth.h. */
#include "results/growth.h"
#include "results/statistics.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { RSS_PARTS = 8, WARM_UP_SHARE = 4, HALF_FROM = 8 };

static const double least_share = 0.02;    /* of the median */
static const double normal_limit = 2.3263; /* exceeded with a chance of 1 % */
static const double half_limit = 1.6449;   /* of 5 % */

struct list {
  struct results_trough *items;
  size_t count;
};

/* --- the figure --------------------------------------------------------------------------------
 */

/* Mann's S in its standard deviations, with the correction for continuity. */
static double rise_of(const struct results_trough *troughs, size_t count) {
  double balance = 0, n = (double)count;
  for (size_t i = 0; i < count; i++)
    for (size_t j = i + 1; j < count; j++)
      balance += (troughs[j].bytes > troughs[i].bytes) - (troughs[j].bytes < troughs[i].bytes);
  return (balance - 1) / sqrt(n * (n - 1) * (2 * n + 5) / 18);
}

/* The later half alone rises too, where it has enough troughs to tell. */
static bool goes_on(const struct results_trough *troughs, size_t count) {
  size_t later = count - count / 2;
  return later < HALF_FROM || rise_of(troughs + count / 2, later) > half_limit;
}

static double growth_of(const struct results_trough *troughs, size_t count) {
  double slopes[GROWTH_TROUGHS_MAX * (GROWTH_TROUGHS_MAX - 1) / 2];
  double bytes[GROWTH_TROUGHS_MAX];
  size_t slope_count = 0;
  for (size_t i = 0; i < count; i++) {
    bytes[i] = troughs[i].bytes;
    for (size_t j = i + 1; j < count; j++)
      if (troughs[j].time_ns > troughs[i].time_ns)
        slopes[slope_count++] =
            (troughs[j].bytes - troughs[i].bytes) / (troughs[j].time_ns - troughs[i].time_ns);
  }
  double growth =
      results_median(slopes, slope_count) * (troughs[count - 1].time_ns - troughs[0].time_ns);
  bool rises =
      rise_of(troughs, count) > normal_limit && growth > least_share * results_median(bytes, count);
  return rises && goes_on(troughs, count) ? growth : 0;
}

double results_growth_bytes(const struct results_trough *troughs, size_t count) {
  size_t warm_up = count / WARM_UP_SHARE;
  struct results_trough taken[GROWTH_TROUGHS_MAX];
  size_t taken_count = 0, left = count - warm_up;
  if (left < GROWTH_FROM)
    return NAN;
  size_t stretch = (left + GROWTH_TROUGHS_MAX - 1) / GROWTH_TROUGHS_MAX;
  for (size_t first = warm_up; first < count; first += stretch) {
    const struct results_trough *least = &troughs[first];
    for (size_t i = first; i < first + stretch && i < count; i++)
      least = troughs[i].bytes < least->bytes ? &troughs[i] : least;
    taken[taken_count++] = *least;
  }
  return growth_of(taken, taken_count);
}

/* --- troughs -----------------------------------------------------------------------------------
 */

static int compare(const void *left, const void *right) {
  const struct results_trough *a = left, *b = right;
  return (a->time_ns > b->time_ns) - (a->time_ns < b->time_ns);
}

static void append(struct list *list, uint64_t time_ns, uint64_t bytes) {
  list->items[list->count++] = (struct results_trough){(double)time_ns, (double)bytes};
}

static void sort(struct list *list) {
  if (list->count > 1)
    qsort(list->items, list->count, sizeof *list->items, compare);
}

/* What cycles found live; of who records none, what is in use after its collections. */
static void cycle_ends(const struct results_events *events, struct list *list) {
  for (size_t i = 0; i < events->cycle.count; i++)
    append(list, events->cycle.items[i].mark_end_ns, events->cycle.items[i].marked_bytes);
  for (size_t i = 0; events->cycle.count == 0 && i < events->stop.count; i++) {
    const struct gc_event_stop *stop = &events->stop.items[i];
    if (stop->kind == GC_PAUSE_full || stop->kind == GC_PAUSE_remark ||
        stop->kind == GC_PAUSE_degenerated)
      append(list, stop->work_end_ns, stop->used_after_bytes);
  }
  sort(list);
}

/* Backing stores at every stop and sample. */
static void external_sizes(const struct results_events *events, struct list *list) {
  for (size_t i = 0; i < events->sample.count; i++)
    append(list, events->sample.items[i].time_ns, events->sample.items[i].external_bytes);
  for (size_t i = 0; i < events->usage.count; i++)
    append(list, events->usage.items[i].time_ns, events->usage.items[i].external_bytes);
  sort(list);
}

/* The least size between each two ends, in place. */
static void least_between(struct list *sizes, const struct list *ends) {
  size_t kept = 0, next = 0;
  for (size_t end = 0; end + 1 < ends->count; end++) {
    struct results_trough least = {0, INFINITY};
    for (; next < sizes->count && sizes->items[next].time_ns < ends->items[end + 1].time_ns; next++)
      if (sizes->items[next].time_ns >= ends->items[end].time_ns &&
          sizes->items[next].bytes < least.bytes)
        least = sizes->items[next];
    if (isfinite(least.bytes) && kept < next)
      sizes->items[kept++] = least;
  }
  sizes->count = kept;
}

/* Resident memory comes in huge pages, and the trial's own record grows with it. */
static double beyond_grain(double growth_bytes) {
  return growth_bytes > 0 && growth_bytes < RESULTS_RSS_GRAIN_BYTES ? 0 : growth_bytes;
}

/* Of heaps of ours; baselines have none. */
static double limit_of(const struct results_events *events) {
  uint64_t limit_bytes = 0;
  for (size_t i = 0; events->cycle.count > 0 && i < events->sample.count; i++)
    if (events->sample.items[i].limit_bytes > limit_bytes)
      limit_bytes = events->sample.items[i].limit_bytes;
  return (double)limit_bytes;
}

/* What the heap's limit allows it is at liberty to touch for the first time, at any time. */
static double beyond_heap(const struct gc_event_usage *usage, double limit_bytes) {
  double bytes = (double)usage->rss_bytes - (double)usage->metadata_bytes;
  return limit_bytes > 0 ? fmax(bytes - (double)usage->external_bytes, limit_bytes) : bytes;
}

static double rss_growth(const struct results_events *events) {
  struct results_trough least[RSS_PARTS];
  struct results_span bounds = results_timed_bounds(events);
  double limit_bytes = limit_of(events);
  size_t count = 0;
  for (size_t part = 0; part < RSS_PARTS; part++)
    least[part] = (struct results_trough){0, INFINITY};
  for (size_t i = 0; i < events->usage.count; i++) {
    const struct gc_event_usage *usage = &events->usage.items[i];
    if (usage->time_ns < bounds.begin_ns || usage->time_ns >= bounds.end_ns)
      continue;
    double share =
        (double)(usage->time_ns - bounds.begin_ns) / (double)(bounds.end_ns - bounds.begin_ns);
    struct results_trough *part = &least[(size_t)(share * RSS_PARTS)];
    double bytes = beyond_heap(usage, limit_bytes);
    if (bytes < part->bytes)
      *part = (struct results_trough){(double)usage->time_ns, bytes};
  }
  for (size_t part = 0; part < RSS_PARTS; part++)
    if (isfinite(least[part].bytes))
      least[count++] = least[part];
  return beyond_grain(results_growth_bytes(least, count));
}

int results_growth_derive(const struct results_events *events, struct results_figures *figures) {
  size_t size_count = events->sample.count + events->usage.count + 1;
  size_t end_count = events->stop.count + events->cycle.count + 1;
  struct list ends = {malloc(end_count * sizeof *ends.items), 0};
  struct list sizes = {malloc(size_count * sizeof *sizes.items), 0};
  int status = ends.items && sizes.items ? 0 : -ENOMEM;
  if (!status) {
    cycle_ends(events, &ends);
    external_sizes(events, &sizes);
    least_between(&sizes, &ends);
    figures->heap_growth_bytes = results_growth_bytes(ends.items, ends.count);
    figures->external_growth_bytes = results_growth_bytes(sizes.items, sizes.count);
    figures->rss_growth_bytes = rss_growth(events);
  }
  free(ends.items);
  free(sizes.items);
  return status;
}
