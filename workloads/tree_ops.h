/* Complete binary trees, built bottom-up and top-down, counted and checked: for the hot code of
 * workloads, once per barrier. A unit says before it includes this what its nodes carry:
 *
 *     enum { TREE_RAW_BYTES = 8 };     a label                    or 0: nothing
 *
 * A tree of depth d has 2^(d + 1) - 1 nodes. A label follows from the root's label and the path, so
 * that a node in the wrong place is noticed. Every fault makes a count smaller and none makes it
 * larger: a tree is right when its count is.
 *
 * Building recurses to the depth of the tree. The left subtree is in a handle while the right one
 * is built, because each allocation may move it.
 */
#ifndef WORKLOADS_TREE_OPS_H
#define WORKLOADS_TREE_OPS_H

#include "workloads/tree.h"
#include "workloads/workload.h"

/* Subtrees of this depth are counted without a poll: 4,095 nodes, some 10 microseconds. */
enum { TREE_DEPTH_WITHOUT_POLL = 11 };

static inline uint64_t tree_label_of_child(uint64_t label, unsigned side) {
  return label * UINT64_C(0xd1342543de82ef95) + 1 + side;
}

static inline uint64_t tree_node_label(struct gc_ref node) {
  return *(const uint64_t *)gc_object_raw(node, TREE_SLOTS);
}

GC_ALWAYS_INLINE struct gc_ref tree_node_allocate(struct gc_mutator *mutator, uint64_t label) {
  struct gc_ref node = gc_allocate(mutator, TREE_SLOTS, TREE_RAW_BYTES, 0);
  if (TREE_RAW_BYTES != 0 && GC_LIKELY(!gc_is_null(node))) {
    *(uint64_t *)gc_object_raw(node, TREE_SLOTS) = label;
  }
  return node;
}

/* Bottom-up: children before parents, stored into the parent as it is made. Null when the heap is
 * exhausted. */
static inline struct gc_ref tree_build(struct gc_mutator *mutator, unsigned depth, uint64_t label) {
  if (depth == 0) {
    return tree_node_allocate(mutator, label);
  }
  struct gc_ref node = tree_build(mutator, depth - 1, tree_label_of_child(label, TREE_LEFT));
  if (GC_UNLIKELY(gc_is_null(node))) {
    return node;
  }
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle left = gc_handle_push(mutator, node);
  node = tree_build(mutator, depth - 1, tree_label_of_child(label, TREE_RIGHT));
  if (GC_LIKELY(!gc_is_null(node))) {
    struct gc_handle right = gc_handle_push(mutator, node);
    node = tree_node_allocate(mutator, label);
    if (GC_LIKELY(!gc_is_null(node))) {
      gc_init_field(mutator, node, TREE_LEFT, gc_handle_get(left));
      gc_init_field(mutator, node, TREE_RIGHT, gc_handle_get(right));
    }
  }
  gc_handles_leave(mutator, frame);
  return node;
}

/* Top-down: gives a node without children, labelled `label`, its two subtrees of depth - 1 each.
 * The node may have been promoted since it was made, so these are no initialising stores. False
 * when the heap is exhausted. */
static inline bool tree_populate(struct gc_mutator *mutator, struct gc_handle node, unsigned depth,
                                 uint64_t label) {
  if (depth == 0) {
    return true;
  }
  uint64_t left_label = tree_label_of_child(label, TREE_LEFT);
  uint64_t right_label = tree_label_of_child(label, TREE_RIGHT);
  struct gc_ref child = tree_node_allocate(mutator, left_label);
  if (GC_UNLIKELY(gc_is_null(child))) {
    return false;
  }
  gc_write_field(mutator, gc_handle_get(node), TREE_LEFT, child);
  child = tree_node_allocate(mutator, right_label);
  if (GC_UNLIKELY(gc_is_null(child))) {
    return false;
  }
  gc_write_field(mutator, gc_handle_get(node), TREE_RIGHT, child);
  if (depth == 1) {
    return true;
  }
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle next =
      gc_handle_push(mutator, gc_read_field(mutator, gc_handle_get(node), TREE_LEFT));
  bool is_done = tree_populate(mutator, next, depth - 1, left_label);
  if (GC_LIKELY(is_done)) {
    gc_handle_set(mutator, next, gc_read_field(mutator, gc_handle_get(node), TREE_RIGHT));
    is_done = tree_populate(mutator, next, depth - 1, right_label);
  }
  gc_handles_leave(mutator, frame);
  return is_done;
}

/* A whole tree, top-down. Null when the heap is exhausted. */
static inline struct gc_ref tree_build_top_down(struct gc_mutator *mutator, unsigned depth,
                                                uint64_t label) {
  struct gc_ref root = tree_node_allocate(mutator, label);
  if (GC_UNLIKELY(gc_is_null(root))) {
    return root;
  }
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle tree = gc_handle_push(mutator, root);
  bool is_done = tree_populate(mutator, tree, depth, label);
  root = is_done ? gc_handle_get(tree) : gc_null();
  gc_handles_leave(mutator, frame);
  return root;
}

/* No safepoint. */
static inline void tree_dispose_nodes(struct gc_mutator *mutator, struct gc_ref node) {
  struct gc_ref left = gc_read_field(mutator, node, TREE_LEFT);
  struct gc_ref right = gc_read_field(mutator, node, TREE_RIGHT);
  gc_dispose(mutator, node);
  if (!gc_is_null(left)) {
    tree_dispose_nodes(mutator, left);
    tree_dispose_nodes(mutator, right);
  }
}

/* Nothing refers to the tree any more but what is about to be dropped. The reference may have been
 * read before a safepoint: it is used only where those do not matter (gc/dispose.h). No safepoint.
 */
static inline void tree_dispose(struct gc_mutator *mutator, struct gc_ref tree) {
  if (GC_UNLIKELY(gc_disposes(mutator))) {
    tree_dispose_nodes(mutator, tree);
  }
}

/* The number of right nodes in a tree of at most this depth. No safepoint. */
static inline uint64_t tree_count_without_poll(struct gc_mutator *mutator, struct gc_ref node,
                                               unsigned depth, uint64_t label) {
  if (TREE_RAW_BYTES != 0 && tree_node_label(node) != label) {
    return 0;
  }
  struct gc_ref left = gc_read_field(mutator, node, TREE_LEFT);
  struct gc_ref right = gc_read_field(mutator, node, TREE_RIGHT);
  if (gc_is_null(left) || gc_is_null(right)) {
    return gc_is_null(left) && gc_is_null(right) ? 1 : 0;
  }
  if (depth == 0) {
    return 0;
  }
  return 1 +
         tree_count_without_poll(mutator, left, depth - 1, tree_label_of_child(label, TREE_LEFT)) +
         tree_count_without_poll(mutator, right, depth - 1, tree_label_of_child(label, TREE_RIGHT));
}

/* The number of right nodes: 2^(depth + 1) - 1 exactly when the tree is complete and every label
 * is right. A safepoint. */
static inline uint64_t tree_count(struct gc_mutator *mutator, struct gc_ref tree, unsigned depth,
                                  uint64_t label) {
  if (depth <= TREE_DEPTH_WITHOUT_POLL) {
    return tree_count_without_poll(mutator, tree, depth, label);
  }
  struct gc_ref left = gc_read_field(mutator, tree, TREE_LEFT);
  if (gc_is_null(left) || gc_is_null(gc_read_field(mutator, tree, TREE_RIGHT)) ||
      (TREE_RAW_BYTES != 0 && tree_node_label(tree) != label)) {
    return 0;
  }
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle node = gc_handle_push(mutator, tree);
  uint64_t count = 1 + tree_count(mutator, left, depth - 1, tree_label_of_child(label, TREE_LEFT));
  gc_poll(mutator);
  struct gc_ref right = gc_read_field(mutator, gc_handle_get(node), TREE_RIGHT);
  count += tree_count(mutator, right, depth - 1, tree_label_of_child(label, TREE_RIGHT));
  gc_handles_leave(mutator, frame);
  return count;
}

#endif
