/* The nursery's two layouts: where a survivor lives at each age, and how large the eden is then.
 *
 * Presets: release debug asan
 */
#include "heap/heap.h"
#include "heap_fixture.h"
#include <errno.h>

#define HALF_BYTES ((size_t)1 << 20)

struct fixture {
  struct gc_heap *heap;
  struct gc_mutator *mutator;
};

static struct fixture open_layout(const char *layout) {
  struct gc_options options = fixture_options(16);
  options.nursery_bytes = HALF_BYTES;
  options.nursery_layout = layout;
  options.gc_threads = 1;
  struct gc_heap *heap = fixture_open(&options);
  return (struct fixture){heap, fixture_attach(heap)};
}

static void close_layout(struct fixture fixture) {
  gc_detach(fixture.mutator);
  gc_heap_close(fixture.heap);
}

static bool is_young(const struct fixture *fixture, struct gc_handle handle) {
  return gc_heap_is_young(fixture->heap, gc_handle_get(handle));
}

/* Survives once in the nursery, and is promoted when it has survived twice. */
static void check_ages(const char *layout) {
  struct fixture fixture = open_layout(layout);
  struct gc_handle_frame frame = gc_handles_enter(fixture.mutator);
  struct gc_handle first = gc_handle_push(fixture.mutator, fixture_list(fixture.mutator, 100, 40));
  gc_collect(fixture.mutator, GC_COLLECTION_MINOR);
  assert_true(is_young(&fixture, first));
  struct gc_handle second = gc_handle_push(fixture.mutator, fixture_list(fixture.mutator, 50, 40));
  gc_collect(fixture.mutator, GC_COLLECTION_MINOR);
  assert_false(is_young(&fixture, first));
  assert_true(is_young(&fixture, second));
  gc_collect(fixture.mutator, GC_COLLECTION_MINOR);
  assert_false(is_young(&fixture, second));
  assert_int_equal(gc_nursery_used_bytes(&fixture.heap->nursery), 0);
  fixture_check_list(fixture.mutator, gc_handle_get(first), 100);
  fixture_check_list(fixture.mutator, gc_handle_get(second), 50);
  gc_handles_leave(fixture.mutator, frame);
  close_layout(fixture);
}

static void eden_ages_test(void **state) {
  (void)state;
  check_ages("eden");
}

static void semispace_ages_test(void **state) {
  (void)state;
  check_ages("semispace");
}

/* What survives is at the start of the other half, and the eden is the rest of it. */
static void semispace_shares_a_half_test(void **state) {
  (void)state;
  struct fixture fixture = open_layout("semispace");
  const struct gc_nursery *nursery = &fixture.heap->nursery;
  assert_int_equal(nursery->bytes, 2 * HALF_BYTES);
  assert_int_equal(nursery->eden_bytes, HALF_BYTES);
  struct gc_handle_frame frame = gc_handles_enter(fixture.mutator);
  struct gc_handle list = gc_handle_push(fixture.mutator, fixture_list(fixture.mutator, 1000, 40));
  gc_collect(fixture.mutator, GC_COLLECTION_MINOR);
  size_t survivors_bytes = gc_nursery_survivor_used_bytes(nursery);
  assert_int_equal(survivors_bytes, 1000 * (8 + 8 + 40));
  assert_int_equal(nursery->eden_start, nursery->start + HALF_BYTES + survivors_bytes);
  assert_int_equal(nursery->eden_bytes, HALF_BYTES - survivors_bytes);
  assert_int_equal(nursery->eden_limit, nursery->start + 2 * HALF_BYTES);
  gc_collect(fixture.mutator, GC_COLLECTION_MINOR);
  assert_int_equal(nursery->eden_start, nursery->start);
  assert_int_equal(nursery->eden_bytes, HALF_BYTES);
  fixture_check_list(fixture.mutator, gc_handle_get(list), 1000);
  gc_handles_leave(fixture.mutator, frame);
  close_layout(fixture);
}

/* Where more than three quarters of a half survive, the rest is promoted at once. */
static void semispace_leaves_an_eden_test(void **state) {
  (void)state;
  struct fixture fixture = open_layout("semispace");
  const struct gc_nursery *nursery = &fixture.heap->nursery;
  size_t count = HALF_BYTES / 56 - 2000;
  struct gc_handle_frame frame = gc_handles_enter(fixture.mutator);
  struct gc_handle list = gc_handle_push(fixture.mutator, fixture_list(fixture.mutator, count, 40));
  gc_collect(fixture.mutator, GC_COLLECTION_MINOR);
  size_t survivors_bytes = gc_nursery_survivor_used_bytes(nursery);
  assert_in_range(survivors_bytes, HALF_BYTES / 2, HALF_BYTES / 4 * 3);
  assert_true(nursery->eden_bytes >= HALF_BYTES / 4);
  fixture_check_list(fixture.mutator, gc_handle_get(list), count);
  gc_handles_leave(fixture.mutator, frame);
  close_layout(fixture);
}

static void check_refused(struct gc_options options, const char *words) {
  char error[512] = "";
  struct gc_heap *heap = NULL;
  assert_int_equal(gc_heap_open(&options, &heap, error, sizeof error), -EINVAL);
  assert_non_null(strstr(error, words));
}

static void refusals_test(void **state) {
  (void)state;
  struct gc_options options = fixture_options(16);
  options.nursery_layout = "halves";
  check_refused(options, "neither eden nor semispace");
  options.nursery_layout = "semispace";
  options.nursery_bytes = 128 << 10;
  check_refused(options, "in a quarter of a half");
  options.nursery_bytes = 256 << 10;
  options.interleave_minor = false;
  check_refused(options, "--interleave-minor=off");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(eden_ages_test),
      cmocka_unit_test(semispace_ages_test),
      cmocka_unit_test(semispace_shares_a_half_test),
      cmocka_unit_test(semispace_leaves_an_eden_test),
      cmocka_unit_test(refusals_test),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
