/* What recording costs: measured, not promised. */
#ifndef HARNESS_RECORDING_COST_H
#define HARNESS_RECORDING_COST_H

/* Nanoseconds per event, clock readings and the first touch of the ring's memory included. Takes a
 * few milliseconds. */
double recording_cost_ns(void);

#endif
