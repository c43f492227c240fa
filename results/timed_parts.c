/* The timed part of a trial; timed_parts.h says what it is. */
#include "results/timed_parts.h"
#include <errno.h>
#include <stdlib.h>

static int compare_parts(const void *left, const void *right) {
  const struct results_part *first = left, *second = right;
  if (first->mutator != second->mutator)
    return first->mutator > second->mutator ? 1 : -1;
  return (first->span.begin_ns > second->span.begin_ns) -
         (first->span.begin_ns < second->span.begin_ns);
}

int results_parts_derive(const struct results_events *events, struct results_parts *parts) {
  size_t count = events->timed.count ? events->timed.count : events->mutator.count;
  *parts =
      (struct results_parts){.items = malloc((count + 1) * sizeof *parts->items), .count = count};
  if (!parts->items)
    return -ENOMEM;
  for (size_t index = 0; index < count; index++) {
    if (events->timed.count) {
      const struct gc_event_timed *timed = &events->timed.items[index];
      parts->items[index] = (struct results_part){timed->mutator, {timed->begin_ns, timed->end_ns}};
    } else {
      const struct gc_event_mutator *mutator = &events->mutator.items[index];
      parts->items[index] =
          (struct results_part){mutator->mutator, {mutator->attach_ns, mutator->detach_ns}};
    }
  }
  qsort(parts->items, parts->count, sizeof *parts->items, compare_parts);
  return 0;
}

size_t results_parts_of_mutator(const struct results_parts *parts, size_t first) {
  size_t count = 1;
  while (first + count < parts->count &&
         parts->items[first + count].mutator == parts->items[first].mutator)
    count++;
  return count;
}

static bool meet(struct results_span left, struct results_span right) {
  return left.begin_ns < right.end_ns && left.end_ns > right.begin_ns;
}

bool results_parts_meet(const struct results_parts *parts, uint64_t mutator,
                        struct results_span span) {
  size_t first = 0, end = parts->count;
  while (first < end) { /* the mutator's first */
    size_t middle = first + (end - first) / 2;
    if (parts->items[middle].mutator < mutator)
      first = middle + 1;
    else
      end = middle;
  }
  for (; first < parts->count && parts->items[first].mutator == mutator; first++)
    if (meet(parts->items[first].span, span))
      return true;
  return false;
}

static struct results_span hull(struct results_span left, struct results_span right) {
  return (struct results_span){left.begin_ns < right.begin_ns ? left.begin_ns : right.begin_ns,
                               left.end_ns > right.end_ns ? left.end_ns : right.end_ns};
}

int results_intervals_of(const struct results_parts *parts, struct results_intervals *intervals) {
  *intervals =
      (struct results_intervals){.items = malloc((parts->count + 1) * sizeof *intervals->items)};
  if (!intervals->items)
    return -ENOMEM;
  for (size_t first = 0, count; first < parts->count; first += count) {
    count = results_parts_of_mutator(parts, first);
    for (size_t index = 0; index < count; index++) {
      struct results_span span = parts->items[first + index].span;
      bool is_new = index == intervals->count;
      intervals->items[index] = is_new ? span : hull(intervals->items[index], span);
      intervals->count += is_new;
    }
  }
  size_t kept = 0;
  for (size_t index = 0; index < intervals->count; index++) {
    struct results_span span = intervals->items[index];
    if (kept > 0 && span.begin_ns < intervals->items[kept - 1].end_ns)
      intervals->items[kept - 1] = hull(intervals->items[kept - 1], span);
    else
      intervals->items[kept++] = span;
  }
  intervals->count = kept;
  return 0;
}

int results_timed_intervals(const struct results_events *events,
                            struct results_intervals *intervals) {
  struct results_parts parts;
  int status = results_parts_derive(events, &parts);
  if (status)
    return status;
  status = results_intervals_of(&parts, intervals);
  free(parts.items);
  return status;
}

void results_intervals_finish(struct results_intervals *intervals) {
  free(intervals->items);
  *intervals = (struct results_intervals){0};
}

bool results_intervals_meet(const struct results_intervals *intervals, struct results_span span) {
  for (size_t index = 0; index < intervals->count; index++)
    if (meet(intervals->items[index], span))
      return true;
  return false;
}

struct results_span results_timed_bounds(const struct results_events *events) {
  struct results_intervals intervals;
  if (results_timed_intervals(events, &intervals))
    return (struct results_span){0};
  struct results_span bounds = {0};
  if (intervals.count > 0)
    bounds = hull(intervals.items[0], intervals.items[intervals.count - 1]);
  results_intervals_finish(&intervals);
  return bounds;
}

struct results_span results_whole_bounds(const struct results_events *events,
                                         const struct results_pauses_list *pauses) {
  struct results_span span = results_timed_bounds(events);
  for (size_t index = 0; index < events->mutator.count; index++) {
    const struct gc_event_mutator *mutator = &events->mutator.items[index];
    span.begin_ns = mutator->attach_ns < span.begin_ns ? mutator->attach_ns : span.begin_ns;
    span.end_ns = mutator->detach_ns > span.end_ns ? mutator->detach_ns : span.end_ns;
  }
  for (size_t index = 0; index < pauses->count; index++) {
    const struct results_pause *pause = &pauses->items[index];
    span.begin_ns = pause->begin_ns < span.begin_ns ? pause->begin_ns : span.begin_ns;
    span.end_ns = pause->resumed_ns > span.end_ns ? pause->resumed_ns : span.end_ns;
  }
  return span;
}
