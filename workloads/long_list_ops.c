/* long_list, hot code. Self-check: the number of every node that is taken away, and of all that are
 * left at the end.
 */
#include "workloads/long_list.h"

#include "workloads/bookkeeping.h"

#include <inttypes.h>

struct long_list {
  struct workload_run *run;
  struct gc_handle oldest, newest;
  uint64_t appended, taken;
};

static inline struct long_list_node *node_at(struct gc_ref node) {
  return gc_ref_address(node);
}

static inline enum workload_status append(struct long_list *list) {
  struct gc_mutator *mutator = list->run->mutator;
  struct gc_ref node = gc_allocate(mutator, LONG_LIST_SLOTS, LONG_LIST_RAW_BYTES, 0);
  if (GC_UNLIKELY(gc_is_null(node))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  node_at(node)->number = list->appended;
  if (list->appended == 0) {
    gc_handle_set(mutator, list->oldest, node);
  } else {
    gc_write_field(mutator, gc_handle_get(list->newest), LONG_LIST_NEXT, node);
  }
  gc_handle_set(mutator, list->newest, node);
  list->appended++;
  return WORKLOAD_DONE;
}

/* No safepoint. */
static inline enum workload_status take(struct long_list *list) {
  struct workload_run *run = list->run;
  struct gc_ref node = gc_handle_get(list->oldest);
  uint64_t number = node_at(node)->number;
  if (GC_UNLIKELY(number != list->taken)) {
    return workload_wrong(run, "node %" PRIu64 " says that it is %" PRIu64, list->taken, number);
  }
  run->checksum = workload_fold(run->checksum, number);
  list->taken++;
  gc_handle_set(run->mutator, list->oldest, gc_read_field(run->mutator, node, LONG_LIST_NEXT));
  gc_dispose(run->mutator, node);
  return WORKLOAD_DONE;
}

static enum workload_status operate(struct long_list *list) {
  struct workload_run *run = list->run;
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t operation = 0; operation < run->operations && status == WORKLOAD_DONE;
       operation++) {
    status = append(list);
    if (status == WORKLOAD_DONE) {
      status = take(list);
    }
    workload_operation_end(run);
    workload_progress_step(run, operation, run->operations);
  }
  return status;
}

static enum workload_status check(struct long_list *list) {
  enum workload_status status = WORKLOAD_DONE;
  while (list->taken < list->appended && status == WORKLOAD_DONE) {
    workload_poll_step(list->run, list->taken);
    if (gc_is_null(gc_handle_get(list->oldest))) {
      return workload_wrong(list->run, "the list ends before node %" PRIu64, list->taken);
    }
    status = take(list);
  }
  return status;
}

static enum workload_status long_list_run(struct workload_run *run) {
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  struct long_list list = {.run = run,
                           .oldest = gc_handle_push(run->mutator, gc_null()),
                           .newest = gc_handle_push(run->mutator, gc_null())};
  enum workload_status status = WORKLOAD_DONE;
  while (list.appended < workload_integer(run, LONG_LIST_NODES) && status == WORKLOAD_DONE) {
    status = append(&list);
  }
  if (status == WORKLOAD_DONE) {
    run->operations = workload_integer(run, LONG_LIST_OPERATIONS);
    workload_timed_begin(run);
    status = operate(&list);
    workload_timed_end(run);
  }
  if (status == WORKLOAD_DONE) {
    status = check(&list);
  }
  gc_handles_leave(run->mutator, frame);
  return status;
}

WORKLOAD_OPS(long_list, long_list_run);
