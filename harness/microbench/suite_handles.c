/* Handles as cases: a frame of a few pushes, their reading, and its end, beside the same on an array
 * whose top is a local variable. An item is one push with its reading.
 */
#include "harness/microbench/bench_case.h"
#include "harness/microbench/our_heap.h"

#include "harness/clock.h"
#include <gc/handles.h>

enum { FRAMES = 100000, PUSHES = 4 };

static struct our_heap ours;
static char error[256];

static void prepare(const struct bench_sizes *sizes) {
  (void)sizes;
}

static void close_suite(void) {
  our_heap_close(&ours);
}

static void run(void *argument, struct bench_pass *result) {
  (void)argument;
  struct our_heap_shape shape = {.heap_bytes = (size_t)16 << 20, .thread_count = 1};
  if (ours.heap == NULL &&
      (error[0] != '\0' || !our_heap_open(&ours, &shape, error, sizeof error))) {
    result->failure = error;
    return;
  }
  struct gc_ref ref = gc_handle_get(ours.root);
  uint64_t begin_ns = clock_now_ns();
  for (size_t frame = 0; frame < FRAMES; frame++) {
    struct gc_handle_frame handles = gc_handles_enter(ours.mutator);
    for (size_t index = 0; index < PUSHES; index++) {
      struct gc_handle handle = gc_handle_push(ours.mutator, ref);
      __asm__("" : : "r"(handle.location) : "memory");
      ref = gc_handle_get(handle);
    }
    gc_handles_leave(ours.mutator, handles);
  }
  result->elapsed_ns = clock_now_ns() - begin_ns;
  result->items = (uint64_t)FRAMES * PUSHES;
  result->bytes = result->items * sizeof ref;
  if (ref.address != gc_handle_get(ours.root).address) {
    result->failure = "a handle does not hold what was pushed";
  }
}

static void run_ideal(void *argument, struct bench_pass *result) {
  (void)argument;
  uintptr_t stack[PUSHES * 2], *top = stack, value = BENCH_SEED;
  uint64_t begin_ns = clock_now_ns();
  for (size_t frame = 0; frame < FRAMES; frame++) {
    uintptr_t *entered = top;
    for (size_t index = 0; index < PUSHES; index++) {
      uintptr_t *location = top++;
      *location = value;
      __asm__("" : : "r"(location) : "memory");
      value = *location;
    }
    top = entered;
  }
  result->elapsed_ns = clock_now_ns() - begin_ns;
  result->items = (uint64_t)FRAMES * PUSHES;
  result->bytes = result->items * sizeof value;
  if (value != BENCH_SEED) {
    result->failure = "the stack does not hold what was pushed";
  }
}

static const struct bench_case cases[] = {
    {"handles/push_get", "stack", BENCH_IDEAL, 1, run_ideal, NULL, NULL},
    {"handles/push_get", "gc_handle", BENCH_OURS, 1, run, NULL, NULL},
};

const struct bench_suite bench_handles_suite = {
    .cases = cases,
    .case_count = sizeof cases / sizeof *cases,
    .prepare = prepare,
    .close = close_suite,
};
