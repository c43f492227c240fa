/* Ideal copying as cases: every order on both layouts, one and two threads; the fastest order is a
 * layout's ideal. */
#include "harness/microbench/bench_case.h"
#include "harness/microbench/ideal_kernels.h"

struct fixture {
  enum ideal_layout layout;
  unsigned thread_count;
  struct ideal_copier copier; /* closed: no nodes */
};

struct run {
  struct fixture *fixture;
  enum ideal_copy_order order;
};

static size_t nursery_bytes;

static struct fixture in_order_1 = {.layout = IDEAL_LAYOUT_IN_ORDER_TREE, .thread_count = 1};
static struct fixture in_order_2 = {.layout = IDEAL_LAYOUT_IN_ORDER_TREE, .thread_count = 2};
static struct fixture shuffled_1 = {.layout = IDEAL_LAYOUT_SHUFFLED_TREE, .thread_count = 1};
static struct fixture shuffled_2 = {.layout = IDEAL_LAYOUT_SHUFFLED_TREE, .thread_count = 2};

static void prepare(const struct bench_sizes *sizes) {
  nursery_bytes = sizes->nursery_bytes;
}

static void close_suite(void) {
  ideal_copier_close(&in_order_1.copier);
  ideal_copier_close(&in_order_2.copier);
  ideal_copier_close(&shuffled_1.copier);
  ideal_copier_close(&shuffled_2.copier);
}

static void run(void *argument, struct bench_pass *result) {
  const struct run *parameters = argument;
  struct fixture *fixture = parameters->fixture;
  struct ideal_copier *copier = &fixture->copier;
  if (copier->graph.nodes == NULL && ideal_copier_open(copier, fixture->layout, nursery_bytes,
                                                       fixture->thread_count, BENCH_SEED) < 0) {
    result->failure = "not enough memory";
    return;
  }
  ideal_copy_reset(copier);
  struct ideal_pass pass = ideal_copy(copier, parameters->order);
  result->elapsed_ns = pass.elapsed_ns;
  result->items = pass.objects;
  result->bytes = pass.objects * IDEAL_NODE_BYTES;
  if (pass.elapsed_ns == 0 || pass.objects != copier->graph.node_count ||
      !ideal_copy_check(copier)) {
    result->failure = "the kernel did not copy what it should have";
  }
}

static struct run runs[] = {
    {&in_order_1, IDEAL_COPY_BREADTH_FIRST}, {&in_order_1, IDEAL_COPY_LOOK_AHEAD},
    {&in_order_1, IDEAL_COPY_DEPTH_FIRST},   {&in_order_1, IDEAL_COPY_PREFETCH_FIFO},
    {&shuffled_1, IDEAL_COPY_BREADTH_FIRST}, {&shuffled_1, IDEAL_COPY_LOOK_AHEAD},
    {&shuffled_1, IDEAL_COPY_DEPTH_FIRST},   {&shuffled_1, IDEAL_COPY_PREFETCH_FIFO},
    {&in_order_2, IDEAL_COPY_DEPTH_FIRST},   {&in_order_2, IDEAL_COPY_PREFETCH_FIFO},
    {&shuffled_2, IDEAL_COPY_DEPTH_FIRST},   {&shuffled_2, IDEAL_COPY_PREFETCH_FIFO},
};

static const struct bench_case cases[] = {
    {"scavenge/in_order_tree", "breadth_first", BENCH_IDEAL, 1, run, &runs[0], NULL},
    {"scavenge/in_order_tree", "look_ahead", BENCH_IDEAL, 1, run, &runs[1], NULL},
    {"scavenge/in_order_tree", "depth_first", BENCH_IDEAL, 1, run, &runs[2], NULL},
    {"scavenge/in_order_tree", "prefetch_fifo", BENCH_IDEAL, 1, run, &runs[3], NULL},
    {"scavenge/in_order_tree", "depth_first", BENCH_IDEAL, 2, run, &runs[8], NULL},
    {"scavenge/in_order_tree", "prefetch_fifo", BENCH_IDEAL, 2, run, &runs[9], NULL},
    {"scavenge/shuffled_tree", "breadth_first", BENCH_IDEAL, 1, run, &runs[4], NULL},
    {"scavenge/shuffled_tree", "look_ahead", BENCH_IDEAL, 1, run, &runs[5], NULL},
    {"scavenge/shuffled_tree", "depth_first", BENCH_IDEAL, 1, run, &runs[6], NULL},
    {"scavenge/shuffled_tree", "prefetch_fifo", BENCH_IDEAL, 1, run, &runs[7], NULL},
    {"scavenge/shuffled_tree", "depth_first", BENCH_IDEAL, 2, run, &runs[10], NULL},
    {"scavenge/shuffled_tree", "prefetch_fifo", BENCH_IDEAL, 2, run, &runs[11], NULL},
};

const struct bench_suite bench_ideal_copy_suite = {
    .cases = cases,
    .case_count = sizeof cases / sizeof *cases,
    .prepare = prepare,
    .close = close_suite,
};
