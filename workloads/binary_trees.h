/* binary_trees: places of its parameters, and how many trees of each depth it builds. */
#ifndef WORKLOADS_BINARY_TREES_H
#define WORKLOADS_BINARY_TREES_H

#include "workloads/tree.h"
#include "workloads/workload.h"

enum binary_trees_parameter { BINARY_TREES_DEPTH, BINARY_TREES_PARAMETERS };

enum {
  BINARY_TREES_DEPTH_MIN = 4,
  BINARY_TREES_DEPTH_STEP = 4,
  BINARY_TREES_NODE_RAW_BYTES = 0,
};

/* tree_depth is at most depth. */
static inline uint64_t binary_trees_tree_count(uint64_t depth, uint64_t tree_depth) {
  return UINT64_C(1) << (depth - tree_depth + BINARY_TREES_DEPTH_MIN);
}

#endif
