/* Tests that the tree workloads notice damage to a tree, and gcbench to its array.
 *
 * Trees deeper than what is counted without a poll are damaged above and below that depth, because
 * the two parts are counted by different code.
 *
 * Presets: release debug asan ubsan
 */
#include "tests/unit/workload_fixture.h"

#include "workloads/gcbench_ops.c"

extern const struct workload workload_gcbench;

enum { DEPTH = TREE_DEPTH_WITHOUT_POLL + 2, LABEL = 77, ARRAY_LENGTH = 20000 };

static const uint64_t values[GCBENCH_PARAMETERS] = {1, 6, 5, ARRAY_LENGTH, 2, 6};

static struct workload_fixture fixture;
static struct gc_handle_frame frame;
static struct gc_handle tree, array;

static int open_tree(void **state) {
  (void)state;
  fixture_open(&fixture, &workload_gcbench, values);
  struct gc_mutator *mutator = fixture.run.mutator;
  frame = gc_handles_enter(mutator);
  tree = gc_handle_push(mutator, gc_null());
  array = gc_handle_push(mutator, gc_null());
  gc_handle_set(mutator, tree, tree_build(mutator, DEPTH, LABEL));
  gc_handle_set(mutator, array, gc_allocate(mutator, 0, ARRAY_LENGTH * sizeof(double), 0));
  if (gc_is_null(gc_handle_get(tree)) || gc_is_null(gc_handle_get(array))) {
    return -1;
  }
  array_fill(mutator, array, ARRAY_LENGTH);
  return 0;
}

static int close_tree(void **state) {
  (void)state;
  gc_handles_leave(fixture.run.mutator, frame);
  fixture_close(&fixture);
  return 0;
}

static enum workload_status check_tree(void) {
  return tree_check(&fixture.run, gc_handle_get(tree), DEPTH, LABEL);
}

static struct gc_ref child_of(struct gc_ref node, unsigned side) {
  return gc_read_field(fixture.run.mutator, node, side);
}

/* The node at the end of the path that takes `side` at every level. */
static struct gc_ref node_at(unsigned level, unsigned side) {
  struct gc_ref node = gc_handle_get(tree);
  for (unsigned step = 0; step < level; step++) {
    node = child_of(node, side);
  }
  return node;
}

static void test_trees_are_right(void **state) {
  (void)state;
  assert_int_equal(check_tree(), WORKLOAD_DONE);
  for (unsigned depth = 0; depth <= DEPTH; depth++) {
    struct gc_ref top_down = tree_build_top_down(fixture.run.mutator, depth, depth);
    assert_int_equal(tree_count(fixture.run.mutator, top_down, depth, depth),
                     tree_node_count(depth));
    struct gc_ref bottom_up = tree_build(fixture.run.mutator, depth, depth);
    assert_int_equal(tree_count(fixture.run.mutator, bottom_up, depth, depth),
                     tree_node_count(depth));
  }
}

static void test_a_tree_of_another_depth_is_noticed(void **state) {
  (void)state;
  expect_wrong(&fixture.run, tree_check(&fixture.run, gc_handle_get(tree), DEPTH - 1, LABEL));
  expect_wrong(&fixture.run, tree_check(&fixture.run, gc_handle_get(tree), DEPTH + 1, LABEL));
}

static void test_a_wrong_label_is_noticed(void **state) {
  (void)state;
  for (unsigned level = 0; level <= DEPTH; level++) {
    uint64_t *label = gc_object_raw(node_at(level, TREE_RIGHT), TREE_SLOTS);
    *label ^= 4;
    expect_wrong(&fixture.run, check_tree());
    label = gc_object_raw(node_at(level, TREE_RIGHT), TREE_SLOTS);
    *label ^= 4;
  }
  assert_int_equal(check_tree(), WORKLOAD_DONE);
}

/* Stores `wrong` into the node on the left edge of the tree, expects the check to fail, and puts
 * back what was there. */
static void expect_wrong_child(unsigned level, unsigned side, struct gc_ref wrong) {
  struct gc_mutator *mutator = fixture.run.mutator;
  struct gc_ref node = node_at(level, TREE_LEFT);
  struct gc_handle_frame inner = gc_handles_enter(mutator);
  struct gc_handle parent = gc_handle_push(mutator, node);
  struct gc_handle right = gc_handle_push(mutator, gc_read_field(mutator, node, side));
  gc_write_field(mutator, node, side, wrong);
  expect_wrong(&fixture.run, check_tree());
  gc_write_field(mutator, gc_handle_get(parent), side, gc_handle_get(right));
  gc_handles_leave(mutator, inner);
}

static void test_wrong_children_are_noticed(void **state) {
  (void)state;
  for (unsigned level = 0; level < DEPTH; level++) {
    expect_wrong_child(level, TREE_LEFT, gc_null());
    expect_wrong_child(level, TREE_RIGHT, gc_null());
    expect_wrong_child(level, TREE_LEFT, child_of(node_at(level, TREE_LEFT), TREE_RIGHT));
    expect_wrong_child(level, TREE_RIGHT, node_at(level + 1, TREE_LEFT));
    expect_wrong_child(level, TREE_LEFT, gc_handle_get(tree)); /* a cycle */
  }
  expect_wrong_child(DEPTH, TREE_LEFT, gc_handle_get(tree));
  assert_int_equal(check_tree(), WORKLOAD_DONE);
}

static void test_array_damage_is_noticed(void **state) {
  (void)state;
  static const uint64_t places[] = {0, 1, ARRAY_LENGTH / 2, ARRAY_LENGTH - 1};
  assert_int_equal(array_check(&fixture.run, array, ARRAY_LENGTH), WORKLOAD_DONE);
  for (size_t index = 0; index < sizeof places / sizeof *places; index++) {
    double *doubles = gc_object_raw(gc_handle_get(array), 0);
    doubles[places[index]] += 0.5;
    expect_wrong(&fixture.run, array_check(&fixture.run, array, ARRAY_LENGTH));
    doubles = gc_object_raw(gc_handle_get(array), 0);
    doubles[places[index]] = array_element(places[index], ARRAY_LENGTH);
  }
  assert_int_equal(array_check(&fixture.run, array, ARRAY_LENGTH), WORKLOAD_DONE);
}

/* 2 * 127 / 7, 2 * 127 / 31 and 2 * 127 / 127 trees of each kind, the stretch and the long-lived.
 */
static void test_the_whole_run_is_right(void **state) {
  (void)state;
  struct workload_run whole = fixture.run;
  assert_int_equal(ops_under_test.run(&whole), WORKLOAD_DONE);
  assert_int_equal(whole.operations, 2 * (36 + 8 + 2) + 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_the_whole_run_is_right),
      cmocka_unit_test(test_trees_are_right),
      cmocka_unit_test(test_a_tree_of_another_depth_is_noticed),
      cmocka_unit_test(test_a_wrong_label_is_noticed),
      cmocka_unit_test(test_wrong_children_are_noticed),
      cmocka_unit_test(test_array_damage_is_noticed),
  };
  return cmocka_run_group_tests(tests, open_tree, close_tree);
}
