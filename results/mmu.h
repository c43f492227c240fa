/* Mutator utilisation: which share of any window of time is left to the program.
 *
 * A utilisation curve u(t) is piecewise constant over the bounds of a run: from 0 (nothing left) to
 * 1. MMU(w) is the least mean of u over any window of length w within the bounds (Cheng and
 * Blelloch 2001); BMU(w) the least MMU of any window of length w or more (Sachindran, Moss and
 * Berger 2004).
 *
 * Two curves, because one alone hides work. The mutator's view is 0 in every pause of that mutator
 * and 1 elsewhere. The capacity view counts processors: 0 while the world is stopped, and 1 - k / n
 * while k of n processors do the collector's work beside the mutators, assists included.
 *
 * Algorithm: the integral of u at the breakpoints is kept as exact integers of ns x processors. The
 * integral over a window is piecewise linear in its position, so its minimum lies where the
 * window's left or right edge is on a breakpoint: two sweeps over the breakpoints. The worst of all
 * windows from a length up has that length, or both edges on breakpoints; then its mean is the slope
 * between two points of the integral. The flattest slope from a point back to all that are far
 * enough away leads to the upper hull of those: a stack that grows with the point, searched by
 * halving. Costs: O(n log n) to build, O(n) per window of MMU, O(n log n) of BMU.
 */
#ifndef RESULTS_MMU_H
#define RESULTS_MMU_H

#include <stddef.h>
#include <stdint.h>

struct results_span {
  uint64_t begin_ns, end_ns;
};

struct results_utilisation {
  size_t piece_count;
  uint64_t capacity;        /* value of `available` when everything is the program's */
  uint64_t *times_ns;       /* piece_count + 1 breakpoints, ascending */
  uint64_t *available;      /* piece_count values */
  uint64_t *available_sums; /* piece_count + 1 integrals from the first breakpoint, in ns */
};

/* The mutator's view. Spans may overlap and reach beyond the bounds. Returns 0 or -ENOMEM; then
 * there is nothing to finish. */
int results_utilisation_of_pauses(struct results_utilisation *utilisation,
                                  const struct results_span *pauses, size_t pause_count,
                                  struct results_span bounds);

/* The capacity view: stops take everything, each span of `workers` one of `cores` processors. */
int results_utilisation_of_capacity(struct results_utilisation *utilisation,
                                    const struct results_span *stops, size_t stop_count,
                                    const struct results_span *workers, size_t worker_count,
                                    uint64_t cores, struct results_span bounds);

void results_utilisation_finish(struct results_utilisation *utilisation);

/* Mean over the whole bounds; NaN when they are empty. */
double results_utilisation_mean(const struct results_utilisation *utilisation);

/* NaN for a window that is empty or longer than the bounds. */
double results_mmu(const struct results_utilisation *utilisation, uint64_t window_ns);

/* The least mean over any window of that length or longer: exact, not over a list of lengths. NaN
 * as results_mmu; also when memory is lacking. */
double results_bmu(const struct results_utilisation *utilisation, uint64_t window_ns);

/* MMU and BMU at each of the windows. */
void results_mmu_curve(const struct results_utilisation *utilisation, const uint64_t *windows_ns,
                       size_t window_count, double *mmu, double *bmu);

#endif
