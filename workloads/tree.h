/* The size of complete binary trees: what workload descriptions and hot code both need to know. */
#ifndef WORKLOADS_TREE_H
#define WORKLOADS_TREE_H

#include <stdint.h>

/* What a node of every tree here has beside its raw bytes. */
enum { TREE_LEFT, TREE_RIGHT, TREE_SLOTS };

/* Deep enough for 2^27 nodes. */
enum { TREE_DEPTH_MAX = 26 };

static inline uint64_t tree_node_count(uint64_t depth) {
  return (UINT64_C(2) << depth) - 1;
}

#endif
