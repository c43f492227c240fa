/* heap_graph, hot code in two parts: building and checking the graph, which is in this file, and
 * the requests, in heap_graph_ops.c.
 *
 * Every object names its node: the first raw word holds a stamp of copy and node, each further one
 * the stamp plus its place. Objects without raw bytes are known by what refers to them and by what
 * they refer to.
 *
 * An index, an array of references to all nodes of one copy, exists while a copy is built and while
 * it is checked.
 *
 * Safepoints: functions that take an index or allocate are safepoints, at least every PIECE slots
 * or raw words; the others are none.
 */
#ifndef WORKLOADS_HEAP_GRAPH_OPS_H
#define WORKLOADS_HEAP_GRAPH_OPS_H

#include "workloads/bookkeeping.h"
#include "workloads/heap_graph.h"

#include <inttypes.h>

enum { PIECE = 4096 }; /* slots or raw words from one poll to the next */

struct graph_run {
  struct workload_run *run;
  struct gc_mutator *mutator;
  const struct heap_graph *graph;
  uint64_t copies;
  struct gc_handle roots; /* an array: the roots of copy 0, of copy 1, ... */

  /* For each copy, the node that each reference of plan.rewires leads to now. */
  uint32_t *rewired;
  uint64_t random;       /* state of the generator of all that requests choose */
  uint64_t next_subtree; /* to be cloned; those of copy 0, of copy 1, ... */
  uint64_t clone_count;  /* of objects */

  /* Of the subtrees that are being cloned, in the order of their members. */
  struct gc_handle originals[HEAP_GRAPH_CLONE_NODES_MAX];
  struct gc_handle clones[HEAP_GRAPH_CLONE_NODES_MAX];
  uint16_t places[2048]; /* hash table: node to its number among them plus 1, 0 for free */
};

_Static_assert(sizeof((struct graph_run *)0)->places / sizeof(uint16_t) >
                   2 * HEAP_GRAPH_CLONE_NODES_MAX,
               "the hash table is at most half full");

static inline uint64_t stamp_of(uint64_t copy, uint32_t node) {
  return (copy << 32 | node) * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

static inline uint32_t *rewired_of(const struct graph_run *graph_run, uint64_t copy) {
  return graph_run->rewired + copy * graph_run->graph->plan.rewire_count;
}

static inline struct gc_ref index_get(const struct graph_run *graph_run, struct gc_handle index,
                                      uint32_t node) {
  return gc_read_field(graph_run->mutator, gc_handle_get(index), node);
}

/* ---- building -------------------------------------------------------------------------------*/

static void fill_raw(const struct graph_run *graph_run, struct gc_handle index, uint32_t node,
                     uint64_t stamp) {
  const struct heap_snapshot *snapshot = &graph_run->graph->snapshot;
  size_t slot_count = heap_snapshot_edges_of(snapshot, node);
  size_t word_count = heap_graph_raw_bytes(snapshot, node) / sizeof(uint64_t);
  for (size_t start = 0; start < word_count; start += PIECE) {
    uint64_t *words = gc_object_raw(index_get(graph_run, index, node), slot_count);
    for (size_t word = start; word < word_count && word < start + PIECE; word++) {
      words[word] = stamp + word;
    }
    gc_poll(graph_run->mutator);
  }
}

static enum workload_status allocate_nodes(const struct graph_run *graph_run,
                                           struct gc_handle index, uint64_t copy) {
  const struct heap_snapshot *snapshot = &graph_run->graph->snapshot;
  for (uint32_t node = 0; node < snapshot->node_count; node++) {
    struct gc_ref object = gc_allocate(graph_run->mutator, heap_snapshot_edges_of(snapshot, node),
                                       heap_graph_raw_bytes(snapshot, node), 0);
    if (GC_UNLIKELY(gc_is_null(object))) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    gc_write_field(graph_run->mutator, gc_handle_get(index), node, object);
    fill_raw(graph_run, index, node, stamp_of(copy, node));
  }
  return WORKLOAD_DONE;
}

static void link_nodes(const struct graph_run *graph_run, struct gc_handle index) {
  const struct heap_snapshot *snapshot = &graph_run->graph->snapshot;
  for (uint32_t node = 0; node < snapshot->node_count; node++) {
    const uint32_t *targets = snapshot->edge_to + snapshot->first_edge[node];
    uint32_t edges = heap_snapshot_edges_of(snapshot, node);
    for (uint32_t start = 0; start < edges; start += PIECE) {
      struct gc_ref src = index_get(graph_run, index, node);
      for (uint32_t slot = start; slot < edges && slot - start < PIECE; slot++) {
        gc_write_field(graph_run->mutator, src, slot, index_get(graph_run, index, targets[slot]));
      }
      gc_poll(graph_run->mutator);
    }
  }
}

static void hold_roots(const struct graph_run *graph_run, struct gc_handle index, uint64_t copy) {
  const struct heap_graph_plan *plan = &graph_run->graph->plan;
  for (uint32_t root = 0; root < plan->root_count; root++) {
    gc_write_field(graph_run->mutator, gc_handle_get(graph_run->roots),
                   copy * plan->root_count + root, index_get(graph_run, index, plan->order[root]));
    gc_poll(graph_run->mutator);
  }
}

/* ---- checking -------------------------------------------------------------------------------*/

static enum workload_status check_shape(const struct graph_run *graph_run, struct gc_handle index,
                                        uint32_t node) {
  const struct heap_snapshot *snapshot = &graph_run->graph->snapshot;
  struct gc_ref object = index_get(graph_run, index, node);
  if (GC_UNLIKELY(gc_is_null(object))) {
    return workload_wrong(graph_run->run, "node %" PRIu32 " is missing", node);
  }
  uint32_t edges = heap_snapshot_edges_of(snapshot, node);
  uint64_t bytes = heap_graph_object_bytes(snapshot, node);
  if (GC_UNLIKELY(gc_object_slot_count(object) != edges || gc_object_size_bytes(object) != bytes)) {
    return workload_wrong(
        graph_run->run,
        "node %" PRIu32 " has %zu references in %zu bytes, not %" PRIu32 " in %" PRIu64, node,
        gc_object_slot_count(object), gc_object_size_bytes(object), edges, bytes);
  }
  return WORKLOAD_DONE;
}

static enum workload_status check_raw(const struct graph_run *graph_run, struct gc_handle index,
                                      uint32_t node, uint64_t stamp) {
  const struct heap_snapshot *snapshot = &graph_run->graph->snapshot;
  size_t slot_count = heap_snapshot_edges_of(snapshot, node);
  size_t word_count = heap_graph_raw_bytes(snapshot, node) / sizeof(uint64_t);
  for (size_t start = 0; start < word_count; start += PIECE) {
    const uint64_t *words = gc_object_raw(index_get(graph_run, index, node), slot_count);
    for (size_t word = start; word < word_count && word < start + PIECE; word++) {
      if (GC_UNLIKELY(words[word] != stamp + word)) {
        return workload_wrong(graph_run->run, "raw word %zu of node %" PRIu32 " is damaged", word,
                              node);
      }
    }
    gc_poll(graph_run->mutator);
  }
  return WORKLOAD_DONE;
}

/* *rewire is the number of the first rewirable reference at or after this node's, and is left at
 * the first one after them. */
static enum workload_status check_references(const struct graph_run *graph_run,
                                             struct gc_handle index, uint32_t node, uint64_t copy,
                                             uint32_t *rewire) {
  const struct heap_snapshot *snapshot = &graph_run->graph->snapshot;
  const struct heap_graph_plan *plan = &graph_run->graph->plan;
  const uint32_t *targets = snapshot->edge_to + snapshot->first_edge[node];
  uint32_t edges = heap_snapshot_edges_of(snapshot, node);
  for (uint32_t start = 0; start < edges; start += PIECE) {
    struct gc_ref src = index_get(graph_run, index, node);
    for (uint32_t slot = start; slot < edges && slot - start < PIECE; slot++) {
      uint32_t target = targets[slot];
      if (*rewire < plan->rewire_count && plan->rewires[*rewire].source == node &&
          plan->rewires[*rewire].slot == slot) {
        target = rewired_of(graph_run, copy)[(*rewire)++];
      }
      if (GC_UNLIKELY(!gc_ref_equal(graph_run->mutator,
                                    gc_read_field(graph_run->mutator, src, slot),
                                    index_get(graph_run, index, target)))) {
        return workload_wrong(graph_run->run,
                              "reference %" PRIu32 " of node %" PRIu32
                              " does not lead to node %" PRIu32,
                              slot, node, target);
      }
    }
    gc_poll(graph_run->mutator);
  }
  return WORKLOAD_DONE;
}

/* Every node and every reference of one copy, as they should be now. */
static enum workload_status check_copy(const struct graph_run *graph_run, struct gc_handle index,
                                       uint64_t copy) {
  const struct heap_snapshot *snapshot = &graph_run->graph->snapshot;
  struct workload_run *run = graph_run->run;
  enum workload_status status = WORKLOAD_DONE;
  uint32_t rewire = 0;
  for (uint32_t node = 0; node < snapshot->node_count && status == WORKLOAD_DONE; node++) {
    uint64_t stamp = stamp_of(copy, node);
    status = check_shape(graph_run, index, node);
    if (GC_LIKELY(status == WORKLOAD_DONE)) {
      status = check_raw(graph_run, index, node, stamp);
    }
    if (GC_LIKELY(status == WORKLOAD_DONE)) {
      status = check_references(graph_run, index, node, copy, &rewire);
    }
    run->checksum = workload_fold(run->checksum, stamp);
  }
  return status;
}

/* ---- all copies -----------------------------------------------------------------------------*/

/* A handle of an index of nulls; its reference is null when the heap is exhausted. */
static inline struct gc_handle index_create(const struct graph_run *graph_run) {
  struct gc_ref index =
      gc_allocate(graph_run->mutator, graph_run->graph->snapshot.node_count, 0, 0);
  return gc_handle_push(graph_run->mutator, index);
}

static inline enum workload_status build_copy(const struct graph_run *graph_run,
                                              struct gc_handle index, uint64_t copy) {
  enum workload_status status = allocate_nodes(graph_run, index, copy);
  if (status == WORKLOAD_DONE) {
    link_nodes(graph_run, index);
    hold_roots(graph_run, index, copy);
    status = check_copy(graph_run, index, copy);
  }
  return status;
}

static inline enum workload_status build_all(const struct graph_run *graph_run) {
  struct gc_handle_frame frame = gc_handles_enter(graph_run->mutator);
  struct gc_handle index = index_create(graph_run);
  enum workload_status status =
      gc_is_null(gc_handle_get(index)) ? WORKLOAD_OUT_OF_MEMORY : WORKLOAD_DONE;
  for (uint64_t copy = 0; copy < graph_run->copies && status == WORKLOAD_DONE; copy++) {
    status = build_copy(graph_run, index, copy);
  }
  gc_handles_leave(graph_run->mutator, frame);
  return status;
}

/* Fills an index with what the tree leads to now. */
static inline void index_by_tree(const struct graph_run *graph_run, struct gc_handle index,
                                 uint64_t copy) {
  const struct heap_graph_plan *plan = &graph_run->graph->plan;
  for (uint32_t i = 0; i < graph_run->graph->snapshot.node_count; i++) {
    uint32_t node = plan->order[i];
    struct heap_graph_link link = plan->links[node];
    bool is_root = link.parent == HEAP_GRAPH_NO_PARENT;
    struct gc_ref parent =
        is_root ? gc_handle_get(graph_run->roots) : index_get(graph_run, index, link.parent);
    size_t slot = is_root ? copy * plan->root_count + link.slot : link.slot;
    struct gc_ref object =
        gc_is_null(parent) ? gc_null() : gc_read_field(graph_run->mutator, parent, slot);
    gc_write_field(graph_run->mutator, gc_handle_get(index), node, object);
    workload_poll_step(graph_run->run, i);
  }
}

static inline enum workload_status check_all(const struct graph_run *graph_run) {
  struct gc_handle_frame frame = gc_handles_enter(graph_run->mutator);
  struct gc_handle index = index_create(graph_run);
  enum workload_status status =
      gc_is_null(gc_handle_get(index)) ? WORKLOAD_OUT_OF_MEMORY : WORKLOAD_DONE;
  for (uint64_t copy = 0; copy < graph_run->copies && status == WORKLOAD_DONE; copy++) {
    index_by_tree(graph_run, index, copy);
    status = check_copy(graph_run, index, copy);
  }
  gc_handles_leave(graph_run->mutator, frame);
  return status;
}

#endif
