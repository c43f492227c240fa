/* detached-tree: each request hangs a small tree into the document and takes it out again when it
 * ends; a selection remembers one leaf of each, and through its parent the whole tree. Fixed: the
 * selection forgets the leaf when the tree is taken out.
 *
 * Parents refer to children and children to parents: what is let go is a cycle.
 */
#include "workloads/leaks/pair_ops.h"

enum { TREE_DOCUMENT, TREE_NODE, TREE_SELECTION, TREE_REFERENCE };
enum { TREE_PARENT, TREE_LEFT, TREE_RIGHT, TREE_NODE_SLOTS };
enum { TREE_REFERENCE_NODE = LEAK_LINKS, TREE_REFERENCE_SLOTS };

struct tree_state {
  struct gc_handle selection; /* the list of references */
};

static enum workload_status tree_begin(struct leak *leak) {
  struct tree_state *state = leak->state;
  state->selection = gc_handle_push(leak->mutator, gc_null());
  bool is_made =
      leak_make(leak, leak->container, 1, 0, leak->types[TREE_DOCUMENT]) &&
      leak_make_list(leak, state->selection, TREE_REFERENCE_SLOTS, 0, leak->types[TREE_SELECTION]);
  return is_made ? WORKLOAD_DONE : WORKLOAD_OUT_OF_MEMORY;
}

/* A node in `second`. */
static inline bool tree_make_node(struct leak *leak, struct gc_handle parent, uint64_t operation) {
  if (!leak_make(leak, leak->second, TREE_NODE_SLOTS, 8, leak->types[TREE_NODE])) {
    return false;
  }
  gc_init_field(leak->mutator, gc_handle_get(leak->second), TREE_PARENT, gc_handle_get(parent));
  *(uint64_t *)gc_object_raw(gc_handle_get(leak->second), TREE_NODE_SLOTS) = operation;
  return true;
}

/* Three nodes, the root of them in `first`. */
static inline bool tree_make(struct leak *leak, uint64_t operation) {
  if (!tree_make_node(leak, leak->container, operation)) {
    return false;
  }
  gc_handle_set(leak->mutator, leak->first, gc_handle_get(leak->second));
  for (size_t child = TREE_LEFT; child <= TREE_RIGHT; child++) {
    if (!tree_make_node(leak, leak->first, operation)) {
      return false;
    }
    leak_write(leak, gc_handle_get(leak->first), child, gc_handle_get(leak->second));
  }
  return true;
}

static enum workload_status tree_open(struct leak *leak, uint64_t operation) {
  const struct tree_state *state = leak->state;
  if (GC_UNLIKELY(
          !tree_make(leak, operation) ||
          !leak_make(leak, leak->opened, TREE_REFERENCE_SLOTS, 0, leak->types[TREE_REFERENCE]))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct gc_ref reference = gc_handle_get(leak->opened);
  gc_init_field(leak->mutator, reference, TREE_REFERENCE_NODE,
                leak_read(leak, gc_handle_get(leak->first), TREE_LEFT));
  leak_link_behind(leak, gc_handle_get(state->selection), reference);
  return WORKLOAD_DONE;
}

static enum workload_status tree_close(struct leak *leak, struct gc_ref opened) {
  struct gc_ref leaf = leak_read(leak, opened, TREE_REFERENCE_NODE);
  struct gc_ref root = leak_read(leak, leaf, TREE_PARENT);
  uint64_t operation = *(const uint64_t *)gc_object_raw(leaf, TREE_NODE_SLOTS);
  if (GC_UNLIKELY(!gc_ref_equal(leak->mutator, leak_read(leak, root, TREE_LEFT), leaf) ||
                  *(const uint64_t *)gc_object_raw(leak_read(leak, root, TREE_RIGHT),
                                                   TREE_NODE_SLOTS) != operation)) {
    return workload_wrong(leak->run, "the tree of operation %" PRIu64 " is damaged", operation);
  }
  leak_fold(leak, operation);
  leak_write(leak, root, TREE_PARENT, gc_null()); /* out of the document */
  if (!leak->is_leaky) {
    leak_unlink(leak, opened);
  }
  return WORKLOAD_DONE;
}

static const struct leak_pair leak_detached_tree = {
    .type_names = {"tree.document", "tree.node", "tree.selection", "tree.reference"},
    .state_bytes = sizeof(struct tree_state),
    .begin = tree_begin,
    .open = tree_open,
    .close = tree_close,
    .end = leak_ends,
    .finish = leak_finishes,
};
