/* message_tree, native: workloads/message_tree_ops.c in C. The ring is in message_port.h. */
#include "harness/native/labelled_node.h"
#include "harness/native/message_port.h"
#include "harness/native/native_tree.h"

static inline void *trees_create(uint64_t levels, uint64_t sequence) {
  return tree_build((unsigned)levels - 1, sequence);
}

static inline uint64_t trees_sequence(const void *message) {
  return tree_node_label(message);
}

/* Follows one path, another one in each message, from the root to a leaf. */
static inline bool trees_are_plausible(const void *message, uint64_t levels, uint64_t sequence) {
  const struct node *node = message;
  uint64_t label = sequence;
  for (uint64_t level = 1; level < levels; level++) {
    unsigned side = sequence >> level & 1 ? TREE_RIGHT : TREE_LEFT;
    if (tree_node_label(node) != label) {
      return false;
    }
    node = node->children[side];
    if (node == NULL) {
      return false;
    }
    label = tree_label_of_child(label, side);
  }
  return tree_node_label(node) == label;
}

static inline bool trees_are_intact(const void *message, uint64_t levels, uint64_t sequence) {
  unsigned depth = (unsigned)levels - 1;
  return tree_count(message, depth, sequence) == tree_node_count(depth);
}

static inline void trees_free(void *message) {
  tree_free(message);
}

static const struct message_kind trees = {
    .create = trees_create,
    .is_plausible = trees_are_plausible,
    .is_intact = trees_are_intact,
    .sequence = trees_sequence,
    .free = trees_free,
};

static enum workload_status message_tree_run(struct workload_run *run) {
  return messages_run(run, &trees);
}

NATIVE_PORT_DEFINE(message_tree, message_tree_run);
