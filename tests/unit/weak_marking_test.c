/* Weak cells and ephemerons while a cycle marks and while it clears, deterministically: the test
 * itself takes every step of the cycle, under barriers that keep the snapshot and under those that
 * keep the strong invariant.
 *
 * Presets: release debug asan ubsan
 */
#include "weak_fixture.h"

#include "collectors/cycle.h"
#include <stdio.h>

static const char *const barriers[] = {"card_snapshot", "card_hybrid", "card_insertion",
                                       "card_retreat"};
#define BARRIERS (sizeof barriers / sizeof *barriers)

/* Old objects are stored to by weak functions only: they know the barrier by themselves. */
static struct world open_marking(const char *barrier, const char *sweep) {
  char error[256] = "", collector[96];
  struct gc_options options = fixture_options(32);
  snprintf(collector, sizeof collector, "mark=incremental,sweep=%s,barrier=%s", sweep, barrier);
  options.collector = collector;
  options.barrier = barrier;
  options.gc_threads = 1;
  options.pause_target_ns = UINT64_C(1000) * 1000000000; /* nobody takes a step but this test */
  struct gc_heap *heap = fixture_open(&options);
  struct gc_mutator *mutator = gc_attach_compiled(heap, barrier, error, sizeof error);
  assert_non_null(mutator);
  return (struct world){heap, mutator};
}

#define FOR_EACH_BARRIER(world)                                                                    \
  for (size_t number = 0; number < BARRIERS; number++)                                             \
    for (struct world world = open_marking(barriers[number], "eager"); world.heap != NULL;         \
         close_world(&world), world.heap = NULL)

static void stop(struct world *world) {
  assert_true(gc_stop_begin(world->heap, world->mutator, GC_REASON_stress));
  gc_background_rest_stw(&world->heap->background, GC_SECTION_SWEEP);
  gc_cycle_rest_markers_stw(gc_cycle_of(world->heap));
}

static void resume(struct world *world) {
  gc_cycle_resume_threads_stw(gc_cycle_of(world->heap));
  gc_stop_end(world->heap, world->mutator, GC_PAUSE_mark_step);
}

static void begin_marking(struct world *world) {
  stop(world);
  gc_cycle_sweep_stw(gc_cycle_of(world->heap), SIZE_MAX);
  gc_cycle_begin_marking_stw(gc_cycle_of(world->heap));
  resume(world);
}

static void mark_until_dry(struct world *world) {
  stop(world);
  gc_trace_flush_mutators_stw(world->heap);
  assert_true(gc_trace_drain_stw(world->heap, GC_TRACE_BESIDE, 0, 0));
  resume(world);
}

static void finish_marking(struct world *world) {
  stop(world);
  assert_true(gc_cycle_finish_marking_stw(gc_cycle_of(world->heap), GC_PAUSE_remark, 0));
  resume(world);
}

static void promote(struct world *world) {
  stop(world);
  gc_cycle_collect_young_stw(gc_cycle_of(world->heap), GC_PROMOTE_ALL);
  resume(world);
}

/* Held until the handle is dropped, so that marking begins with it unreachable. */
static struct gc_handle hold_weakly(struct world *world, uint64_t number) {
  struct gc_handle object = hold_object(world, number);
  struct gc_handle cell = hold_cell(world, object);
  promote(world);
  drop(world, object);
  return cell;
}

/* --- what is handed out ------------------------------------------------------------------------*/

static void unread_referents_die(void **state) {
  (void)state;
  FOR_EACH_BARRIER(world) {
    struct gc_handle cell = hold_weakly(&world, 1);
    begin_marking(&world);
    mark_until_dry(&world);
    finish_marking(&world);
    expect_cleared(&world, cell);
  }
}

/* `weak-shades`: the handle was scanned, or will be; either way what was read lives. */
static void read_referents_live(void **state) {
  (void)state;
  for (unsigned is_late = 0; is_late < 2; is_late++) {
    FOR_EACH_BARRIER(world) {
      struct gc_handle cell = hold_weakly(&world, 2), found = hold(&world, gc_null());
      begin_marking(&world);
      if (is_late != 0) {
        mark_until_dry(&world);
      }
      gc_handle_set(world.mutator, found, referent_of(&world, cell));
      finish_marking(&world);
      expect_number(&world, cell, 2);
      assert_int_equal(number_of(gc_handle_get(found)), 2);
      collect(&world);
      expect_number(&world, cell, 2);
      drop(&world, found);
      collect(&world);
      expect_cleared(&world, cell);
    }
  }
}

/* A key that was read brings its value along; a value that was read lives without its key. */
static void read_entries_live(void **state) {
  (void)state;
  for (unsigned reads_value = 0; reads_value < 2; reads_value++) {
    FOR_EACH_BARRIER(world) {
      struct gc_handle key = hold_object(&world, 3), value = hold_object(&world, 4);
      struct gc_handle entry = hold_ephemeron(&world, key, value), found = hold(&world, gc_null());
      promote(&world);
      drop(&world, key);
      drop(&world, value);
      begin_marking(&world);
      mark_until_dry(&world);
      gc_handle_set(world.mutator, found,
                    reads_value != 0 ? value_of(&world, entry) : key_of(&world, entry));
      finish_marking(&world);
      if (reads_value != 0) {
        assert_int_equal(number_of(gc_handle_get(found)), 4);
        expect_no_entry(&world, entry);
      } else {
        assert_int_equal(number_of(gc_handle_get(found)), 3);
        expect_entry(&world, entry, 3, 4);
      }
    }
  }
}

/* What is removed was perhaps read by another mutator just before. */
static void removed_references_are_grey(void **state) {
  (void)state;
  for (size_t number = 0; number < 2; number++) {
    struct world world = open_marking(barriers[number], "eager");
    struct gc_handle cell = hold_weakly(&world, 5), same = hold(&world, gc_null());
    gc_handle_set(world.mutator, same, referent_of(&world, cell));
    struct gc_handle second = hold_cell(&world, same);
    promote(&world);
    drop(&world, same);
    begin_marking(&world);
    mark_until_dry(&world);
    gc_weak_set(world.mutator, gc_handle_get(cell), gc_null());
    finish_marking(&world);
    expect_number(&world, second, 5);
    collect(&world);
    expect_cleared(&world, second);
    close_world(&world);
  }
}

/* --- ephemerons that change after they were looked at -------------------------------------------*/

static void set_after_the_look(void **state) {
  (void)state;
  FOR_EACH_BARRIER(world) {
    struct gc_handle key = hold_object(&world, 6), nothing = hold(&world, gc_null());
    struct gc_handle entry = hold_ephemeron(&world, nothing, nothing);
    struct gc_handle cell = hold_weakly(&world, 7);
    begin_marking(&world);
    mark_until_dry(&world);
    gc_ephemeron_set(world.mutator, gc_handle_get(entry), gc_handle_get(key),
                     referent_of(&world, cell));
    finish_marking(&world);
    expect_entry(&world, entry, 6, 7);
    expect_number(&world, cell, 7);
  }
}

/* The ephemeron is newer than the cycle; its value is older, and nothing else keeps it. */
static void made_while_marking(void **state) {
  (void)state;
  for (unsigned is_promoted = 0; is_promoted < 2; is_promoted++) {
    FOR_EACH_BARRIER(world) {
      struct gc_handle key = hold_object(&world, 8), cell = hold_weakly(&world, 9);
      begin_marking(&world);
      mark_until_dry(&world);
      struct gc_handle value = hold(&world, referent_of(&world, cell));
      struct gc_handle entry = hold_ephemeron(&world, key, value);
      drop(&world, value);
      if (is_promoted != 0) {
        promote(&world);
        mark_until_dry(&world);
      }
      finish_marking(&world);
      expect_entry(&world, entry, 8, 9);
      drop(&world, key);
      collect(&world);
      expect_no_entry(&world, entry);
      expect_cleared(&world, cell);
    }
  }
}

/* Keys that are reached late, through other ephemerons, with a scavenge between. */
static void chains_while_marking(void **state) {
  (void)state;
  enum { LENGTH = 500 };
  FOR_EACH_BARRIER(world) {
    struct gc_handle entries[LENGTH];
    struct gc_handle first_key = hold_object(&world, 0), value = hold(&world, gc_null());
    struct gc_handle cell = hold_cell(&world, first_key);
    struct gc_handle key = hold(&world, gc_handle_get(first_key));
    for (size_t index = 0; index < LENGTH; index++) {
      gc_handle_set(world.mutator, value, make_object(&world, index, sizeof(uint64_t)));
      entries[index] = hold_ephemeron(&world, key, value);
      gc_handle_set(world.mutator, key, gc_handle_get(value));
    }
    promote(&world);
    drop(&world, first_key);
    drop(&world, key);
    drop(&world, value);
    begin_marking(&world);
    mark_until_dry(&world);
    gc_handle_set(world.mutator, key, referent_of(&world, cell));
    scavenge(&world);
    finish_marking(&world);
    for (size_t index = 0; index < LENGTH; index++) {
      assert_int_equal(number_of(value_of(&world, entries[index])), index);
    }
    drop(&world, key);
    collect(&world);
    for (size_t index = 0; index < LENGTH; index++) {
      expect_no_entry(&world, entries[index]);
    }
  }
}

/* Without room on mark stacks, marks are set that nobody looks up. */
static void chains_with_full_stacks(void **state) {
  (void)state;
  enum { LENGTH = 2000 };
  struct gc_options options = fixture_options(32);
  options.mark_stack_bytes = 0;
  struct gc_heap *heap = fixture_open(&options);
  struct world world = {heap, fixture_attach(heap)};
  struct gc_handle entries[LENGTH];
  struct gc_handle first_key = hold_object(&world, 0), value = hold(&world, gc_null());
  struct gc_handle key = hold(&world, gc_handle_get(first_key));
  for (size_t index = 0; index < LENGTH; index++) {
    gc_handle_set(world.mutator, value, fixture_list(world.mutator, 3, sizeof(uint64_t)));
    entries[LENGTH - 1 - index] = hold_ephemeron(&world, key, value);
    gc_handle_set(world.mutator, key, gc_handle_get(value));
  }
  drop(&world, key);
  drop(&world, value);
  collect(&world);
  collect(&world);
  for (size_t index = 0; index < LENGTH; index++) {
    fixture_check_list(world.mutator, value_of(&world, entries[index]), 3);
  }
  drop(&world, first_key);
  collect(&world);
  for (size_t index = 0; index < LENGTH; index++) {
    expect_no_entry(&world, entries[index]);
  }
  close_world(&world);
}

/* --- while it clears ---------------------------------------------------------------------------*/

/* As the cycle does, but that this thread clears. */
static void begin_clearing_beside(struct world *world) {
  struct gc_heap *heap = world->heap;
  stop(world);
  gc_cycle_collect_young_stw(gc_cycle_of(heap), GC_PROMOTE_ALL);
  for (unsigned index = 0; index < heap->workers.count; index++) {
    gc_old_allocator_retire(&heap->workers.all[index].small);
    gc_old_allocator_retire(&heap->workers.all[index].big);
  }
  gc_trace_begin_stw(heap);
  gc_trace_push_roots_stw(heap);
  assert_true(gc_trace_drain_stw(heap, GC_TRACE_STOPPED, 0, 0));
  (void)gc_heap_collect_counts_stw(heap);
  assert_true(gc_weak_begin_clear_stw(heap));
  gc_cycle_begin_sweep_stw(gc_cycle_of(heap));
  gc_weak_clear_beside_stw(heap);
  resume(world);
}

static void end_clearing(struct world *world) {
  while (gc_weak_clear_piece(world->heap)) {
  }
  stop(world);
  gc_weak_clear_stw(world->heap);
  gc_cycle_sweep_stw(gc_cycle_of(world->heap), SIZE_MAX);
  resume(world);
}

/* `weak-alive`: what is dead is handed out no more, though no cell is cleared yet and no block
 * swept; what is alive is, also what was allocated or promoted after remark and has no mark. */
static void dead_is_not_handed_out(void **state) {
  (void)state;
  struct gc_options options = fixture_options(32);
  options.collector = "stw_lazy";
  options.verify_level = 0; /* marks are not the verifier's here */
  struct gc_heap *heap = fixture_open(&options);
  struct world world = {heap, fixture_attach(heap)};
  struct gc_handle large = hold(&world, make_object(&world, 1, 100000));
  struct gc_handle small = hold_object(&world, 2), kept = hold_object(&world, 3);
  struct gc_handle of_large = hold_cell(&world, large), of_small = hold_cell(&world, small);
  struct gc_handle of_kept = hold_cell(&world, kept), of_new = hold_cell(&world, kept);
  struct gc_handle of_new_large = hold_cell(&world, kept);
  struct gc_handle dead_entry = hold_ephemeron(&world, small, kept);
  struct gc_handle entry = hold_ephemeron(&world, kept, small);
  struct gc_handle weak_entry = hold_ephemeron(&world, large, large);
  gc_ephemeron_set(world.mutator, gc_handle_get(entry), gc_handle_get(kept), gc_handle_get(kept));
  drop(&world, large);
  drop(&world, small);
  begin_clearing_beside(&world);
  for (unsigned moment = 0; moment < 4; moment++) {
    expect_cleared(&world, of_large);
    expect_cleared(&world, of_small);
    expect_number(&world, of_kept, 3);
    expect_no_entry(&world, dead_entry);
    expect_no_entry(&world, weak_entry);
    expect_entry(&world, entry, 3, 3);
    switch (moment) {
    case 0: {
      struct gc_handle fresh = hold_object(&world, 4);
      gc_weak_set(world.mutator, gc_handle_get(of_new), gc_handle_get(fresh));
      fresh = hold(&world, make_object(&world, 5, 100000));
      gc_weak_set(world.mutator, gc_handle_get(of_new_large), gc_handle_get(fresh));
      break;
    }
    case 1:
      promote(&world);
      break;
    case 2:
      end_clearing(&world);
      break;
    default:
      scavenge(&world);
    }
    expect_number(&world, of_new, 4);
    expect_number(&world, of_new_large, 5);
  }
  collect(&world);
  expect_number(&world, of_new, 4);
  expect_number(&world, of_new_large, 5);
  close_world(&world);
}

/* Cells that are promoted meanwhile are cleared by the scavenge, or by nobody because they are
 * newer; those that die meanwhile leave the lists at the next cycle. */
static void cells_move_while_it_clears(void **state) {
  (void)state;
  struct gc_options options = fixture_options(32);
  options.collector = "stw_lazy";
  options.verify_level = 0;
  struct gc_heap *heap = fixture_open(&options);
  struct world world = {heap, fixture_attach(heap)};
  struct gc_handle dying = hold_object(&world, 1), kept = hold_object(&world, 2);
  struct gc_handle cell = hold_cell(&world, dying);
  struct gc_handle_frame frame = gc_handles_enter(world.mutator);
  for (unsigned count = 0; count < 3000; count++) {
    hold_cell(&world, kept);
  }
  promote(&world);
  gc_handles_leave(world.mutator, frame);
  drop(&world, dying);
  begin_clearing_beside(&world);
  struct gc_handle young = hold_cell(&world, kept);
  assert_true(gc_weak_clear_piece(heap));
  scavenge(&world);
  promote(&world);
  expect_number(&world, young, 2);
  end_clearing(&world);
  assert_int_equal(list_count(&heap->weak.old[GC_WEAK_CELL]), 2);
  expect_cleared(&world, cell);
  expect_number(&world, young, 2);
  close_world(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unread_referents_die),   cmocka_unit_test(read_referents_live),
      cmocka_unit_test(read_entries_live),      cmocka_unit_test(removed_references_are_grey),
      cmocka_unit_test(set_after_the_look),     cmocka_unit_test(made_while_marking),
      cmocka_unit_test(chains_while_marking),   cmocka_unit_test(chains_with_full_stacks),
      cmocka_unit_test(dead_is_not_handed_out), cmocka_unit_test(cells_move_while_it_clears),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
