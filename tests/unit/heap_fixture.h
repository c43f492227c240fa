/* Opening heaps in unit tests: small, not pre-touched, with the verifier at its highest level.
 */
#ifndef TESTS_UNIT_HEAP_FIXTURE_H
#define TESTS_UNIT_HEAP_FIXTURE_H

#include <gc/gc.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static inline struct gc_options fixture_options(size_t heap_mib) {
  struct gc_options options = gc_options_default();
  options.heap_bytes = (uint64_t)heap_mib << 20;
  options.pretouch = false;
  options.verify_level = 3;
  options.collector = "stw";
  options.barrier = "card";
  return options;
}

static inline struct gc_heap *fixture_open(const struct gc_options *options) {
  char error[512] = "";
  struct gc_heap *heap = NULL;
  int status = gc_heap_open(options, &heap, error, sizeof error);
  if (status != 0) {
    fail_msg("gc_heap_open answered %d: %s", status, error);
  }
  return heap;
}

static inline struct gc_mutator *fixture_attach(struct gc_heap *heap) {
  char error[512] = "";
  struct gc_mutator *mutator = gc_attach(heap, error, sizeof error);
  if (mutator == NULL) {
    fail_msg("gc_attach: %s", error);
  }
  return mutator;
}

/* A list of count objects with one slot and raw_bytes raw bytes, numbered from the end; null when
 * memory ran out. */
static inline struct gc_ref fixture_list(struct gc_mutator *mutator, size_t count,
                                         size_t raw_bytes) {
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle list = gc_handle_push(mutator, gc_null());
  for (size_t number = 0; number < count; number++) {
    struct gc_ref link = gc_allocate(mutator, 1, raw_bytes, 0);
    if (gc_is_null(link)) {
      gc_handles_leave(mutator, frame);
      return link;
    }
    gc_init_field(mutator, link, 0, gc_handle_get(list));
    *(uint64_t *)gc_object_raw(link, 1) = number;
    gc_handle_set(mutator, list, link);
  }
  struct gc_ref first = gc_handle_get(list);
  gc_handles_leave(mutator, frame);
  return first;
}

static inline void fixture_check_list(struct gc_mutator *mutator, struct gc_ref list,
                                      size_t count) {
  for (size_t number = count; number-- > 0; list = gc_read_field(mutator, list, 0)) {
    assert_false(gc_is_null(list));
    assert_int_equal(*(uint64_t *)gc_object_raw(list, 1), number);
  }
  assert_true(gc_is_null(list));
}

#endif
