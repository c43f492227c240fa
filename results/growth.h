/* Growth: whether what a trial holds rises from one cycle to the next, and by how much.
 *
 * What is looked at are troughs, because what is in use rises between collections in every program:
 * of the heap, what each cycle found live; of external memory, the least between two cycles' ends of
 * marking; of resident memory, the least of each eighth of the timed part, and no less than the heap's
 * limit, below which memory that is touched for the first time says nothing. The first quarter of them
 * is left out, in which programs fill their structures. Baselines record no cycles: of them, what is
 * in use after a collection.
 *
 * Algorithm: growth is the Theil-Sen slope (the median of the slopes between all pairs) times the
 * time from the first to the last trough. It is called growth only where the troughs rise by the
 * test of Mann and Kendall, one-sided, with an error chance of 1 %, it exceeds 2 % of their
 * median, and the later half, from 8 troughs on, rises too (5 %): a structure that was filled, or a
 * heap that settled, has ended rising. Otherwise it is 0. Below GROWTH_FROM troughs nothing is known: NaN.
 *
 * Costs: quadratic in the number of troughs, of which at most GROWTH_TROUGHS_MAX are taken: the
 * least of as many stretches.
 *
 * Resident memory is taken less the heap's metadata and external memory, and no less than the heap's
 * limit, below which memory that is touched for the first time says nothing. Growth of it below
 * RESULTS_RSS_GRAIN_BYTES is none: it comes in huge pages, and the trial's own record grows with it.
 */
#ifndef RESULTS_GROWTH_H
#define RESULTS_GROWTH_H

#include "results/figures.h"

#define RESULTS_RSS_GRAIN_BYTES (4 << 20) /* two huge pages */

enum { GROWTH_FROM = 6, GROWTH_TROUGHS_MAX = 64 };

struct results_trough {
  double time_ns, bytes;
};

/* Of troughs in the order of time, none left out. */
double results_growth_bytes(const struct results_trough *troughs, size_t count);

/* Fills the three figures of growth. Returns 0 or -ENOMEM. */
int results_growth_derive(const struct results_events *events, struct results_figures *figures);

#endif
