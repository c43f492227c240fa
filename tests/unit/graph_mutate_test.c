/* Tests that graph_mutate notices damage: each case damages a right graph in one way, and the check
 * at the end, which passed before, must fail.
 *
 * Presets: release debug asan ubsan
 */
#include "tests/unit/workload_fixture.h"

#include "workloads/graph_mutate_ops.c"

extern const struct workload workload_graph_mutate;

/* More than one chunk. */
enum { NODES = GRAPH_CHUNK_NODES + 1000, OPERATIONS = 64, CHAIN = 16, REPLACE_EVERY = 4 };

static const uint64_t values[GRAPH_MUTATE_PARAMETERS] = {NODES, OPERATIONS, CHAIN, REPLACE_EVERY};

typedef void damage(struct graph *graph);

/* The open graph that all cases damage and repair: building one takes a while under stress. */
static struct workload_fixture fixture;
static struct gc_handle_frame frame;
static struct graph graph;

static int open_graph(void **state) {
  (void)state;
  fixture_open(&fixture, &workload_graph_mutate, values);
  frame = gc_handles_enter(fixture.run.mutator);
  return graph_build(&graph, &fixture.run, NODES) == WORKLOAD_DONE ? 0 : -1;
}

static int close_graph(void **state) {
  (void)state;
  gc_handles_leave(fixture.run.mutator, frame);
  fixture_close(&fixture);
  return 0;
}

static void test_a_built_graph_is_right(void **state) {
  (void)state;
  assert_int_equal(check(&graph), WORKLOAD_DONE);
}

static void test_a_mutated_graph_is_right(void **state) {
  (void)state;
  assert_int_equal(operate(&graph, OPERATIONS, NODES), WORKLOAD_DONE);
  assert_int_equal(graph.replacements, OPERATIONS / REPLACE_EVERY);
  assert_int_equal(check(&graph), WORKLOAD_DONE);
}

static void test_a_wrong_id_is_noticed(void **state) {
  (void)state;
  node_at(node_of(&graph, 70))->id++;
  expect_wrong(&fixture.run, check(&graph));
  node_at(node_of(&graph, 70))->id--;
  assert_int_equal(check(&graph), WORKLOAD_DONE);
}

/* Stores `wrong` into the slot, expects the check to fail, and puts back what was there. */
static void expect_wrong_edge(uint64_t id, size_t slot, struct gc_ref wrong) {
  struct gc_mutator *mutator = fixture.run.mutator;
  struct gc_ref node = node_of(&graph, id);
  struct gc_handle_frame inner = gc_handles_enter(mutator);
  struct gc_handle right = gc_handle_push(mutator, gc_read_field(mutator, node, slot));
  gc_write_field(mutator, node, slot, wrong);
  expect_wrong(&fixture.run, check(&graph));
  gc_write_field(mutator, node_of(&graph, id), slot, gc_handle_get(right));
  gc_handles_leave(mutator, inner);
}

static void test_wrong_tree_edges_are_noticed(void **state) {
  (void)state;
  expect_wrong_edge(70, GRAPH_LEFT, node_of(&graph, 142));
  expect_wrong_edge(70, GRAPH_RIGHT, node_of(&graph, 141));
  expect_wrong_edge(70, GRAPH_LEFT, gc_null());
  expect_wrong_edge(NODES - 1, GRAPH_RIGHT, node_of(&graph, 0)); /* a leaf */
  assert_int_equal(check(&graph), WORKLOAD_DONE);
}

static void test_wrong_random_edges_are_noticed(void **state) {
  (void)state;
  uint64_t to = node_at(node_of(&graph, 70))->random_id;
  expect_wrong_edge(70, GRAPH_RANDOM, node_of(&graph, (to + 1) % NODES));
  expect_wrong_edge(70, GRAPH_RANDOM, gc_null());
  assert_int_equal(check(&graph), WORKLOAD_DONE);
}

/* A node that a chunk holds and its parent does not: what a lost store would leave. */
static void test_a_half_replaced_node_is_noticed(void **state) {
  (void)state;
  struct gc_mutator *mutator = fixture.run.mutator;
  struct gc_ref parent = node_of(&graph, 70);
  struct gc_handle_frame inner = gc_handles_enter(mutator);
  struct gc_handle old = gc_handle_push(mutator, gc_read_field(mutator, parent, GRAPH_LEFT));
  assert_int_equal(replace(&graph, 141), WORKLOAD_DONE);
  gc_write_field(mutator, node_of(&graph, 70), GRAPH_LEFT, gc_handle_get(old));
  expect_wrong(&fixture.run, check(&graph));
  gc_write_field(mutator, node_of(&graph, 70), GRAPH_LEFT, node_of(&graph, 141));
  gc_handles_leave(mutator, inner);
  assert_int_equal(check(&graph), WORKLOAD_DONE);
}

static void test_a_missing_node_is_noticed(void **state) {
  (void)state;
  struct gc_mutator *mutator = fixture.run.mutator;
  struct gc_handle_frame inner = gc_handles_enter(mutator);
  struct gc_handle node = gc_handle_push(mutator, node_of(&graph, 70));
  gc_write_field(mutator, chunk_of(&graph, 70), 70, gc_null());
  expect_wrong(&fixture.run, check(&graph));
  gc_write_field(mutator, chunk_of(&graph, 70), 70, gc_handle_get(node));
  gc_handles_leave(mutator, inner);
  assert_int_equal(check(&graph), WORKLOAD_DONE);
}

static void test_a_damaged_chain_is_noticed(void **state) {
  (void)state;
  assert_int_equal(chain_build(&graph, CHAIN), WORKLOAD_DONE);
  assert_int_equal(chain_check(&graph, CHAIN), WORKLOAD_DONE);
  expect_wrong(&fixture.run, chain_check(&graph, CHAIN + 1));
  expect_wrong(&fixture.run, chain_check(&graph, CHAIN - 1));
  struct gc_ref newest = gc_handle_get(graph.chain);
  node_at(gc_read_field(fixture.run.mutator, newest, GRAPH_LEFT))->id++;
  expect_wrong(&fixture.run, chain_check(&graph, CHAIN));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_built_graph_is_right),
      cmocka_unit_test(test_a_mutated_graph_is_right),
      cmocka_unit_test(test_a_wrong_id_is_noticed),
      cmocka_unit_test(test_wrong_tree_edges_are_noticed),
      cmocka_unit_test(test_wrong_random_edges_are_noticed),
      cmocka_unit_test(test_a_half_replaced_node_is_noticed),
      cmocka_unit_test(test_a_missing_node_is_noticed),
      cmocka_unit_test(test_a_damaged_chain_is_noticed),
  };
  return cmocka_run_group_tests(tests, open_graph, close_graph);
}
