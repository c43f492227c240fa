/* The node of native trees that carry a label: 24 bytes. Before native_tree.h. */
#ifndef HARNESS_NATIVE_LABELLED_NODE_H
#define HARNESS_NATIVE_LABELLED_NODE_H

#include "workloads/tree.h"
#include <stdint.h>

struct node {
  struct node *children[TREE_SLOTS];
  uint64_t label;
};

enum { TREE_HAS_LABEL = 1 };

static inline void tree_node_set_label(struct node *node, uint64_t label) {
  node->label = label;
}

static inline uint64_t tree_node_label(const struct node *node) {
  return node->label;
}

#endif
