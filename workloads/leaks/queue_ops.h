/* queue: messages arrive faster than they are served, into a list without a bound; fixed: of
 * QUEUE_CAP messages, and who comes when it is full waits until one was served.
 *
 * An operation is an arrival; three of four serve a message. What is left is served at the end, so
 * that both variants serve the same messages in the same order.
 */
#include "workloads/leaks/pair_ops.h"

enum { QUEUE_CAP = 1024, QUEUE_MESSAGE_RAW_BYTES = 568 };
enum { QUEUE_LIST, QUEUE_MESSAGE };
enum { QUEUE_FIRST, QUEUE_LAST, QUEUE_SLOTS };

struct queue_message {
  uint64_t gc_header;
  struct gc_ref next;
  uint64_t number;
};

struct queue_state {
  uint64_t length, served;
};

static enum workload_status queue_begin(struct leak *leak) {
  bool is_made = leak_make(leak, leak->container, QUEUE_SLOTS, 0, leak->types[QUEUE_LIST]);
  return is_made ? WORKLOAD_DONE : WORKLOAD_OUT_OF_MEMORY;
}

/* The first message; there is one. */
static inline enum workload_status queue_serve(struct leak *leak) {
  struct queue_state *state = leak->state;
  struct gc_ref queue = gc_handle_get(leak->container);
  struct gc_ref message = leak_read(leak, queue, QUEUE_FIRST);
  uint64_t number = ((const struct queue_message *)gc_ref_address(message))->number;
  if (GC_UNLIKELY(number != state->served)) {
    return workload_wrong(leak->run, "message %" PRIu64 " is served as number %" PRIu64, number,
                          state->served);
  }
  leak_fold(leak, number);
  struct gc_ref next = leak_read(leak, message, 0);
  leak_write(leak, queue, QUEUE_FIRST, next);
  if (gc_is_null(next)) {
    leak_write(leak, queue, QUEUE_LAST, next);
  }
  state->served++;
  state->length--;
  return WORKLOAD_DONE;
}

static inline bool queue_put(struct leak *leak, uint64_t number) {
  struct queue_state *state = leak->state;
  struct gc_ref message =
      gc_allocate(leak->mutator, 1, QUEUE_MESSAGE_RAW_BYTES, leak->types[QUEUE_MESSAGE]);
  if (GC_UNLIKELY(gc_is_null(message))) {
    return false;
  }
  ((struct queue_message *)gc_ref_address(message))->number = number;
  struct gc_ref queue = gc_handle_get(leak->container);
  struct gc_ref last = leak_read(leak, queue, QUEUE_LAST);
  if (gc_is_null(last)) {
    leak_write(leak, queue, QUEUE_FIRST, message);
  } else {
    leak_write(leak, last, 0, message);
  }
  leak_write(leak, queue, QUEUE_LAST, message);
  state->length++;
  return true;
}

static enum workload_status queue_open(struct leak *leak, uint64_t operation) {
  struct queue_state *state = leak->state;
  enum workload_status status = WORKLOAD_DONE;
  if (!leak->is_leaky && state->length >= QUEUE_CAP) {
    status = queue_serve(leak);
  }
  if (GC_UNLIKELY(!queue_put(leak, operation))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  if (status == WORKLOAD_DONE && operation % 4 != 0) {
    status = queue_serve(leak);
  }
  return status;
}

static enum workload_status queue_end(struct leak *leak) {
  struct queue_state *state = leak->state;
  enum workload_status status = WORKLOAD_DONE;
  while (state->length > 0 && status == WORKLOAD_DONE) {
    status = queue_serve(leak);
    workload_poll_step(leak->run, state->length);
  }
  return status;
}

static const struct leak_pair leak_queue = {
    .type_names = {"queue.list", "queue.message"},
    .state_bytes = sizeof(struct queue_state),
    .begin = queue_begin,
    .open = queue_open,
    .close = leak_closes_nothing,
    .end = queue_end,
    .finish = leak_finishes,
};
