/* gcbench, hot code: builds, drops and keeps trees.
 *
 * Self-check: the long-lived tree and the array at the end of each repetition, and one short-lived
 * tree in 32 and the last of each depth and kind: 5 % of all nodes. Everything is timed, the checks
 * too.
 */
#include "workloads/gcbench.h"

#include "workloads/bookkeeping.h"

enum { TREE_RAW_BYTES = GCBENCH_NODE_RAW_BYTES };
#include "workloads/tree_ops.h"

#include <inttypes.h>
#include <string.h>

enum {
  ARRAY_POLL_DOUBLES = 8192, /* written or read between two polls */
  TREES_PER_CHECK = 32,
};

typedef struct gc_ref tree_builder(struct gc_mutator *mutator, unsigned depth, uint64_t label);

static double array_element(uint64_t index, uint64_t length) {
  return index < length / 2 ? 1.0 / (double)(index + 1) : 0.0;
}

/* The first half is written; the second stays as it was allocated, zero. */
static void array_fill(struct gc_mutator *mutator, struct gc_handle array, uint64_t length) {
  for (uint64_t start = 0; start < length / 2; start += ARRAY_POLL_DOUBLES) {
    double *doubles = gc_object_raw(gc_handle_get(array), 0);
    uint64_t end = start + ARRAY_POLL_DOUBLES;
    for (uint64_t index = start; index < end && index < length / 2; index++) {
      doubles[index] = array_element(index, length);
    }
    gc_poll(mutator);
  }
}

static enum workload_status array_check(struct workload_run *run, struct gc_handle array,
                                        uint64_t length) {
  double sum = 0;
  for (uint64_t start = 0; start < length; start += ARRAY_POLL_DOUBLES) {
    const double *doubles = gc_object_raw(gc_handle_get(array), 0);
    uint64_t end = start + ARRAY_POLL_DOUBLES;
    for (uint64_t index = start; index < end && index < length; index++) {
      if (doubles[index] != array_element(index, length)) {
        return workload_wrong(run, "element %" PRIu64 " of the array is %g, not %g", index,
                              doubles[index], array_element(index, length));
      }
      sum += doubles[index];
    }
    gc_poll(run->mutator);
  }
  uint64_t bits;
  memcpy(&bits, &sum, sizeof bits);
  run->checksum = workload_fold(run->checksum, bits);
  return WORKLOAD_DONE;
}

/* A safepoint: the reference passed in is stale afterwards. */
static enum workload_status tree_check(struct workload_run *run, struct gc_ref tree, uint64_t depth,
                                       uint64_t label) {
  run->checksum = workload_fold(run->checksum, tree_node_label(tree));
  uint64_t count = tree_count(run->mutator, tree, (unsigned)depth, label);
  run->checksum = workload_fold(run->checksum, count);
  if (count != tree_node_count(depth)) {
    return workload_wrong(run,
                          "a tree of depth %" PRIu64 " has %" PRIu64 " right nodes, not %" PRIu64,
                          depth, count, tree_node_count(depth));
  }
  return WORKLOAD_DONE;
}

/* Builds and drops the trees of one depth and kind. */
static enum workload_status short_lived_trees(struct workload_run *run, tree_builder *build,
                                              uint64_t depth) {
  uint64_t trees = gcbench_tree_count(run->input, depth);
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t index = 0; index < trees && status == WORKLOAD_DONE; index++) {
    struct gc_ref tree = build(run->mutator, (unsigned)depth, run->seed + index);
    if (GC_UNLIKELY(gc_is_null(tree))) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    if (index % TREES_PER_CHECK == TREES_PER_CHECK - 1 || index == trees - 1) {
      status = tree_check(run, tree, depth, run->seed + index);
    }
    tree_dispose(run->mutator, tree);
  }
  run->operations += trees;
  return status;
}

static enum workload_status all_short_lived_trees(struct workload_run *run, uint64_t repetition) {
  const uint64_t *values = run->input->integers;
  uint64_t first = values[GCBENCH_DEPTH_MIN];
  uint64_t depths = (values[GCBENCH_DEPTH_MAX] - first) / GCBENCH_DEPTH_STEP + 1;
  for (uint64_t place = 0; place < depths; place++) {
    uint64_t depth = first + place * GCBENCH_DEPTH_STEP;
    enum workload_status status = short_lived_trees(run, tree_build_top_down, depth);
    if (status == WORKLOAD_DONE) {
      status = short_lived_trees(run, tree_build, depth);
    }
    if (status != WORKLOAD_DONE) {
      return status;
    }
    workload_progress(run, repetition * depths + place + 1, values[GCBENCH_REPETITIONS] * depths);
  }
  return WORKLOAD_DONE;
}

/* The stretch tree is dropped before anything else is made. */
static enum workload_status repeat_once(struct workload_run *run, uint64_t repetition) {
  struct gc_mutator *mutator = run->mutator;
  const uint64_t *values = run->input->integers;
  uint64_t long_lived_depth = values[GCBENCH_LONG_LIVED_DEPTH];
  uint64_t length = values[GCBENCH_ARRAY_LENGTH];
  uint64_t label = run->seed + repetition;
  struct gc_ref made = tree_build(mutator, (unsigned)values[GCBENCH_STRETCH_DEPTH], label);
  if (gc_is_null(made)) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  tree_dispose(mutator, made);
  made = tree_build_top_down(mutator, (unsigned)long_lived_depth, label);
  if (gc_is_null(made)) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct gc_handle long_lived = gc_handle_push(mutator, made);
  made = gc_allocate(mutator, 0, length * sizeof(double), 0);
  if (gc_is_null(made)) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct gc_handle array = gc_handle_push(mutator, made);
  array_fill(mutator, array, length);
  run->operations += 2;

  enum workload_status status = all_short_lived_trees(run, repetition);
  if (status == WORKLOAD_DONE) {
    status = tree_check(run, gc_handle_get(long_lived), long_lived_depth, label);
  }
  status = status == WORKLOAD_DONE ? array_check(run, array, length) : status;
  tree_dispose(mutator, gc_handle_get(long_lived));
  gc_dispose(mutator, gc_handle_get(array));
  return status;
}

static enum workload_status gcbench_run(struct workload_run *run) {
  uint64_t repetitions = workload_integer(run, GCBENCH_REPETITIONS);
  enum workload_status status = WORKLOAD_DONE;
  workload_timed_begin(run);
  for (uint64_t repetition = 0; repetition < repetitions && status == WORKLOAD_DONE; repetition++) {
    struct gc_handle_frame frame = gc_handles_enter(run->mutator);
    status = repeat_once(run, repetition);
    gc_handles_leave(run->mutator, frame);
  }
  workload_timed_end(run);
  if (status == WORKLOAD_DONE) {
    workload_note(run, "%" PRIu64 " trees in %" PRIu64 " repetitions", run->operations,
                  repetitions);
  }
  return status;
}

WORKLOAD_OPS(gcbench, gcbench_run);
