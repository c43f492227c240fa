/* The hot code that message_window and message_tree share: a ring of the latest messages.
 *
 * A kind of message says how one is made, glanced at and read in full; each unit passes its kind as
 * a constant, so that the calls are direct.
 *
 * Self-check: a message that leaves the window is glanced at (its sequence number and one other
 * place, because reading it whole would be a workload of its own); at the end every message in the
 * window is read in full, untimed.
 */
#ifndef WORKLOADS_MESSAGE_OPS_H
#define WORKLOADS_MESSAGE_OPS_H

#include "workloads/bookkeeping.h"
#include "workloads/message_window.h"

#include <inttypes.h>

struct message_kind {
  /* Null when the heap is exhausted. A safepoint; the others are none. */
  struct gc_ref (*create)(struct gc_mutator *mutator, uint64_t size, uint64_t sequence);
  bool (*is_plausible)(struct gc_mutator *mutator, struct gc_ref message, uint64_t size,
                       uint64_t sequence);
  bool (*is_intact)(struct gc_mutator *mutator, struct gc_ref message, uint64_t size,
                    uint64_t sequence);
  /* What the message says its sequence number is. */
  uint64_t (*sequence)(struct gc_ref message);
  void (*dispose)(struct gc_mutator *mutator, struct gc_ref message);
};

struct message_window {
  struct gc_handle ring; /* an array of `length` references */
  uint64_t length;
  uint64_t position; /* of the oldest message: the next to be replaced */
  uint64_t sequence; /* of the next message; so many were pushed */
  uint64_t size;     /* of a message, in what its kind counts in */
};

/* False when the heap is exhausted. Lives until the caller leaves its handle frame. */
static inline bool message_window_open(struct message_window *window, struct workload_run *run) {
  *window = (struct message_window){.length = workload_integer(run, MESSAGE_WINDOW),
                                    .size = workload_integer(run, MESSAGE_SIZE)};
  struct gc_ref ring = gc_allocate(run->mutator, window->length, 0, 0);
  window->ring = gc_handle_push(run->mutator, ring);
  return !gc_is_null(ring);
}

/* Checks the message that the next push will replace: none while the window fills. */
GC_ALWAYS_INLINE bool message_leaving_is_right(struct workload_run *run,
                                               const struct message_kind *kind,
                                               const struct message_window *window,
                                               struct gc_ref leaving) {
  if (window->sequence < window->length) {
    return gc_is_null(leaving);
  }
  uint64_t expected = window->sequence - window->length;
  if (GC_UNLIKELY(gc_is_null(leaving) ||
                  !kind->is_plausible(run->mutator, leaving, window->size, expected))) {
    return false;
  }
  run->checksum = workload_fold(run->checksum, kind->sequence(leaving));
  return true;
}

GC_ALWAYS_INLINE enum workload_status messages_push(struct workload_run *run,
                                                    const struct message_kind *kind,
                                                    struct message_window *window, uint64_t count) {
  struct gc_mutator *mutator = run->mutator;
  uint64_t total = window->length + workload_integer(run, MESSAGE_PUSHES);
  for (uint64_t pushed = 0; pushed < count; pushed++) {
    struct gc_ref message = kind->create(mutator, window->size, window->sequence);
    if (GC_UNLIKELY(gc_is_null(message))) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    struct gc_ref ring = gc_handle_get(window->ring);
    struct gc_ref leaving = gc_read_field(mutator, ring, window->position);
    if (GC_UNLIKELY(!message_leaving_is_right(run, kind, window, leaving))) {
      return workload_wrong(run, "the message that push %" PRIu64 " replaces is damaged",
                            window->sequence);
    }
    gc_write_field(mutator, ring, window->position, message);
    if (GC_UNLIKELY(gc_disposes(mutator) && !gc_is_null(leaving))) {
      kind->dispose(mutator, leaving);
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
    struct gc_ref message = gc_read_field(run->mutator, gc_handle_get(window->ring), position);
    if (gc_is_null(message) || !kind->is_intact(run->mutator, message, window->size, expected)) {
      return workload_wrong(run, "message %" PRIu64 " in the window is damaged", expected);
    }
    run->checksum = workload_fold(run->checksum, kind->sequence(message));
    position = position + 1 == window->length ? 0 : position + 1;
    workload_poll_step(run, step * 16);
  }
  return WORKLOAD_DONE;
}

GC_ALWAYS_INLINE enum workload_status messages_run_in_frame(struct workload_run *run,
                                                            const struct message_kind *kind) {
  struct message_window window;
  if (!message_window_open(&window, run)) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  enum workload_status status = messages_push(run, kind, &window, window.length);
  if (status != WORKLOAD_DONE) {
    return status;
  }
  uint64_t pushes = workload_integer(run, MESSAGE_PUSHES);
  workload_timed_begin(run);
  status = messages_push(run, kind, &window, pushes);
  workload_timed_end(run);
  run->operations = window.sequence - window.length;
  if (status == WORKLOAD_DONE) {
    status = messages_check(run, kind, &window);
  }
  if (status == WORKLOAD_DONE) {
    workload_note(run, "%" PRIu64 " messages pushed through a window of %" PRIu64, window.sequence,
                  window.length);
  }
  return status;
}

GC_ALWAYS_INLINE enum workload_status messages_run(struct workload_run *run,
                                                   const struct message_kind *kind) {
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  enum workload_status status = messages_run_in_frame(run, kind);
  gc_handles_leave(run->mutator, frame);
  return status;
}

#endif
