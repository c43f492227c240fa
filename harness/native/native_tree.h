/* Complete binary trees, native: what workloads/tree_ops.h does with objects.
 *
 * A unit says before it includes this what its nodes are, as labelled_node.h does: struct node with
 * `children`, TREE_HAS_LABEL, and tree_node_set_label and tree_node_label, which do nothing without.
 */
#ifndef HARNESS_NATIVE_NATIVE_TREE_H
#define HARNESS_NATIVE_NATIVE_TREE_H

#include "harness/native/native.h"
#include "workloads/tree.h"

static inline uint64_t tree_label_of_child(uint64_t label, unsigned side) {
  return label * UINT64_C(0xd1342543de82ef95) + 1 + side;
}

/* A leaf. */
static inline struct node *tree_node_allocate(uint64_t label) {
  struct node *node = native_allocate(sizeof *node);
  node->children[TREE_LEFT] = NULL;
  node->children[TREE_RIGHT] = NULL;
  tree_node_set_label(node, label);
  return node;
}

/* Bottom-up. */
static struct node *tree_build(unsigned depth, uint64_t label) {
  if (depth == 0) {
    return tree_node_allocate(label);
  }
  struct node *left = tree_build(depth - 1, tree_label_of_child(label, TREE_LEFT));
  struct node *right = tree_build(depth - 1, tree_label_of_child(label, TREE_RIGHT));
  struct node *node = native_allocate(sizeof *node);
  node->children[TREE_LEFT] = left;
  node->children[TREE_RIGHT] = right;
  tree_node_set_label(node, label);
  return node;
}

static void tree_free_nodes(struct node *node) {
  struct node *left = node->children[TREE_LEFT];
  struct node *right = node->children[TREE_RIGHT];
  native_free(node);
  if (left != NULL) {
    tree_free_nodes(left);
    tree_free_nodes(right);
  }
}

static inline void tree_free(struct node *tree) {
  if (NATIVE_FREES) {
    tree_free_nodes(tree);
  }
}

/* The number of right nodes in a tree of at most this depth; every fault makes it smaller. */
static uint64_t tree_count(const struct node *node, unsigned depth, uint64_t label) {
  if (TREE_HAS_LABEL && tree_node_label(node) != label) {
    return 0;
  }
  const struct node *left = node->children[TREE_LEFT];
  const struct node *right = node->children[TREE_RIGHT];
  if (left == NULL || right == NULL) {
    return left == NULL && right == NULL ? 1 : 0;
  }
  if (depth == 0) {
    return 0;
  }
  return 1 + tree_count(left, depth - 1, tree_label_of_child(label, TREE_LEFT)) +
         tree_count(right, depth - 1, tree_label_of_child(label, TREE_RIGHT));
}

static inline enum workload_status tree_is_wrong(struct workload_run *run, uint64_t depth,
                                                 uint64_t count) {
  return workload_wrong(run,
                        "a tree of depth %" PRIu64 " has %" PRIu64 " right nodes, not %" PRIu64,
                        depth, count, tree_node_count(depth));
}

#endif
