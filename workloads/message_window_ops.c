/* message_window, hot code: messages that are blocks of bytes. The ring is in message_ops.h.
 *
 * A message is its sequence number, eight bytes, and then one byte repeated that follows from the
 * sequence number. It has no slots.
 */
#include "workloads/message_ops.h"

#include <string.h>

enum { SEQUENCE_BYTES = sizeof(uint64_t) };

static inline uint8_t filling_of(uint64_t sequence) {
  return (uint8_t)(sequence ^ sequence >> 8 ^ 0x5a);
}

static inline struct gc_ref bytes_create(struct gc_mutator *mutator, uint64_t size,
                                         uint64_t sequence) {
  struct gc_ref message = gc_allocate(mutator, 0, size, 0);
  if (GC_LIKELY(!gc_is_null(message))) {
    uint8_t *bytes = gc_object_raw(message, 0);
    memcpy(bytes, &sequence, SEQUENCE_BYTES);
    memset(bytes + SEQUENCE_BYTES, filling_of(sequence), size - SEQUENCE_BYTES);
  }
  return message;
}

static inline uint64_t bytes_sequence(struct gc_ref message) {
  return *(const uint64_t *)gc_object_raw(message, 0);
}

/* One byte of the filling, at another place in each message. */
static inline bool bytes_are_plausible(struct gc_mutator *mutator, struct gc_ref message,
                                       uint64_t size, uint64_t sequence) {
  (void)mutator;
  const uint8_t *bytes = gc_object_raw(message, 0);
  uint64_t fraction = sequence * UINT64_C(0x9e3779b97f4a7c15) >> 32; /* of 2^32 */
  uint64_t place = SEQUENCE_BYTES + (fraction * (size - SEQUENCE_BYTES) >> 32);
  return bytes_sequence(message) == sequence && bytes[place] == filling_of(sequence);
}

static inline bool bytes_are_intact(struct gc_mutator *mutator, struct gc_ref message,
                                    uint64_t size, uint64_t sequence) {
  (void)mutator;
  const uint8_t *filling = (const uint8_t *)gc_object_raw(message, 0) + SEQUENCE_BYTES;
  uint8_t difference = 0;
  for (uint64_t place = 0; place < size - SEQUENCE_BYTES; place++) {
    difference |= (uint8_t)(filling[place] ^ filling_of(sequence));
  }
  return bytes_sequence(message) == sequence && difference == 0;
}

static const struct message_kind bytes = {
    .create = bytes_create,
    .is_plausible = bytes_are_plausible,
    .is_intact = bytes_are_intact,
    .sequence = bytes_sequence,
    .dispose = gc_dispose,
};

static enum workload_status message_window_run(struct workload_run *run) {
  return messages_run(run, &bytes);
}

WORKLOAD_OPS(message_window, message_window_run);
