/* The yardsticks: how fast this machine reads and copies memory, measured among everything else.
 *
 * One buffer is read and then serves as the source of the copy; both are far larger than any cache.
 */
#include "harness/microbench/bench_case.h"
#include "harness/microbench/ideal_kernels.h"

#include <string.h>

enum { PATTERN = 1 };

static size_t buffer_bytes;
static struct ideal_memory source, target;

static void prepare(const struct bench_sizes *sizes) {
  buffer_bytes = sizes->bandwidth_bytes;
}

static void close_suite(void) {
  ideal_memory_close(&source);
  ideal_memory_close(&target);
}

static bool is_open(void) {
  if (source.base == NULL && ideal_memory_open(&source, buffer_bytes, IDEAL_TOUCH_NOW) == 0) {
    memset(source.base, PATTERN, source.bytes);
  }
  if (target.base == NULL) {
    ideal_memory_open(&target, buffer_bytes, IDEAL_TOUCH_NOW);
  }
  return source.base != NULL && target.base != NULL;
}

static void read_pass(void *argument, struct bench_pass *result) {
  (void)argument;
  if (!is_open()) {
    result->failure = "not enough memory";
    return;
  }
  uint64_t sum = 0;
  struct ideal_pass pass = ideal_bandwidth_read(&source, &sum);
  result->elapsed_ns = pass.elapsed_ns;
  result->items = pass.objects;
  result->bytes = source.bytes;
  if (sum != UINT64_C(0x0101010101010101) * (source.bytes / sizeof(uint64_t))) {
    result->failure = "the sum of what was read is wrong";
  }
}

static void copy_pass(void *argument, struct bench_pass *result) {
  (void)argument;
  if (!is_open()) {
    result->failure = "not enough memory";
    return;
  }
  target.base[target.bytes - 1] = 0;
  struct ideal_pass pass = ideal_bandwidth_copy(&target, &source);
  result->elapsed_ns = pass.elapsed_ns;
  result->items = pass.objects;
  result->bytes = source.bytes;
  if (target.base[target.bytes - 1] != PATTERN) {
    result->failure = "the copy is not complete";
  }
}

static const struct bench_case cases[] = {
    {"memory/copy", "memcpy", BENCH_YARDSTICK, 1, copy_pass, NULL, NULL},
    {"memory/read", "sum", BENCH_YARDSTICK, 1, read_pass, NULL, NULL},
};

const struct bench_suite bench_bandwidth_suite = {
    .cases = cases,
    .case_count = sizeof cases / sizeof *cases,
    .prepare = prepare,
    .close = close_suite,
};
