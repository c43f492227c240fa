/* The ideal kernels of the microbenchmarks: each does exactly what it should, and a broken one is
 * noticed.
 *
 * A floor that does too little looks fast and makes the heap look slow; these tests guard the
 * guards. The kernels' sources are included, because they belong to tricolor-bench and to no
 * library.
 *
 * Presets: release debug asan ubsan tsan
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/microbench/ideal_allocate.c"
#include "harness/microbench/ideal_copy.c"
#include "harness/microbench/ideal_copy_shared.c"
#include "harness/microbench/ideal_graph.c"
#include "harness/microbench/ideal_mark.c"
#include "harness/microbench/ideal_memory.c"
#include "harness/microbench/ideal_pool.c"
#include "harness/microbench/ideal_threads.c"

enum { SEED = 7, GRAPH_BYTES = 100000, THREADS_MAX = 3, SHARING_ROUNDS = 20 };

static const enum ideal_layout layouts[] = {IDEAL_LAYOUT_IN_ORDER_TREE, IDEAL_LAYOUT_SHUFFLED_TREE,
                                            IDEAL_LAYOUT_RANDOM_GRAPH};
enum { LAYOUTS = sizeof layouts / sizeof *layouts };

static size_t reachable_from(const struct ideal_graph *graph, const struct ideal_node *node,
                             unsigned char *seen) {
  if (node == NULL || seen[node - graph->nodes]++) {
    return 0;
  }
  size_t count = 1;
  for (size_t i = 0; i < gc_header_slot_count(node->header); i++) {
    count += reachable_from(graph, node->slots[i], seen);
  }
  return count;
}

/* Small, because the walk recurses to the depth of the random graph. */
static void test_graphs_are_wholly_reachable(void **state) {
  (void)state;
  for (unsigned layout = 0; layout < LAYOUTS; layout++) {
    struct ideal_graph graph;
    unsigned char seen[301] = {0};
    assert_int_equal(ideal_graph_open(&graph, layouts[layout], 301 * IDEAL_NODE_BYTES, SEED), 0);
    assert_int_equal(graph.node_count, 301);
    assert_int_equal(reachable_from(&graph, graph.root, seen), graph.node_count);
    ideal_graph_close(&graph);
  }
}

static void test_layouts_are_what_they_say(void **state) {
  (void)state;
  struct ideal_graph in_order, shuffled;
  assert_int_equal(ideal_graph_open(&in_order, IDEAL_LAYOUT_IN_ORDER_TREE, GRAPH_BYTES, SEED), 0);
  assert_int_equal(ideal_graph_open(&shuffled, IDEAL_LAYOUT_SHUFFLED_TREE, GRAPH_BYTES, SEED), 0);
  size_t in_place = 0;
  for (size_t i = 0; i < in_order.node_count; i++) {
    assert_int_equal(in_order.nodes[i].number, i);
    in_place += shuffled.nodes[i].number == i;
  }
  assert_in_range(in_place, 0, 20);
  ideal_graph_close(&in_order);
  ideal_graph_close(&shuffled);
}

static void test_marking_visits_every_node_once(void **state) {
  (void)state;
  for (unsigned layout = 0; layout < LAYOUTS; layout++) {
    struct ideal_graph graph;
    assert_int_equal(ideal_graph_open(&graph, layouts[layout], GRAPH_BYTES, SEED), 0);
    for (unsigned threads = 1; threads <= THREADS_MAX; threads++) {
      struct ideal_marker marker;
      assert_int_equal(ideal_marker_open(&marker, &graph, threads), 0);
      for (unsigned round = 0; round < SHARING_ROUNDS; round++) {
        ideal_mark_reset(&marker);
        assert_false(ideal_mark_check(&marker));
        enum ideal_mark_order order = round % 2 ? IDEAL_MARK_STACK : IDEAL_MARK_PREFETCH_FIFO;
        struct ideal_pass pass = ideal_mark(&marker, order);
        assert_int_equal(pass.objects, graph.node_count);
        assert_true(pass.elapsed_ns > 0);
        assert_true(ideal_mark_check(&marker));
      }
      ideal_marker_close(&marker);
    }
    ideal_graph_close(&graph);
  }
}

/* A marker that skips a subtree is one whose graph has it cut off. */
static void test_marking_less_is_noticed(void **state) {
  (void)state;
  struct ideal_graph graph;
  struct ideal_marker marker;
  assert_int_equal(ideal_graph_open(&graph, IDEAL_LAYOUT_SHUFFLED_TREE, GRAPH_BYTES, SEED), 0);
  assert_int_equal(ideal_marker_open(&marker, &graph, 1), 0);
  struct ideal_node *subtree = graph.root->children[1];
  graph.root->children[1] = NULL;
  ideal_mark_reset(&marker);
  struct ideal_pass pass = ideal_mark(&marker, IDEAL_MARK_PREFETCH_FIFO);
  assert_int_equal(pass.objects, graph.node_count - (graph.node_count - 1 - graph.node_count / 2));
  assert_false(ideal_mark_check(&marker));
  graph.root->children[1] = subtree;
  ideal_marker_close(&marker);
  ideal_graph_close(&graph);
}

/* One bit missing, one bit where no object starts, one bit behind the last object. */
static void test_wrong_mark_bits_are_noticed(void **state) {
  (void)state;
  struct ideal_graph graph;
  struct ideal_marker marker;
  assert_int_equal(ideal_graph_open(&graph, IDEAL_LAYOUT_IN_ORDER_TREE, GRAPH_BYTES, SEED), 0);
  assert_int_equal(ideal_marker_open(&marker, &graph, 1), 0);
  uint64_t *bits = (uint64_t *)(void *)marker.bits.base;
  ideal_mark_reset(&marker);
  ideal_mark(&marker, IDEAL_MARK_PREFETCH_FIFO);
  assert_true(ideal_mark_check(&marker));
  size_t granules = graph.node_count * (IDEAL_NODE_BYTES / GC_GRANULE_BYTES);
  const size_t wrong[] = {0, 1, 400, granules - IDEAL_NODE_BYTES / GC_GRANULE_BYTES, granules};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    bits[wrong[i] / 64] ^= UINT64_C(1) << wrong[i] % 64;
    assert_false(ideal_mark_check(&marker));
    bits[wrong[i] / 64] ^= UINT64_C(1) << wrong[i] % 64;
  }
  assert_true(ideal_mark_check(&marker));
  ideal_marker_close(&marker);
  ideal_graph_close(&graph);
}

static void test_copying_keeps_the_tree(void **state) {
  (void)state;
  for (unsigned layout = 0; layout < 2; layout++) {
    struct ideal_copier copier;
    assert_int_equal(ideal_copier_open(&copier, layouts[layout], GRAPH_BYTES, 1, SEED), 0);
    for (int order = 0; order < IDEAL_COPY_ORDERS; order++) {
      ideal_copy_reset(&copier);
      assert_false(ideal_copy_check(&copier));
      struct ideal_pass pass = ideal_copy(&copier, (enum ideal_copy_order)order);
      assert_int_equal(pass.objects, copier.graph.node_count);
      assert_true(ideal_copy_check(&copier));
    }
    ideal_copier_close(&copier);
  }
}

static void test_several_threads_copy_the_same_tree(void **state) {
  (void)state;
  static const enum ideal_copy_order orders[] = {IDEAL_COPY_DEPTH_FIRST, IDEAL_COPY_PREFETCH_FIFO};
  for (unsigned threads = 2; threads <= THREADS_MAX; threads++) {
    struct ideal_copier copier;
    assert_int_equal(
        ideal_copier_open(&copier, IDEAL_LAYOUT_SHUFFLED_TREE, GRAPH_BYTES, threads, SEED), 0);
    for (unsigned round = 0; round < SHARING_ROUNDS; round++) {
      ideal_copy_reset(&copier);
      struct ideal_pass pass = ideal_copy(&copier, orders[round % 2]);
      assert_int_equal(pass.objects, copier.graph.node_count);
      assert_true(ideal_copy_check(&copier));
    }
    ideal_copier_close(&copier);
  }
}

/* The best order of an in-order tree writes it in order again. */
static void test_depth_first_copies_keep_their_order(void **state) {
  (void)state;
  struct ideal_copier copier;
  assert_int_equal(ideal_copier_open(&copier, IDEAL_LAYOUT_SHUFFLED_TREE, GRAPH_BYTES, 1, SEED), 0);
  ideal_copy_reset(&copier);
  ideal_copy(&copier, IDEAL_COPY_DEPTH_FIRST);
  const struct ideal_node *to = (const struct ideal_node *)(const void *)copier.to.base;
  for (size_t i = 0; i < copier.graph.node_count; i++) {
    assert_int_equal(to[i].number, i);
  }
  ideal_copier_close(&copier);
}

static void test_copying_less_is_noticed(void **state) {
  (void)state;
  struct ideal_copier copier;
  assert_int_equal(ideal_copier_open(&copier, IDEAL_LAYOUT_IN_ORDER_TREE, GRAPH_BYTES, 1, SEED), 0);
  for (int order = 0; order < IDEAL_COPY_ORDERS; order++) {
    ideal_copy_reset(&copier);
    ((struct ideal_node *)(void *)copier.from.base)->children[0] = NULL;
    struct ideal_pass pass = ideal_copy(&copier, (enum ideal_copy_order)order);
    assert_true(pass.objects < copier.graph.node_count);
    assert_false(ideal_copy_check(&copier));
  }
  ideal_copier_close(&copier);
}

/* A copier that does not update one slot, or swaps two subtrees, copies as much as a right one. */
static void test_wrong_copies_are_noticed(void **state) {
  (void)state;
  struct ideal_copier copier;
  assert_int_equal(ideal_copier_open(&copier, IDEAL_LAYOUT_SHUFFLED_TREE, GRAPH_BYTES, 1, SEED), 0);
  ideal_copy_reset(&copier);
  ideal_copy(&copier, IDEAL_COPY_LOOK_AHEAD);
  struct ideal_node *root = (struct ideal_node *)(void *)copier.to.base;
  struct ideal_node *left = root->children[0];
  struct ideal_node *right = root->children[1];
  root->children[0] = copier.graph.root->children[0];
  assert_false(ideal_copy_check(&copier));
  root->children[0] = right;
  root->children[1] = left;
  assert_false(ideal_copy_check(&copier));
  root->children[0] = left;
  root->children[1] = right;
  assert_true(ideal_copy_check(&copier));
  left->number++;
  assert_false(ideal_copy_check(&copier));
  ideal_copier_close(&copier);
}

static void test_allocation_fills_its_buffers(void **state) {
  (void)state;
  const size_t object_counts[] = {1, 1000, 65536, 65537, 200001};
  for (unsigned threads = 1; threads <= 2; threads++) {
    for (size_t i = 0; i < sizeof object_counts / sizeof *object_counts; i++) {
      struct ideal_allocator allocator;
      assert_int_equal(ideal_allocator_open(&allocator, (size_t)2 << 20, object_counts[i], threads),
                       0);
      ideal_allocate_reset(&allocator);
      assert_false(ideal_allocate_check(&allocator));
      struct ideal_pass pass = ideal_allocate(&allocator);
      assert_int_equal(pass.objects, object_counts[i] * threads);
      assert_true(ideal_allocate_check(&allocator));
      ideal_allocator_close(&allocator);
    }
  }
}

static void test_wrong_allocation_is_noticed(void **state) {
  (void)state;
  struct ideal_allocator allocator;
  assert_int_equal(ideal_allocator_open(&allocator, (size_t)2 << 20, 1000, 1), 0);
  ideal_allocate_reset(&allocator);
  ideal_allocate(&allocator);
  struct ideal_node *objects = (struct ideal_node *)(void *)allocator.buffers[0].base;
  objects[999].slots[2] = objects;
  assert_false(ideal_allocate_check(&allocator));
  objects[999].slots[2] = NULL;
  assert_true(ideal_allocate_check(&allocator));
  objects[1000] = objects[999];
  assert_false(ideal_allocate_check(&allocator));
  allocator.objects_per_thread = 1001;
  assert_false(ideal_allocate_check(&allocator));
  ideal_allocator_close(&allocator);
}

static void test_bandwidth_kernels_touch_everything(void **state) {
  (void)state;
  struct ideal_memory from, to;
  uint64_t sum = 0;
  assert_int_equal(ideal_memory_open(&from, (size_t)4 << 20, IDEAL_TOUCH_NOW), 0);
  assert_int_equal(ideal_memory_open(&to, (size_t)4 << 20, IDEAL_TOUCH_LATER), 0);
  uint64_t *words = (uint64_t *)(void *)from.base;
  size_t count = from.bytes / sizeof *words;
  for (size_t i = 0; i < count; i++) {
    words[i] = i;
  }
  assert_int_equal(ideal_bandwidth_read(&from, &sum).objects, count);
  assert_int_equal(sum, count / 2 * (count - 1));
  ideal_bandwidth_copy(&to, &from);
  assert_memory_equal(to.base, from.base, from.bytes);
  ideal_memory_close(&from);
  ideal_memory_close(&to);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_graphs_are_wholly_reachable),
      cmocka_unit_test(test_layouts_are_what_they_say),
      cmocka_unit_test(test_marking_visits_every_node_once),
      cmocka_unit_test(test_marking_less_is_noticed),
      cmocka_unit_test(test_wrong_mark_bits_are_noticed),
      cmocka_unit_test(test_copying_keeps_the_tree),
      cmocka_unit_test(test_several_threads_copy_the_same_tree),
      cmocka_unit_test(test_depth_first_copies_keep_their_order),
      cmocka_unit_test(test_copying_less_is_noticed),
      cmocka_unit_test(test_wrong_copies_are_noticed),
      cmocka_unit_test(test_allocation_fills_its_buffers),
      cmocka_unit_test(test_wrong_allocation_is_noticed),
      cmocka_unit_test(test_bandwidth_kernels_touch_everything),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
