/* Our scavenge as cases: a nursery filled with a tree in which everything survives, then a forced
 * scavenge.
 *
 * The tree of the pass before is garbage by then, so each tree survives once and none twice. The
 * heap is small, so that what is promoted goes to memory that was in use a few passes ago, as the
 * ideal's to-space was. A little of the nursery is left free, because a scavenge that comes by
 * itself while the tree is built would spoil the pass. Where one comes anyway (what was promoted in
 * earlier passes fills the old space), everything is collected and the tree built anew.
 */
#include "harness/microbench/bench_case.h"
#include "harness/microbench/our_heap.h"

enum { BUILD_ATTEMPTS = 3 };

struct fixture {
  enum ideal_layout layout;
  unsigned thread_count;
  struct our_heap ours;
  char error[256]; /* why it could not be opened; empty: no attempt failed */
};

static size_t nursery_bytes;

static struct fixture fixtures[] = {
    {.layout = IDEAL_LAYOUT_IN_ORDER_TREE, .thread_count = 1},
    {.layout = IDEAL_LAYOUT_IN_ORDER_TREE, .thread_count = 2},
    {.layout = IDEAL_LAYOUT_SHUFFLED_TREE, .thread_count = 1},
    {.layout = IDEAL_LAYOUT_SHUFFLED_TREE, .thread_count = 2},
};

static void prepare(const struct bench_sizes *sizes) {
  nursery_bytes = sizes->nursery_bytes;
}

static void close_suite(void) {
  for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
    our_heap_close(&fixtures[i].ours);
  }
}

static size_t tree_nodes(void) {
  return (nursery_bytes - nursery_bytes / 32) / IDEAL_NODE_BYTES;
}

static bool build_tree(struct fixture *fixture) {
  for (int attempt = 0; attempt < BUILD_ATTEMPTS; attempt++) {
    struct gc_statistics before = our_heap_statistics(&fixture->ours);
    if (!our_heap_fill(&fixture->ours, fixture->layout, tree_nodes())) {
      return false;
    }
    struct gc_statistics after = our_heap_statistics(&fixture->ours);
    if (after.scavenge_count == before.scavenge_count && after.full_count == before.full_count) {
      return our_heap_link(&fixture->ours, fixture->layout, tree_nodes(), BENCH_SEED);
    }
    gc_handle_set(fixture->ours.mutator, fixture->ours.root, gc_null());
    gc_collect(fixture->ours.mutator, GC_COLLECTION_FULL);
  }
  return false;
}

static void run(void *argument, struct bench_pass *result) {
  struct fixture *fixture = argument;
  struct our_heap_shape shape = {.heap_bytes = nursery_bytes * 8,
                                 .nursery_bytes = nursery_bytes,
                                 .thread_count = fixture->thread_count};
  if (fixture->ours.heap == NULL &&
      (fixture->error[0] != '\0' ||
       !our_heap_open(&fixture->ours, &shape, fixture->error, sizeof fixture->error))) {
    result->failure = fixture->error;
    return;
  }
  if (!build_tree(fixture)) {
    result->failure = "the tree could not be built without a collection";
    return;
  }
  struct gc_statistics before = our_heap_statistics(&fixture->ours);
  gc_collect(fixture->ours.mutator, GC_COLLECTION_MINOR);
  struct gc_statistics after = our_heap_statistics(&fixture->ours);
  result->elapsed_ns = after.last_scavenge_ns;
  result->items = after.survived_objects - before.survived_objects + after.promoted_objects -
                  before.promoted_objects;
  result->bytes = result->items * IDEAL_NODE_BYTES;
  if (result->items != tree_nodes() || result->elapsed_ns == 0) {
    result->failure = "the scavenge did not copy what is reachable";
  }
}

static const struct bench_case cases[] = {
    {"scavenge/in_order_tree", "scavenger", BENCH_OURS, 1, run, &fixtures[0]},
    {"scavenge/in_order_tree", "scavenger", BENCH_OURS, 2, run, &fixtures[1]},
    {"scavenge/shuffled_tree", "scavenger", BENCH_OURS, 1, run, &fixtures[2]},
    {"scavenge/shuffled_tree", "scavenger", BENCH_OURS, 2, run, &fixtures[3]},
};

const struct bench_suite bench_our_scavenge_suite = {
    .cases = cases,
    .case_count = sizeof cases / sizeof *cases,
    .prepare = prepare,
    .close = close_suite,
};
