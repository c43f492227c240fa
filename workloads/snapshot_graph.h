/* From the numbers of a heap snapshot to its graph: what the fields of a record mean, the checks,
 * and the arrays.
 *
 * Protocol: the names of fields and types and both claimed counts come first, in any order; then
 * snapshot_graph_describe checks them; then the numbers of all nodes and of all edges, list after
 * list, each list closed by its _end function. snapshot_graph_finish hands the result over.
 *
 * Claims are never believed: they are held against the text that the file can hold, the 32 bits of
 * the format and the memory limit before anything is allocated, and arrays grow with what was read.
 */
#ifndef TRICOLOR_WORKLOADS_SNAPSHOT_GRAPH_H
#define TRICOLOR_WORKLOADS_SNAPSHOT_GRAPH_H

#include "workloads/heap_snapshot.h"
#include "workloads/snapshot_fault.h"

enum snapshot_field {
  SNAPSHOT_FIELD_TYPE,
  SNAPSHOT_FIELD_ID,
  SNAPSHOT_FIELD_SELF_SIZE,
  SNAPSHOT_FIELD_EDGE_COUNT,
  SNAPSHOT_FIELD_TO_NODE,
  SNAPSHOT_FIELDS,
  SNAPSHOT_FIELD_IGNORED = SNAPSHOT_FIELDS,
};

enum { SNAPSHOT_RECORD_FIELDS_MAX = 64 };

/* One of the two lists of records: its layout, and how far it has been read. */
struct snapshot_records {
  const char *what;               /* "nodes" or "edges" */
  const char *const *field_names; /* that the list must have; null where it has none */
  uint32_t field_count;
  uint32_t type_count;
  enum snapshot_field fields[SNAPSHOT_RECORD_FIELDS_MAX]; /* in the order of the file */
  uint64_t claimed_count;
  uint64_t record_count; /* begun so far, which may exceed what is claimed and stored */
  uint32_t next_field;   /* place in `fields` of the next number */
  uint32_t capacity;     /* of the arrays, in records */
};

struct snapshot_graph {
  struct snapshot_records nodes, edges;
  uint64_t edge_sum; /* of the nodes' edge counts */
  struct heap_snapshot result;
  struct snapshot_fault *fault;
};

/* The fault is borrowed; every function below that answers false leaves it filled. */
void snapshot_graph_init(struct snapshot_graph *graph, struct snapshot_fault *fault);

/* Frees the arrays, unless snapshot_graph_finish gave them away. */
void snapshot_graph_destroy(struct snapshot_graph *graph);

/* records: &graph->nodes or &graph->edges. */
bool snapshot_graph_add_field(struct snapshot_graph *graph, struct snapshot_records *records,
                              const char *name, size_t length);
bool snapshot_graph_add_type(struct snapshot_graph *graph, struct snapshot_records *records,
                             const char *name, size_t length);
bool snapshot_graph_claim(struct snapshot_graph *graph, struct snapshot_records *records,
                          const char *number, size_t length);

bool snapshot_graph_describe(struct snapshot_graph *graph, uint64_t text_bound_bytes,
                             uint64_t memory_limit_bytes);

/* The next number of the list, as it is written. */
bool snapshot_graph_add_node_number(struct snapshot_graph *graph, const char *number,
                                    size_t length);
bool snapshot_graph_add_edge_number(struct snapshot_graph *graph, const char *number,
                                    size_t length);

bool snapshot_graph_end_nodes(struct snapshot_graph *graph);
bool snapshot_graph_end_edges(struct snapshot_graph *graph);

/* Both lists have ended. The caller owns *result. */
void snapshot_graph_finish(struct snapshot_graph *graph, struct heap_snapshot *result);

#endif
