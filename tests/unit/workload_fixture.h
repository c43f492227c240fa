/* A heap, a mutator and the hot code of one workload, for tests that damage its structures.
 *
 * A test includes this, then a workload's x_ops.c, whose functions it then calls as its own: the
 * exported descriptor is replaced by a static one, so that nothing is defined twice.
 */
#ifndef TESTS_UNIT_WORKLOAD_FIXTURE_H
#define TESTS_UNIT_WORKLOAD_FIXTURE_H

#include "workloads/workload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#undef WORKLOAD_OPS
#define WORKLOAD_OPS(name, run_function)                                                           \
  static const struct workload_ops ops_under_test = {                                              \
      .barrier = GC_BARRIER_NAME, .run = (run_function), .attach = gc_attach}

struct workload_fixture {
  struct gc_heap *heap;
  struct workload_input input;
  struct workload_run run;
};

/* `values` are the parameters in the order of their places. The run starts from scratch. */
static inline void fixture_open(struct workload_fixture *fixture, const struct workload *workload,
                                const uint64_t *values) {
  char error[256] = "";
  struct gc_options options = gc_options_default();
  options.collector = "stw";
  options.barrier = GC_BARRIER_NAME;
  options.heap_bytes = 32u << 20;
  options.pretouch = false;
  options.stress_move = true;
  options.stress_collect_every = 1;
  options.verify_level = 2;
  *fixture = (struct workload_fixture){.input = {.workload = workload, .seed = 1}};
  memcpy(fixture->input.integers, values, workload->parameter_count * sizeof *values);
  if (gc_heap_open(&options, &fixture->heap, error, sizeof error) != 0) {
    fail_msg("%s", error);
  }
  struct gc_mutator *mutator = gc_attach(fixture->heap, error, sizeof error);
  if (mutator == NULL) {
    fail_msg("%s", error);
  }
  fixture->run = (struct workload_run){
      .input = &fixture->input, .mutator = mutator, .seed = fixture->input.seed};
}

static inline void fixture_close(struct workload_fixture *fixture) {
  gc_detach(fixture->run.mutator);
  gc_heap_close(fixture->heap);
}

/* The status of a check after damage, with the sentence that goes with it. */
static inline void expect_wrong(const struct workload_run *run, enum workload_status status) {
  assert_int_equal(status, WORKLOAD_WRONG);
  assert_true(strlen(run->note) > 0);
}

#endif
