/* Pretenuring: programs whose objects last bypass the nursery, others do not, and what lies in the
 * buffers is found by scavenges, marking and sweeps like anything else.
 *
 * Barrier: card_snapshot
 * Timeout: 120
 */
#include "collectors/cycle.h"
#include "collectors/room.h"
#include "heap/heap.h"
#include "heap_fixture.h"

#define KIB ((size_t)1 << 10)

static struct gc_options usual_options(const char *collector) {
  struct gc_options options = fixture_options(64);
  options.collector = collector;
  options.barrier = "card_snapshot";
  options.nursery_bytes = 256 * KIB;
  options.verify_level = 0;
  return options;
}

static uint64_t direct_bytes_of(struct gc_heap *heap) {
  return gc_atomic_load_relaxed(&heap->direct_allocated_bytes);
}

/* Lists of so many bytes in all, which nothing refers to when they are made. */
static void allocate_garbage(struct gc_mutator *mutator, size_t bytes) {
  for (size_t made = 0; made < bytes; made += gc_object_bytes_for(1, 48)) {
    assert_false(gc_is_null(gc_allocate(mutator, 1, 48, 0)));
  }
}

/* Of what lasts, seven eighths go into the old space, and scavenges are rare; the bytes that were
 * allocated are counted once. */
static void what_lasts_bypasses_the_nursery(void **state) {
  (void)state;
  for (unsigned turn = 0; turn < 2; turn++) {
    struct gc_options options = usual_options("stw");
    options.pretenuring = turn == 1;
    struct gc_heap *heap = fixture_open(&options);
    struct gc_mutator *mutator = fixture_attach(heap);
    struct gc_handle list = gc_handle_push(mutator, fixture_list(mutator, 200000, 48));
    uint64_t list_bytes = 200000 * gc_object_bytes_for(1, 48);
    gc_collect(mutator, GC_COLLECTION_FULL);
    struct gc_statistics statistics;
    gc_statistics_read(heap, &statistics);
    assert_in_range(statistics.allocated_bytes, list_bytes, list_bytes + list_bytes / 20);
    if (options.pretenuring) {
      assert_true(direct_bytes_of(heap) >= list_bytes / 4 * 3);
      assert_true(statistics.scavenge_count < list_bytes / (256 * KIB) / 3);
    } else {
      assert_int_equal(direct_bytes_of(heap), 0);
    }
    fixture_check_list(mutator, gc_handle_get(list), 200000);
    gc_detach(mutator);
    gc_heap_close(heap);
  }
}

/* Garbage never does, and what lasted before does not matter once a scavenge has seen garbage. */
static void garbage_does_not(void **state) {
  (void)state;
  struct gc_options options = usual_options("stw");
  struct gc_heap *heap = fixture_open(&options);
  struct gc_mutator *mutator = fixture_attach(heap);
  allocate_garbage(mutator, 8 << 20);
  assert_int_equal(direct_bytes_of(heap), 0);
  struct gc_handle list = gc_handle_push(mutator, fixture_list(mutator, 100000, 48));
  assert_true(direct_bytes_of(heap) > 0);
  allocate_garbage(mutator, 4 << 20); /* an eden and what one lets be pretenured, twice at most */
  uint64_t before_bytes = direct_bytes_of(heap);
  allocate_garbage(mutator, 8 << 20);
  assert_int_equal(direct_bytes_of(heap), before_bytes);
  fixture_check_list(mutator, gc_handle_get(list), 100000);
  gc_detach(mutator);
  gc_heap_close(heap);
}

/* Headers of pretenured objects would say that they are logged. */
static void objects_that_are_logged_are_not(void **state) {
  (void)state;
  struct gc_options options = usual_options("stw");
  options.barrier = "object";
  options.stress_pretenure = true;
  struct gc_heap *heap = fixture_open(&options);
  const struct gc_cycle *cycle = gc_cycle_of(heap);
  assert_true(gc_room_eden_cap_bytes(heap) > 0);
  assert_int_equal(heap->pretenured_left_bytes, 0);
  assert_int_equal(cycle->pretenuring.lasting_scavenges, 0);
  gc_heap_close(heap);
}

/* A long list beside garbage, in a heap that has room for little more: the reserve stays what it is,
 * cycles begin, and nothing is lost. */
static void tight_heaps_keep_their_guarantee(void **state) {
  (void)state;
  static const char *const collectors[] = {"stw", "stw_lazy", "incremental_snapshot", "concurrent"};
  for (size_t index = 0; index < sizeof collectors / sizeof collectors[0]; index++) {
    struct gc_options options = usual_options(collectors[index]);
    options.heap_bytes = 12 << 20;
    options.stress_pretenure = true;
    options.verify_level = 2;
    struct gc_heap *heap = fixture_open(&options);
    struct gc_mutator *mutator = fixture_attach(heap);
    struct gc_handle list = gc_handle_push(mutator, fixture_list(mutator, 50000, 48));
    for (unsigned turn = 0; turn < 8; turn++) {
      allocate_garbage(mutator, 4 << 20);
      struct gc_ref other = fixture_list(mutator, 20000, 48);
      assert_false(gc_is_null(other));
      fixture_check_list(mutator, other, 20000);
    }
    assert_true(direct_bytes_of(heap) > 0);
    struct gc_statistics statistics;
    gc_statistics_read(heap, &statistics);
    assert_true(statistics.full_count > 0);
    fixture_check_list(mutator, gc_handle_get(list), 50000);
    gc_detach(mutator);
    gc_heap_close(heap);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_lasts_bypasses_the_nursery),
      cmocka_unit_test(garbage_does_not),
      cmocka_unit_test(objects_that_are_logged_are_not),
      cmocka_unit_test(tight_heaps_keep_their_guarantee),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
