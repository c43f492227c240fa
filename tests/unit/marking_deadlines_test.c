/* Steps of marking end by their deadline, whatever they meet: also where there is little or nothing
 * to mark, only to look at.
 *
 * Each case gives a step a deadline that has passed, and more work than ten times what may lie
 * between two looks at the clock: slots that are null, slots and entries that lead to what is marked
 * already, objects that are to be scanned again. Without a deadline the same work is then finished.
 *
 * A remark that ends by its deadline has promoted what was young all the same: mutators go on with
 * an eden that fits what is left (`promotion-guarantee`).
 *
 * Presets: release debug asan
 * Barrier: card_insertion
 */
#include "heap_fixture.h"

#include "collectors/cycle.h"
#include "heap/trace.h"

enum { SLOTS = 500000, ENTRIES = 100000, SLOTS_SEEN_MAX = 50000, WIDES = 300, WIDE_SLOTS = 1000 };

struct world {
  struct gc_heap *heap;
  struct gc_mutator *mutator;
  struct gc_handle array;  /* large; SLOTS slots */
  struct gc_handle object; /* old; no slots */
  struct gc_handle wide;   /* old; a list through slot 0 of WIDES objects with WIDE_SLOTS slots */
};

/* The world is stopped, and a cycle marks. */
static struct world open_marking(bool fills) {
  struct gc_options options = fixture_options(32);
  options.collector = "mark=incremental,sweep=eager,barrier=card_insertion";
  options.barrier = "card_insertion";
  options.verify_level = 0;
  options.gc_threads = 1;
  options.pause_target_ns = UINT64_C(1000) * 1000000000; /* nobody takes a step but this test */
  struct world world = {.heap = fixture_open(&options)};
  struct gc_mutator *mutator = world.mutator = fixture_attach(world.heap);
  world.array = gc_handle_push(mutator, gc_allocate(mutator, SLOTS, 0, 0));
  world.object = gc_handle_push(mutator, gc_allocate(mutator, 0, 16, 0));
  world.wide = gc_handle_push(mutator, gc_null());
  for (size_t number = 0; number < WIDES; number++) {
    struct gc_ref wide = gc_allocate(mutator, WIDE_SLOTS, 0, 0);
    gc_init_field(mutator, wide, 0, gc_handle_get(world.wide));
    gc_handle_set(mutator, world.wide, wide);
  }
  for (size_t index = 0; fills && index < SLOTS; index++) {
    gc_write_field(mutator, gc_handle_get(world.array), index, gc_handle_get(world.object));
  }
  assert_true(gc_stop_begin(world.heap, mutator, GC_REASON_stress));
  gc_background_rest_stw(&world.heap->background, GC_SECTION_SWEEP);
  gc_cycle_rest_markers_stw(gc_cycle_of(world.heap));
  gc_cycle_begin_marking_stw(gc_cycle_of(world.heap));
  return world;
}

static void close_world(struct world *world) {
  gc_cycle_resume_threads_stw(gc_cycle_of(world->heap));
  gc_stop_end(world->heap, world->mutator, GC_PAUSE_mark_step);
  gc_detach(world->mutator);
  gc_heap_close(world->heap);
}

/* What a step with the deadline saw of slots; true in *is_dry when nothing is left. */
static uint64_t step(struct world *world, uint64_t deadline_ns, bool *is_dry) {
  *is_dry = gc_trace_drain_stw(world->heap, GC_TRACE_BESIDE, 0, deadline_ns);
  uint64_t before = world->heap->statistics.marked_slots;
  gc_heap_collect_counts_stw(world->heap);
  return world->heap->statistics.marked_slots - before;
}

static void expect_steps(struct world *world, size_t slots_total) {
  bool is_dry = true;
  uint64_t slots = step(world, 1, &is_dry);
  assert_false(is_dry);
  assert_in_range(slots, 0, SLOTS_SEEN_MAX);
  slots += step(world, 0, &is_dry);
  assert_true(is_dry);
  assert_true(slots >= slots_total);
}

static void array_of_nulls(void **state) {
  (void)state;
  struct world world = open_marking(false);
  expect_steps(&world, SLOTS);
  close_world(&world);
}

static void array_of_marked(void **state) {
  (void)state;
  struct world world = open_marking(true);
  expect_steps(&world, SLOTS);
  close_world(&world);
}

/* Beside the roots, which are dry when this begins. */
static void give_entries(struct world *world, uintptr_t entry) {
  struct gc_mark_stack stack;
  bool is_dry = false;
  (void)step(world, 0, &is_dry);
  assert_true(is_dry);
  gc_mark_stack_init(&stack, &world->heap->segments, GC_SEGMENT_WITHIN_LIMIT);
  for (size_t number = 0; number < ENTRIES; number++) {
    assert_true(gc_mark_stack_push(&stack, entry));
  }
  gc_mark_share_give_all(&world->heap->marking.share, &stack);
}

static void entries_of_marked(void **state) {
  (void)state;
  struct world world = open_marking(false);
  give_entries(&world, gc_handle_get(world.object).address);
  expect_steps(&world, 0);
  close_world(&world);
}

static void entries_of_a_marked_large_object(void **state) {
  (void)state;
  struct world world = open_marking(false);
  give_entries(&world, gc_handle_get(world.array).address);
  expect_steps(&world, 0);
  close_world(&world);
}

static void entries_to_be_scanned_again(void **state) {
  (void)state;
  struct world world = open_marking(false);
  give_entries(&world, gc_handle_get(world.wide).address | GC_MARK_AGAIN);
  expect_steps(&world, (size_t)ENTRIES * WIDE_SLOTS);
  close_world(&world);
}

static void blocks_that_overflowed(void **state) {
  (void)state;
  struct world world = open_marking(false);
  bool is_dry = false;
  (void)step(&world, 0, &is_dry);
  assert_true(is_dry);
  for (size_t block = 0; block < world.heap->old.high_water; block++) {
    gc_atomic_store_relaxed(&world.heap->old.blocks[block].overflowed, 1);
  }
  gc_atomic_store_relaxed(&world.heap->overflowed, 1);
  expect_steps(&world, WIDES * WIDE_SLOTS);
  close_world(&world);
}

/* Large objects, until so much is free. */
static void fill_old_space(struct gc_heap *heap, struct gc_mutator *mutator, size_t free_bytes) {
  enum { LARGE_BYTES = 256 << 10 };
  while (gc_budget_free_bytes(&heap->budget) >= free_bytes + LARGE_BYTES) {
    struct gc_ref large = gc_allocate(mutator, 0, LARGE_BYTES - GC_HEADER_BYTES, 0);
    assert_false(gc_is_null(large));
    gc_handle_push(mutator, large);
  }
}

static void remark_that_is_aborted(void **state) {
  (void)state;
  struct world world = open_marking(false);
  struct gc_cycle *cycle = gc_cycle_of(world.heap);
  const struct gc_nursery *nursery = &world.heap->nursery;
  gc_cycle_resume_threads_stw(cycle);
  gc_stop_end(world.heap, world.mutator, GC_PAUSE_mark_step);
  gc_atomic_store_relaxed(&world.heap->help_wanted, 0); /* no step, until the next stop */
  fill_old_space(world.heap, world.mutator, nursery->eden_bytes / 2 * 3 + (512 << 10));
  uint64_t scavenges = world.heap->statistics.scavenge_count;
  size_t objects = nursery->eden_bytes / 10 * 9 / gc_object_bytes_for(1, 8);
  gc_handle_push(world.mutator, fixture_list(world.mutator, objects, 8));
  assert_int_equal(world.heap->statistics.scavenge_count, scavenges);

  cycle->pacer.remark_ns = 1;
  gc_cycle_try_finish_marking(cycle, (struct gc_cycle_driver){.mutator = world.mutator});
  assert_int_equal(cycle->remarks_aborted, 1);
  size_t eden_bytes = nursery->eden_limit - nursery->eden_start;
  assert_true(gc_budget_free_bytes(&world.heap->budget) >= eden_bytes + eden_bytes / 3);
  gc_detach(world.mutator);
  gc_heap_close(world.heap);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(array_of_nulls),
      cmocka_unit_test(array_of_marked),
      cmocka_unit_test(entries_of_marked),
      cmocka_unit_test(entries_of_a_marked_large_object),
      cmocka_unit_test(entries_to_be_scanned_again),
      cmocka_unit_test(blocks_that_overflowed),
      cmocka_unit_test(remark_that_is_aborted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
