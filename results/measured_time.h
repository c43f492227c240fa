/* What of a trial's time counts: not the finding of floating garbage, and not the warm-up.
 *
 * Taking out. While the heap looks for floating garbage (`floating_garbage` events) the world
 * stands, and nothing of that is the collector's work. So the clock stands too: every moment of
 * every event becomes the moment less all such time before it, and what happened within it happens
 * at its beginning. Lengths of pauses, utilisation and timelines follow without knowing of it. What
 * a `floating_garbage` event itself took is still its end less its begin.
 *
 * Cutting. Of a trial with several iterations (`iteration` events) what ended before the first
 * measured one began is left out, but for lives of mutators, which begin there, and for the
 * iterations themselves.
 */
#ifndef RESULTS_MEASURED_TIME_H
#define RESULTS_MEASURED_TIME_H

#include "results/derive.h"

/* Both fill taken_out_ns and taken_out_cpu_ns: of what is there afterwards. */

/* Of events that were just read, once. Returns 0 or
 * -ENOMEM. */
int results_events_take_out(struct results_events *events);

/* Where the first measured iteration began; 0: there was no warm-up. */
uint64_t results_measured_begin_ns(const struct results_events *events);

void results_events_cut_warmup(struct results_events *events);

#endif
