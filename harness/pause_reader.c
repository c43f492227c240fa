/* Reading pauses while mutators run. See pause_reader.h. */
#include "harness/pause_reader.h"
#include "harness/ring.h"

void pause_reader_add(struct pause_reader *reader, const struct gc_event_ring *ring) {
  uint64_t count = reader->ring_count; /* whoever wrote it has handed on since */
  if (ring != NULL && count < TRIAL_MUTATORS_MAX) {
    reader->rings[count] = ring;
    gc_atomic_store_release(&reader->ring_count, count + 1); /* [pairs: watched-rings] */
  }
}

static void take(struct pause_reader *reader, const struct gc_event_pause *pause,
                 struct usage_feed_sample *sample) {
  uint64_t length_ns = pause->end_ns > pause->begin_ns ? pause->end_ns - pause->begin_ns : 0;
  struct usage_feed_sample *sums = &reader->sums;
  sums->all_pauses++;
  sums->all_paused_ns += length_ns;
  if (length_ns >= sums->all_longest_ns) {
    sums->all_longest_ns = length_ns;
    sums->all_longest_kind = pause->kind;
  }
  if (pause->end_ns <= reader->read_until_ns) {
    return;
  }
  sample->pauses++;
  sample->paused_ns += length_ns;
  if (length_ns >= sample->longest_ns) {
    sample->longest_ns = length_ns;
    sample->longest_kind = pause->kind;
  }
}

static void read_ring(struct pause_reader *reader, uint64_t number,
                      struct usage_feed_sample *sample) {
  const struct gc_event_ring *ring = reader->rings[number];
  size_t used_words = gc_atomic_load_acquire(&ring->used_words); /* [pairs: event-ring] */
  size_t head = reader->heads[number];
  for (; head < used_words; head = ring_next(ring, head)) {
    if (ring_number_at(ring, head) == GC_EVENT_pause) {
      take(reader, (const void *)ring_fields_at(ring, head), sample);
    }
  }
  reader->heads[number] = head;
}

void pause_reader_fill(struct pause_reader *reader, struct usage_feed_sample *sample) {
  sample->pauses = sample->paused_ns = sample->longest_ns = sample->longest_kind = 0;
  uint64_t count = gc_atomic_load_acquire(&reader->ring_count); /* [pairs: watched-rings] */
  for (uint64_t number = 0; number < count; number++) {
    read_ring(reader, number, sample);
  }
  sample->all_pauses = reader->sums.all_pauses;
  sample->all_paused_ns = reader->sums.all_paused_ns;
  sample->all_longest_ns = reader->sums.all_longest_ns;
  sample->all_longest_kind = reader->sums.all_longest_kind;
  reader->read_until_ns = sample->time_ns;
}
