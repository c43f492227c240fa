/* Reading what a heap recorded: for the harness, at the end of a trial.
 *
 * Call with every mutator detached or stopped at this call. The rings stay the heap's; ring i of
 * gc_recording_ring_count.
 */
#ifndef HEAP_RECORDING_H
#define HEAP_RECORDING_H

#include "heap/event.h"
#include <gc/heap.h>

/* The option `record`. */
enum gc_record {
  GC_RECORD_EVERYTHING,
  GC_RECORD_NO_REQUESTS,
  GC_RECORD_NOTHING,
  GC_RECORD_OPERATIONS, /* and everything else */
};

/* Returns 0, or -EINVAL with one sentence. */
int gc_record_parse(const char *text, enum gc_record *record, char *error, size_t error_size);

/* Ends the collector threads, which record too. No collection may be asked for afterwards. */
void gc_recording_finish(struct gc_heap *heap);

size_t gc_recording_ring_count(struct gc_heap *heap);
const struct gc_event_ring *gc_recording_ring(struct gc_heap *heap, size_t index);

/* Names by number: what `phase` and `counter` fields of this heap's events refer to. */
size_t gc_recording_phase_count(struct gc_heap *heap);
const char *gc_recording_phase_name(struct gc_heap *heap, size_t phase);
size_t gc_recording_counter_count(struct gc_heap *heap);
const struct gc_counter_description *gc_recording_counter(struct gc_heap *heap, size_t counter);

#endif
