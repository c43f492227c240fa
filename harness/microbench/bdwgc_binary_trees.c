/* binary_trees on libgc: the work of workloads/binary_trees.c with its default depth, as a program
 * of its own.
 *
 * Self-check: the count of every tree, as there. The time covers everything from before libgc is
 * initialised.
 */
#include <stdint.h>

struct node {
  struct node *left;
  struct node *right;
};
enum { NODE_HAS_LABEL = 0 };

static inline void node_set_label(struct node *node, uint64_t label) {
  (void)node;
  (void)label;
}

static inline uint64_t node_label(const struct node *node) {
  (void)node;
  return 0;
}

#include "harness/microbench/bdwgc_tree.h"

enum { DEPTH = 18, DEPTH_MIN = 4, DEPTH_STEP = 4 };

struct totals {
  uint64_t trees;
  uint64_t counted_nodes;
};

static void count_tree(struct totals *totals, const struct node *tree, unsigned depth) {
  totals->trees++;
  totals->counted_nodes += tree_check(tree, depth, 0);
}

int main(int argc, char **argv) {
  uint64_t begin_ns = bdwgc_now_ns();
  struct totals totals = {0};
  bdwgc_begin(argc, argv);
  count_tree(&totals, tree_build(DEPTH + 1, 0), DEPTH + 1);
  const struct node *long_lived = tree_build(DEPTH, 0);
  for (unsigned depth = DEPTH_MIN; depth <= DEPTH; depth += DEPTH_STEP) {
    uint64_t trees = UINT64_C(1) << (DEPTH - depth + DEPTH_MIN);
    for (uint64_t i = 0; i < trees; i++) {
      count_tree(&totals, tree_build(depth, 0), depth);
    }
  }
  count_tree(&totals, long_lived, DEPTH);
  bdwgc_report("binary_trees", totals.trees, totals.counted_nodes, bdwgc_now_ns() - begin_ns);
  return 0;
}
