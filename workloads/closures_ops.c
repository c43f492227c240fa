/* closures, hot code.
 *
 * A call replaces the value of the closure's context by a new one, which is larger by the closure's
 * code. Self-check: the value of a context follows from its origin and from how often it was called;
 * seen when a listener is replaced, and for all of them at the end.
 */
#include "workloads/closures.h"

#include "workloads/bookkeeping.h"

#include <inttypes.h>

/* Handles that live as long as the run. */
struct closures {
  struct workload_run *run;
  struct gc_handle listeners, modules; /* arrays */
  struct gc_handle context, closure;   /* of the activation that goes on */
  uint64_t random;
};

static inline struct closures_context *context_at(struct gc_ref context) {
  return gc_ref_address(context);
}

/* Of all closures of a context. */
static inline uint64_t code_of(uint64_t origin) {
  return origin % 1000 + 1;
}

static inline struct gc_ref value_create(struct gc_mutator *mutator, uint64_t sum) {
  struct gc_ref value = gc_allocate(mutator, 0, VALUE_RAW_BYTES, 0);
  if (GC_LIKELY(!gc_is_null(value))) {
    ((struct closures_value *)gc_ref_address(value))->sum = sum;
  }
  return value;
}

/* Into the handle of the activation. False when the heap is exhausted, as below. */
static inline bool context_create(struct closures *closures, struct gc_handle outer_array,
                                  uint64_t outer, uint64_t origin) {
  struct gc_mutator *mutator = closures->run->mutator;
  struct gc_ref value = value_create(mutator, 0);
  gc_handle_set(mutator, closures->context, value);
  if (GC_UNLIKELY(gc_is_null(value))) {
    return false;
  }
  struct gc_ref context = gc_allocate(mutator, CONTEXT_SLOTS, CONTEXT_RAW_BYTES, 0);
  if (GC_UNLIKELY(gc_is_null(context))) {
    return false;
  }
  context_at(context)->origin = origin;
  gc_init_field(mutator, context, CONTEXT_OUTER,
                gc_read_field(mutator, gc_handle_get(outer_array), outer));
  gc_init_field(mutator, context, CONTEXT_VALUE, gc_handle_get(closures->context));
  gc_handle_set(mutator, closures->context, context);
  return true;
}

static inline bool closure_create(struct closures *closures) {
  struct gc_mutator *mutator = closures->run->mutator;
  struct gc_ref closure = gc_allocate(mutator, CLOSURE_SLOTS, CLOSURE_RAW_BYTES, 0);
  if (GC_UNLIKELY(gc_is_null(closure))) {
    return false;
  }
  struct gc_ref context = gc_handle_get(closures->context);
  gc_init_field(mutator, closure, CLOSURE_CONTEXT, context);
  ((struct closures_closure *)gc_ref_address(closure))->code = code_of(context_at(context)->origin);
  gc_handle_set(mutator, closures->closure, closure);
  return true;
}

/* Of the closure in the handle. */
static inline bool closure_call(struct closures *closures) {
  struct gc_mutator *mutator = closures->run->mutator;
  struct gc_ref closure = gc_handle_get(closures->closure);
  struct gc_ref context = gc_read_field(mutator, closure, CLOSURE_CONTEXT);
  const struct closures_value *old = gc_ref_address(gc_read_field(mutator, context, CONTEXT_VALUE));
  uint64_t sum = old->sum + ((const struct closures_closure *)gc_ref_address(closure))->code;
  struct gc_ref value = value_create(mutator, sum);
  if (GC_UNLIKELY(gc_is_null(value))) {
    return false;
  }
  context = gc_read_field(mutator, gc_handle_get(closures->closure), CLOSURE_CONTEXT);
  gc_write_field(mutator, context, CONTEXT_VALUE, value);
  context_at(context)->calls++;
  return true;
}

/* Of a listener. */
static inline enum workload_status check_listener(struct closures *closures,
                                                  struct gc_ref closure) {
  struct workload_run *run = closures->run;
  struct gc_ref context = gc_read_field(run->mutator, closure, CLOSURE_CONTEXT);
  struct gc_ref value = gc_read_field(run->mutator, context, CONTEXT_VALUE);
  const struct closures_context *object = context_at(context);
  uint64_t sum = ((const struct closures_value *)gc_ref_address(value))->sum;
  if (GC_UNLIKELY(sum != object->calls * code_of(object->origin))) {
    return workload_wrong(run, "the context of operation %" PRIu64 " is damaged", object->origin);
  }
  run->checksum = workload_fold(run->checksum, object->origin ^ sum);
  return WORKLOAD_DONE;
}

/* One activation, whose last closure becomes the listener at `place`. */
static inline enum workload_status activate(struct closures *closures, uint64_t origin,
                                            uint64_t place) {
  struct gc_mutator *mutator = closures->run->mutator;
  uint64_t module =
      workload_random_below(&closures->random, workload_integer(closures->run, CLOSURES_MODULES));
  if (!context_create(closures, closures->modules, module, origin)) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  for (unsigned made = 0; made < CLOSURES_OF_CONTEXT; made++) {
    bool is_kept = made == CLOSURES_OF_CONTEXT - 1;
    if (!closure_create(closures) || (!is_kept && !closure_call(closures))) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
  }
  struct gc_ref listeners = gc_handle_get(closures->listeners);
  struct gc_ref old = gc_read_field(mutator, listeners, place);
  enum workload_status status = WORKLOAD_DONE;
  if (!gc_is_null(old)) {
    status = check_listener(closures, old);
  }
  gc_write_field(mutator, listeners, place, gc_handle_get(closures->closure));
  return status;
}

/* Calls a listener, whose context is old as a rule. */
static inline enum workload_status notify(struct closures *closures) {
  struct gc_mutator *mutator = closures->run->mutator;
  uint64_t place =
      workload_random_below(&closures->random, workload_integer(closures->run, CLOSURES_LISTENERS));
  gc_handle_set(mutator, closures->closure,
                gc_read_field(mutator, gc_handle_get(closures->listeners), place));
  return closure_call(closures) ? WORKLOAD_DONE : WORKLOAD_OUT_OF_MEMORY;
}

static enum workload_status operate(struct closures *closures) {
  struct workload_run *run = closures->run;
  uint64_t listeners = workload_integer(run, CLOSURES_LISTENERS);
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t operation = 0; operation < run->operations && status == WORKLOAD_DONE;
       operation++) {
    uint64_t place = workload_random_below(&closures->random, listeners);
    status = activate(closures, listeners + operation, place);
    if (status == WORKLOAD_DONE) {
      status = notify(closures);
    }
    workload_operation_end(run);
    workload_progress_step(run, operation, run->operations);
  }
  return status;
}

/* The arrays, the modules, and a listener in each place. */
static enum workload_status fill(struct closures *closures) {
  struct workload_run *run = closures->run;
  struct gc_mutator *mutator = run->mutator;
  uint64_t listeners = workload_integer(run, CLOSURES_LISTENERS);
  uint64_t modules = workload_integer(run, CLOSURES_MODULES);
  gc_handle_set(mutator, closures->modules, gc_allocate(mutator, modules, 0, 0));
  if (gc_is_null(gc_handle_get(closures->modules))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  for (uint64_t module = 0; module < modules; module++) {
    if (!context_create(closures, closures->modules, module, 0)) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    gc_write_field(mutator, gc_handle_get(closures->modules), module,
                   gc_handle_get(closures->context));
  }
  gc_handle_set(mutator, closures->listeners, gc_allocate(mutator, listeners, 0, 0));
  enum workload_status status =
      gc_is_null(gc_handle_get(closures->listeners)) ? WORKLOAD_OUT_OF_MEMORY : WORKLOAD_DONE;
  for (uint64_t place = 0; place < listeners && status == WORKLOAD_DONE; place++) {
    status = activate(closures, place, place);
  }
  return status;
}

static enum workload_status check(struct closures *closures) {
  struct workload_run *run = closures->run;
  uint64_t listeners = workload_integer(run, CLOSURES_LISTENERS);
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t place = 0; place < listeners && status == WORKLOAD_DONE; place++) {
    status = check_listener(closures,
                            gc_read_field(run->mutator, gc_handle_get(closures->listeners), place));
    workload_poll_step(run, place);
  }
  return status;
}

static enum workload_status closures_run(struct workload_run *run) {
  struct gc_mutator *mutator = run->mutator;
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct closures closures = {.run = run,
                              .listeners = gc_handle_push(mutator, gc_null()),
                              .modules = gc_handle_push(mutator, gc_null()),
                              .context = gc_handle_push(mutator, gc_null()),
                              .closure = gc_handle_push(mutator, gc_null()),
                              .random = run->seed};
  enum workload_status status = fill(&closures);
  if (status == WORKLOAD_DONE) {
    run->operations = workload_integer(run, CLOSURES_OPERATIONS);
    workload_timed_begin(run);
    status = operate(&closures);
    workload_timed_end(run);
  }
  if (status == WORKLOAD_DONE) {
    status = check(&closures);
  }
  gc_handles_leave(mutator, frame);
  return status;
}

WORKLOAD_OPS(closures, closures_run);
