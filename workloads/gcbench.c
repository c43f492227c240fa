/* gcbench: binary trees of many sizes and lifetimes, beside a long-lived tree and a large array.
 *
 * Work: that of GCBench (John Ellis and Pete Kovac, extended by Hans Boehm). The largest tree is
 * built and dropped first, which stretches the heap. Short-lived trees are built bottom-up (young
 * objects point to older ones) and top-down (stores into objects that may have been promoted).
 */
#include "workloads/gcbench.h"

#include "workloads/volume.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static const struct workload_parameter parameters[GCBENCH_PARAMETERS] = {
    [GCBENCH_REPETITIONS] = {"repetitions", WORKLOAD_INTEGER, "", "3", "1", 1, 1000000,
                             "how often everything is done"},
    [GCBENCH_STRETCH_DEPTH] = {"stretch_depth", WORKLOAD_INTEGER, "levels", "18", "16", 0,
                               TREE_DEPTH_MAX,
                               "depth of the tree that is built and dropped first; short-lived "
                               "trees of each depth have twice its nodes together"},
    [GCBENCH_LONG_LIVED_DEPTH] = {"long_lived_depth", WORKLOAD_INTEGER, "levels", "16", "14", 0,
                                  TREE_DEPTH_MAX, "depth of the tree that lives through it all"},
    [GCBENCH_ARRAY_LENGTH] = {"array_length", WORKLOAD_INTEGER, "doubles", "500000", "125000", 2,
                              UINT64_C(1) << 32, "length of the array that lives through it all"},
    [GCBENCH_DEPTH_MIN] = {"min_depth", WORKLOAD_INTEGER, "levels", "4", NULL, 0, TREE_DEPTH_MAX,
                           "depth of the smallest short-lived trees"},
    [GCBENCH_DEPTH_MAX] = {"max_depth", WORKLOAD_INTEGER, "levels", "16", "14", 0, TREE_DEPTH_MAX,
                           "depth of the largest short-lived trees; sizes go up by two levels"},
};

static int prepare(struct workload_input *input, char *error, size_t error_size) {
  uint64_t depth_min = input->integers[GCBENCH_DEPTH_MIN];
  uint64_t depth_max = input->integers[GCBENCH_DEPTH_MAX];
  if (depth_min > depth_max) {
    snprintf(error, error_size,
             "gcbench: min_depth (%" PRIu64 ") is greater than max_depth (%" PRIu64 ")", depth_min,
             depth_max);
    return -EINVAL;
  }
  return 0;
}

static uint64_t allocation_bytes(const struct workload_input *input) {
  const uint64_t *values = input->integers;
  uint64_t nodes = tree_node_count(values[GCBENCH_STRETCH_DEPTH]) +
                   tree_node_count(values[GCBENCH_LONG_LIVED_DEPTH]);
  for (uint64_t depth = values[GCBENCH_DEPTH_MIN]; depth <= values[GCBENCH_DEPTH_MAX];
       depth += GCBENCH_DEPTH_STEP) {
    nodes += 2 * gcbench_tree_count(input, depth) * tree_node_count(depth);
  }
  uint64_t repetitions = values[GCBENCH_REPETITIONS];
  struct volume volume = {0};
  volume_add(&volume, repetitions * nodes, TREE_SLOTS, GCBENCH_NODE_RAW_BYTES);
  volume_add(&volume, repetitions, 0, values[GCBENCH_ARRAY_LENGTH] * sizeof(double));
  return volume_bound_bytes(&volume);
}

const struct workload workload_gcbench = {
    .name = "gcbench",
    .summary = "short-lived binary trees of seven sizes beside a long-lived tree and an array: "
               "mixed lifetimes, few old-to-young stores",
    .operation = "tree",
    .parameters = parameters,
    .parameter_count = GCBENCH_PARAMETERS,
    .prepare = prepare,
    .allocation_bytes = allocation_bytes,
};
