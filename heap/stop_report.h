/* A stop that a mutator does not answer: it is reported, not waited for in silence.
 *
 * The stopper parks through gc_stop_wait_park. When one mutator has kept it waiting for the option
 * safepoint-timeout, a sentence on stderr names the mutator, its thread, what that thread is doing,
 * its last safepoint and the stop that waits, and the process ends by abort: the world cannot be
 * stopped any more, and nothing that the heap could answer would reach the mutator either.
 *
 * Last safepoint: the mutator's last stop, refill, end of a blocking region, or its attaching,
 * whichever was last. Polls that found no stop requested leave no trace; there was none since the
 * stop was requested, or the mutator would have answered.
 *
 * Costs: a refill stores a coarse clock, about 5 ns.
 */
#ifndef HEAP_STOP_REPORT_H
#define HEAP_STOP_REPORT_H

#include "heap/event.h"
#include <stdint.h>

struct gc_heap;
struct gc_mutator_private;

/* One stop's waiting for one mutator after the other. */
struct gc_stop_wait {
  struct gc_heap *heap;
  enum gc_pause_reason reason;
  uint64_t requester; /* number of a mutator; GC_REQUESTER_COLLECTOR: a collector thread */
  uint64_t waited_ns; /* parked for the mutator that is waited for now */
};

/* Parks the stopper while stop.stopped_number is `number`, at most a tenth of the limit; may return
 * early. Does not return when the limit is spent. Time in which the whole process was suspended
 * counts as one tenth at most. */
void gc_stop_wait_park(struct gc_stop_wait *wait, const struct gc_mutator_private *mutator,
                       uint32_t number);

/* The mutator is at a safepoint now. Owner thread. */
void gc_stop_note_safepoint(struct gc_mutator_private *mutator);

#endif
