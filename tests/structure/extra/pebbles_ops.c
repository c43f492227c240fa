/* pebbles, hot code. A pebble is its number; the jar's slot is the number modulo the jar's size. */
#include "workloads/workload.h"

enum { JAR_SLOTS = 1000 };

static uint64_t number_of(struct gc_ref pebble) {
  return *(const uint64_t *)gc_object_raw(pebble, 0);
}

static enum workload_status drop_pebbles(struct workload_run *run, struct gc_handle jar) {
  struct gc_mutator *mutator = run->mutator;
  for (uint64_t number = 0; number < workload_integer(run, 0); number++) {
    struct gc_ref pebble = gc_allocate(mutator, 0, sizeof number, 0);
    if (gc_is_null(pebble)) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    *(uint64_t *)gc_object_raw(pebble, 0) = number;
    struct gc_ref old = gc_read_field(mutator, gc_handle_get(jar), number % JAR_SLOTS);
    if (number >= JAR_SLOTS && number_of(old) != number - JAR_SLOTS) {
      return WORKLOAD_WRONG;
    }
    gc_write_field(mutator, gc_handle_get(jar), number % JAR_SLOTS, pebble);
    run->checksum += number;
    run->operations++;
  }
  return WORKLOAD_DONE;
}

static enum workload_status pebbles_run(struct workload_run *run) {
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  struct gc_handle jar = gc_handle_push(run->mutator, gc_allocate(run->mutator, JAR_SLOTS, 0, 0));
  workload_timed_begin(run);
  enum workload_status status =
      gc_is_null(gc_handle_get(jar)) ? WORKLOAD_OUT_OF_MEMORY : drop_pebbles(run, jar);
  workload_timed_end(run);
  gc_handles_leave(run->mutator, frame);
  return status;
}

WORKLOAD_OPS(pebbles, pebbles_run);
