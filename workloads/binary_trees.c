/* binary_trees: short-lived binary trees, each counted, beside a long-lived one.
 *
 * Work: that of binary-trees in the Computer Language Benchmarks Game (after GCBench), with depths
 * in steps of four: a stretch tree one level deeper than the rest, a long-lived tree, and for each
 * depth as many trees as keep the number of nodes the same.
 */
#include "workloads/binary_trees.h"

#include "workloads/volume.h"

static const struct workload_parameter parameters[BINARY_TREES_PARAMETERS] = {
    [BINARY_TREES_DEPTH] = {"depth", WORKLOAD_INTEGER, "levels", "18", "15", BINARY_TREES_DEPTH_MIN,
                            TREE_DEPTH_MAX - 1,
                            "depth of the long-lived tree; short-lived ones have 4, 8, ... levels "
                            "up to it"},
};

static uint64_t allocation_bytes(const struct workload_input *input) {
  uint64_t depth = input->integers[BINARY_TREES_DEPTH];
  uint64_t nodes = tree_node_count(depth + 1) + tree_node_count(depth);
  for (uint64_t tree_depth = BINARY_TREES_DEPTH_MIN; tree_depth <= depth;
       tree_depth += BINARY_TREES_DEPTH_STEP) {
    nodes += binary_trees_tree_count(depth, tree_depth) * tree_node_count(tree_depth);
  }
  struct volume volume = {0};
  volume_add(&volume, nodes, TREE_SLOTS, BINARY_TREES_NODE_RAW_BYTES);
  return volume_bound_bytes(&volume);
}

const struct workload workload_binary_trees = {
    .name = "binary_trees",
    .summary = "short-lived binary trees, each built bottom-up and counted, beside a long-lived "
               "one: nearly everything dies young",
    .operation = "tree",
    .parameters = parameters,
    .parameter_count = BINARY_TREES_PARAMETERS,
    .allocation_bytes = allocation_bytes,
};
