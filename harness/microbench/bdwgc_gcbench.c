/* gcbench on libgc: the work of workloads/gcbench.c with its default parameters, as a program of
 * its own.
 *
 * Self-check: the last tree of each depth and kind, the long-lived tree and the array, as there.
 * The time covers everything from before libgc is initialised.
 */
#include <stdint.h>

struct node {
  struct node *left;
  struct node *right;
  uint64_t label;
};
enum { NODE_HAS_LABEL = 1 };

static inline void node_set_label(struct node *node, uint64_t label) {
  node->label = label;
}

static inline uint64_t node_label(const struct node *node) {
  return node->label;
}

#include "harness/microbench/bdwgc_tree.h"

enum {
  REPETITIONS = 3,
  STRETCH_DEPTH = 18,
  LONG_LIVED_DEPTH = 16,
  ARRAY_LENGTH = 500000,
  DEPTH_MIN = 4,
  DEPTH_MAX = 16,
  DEPTH_STEP = 2,
};

struct totals {
  uint64_t trees;
  uint64_t counted_nodes;
};

typedef struct node *tree_builder(unsigned depth, uint64_t label);

static void tree_populate(struct node *node, unsigned depth, uint64_t label) {
  if (depth == 0) {
    return;
  }
  node->left = node_allocate(label_of_child(label, 0));
  node->right = node_allocate(label_of_child(label, 1));
  if (depth > 1) {
    tree_populate(node->left, depth - 1, label_of_child(label, 0));
    tree_populate(node->right, depth - 1, label_of_child(label, 1));
  }
}

static struct node *tree_build_top_down(unsigned depth, uint64_t label) {
  struct node *root = node_allocate(label);
  tree_populate(root, depth, label);
  return root;
}

static double array_element(uint64_t index) {
  return index < ARRAY_LENGTH / 2 ? 1.0 / (double)(index + 1) : 0.0;
}

/* Without pointers, so that it is not scanned; such memory is not zero. */
static double *array_build(void) {
  double *array = bdwgc_checked(GC_MALLOC_ATOMIC(ARRAY_LENGTH * sizeof *array));
  for (uint64_t i = 0; i < ARRAY_LENGTH; i++) {
    array[i] = array_element(i);
  }
  return array;
}

static void array_check(const double *array) {
  for (uint64_t i = 0; i < ARRAY_LENGTH; i++) {
    if (array[i] < array_element(i) || array[i] > array_element(i)) {
      fprintf(stderr, "element %" PRIu64 " of the array is wrong\n", i);
      exit(1);
    }
  }
}

static void short_lived_trees(struct totals *totals, tree_builder *build, unsigned depth) {
  uint64_t trees = 2 * tree_node_count(STRETCH_DEPTH) / tree_node_count(depth);
  struct node *tree = NULL;
  for (uint64_t i = 0; i < trees; i++) {
    tree = build(depth, i);
  }
  totals->trees += trees;
  totals->counted_nodes += tree_check(tree, depth, trees - 1);
}

static void repeat_once(struct totals *totals, uint64_t label) {
  tree_build(STRETCH_DEPTH, label);
  struct node *long_lived = tree_build_top_down(LONG_LIVED_DEPTH, label);
  double *array = array_build();
  totals->trees += 2;
  for (unsigned depth = DEPTH_MIN; depth <= DEPTH_MAX; depth += DEPTH_STEP) {
    short_lived_trees(totals, tree_build_top_down, depth);
    short_lived_trees(totals, tree_build, depth);
  }
  totals->counted_nodes += tree_check(long_lived, LONG_LIVED_DEPTH, label);
  array_check(array);
}

int main(int argc, char **argv) {
  uint64_t begin_ns = bdwgc_now_ns();
  struct totals totals = {0};
  bdwgc_begin(argc, argv);
  for (uint64_t repetition = 0; repetition < REPETITIONS; repetition++) {
    repeat_once(&totals, repetition);
  }
  bdwgc_report("gcbench", totals.trees, totals.counted_nodes, bdwgc_now_ns() - begin_ns);
  return 0;
}
