/* Images: the object graph of a heap at one moment, as arrays.
 *
 * An image holds what is reachable from handles, global roots and, by way of ephemerons, from both
 * their keys and themselves: nodes with names and sizes, and the references between them. It is of
 * one moment, because the world is stopped while it is captured, and may be looked at as long as one
 * likes, because it is a copy. Snapshots are written from it, dominators and retained sizes found.
 *
 * Nodes. Node 0, "(GC roots)", is the root of all. From it lead groups of roots: "(global roots)", "(finalizers)",
 * and "(handles of mutator N)"; then come objects, by address, and last what lies outside the heap:
 * the backing stores of buffers, and what the program declared. Groups have no size.
 *
 * Edges are grouped by the node that they come from. Slots that hold null have none. Those that are
 * weak do not keep what they lead to; an edge is there only if something else does. The value of an
 * ephemeron has two edges, from the ephemeron and from its key, as V8 writes them: it is kept by
 * both together, but neither is its dominator unless it also dominates the other.
 *
 * Ids. With GC_IMAGE_STABLE_IDS an object has the same id in all images of its heap, and no other
 * object ever has it. Objects that no earlier image holds have ids above that image's last_id.
 * Stores have their buffer's id plus 1, so they are even, while objects' are odd. It costs memory
 * from the first such image on, until gc_image_forget_ids (heap/identity.h).
 *
 * Costs: the world is stopped for about 0.3 us per object. Of memory 25 bytes per node and 9 per
 * edge, and a fortieth of the heap's size while it is captured.
 */
#ifndef GC_IMAGE_H
#define GC_IMAGE_H

#include <gc/attributes.h>
#include <gc/mutator.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gc_image_node_kind {
  GC_IMAGE_GROUP,  /* of roots, or the root of all */
  GC_IMAGE_OBJECT, /* of the heap */
  GC_IMAGE_STORE,  /* outside of it */
};

enum gc_image_edge_kind {
  GC_IMAGE_ROOT,      /* to a group; from a group to an object; its name: its place in there */
  GC_IMAGE_SLOT,      /* of an object; its name: the slot's index */
  GC_IMAGE_STORAGE,   /* from a buffer to its store */
  GC_IMAGE_VALUE,     /* from an ephemeron to its value */
  GC_IMAGE_KEY_VALUE, /* from an ephemeron's key to its value; its name: the ephemeron's node */
  /* Weak, from here on. */
  GC_IMAGE_WEAK,     /* from a weak cell to its referent */
  GC_IMAGE_KEY,      /* from an ephemeron to its key */
  GC_IMAGE_FINALIZER /* from the group of finalizers to an object that has one */
};

enum gc_image_ids {
  GC_IMAGE_PASSING_IDS, /* unique in the image, and no more */
  GC_IMAGE_STABLE_IDS,
};

struct gc_image {
  uint32_t node_count, edge_count;
  uint32_t name_count;
  uint32_t last_id; /* of any object so far; with passing ids, of this image */

  uint32_t *ids;
  uint32_t *node_names; /* indexes of names: the type, for objects */
  uint64_t *node_bytes;
  uint8_t *node_kinds;   /* enum gc_image_node_kind */
  uint32_t *first_edges; /* of each node, and edge_count at the end */

  uint32_t *edge_targets;
  uint32_t *edge_names; /* as the kind says */
  uint8_t *edge_kinds;  /* enum gc_image_edge_kind */

  char **names; /* no two are equal */
};

/* Captures an image; a safepoint. 0, or: -ENOTSUP under a baseline, whose objects lie elsewhere;
 * -ENOMEM; -EFBIG: ids, nodes or edges exceed what 32 bits count. *image is empty then. */
GC_WARN_UNUSED int gc_image_capture(struct gc_mutator *mutator, enum gc_image_ids ids,
                                    struct gc_image *image);

/* The same from within the callback of gc_near_limit_set (gc/limits.h), where the world is stopped
 * already: what the heap is exhausted by. */
GC_WARN_UNUSED int gc_image_capture_near_limit(struct gc_heap *heap, enum gc_image_ids ids,
                                               struct gc_image *image);

/* An empty image is allowed. */
void gc_image_free(struct gc_image *image);

/* Nobody wants stable ids any more: later images of the heap do not know objects again. A
 * safepoint. */
void gc_image_forget_ids(struct gc_mutator *mutator);

static inline bool gc_image_is_weak(const struct gc_image *image, uint32_t edge) {
  return image->edge_kinds[edge] >= GC_IMAGE_WEAK;
}

static inline const char *gc_image_name(const struct gc_image *image, uint32_t node) {
  return image->names[image->node_names[node]];
}

#endif
