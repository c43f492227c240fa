/* The failure ladder's rungs: a request that finds no room has the sweep finished first, then the
 * cycle under way, and only then a full collection.
 *
 * Each test brings a heap to where the rung in question is enough, and counts markings: none for a
 * sweep, one for a cycle under way.
 *
 * Barrier: card_snapshot
 * Presets: release debug asan ubsan
 * Timeout: 120
 */
#include "collectors/cycle.h"
#include "heap_fixture.h"

#define MIB ((size_t)1 << 20)

static struct gc_heap *open_heap(const char *collector) {
  struct gc_options options = fixture_options(32);
  options.collector = collector;
  options.barrier = "card_snapshot";
  options.verify_level = 1;
  options.nursery_bytes = MIB;
  return fixture_open(&options);
}

static struct gc_statistics statistics_of(struct gc_heap *heap) {
  struct gc_statistics statistics;
  gc_statistics_read(heap, &statistics);
  return statistics;
}

static size_t free_bytes(struct gc_heap *heap) {
  return gc_budget_free_bytes(&heap->budget);
}

/* Lists that are promoted, and dropped when a cycle is over or, where it marks beside the mutator,
 * when it begins: what the next one finds dead, or this one. */
static void fill_until(struct gc_mutator *mutator, struct gc_heap *heap,
                       bool (*is_reached)(struct gc_heap *heap)) {
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  for (unsigned turn = 0; !is_reached(heap); turn++) {
    assert_true(turn < 10000);
    struct gc_ref list = fixture_list(mutator, 400, 48);
    assert_false(gc_is_null(list));
    gc_handle_push(mutator, list);
    if (turn % 700 == 699) {
      gc_handles_leave(mutator, frame);
      frame = gc_handles_enter(mutator);
    }
  }
  gc_handles_leave(mutator, frame);
}

static bool awaits_sweep(struct gc_heap *heap) {
  return !gc_cycle_is_swept(gc_cycle_of(heap));
}

static bool marks(struct gc_heap *heap) {
  return gc_cycle_of(heap)->phase == GC_CYCLE_MARK;
}

/* Of what awaits its sweep so much is dead that the object fits: nothing is marked for it, and the
 * world is not stopped. */
static void a_large_object_sweeps(void **state) {
  (void)state;
  struct gc_heap *heap = open_heap("stw_lazy");
  struct gc_mutator *mutator = fixture_attach(heap);
  struct gc_handle live = gc_handle_push(mutator, fixture_list(mutator, 10000, 48));
  fill_until(mutator, heap, awaits_sweep);
  struct gc_statistics before = statistics_of(heap);
  size_t bytes = free_bytes(heap);
  struct gc_ref large = gc_allocate(mutator, 0, bytes, 0);
  assert_false(gc_is_null(large));
  struct gc_statistics after = statistics_of(heap);
  assert_int_equal(after.full_count, before.full_count);
  assert_int_equal(after.stop_count, before.stop_count);
  assert_true(after.swept_bytes > before.swept_bytes);
  fixture_check_list(mutator, gc_handle_get(live), 10000);
  gc_detach(mutator);
  gc_heap_close(heap);
}

/* What the cycle under way finds dead makes room: it is finished, and no other follows it. */
static void a_large_object_finishes_the_cycle(void **state) {
  (void)state;
  struct gc_heap *heap = open_heap("incremental_snapshot");
  struct gc_mutator *mutator = fixture_attach(heap);
  struct gc_handle live = gc_handle_push(mutator, fixture_list(mutator, 100000, 48));
  fill_until(mutator, heap, marks);
  fill_until(mutator, heap, awaits_sweep);
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  gc_handle_push(mutator, gc_allocate(mutator, 0, free_bytes(heap) - 4 * MIB, 0));
  gc_handles_leave(mutator, frame); /* dead when the next cycle begins */
  fill_until(mutator, heap, marks);
  struct gc_statistics before = statistics_of(heap);
  struct gc_ref large = gc_allocate(mutator, 0, free_bytes(heap), 0);
  assert_false(gc_is_null(large));
  struct gc_statistics after = statistics_of(heap);
  assert_int_equal(after.full_count, before.full_count + 1);
  assert_int_equal(after.degenerated_count, before.degenerated_count + 1);
  fixture_check_list(mutator, gc_handle_get(live), 100000);
  gc_detach(mutator);
  gc_heap_close(heap);
}

/* The same of a buffer where nothing is young. */
static void a_buffer_finishes_the_cycle(void **state) {
  (void)state;
  struct gc_heap *heap = open_heap("young=none,mark=incremental,sweep=lazy");
  struct gc_mutator *mutator = fixture_attach(heap);
  struct gc_handle live = gc_handle_push(mutator, fixture_list(mutator, 100000, 48));
  uint64_t degenerated = 0;
  for (unsigned turn = 0; degenerated == 0; turn++) {
    assert_true(turn < 1000);
    fill_until(mutator, heap, marks);
    struct gc_statistics before = statistics_of(heap);
    /* Fills the heap up at once, so that the next buffer finds no room. */
    struct gc_ref filler =
        gc_allocate(mutator, 0, free_bytes(heap) / GC_BLOCK_BYTES * GC_BLOCK_BYTES - 64, 0);
    struct gc_statistics after = statistics_of(heap);
    assert_false(gc_is_null(filler));
    degenerated = after.degenerated_count - before.degenerated_count;
    while (marks(heap) && degenerated == 0) {
      before = after;
      assert_false(gc_is_null(gc_allocate(mutator, 0, 1000, 0)));
      after = statistics_of(heap);
      degenerated = after.degenerated_count - before.degenerated_count;
    }
    assert_true(degenerated == 0 || after.full_count == before.full_count + 1);
  }
  fixture_check_list(mutator, gc_handle_get(live), 100000);
  gc_detach(mutator);
  gc_heap_close(heap);
}

/* Large objects alone have cycles begin and be marked in steps where nothing is young. */
static void large_objects_alone_begin_cycles(void **state) {
  (void)state;
  static const char *const collectors[] = {"incremental", "young=none,mark=incremental,sweep=lazy"};
  for (size_t index = 0; index < sizeof collectors / sizeof collectors[0]; index++) {
    struct gc_heap *heap = open_heap(collectors[index]);
    struct gc_mutator *mutator = fixture_attach(heap);
    struct gc_handle live = gc_handle_push(mutator, fixture_list(mutator, 10000, 48));
    for (unsigned turn = 0; !marks(heap); turn++) {
      assert_true(turn < 4096);
      assert_false(gc_is_null(gc_allocate(mutator, 0, 64 << 10, 0)));
      assert_int_equal(statistics_of(heap).full_count, 0);
    }
    fixture_check_list(mutator, gc_handle_get(live), 10000);
    gc_detach(mutator);
    gc_heap_close(heap);
  }
}

/* Objects that are allocated old and black count as live when marking ends. */
static void what_is_allocated_black_is_counted(void **state) {
  (void)state;
  static const char *const collectors[] = {"incremental_snapshot",
                                           "young=none,mark=incremental,sweep=lazy"};
  for (size_t index = 0; index < sizeof collectors / sizeof collectors[0]; index++) {
    struct gc_heap *heap = open_heap(collectors[index]);
    struct gc_mutator *mutator = fixture_attach(heap);
    struct gc_handle live = gc_handle_push(mutator, fixture_list(mutator, 100000, 48));
    uint64_t before;
    do { /* the allocation's help may end the cycle before the object has its place */
      fill_until(mutator, heap, marks);
      before = statistics_of(heap).full_count;
      assert_false(gc_is_null(gc_allocate(mutator, 0, 2 * MIB, 0)));
    } while (statistics_of(heap).full_count != before);
    while (statistics_of(heap).full_count == before) {
      gc_idle(mutator, 1000000);
    }
    struct gc_statistics after = statistics_of(heap);
    assert_true(after.last_live_bytes >= 100000 * gc_object_bytes_for(1, 48) + 2 * MIB);
    fixture_check_list(mutator, gc_handle_get(live), 100000);
    gc_detach(mutator);
    gc_heap_close(heap);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_large_object_sweeps),
      cmocka_unit_test(a_large_object_finishes_the_cycle),
      cmocka_unit_test(a_buffer_finishes_the_cycle),
      cmocka_unit_test(large_objects_alone_begin_cycles),
      cmocka_unit_test(what_is_allocated_black_is_counted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
