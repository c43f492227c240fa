/* The ring of the latest messages, native: workloads/message_ops.h in C. A unit passes its kind of
 * message as a constant.
 */
#ifndef HARNESS_NATIVE_MESSAGE_PORT_H
#define HARNESS_NATIVE_MESSAGE_PORT_H

#include "harness/native/native.h"
#include "workloads/message_window.h"

struct message_kind {
  void *(*create)(uint64_t size, uint64_t sequence);
  bool (*is_plausible)(const void *message, uint64_t size, uint64_t sequence);
  bool (*is_intact)(const void *message, uint64_t size, uint64_t sequence);
  uint64_t (*sequence)(const void *message);
  void (*free)(void *message);
};

struct message_window {
  void **ring;
  uint64_t length;
  uint64_t position; /* of the oldest message: the next to be replaced */
  uint64_t sequence; /* of the next message; so many were pushed */
  uint64_t size;     /* of a message, in what its kind counts in */
};

/* Checks the message that the next push will replace: none while the window fills. */
GC_ALWAYS_INLINE bool message_leaving_is_right(struct workload_run *run,
                                               const struct message_kind *kind,
                                               const struct message_window *window,
                                               const void *leaving) {
  if (window->sequence < window->length) {
    return leaving == NULL;
  }
  uint64_t expected = window->sequence - window->length;
  if (GC_UNLIKELY(leaving == NULL || !kind->is_plausible(leaving, window->size, expected))) {
    return false;
  }
  run->checksum = workload_fold(run->checksum, kind->sequence(leaving));
  return true;
}

GC_ALWAYS_INLINE enum workload_status messages_push(struct workload_run *run,
                                                    const struct message_kind *kind,
                                                    struct message_window *window, uint64_t count) {
  uint64_t total = window->length + workload_integer(run, MESSAGE_PUSHES);
  for (uint64_t pushed = 0; pushed < count; pushed++) {
    void *message = kind->create(window->size, window->sequence);
    void *leaving = window->ring[window->position];
    if (GC_UNLIKELY(!message_leaving_is_right(run, kind, window, leaving))) {
      return workload_wrong(run, "the message that push %" PRIu64 " replaces is damaged",
                            window->sequence);
    }
    window->ring[window->position] = message;
    if (leaving != NULL) {
      kind->free(leaving);
    }
    window->position = window->position + 1 == window->length ? 0 : window->position + 1;
    window->sequence++;
    workload_progress_step(run, window->sequence, total);
    workload_operation_end(run);
  }
  return WORKLOAD_DONE;
}

/* Reads every message of a full window, oldest first. */
GC_ALWAYS_INLINE enum workload_status messages_check(struct workload_run *run,
                                                     const struct message_kind *kind,
                                                     const struct message_window *window) {
  uint64_t position = window->position;
  for (uint64_t step = 0; step < window->length; step++) {
    uint64_t expected = window->sequence - window->length + step;
    const void *message = window->ring[position];
    if (message == NULL || !kind->is_intact(message, window->size, expected)) {
      return workload_wrong(run, "message %" PRIu64 " in the window is damaged", expected);
    }
    run->checksum = workload_fold(run->checksum, kind->sequence(message));
    position = position + 1 == window->length ? 0 : position + 1;
  }
  return WORKLOAD_DONE;
}

GC_ALWAYS_INLINE enum workload_status messages_run(struct workload_run *run,
                                                   const struct message_kind *kind) {
  struct message_window window = {.length = workload_integer(run, MESSAGE_WINDOW),
                                  .size = workload_integer(run, MESSAGE_SIZE)};
  window.ring = native_allocate_zero(window.length * sizeof *window.ring);
  enum workload_status status = messages_push(run, kind, &window, window.length);
  if (status != WORKLOAD_DONE) {
    return status;
  }
  workload_timed_begin(run);
  status = messages_push(run, kind, &window, workload_integer(run, MESSAGE_PUSHES));
  workload_timed_end(run);
  run->operations = window.sequence - window.length;
  return status == WORKLOAD_DONE ? messages_check(run, kind, &window) : status;
}

#endif
