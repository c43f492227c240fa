/* Tests of heap_graph's plan: that what it allows keeps every node reachable and drops what is
 * replaced.
 *
 * The promises are checked against the graph itself, by traversals that share no code with the
 * planner, on graphs of many forms: chains far deeper than any stack, trees, rings, nodes that
 * nothing reaches, random graphs, and the supplied snapshot of a real program.
 *
 * Presets: release debug asan ubsan
 */
#include "workloads/heap_graph_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- graphs ---------------------------------------------------------------------------------*/

static uint64_t random_state;

static uint32_t random_below(uint32_t bound) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((random_state >> 32) * bound >> 32);
}

/* Writes the targets of a node, at most 64, and answers how many. */
typedef uint32_t graph_form(uint32_t node, uint32_t node_count, uint32_t *targets);

static uint32_t chain(uint32_t node, uint32_t node_count, uint32_t *targets) {
  targets[0] = node + 1;
  return node + 1 < node_count;
}

static uint32_t chain_towards_node_1(uint32_t node, uint32_t node_count, uint32_t *targets) {
  (void)node_count;
  targets[0] = node - 1;
  return node > 1;
}

static uint32_t ring(uint32_t node, uint32_t node_count, uint32_t *targets) {
  targets[0] = (node + 1) % node_count;
  return 1;
}

static uint32_t tree(uint32_t node, uint32_t node_count, uint32_t *targets) {
  uint32_t count = 0;
  for (uint32_t child = 2 * node + 1; child <= 2 * node + 2 && child < node_count; child++) {
    targets[count++] = child;
  }
  return count;
}

static uint32_t tree_with_parents(uint32_t node, uint32_t node_count, uint32_t *targets) {
  uint32_t count = tree(node, node_count, targets);
  targets[count] = (node - 1) / 2;
  return count + (node > 0);
}

static uint32_t isolated(uint32_t node, uint32_t node_count, uint32_t *targets) {
  (void)node;
  (void)node_count;
  (void)targets;
  return 0;
}

static uint32_t loops(uint32_t node, uint32_t node_count, uint32_t *targets) {
  (void)node_count;
  targets[0] = targets[1] = node;
  return 2;
}

/* Few edges: much is unreachable from node 0, in components of all kinds. */
static uint32_t sparse(uint32_t node, uint32_t node_count, uint32_t *targets) {
  (void)node;
  uint32_t count = random_below(3);
  for (uint32_t i = 0; i < count; i++) {
    targets[i] = random_below(node_count);
  }
  return count;
}

static uint32_t dense(uint32_t node, uint32_t node_count, uint32_t *targets) {
  (void)node;
  uint32_t count = random_below(12);
  for (uint32_t i = 0; i < count; i++) {
    targets[i] = random_below(node_count);
  }
  return count;
}

/* Mostly to near neighbours, as in the heap of a program: many closed subtrees. */
static uint32_t clustered(uint32_t node, uint32_t node_count, uint32_t *targets) {
  uint32_t count = tree(node, node_count, targets);
  if (random_below(4) == 0) {
    targets[count++] = random_below(node_count / 16 + 1);
  }
  return count;
}

static struct heap_snapshot make_graph(graph_form *form, uint32_t node_count) {
  struct heap_snapshot graph = {.node_count = node_count};
  uint32_t capacity = 16;
  graph.self_size_bytes = malloc(node_count * sizeof(uint32_t));
  graph.first_edge = malloc((node_count + 1) * sizeof(uint32_t));
  graph.edge_to = malloc(capacity * sizeof(uint32_t));
  for (uint32_t node = 0; node < node_count; node++) {
    if (capacity - graph.edge_count < 64) {
      capacity = capacity * 2 + 64;
      graph.edge_to = realloc(graph.edge_to, capacity * sizeof(uint32_t));
    }
    assert_non_null(graph.edge_to);
    graph.self_size_bytes[node] = random_below(200);
    graph.first_edge[node] = graph.edge_count;
    graph.edge_count += form(node, node_count, graph.edge_to + graph.edge_count);
  }
  graph.first_edge[node_count] = graph.edge_count;
  return graph;
}

/* ---- checks ---------------------------------------------------------------------------------*/

/* Marks what start reaches along edge_to, except through the node `barred`; answers how many. */
static uint32_t reach(const struct heap_snapshot *graph, uint32_t start, uint32_t barred,
                      uint8_t *reached) {
  static uint32_t stack[1 << 20];
  assert_true(graph->node_count <= sizeof stack / sizeof stack[0]);
  if (reached[start] || start == barred) {
    return 0;
  }
  uint32_t depth = 0;
  uint32_t count = 0;
  reached[start] = 1;
  stack[depth++] = start;
  while (depth > 0) {
    uint32_t node = stack[--depth];
    count++;
    for (uint32_t edge = graph->first_edge[node]; edge < graph->first_edge[node + 1]; edge++) {
      uint32_t target = graph->edge_to[edge];
      if (!reached[target] && target != barred) {
        reached[target] = 1;
        stack[depth++] = target;
      }
    }
  }
  return count;
}

static uint32_t reach_from_roots(const struct heap_snapshot *graph,
                                 const struct heap_graph_plan *plan, uint32_t barred,
                                 uint8_t *reached) {
  memset(reached, 0, graph->node_count);
  uint32_t count = 0;
  for (uint32_t root = 0; root < plan->root_count; root++) {
    count += reach(graph, plan->order[root], barred, reached);
  }
  return count;
}

static void check_roots(const struct heap_snapshot *graph, const struct heap_graph_plan *plan,
                        uint8_t *reached) {
  assert_int_equal(plan->order[0], 0);
  assert_int_equal(reach_from_roots(graph, plan, UINT32_MAX, reached), graph->node_count);
  if (plan->root_count > 50) {
    return;
  }
  for (uint32_t root = 0; root < plan->root_count; root++) { /* none reaches another */
    memset(reached, 0, graph->node_count);
    reach(graph, plan->order[root], UINT32_MAX, reached);
    for (uint32_t other = 1; other < plan->root_count; other++) {
      assert_true(other == root || !reached[plan->order[other]]);
    }
  }
}

static void check_tree(const struct heap_snapshot *graph, const struct heap_graph_plan *plan,
                       uint8_t *reached, uint8_t *depth) {
  memset(reached, 0, graph->node_count);
  for (uint32_t i = 0; i < graph->node_count; i++) {
    uint32_t node = plan->order[i];
    struct heap_graph_link link = plan->links[node];
    assert_false(reached[node]);
    reached[node] = 1;
    if (i < plan->root_count) {
      assert_int_equal(link.parent, HEAP_GRAPH_NO_PARENT);
      assert_int_equal(link.slot, i);
      depth[node] = 0;
    } else {
      assert_true(reached[link.parent]);
      assert_true(link.slot < heap_snapshot_edges_of(graph, link.parent));
      assert_int_equal(graph->edge_to[graph->first_edge[link.parent] + link.slot], node);
      depth[node] = depth[link.parent] == UINT8_MAX ? UINT8_MAX : (uint8_t)(depth[link.parent] + 1);
    }
  }
}

static bool is_of_tree(const struct heap_graph_plan *plan, struct heap_graph_edge edge,
                       uint32_t target) {
  return plan->links[target].parent == edge.source && plan->links[target].slot == edge.slot;
}

/* `closed-subtree`: members are disjoint, and the only edge that enters is the tree's to the top.
 */
static void check_subtrees(const struct heap_snapshot *graph, const struct heap_graph_plan *plan,
                           const uint8_t *depth, uint32_t *subtree_of) {
  memset(subtree_of, 0xff, graph->node_count * sizeof *subtree_of);
  for (uint32_t subtree = 0; subtree < plan->subtree_count; subtree++) {
    uint32_t begin = plan->subtrees[subtree];
    uint32_t end = plan->subtrees[subtree + 1];
    assert_true(begin < end && end - begin <= HEAP_GRAPH_CLONE_NODES_MAX);
    assert_true(depth[plan->members[begin]] <= HEAP_GRAPH_DEPTH_MAX);
    for (uint32_t i = begin; i < end; i++) {
      uint32_t parent = plan->links[plan->members[i]].parent;
      assert_int_equal(subtree_of[plan->members[i]], UINT32_MAX);
      assert_int_not_equal(parent, HEAP_GRAPH_NO_PARENT);
      assert_true(i == begin ? subtree_of[parent] != subtree : subtree_of[parent] == subtree);
      subtree_of[plan->members[i]] = subtree;
    }
  }
  for (uint32_t node = 0; node < graph->node_count; node++) {
    uint32_t edges = heap_snapshot_edges_of(graph, node);
    for (uint32_t slot = 0; slot < edges; slot++) {
      uint32_t target = graph->edge_to[graph->first_edge[node] + slot];
      bool enters = subtree_of[target] != UINT32_MAX && subtree_of[target] != subtree_of[node];
      if (enters) {
        assert_int_equal(plan->members[plan->subtrees[subtree_of[target]]], target);
        assert_true(is_of_tree(plan, (struct heap_graph_edge){node, slot}, target));
      }
    }
  }
}

/* One after the other, groups go once through all subtrees. */
static void check_groups(const struct heap_snapshot *graph, const struct heap_graph_plan *plan,
                         uint64_t heap_bytes) {
  uint32_t round = 0;
  uint32_t groups = 0;
  uint64_t round_bytes = 0;
  for (uint32_t first = 0; first < plan->subtree_count; first++) {
    uint32_t end = plan->group_ends[first];
    uint64_t bytes = 0;
    assert_true(first < end && end <= plan->subtree_count);
    assert_true(end == first + 1 ||
                plan->subtrees[end] - plan->subtrees[first] <= HEAP_GRAPH_GROUP_NODES);
    for (uint32_t i = plan->subtrees[first]; i < plan->subtrees[end]; i++) {
      bytes += heap_graph_object_bytes(graph, plan->members[i]);
    }
    assert_true(bytes <= heap_bytes / HEAP_GRAPH_CLONE_SHARE);
    assert_true(bytes <= HEAP_GRAPH_CLONE_BYTES_MAX && bytes <= plan->group_max_bytes);
    if (first == round) {
      round = end;
      round_bytes += bytes;
      groups++;
    }
  }
  assert_int_equal(round, plan->subtree_count);
  assert_int_equal(groups, plan->group_count);
  assert_int_equal(round_bytes, plan->subtrees_bytes);
}

/* `tree-stays`: after every reference that may be rewired was, everything is still reachable, and a
 * subtree is still reached through its top alone. */
static void check_rewires(struct heap_snapshot *graph, const struct heap_graph_plan *plan,
                          const uint8_t *depth, const uint32_t *subtree_of, uint8_t *reached) {
  for (uint32_t i = 0; i < plan->target_count; i++) {
    assert_true(depth[plan->targets[i]] <= HEAP_GRAPH_DEPTH_MAX);
    assert_int_equal(subtree_of[plan->targets[i]], UINT32_MAX);
  }
  for (uint32_t i = 0; i < plan->rewire_count; i++) {
    struct heap_graph_edge edge = plan->rewires[i];
    assert_true(edge.slot < heap_snapshot_edges_of(graph, edge.source));
    assert_true(depth[edge.source] <= HEAP_GRAPH_DEPTH_MAX);
    if (i > 0) {
      struct heap_graph_edge before = plan->rewires[i - 1];
      assert_true(before.source < edge.source ||
                  (before.source == edge.source && before.slot < edge.slot));
    }
    if (plan->target_count > 0) {
      uint32_t *target = graph->edge_to + graph->first_edge[edge.source] + edge.slot;
      assert_false(is_of_tree(plan, edge, *target));
      assert_int_equal(subtree_of[*target], UINT32_MAX);
      *target = plan->targets[random_below(plan->target_count)];
    }
  }
  assert_int_equal(reach_from_roots(graph, plan, UINT32_MAX, reached), graph->node_count);
  for (uint32_t subtree = 0; subtree < plan->subtree_count && subtree < 20; subtree++) {
    uint32_t begin = plan->subtrees[subtree];
    reach_from_roots(graph, plan, plan->members[begin], reached);
    for (uint32_t i = begin; i < plan->subtrees[subtree + 1]; i++) {
      assert_false(reached[plan->members[i]]);
    }
  }
}

static struct heap_graph_plan check_plan(struct heap_snapshot *graph) {
  uint64_t heap_bytes = 0;
  for (uint32_t node = 0; node < graph->node_count; node++) {
    heap_bytes += heap_graph_object_bytes(graph, node);
  }
  struct heap_graph_plan plan;
  assert_int_equal(heap_graph_plan_make(graph, heap_bytes, &plan), 0);
  uint8_t *reached = malloc(graph->node_count);
  uint8_t *depth = malloc(graph->node_count);
  uint32_t *subtree_of = malloc(graph->node_count * sizeof *subtree_of);
  assert_true(reached != NULL && depth != NULL && subtree_of != NULL);
  check_roots(graph, &plan, reached);
  check_tree(graph, &plan, reached, depth);
  check_subtrees(graph, &plan, depth, subtree_of);
  check_groups(graph, &plan, heap_bytes);
  check_rewires(graph, &plan, depth, subtree_of, reached);
  free(reached);
  free(depth);
  free(subtree_of);
  return plan;
}

/* ---- tests ----------------------------------------------------------------------------------*/

static void promises_hold_for_every_form(void **state) {
  (void)state;
  static const struct {
    const char *name;
    graph_form *form;
  } forms[] = {
      {"chain", chain},       {"chain towards node 1", chain_towards_node_1},
      {"ring", ring},         {"tree", tree},
      {"isolated", isolated}, {"tree with parents", tree_with_parents},
      {"loops", loops},       {"sparse", sparse},
      {"dense", dense},       {"clustered", clustered},
  };
  static const uint32_t node_counts[] = {1, 2, 3, 10, 1000, 100000};
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    for (size_t k = 0; k < sizeof node_counts / sizeof node_counts[0]; k++) {
      random_state = 1;
      struct heap_snapshot graph = make_graph(forms[i].form, node_counts[k]);
      struct heap_graph_plan plan = check_plan(&graph);
      heap_graph_plan_free(&plan);
      heap_snapshot_free(&graph);
    }
  }
}

static void promises_hold_for_random_graphs(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 300; seed++) {
    random_state = seed;
    uint32_t node_count = 2 + random_below(60);
    struct heap_snapshot graph = make_graph(seed % 3 == 0   ? sparse
                                            : seed % 3 == 1 ? dense
                                                            : clustered,
                                            node_count);
    struct heap_graph_plan plan = check_plan(&graph);
    heap_graph_plan_free(&plan);
    heap_snapshot_free(&graph);
  }
}

/* Components that node 0 does not reach need one root each, wherever their nodes are numbered. */
static void roots_are_as_few_as_can_be(void **state) {
  (void)state;
  struct heap_snapshot graph = make_graph(chain_towards_node_1, 1000);
  struct heap_graph_plan plan = check_plan(&graph);
  assert_int_equal(plan.root_count, 2);
  assert_int_equal(plan.order[1], 999);
  heap_graph_plan_free(&plan);
  heap_snapshot_free(&graph);

  graph = make_graph(ring, 1000);
  plan = check_plan(&graph);
  assert_int_equal(plan.root_count, 1);
  heap_graph_plan_free(&plan);
  heap_snapshot_free(&graph);
}

static void chain_is_cloned_in_pieces(void **state) {
  (void)state;
  struct heap_snapshot graph = make_graph(chain, 1000000);
  struct heap_graph_plan plan = check_plan(&graph);
  assert_int_equal(plan.subtree_count, 1);
  assert_int_equal(plan.subtrees[1], HEAP_GRAPH_CLONE_NODES_MAX);
  assert_int_equal(plan.target_count, 0); /* every reference is the tree's */
  assert_int_equal(plan.rewire_count, HEAP_GRAPH_DEPTH_MAX + 1);
  heap_graph_plan_free(&plan);
  heap_snapshot_free(&graph);
}

/* The plan is of use: most of a real graph can be replaced, and most free references rewired. */
static void real_program_can_be_changed(void **state) {
  (void)state;
  struct heap_snapshot graph;
  char error[1024];
  assert_int_equal(heap_snapshot_read(TRICOLOR_SOURCE_DIR
                                      "/workloads/data/node-bare.heapsnapshot.zst",
                                      &graph, error, sizeof error),
                   0);
  heap_snapshot_drop_labels(&graph);
  struct heap_graph_plan plan = check_plan(&graph);
  assert_int_equal(plan.root_count, 1);
  assert_true(plan.subtree_count > 5000);
  assert_true(plan.subtrees[plan.subtree_count] > graph.node_count / 3);
  assert_true(plan.rewire_count > graph.edge_count / 2);
  assert_true(plan.target_count > graph.node_count / 3);
  heap_graph_plan_free(&plan);
  heap_snapshot_free(&graph);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(promises_hold_for_every_form),
      cmocka_unit_test(promises_hold_for_random_graphs),
      cmocka_unit_test(roots_are_as_few_as_can_be),
      cmocka_unit_test(chain_is_cloned_in_pieces),
      cmocka_unit_test(real_program_can_be_changed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
