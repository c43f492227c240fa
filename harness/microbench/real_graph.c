/* From a heap snapshot to a shape. See real_graph.h. */
#include "harness/microbench/real_graph.h"

#include "workloads/heap_graph_plan.h"
#include "workloads/heap_snapshot.h"
#include <errno.h>
#include <gc/object.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pieces of pieces included. */
static size_t pieces_of(size_t slot_count) {
  size_t pieces = 0;
  while (slot_count > REAL_GRAPH_SLOTS_MAX) {
    slot_count = (slot_count + REAL_GRAPH_SLOTS_MAX - 1) / REAL_GRAPH_SLOTS_MAX;
    pieces += slot_count;
  }
  return pieces;
}

/* Gives the node these slots; more than an object may have become slots of pieces first. Overwrites
 * targets. */
static void set_slots(struct real_graph *graph, size_t node, uint32_t *targets, size_t count) {
  while (count > REAL_GRAPH_SLOTS_MAX) {
    size_t pieces = 0;
    for (size_t first = 0; first < count; first += REAL_GRAPH_SLOTS_MAX) {
      size_t left = count - first;
      uint32_t piece = (uint32_t)graph->node_count++;
      set_slots(graph, piece, targets + first,
                left < REAL_GRAPH_SLOTS_MAX ? left : REAL_GRAPH_SLOTS_MAX);
      targets[pieces++] = piece;
    }
    count = pieces;
  }
  graph->nodes[node].first_slot = graph->slot_count;
  graph->nodes[node].slot_count = (uint32_t)count;
  memcpy(graph->slots + graph->slot_count, targets, count * sizeof *targets);
  graph->slot_count += count;
}

static uint32_t raw_bytes_of(const struct heap_snapshot *snapshot, uint32_t node,
                             size_t slot_count) {
  size_t slots_bytes = GC_HEADER_BYTES + slot_count * sizeof(struct gc_ref);
  size_t bytes = heap_graph_object_bytes(snapshot, node);
  bytes = bytes < GC_LARGE_BYTES ? bytes : GC_LARGE_BYTES - GC_GRANULE_BYTES;
  return (uint32_t)(bytes > slots_bytes ? bytes - slots_bytes : 0);
}

static void build(struct real_graph *graph, const struct heap_snapshot *snapshot,
                  const struct heap_graph_plan *plan, uint32_t *targets) {
  graph->root = snapshot->node_count;
  graph->node_count = graph->root + 1;
  for (uint32_t node = 0; node < snapshot->node_count; node++) {
    size_t count = heap_snapshot_edges_of(snapshot, node);
    memcpy(targets, snapshot->edge_to + snapshot->first_edge[node], count * sizeof *targets);
    set_slots(graph, node, targets, count);
    graph->nodes[node].raw_bytes = raw_bytes_of(snapshot, node, graph->nodes[node].slot_count);
  }
  memcpy(targets, plan->order, plan->root_count * sizeof *targets);
  set_slots(graph, graph->root, targets, plan->root_count);
  for (size_t node = 0; node < graph->node_count; node++) {
    graph->object_bytes +=
        gc_object_bytes_for(graph->nodes[node].slot_count, graph->nodes[node].raw_bytes);
  }
}

/* Room for everything, pieces included; false when there is none. */
static bool reserve(struct real_graph *graph, const struct heap_snapshot *snapshot,
                    const struct heap_graph_plan *plan, uint32_t **targets) {
  size_t pieces = pieces_of(plan->root_count), most = plan->root_count;
  for (uint32_t node = 0; node < snapshot->node_count; node++) {
    size_t count = heap_snapshot_edges_of(snapshot, node);
    pieces += pieces_of(count);
    most = count > most ? count : most;
  }
  graph->nodes = calloc(snapshot->node_count + 1 + pieces, sizeof *graph->nodes);
  graph->slots = malloc((snapshot->edge_count + plan->root_count + pieces) * sizeof *graph->slots);
  *targets = malloc((most + 1) * sizeof **targets);
  return graph->nodes != NULL && graph->slots != NULL && *targets != NULL;
}

int real_graph_open(struct real_graph *graph, const char *path, char *error, size_t error_size) {
  struct heap_snapshot snapshot;
  struct heap_graph_plan plan;
  uint32_t *targets = NULL;
  *graph = (struct real_graph){0};
  int status = heap_snapshot_read(path, &snapshot, error, error_size);
  if (status != 0) {
    return status;
  }
  uint64_t heap_bytes = 0;
  for (uint32_t node = 0; node < snapshot.node_count; node++) {
    heap_bytes += heap_graph_object_bytes(&snapshot, node);
  }
  status = heap_graph_plan_make(&snapshot, heap_bytes, &plan);
  if (status == 0) {
    status = reserve(graph, &snapshot, &plan, &targets) ? 0 : -ENOMEM;
    if (status == 0) {
      build(graph, &snapshot, &plan, targets);
    }
    heap_graph_plan_free(&plan);
  }
  heap_snapshot_free(&snapshot);
  free(targets);
  if (status != 0) {
    snprintf(error, error_size, "no memory for the graph of '%s'", path);
    real_graph_close(graph);
  }
  return status;
}

void real_graph_close(struct real_graph *graph) {
  free(graph->nodes);
  free(graph->slots);
  *graph = (struct real_graph){0};
}
