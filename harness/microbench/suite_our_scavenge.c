/* Our scavenge as cases: a nursery filled with a tree in which everything survives, then a forced
 * scavenge.
 *
 * The tree of the pass before is collected first: each tree survives once and none twice, and what is
 * promoted goes to memory that was in use in the pass before, as the ideal's to-space was. A little of the
 * nursery is left free, because a scavenge that comes by itself while the tree is built would spoil the
 * pass; a pass in which another collection came is done again.
 *
 * Objects are counted by the heap.
 */
#include "harness/microbench/bench_case.h"
#include "harness/microbench/our_heap.h"

enum { ATTEMPTS = 3 };

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

/* Builds the tree and scavenges it; what the heap counted goes to the result. False: another
 * collection came, or the heap is exhausted. */
static bool try_pass(struct our_heap *ours, enum ideal_layout layout, struct bench_pass *result) {
  struct gc_statistics before = our_heap_statistics(ours);
  if (!our_heap_fill(ours, layout, tree_nodes())) {
    return false;
  }
  struct gc_statistics filled = our_heap_statistics(ours);
  if (filled.scavenge_count != before.scavenge_count || filled.full_count != before.full_count ||
      !our_heap_link(ours, layout, tree_nodes(), BENCH_SEED)) {
    return false;
  }
  gc_collect(ours->mutator, GC_COLLECTION_MINOR);
  struct gc_statistics after = our_heap_statistics(ours);
  result->elapsed_ns = after.last_scavenge_ns;
  result->items = after.survived_objects - before.survived_objects + after.promoted_objects -
                  before.promoted_objects;
  result->bytes = result->items * IDEAL_NODE_BYTES;
  return after.scavenge_count == before.scavenge_count + 1 && after.full_count == before.full_count;
}

/* What the pass before promoted becomes free, lowest blocks first, and is what this pass promotes into: reused and warm, as
 * the ideal's to-space is. */
static void free_last_tree(struct our_heap *ours) {
  gc_handle_set(ours->mutator, ours->root, gc_null());
  gc_collect(ours->mutator, GC_COLLECTION_FULL);
}

static bool open_fixture(struct fixture *fixture) {
  struct our_heap_shape shape = {.heap_bytes = nursery_bytes * 8,
                                 .nursery_bytes = nursery_bytes,
                                 .thread_count = fixture->thread_count};
  return our_heap_open(&fixture->ours, &shape, fixture->error, sizeof fixture->error);
}

static void run(void *argument, struct bench_pass *result) {
  struct fixture *fixture = argument;
  if (fixture->ours.heap == NULL && (fixture->error[0] != '\0' || !open_fixture(fixture))) {
    result->failure = fixture->error;
    return;
  }
  int attempts_left = ATTEMPTS;
  do {
    if (attempts_left-- == 0) {
      result->failure = "no pass went without another collection";
      return;
    }
    free_last_tree(&fixture->ours);
  } while (!try_pass(&fixture->ours, fixture->layout, result));
  if (result->items < tree_nodes() || result->elapsed_ns == 0) {
    result->failure = "the scavenge did not copy what is reachable";
  }
}

static const struct bench_case cases[] = {
    {"scavenge/in_order_tree", "scavenger", BENCH_OURS, 1, run, &fixtures[0], NULL},
    {"scavenge/in_order_tree", "scavenger", BENCH_OURS, 2, run, &fixtures[1], NULL},
    {"scavenge/shuffled_tree", "scavenger", BENCH_OURS, 1, run, &fixtures[2], NULL},
    {"scavenge/shuffled_tree", "scavenger", BENCH_OURS, 2, run, &fixtures[3], NULL},
};

const struct bench_suite bench_our_scavenge_suite = {
    .cases = cases,
    .case_count = sizeof cases / sizeof *cases,
    .prepare = prepare,
    .close = close_suite,
};
