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

static enum workload_status short_lived_trees(struct workload_run *run, uint64_t depth) {
  uint64_t depths = depth / BINARY_TREES_DEPTH_STEP;
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t place = 0; place < depths && status == WORKLOAD_DONE; place++) {
    uint64_t tree_depth = BINARY_TREES_DEPTH_MIN + place * BINARY_TREES_DEPTH_STEP;
    uint64_t trees = binary_trees_tree_count(depth, tree_depth);
    for (uint64_t index = 0; index < trees && status == WORKLOAD_DONE; index++) {
      status = count_tree(run, tree_build((unsigned)tree_depth, 0), tree_depth);
    }
    workload_progress(run, place + 1, depths);
  }
  return status;
}

static enum workload_status binary_trees_run(struct workload_run *run) {
  uint64_t depth = workload_integer(run, BINARY_TREES_DEPTH);
  workload_timed_begin(run);
  enum workload_status status = count_tree(run, tree_build((unsigned)depth + 1, 0), depth + 1);
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
