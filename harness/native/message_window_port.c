/* message_window, native: workloads/message_window_ops.c in C. The ring is in message_port.h. */
#include "harness/native/message_port.h"

enum { SEQUENCE_BYTES = sizeof(uint64_t) };

static inline uint8_t filling_of(uint64_t sequence) {
  return (uint8_t)(sequence ^ sequence >> 8 ^ 0x5a);
}

static inline void *bytes_create(uint64_t size, uint64_t sequence) {
  uint8_t *message = native_allocate_bytes(size);
  memcpy(message, &sequence, SEQUENCE_BYTES);
  memset(message + SEQUENCE_BYTES, filling_of(sequence), size - SEQUENCE_BYTES);
  return message;
}

static inline uint64_t bytes_sequence(const void *message) {
  return *(const uint64_t *)message;
}

/* One byte of the filling, at another place in each message. */
static inline bool bytes_are_plausible(const void *message, uint64_t size, uint64_t sequence) {
  const uint8_t *bytes = message;
  uint64_t fraction = sequence * UINT64_C(0x9e3779b97f4a7c15) >> 32; /* of 2^32 */
  uint64_t place = SEQUENCE_BYTES + (fraction * (size - SEQUENCE_BYTES) >> 32);
  return bytes_sequence(message) == sequence && bytes[place] == filling_of(sequence);
}

static inline bool bytes_are_intact(const void *message, uint64_t size, uint64_t sequence) {
  const uint8_t *filling = (const uint8_t *)message + SEQUENCE_BYTES;
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
    .free = native_free,
};

static enum workload_status message_window_run(struct workload_run *run) {
  return messages_run(run, &bytes);
}

NATIVE_PORT_DEFINE(message_window, message_window_run);
