/* The event list as texts, and the ring that one thread writes.
 *
 * Concurrency: a ring has one writer. It is read when that thread has ended or the world is stopped;
 * and beside the writer as far as `used_words` says, by who acquires it [pairs: event-ring]. Costs: address space is reserved whole and touched as events come, so that an idle
 * thread's ring costs nothing and a busy one takes a page fault per 512 words, never a
 * reallocation.
 */
#include "heap/event.h"
#include <errno.h>
#include <gc/atomics.h>
#include <string.h>
#include <sys/mman.h>

#define GC_EVENT_BEGIN(name, description)                                                          \
  static const struct gc_event_field_description name##_fields[] = {
#define GC_EVENT_FIELD(event, field, unit, description) {#field, #unit, description},
#define GC_EVENT_END(name)                                                                         \
  }                                                                                                \
  ;                                                                                                \
  _Static_assert(sizeof name##_fields / sizeof *name##_fields ==                                   \
                     sizeof(struct gc_event_##name) / sizeof(uint64_t),                            \
                 "every field of an event is one word");
#include "heap/event.def"
#undef GC_EVENT_BEGIN
#undef GC_EVENT_FIELD
#undef GC_EVENT_END

const struct gc_event_description gc_event_descriptions[GC_EVENT_NUMBERS] = {
#define GC_EVENT_BEGIN(name, description)                                                          \
  {#name, description, name##_fields, sizeof name##_fields / sizeof *name##_fields},
#define GC_EVENT_FIELD(event, field, unit, description)
#define GC_EVENT_END(name)
#include "heap/event.def"
#undef GC_EVENT_BEGIN
#undef GC_EVENT_FIELD
#undef GC_EVENT_END
};

const char *const gc_pause_kind_names[GC_PAUSE_KINDS] = {
#define GC_PAUSE_KIND(name, description) #name,
#define GC_PAUSE_REASON(name, description)
#include "heap/pause.def"
#undef GC_PAUSE_KIND
#undef GC_PAUSE_REASON
};

const char *const gc_pause_reason_names[GC_PAUSE_REASONS] = {
#define GC_PAUSE_KIND(name, description)
#define GC_PAUSE_REASON(name, description) #name,
#include "heap/pause.def"
#undef GC_PAUSE_KIND
#undef GC_PAUSE_REASON
};

int gc_event_ring_init(struct gc_event_ring *ring, uint32_t ring_number) {
  void *words = mmap(NULL, GC_EVENT_RING_WORDS * sizeof(uint64_t), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (words == MAP_FAILED) {
    gc_event_ring_init_closed(ring, ring_number);
    return -ENOMEM;
  }
  *ring = (struct gc_event_ring){
      .words = words, .capacity_words = GC_EVENT_RING_WORDS, .ring_number = ring_number};
  return 0;
}

void gc_event_ring_init_closed(struct gc_event_ring *ring, uint32_t ring_number) {
  *ring = (struct gc_event_ring){.ring_number = ring_number};
}

void gc_event_ring_finish(struct gc_event_ring *ring) {
  if (ring->words != NULL) {
    munmap(ring->words, ring->capacity_words * sizeof(uint64_t));
  }
  *ring = (struct gc_event_ring){.ring_number = ring->ring_number};
}

void gc_event_ring_write(struct gc_event_ring *ring, enum gc_event_number number,
                         const uint64_t *fields, size_t field_count) {
  if (ring->capacity_words - ring->used_words < field_count + 1) {
    ring->lost_events++;
    return;
  }
  uint64_t *record = ring->words + ring->used_words;
  record[0] = (uint64_t)number | (uint64_t)field_count << 16 | (uint64_t)ring->ring_number << 32;
  memcpy(record + 1, fields, field_count * sizeof *fields);
  gc_atomic_store_release(&ring->used_words,
                          ring->used_words + field_count + 1); /* [pairs: event-ring] */
}
