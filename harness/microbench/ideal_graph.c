/* The graphs that the kernels trace: a tree in depth-first order, the same tree scattered, a random
 * graph.
 *
 * The tree over n nodes gives its root's two subtrees (n - 1) / 2 nodes each, one of them one more
 * where that does not divide; numbering nodes in depth-first order, the left child of node i is i
 * + 1. In memory a node lies at its number, or at a random permutation of it.
 *
 * Every node is reachable in every layout, so what a kernel must visit is known without asking
 * another kernel. The random graph keeps the scattered tree's edges for that reason and adds one
 * edge per node to a random node: each node is found twice on average, which is what makes it the
 * expensive one.
 */
#include "harness/microbench/ideal_kernels.h"

#include <errno.h>
#include <stdlib.h>

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t random_next(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

/* The bias of the multiplication is below 2^-32 for the bounds used here. */
size_t ideal_random_below(uint64_t *state, size_t bound) {
  return (size_t)((unsigned __int128)random_next(state) * bound >> 64);
}

void ideal_shuffle(uint32_t *permutation, size_t count, uint64_t seed) {
  for (size_t i = 0; i < count; i++) {
    permutation[i] = (uint32_t)i;
  }
  for (size_t i = count; i > 1; i--) {
    size_t other = ideal_random_below(&seed, i);
    uint32_t number = permutation[i - 1];
    permutation[i - 1] = permutation[other];
    permutation[other] = number;
  }
}

struct builder {
  struct ideal_node *nodes;
  const uint32_t *places; /* null: in order */
  size_t node_count;
  enum ideal_layout layout;
  uint64_t random_state;
};

/* Recursion is as deep as the tree: log2(node_count). */
static struct ideal_node *build_tree(struct builder *builder, size_t number, size_t size) {
  if (size == 0) {
    return NULL;
  }
  size_t left_size = size / 2;
  struct ideal_node *node = &builder->nodes[builder->places ? builder->places[number] : number];
  bool is_tree = builder->layout != IDEAL_LAYOUT_RANDOM_GRAPH;
  node->header = gc_header_make(IDEAL_NODE_BYTES, is_tree ? 2 : 3, 0);
  node->children[0] = build_tree(builder, number + 1, left_size);
  node->children[1] = build_tree(builder, number + 1 + left_size, size - 1 - left_size);
  if (is_tree) {
    node->number = number;
  } else {
    node->slots[2] =
        &builder->nodes[ideal_random_below(&builder->random_state, builder->node_count)];
  }
  return node;
}

int ideal_graph_open(struct ideal_graph *graph, enum ideal_layout layout, size_t bytes,
                     uint64_t seed) {
  size_t node_count = bytes / IDEAL_NODE_BYTES;
  *graph = (struct ideal_graph){.node_count = node_count,
                                .slot_count = node_count * IDEAL_NODE_SLOTS_MAX};
  int status = ideal_memory_open(&graph->memory, bytes, IDEAL_TOUCH_NOW);
  if (status < 0) {
    return status;
  }
  uint32_t *places = NULL;
  if (layout != IDEAL_LAYOUT_IN_ORDER_TREE) {
    places = malloc(graph->node_count * sizeof *places);
    if (places == NULL) {
      ideal_graph_close(graph);
      return -ENOMEM;
    }
    ideal_shuffle(places, graph->node_count, seed);
  }
  graph->nodes = (struct ideal_node *)(void *)graph->memory.base;
  struct builder builder = {.nodes = graph->nodes,
                            .places = places,
                            .node_count = graph->node_count,
                            .layout = layout,
                            .random_state = seed + 1};
  graph->root = build_tree(&builder, 0, graph->node_count);
  free(places);
  return 0;
}

void ideal_graph_close(struct ideal_graph *graph) {
  ideal_memory_close(&graph->memory);
  *graph = (struct ideal_graph){0};
}
