/* The graph of a real program as a shape: objects of the sizes and references of a heap snapshot, to
 * be laid out in bare memory or in a heap.
 *
 * Every object is a small one, so that what is measured is one loop: references of a node with more
 * than REAL_GRAPH_SLOTS_MAX of them hang from pieces of it, and raw bytes end below the size of
 * large objects. One node more refers to all roots. Objects lie in the snapshot's order, pieces
 * behind them.
 */
#ifndef HARNESS_MICROBENCH_REAL_GRAPH_H
#define HARNESS_MICROBENCH_REAL_GRAPH_H

#include <stddef.h>
#include <stdint.h>

enum { REAL_GRAPH_SLOTS_MAX = 512 };

struct real_node {
  size_t first_slot;
  uint32_t slot_count, raw_bytes;
};

struct real_graph {
  struct real_node *nodes;
  uint32_t *slots; /* numbers of nodes */
  size_t node_count, slot_count;
  size_t root;
  size_t object_bytes; /* of all nodes as objects */
};

/* 0; or a negative errno, with the graph empty and a sentence in error. */
int real_graph_open(struct real_graph *graph, const char *path, char *error, size_t error_size);
void real_graph_close(struct real_graph *graph);

#endif
