/* Sweeping as cases: a heap full of small objects of which a share lives, scattered at random.
 *
 * Ours is the eager sweep of a full collection, as the heap times it: live bitmaps taken over from
 * mark bitmaps, live bytes counted, free ranges left to be found where they are used. The ideal finds
 * them all. An item is a byte of heap.
 */
#include "harness/microbench/bench_case.h"
#include "harness/microbench/our_heap.h"

#include <stdio.h>

struct fixture {
  unsigned live_percent;
  struct ideal_sweeper ideal;
  struct our_heap ours;
  char error[256];
};

static size_t heap_bytes;
static struct fixture sparse = {.live_percent = 10};
static struct fixture dense = {.live_percent = 50};

static void prepare(const struct bench_sizes *sizes) {
  heap_bytes = sizes->mark_bytes / 2;
}

static void close_suite(void) {
  ideal_sweeper_close(&sparse.ideal);
  ideal_sweeper_close(&dense.ideal);
  our_heap_close(&sparse.ours);
  our_heap_close(&dense.ours);
}

static void run_ideal(void *argument, struct bench_pass *result) {
  struct fixture *fixture = argument;
  if (fixture->ideal.word_count == 0 &&
      ideal_sweeper_open(&fixture->ideal, heap_bytes, fixture->live_percent, BENCH_SEED) < 0) {
    result->failure = "not enough memory";
    return;
  }
  struct ideal_pass pass = ideal_sweep(&fixture->ideal);
  result->elapsed_ns = pass.elapsed_ns;
  result->items = result->bytes = pass.objects;
  if (!ideal_sweep_check(&fixture->ideal)) {
    result->failure = "the ranges are not what is free";
  }
}

/* Unlinks from the list of all nodes those that are to die. No safepoint. */
static void thin(const struct fixture *fixture) {
  struct gc_mutator *mutator = fixture->ours.mutator;
  uint64_t state = BENCH_SEED;
  struct gc_ref kept = gc_handle_get(fixture->ours.root);
  struct gc_ref node = gc_read_field(mutator, kept, 0);
  for (; !gc_is_null(node); node = gc_read_field(mutator, node, 0)) {
    if (ideal_random_below(&state, 100) < fixture->live_percent) {
      gc_write_field(mutator, kept, 0, node);
      kept = node;
    }
  }
  gc_write_field(mutator, kept, 0, gc_null());
}

static bool open_fixture(struct fixture *fixture) {
  struct our_heap_shape shape = {.heap_bytes = heap_bytes + heap_bytes / 8 + ((size_t)16 << 20),
                                 .thread_count = 1};
  if (!our_heap_open(&fixture->ours, &shape, fixture->error, sizeof fixture->error)) {
    return false;
  }
  if (!our_heap_fill(&fixture->ours, IDEAL_LAYOUT_IN_ORDER_TREE, heap_bytes / IDEAL_NODE_BYTES)) {
    snprintf(fixture->error, sizeof fixture->error, "the heap is exhausted");
    our_heap_close(&fixture->ours);
    return false;
  }
  gc_collect(fixture->ours.mutator, GC_COLLECTION_FULL);
  thin(fixture);
  return true;
}

static void run(void *argument, struct bench_pass *result) {
  struct fixture *fixture = argument;
  if (fixture->ours.heap == NULL && (fixture->error[0] != '\0' || !open_fixture(fixture))) {
    result->failure = fixture->error;
    return;
  }
  gc_collect(fixture->ours.mutator, GC_COLLECTION_FULL);
  struct gc_statistics after = our_heap_statistics(&fixture->ours);
  result->elapsed_ns = after.last_sweep_ns;
  result->items = result->bytes = heap_bytes;
  size_t expected = heap_bytes / 100 * fixture->live_percent;
  if (after.last_live_bytes < expected - expected / 10 ||
      after.last_live_bytes > expected + expected / 10 || result->elapsed_ns == 0) {
    result->failure = "what lives is not what should";
  }
}

static const struct bench_case cases[] = {
    {"sweep/10_percent_live", "enumerate", BENCH_IDEAL, 1, run_ideal, &sparse, NULL},
    {"sweep/50_percent_live", "enumerate", BENCH_IDEAL, 1, run_ideal, &dense, NULL},
    {"sweep/10_percent_live", "eager", BENCH_OURS, 1, run, &sparse, NULL},
    {"sweep/50_percent_live", "eager", BENCH_OURS, 1, run, &dense, NULL},
};

const struct bench_suite bench_sweep_suite = {
    .cases = cases,
    .case_count = sizeof cases / sizeof *cases,
    .prepare = prepare,
    .close = close_suite,
};
