/* The raw events of a trial in a file, and back.
 *
 * Format: one zstd stream of the 8 bytes "TRIEVT01"; a 32-bit little-endian length; that many bytes
 * of JSON which names the events, their fields and units, pause kinds, reasons, phases, counters
 * and rings; then the records of heap/event.h, ring after ring, as little-endian 64-bit words. The
 * file describes itself: readers find events, fields, kinds and reasons by name, so files stay
 * readable when lists grow. Times are CLOCK_MONOTONIC nanoseconds of the machine that ran the
 * trial.
 *
 * Errors: 0 or a negative errno with one sentence. Reading answers -EPROTO for a truncated, damaged
 * or foreign file.
 *
 * Costs: writing and reading stream; neither holds the file in memory.
 */
#ifndef RESULTS_EVENTS_FILE_H
#define RESULTS_EVENTS_FILE_H

#include "heap/event.h"
#include <stddef.h>
#include <stdint.h>

struct gc_heap;

#define RESULTS_EVENTS_MAGIC "TRIEVT01"

/* Writes the heap's rings and `extra`, the trial's own ring (timed and gap events). Either may be
 * null. Every mutator is detached or stopped by now. */
int results_events_write(const char *path, struct gc_heap *heap, const struct gc_event_ring *extra,
                         char *error, size_t error_size);

/* The same from parts: for tests and for tools that convert. Lists end with a null name. */
struct results_events_source {
  const struct gc_event_ring *const *rings;
  size_t ring_count;
  const char *const *phases;
  size_t phase_count;
  const struct gc_counter_description *counters;
  size_t counter_count;
};
int results_events_write_source(const char *path, const struct results_events_source *source,
                                char *error, size_t error_size);

/* What a file's header says. */
struct results_events_names {
  char **phases;
  size_t phase_count;
  struct results_counter_name {
    char *name, *unit;
    enum gc_aggregate aggregate;
  } * counters;
  size_t counter_count;
  uint64_t lost_events;
};
void results_events_names_finish(struct results_events_names *names);

/* Called for each record, in the file's order: ring by ring, by time of writing within a ring.
 * `fields` has the layout of struct gc_event_<name> of this program; fields that the file does not
 * have are 0. A status other than 0 ends the reading and is answered. */
typedef int results_events_visit(void *context, enum gc_event_number number, uint32_t ring,
                                 const uint64_t *fields);

/* Reads the whole file. `names` is filled before the first visit and has to be finished by the
 * caller when 0 was answered. */
int results_events_read(const char *path, struct results_events_names *names,
                        results_events_visit *visit, void *context, char *error, size_t error_size);

#endif
