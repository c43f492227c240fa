/* Ideal allocation as cases: by nursery size, with one and two threads. */
#include "harness/microbench/bench_case.h"
#include "harness/microbench/ideal_kernels.h"

struct fixture {
  size_t buffer_bytes;
  unsigned thread_count;
  struct ideal_allocator allocator; /* closed: no threads */
};

static size_t objects_per_thread;

static struct fixture least_1 = {.buffer_bytes = (size_t)1 << 20, .thread_count = 1};
static struct fixture small_1 = {.buffer_bytes = (size_t)4 << 20, .thread_count = 1};
static struct fixture small_2 = {.buffer_bytes = (size_t)4 << 20, .thread_count = 2};
static struct fixture middle_1 = {.buffer_bytes = (size_t)16 << 20, .thread_count = 1};
static struct fixture large_1 = {.buffer_bytes = (size_t)64 << 20, .thread_count = 1};

static void prepare(const struct bench_sizes *sizes) {
  objects_per_thread = sizes->allocation_objects;
}

static void close_suite(void) {
  ideal_allocator_close(&least_1.allocator);
  ideal_allocator_close(&middle_1.allocator);
  ideal_allocator_close(&small_1.allocator);
  ideal_allocator_close(&small_2.allocator);
  ideal_allocator_close(&large_1.allocator);
}

static void run(void *argument, struct bench_pass *result) {
  struct fixture *fixture = argument;
  if (fixture->allocator.thread_count == 0 &&
      ideal_allocator_open(&fixture->allocator, fixture->buffer_bytes, objects_per_thread,
                           fixture->thread_count) < 0) {
    result->failure = "not enough memory";
    return;
  }
  ideal_allocate_reset(&fixture->allocator);
  struct ideal_pass pass = ideal_allocate(&fixture->allocator);
  result->elapsed_ns = pass.elapsed_ns;
  result->items = pass.objects;
  result->bytes = pass.objects * IDEAL_NODE_BYTES;
  if (pass.elapsed_ns == 0 || pass.objects != objects_per_thread * fixture->thread_count ||
      !ideal_allocate_check(&fixture->allocator)) {
    result->failure = "the kernel did not allocate what it should have";
  }
}

static const struct bench_case cases[] = {
    {"allocate/nursery_1M", "bump", BENCH_IDEAL, 1, run, &least_1, NULL},
    {"allocate/nursery_4M", "bump", BENCH_IDEAL, 1, run, &small_1, NULL},
    {"allocate/nursery_16M", "bump", BENCH_IDEAL, 1, run, &middle_1, NULL},
    {"allocate/nursery_4M", "bump", BENCH_IDEAL, 2, run, &small_2, NULL},
    {"allocate/nursery_64M", "bump", BENCH_IDEAL, 1, run, &large_1, NULL},
};

const struct bench_suite bench_ideal_allocate_suite = {
    .cases = cases,
    .case_count = sizeof cases / sizeof *cases,
    .prepare = prepare,
    .close = close_suite,
};
