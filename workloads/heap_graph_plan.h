/* What the workload heap_graph may do to a graph without changing which nodes are reachable.
 *
 * Requests rewire references and replace subtrees, yet the live size has to stay what the snapshot
 * says. The plan makes that true by construction instead of by repair:
 *
 *  - `tree-stays`: a spanning tree from the roots is chosen, and no reference of the tree is ever
 *    rewired. So every node stays reachable whatever happens to the other references, and every
 *    node has a path by which a request finds it without an index.
 *  - `closed-subtree`: a subtree that may be replaced by a clone is entered from outside by one
 *    reference, the tree's reference to its top. Nothing is rewired to point into it. So storing
 *    the clone's top into that one slot drops the original whole.
 *
 * The roots are node 0 and a smallest set of nodes that reaches the rest.
 */
#ifndef TRICOLOR_WORKLOADS_HEAP_GRAPH_PLAN_H
#define TRICOLOR_WORKLOADS_HEAP_GRAPH_PLAN_H

#include "workloads/heap_snapshot.h"

#define HEAP_GRAPH_NO_PARENT UINT32_MAX

enum {
  HEAP_GRAPH_DEPTH_MAX = 128,        /* of nodes that requests go to: the longest path they walk */
  HEAP_GRAPH_CLONE_NODES_MAX = 1000, /* that one request clones */
  HEAP_GRAPH_GROUP_NODES = 250,      /* subtrees are cloned together up to so many */
  HEAP_GRAPH_CLONE_BYTES_MAX = 1 << 20,
  HEAP_GRAPH_CLONE_SHARE = 64, /* nor may it take more than this part of the graph's bytes */
};

/* How the tree reaches a node: slot `slot` of node `parent`. A root has no parent, and `slot` is
 * its number among the roots. */
struct heap_graph_link {
  uint32_t parent;
  uint32_t slot;
};

struct heap_graph_edge {
  uint32_t source;
  uint32_t slot;
};

struct heap_graph_plan {
  uint32_t *order; /* all nodes, by distance from the roots: the roots first, parents before
                      children */
  uint32_t root_count;
  struct heap_graph_link *links; /* of each node */

  /* References that may be rewired, and nodes they may be rewired to; both may be a sample. Without
   * targets a reference may only be stored again as it is. Sorted by source and slot. */
  struct heap_graph_edge *rewires;
  uint32_t rewire_count;
  uint32_t *targets;
  uint32_t target_count;

  /* Disjoint closed subtrees, neighbours in the tree beside each other. The members of subtree s
   * are members[subtrees[s]] up to, not including, members[subtrees[s + 1]]: the top first, parents
   * before children. */
  uint32_t *members;
  uint32_t *subtrees;
  uint32_t subtree_count;

  /* The subtrees from s up to, not including, group_ends[s] are cloned together: as many as
   * HEAP_GRAPH_GROUP_NODES allows, or one that is larger. */
  uint32_t *group_ends;
  uint32_t group_count;                     /* from subtree 0 to the last */
  uint64_t subtrees_bytes, group_max_bytes; /* of all subtrees; of the largest group */
};

/* Bytes that the node takes as a heap object: its self size, but never less than the smallest
 * object or than its references need. */
static inline uint64_t heap_graph_object_bytes(const struct heap_snapshot *graph, uint32_t node) {
  uint64_t self_size_bytes = ((uint64_t)graph->self_size_bytes[node] + 7) & ~UINT64_C(7);
  uint64_t references_bytes = 8 + UINT64_C(8) * heap_snapshot_edges_of(graph, node);
  uint64_t larger = self_size_bytes > references_bytes ? self_size_bytes : references_bytes;
  return larger < 16 ? 16 : larger;
}

/* Returns 0, or -ENOMEM and an empty plan. heap_bytes is the sum over all nodes. */
int heap_graph_plan_make(const struct heap_snapshot *graph, uint64_t heap_bytes,
                         struct heap_graph_plan *plan);
void heap_graph_plan_free(struct heap_graph_plan *plan);

#endif
