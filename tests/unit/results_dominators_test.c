/* Dominators and retained sizes: graphs whose answers were worked out by hand, and random ones
 * against the definition. Paths from roots. A chain too deep for recursion.
 */
#include "results/dominators.h"
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* From, to, kind; ascending by `from`. */
struct edge {
  uint32_t from, to;
  enum gc_image_edge_kind kind;
};

static char *node_name = "node";

/* Node n has 2^(n % 40) bytes, so that a sum says of which nodes it is. */
static uint64_t bytes_of(uint32_t node) {
  return UINT64_C(1) << node % 40;
}

static struct gc_image make_image(uint32_t node_count, const struct edge *edges,
                                  uint32_t edge_count) {
  struct gc_image image = {.node_count = node_count,
                           .edge_count = edge_count,
                           .name_count = 1,
                           .node_names = calloc(node_count, sizeof *image.node_names),
                           .node_bytes = calloc(node_count, sizeof *image.node_bytes),
                           .node_kinds = calloc(node_count, sizeof *image.node_kinds),
                           .first_edges = calloc(node_count + 1, sizeof *image.first_edges),
                           .edge_targets = calloc(edge_count + 1, sizeof *image.edge_targets),
                           .edge_names = calloc(edge_count + 1, sizeof *image.edge_names),
                           .edge_kinds = calloc(edge_count + 1, sizeof *image.edge_kinds),
                           .names = &node_name};
  for (uint32_t edge = 0; edge < edge_count; edge++) {
    assert_true(edge == 0 || edges[edge - 1].from <= edges[edge].from);
    image.edge_targets[edge] = edges[edge].to;
    image.edge_kinds[edge] = (uint8_t)edges[edge].kind;
    image.first_edges[edges[edge].from + 1]++;
  }
  for (uint32_t node = 0; node < node_count; node++) {
    image.first_edges[node + 1] += image.first_edges[node];
    image.node_bytes[node] = bytes_of(node);
    image.node_kinds[node] = GC_IMAGE_OBJECT;
  }
  return image;
}

static void free_image(struct gc_image *image) {
  image->names = NULL;
  image->name_count = 0;
  gc_image_free(image);
}

static void expect(const struct gc_image *image, const uint32_t *immediate,
                   const uint64_t *retained_bytes) {
  struct results_dominators dominators;
  assert_int_equal(results_dominators_find(image, &dominators), 0);
  for (uint32_t node = 0; node < image->node_count; node++) {
    assert_int_equal(dominators.immediate[node], immediate[node]);
    assert_int_equal(dominators.retained_bytes[node], retained_bytes[node]);
  }
  results_dominators_finish(&dominators);
}

#define S    GC_IMAGE_SLOT
#define NONE RESULTS_NO_NODE

static void diamond(void **state) {
  (void)state;
  /* 0 - 1 - {2, 3} - 4 - 5: what both sides lead to is the fork's. */
  static const struct edge edges[] = {{0, 1, S}, {1, 2, S}, {1, 3, S},
                                      {2, 4, S}, {3, 4, S}, {4, 5, S}};
  struct gc_image image = make_image(6, edges, 6);
  expect(&image, (uint32_t[]){NONE, 0, 1, 1, 1, 4}, (uint64_t[]){63, 62, 4, 8, 48, 32});
  free_image(&image);
}

static void ring_and_self(void **state) {
  (void)state;
  static const struct edge edges[] = {{0, 1, S}, {1, 1, S}, {1, 2, S},
                                      {2, 3, S}, {3, 1, S}, {3, 2, S}};
  struct gc_image image = make_image(4, edges, 6);
  expect(&image, (uint32_t[]){NONE, 0, 1, 2}, (uint64_t[]){15, 14, 12, 8});
  free_image(&image);
}

/* The flow graph of Lengauer and Tarjan 1979 fig. 1: R A B C D E F G H I J K L are 0 to 12. */
static void of_the_paper(void **state) {
  (void)state;
  static const struct edge edges[] = {
      {0, 1, S}, {0, 2, S},  {0, 3, S},  {1, 4, S},  {2, 1, S},  {2, 4, S},  {2, 5, S},
      {3, 6, S}, {3, 7, S},  {4, 12, S}, {5, 8, S},  {6, 9, S},  {7, 9, S},  {7, 10, S},
      {8, 5, S}, {8, 11, S}, {9, 11, S}, {10, 9, S}, {11, 9, S}, {11, 0, S}, {12, 8, S}};
  struct gc_image image = make_image(13, edges, 21);
  static const uint32_t immediate[] = {NONE, 0, 0, 0, 0, 0, 3, 3, 0, 0, 7, 0, 4};
  uint64_t retained_bytes[13];
  for (uint32_t node = 0; node < 13; node++) {
    retained_bytes[node] = bytes_of(node);
  }
  retained_bytes[0] = (1 << 13) - 1;
  retained_bytes[3] += bytes_of(6) + bytes_of(7) + bytes_of(10);
  retained_bytes[4] += bytes_of(12);
  retained_bytes[7] += bytes_of(10);
  expect(&image, immediate, retained_bytes);
  free_image(&image);
}

/* Weak edges keep nothing; what only they lead to retains nothing. */
static void weak_edges(void **state) {
  (void)state;
  static const struct edge edges[] = {
      {0, 1, S}, {0, 3, GC_IMAGE_FINALIZER}, {1, 2, S}, {1, 4, GC_IMAGE_WEAK}, {2, 3, S}};
  struct gc_image image = make_image(5, edges, 5);
  expect(&image, (uint32_t[]){NONE, 0, 1, 2, NONE}, (uint64_t[]){15, 14, 12, 8, 0});
  free_image(&image);
}

/* 1 is an ephemeron's table, 2 its key, 3 the ephemeron, 4 the value: kept by what keeps both. */
static void ephemeron(void **state) {
  (void)state;
  static const struct edge edges[] = {{0, 1, S},
                                      {0, 2, S},
                                      {1, 3, S},
                                      {2, 4, GC_IMAGE_KEY_VALUE},
                                      {3, 2, GC_IMAGE_KEY},
                                      {3, 4, GC_IMAGE_VALUE}};
  struct gc_image image = make_image(5, edges, 6);
  expect(&image, (uint32_t[]){NONE, 0, 0, 1, 0}, (uint64_t[]){31, 10, 4, 8, 16});
  free_image(&image);
}

/* --- random graphs -----------------------------------------------------------------------------*/

static uint64_t random_next(uint64_t *state) {
  uint64_t mixed = (*state += UINT64_C(0x9e3779b97f4a7c15));
  mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
  return mixed ^ mixed >> 31;
}

static uint32_t random_below(uint64_t *state, uint32_t bound) {
  return (uint32_t)(random_next(state) % bound);
}

enum { NODES_MAX = 60 };

/* What is reached when one node is taken away; NONE: none is. */
static void reach(const struct gc_image *image, uint32_t without, bool *reached) {
  uint32_t stack[NODES_MAX], count = 0;
  memset(reached, 0, NODES_MAX * sizeof *reached);
  if (without != 0) {
    reached[0] = true;
    stack[count++] = 0;
  }
  while (count > 0) {
    uint32_t node = stack[--count];
    for (uint32_t edge = image->first_edges[node]; edge < image->first_edges[node + 1]; edge++) {
      uint32_t target = image->edge_targets[edge];
      if (!gc_image_is_weak(image, edge) && target != without && !reached[target]) {
        reached[target] = true;
        stack[count++] = target;
      }
    }
  }
}

/* By the definition: taking a node away, with whatever is unreachable then. */
static void check_against_definition(const struct gc_image *image) {
  struct results_dominators dominators;
  bool all[NODES_MAX], rest[NODES_MAX];
  static bool dominates[NODES_MAX][NODES_MAX];
  memset(dominates, 0, sizeof dominates);
  assert_int_equal(results_dominators_find(image, &dominators), 0);
  reach(image, NONE, all);
  for (uint32_t node = 0; node < image->node_count; node++) {
    uint64_t retained_bytes = 0;
    reach(image, node, rest);
    for (uint32_t other = 0; other < image->node_count && all[node]; other++) {
      dominates[node][other] = all[other] && !rest[other];
      retained_bytes += dominates[node][other] ? bytes_of(other) : 0;
    }
    assert_int_equal(dominators.retained_bytes[node], retained_bytes);
  }
  for (uint32_t node = 0; node < image->node_count; node++) {
    uint32_t immediate = dominators.immediate[node];
    assert_int_equal(immediate == NONE, node == 0 || !all[node]);
    for (uint32_t other = 0; immediate != NONE && other < image->node_count; other++) {
      bool is_above = other != node && dominates[other][node];
      assert_int_equal(is_above, dominates[other][immediate]);
    }
  }
  results_dominators_finish(&dominators);
}

static int compare_edges(const void *left, const void *right) {
  const struct edge *a = left, *b = right;
  return (a->from > b->from) - (a->from < b->from);
}

static void random_graphs(void **state) {
  (void)state;
  const char *text = getenv("TRICOLOR_TEST_SEED");
  uint64_t seed = text ? strtoull(text, NULL, 10) : 1;
  print_message("seed %" PRIu64 "\n", seed);
  for (unsigned graph = 0; graph < 1500; graph++) {
    struct edge edges[4 * NODES_MAX];
    uint32_t nodes = 1 + random_below(&seed, NODES_MAX);
    uint32_t count = random_below(&seed, (1 + random_below(&seed, 4)) * nodes + 1);
    for (uint32_t edge = 0; edge < count; edge++) {
      edges[edge] = (struct edge){random_below(&seed, nodes), random_below(&seed, nodes),
                                  random_below(&seed, 8) == 0 ? GC_IMAGE_WEAK : GC_IMAGE_SLOT};
      if (graph % 2 == 0 && edges[edge].to != 0) { /* mostly ahead: deep and reachable */
        edges[edge].from = random_below(&seed, edges[edge].to);
      }
    }
    qsort(edges, count, sizeof *edges, compare_edges);
    struct gc_image image = make_image(nodes, edges, count);
    check_against_definition(&image);
    free_image(&image);
  }
}

/* --- depth, and paths --------------------------------------------------------------------------*/

/* A list with links in both directions, and one from the last to the first. */
static void long_list(void **state) {
  (void)state;
  enum { NODES = 300000 };
  struct edge *edges = calloc(2 * NODES, sizeof *edges);
  uint32_t count = 0;
  for (uint32_t node = 0; node < NODES; node++) {
    if (node > 0) {
      edges[count++] = (struct edge){node, node - 1, S};
    }
    edges[count++] = (struct edge){node, (node + 1) % NODES, S};
  }
  struct gc_image image = make_image(NODES, edges, count);
  struct results_dominators dominators;
  struct results_paths paths;
  char text[256];
  assert_int_equal(results_dominators_find(&image, &dominators), 0);
  assert_int_equal(results_paths_find(&image, &paths), 0);
  uint64_t rest_bytes = 0;
  for (uint32_t node = NODES; node-- > 1;) {
    rest_bytes += bytes_of(node);
    assert_int_equal(dominators.immediate[node], node - 1);
    assert_int_equal(dominators.retained_bytes[node], rest_bytes);
  }
  assert_int_equal(results_paths_length(&paths, NODES - 1), NODES - 1);
  results_paths_text(&image, &paths, NODES - 1, text, sizeof text);
  assert_non_null(strstr(text, "/ (299987 more) .0 / node"));
  results_paths_finish(&paths);
  results_dominators_finish(&dominators);
  free_image(&image);
  free(edges);
}

static void shortest_path(void **state) {
  (void)state;
  static const struct edge edges[] = {{0, 1, GC_IMAGE_ROOT},
                                      {0, 5, GC_IMAGE_WEAK},
                                      {1, 2, S},
                                      {1, 3, S},
                                      {2, 4, S},
                                      {3, 4, S},
                                      {4, 5, S},
                                      {6, 5, S}};
  struct gc_image image = make_image(7, edges, 8);
  struct results_paths paths;
  char text[256];
  image.edge_names[6] = 17;
  assert_int_equal(results_paths_find(&image, &paths), 0);
  assert_int_equal(results_paths_length(&paths, 5), 4);
  assert_int_equal(results_paths_length(&paths, 0), 0);
  assert_int_equal(results_paths_length(&paths, 6), NONE);
  int length = results_paths_text(&image, &paths, 5, text, sizeof text);
  assert_string_equal(text, "node [0] / node .0 / node .0 / node .17 / node");
  assert_int_equal(length, strlen(text));
  assert_int_equal(results_paths_text(&image, &paths, 5, text, 8), length);
  assert_string_equal(text, "node [0");
  results_paths_text(&image, &paths, 6, text, sizeof text);
  assert_string_equal(text, "nothing keeps it");
  results_paths_finish(&paths);
  free_image(&image);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(diamond),      cmocka_unit_test(ring_and_self),
      cmocka_unit_test(of_the_paper), cmocka_unit_test(weak_edges),
      cmocka_unit_test(ephemeron),    cmocka_unit_test(random_graphs),
      cmocka_unit_test(long_list),    cmocka_unit_test(shortest_path),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
