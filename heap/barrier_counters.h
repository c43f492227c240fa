/* The counts of <gc/barrier_counts.h> as counters of a heap's events.
 *
 * An instrumented heap has GC_BARRIER_COUNTERS counters, numbered behind its collector's own; any
 * other heap has none. Each mutator records its counts when it detaches.
 */
#ifndef HEAP_BARRIER_COUNTERS_H
#define HEAP_BARRIER_COUNTERS_H

#include "heap/event.h"
#include <gc/barrier_counts.h>

/* GC_BARRIER_COUNTERS, or 0. */
size_t gc_barrier_counter_count(void);
const struct gc_counter_description *gc_barrier_counter(size_t index);

/* Writes the counts into the ring as the counters from first_number on. */
void gc_barrier_counters_record(struct gc_event_ring *ring, const struct gc_barrier_counts *counts,
                                size_t first_number);

#endif
