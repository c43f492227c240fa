/* binary_trees, native: workloads/binary_trees_ops.c in C. The self-check is that one's. */
#include "workloads/binary_trees.h"

#include <stdint.h>

struct node {
  struct node *children[TREE_SLOTS];
};

enum { TREE_HAS_LABEL = 0 };

static inline void tree_node_set_label(struct node *node, uint64_t label) {
  (void)node;
  (void)label;
}

static inline uint64_t tree_node_label(const struct node *node) {
  (void)node;
  return 0;
}

#include "harness/native/native_tree.h"

/* And drops it. */
static enum workload_status count_tree(struct workload_run *run, struct node *tree,
                                       uint64_t depth) {
  uint64_t count = tree_count(tree, (unsigned)depth, 0);
  run->checksum = workload_fold(run->checksum, count);
  run->operations++;
  if (GC_UNLIKELY(count != tree_node_count(depth))) {
    return tree_is_wrong(run, depth, count);
  }
  tree_free(tree);
  return WORKLOAD_DONE;
}

/* In a frame of its own, so that what is left of the pointer is overwritten by the next tree's: a
 * conservative collector keeps what the stack seems to refer to. */
static __attribute__((noinline)) enum workload_status build_and_count(struct workload_run *run,
                                                                      uint64_t depth) {
  return count_tree(run, tree_build((unsigned)depth, 0), depth);
}

static enum workload_status short_lived_trees(struct workload_run *run, uint64_t depth) {
  uint64_t depths = depth / BINARY_TREES_DEPTH_STEP;
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t place = 0; place < depths && status == WORKLOAD_DONE; place++) {
    uint64_t tree_depth = BINARY_TREES_DEPTH_MIN + place * BINARY_TREES_DEPTH_STEP;
    uint64_t trees = binary_trees_tree_count(depth, tree_depth);
    for (uint64_t index = 0; index < trees && status == WORKLOAD_DONE; index++) {
      status = build_and_count(run, tree_depth);
    }
    workload_progress(run, place + 1, depths);
  }
  return status;
}

static enum workload_status binary_trees_run(struct workload_run *run) {
  uint64_t depth = workload_integer(run, BINARY_TREES_DEPTH);
  workload_timed_begin(run);
  enum workload_status status = build_and_count(run, depth + 1);
  if (status == WORKLOAD_DONE) {
    struct node *long_lived = tree_build((unsigned)depth, 0);
    status = short_lived_trees(run, depth);
    if (status == WORKLOAD_DONE) {
      status = count_tree(run, long_lived, depth);
    }
  }
  workload_timed_end(run);
  return status;
}

NATIVE_PORT_DEFINE(binary_trees, binary_trees_run);
