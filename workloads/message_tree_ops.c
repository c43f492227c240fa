/* message_tree, hot code: messages that are complete binary trees. The ring is in message_ops.h.
 *
 * The label of the root is the message's sequence number; the labels below follow from it.
 */
#include "workloads/message_ops.h"

enum { TREE_RAW_BYTES = MESSAGE_TREE_NODE_RAW_BYTES };
#include "workloads/tree_ops.h"

static inline struct gc_ref trees_create(struct gc_mutator *mutator, uint64_t levels,
                                         uint64_t sequence) {
  return tree_build(mutator, (unsigned)levels - 1, sequence);
}

/* Follows one path, another one in each message, from the root to a leaf. */
static inline bool trees_are_plausible(struct gc_mutator *mutator, struct gc_ref message,
                                       uint64_t levels, uint64_t sequence) {
  struct gc_ref node = message;
  uint64_t label = sequence;
  for (uint64_t level = 1; level < levels; level++) {
    unsigned side = sequence >> level & 1 ? TREE_RIGHT : TREE_LEFT;
    if (tree_node_label(node) != label) {
      return false;
    }
    node = gc_read_field(mutator, node, side);
    if (gc_is_null(node)) {
      return false;
    }
    label = tree_label_of_child(label, side);
  }
  return tree_node_label(node) == label;
}

static inline bool trees_are_intact(struct gc_mutator *mutator, struct gc_ref message,
                                    uint64_t levels, uint64_t sequence) {
  unsigned depth = (unsigned)levels - 1;
  return tree_count_without_poll(mutator, message, depth, sequence) == tree_node_count(depth);
}

static const struct message_kind trees = {
    .create = trees_create,
    .is_plausible = trees_are_plausible,
    .is_intact = trees_are_intact,
    .sequence = tree_node_label,
    .dispose = tree_dispose,
};

static enum workload_status message_tree_run(struct workload_run *run) {
  return messages_run(run, &trees);
}

WORKLOAD_OPS(message_tree, message_tree_run);
