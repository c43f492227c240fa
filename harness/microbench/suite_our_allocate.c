/* Our allocation as cases: gc_allocate in a loop, everything dead at once, the empty scavenges
 * included.
 *
 * Each thread of a pass attaches, allocates and detaches; its time is that of its loop, and the
 * pass takes as long as the slowest thread.
 */
#include "harness/microbench/bench_case.h"
#include "harness/microbench/our_heap.h"

#include "harness/clock.h"
#include <stdio.h>

enum { THREADS_MAX = 2, SLOTS = 2, RAW_BYTES = 8 };

struct fixture {
  size_t nursery_bytes;
  unsigned thread_count;
  struct gc_heap *heap;
  uint64_t elapsed_ns[THREADS_MAX]; /* of each thread's loop; 0: it could not attach or allocate */
  char error[256];                  /* why it could not be opened; empty: no attempt failed */
};

static size_t objects_per_thread;

static struct fixture least_1 = {.nursery_bytes = (size_t)1 << 20, .thread_count = 1};
static struct fixture small_1 = {.nursery_bytes = (size_t)4 << 20, .thread_count = 1};
static struct fixture small_2 = {.nursery_bytes = (size_t)4 << 20, .thread_count = 2};
static struct fixture middle_1 = {.nursery_bytes = (size_t)16 << 20, .thread_count = 1};
static struct fixture large_1 = {.nursery_bytes = (size_t)64 << 20, .thread_count = 1};

static void prepare(const struct bench_sizes *sizes) {
  objects_per_thread = sizes->allocation_objects;
}

static void close_fixture(struct fixture *fixture) {
  if (fixture->heap != NULL) {
    gc_heap_close(fixture->heap);
    fixture->heap = NULL;
  }
}

static void close_suite(void) {
  close_fixture(&least_1);
  close_fixture(&middle_1);
  close_fixture(&small_1);
  close_fixture(&small_2);
  close_fixture(&large_1);
}

static bool open_fixture(struct fixture *fixture) {
  struct gc_options options = gc_options_default();
  options.heap_bytes = fixture->nursery_bytes * 8;
  options.nursery_bytes = fixture->nursery_bytes;
  options.collector = "stw";
  options.pretenuring = false; /* what is measured begins in the nursery */
  return gc_heap_open(&options, &fixture->heap, fixture->error, sizeof fixture->error) == 0;
}

static void allocate_objects(void *argument, unsigned index) {
  struct fixture *fixture = argument;
  char error[256];
  struct gc_mutator *mutator = gc_attach(fixture->heap, error, sizeof error);
  fixture->elapsed_ns[index] = 0;
  if (mutator == NULL) {
    return;
  }
  uint64_t begin_ns = clock_now_ns();
  size_t left = objects_per_thread;
  for (; left > 0; left--) {
    struct gc_ref object = gc_allocate(mutator, SLOTS, RAW_BYTES, 0);
    if (GC_UNLIKELY(gc_is_null(object))) {
      break;
    }
    __asm__("" : : "r"(object.address) : "memory");
  }
  uint64_t end_ns = clock_now_ns();
  gc_detach(mutator);
  fixture->elapsed_ns[index] = left == 0 ? end_ns - begin_ns : 0;
}

static void run(void *argument, struct bench_pass *result) {
  struct fixture *fixture = argument;
  if (fixture->heap == NULL && (fixture->error[0] != '\0' || !open_fixture(fixture))) {
    result->failure = fixture->error;
    return;
  }
  struct gc_statistics before, after;
  gc_statistics_read(fixture->heap, &before);
  bool is_complete = ideal_threads_run(fixture->thread_count, allocate_objects, fixture) != 0;
  gc_statistics_read(fixture->heap, &after);
  for (unsigned i = 0; i < fixture->thread_count; i++) {
    is_complete = is_complete && fixture->elapsed_ns[i] != 0;
    result->elapsed_ns =
        fixture->elapsed_ns[i] > result->elapsed_ns ? fixture->elapsed_ns[i] : result->elapsed_ns;
  }
  result->items = objects_per_thread * fixture->thread_count;
  result->bytes = result->items * IDEAL_NODE_BYTES;
  if (!is_complete || after.allocated_bytes - before.allocated_bytes < result->bytes) {
    result->failure = "the threads did not allocate what they should have";
  }
}

static const struct bench_case cases[] = {
    {"allocate/nursery_1M", "gc_allocate", BENCH_OURS, 1, run, &least_1, NULL},
    {"allocate/nursery_4M", "gc_allocate", BENCH_OURS, 1, run, &small_1, NULL},
    {"allocate/nursery_16M", "gc_allocate", BENCH_OURS, 1, run, &middle_1, NULL},
    {"allocate/nursery_4M", "gc_allocate", BENCH_OURS, 2, run, &small_2, NULL},
    {"allocate/nursery_64M", "gc_allocate", BENCH_OURS, 1, run, &large_1, NULL},
};

const struct bench_suite bench_our_allocate_suite = {
    .cases = cases,
    .case_count = sizeof cases / sizeof *cases,
    .prepare = prepare,
    .close = close_suite,
};
