/* fragmenter, hot code.
 *
 * One table holds the objects of all rounds in the order of their allocation, so that every second
 * entry is, near enough, every second object in memory. Self-check: each object at the end.
 */
#include "workloads/fragmenter.h"

#include "workloads/bookkeeping.h"

#include <inttypes.h>

static inline uint64_t seal_of(uint64_t number) {
  return workload_fold(number, FRAGMENTER_FIRST_BYTES);
}

/* *number counts up from the first entry to be filled. */
static enum workload_status allocate_round(struct workload_run *run, struct gc_handle table,
                                           unsigned round, uint64_t *number) {
  size_t raw_bytes = fragmenter_object_bytes(round) - GC_HEADER_BYTES;
  uint64_t end = *number + fragmenter_objects(run->input, round);
  for (; *number < end; ++*number) {
    struct gc_ref object = gc_allocate(run->mutator, 0, raw_bytes, 0);
    if (GC_UNLIKELY(gc_is_null(object))) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    struct fragmenter_object *content = gc_ref_address(object);
    content->number = *number;
    content->seal = seal_of(*number);
    gc_write_field(run->mutator, gc_handle_get(table), *number, object);
    run->operations++;
    workload_operation_end(run);
  }
  return WORKLOAD_DONE;
}

/* Drops every second of the objects that there are. */
static void thin_out(struct workload_run *run, struct gc_handle table, uint64_t count) {
  bool drops = true;
  for (uint64_t number = 0; number < count; number++) {
    struct gc_ref objects = gc_handle_get(table);
    struct gc_ref object = gc_read_field(run->mutator, objects, number);
    if (!gc_is_null(object)) {
      if (drops) {
        gc_write_field(run->mutator, objects, number, gc_null());
        gc_dispose(run->mutator, object);
      }
      drops = !drops;
    }
    workload_poll_step(run, number);
  }
}

static enum workload_status check(struct workload_run *run, struct gc_handle table,
                                  uint64_t count) {
  for (uint64_t number = 0; number < count; number++) {
    struct gc_ref object = gc_read_field(run->mutator, gc_handle_get(table), number);
    if (!gc_is_null(object)) {
      const struct fragmenter_object *content = gc_ref_address(object);
      if (content->number != number || content->seal != seal_of(number)) {
        return workload_wrong(run, "object %" PRIu64 " is damaged", number);
      }
      run->checksum = workload_fold(run->checksum, content->seal);
    }
    workload_poll_step(run, number);
  }
  return WORKLOAD_DONE;
}

static enum workload_status fragment(struct workload_run *run, struct gc_handle table,
                                     uint64_t *number) {
  unsigned rounds = (unsigned)workload_integer(run, FRAGMENTER_ROUNDS);
  enum workload_status status = WORKLOAD_DONE;
  for (unsigned round = 0; round < rounds && status == WORKLOAD_DONE; round++) {
    if (round > 0) {
      thin_out(run, table, *number);
    }
    status = allocate_round(run, table, round, number);
    workload_progress(run, round + 1, rounds);
  }
  return status;
}

static enum workload_status fragmenter_run(struct workload_run *run) {
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  uint64_t objects = 0, number = 0;
  for (unsigned round = 0; round < workload_integer(run, FRAGMENTER_ROUNDS); round++) {
    objects += fragmenter_objects(run->input, round);
  }
  struct gc_handle table = gc_handle_push(run->mutator, gc_allocate(run->mutator, objects, 0, 0));
  enum workload_status status = WORKLOAD_OUT_OF_MEMORY;
  if (!gc_is_null(gc_handle_get(table))) {
    workload_timed_begin(run);
    status = fragment(run, table, &number);
    workload_timed_end(run);
  }
  if (status == WORKLOAD_DONE) {
    status = check(run, table, number);
  }
  gc_handles_leave(run->mutator, frame);
  return status;
}

WORKLOAD_OPS(fragmenter, fragmenter_run);
