/* graph_mutate: places of its parameters and the shapes of its objects. */
#ifndef WORKLOADS_GRAPH_MUTATE_H
#define WORKLOADS_GRAPH_MUTATE_H

#include "workloads/workload.h"

enum graph_mutate_parameter {
  GRAPH_MUTATE_NODES,
  GRAPH_MUTATE_OPERATIONS,
  GRAPH_MUTATE_CHAIN,
  GRAPH_MUTATE_REPLACE_EVERY,
  GRAPH_MUTATE_PARAMETERS
};

enum { GRAPH_LEFT, GRAPH_RIGHT, GRAPH_RANDOM, GRAPH_SLOTS };

struct graph_node {
  uint64_t gc_header;
  struct gc_ref slots[GRAPH_SLOTS];
  uint32_t id;        /* its place: its children are 2 * id + 1 and 2 * id + 2 */
  uint32_t random_id; /* id of the node that the random edge leads to */
};

enum { GRAPH_NODE_RAW_BYTES = sizeof(struct graph_node) - offsetof(struct graph_node, id) };

_Static_assert(GRAPH_NODE_RAW_BYTES == 8, "the size that other systems were measured with");

/* Nodes that one chunk refers to: 512 KiB of references, a large object. */
enum { GRAPH_CHUNK_NODES_LOG2 = 16, GRAPH_CHUNK_NODES = 1 << GRAPH_CHUNK_NODES_LOG2 };

static inline uint64_t graph_chunk_count(uint64_t nodes) {
  return (nodes + GRAPH_CHUNK_NODES - 1) >> GRAPH_CHUNK_NODES_LOG2;
}

/* The last chunk is as long as it must be. */
static inline uint64_t graph_chunk_length(uint64_t nodes, uint64_t chunk) {
  uint64_t first = chunk << GRAPH_CHUNK_NODES_LOG2;
  return nodes - first < GRAPH_CHUNK_NODES ? nodes - first : GRAPH_CHUNK_NODES;
}

#endif
