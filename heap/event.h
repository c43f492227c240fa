/* Events: what a heap records of itself while a trial runs.
 *
 * Each thread owns a ring of binary events and writes it without synchronisation; the rings are
 * read when their threads have ended or the world is stopped. A record is one head word and its
 * fields, 8 bytes each:
 *
 *     head = event number (bits 0 to 15) | field count (16 to 31) | ring number (32 to 63)
 *
 * A ring holds the trial. When it is full, further events are counted as lost and the trial becomes
 * `incomplete`; nothing is overwritten. The list of events is event.def; parts may declare phases
 * and counters of their own, which are numbered when a heap opens.
 *
 * Costs: a record is a bounds check and its stores; nothing is written on a mutator's fast path.
 */
#ifndef HEAP_EVENT_H
#define HEAP_EVENT_H

#include <gc/attributes.h>
#include <stddef.h>
#include <stdint.h>

enum gc_event_number {
#define GC_EVENT_BEGIN(name, description) GC_EVENT_##name,
#define GC_EVENT_FIELD(event, field, unit, description)
#define GC_EVENT_END(name)
#include "heap/event.def"
#undef GC_EVENT_BEGIN
#undef GC_EVENT_FIELD
#undef GC_EVENT_END
  GC_EVENT_NUMBERS
};

#define GC_EVENT_BEGIN(name, description)               struct gc_event_##name {
#define GC_EVENT_FIELD(event, field, unit, description) uint64_t field;
#define GC_EVENT_END(name)                                                                         \
  }                                                                                                \
  ;
#include "heap/event.def"
#undef GC_EVENT_BEGIN
#undef GC_EVENT_FIELD
#undef GC_EVENT_END

enum gc_pause_kind {
#define GC_PAUSE_KIND(name, description) GC_PAUSE_##name,
#define GC_PAUSE_REASON(name, description)
#include "heap/pause.def"
#undef GC_PAUSE_KIND
#undef GC_PAUSE_REASON
  GC_PAUSE_KINDS
};

enum gc_pause_reason {
#define GC_PAUSE_KIND(name, description)
#define GC_PAUSE_REASON(name, description) GC_REASON_##name,
#include "heap/pause.def"
#undef GC_PAUSE_KIND
#undef GC_PAUSE_REASON
  GC_PAUSE_REASONS
};

/* The lists as texts, for file headers and documents. */
struct gc_event_field_description {
  const char *name, *unit, *description;
};
struct gc_event_description {
  const char *name, *description;
  const struct gc_event_field_description *fields;
  size_t field_count;
};
extern const struct gc_event_description gc_event_descriptions[GC_EVENT_NUMBERS];
extern const char *const gc_pause_kind_names[GC_PAUSE_KINDS];
extern const char *const gc_pause_reason_names[GC_PAUSE_REASONS];

/* How counter values of several records become one figure of a trial. */
enum gc_aggregate { GC_AGGREGATE_SUM, GC_AGGREGATE_MAX, GC_AGGREGATE_LAST };

struct gc_counter_description {
  const char *name, *unit;
  enum gc_aggregate aggregate;
};

/* What a part (collector, policy, barrier) declares of its own; both lists end with a null name. */
struct gc_part_measures {
  const char *const *phases;
  const struct gc_counter_description *counters;
};

struct gc_event_ring {
  uint64_t *words;
  size_t used_words, capacity_words;
  uint64_t lost_events;
  uint32_t ring_number;
};

#define GC_EVENT_RING_WORDS ((size_t)4 << 20) /* 32 MiB of address space, touched as used */

/* Reserves a ring. Returns 0 or -ENOMEM. */
int gc_event_ring_init(struct gc_event_ring *ring, uint32_t ring_number);
/* A ring without room: every event counts as lost. */
void gc_event_ring_init_closed(struct gc_event_ring *ring, uint32_t ring_number);
void gc_event_ring_finish(struct gc_event_ring *ring);

/* Appends one record of field_count words. Owner thread only. */
void gc_event_ring_write(struct gc_event_ring *ring, enum gc_event_number number,
                         const uint64_t *fields, size_t field_count);

/* gc_event_write(ring, pause, .stop_id = 1, …): fields left out are 0. */
#define gc_event_write(ring, name, ...)                                                            \
  do {                                                                                             \
    struct gc_event_##name gc_event_record = {__VA_ARGS__};                                        \
    gc_event_ring_write((ring), GC_EVENT_##name, (const uint64_t *)&gc_event_record,               \
                        sizeof gc_event_record / sizeof(uint64_t));                                \
  } while (0)

#endif
