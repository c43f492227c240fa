/* binary_trees, hot code: builds, counts and drops trees.
 *
 * Self-check: the count of every tree. Everything is timed: counting is the work.
 */
#include "workloads/binary_trees.h"

#include "workloads/bookkeeping.h"

enum { TREE_RAW_BYTES = BINARY_TREES_NODE_RAW_BYTES };
#include "workloads/tree_ops.h"

#include <inttypes.h>

/* Reports of progress while the trees of one depth are built, of which there are 2^4 or more. */
enum { REPORTS_PER_DEPTH = 16 };

/* And drops the tree. A safepoint. */
static enum workload_status count_tree(struct workload_run *run, struct gc_ref tree,
                                       uint64_t depth) {
  uint64_t count = tree_count(run->mutator, tree, (unsigned)depth, 0);
  run->checksum = workload_fold(run->checksum, count);
  run->operations++;
  if (GC_UNLIKELY(count != tree_node_count(depth))) {
    return workload_wrong(run,
                          "a tree of depth %" PRIu64 " has %" PRIu64 " right nodes, not %" PRIu64,
                          depth, count, tree_node_count(depth));
  }
  tree_dispose(run->mutator, tree);
  return WORKLOAD_DONE;
}

static enum workload_status build_and_count(struct workload_run *run, uint64_t depth) {
  struct gc_ref tree = tree_build(run->mutator, (unsigned)depth, 0);
  return GC_UNLIKELY(gc_is_null(tree)) ? WORKLOAD_OUT_OF_MEMORY : count_tree(run, tree, depth);
}

static enum workload_status short_lived_trees(struct workload_run *run, uint64_t depth) {
  uint64_t depths = depth / BINARY_TREES_DEPTH_STEP; /* 4 is both the first and the step */
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t place = 0; place < depths; place++) {
    uint64_t tree_depth = BINARY_TREES_DEPTH_MIN + place * BINARY_TREES_DEPTH_STEP;
    uint64_t trees = binary_trees_tree_count(depth, tree_depth);
    for (uint64_t index = 0; index < trees && status == WORKLOAD_DONE; index++) {
      status = build_and_count(run, tree_depth);
      if ((index & (trees / REPORTS_PER_DEPTH - 1)) == 0) {
        workload_progress(run, place * trees + index, depths * trees);
      }
    }
  }
  return status;
}

static enum workload_status run_trees(struct workload_run *run) {
  uint64_t depth = workload_integer(run, BINARY_TREES_DEPTH);
  enum workload_status status = build_and_count(run, depth + 1);
  if (status != WORKLOAD_DONE) {
    return status;
  }
  struct gc_ref made = tree_build(run->mutator, (unsigned)depth, 0);
  if (gc_is_null(made)) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct gc_handle long_lived = gc_handle_push(run->mutator, made);
  status = short_lived_trees(run, depth);
  return status == WORKLOAD_DONE ? count_tree(run, gc_handle_get(long_lived), depth) : status;
}

static enum workload_status binary_trees_run(struct workload_run *run) {
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  workload_timed_begin(run);
  enum workload_status status = run_trees(run);
  workload_timed_end(run);
  gc_handles_leave(run->mutator, frame);
  if (status == WORKLOAD_DONE) {
    workload_note(run, "%" PRIu64 " trees", run->operations);
  }
  return status;
}

WORKLOAD_OPS(binary_trees, binary_trees_run);
