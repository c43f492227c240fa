/* Ideal marking as cases: three layouts, one and two threads.
 *
 * The floor is the prefetch FIFO on every layout, because a marker cannot know the layout in
 * advance. The bare stack stands beside it: faster where memory is in order, several times slower
 * where it is not.
 */
#include "harness/microbench/bench_case.h"
#include "harness/microbench/ideal_kernels.h"

enum { THREADS_MAX = 2 };

struct fixture {
  enum ideal_layout layout;
  struct ideal_graph graph; /* closed: no nodes */
  struct ideal_marker markers[THREADS_MAX];
};

struct run {
  struct fixture *fixture;
  enum ideal_mark_order order;
  unsigned thread_count;
};

static size_t graph_bytes;

static struct fixture in_order = {.layout = IDEAL_LAYOUT_IN_ORDER_TREE};
static struct fixture shuffled = {.layout = IDEAL_LAYOUT_SHUFFLED_TREE};
static struct fixture random_graph = {.layout = IDEAL_LAYOUT_RANDOM_GRAPH};

static void prepare(const struct bench_sizes *sizes) {
  graph_bytes = sizes->mark_bytes;
}

static void close_fixture(struct fixture *fixture) {
  for (unsigned i = 0; i < THREADS_MAX; i++) {
    ideal_marker_close(&fixture->markers[i]);
  }
  ideal_graph_close(&fixture->graph);
}

static void close_suite(void) {
  close_fixture(&in_order);
  close_fixture(&shuffled);
  close_fixture(&random_graph);
}

/* The marker for this many threads, warm; null when memory is lacking. */
static struct ideal_marker *open_marker(struct fixture *fixture, unsigned thread_count) {
  if (fixture->graph.nodes == NULL &&
      ideal_graph_open(&fixture->graph, fixture->layout, graph_bytes, BENCH_SEED) < 0) {
    return NULL;
  }
  struct ideal_marker *marker = &fixture->markers[thread_count - 1];
  if (marker->graph == NULL) {
    if (ideal_marker_open(marker, &fixture->graph, thread_count) < 0) {
      return NULL;
    }
    ideal_mark(marker, IDEAL_MARK_PREFETCH_FIFO);
  }
  return marker;
}

static void run(void *argument, struct bench_pass *result) {
  const struct run *parameters = argument;
  struct ideal_marker *marker = open_marker(parameters->fixture, parameters->thread_count);
  if (marker == NULL) {
    result->failure = "not enough memory";
    return;
  }
  ideal_mark_reset(marker);
  struct ideal_pass pass = ideal_mark(marker, parameters->order);
  result->elapsed_ns = pass.elapsed_ns;
  result->items = pass.objects;
  result->bytes = pass.objects * IDEAL_NODE_BYTES;
  if (pass.elapsed_ns == 0 || pass.objects != marker->graph->node_count ||
      !ideal_mark_check(marker)) {
    result->failure = "the kernel did not mark what it should have";
  }
}

static struct run runs[] = {
    {&in_order, IDEAL_MARK_PREFETCH_FIFO, 1},
    {&in_order, IDEAL_MARK_PREFETCH_FIFO, 2},
    {&in_order, IDEAL_MARK_STACK, 1},
    {&shuffled, IDEAL_MARK_PREFETCH_FIFO, 1},
    {&shuffled, IDEAL_MARK_PREFETCH_FIFO, 2},
    {&shuffled, IDEAL_MARK_STACK, 1},
    {&random_graph, IDEAL_MARK_PREFETCH_FIFO, 1},
    {&random_graph, IDEAL_MARK_PREFETCH_FIFO, 2},
    {&random_graph, IDEAL_MARK_STACK, 1},
};

static const struct bench_case cases[] = {
    {"mark/in_order_tree", "prefetch_fifo", BENCH_IDEAL, 1, run, &runs[0], NULL},
    {"mark/in_order_tree", "prefetch_fifo", BENCH_IDEAL, 2, run, &runs[1], NULL},
    {"mark/in_order_tree", "bare_stack", BENCH_COMPARISON, 1, run, &runs[2], NULL},
    {"mark/shuffled_tree", "prefetch_fifo", BENCH_IDEAL, 1, run, &runs[3], NULL},
    {"mark/shuffled_tree", "prefetch_fifo", BENCH_IDEAL, 2, run, &runs[4], NULL},
    {"mark/shuffled_tree", "bare_stack", BENCH_COMPARISON, 1, run, &runs[5], NULL},
    {"mark/random_graph", "prefetch_fifo", BENCH_IDEAL, 1, run, &runs[6], NULL},
    {"mark/random_graph", "prefetch_fifo", BENCH_IDEAL, 2, run, &runs[7], NULL},
    {"mark/random_graph", "bare_stack", BENCH_COMPARISON, 1, run, &runs[8], NULL},
};

const struct bench_suite bench_ideal_mark_suite = {
    .cases = cases,
    .case_count = sizeof cases / sizeof *cases,
    .prepare = prepare,
    .close = close_suite,
};
