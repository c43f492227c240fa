/* Our marking as cases: the mark phase of a forced full collection, as the heap's statistics have
 * it.
 *
 * Each layout and thread count has a heap of its own, because a heap's collector threads are fixed
 * when it is opened.
 */
#include "harness/microbench/bench_case.h"
#include "harness/microbench/our_heap.h"

#include <stdio.h>

struct fixture {
  enum ideal_layout layout;
  unsigned thread_count;
  struct our_heap ours;
  size_t node_count;
  char error[256]; /* why it could not be opened; empty: no attempt failed */
};

static size_t graph_bytes;

static struct fixture fixtures[] = {
    {.layout = IDEAL_LAYOUT_IN_ORDER_TREE, .thread_count = 1},
    {.layout = IDEAL_LAYOUT_IN_ORDER_TREE, .thread_count = 2},
    {.layout = IDEAL_LAYOUT_SHUFFLED_TREE, .thread_count = 1},
    {.layout = IDEAL_LAYOUT_SHUFFLED_TREE, .thread_count = 2},
    {.layout = IDEAL_LAYOUT_RANDOM_GRAPH, .thread_count = 1},
    {.layout = IDEAL_LAYOUT_RANDOM_GRAPH, .thread_count = 2},
};

static void prepare(const struct bench_sizes *sizes) {
  graph_bytes = sizes->mark_bytes;
}

static void close_suite(void) {
  for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
    our_heap_close(&fixtures[i].ours);
  }
}

static bool open_fixture(struct fixture *fixture) {
  struct our_heap_shape shape = {.heap_bytes = graph_bytes / 4 * 5 + ((size_t)64 << 20),
                                 .thread_count = fixture->thread_count};
  if (!our_heap_open(&fixture->ours, &shape, fixture->error, sizeof fixture->error)) {
    return false;
  }
  fixture->node_count = graph_bytes / IDEAL_NODE_BYTES;
  if (our_heap_fill(&fixture->ours, fixture->layout, fixture->node_count)) {
    gc_collect(fixture->ours.mutator, GC_COLLECTION_FULL); /* nothing is young when it is linked */
    if (our_heap_link(&fixture->ours, fixture->layout, fixture->node_count, BENCH_SEED)) {
      gc_collect(fixture->ours.mutator, GC_COLLECTION_FULL);
      return true;
    }
  }
  snprintf(fixture->error, sizeof fixture->error, "not enough memory");
  our_heap_close(&fixture->ours);
  return false;
}

static void run(void *argument, struct bench_pass *result) {
  struct fixture *fixture = argument;
  if (fixture->ours.heap == NULL && (fixture->error[0] != '\0' || !open_fixture(fixture))) {
    result->failure = fixture->error;
    return;
  }
  gc_collect(fixture->ours.mutator, GC_COLLECTION_FULL);
  struct gc_statistics statistics = our_heap_statistics(&fixture->ours);
  result->elapsed_ns = statistics.last_mark_ns;
  result->items = statistics.last_marked_objects;
  result->bytes = result->items * IDEAL_NODE_BYTES;
  if (result->items != fixture->node_count || result->elapsed_ns == 0) {
    result->failure = "the collection did not mark what is reachable";
  }
}

static const struct bench_case cases[] = {
    {"mark/in_order_tree", "stw", BENCH_OURS, 1, run, &fixtures[0], NULL},
    {"mark/in_order_tree", "stw", BENCH_OURS, 2, run, &fixtures[1], NULL},
    {"mark/shuffled_tree", "stw", BENCH_OURS, 1, run, &fixtures[2], NULL},
    {"mark/shuffled_tree", "stw", BENCH_OURS, 2, run, &fixtures[3], NULL},
    {"mark/random_graph", "stw", BENCH_OURS, 1, run, &fixtures[4], NULL},
    {"mark/random_graph", "stw", BENCH_OURS, 2, run, &fixtures[5], NULL},
};

const struct bench_suite bench_our_mark_suite = {
    .cases = cases,
    .case_count = sizeof cases / sizeof *cases,
    .prepare = prepare,
    .close = close_suite,
};
