/* The eden's size under --nursery auto, by hand-made scavenges; and that a heap keeps to it.
 *
 * Presets: release debug asan
 */
#include "collectors/cycle.h"
#include "collectors/nursery_target.h"
#include "collectors/room.h"
#include "heap_fixture.h"

#define MEBIBYTE    ((size_t)1 << 20)
#define LEAST_BYTES ((size_t)64 << 10)

static void it_begins_small_and_at_most_doubles(void **state) {
  (void)state;
  struct gc_nursery_target target;
  gc_nursery_target_init(&target, 1000000, LEAST_BYTES);
  assert_int_equal(target.eden_bytes, MEBIBYTE / 4);
  /* 10 us for a quarter of a mebibyte: 15 MiB would fit. */
  gc_nursery_target_learn(&target, 10000, MEBIBYTE / 4);
  assert_int_equal(target.eden_bytes, MEBIBYTE / 2);
  gc_nursery_target_learn(&target, 20000, MEBIBYTE / 2);
  assert_int_equal(target.eden_bytes, MEBIBYTE);
}

static void it_is_what_fits(void **state) {
  (void)state;
  struct gc_nursery_target target;
  gc_nursery_target_init(&target, 1000000, LEAST_BYTES);
  /* 2.5 ms for a mebibyte: 625 us are a quarter of one, but for the nanosecond of rounding. */
  gc_nursery_target_learn(&target, 2500000, MEBIBYTE);
  assert_in_range(target.eden_bytes, MEBIBYTE / 4 - 64, MEBIBYTE / 4);
  gc_nursery_target_learn(&target, 35000000000, MEBIBYTE);
  gc_nursery_target_learn(&target, 35000000000, MEBIBYTE);
  assert_int_equal(target.eden_bytes, LEAST_BYTES);
}

static void one_outlier_is_borne_and_forgotten(void **state) {
  (void)state;
  struct gc_nursery_target target;
  gc_nursery_target_init(&target, 1000000, LEAST_BYTES);
  for (unsigned index = 0; index < 10; index++) {
    gc_nursery_target_learn(&target, 625000, MEBIBYTE);
  }
  size_t settled_bytes = target.eden_bytes;
  assert_in_range(settled_bytes, MEBIBYTE - 64, MEBIBYTE);
  gc_nursery_target_learn(&target, 40000000, MEBIBYTE);
  assert_int_equal(target.eden_bytes, settled_bytes);
  gc_nursery_target_learn(&target, 6250000, MEBIBYTE);
  assert_in_range(target.eden_bytes, MEBIBYTE / 10 - 64, MEBIBYTE / 10 + 64);
  unsigned scavenges = 0;
  while (target.eden_bytes < settled_bytes && scavenges < 2000) {
    gc_nursery_target_learn(&target, 625000, MEBIBYTE);
    scavenges++;
  }
  assert_in_range(scavenges, 896, 1034); /* a few more to double */
}

static void small_edens_say_nothing(void **state) {
  (void)state;
  struct gc_nursery_target target;
  gc_nursery_target_init(&target, 1000000, LEAST_BYTES);
  gc_nursery_target_learn(&target, 900000, LEAST_BYTES - 1);
  assert_int_equal(target.eden_bytes, MEBIBYTE / 4);
  gc_nursery_target_init(&target, UINT64_MAX, LEAST_BYTES);
  gc_nursery_target_learn(&target, 900000, MEBIBYTE);
  assert_true(target.eden_bytes == SIZE_MAX);
}

/* Everything survives; a target that the first scavenges cannot meet makes the eden smaller than it
 * began, and never shorter than the least. */
static void a_heap_keeps_to_it(void **state) {
  (void)state;
  struct gc_options options = fixture_options(64);
  char error[256];
  options.verify_level = 0;
  options.pause_target_ns = 100000;
  options.pretenuring = false; /* or most would bypass the eden */
  assert_int_equal(gc_option_set(&options, "nursery", "auto", error, sizeof error), 0);
  struct gc_heap *heap = fixture_open(&options);
  struct gc_mutator *mutator = fixture_attach(heap);
  size_t first_bytes = gc_room_eden_cap_bytes(heap);
  assert_in_range(first_bytes, LEAST_BYTES, MEBIBYTE / 16);
  struct gc_handle list = gc_handle_push(mutator, gc_null());
  for (unsigned index = 0; index < 200000; index++) {
    struct gc_ref node = gc_allocate(mutator, 1, 16, 0);
    assert_false(gc_is_null(node));
    gc_init_field(mutator, node, 0, gc_handle_get(list));
    gc_handle_set(mutator, list, node);
  }
  const struct gc_cycle *cycle = gc_cycle_of(heap);
  assert_true(cycle->nursery_target.eden_bytes < SIZE_MAX);
  assert_true(gc_room_eden_cap_bytes(heap) <= cycle->nursery_target.eden_bytes);
  assert_true(heap->statistics.scavenge_count > 20);
  gc_detach(mutator);
  gc_heap_close(heap);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_begins_small_and_at_most_doubles),
      cmocka_unit_test(it_is_what_fits),
      cmocka_unit_test(one_outlier_is_borne_and_forgotten),
      cmocka_unit_test(small_edens_say_nothing),
      cmocka_unit_test(a_heap_keeps_to_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
