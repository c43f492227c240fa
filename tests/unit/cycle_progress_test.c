/* Cycles get on: failures that other systems shipped do not happen here.
 *
 * A mutator that only computes and polls sees its cycle end; blocks do not await their sweep for
 * ever; allocation does not outrun marking in steps; steps together mark no more than thrice what
 * stopped marking marks; time that the program offers is used, and given back to whoever stops the
 * world. Nothing here is timed: where a test waits for another thread it gives up after a minute.
 *
 * Barrier: card_snapshot
 */
#include "collectors/cycle.h"
#include "heap/platform.h"
#include "heap_fixture.h"

#define MIB               ((size_t)1 << 20)
#define GIVES_UP_AFTER_NS UINT64_C(60000000000)

static const char *const beside[] = {"incremental_snapshot", "concurrent", "concurrent_lazy"};

static struct gc_heap *open_heap(const char *collector, size_t heap_mib) {
  struct gc_options options = fixture_options(heap_mib);
  options.collector = collector;
  options.barrier = "card_snapshot";
  options.verify_level = 0;
  options.nursery_bytes = MIB;
  return fixture_open(&options);
}

static uint64_t cycle_count(struct gc_heap *heap) {
  struct gc_statistics statistics;
  gc_statistics_read(heap, &statistics);
  return statistics.full_count;
}

static void allocate_garbage(struct gc_mutator *mutator, size_t bytes) {
  for (size_t done = 0; done < bytes; done += 64) {
    assert_false(gc_is_null(gc_allocate(mutator, 0, 56, 0)));
  }
}

/* Has promotions use up the room until a cycle marks beside the mutator. */
static void allocate_until_marking(struct gc_mutator *mutator, struct gc_heap *heap) {
  struct gc_handle kept = gc_handle_push(mutator, gc_null());
  for (unsigned turn = 0; gc_cycle_of(heap)->phase != GC_CYCLE_MARK; turn++) {
    assert_true(turn < 10000);
    struct gc_ref list = fixture_list(mutator, 4000, 48);
    assert_false(gc_is_null(list));
    gc_handle_set(mutator, kept, turn % 8 == 0 ? gc_null() : list);
  }
}

static void computing_mutator(void **state) {
  (void)state;
  for (size_t index = 0; index < sizeof beside / sizeof beside[0]; index++) {
    struct gc_heap *heap = open_heap(beside[index], 32);
    struct gc_mutator *mutator = fixture_attach(heap);
    struct gc_handle live = gc_handle_push(mutator, fixture_list(mutator, 100000, 48));
    allocate_until_marking(mutator, heap);
    uint64_t before = cycle_count(heap), begin_ns = gc_platform_now_ns();
    while (cycle_count(heap) == before) {
      assert_true(gc_platform_now_ns() - begin_ns < GIVES_UP_AFTER_NS);
      gc_poll(mutator);
    }
    fixture_check_list(mutator, gc_handle_get(live), 100000);
    gc_detach(mutator);
    gc_heap_close(heap);
  }
}

static void sweeping_ends(void **state) {
  (void)state;
  static const char *const collectors[] = {"stw_lazy", "concurrent", "concurrent_lazy"};
  for (size_t index = 0; index < sizeof collectors / sizeof collectors[0]; index++) {
    struct gc_heap *heap = open_heap(collectors[index], 64);
    struct gc_mutator *mutator = fixture_attach(heap);
    struct gc_handle live = gc_handle_push(mutator, fixture_list(mutator, 200000, 48));
    uint64_t before = cycle_count(heap);
    while (cycle_count(heap) == before) {
      assert_false(gc_is_null(fixture_list(mutator, 4000, 48)));
      gc_handle_push(mutator, fixture_list(mutator, 400, 48));
    }
    for (unsigned mib = 0; !gc_cycle_is_swept(gc_cycle_of(heap)); mib++) {
      assert_true(mib < 64);
      allocate_garbage(mutator, MIB);
    }
    fixture_check_list(mutator, gc_handle_get(live), 200000);
    gc_detach(mutator);
    gc_heap_close(heap);
  }
}

/* A window of lists over a list that stays; every list is promoted before it dies. */
static uint64_t run_window(const char *collector, size_t heap_mib, uint64_t *marked_bytes) {
  struct gc_heap *heap = open_heap(collector, heap_mib);
  struct gc_mutator *mutator = fixture_attach(heap);
  struct gc_handle live = gc_handle_push(mutator, fixture_list(mutator, 100000, 48));
  struct gc_handle window[32];
  for (size_t place = 0; place < 32; place++) {
    window[place] = gc_handle_push(mutator, gc_null());
  }
  for (size_t turn = 0; turn < 2000; turn++) {
    struct gc_ref list = fixture_list(mutator, 2000, 48);
    assert_false(gc_is_null(list));
    gc_handle_set(mutator, window[turn % 32], list);
  }
  fixture_check_list(mutator, gc_handle_get(live), 100000);
  struct gc_statistics statistics;
  gc_statistics_read(heap, &statistics);
  gc_detach(mutator);
  gc_heap_close(heap);
  *marked_bytes = statistics.marked_bytes;
  return statistics.full_count;
}

static void allocation_does_not_outrun(void **state) {
  (void)state;
  for (size_t index = 0; index < sizeof beside / sizeof beside[0]; index++) {
    uint64_t marked_bytes = 0;
    assert_true(run_window(beside[index], 20, &marked_bytes) > 2);
  }
}

static void steps_mark_no_more_than_thrice(void **state) {
  (void)state;
  uint64_t stopped_bytes = 0, stepped_bytes = 0;
  assert_true(run_window("stw", 40, &stopped_bytes) > 0);
  assert_true(run_window("incremental_snapshot", 40, &stepped_bytes) > 0);
  assert_true(stepped_bytes <= 3 * stopped_bytes);
}

static void idle_time_is_used(void **state) {
  (void)state;
  struct gc_heap *heap = open_heap("incremental_snapshot", 32);
  struct gc_mutator *mutator = fixture_attach(heap);
  struct gc_handle live = gc_handle_push(mutator, fixture_list(mutator, 100000, 48));
  allocate_until_marking(mutator, heap);
  uint64_t before = cycle_count(heap);
  for (unsigned offers = 0;
       cycle_count(heap) == before && !gc_mark_share_is_empty(&heap->marking.share); offers++) {
    assert_true(offers < 60000);
    gc_idle(mutator, 1000000);
  }
  fixture_check_list(mutator, gc_handle_get(live), 100000);
  gc_detach(mutator);
  gc_heap_close(heap);
}

/* Without another mutator, which would stop the world: it is as if one wanted to. */
static void idle_time_is_given_back(void **state) {
  (void)state;
  struct gc_heap *heap = open_heap("stw_lazy", 64);
  struct gc_cycle *cycle = gc_cycle_of(heap);
  struct gc_mutator *mutator = fixture_attach(heap);
  struct gc_handle live = gc_handle_push(mutator, fixture_list(mutator, 200000, 48));
  assert_true(gc_stop_begin(heap, mutator, GC_REASON_stress));
  gc_background_rest_stw(&heap->background, GC_SECTION_SWEEP);
  gc_cycle_rest_markers_stw(cycle);
  gc_cycle_run_full_stw(cycle, cycle->composition.compact);
  gc_cycle_resume_threads_stw(cycle);
  gc_stop_end(heap, mutator, GC_PAUSE_full);

  gc_atomic_store_seq_cst(&mutator->stop_requested, 1);
  assert_true(gc_cycle_sweep_until(cycle, mutator, UINT64_MAX));
  assert_false(gc_cycle_is_swept(cycle));
  gc_atomic_store_seq_cst(&mutator->stop_requested, 0);
  assert_false(gc_cycle_sweep_until(cycle, mutator, UINT64_MAX));
  assert_true(gc_cycle_is_swept(cycle));
  fixture_check_list(mutator, gc_handle_get(live), 200000);
  gc_detach(mutator);
  gc_heap_close(heap);
}

/* The speed of marking is known to pacer and sizing, wherever marking runs. */
static void marking_is_measured(void **state) {
  (void)state;
  for (size_t index = 0; index < sizeof beside / sizeof beside[0]; index++) {
    struct gc_heap *heap = open_heap(beside[index], 32);
    struct gc_mutator *mutator = fixture_attach(heap);
    struct gc_handle live = gc_handle_push(mutator, fixture_list(mutator, 100000, 48));
    allocate_until_marking(mutator, heap);
    uint64_t before = cycle_count(heap), begin_ns = gc_platform_now_ns();
    while (cycle_count(heap) == before) {
      assert_true(gc_platform_now_ns() - begin_ns < GIVES_UP_AFTER_NS);
      gc_poll(mutator);
    }
    assert_true(gc_cycle_of(heap)->pacer.marked_per_ms > 0);
    fixture_check_list(mutator, gc_handle_get(live), 100000);
    gc_detach(mutator);
    gc_heap_close(heap);
  }
}

/* What a cycle has left room for is measured when its sweep ends, not when the next one begins:
 * otherwise each would begin later than the one before. */
static void room_is_measured_without_a_nursery(void **state) {
  (void)state;
  struct gc_heap *heap = open_heap("concurrent_mark_sweep", 64);
  struct gc_mutator *mutator = fixture_attach(heap);
  struct gc_handle live = gc_handle_push(mutator, fixture_list(mutator, 100000, 48));
  uint64_t cycles = cycle_count(heap) + 6;
  for (unsigned mib = 0; cycle_count(heap) < cycles; mib++) {
    assert_true(mib < 4096);
    allocate_garbage(mutator, MIB);
  }
  struct gc_cycle *cycle = gc_cycle_of(heap);
  for (unsigned part = 0; gc_atomic_load_relaxed(&cycle->is_fresh); part++) {
    assert_true(part < 1024);
    allocate_garbage(mutator, MIB / 16);
  }
  assert_true(gc_atomic_load_relaxed(&cycle->room_after_cycle_bytes) > 24 * MIB);
  fixture_check_list(mutator, gc_handle_get(live), 100000);
  gc_detach(mutator);
  gc_heap_close(heap);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(computing_mutator),
      cmocka_unit_test(sweeping_ends),
      cmocka_unit_test(allocation_does_not_outrun),
      cmocka_unit_test(steps_mark_no_more_than_thrice),
      cmocka_unit_test(idle_time_is_used),
      cmocka_unit_test(idle_time_is_given_back),
      cmocka_unit_test(marking_is_measured),
      cmocka_unit_test(room_is_measured_without_a_nursery),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
