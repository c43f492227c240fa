/* large_arrays, hot code. Self-check: an item that is replaced names its place; at the end all do,
 * and the buffer that is left is as it was filled.
 */
#include "workloads/large_arrays.h"

#include "workloads/bookkeeping.h"

#include <inttypes.h>
#include <string.h>

struct large_arrays {
  struct workload_run *run;
  struct gc_handle table; /* an array of the arrays */
  struct gc_handle from, to, buffer;
  uint64_t arrays, length;
  uint64_t random;
};

static inline struct gc_ref array_of(const struct large_arrays *arrays, uint64_t place) {
  return gc_read_field(arrays->run->mutator, gc_handle_get(arrays->table), place / arrays->length);
}

static inline enum workload_status check_item(const struct large_arrays *arrays, uint64_t place,
                                              struct gc_ref item) {
  const struct large_arrays_item *object = gc_ref_address(item);
  struct workload_run *run = arrays->run;
  if (GC_UNLIKELY(gc_is_null(item) || object->place != place)) {
    return workload_wrong(run, "the item at place %" PRIu64 " is damaged", place);
  }
  run->checksum = workload_fold(run->checksum, object->operation);
  return WORKLOAD_DONE;
}

static inline enum workload_status store(struct large_arrays *arrays, uint64_t place,
                                         uint64_t operation, bool is_filling) {
  struct gc_mutator *mutator = arrays->run->mutator;
  struct gc_ref item = gc_allocate(mutator, 0, LARGE_ARRAYS_ITEM_RAW_BYTES, 0);
  if (GC_UNLIKELY(gc_is_null(item))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct large_arrays_item *object = gc_ref_address(item);
  object->place = place;
  object->operation = operation;
  struct gc_ref array = array_of(arrays, place);
  uint64_t index = place % arrays->length;
  struct gc_ref replaced = gc_read_field(mutator, array, index);
  enum workload_status status = is_filling ? WORKLOAD_DONE : check_item(arrays, place, replaced);
  gc_write_field(mutator, array, index, item);
  if (!is_filling && status == WORKLOAD_DONE) {
    gc_dispose(mutator, replaced);
  }
  return status;
}

/* Puts a copy in the place of a random array. */
static enum workload_status copy_array(struct large_arrays *arrays) {
  struct gc_mutator *mutator = arrays->run->mutator;
  uint64_t which = workload_random_below(&arrays->random, arrays->arrays);
  struct gc_ref copy = gc_allocate(mutator, arrays->length, 0, 0);
  if (gc_is_null(copy)) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  gc_handle_set(mutator, arrays->to, copy);
  gc_handle_set(mutator, arrays->from, gc_read_field(mutator, gc_handle_get(arrays->table), which));
  gc_copy_refs(mutator, arrays->to, 0, arrays->from, 0, arrays->length);
  gc_write_field(mutator, gc_handle_get(arrays->table), which, gc_handle_get(arrays->to));
  gc_handle_set(mutator, arrays->from, gc_null());
  gc_handle_set(mutator, arrays->to, gc_null());
  return WORKLOAD_DONE;
}

static enum workload_status check_buffer(const struct large_arrays *arrays) {
  struct gc_ref buffer = gc_handle_get(arrays->buffer);
  if (gc_is_null(buffer)) {
    return WORKLOAD_DONE;
  }
  const unsigned char *bytes = gc_object_raw(buffer, 0);
  if (bytes[0] != bytes[LARGE_ARRAYS_BUFFER_BYTES - 1] ||
      memcmp(bytes, bytes + 1, LARGE_ARRAYS_BUFFER_BYTES - 1) != 0) {
    return workload_wrong(arrays->run, "a buffer of bytes is damaged");
  }
  return WORKLOAD_DONE;
}

static enum workload_status replace_buffer(struct large_arrays *arrays, uint64_t operation) {
  struct gc_mutator *mutator = arrays->run->mutator;
  enum workload_status status = check_buffer(arrays);
  gc_handle_set(mutator, arrays->buffer, gc_allocate(mutator, 0, LARGE_ARRAYS_BUFFER_BYTES, 0));
  if (gc_is_null(gc_handle_get(arrays->buffer))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  memset(gc_object_raw(gc_handle_get(arrays->buffer), 0), (int)(operation % 251) + 1,
         LARGE_ARRAYS_BUFFER_BYTES);
  return status;
}

static inline enum workload_status operate_once(struct large_arrays *arrays, uint64_t operation) {
  enum workload_status status = WORKLOAD_DONE;
  if (GC_UNLIKELY(operation % LARGE_ARRAYS_COPY_EVERY == 0)) {
    status = copy_array(arrays);
  }
  if (GC_UNLIKELY(operation % LARGE_ARRAYS_BUFFER_EVERY == 0) && status == WORKLOAD_DONE) {
    status = replace_buffer(arrays, operation);
  }
  uint64_t place = workload_random_below(&arrays->random, arrays->arrays * arrays->length);
  return status == WORKLOAD_DONE ? store(arrays, place, operation, false) : status;
}

static enum workload_status operate(struct large_arrays *arrays) {
  struct workload_run *run = arrays->run;
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t operation = 1; operation <= run->operations && status == WORKLOAD_DONE;
       operation++) {
    status = operate_once(arrays, operation);
    workload_operation_end(run);
    workload_progress_step(run, operation, run->operations);
  }
  return status;
}

static enum workload_status fill(struct large_arrays *arrays) {
  struct gc_mutator *mutator = arrays->run->mutator;
  gc_handle_set(mutator, arrays->table, gc_allocate(mutator, arrays->arrays, 0, 0));
  if (gc_is_null(gc_handle_get(arrays->table))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  for (uint64_t which = 0; which < arrays->arrays; which++) {
    struct gc_ref array = gc_allocate(mutator, arrays->length, 0, 0);
    if (gc_is_null(array)) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    gc_write_field(mutator, gc_handle_get(arrays->table), which, array);
  }
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t place = 0; place < arrays->arrays * arrays->length && status == WORKLOAD_DONE;
       place++) {
    status = store(arrays, place, 0, true);
  }
  return status;
}

static enum workload_status check(struct large_arrays *arrays) {
  struct gc_mutator *mutator = arrays->run->mutator;
  enum workload_status status = check_buffer(arrays);
  for (uint64_t place = 0; place < arrays->arrays * arrays->length && status == WORKLOAD_DONE;
       place++) {
    status = check_item(arrays, place,
                        gc_read_field(mutator, array_of(arrays, place), place % arrays->length));
    workload_poll_step(arrays->run, place);
  }
  return status;
}

static enum workload_status large_arrays_run(struct workload_run *run) {
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  struct large_arrays arrays = {.run = run,
                                .table = gc_handle_push(run->mutator, gc_null()),
                                .from = gc_handle_push(run->mutator, gc_null()),
                                .to = gc_handle_push(run->mutator, gc_null()),
                                .buffer = gc_handle_push(run->mutator, gc_null()),
                                .arrays = workload_integer(run, LARGE_ARRAYS_ARRAYS),
                                .length = workload_integer(run, LARGE_ARRAYS_LENGTH),
                                .random = run->seed};
  enum workload_status status = fill(&arrays);
  if (status == WORKLOAD_DONE) {
    run->operations = workload_integer(run, LARGE_ARRAYS_OPERATIONS);
    workload_timed_begin(run);
    status = operate(&arrays);
    workload_timed_end(run);
  }
  if (status == WORKLOAD_DONE) {
    status = check(&arrays);
  }
  gc_handles_leave(run->mutator, frame);
  return status;
}

WORKLOAD_OPS(large_arrays, large_arrays_run);
