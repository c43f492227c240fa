/* What recording costs: measured event by event, not promised.
 *
 * An event costs its record, the first touch of the memory that it is written to, and the readings
 * of the clocks that come with it. That is an upper bound: some of the readings would be needed
 * without any recording, to size the next collection.
 */
#ifndef HARNESS_RECORDING_COST_H
#define HARNESS_RECORDING_COST_H

#include "heap/event.h"

struct recording_costs {
  double event_ns[GC_EVENT_NUMBERS];
  double next_request_ns; /* of a request that begins with the end of the one before it */
};

/* Takes a few milliseconds. All 0 when there is no memory for it. */
void recording_costs_measure(struct recording_costs *costs);

/* Of all events that the ring holds, in ns of the threads that recorded them. */
double recording_costs_of(const struct recording_costs *costs, const struct gc_event_ring *ring);

/* Of operations that were timed, kept or not; in ns, at most. */
uint64_t recording_costs_of_operations(const struct recording_costs *costs, uint64_t operations);

#endif
