/* listener: each request adds a handler to an emitter that lives as long as the program; fixed: it
 * removes the handler when it ends.
 *
 * The emitter's array grows by doubling, which is the one thing that the variants allocate
 * differently. Every LISTENER_EVENT_EVERY-th operation is an event, for which all handlers are
 * called: a leak that costs time before it costs memory.
 */
#include "workloads/leaks/pair_ops.h"

enum { LISTENER_CAPACITY_MIN = 64, LISTENER_EVENT_EVERY = 8192 };
enum { LISTENER_EMITTER, LISTENER_ARRAY, LISTENER_HANDLER, LISTENER_CONTEXT };
enum { LISTENER_CONTEXT_RAW_BYTES = 112 };

struct listener_handler {
  uint64_t gc_header;
  struct gc_ref context;
  uint64_t place; /* in the array */
};

struct listener_context {
  uint64_t gc_header;
  uint64_t operation, calls;
};

struct listener_state {
  uint64_t count, capacity;
};

static inline struct gc_ref listener_array(struct leak *leak) {
  return leak_read(leak, gc_handle_get(leak->container), 0);
}

/* A safepoint. */
static inline bool listener_grow(struct leak *leak, uint64_t capacity) {
  struct listener_state *state = leak->state;
  if (!leak_make(leak, leak->second, capacity, 0, leak->types[LISTENER_ARRAY])) {
    return false;
  }
  for (uint64_t place = 0; place < state->count; place++) {
    leak_write(leak, gc_handle_get(leak->second), place,
               leak_read(leak, listener_array(leak), place));
    workload_poll_step(leak->run, place);
  }
  leak_write(leak, gc_handle_get(leak->container), 0, gc_handle_get(leak->second));
  state->capacity = capacity;
  return true;
}

static enum workload_status listener_begin(struct leak *leak) {
  bool is_made = leak_make(leak, leak->container, 1, 0, leak->types[LISTENER_EMITTER]) &&
                 listener_grow(leak, LISTENER_CAPACITY_MIN);
  return is_made ? WORKLOAD_DONE : WORKLOAD_OUT_OF_MEMORY;
}

static inline bool listener_make(struct leak *leak, uint64_t operation) {
  if (!leak_make(leak, leak->first, 0, LISTENER_CONTEXT_RAW_BYTES, leak->types[LISTENER_CONTEXT])) {
    return false;
  }
  ((struct listener_context *)gc_ref_address(gc_handle_get(leak->first)))->operation = operation;
  if (!leak_make(leak, leak->opened, 1, 8, leak->types[LISTENER_HANDLER])) {
    return false;
  }
  gc_init_field(leak->mutator, gc_handle_get(leak->opened), 0, gc_handle_get(leak->first));
  return true;
}

/* A safepoint. */
static inline void listener_emit(struct leak *leak) {
  const struct listener_state *state = leak->state;
  for (uint64_t place = 0; place < state->count; place++) {
    struct gc_ref handler = leak_read(leak, listener_array(leak), place);
    ((struct listener_context *)gc_ref_address(leak_read(leak, handler, 0)))->calls++;
    workload_poll_step(leak->run, place);
  }
}

static enum workload_status listener_open(struct leak *leak, uint64_t operation) {
  struct listener_state *state = leak->state;
  if (GC_UNLIKELY(!listener_make(leak, operation))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  if (GC_UNLIKELY(state->count == state->capacity) && !listener_grow(leak, 2 * state->capacity)) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct gc_ref handler = gc_handle_get(leak->opened);
  ((struct listener_handler *)gc_ref_address(handler))->place = state->count;
  leak_write(leak, listener_array(leak), state->count++, handler);
  if (GC_UNLIKELY(operation % LISTENER_EVENT_EVERY == 0)) {
    listener_emit(leak);
  }
  return WORKLOAD_DONE;
}

/* The last handler takes the place. */
static inline void listener_remove(struct leak *leak, uint64_t place) {
  struct listener_state *state = leak->state;
  struct gc_ref array = listener_array(leak);
  struct gc_ref last = leak_read(leak, array, --state->count);
  ((struct listener_handler *)gc_ref_address(last))->place = place;
  leak_write(leak, array, place, last);
  leak_write(leak, array, state->count, gc_null());
}

static enum workload_status listener_close(struct leak *leak, struct gc_ref opened) {
  const struct listener_handler *handler = gc_ref_address(opened);
  const struct listener_context *context = gc_ref_address(leak_read(leak, opened, 0));
  if (GC_UNLIKELY(!gc_ref_equal(leak->mutator,
                                leak_read(leak, listener_array(leak), handler->place), opened))) {
    return workload_wrong(leak->run, "the handler of operation %" PRIu64 " is not in its place",
                          context->operation);
  }
  leak_fold(leak, context->operation);
  if (!leak->is_leaky) {
    listener_remove(leak, handler->place);
  }
  return WORKLOAD_DONE;
}

static const struct leak_pair leak_listener = {
    .type_names = {"listener.emitter", "listener.array", "listener.handler", "listener.context"},
    .state_bytes = sizeof(struct listener_state),
    .begin = listener_begin,
    .open = listener_open,
    .close = listener_close,
    .end = leak_ends,
    .finish = leak_finishes,
};
