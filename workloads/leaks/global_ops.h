/* global: each request assigns to a name that it did not declare, which makes a global variable;
 * fixed: the variable is deleted when the request ends.
 *
 * A global variable is a root of the heap's. All of them are known to the run, so that they are
 * given back when it ends: the heap counts none as the program's that is still running.
 */
#include "workloads/leaks/pair_ops.h"

enum { GLOBAL_VALUE };

/* The value knows the place of its root in the list of them. */
struct global_value {
  uint64_t gc_header;
  uint64_t operation, place;
};

struct global_state {
  struct gc_root **roots;
  uint64_t count, capacity;
};

enum { GLOBAL_VALUE_RAW_BYTES = 144, GLOBAL_ROOTS_MIN = 1024 };

static enum workload_status global_begin(struct leak *leak) {
  (void)leak;
  return WORKLOAD_DONE;
}

static inline bool global_reserve(struct global_state *state) {
  if (state->count < state->capacity) {
    return true;
  }
  uint64_t capacity = state->capacity == 0 ? GLOBAL_ROOTS_MIN : 2 * state->capacity;
  struct gc_root **roots = realloc(state->roots, capacity * sizeof(*roots));
  if (roots == NULL) {
    return false;
  }
  state->roots = roots;
  state->capacity = capacity;
  return true;
}

static enum workload_status global_open(struct leak *leak, uint64_t operation) {
  struct global_state *state = leak->state;
  if (GC_UNLIKELY(
          !global_reserve(state) ||
          !leak_make(leak, leak->opened, 0, GLOBAL_VALUE_RAW_BYTES, leak->types[GLOBAL_VALUE]))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct gc_root *root = gc_root_create(leak->mutator, gc_handle_get(leak->opened));
  if (GC_UNLIKELY(root == NULL)) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct global_value *value = gc_ref_address(gc_handle_get(leak->opened));
  value->operation = operation;
  value->place = state->count;
  state->roots[state->count++] = root;
  return WORKLOAD_DONE;
}

/* The last of the list takes the place. */
static inline void global_delete(struct leak *leak, uint64_t place) {
  struct global_state *state = leak->state;
  struct gc_root *root = state->roots[place], *last = state->roots[--state->count];
  state->roots[place] = last;
  ((struct global_value *)gc_ref_address(gc_root_get(last)))->place = place;
  gc_root_destroy(leak->mutator, root);
}

static enum workload_status global_close(struct leak *leak, struct gc_ref opened) {
  const struct global_state *state = leak->state;
  const struct global_value *value = gc_ref_address(opened);
  if (GC_UNLIKELY(value->place >= state->count ||
                  !gc_ref_equal(leak->mutator, gc_root_get(state->roots[value->place]), opened))) {
    return workload_wrong(leak->run, "the global variable of operation %" PRIu64 " is damaged",
                          value->operation);
  }
  leak_fold(leak, value->operation);
  if (!leak->is_leaky) {
    global_delete(leak, value->place);
  }
  return WORKLOAD_DONE;
}

static void global_finish(struct leak *leak) {
  struct global_state *state = leak->state;
  for (uint64_t place = 0; place < state->count; place++) {
    gc_root_destroy(leak->mutator, state->roots[place]);
  }
  free(state->roots);
}

static const struct leak_pair leak_global = {
    .type_names = {"global.value"},
    .state_bytes = sizeof(struct global_state),
    .begin = global_begin,
    .open = global_open,
    .close = global_close,
    .end = leak_ends,
    .finish = global_finish,
};
