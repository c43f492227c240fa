/* What a leak pair implements, and the run that all of them share. Included with a barrier only.
 *
 * A run answers requests, each an object in a ring that holds those in flight. At its begin a
 * request opens something (`open`, which may leave a reference in leak->opened that the request
 * keeps); when it falls out of the ring it closes that again (`close`), or forgets to. The ring is
 * filled before anything is timed.
 *
 * Self-check: a request is what was put into the ring so many operations ago; pairs check what they
 * keep. The checksum is folded from what is read back, in an order and number that is the same for
 * both variants.
 */
#ifndef WORKLOADS_LEAKS_PAIR_OPS_H
#define WORKLOADS_LEAKS_PAIR_OPS_H

#include "workloads/bookkeeping.h"
#include "workloads/leak.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LEAK_TYPES = 5 };

/* A run. Handles live as long as it does; first, second and third are for use within an operation. */
struct leak {
  struct workload_run *run;
  struct gc_mutator *mutator;
  bool is_leaky;
  uint64_t operations;        /* while time is taken */
  uint64_t requests;          /* in flight */
  uint64_t random;            /* the generator's state */
  struct gc_handle in_flight; /* the ring */
  struct gc_handle container; /* what the pair keeps things in */
  struct gc_handle opened;    /* for the request that is being made */
  struct gc_handle first, second, third;
  uint32_t request_type;
  uint32_t types[LEAK_TYPES]; /* as leak_pair.type_names */
  void *state;                /* of the pair, zero at first */
};

struct leak_pair {
  const char
      *type_names[LEAK_TYPES]; /* what allocation sites are called in snapshots and reports */
  size_t state_bytes;
  enum workload_status (*begin)(struct leak *leak); /* makes the container */
  enum workload_status (*open)(struct leak *leak, uint64_t operation);
  /* The request that was made `requests` operations ago ends; `opened` is what it kept, or null. No
   * safepoint within. */
  enum workload_status (*close)(struct leak *leak, struct gc_ref opened);
  enum workload_status (*end)(
      struct leak *leak);            /* after the last operation, where all went well */
  void (*finish)(struct leak *leak); /* always; what is not the collector's */
};

struct leak_plan {
  const struct leak_pair *pair;
  bool is_leaky;
  uint64_t operations, requests; /* while time is taken; in flight */
};

/* ---- shorthand
 * ----------------------------------------------------------------------------------*/

enum { LEAK_REQUEST_OPENED };

struct leak_request {
  uint64_t gc_header;
  struct gc_ref opened;
  uint64_t operation;
};

/* Into the handle. False when the heap is exhausted. A safepoint. */
static inline bool leak_make(struct leak *leak, struct gc_handle handle, size_t slots,
                             size_t raw_bytes, uint32_t type) {
  gc_handle_set(leak->mutator, handle, gc_allocate(leak->mutator, slots, raw_bytes, type));
  return GC_LIKELY(!gc_is_null(gc_handle_get(handle)));
}

static inline struct gc_ref leak_read(struct leak *leak, struct gc_ref object, size_t slot) {
  return gc_read_field(leak->mutator, object, slot);
}

static inline void leak_write(struct leak *leak, struct gc_ref object, size_t slot,
                              struct gc_ref value) {
  gc_write_field(leak->mutator, object, slot, value);
}

static inline void leak_fold(struct leak *leak, uint64_t value) {
  leak->run->checksum = workload_fold(leak->run->checksum, value);
}

/* Of what was made the handles for use within an operation. Between operations nothing but the ring and
 * the container holds anything: who looks at the heap then sees what keeps it. */
static inline void leak_let_go(struct leak *leak) {
  gc_handle_set(leak->mutator, leak->opened, gc_null());
  gc_handle_set(leak->mutator, leak->first, gc_null());
  gc_handle_set(leak->mutator, leak->second, gc_null());
  gc_handle_set(leak->mutator, leak->third, gc_null());
}

static enum workload_status leak_closes_nothing(struct leak *leak, struct gc_ref opened) {
  (void)leak, (void)opened;
  return WORKLOAD_DONE;
}

static enum workload_status leak_ends(struct leak *leak) {
  (void)leak;
  return WORKLOAD_DONE;
}

static void leak_finishes(struct leak *leak) {
  (void)leak;
}

/* ---- lists that are linked both ways
 * -------------------------------------------------------------*/

/* Slots of an object in a ring of objects, of which one stands for the list. */
enum { LEAK_NEXT, LEAK_PREVIOUS, LEAK_LINKS };

static inline void leak_link_behind(struct leak *leak, struct gc_ref place, struct gc_ref object) {
  struct gc_ref next = leak_read(leak, place, LEAK_NEXT);
  leak_write(leak, object, LEAK_NEXT, next);
  leak_write(leak, object, LEAK_PREVIOUS, place);
  leak_write(leak, next, LEAK_PREVIOUS, object);
  leak_write(leak, place, LEAK_NEXT, object);
}

static inline void leak_unlink(struct leak *leak, struct gc_ref object) {
  struct gc_ref next = leak_read(leak, object, LEAK_NEXT);
  struct gc_ref previous = leak_read(leak, object, LEAK_PREVIOUS);
  leak_write(leak, next, LEAK_PREVIOUS, previous);
  leak_write(leak, previous, LEAK_NEXT, next);
}

/* An object that stands for an empty list, in the handle. */
static inline bool leak_make_list(struct leak *leak, struct gc_handle handle, size_t slots,
                                  size_t raw_bytes, uint32_t type) {
  if (!leak_make(leak, handle, slots, raw_bytes, type)) {
    return false;
  }
  struct gc_ref list = gc_handle_get(handle);
  leak_write(leak, list, LEAK_NEXT, list);
  leak_write(leak, list, LEAK_PREVIOUS, list);
  return true;
}

/* ---- the run
 * ------------------------------------------------------------------------------------*/

/* The request of the operation takes the place of the one that ends. */
static inline enum workload_status leak_replace(struct leak *leak, const struct leak_pair *pair,
                                                uint64_t operation) {
  struct gc_ref ring = gc_handle_get(leak->in_flight);
  uint64_t place = operation % leak->requests;
  struct gc_ref old = leak_read(leak, ring, place);
  enum workload_status status = WORKLOAD_DONE;
  if (!gc_is_null(old)) {
    const struct leak_request *request = gc_ref_address(old);
    if (GC_UNLIKELY(request->operation + leak->requests != operation)) {
      return workload_wrong(leak->run, "the request of operation %" PRIu64 " is damaged",
                            operation - leak->requests);
    }
    leak_fold(leak, request->operation);
    status = pair->close(leak, leak_read(leak, old, LEAK_REQUEST_OPENED));
    gc_dispose(leak->mutator, old);
  }
  leak_write(leak, ring, place, gc_handle_get(leak->first));
  return status;
}

static inline enum workload_status leak_operate(struct leak *leak, const struct leak_pair *pair,
                                                uint64_t operation) {
  enum workload_status status = pair->open(leak, operation);
  if (GC_UNLIKELY(status != WORKLOAD_DONE)) {
    return status;
  }
  if (GC_UNLIKELY(!leak_make(leak, leak->first, 1, LEAK_REQUEST_RAW_BYTES, leak->request_type))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct gc_ref made = gc_handle_get(leak->first);
  gc_init_field(leak->mutator, made, LEAK_REQUEST_OPENED, gc_handle_get(leak->opened));
  ((struct leak_request *)gc_ref_address(made))->operation = operation;
  status = leak_replace(leak, pair, operation);
  leak_let_go(leak);
  return status;
}

static inline enum workload_status leak_work(struct leak *leak, const struct leak_pair *pair) {
  struct workload_run *run = leak->run;
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t operation = 0; operation < leak->requests && status == WORKLOAD_DONE; operation++) {
    status = leak_operate(leak, pair, operation);
  }
  if (status != WORKLOAD_DONE) {
    return status;
  }
  workload_timed_begin(run);
  while (run->operations < leak->operations && status == WORKLOAD_DONE) {
    status = leak_operate(leak, pair, leak->requests + run->operations);
    run->operations += status == WORKLOAD_DONE;
    workload_operation_end(run);
    workload_progress_step(run, run->operations, leak->operations);
  }
  workload_timed_end(run);
  return status == WORKLOAD_DONE ? pair->end(leak) : status;
}

static inline enum workload_status leak_set_up(struct leak *leak, const struct leak_pair *pair) {
  struct gc_heap *heap = leak->mutator->heap;
  leak->request_type = gc_type_define(heap, "request");
  for (size_t i = 0; i < LEAK_TYPES && pair->type_names[i] != NULL; i++) {
    leak->types[i] = gc_type_define(heap, pair->type_names[i]);
  }
  leak->state = calloc(1, pair->state_bytes + 1);
  if (leak->state == NULL || !leak_make(leak, leak->in_flight, leak->requests, 0,
                                        gc_type_define(heap, "requests in flight"))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  return pair->begin(leak);
}

static inline enum workload_status leak_run_pair(struct workload_run *run,
                                                 const struct leak_plan *plan) {
  struct gc_mutator *mutator = run->mutator;
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  /* The first handle: of two paths as long as each other, the one from here is what a census names. */
  struct gc_handle container = gc_handle_push(mutator, gc_null());
  struct leak leak = {.run = run,
                      .mutator = mutator,
                      .is_leaky = plan->is_leaky,
                      .operations = plan->operations,
                      .requests = plan->requests,
                      .random = run->seed,
                      .in_flight = gc_handle_push(mutator, gc_null()),
                      .container = container,
                      .opened = gc_handle_push(mutator, gc_null()),
                      .first = gc_handle_push(mutator, gc_null()),
                      .second = gc_handle_push(mutator, gc_null()),
                      .third = gc_handle_push(mutator, gc_null())};
  run->operations = 0;
  enum workload_status status = leak_set_up(&leak, plan->pair);
  if (status == WORKLOAD_DONE) {
    status = leak_work(&leak, plan->pair);
  }
  if (leak.state != NULL) {
    plan->pair->finish(&leak);
  }
  free(leak.state);
  gc_handles_leave(mutator, frame);
  return status;
}

#endif
