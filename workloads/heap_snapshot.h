/* Reading V8 heap snapshots (`.heapsnapshot`): the graph of a real program, without its strings.
 *
 * The file is a JSON object: "snapshot" (meta and counts), "nodes" and "edges" (flat arrays of
 * whole numbers, whose fields meta names), then tables that are skipped, "strings" the largest.
 * Edges are grouped by source in node order. The text may be gzip or Zstandard (snapshot_text.h)
 * and is parsed as it streams by: what is held is the result and a few hundred KiB.
 *
 * Trust: nothing in the file is believed. Claimed counts are held against the file's size, the
 * format's 32-bit limits and the memory limit before anything is allocated; arrays grow with what
 * was truly read; every number is checked. A file that passes is consistent: edge sources and
 * targets exist, counts and sums match.
 *
 * Costs: 13 bytes per node and 5 per edge; about 200 MB of text per second.
 */
#ifndef TRICOLOR_WORKLOADS_HEAP_SNAPSHOT_H
#define TRICOLOR_WORKLOADS_HEAP_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_snapshot {
  uint32_t node_count; /* at least 1; node 0 is the root */
  uint32_t edge_count;
  uint64_t self_size_sum_bytes;

  /* The shape. Node n's edges are first_edge[n] up to, not including, first_edge[n + 1]. */
  uint32_t *self_size_bytes; /* of each node */
  uint32_t *first_edge;      /* of each node, and edge_count at the end */
  uint32_t *edge_to;         /* target node of each edge, an index of nodes */

  /* The labels, null after heap_snapshot_drop_labels. */
  uint32_t *node_id;  /* stable for one object across snapshots of one process */
  uint8_t *node_type; /* index of the file's list of node types */
  uint8_t *edge_type; /* index of the file's list of edge types */
  uint8_t weak_edge_type;
};

/* Reads a snapshot. Returns 0; or a negative errno, with one sentence in error that names the file
 * and says what is wrong, and *snapshot empty. The memory limit is what the process can get. */
int heap_snapshot_read(const char *path, struct heap_snapshot *snapshot, char *error,
                       size_t error_size);

/* The same with a memory limit for the arrays of the result. */
int heap_snapshot_read_within(const char *path, uint64_t memory_limit_bytes,
                              struct heap_snapshot *snapshot, char *error, size_t error_size);

/* Frees what only names things and leaves the shape. */
void heap_snapshot_drop_labels(struct heap_snapshot *snapshot);

/* Frees everything; an empty snapshot is allowed. */
void heap_snapshot_free(struct heap_snapshot *snapshot);

static inline uint32_t heap_snapshot_edges_of(const struct heap_snapshot *snapshot, uint32_t node) {
  return snapshot->first_edge[node + 1] - snapshot->first_edge[node];
}

/* Weak edges do not keep their target alive. Needs the labels. */
static inline bool heap_snapshot_edge_is_weak(const struct heap_snapshot *snapshot, uint32_t edge) {
  return snapshot->edge_type[edge] == snapshot->weak_edge_type;
}

#endif
