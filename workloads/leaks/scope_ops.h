/* scope: two closures are made in one scope and share its context. One of them, never called, uses a
 * variable that holds the previous thing; so the other, which lives on, keeps the previous thing and
 * through its context all before it (Glasser 2013). Fixed: the variable is set to null at the end
 * of the scope.
 *
 * What is kept is one chain, which markers cannot share.
 */
#include "workloads/leaks/pair_ops.h"

enum { SCOPE_HOLDER, SCOPE_CONTEXT, SCOPE_CLOSURE, SCOPE_THING };
enum { SCOPE_CONTEXT_RAW_BYTES = 40, SCOPE_CLOSURE_RAW_BYTES = 8, SCOPE_THING_RAW_BYTES = 96 };

static enum workload_status scope_begin(struct leak *leak) {
  bool is_made = leak_make(leak, leak->container, 1, 0, leak->types[SCOPE_HOLDER]);
  return is_made ? WORKLOAD_DONE : WORKLOAD_OUT_OF_MEMORY;
}

/* In the handle, of the context in `first`. */
static inline bool scope_close_over(struct leak *leak, struct gc_handle closure, uint64_t code) {
  if (GC_UNLIKELY(
          !leak_make(leak, closure, 1, SCOPE_CLOSURE_RAW_BYTES, leak->types[SCOPE_CLOSURE]))) {
    return false;
  }
  gc_init_field(leak->mutator, gc_handle_get(closure), 0, gc_handle_get(leak->first));
  *(uint64_t *)gc_object_raw(gc_handle_get(closure), 1) = code;
  return true;
}

/* The thing before, whose method is called once more. */
static inline enum workload_status scope_call(struct leak *leak, uint64_t operation) {
  struct gc_ref thing = leak_read(leak, gc_handle_get(leak->container), 0);
  if (gc_is_null(thing)) {
    return WORKLOAD_DONE;
  }
  struct gc_ref method = leak_read(leak, thing, 0);
  const uint64_t *variables = gc_object_raw(leak_read(leak, method, 0), 1);
  uint64_t code = *(const uint64_t *)gc_object_raw(method, 1);
  if (GC_UNLIKELY(variables[0] + 1 != operation || code != variables[0])) {
    return workload_wrong(leak->run, "the scope of operation %" PRIu64 " is damaged",
                          operation - 1);
  }
  leak_fold(leak, variables[0]);
  return WORKLOAD_DONE;
}

static enum workload_status scope_open(struct leak *leak, uint64_t operation) {
  struct gc_mutator *mutator = leak->mutator;
  if (GC_UNLIKELY(
          !leak_make(leak, leak->first, 1, SCOPE_CONTEXT_RAW_BYTES, leak->types[SCOPE_CONTEXT]))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct gc_ref context = gc_handle_get(leak->first);
  gc_init_field(mutator, context, 0, leak_read(leak, gc_handle_get(leak->container), 0));
  *(uint64_t *)gc_object_raw(context, 1) = operation;
  if (GC_UNLIKELY(
          !scope_close_over(leak, leak->second, ~operation) /* the one never called */ ||
          !scope_close_over(leak, leak->second, operation) ||
          !leak_make(leak, leak->third, 1, SCOPE_THING_RAW_BYTES, leak->types[SCOPE_THING]))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  gc_init_field(mutator, gc_handle_get(leak->third), 0, gc_handle_get(leak->second));
  enum workload_status status = scope_call(leak, operation);
  if (!leak->is_leaky) {
    leak_write(leak, gc_handle_get(leak->first), 0, gc_null());
  }
  leak_write(leak, gc_handle_get(leak->container), 0, gc_handle_get(leak->third));
  return status;
}

static const struct leak_pair leak_scope = {
    .type_names = {"scope.holder", "scope.context", "scope.closure", "scope.thing"},
    .begin = scope_begin,
    .open = scope_open,
    .close = leak_closes_nothing,
    .end = leak_ends,
    .finish = leak_finishes,
};
