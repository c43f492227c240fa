/* gcbench, native: workloads/gcbench_ops.c in C. The self-check is that one's. */
#include "workloads/gcbench.h"

#include "harness/native/labelled_node.h"
#include "harness/native/native_tree.h"

enum { TREES_PER_CHECK = 32 };

typedef struct node *tree_builder(unsigned depth, uint64_t label);

static void tree_populate(struct node *node, unsigned depth, uint64_t label) {
  if (depth == 0) {
    return;
  }
  uint64_t left_label = tree_label_of_child(label, TREE_LEFT);
  uint64_t right_label = tree_label_of_child(label, TREE_RIGHT);
  node->children[TREE_LEFT] = tree_node_allocate(left_label);
  node->children[TREE_RIGHT] = tree_node_allocate(right_label);
  if (depth > 1) {
    tree_populate(node->children[TREE_LEFT], depth - 1, left_label);
    tree_populate(node->children[TREE_RIGHT], depth - 1, right_label);
  }
}

static struct node *tree_build_top_down(unsigned depth, uint64_t label) {
  struct node *root = tree_node_allocate(label);
  tree_populate(root, depth, label);
  return root;
}

static double array_element(uint64_t index, uint64_t length) {
  return index < length / 2 ? 1.0 / (double)(index + 1) : 0.0;
}

/* The second half must be zero, which is for the program to see to. */
static double *array_build(uint64_t length) {
  double *doubles = native_allocate_bytes(length * sizeof *doubles);
  for (uint64_t index = 0; index < length; index++) {
    doubles[index] = array_element(index, length);
  }
  return doubles;
}

static enum workload_status array_check(struct workload_run *run, const double *doubles,
                                        uint64_t length) {
  double sum = 0;
  for (uint64_t index = 0; index < length; index++) {
    if (doubles[index] != array_element(index, length)) {
      return workload_wrong(run, "element %" PRIu64 " of the array is %g, not %g", index,
                            doubles[index], array_element(index, length));
    }
    sum += doubles[index];
  }
  uint64_t bits;
  memcpy(&bits, &sum, sizeof bits);
  run->checksum = workload_fold(run->checksum, bits);
  return WORKLOAD_DONE;
}

static enum workload_status tree_check(struct workload_run *run, const struct node *tree,
                                       uint64_t depth, uint64_t label) {
  run->checksum = workload_fold(run->checksum, tree_node_label(tree));
  uint64_t count = tree_count(tree, (unsigned)depth, label);
  run->checksum = workload_fold(run->checksum, count);
  return count == tree_node_count(depth) ? WORKLOAD_DONE : tree_is_wrong(run, depth, count);
}

static enum workload_status short_lived_trees(struct workload_run *run, tree_builder *build,
                                              uint64_t depth) {
  uint64_t trees = gcbench_tree_count(run->input, depth);
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t index = 0; index < trees && status == WORKLOAD_DONE; index++) {
    struct node *tree = build((unsigned)depth, run->seed + index);
    if (index % TREES_PER_CHECK == TREES_PER_CHECK - 1 || index == trees - 1) {
      status = tree_check(run, tree, depth, run->seed + index);
    }
    tree_free(tree);
  }
  run->operations += trees;
  return status;
}

static enum workload_status all_short_lived_trees(struct workload_run *run, uint64_t repetition) {
  const uint64_t *values = run->input->integers;
  uint64_t first = values[GCBENCH_DEPTH_MIN];
  uint64_t depths = (values[GCBENCH_DEPTH_MAX] - first) / GCBENCH_DEPTH_STEP + 1;
  for (uint64_t place = 0; place < depths; place++) {
    uint64_t depth = first + place * GCBENCH_DEPTH_STEP;
    enum workload_status status = short_lived_trees(run, tree_build_top_down, depth);
    if (status == WORKLOAD_DONE) {
      status = short_lived_trees(run, tree_build, depth);
    }
    if (status != WORKLOAD_DONE) {
      return status;
    }
    workload_progress(run, repetition * depths + place + 1, values[GCBENCH_REPETITIONS] * depths);
  }
  return WORKLOAD_DONE;
}

static enum workload_status repeat_once(struct workload_run *run, uint64_t repetition) {
  const uint64_t *values = run->input->integers;
  uint64_t long_lived_depth = values[GCBENCH_LONG_LIVED_DEPTH];
  uint64_t length = values[GCBENCH_ARRAY_LENGTH];
  uint64_t label = run->seed + repetition;
  tree_free(tree_build((unsigned)values[GCBENCH_STRETCH_DEPTH], label));
  struct node *long_lived = tree_build_top_down((unsigned)long_lived_depth, label);
  double *array = array_build(length);
  run->operations += 2;
  enum workload_status status = all_short_lived_trees(run, repetition);
  if (status == WORKLOAD_DONE) {
    status = tree_check(run, long_lived, long_lived_depth, label);
  }
  if (status == WORKLOAD_DONE) {
    status = array_check(run, array, length);
  }
  tree_free(long_lived);
  native_free(array);
  return status;
}

static enum workload_status gcbench_run(struct workload_run *run) {
  uint64_t repetitions = workload_integer(run, GCBENCH_REPETITIONS);
  enum workload_status status = WORKLOAD_DONE;
  workload_timed_begin(run);
  for (uint64_t repetition = 0; repetition < repetitions && status == WORKLOAD_DONE; repetition++) {
    status = repeat_once(run, repetition);
  }
  workload_timed_end(run);
  return status;
}

NATIVE_PORT_DEFINE(gcbench, gcbench_run);
