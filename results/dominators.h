/* Dominators and retained sizes of an image of the object graph.
 *
 * A node dominates another if every path from the root of all leads through it; the immediate
 * dominator is the last of those. What a node dominates would be freed with it: that is what it
 * retains. Weak edges are passed over. The value of an ephemeron counts as held by the ephemeron and
 * by its key (gc/image.h), as in V8's snapshots: it is retained by what dominates both.
 *
 * Algorithm: Lengauer and Tarjan 1979, the simple version, O(edges log nodes) at worst, over
 * preorder numbers, without recursion: path compression keeps its path on a stack.
 *
 * Costs: 48 bytes per node and 4 per edge while it works, 12 per node of result; 10 million nodes in
 * seconds.
 */
#ifndef RESULTS_DOMINATORS_H
#define RESULTS_DOMINATORS_H

#include <gc/image.h>

#define RESULTS_NO_NODE UINT32_MAX

struct results_dominators {
  uint32_t node_count;
  uint32_t *immediate;      /* of each node; RESULTS_NO_NODE: node 0, or one that nothing keeps */
  uint64_t *retained_bytes; /* of each node, itself included; 0 of one that nothing keeps */
};

/* 0 or -ENOMEM, and nothing then. */
GC_WARN_UNUSED int results_dominators_find(const struct gc_image *image,
                                           struct results_dominators *dominators);
void results_dominators_finish(struct results_dominators *dominators);

/* Shortest paths from the root of all to every node, weak edges passed over; of several the one that
 * comes first in the image. */
struct results_paths {
  uint32_t node_count;
  uint32_t *via_edge; /* the last edge of the path; RESULTS_NO_NODE: as above */
  uint32_t *via_node; /* and where it comes from */
};

GC_WARN_UNUSED int results_paths_find(const struct gc_image *image, struct results_paths *paths);
void results_paths_finish(struct results_paths *paths);

/* Edges from node 0 to the node, or RESULTS_NO_NODE. */
uint32_t results_paths_length(const struct results_paths *paths, uint32_t node);

/* The path as text: "(GC roots) / (handles of mutator 0) [2] / cache .3 / entry", or less of its
 * middle. Returns its length, as snprintf does. */
int results_paths_text(const struct gc_image *image, const struct results_paths *paths,
                       uint32_t node, char *text, size_t text_size);

#endif
