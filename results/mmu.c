/* Utilisation curves, MMU and BMU; mmu.h has definitions and algorithm. */
#include "results/mmu.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Where a span begins (+1) or ends (-1) to take all processors, or one. */
struct edge {
  uint64_t time_ns;
  int stops, workers;
};

static int compare_edges(const void *left, const void *right) {
  uint64_t first = ((const struct edge *)left)->time_ns;
  uint64_t second = ((const struct edge *)right)->time_ns;
  return (first > second) - (first < second);
}

static uint64_t clamp(uint64_t time_ns, struct results_span bounds) {
  if (time_ns < bounds.begin_ns)
    return bounds.begin_ns;
  return time_ns > bounds.end_ns ? bounds.end_ns : time_ns;
}

static size_t add_edges(struct edge *edges, size_t count, struct results_span span, int stops,
                        int workers) {
  if (span.begin_ns >= span.end_ns)
    return count;
  edges[count] = (struct edge){span.begin_ns, stops, workers};
  edges[count + 1] = (struct edge){span.end_ns, -stops, -workers};
  return count + 2;
}

static uint64_t available_of(uint64_t capacity, int64_t stops, int64_t workers) {
  if (stops > 0 || workers >= (int64_t)capacity)
    return 0;
  return capacity - (uint64_t)workers;
}

/* Walks the edges in order of time; equal neighbours become one piece. */
static void build_pieces(struct results_utilisation *utilisation, const struct edge *edges,
                         size_t edge_count, struct results_span bounds) {
  int64_t stops = 0, workers = 0;
  size_t next = 0, count = 0;
  uint64_t time_ns = bounds.begin_ns, sum = 0;
  while (time_ns < bounds.end_ns) {
    while (next < edge_count && edges[next].time_ns <= time_ns) {
      stops += edges[next].stops;
      workers += edges[next].workers;
      next++;
    }
    uint64_t end_ns = next < edge_count ? edges[next].time_ns : bounds.end_ns;
    uint64_t available = available_of(utilisation->capacity, stops, workers);
    if (count == 0 || utilisation->available[count - 1] != available) {
      utilisation->times_ns[count] = time_ns;
      utilisation->available_sums[count] = sum;
      utilisation->available[count++] = available;
    }
    sum += available * (end_ns - time_ns);
    time_ns = end_ns;
  }
  utilisation->times_ns[count] = bounds.end_ns;
  utilisation->available_sums[count] = sum;
  utilisation->piece_count = count;
}

int results_utilisation_of_capacity(struct results_utilisation *utilisation,
                                    const struct results_span *stops, size_t stop_count,
                                    const struct results_span *workers, size_t worker_count,
                                    uint64_t cores, struct results_span bounds) {
  size_t edge_max = 2 * (stop_count + worker_count), edge_count = 0;
  if (bounds.end_ns < bounds.begin_ns)
    bounds.end_ns = bounds.begin_ns;
  struct edge *edges = malloc((edge_max + 1) * sizeof *edges);
  *utilisation = (struct results_utilisation){
      .capacity = cores,
      .times_ns = malloc((edge_max + 2) * sizeof(uint64_t)),
      .available = malloc((edge_max + 2) * sizeof(uint64_t)),
      .available_sums = malloc((edge_max + 2) * sizeof(uint64_t)),
  };
  if (!edges || !utilisation->times_ns || !utilisation->available || !utilisation->available_sums) {
    free(edges);
    results_utilisation_finish(utilisation);
    return -ENOMEM;
  }
  for (size_t index = 0; index < stop_count; index++) {
    struct results_span span = {clamp(stops[index].begin_ns, bounds),
                                clamp(stops[index].end_ns, bounds)};
    edge_count = add_edges(edges, edge_count, span, 1, 0);
  }
  for (size_t index = 0; index < worker_count; index++) {
    struct results_span span = {clamp(workers[index].begin_ns, bounds),
                                clamp(workers[index].end_ns, bounds)};
    edge_count = add_edges(edges, edge_count, span, 0, 1);
  }
  qsort(edges, edge_count, sizeof *edges, compare_edges);
  build_pieces(utilisation, edges, edge_count, bounds);
  free(edges);
  return 0;
}

int results_utilisation_of_pauses(struct results_utilisation *utilisation,
                                  const struct results_span *pauses, size_t pause_count,
                                  struct results_span bounds) {
  return results_utilisation_of_capacity(utilisation, pauses, pause_count, NULL, 0, 1, bounds);
}

void results_utilisation_finish(struct results_utilisation *utilisation) {
  free(utilisation->times_ns);
  free(utilisation->available);
  free(utilisation->available_sums);
  *utilisation = (struct results_utilisation){0};
}

static uint64_t length_ns(const struct results_utilisation *utilisation) {
  return utilisation->times_ns[utilisation->piece_count] - utilisation->times_ns[0];
}

double results_utilisation_mean(const struct results_utilisation *utilisation) {
  return results_mmu(utilisation, length_ns(utilisation));
}

/* Integral from the first breakpoint to time_ns, which lies in *piece or later; moves *piece there.
 */
static uint64_t sum_at(const struct results_utilisation *utilisation, size_t *piece,
                       uint64_t time_ns) {
  while (*piece + 1 < utilisation->piece_count && utilisation->times_ns[*piece + 1] <= time_ns)
    (*piece)++;
  return utilisation->available_sums[*piece] +
         (time_ns - utilisation->times_ns[*piece]) * utilisation->available[*piece];
}

double results_mmu(const struct results_utilisation *utilisation, uint64_t window_ns) {
  if (utilisation->piece_count == 0 || window_ns == 0 || window_ns > length_ns(utilisation))
    return NAN;
  const uint64_t *times_ns = utilisation->times_ns, *sums = utilisation->available_sums;
  uint64_t first_ns = times_ns[0], last_ns = times_ns[utilisation->piece_count];
  uint64_t least = UINT64_MAX;
  size_t left_piece = 0, right_piece = 0;
  for (size_t index = 0; index <= utilisation->piece_count; index++) {
    uint64_t time_ns = times_ns[index];
    if (last_ns - time_ns >= window_ns) {
      uint64_t taken = sum_at(utilisation, &right_piece, time_ns + window_ns) - sums[index];
      least = taken < least ? taken : least;
    }
    if (time_ns - first_ns >= window_ns) {
      uint64_t taken = sums[index] - sum_at(utilisation, &left_piece, time_ns - window_ns);
      least = taken < least ? taken : least;
    }
  }
  return (double)least / ((double)window_ns * (double)utilisation->capacity);
}

/* --- windows of a length or longer -------------------------------------------------------------
 */

/* Breakpoints on the upper hull of the integral's graph, from the left. */
struct hull {
  const uint64_t *times_ns, *sums;
  size_t *points;
  size_t count;
};

/* Positive when the graph turns upwards at `middle` on the way from `left` to `right`. */
static __int128 turn(const struct hull *hull, size_t left, size_t middle, size_t right) {
  __int128 first_ns = hull->times_ns[middle] - hull->times_ns[left];
  __int128 first_sum = hull->sums[middle] - hull->sums[left];
  __int128 second_ns = hull->times_ns[right] - hull->times_ns[middle];
  __int128 second_sum = hull->sums[right] - hull->sums[middle];
  return second_sum * first_ns - first_sum * second_ns;
}

static void hull_add(struct hull *hull, size_t point) {
  while (hull->count > 1 &&
         turn(hull, hull->points[hull->count - 2], hull->points[hull->count - 1], point) >= 0)
    hull->count--;
  hull->points[hull->count++] = point;
}

/* The point of the hull from which the way to `right`, behind them all, is flattest: slopes fall
 * along the hull until there, and rise after it. */
static size_t hull_flattest(const struct hull *hull, size_t right) {
  size_t first = 0, last = hull->count - 1;
  while (first < last) {
    size_t middle = (first + last) / 2;
    if (turn(hull, hull->points[middle], hull->points[middle + 1], right) < 0)
      first = middle + 1;
    else
      last = middle;
  }
  return hull->points[first];
}

double results_bmu(const struct results_utilisation *utilisation, uint64_t window_ns) {
  double least = results_mmu(utilisation, window_ns);
  struct hull hull = {
      .times_ns = utilisation->times_ns,
      .sums = utilisation->available_sums,
      .points = malloc((utilisation->piece_count + 1) * sizeof *hull.points),
  };
  if (!hull.points)
    return NAN;
  size_t next = 0;
  for (size_t right = 0; !isnan(least) && right <= utilisation->piece_count; right++) {
    uint64_t time_ns = utilisation->times_ns[right];
    for (; next < right && time_ns - utilisation->times_ns[next] >= window_ns; next++)
      hull_add(&hull, next);
    if (hull.count == 0)
      continue;
    size_t left = hull_flattest(&hull, right);
    uint64_t taken = hull.sums[right] - hull.sums[left];
    uint64_t length_ns = time_ns - hull.times_ns[left];
    least = fmin(least, (double)taken / ((double)length_ns * (double)utilisation->capacity));
  }
  free(hull.points);
  return least;
}

void results_mmu_curve(const struct results_utilisation *utilisation, const uint64_t *windows_ns,
                       size_t window_count, double *mmu, double *bmu) {
  for (size_t index = 0; index < window_count; index++) {
    mmu[index] = results_mmu(utilisation, windows_ns[index]);
    bmu[index] = results_bmu(utilisation, windows_ns[index]);
  }
}
