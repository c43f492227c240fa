/* heap_graph: what its loading half gives to its hot half. */
#ifndef WORKLOADS_HEAP_GRAPH_H
#define WORKLOADS_HEAP_GRAPH_H

#include "workloads/heap_graph_plan.h"
#include "workloads/heap_snapshot.h"
#include "workloads/workload.h"

enum heap_graph_parameter {
  HEAP_GRAPH_FILE,
  HEAP_GRAPH_COPIES,
  HEAP_GRAPH_REQUESTS,
  HEAP_GRAPH_PARAMETERS,
};

enum {
  HEAP_GRAPH_SHORT_LIVED = 40, /* objects that a request allocates and drops */
  HEAP_GRAPH_REWIRES = 2,      /* references that a request changes */
  HEAP_GRAPH_CLONE_EVERY = 8,  /* requests from one that clones to the next */
  HEAP_GRAPH_QUANTILES = 4096,
  HEAP_GRAPH_LINK_SLOTS = 1, /* of a short-lived object: the one allocated before it */
};

struct heap_graph {
  struct heap_snapshot snapshot; /* without labels */
  struct heap_graph_plan plan;
  uint64_t heap_bytes; /* of the objects of one copy */

  /* Sizes of short-lived objects: quantiles of the sizes of the graph's objects that are not large,
   * in granules. */
  uint16_t quantile_granules[HEAP_GRAPH_QUANTILES];
};

static inline size_t heap_graph_raw_bytes(const struct heap_snapshot *snapshot, uint32_t node) {
  return heap_graph_object_bytes(snapshot, node) - GC_HEADER_BYTES -
         heap_snapshot_edges_of(snapshot, node) * sizeof(struct gc_ref);
}

#endif
