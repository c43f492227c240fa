/* gcbench: places of its parameters, and how many trees of each depth it builds. */
#ifndef WORKLOADS_GCBENCH_H
#define WORKLOADS_GCBENCH_H

#include "workloads/tree.h"
#include "workloads/workload.h"

enum gcbench_parameter {
  GCBENCH_REPETITIONS,
  GCBENCH_STRETCH_DEPTH,
  GCBENCH_LONG_LIVED_DEPTH,
  GCBENCH_ARRAY_LENGTH,
  GCBENCH_DEPTH_MIN,
  GCBENCH_DEPTH_MAX,
  GCBENCH_PARAMETERS
};

enum { GCBENCH_DEPTH_STEP = 2, GCBENCH_NODE_RAW_BYTES = 8 };

/* Of either kind, bottom-up and top-down: as many as make twice the nodes of the stretch tree. */
static inline uint64_t gcbench_tree_count(const struct workload_input *input, uint64_t depth) {
  return 2 * tree_node_count(input->integers[GCBENCH_STRETCH_DEPTH]) / tree_node_count(depth);
}

#endif
