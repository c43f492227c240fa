/* Weak cells and ephemerons under collectors that stop the world: young, old and large, cleared
 * exactly when unreachable, kept while reachable, followed when they move.
 *
 * Presets: release debug asan ubsan
 */
#include "weak_fixture.h"

static const char *const collectors[] = {"stw", "stw_lazy", "mark_compact", "stw_compact"};
#define COLLECTORS (sizeof collectors / sizeof *collectors)

#define FOR_EACH_COLLECTOR(world)                                                                  \
  for (size_t number = 0; number < COLLECTORS; number++)                                           \
    for (struct world world = open_world(collectors[number], "card", 16, 3); world.heap != NULL;   \
         close_world(&world), world.heap = NULL)

/* --- cells -------------------------------------------------------------------------------------*/

static void young_cells(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle object = hold_object(&world, 7);
    struct gc_handle cell = hold_cell(&world, object);
    expect_number(&world, cell, 7);
    scavenge(&world);
    assert_true(is_young(&world, cell));
    expect_number(&world, cell, 7);
    assert_int_equal(referent_of(&world, cell).address, gc_handle_get(object).address);
    drop(&world, object);
    scavenge(&world);
    expect_cleared(&world, cell);
  }
}

static void old_cells(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle object = hold_object(&world, 7), other = hold_object(&world, 8);
    struct gc_handle cell = hold_cell(&world, object), same = hold_cell(&world, object);
    struct gc_handle kept = hold_cell(&world, other);
    collect(&world);
    assert_false(is_young(&world, cell));
    expect_number(&world, cell, 7);
    drop(&world, object);
    scavenge(&world);
    collect(&world);
    expect_cleared(&world, cell);
    expect_cleared(&world, same);
    expect_number(&world, kept, 8);
    assert_int_equal(referent_of(&world, kept).address, gc_handle_get(other).address);
  }
}

static void old_cell_of_young_object(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle cell = hold_cell(&world, hold(&world, gc_null()));
    expect_cleared(&world, cell);
    collect(&world);
    struct gc_handle object = hold_object(&world, 9);
    for (unsigned done = 0; done < 3; done++) {
      gc_weak_set(world.mutator, gc_handle_get(cell), gc_null());
      gc_weak_set(world.mutator, gc_handle_get(cell), gc_handle_get(object));
    }
    scavenge(&world);
    expect_number(&world, cell, 9);
    assert_int_equal(list_count(&world.heap->weak.touched[GC_WEAK_CELL]), 1);
    drop(&world, object);
    scavenge(&world);
    expect_cleared(&world, cell);
    assert_int_equal(list_count(&world.heap->weak.touched[GC_WEAK_CELL]), 0);

    object = hold_object(&world, 10);
    gc_weak_set(world.mutator, gc_handle_get(cell), gc_handle_get(object));
    scavenge(&world);
    scavenge(&world);
    scavenge(&world);
    assert_false(is_young(&world, object));
    expect_number(&world, cell, 10);
    assert_int_equal(list_count(&world.heap->weak.touched[GC_WEAK_CELL]), 0);
  }
}

static void young_cell_of_old_object(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle object = hold_object(&world, 11);
    collect(&world);
    struct gc_handle cell = hold_cell(&world, object);
    assert_true(is_young(&world, cell));
    scavenge(&world);
    expect_number(&world, cell, 11);
    drop(&world, object);
    scavenge(&world);
    collect(&world);
    expect_cleared(&world, cell);
  }
}

static void large_referents(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle object = hold(&world, make_object(&world, 12, 100000));
    struct gc_handle young = hold_cell(&world, object);
    scavenge(&world);
    expect_number(&world, young, 12);
    collect(&world);
    struct gc_handle late = hold_cell(&world, object);
    expect_number(&world, young, 12);
    drop(&world, object);
    collect(&world);
    expect_cleared(&world, young);
    expect_cleared(&world, late);
  }
}

/* The referent is reachable through slots only; and cells through cells are not. */
static void reachable_through_slots(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle holder = hold_object(&world, 1), object = hold_object(&world, 2);
    gc_write_field(world.mutator, gc_handle_get(holder), 0, gc_handle_get(object));
    struct gc_handle cell = hold_cell(&world, object);
    struct gc_handle cell_of_cell = hold_cell(&world, cell);
    drop(&world, object);
    collect(&world);
    expect_number(&world, cell, 2);
    assert_int_equal(referent_of(&world, cell_of_cell).address, gc_handle_get(cell).address);
    drop(&world, cell);
    gc_write_field(world.mutator, gc_handle_get(holder), 0, gc_null());
    collect(&world);
    expect_cleared(&world, cell_of_cell);
  }
}

/* Dead cells leave the lists, whether scavenges or cycles find them dead. */
static void lists_are_precise(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle_frame frame = gc_handles_enter(world.mutator);
    struct gc_handle object = hold_object(&world, 3);
    for (unsigned done = 0; done < 3000; done++) {
      hold_cell(&world, object);
      hold_ephemeron(&world, object, object);
    }
    scavenge(&world);
    const struct gc_weak *weak = &world.heap->weak;
    for (unsigned kind = 0; kind < GC_WEAK_KINDS; kind++) {
      assert_int_equal(list_count(&weak->young[kind]) + list_count(&weak->old[kind]), 3000);
    }
    collect(&world);
    for (unsigned kind = 0; kind < GC_WEAK_KINDS; kind++) {
      assert_int_equal(list_count(&weak->young[kind]), 0);
      assert_int_equal(list_count(&weak->old[kind]), 3000);
    }
    gc_handles_leave(world.mutator, frame);
    collect(&world);
    for (unsigned kind = 0; kind < GC_WEAK_KINDS; kind++) {
      assert_int_equal(list_count(&weak->old[kind]), 0);
    }
    assert_int_equal(weak->segments.out_bytes, 0);
  }
}

/* Everything is old from the beginning. */
static void without_a_nursery(void **state) {
  (void)state;
  struct world world = open_world("young=none,mark=stw,sweep=lazy,barrier=card", "card", 16, 3);
  struct gc_handle object = hold_object(&world, 1), other = hold_object(&world, 2);
  struct gc_handle large = hold(&world, make_object(&world, 3, 100000));
  struct gc_handle cell = hold_cell(&world, object), of_large = hold_cell(&world, large);
  struct gc_handle entry = hold_ephemeron(&world, object, other);
  assert_false(is_young(&world, cell));
  drop(&world, other);
  for (unsigned done = 0; done < 2; done++) {
    expect_number(&world, cell, 1);
    expect_number(&world, of_large, 3);
    expect_entry(&world, entry, 1, 2);
    collect(&world);
  }
  assert_int_equal(list_count(&world.heap->weak.touched[GC_WEAK_CELL]), 0);
  drop(&world, object);
  drop(&world, large);
  collect(&world);
  expect_cleared(&world, cell);
  expect_cleared(&world, of_large);
  expect_no_entry(&world, entry);
  close_world(&world);
}

static void types_have_names(void **state) {
  (void)state;
  struct world world = open_world("stw", "card", 16, 0);
  struct gc_handle cell = hold_cell(&world, hold(&world, gc_null()));
  struct gc_handle ephemeron = hold_ephemeron(&world, cell, cell);
  assert_string_equal(gc_type_name(world.heap, gc_object_type(gc_handle_get(cell))), "weak cell");
  assert_string_equal(gc_type_name(world.heap, gc_object_type(gc_handle_get(ephemeron))),
                      "ephemeron");
  close_world(&world);
}

/* --- ephemerons --------------------------------------------------------------------------------*/

static void make_young(struct world *world) {
  (void)world;
}

/* What an ephemeron means does not depend on the age of its parts. */
static void (*const makers[])(struct world *) = {make_young, scavenge, collect};
#define MAKERS (sizeof makers / sizeof *makers)

static void entries_live_with_their_key(void **state) {
  (void)state;
  for (size_t ages = 0; ages < MAKERS * MAKERS; ages++) {
    FOR_EACH_COLLECTOR(world) {
      struct gc_handle key = hold_object(&world, 1);
      makers[ages % MAKERS](&world);
      struct gc_handle value = hold_object(&world, 2);
      makers[ages / MAKERS](&world);
      struct gc_handle entry = hold_ephemeron(&world, key, value);
      struct gc_handle cell = hold_cell(&world, value);
      drop(&world, value);
      scavenge(&world);
      expect_entry(&world, entry, 1, 2);
      collect(&world);
      expect_entry(&world, entry, 1, 2);
      expect_number(&world, cell, 2);
      drop(&world, key);
      collect(&world);
      expect_no_entry(&world, entry);
      expect_cleared(&world, cell);
    }
  }
}

/* The value refers to its key: nothing else does, so the entry dies. */
static void value_does_not_keep_its_key(void **state) {
  (void)state;
  for (size_t age = 0; age < MAKERS; age++) {
    FOR_EACH_COLLECTOR(world) {
      struct gc_handle key = hold_object(&world, 1), value = hold_object(&world, 2);
      gc_write_field(world.mutator, gc_handle_get(value), 0, gc_handle_get(key));
      struct gc_handle entry = hold_ephemeron(&world, key, value);
      makers[age](&world);
      drop(&world, value);
      scavenge(&world);
      expect_entry(&world, entry, 1, 2);
      drop(&world, key);
      if (is_young(&world, entry)) {
        scavenge(&world);
      }
      collect(&world);
      expect_no_entry(&world, entry);
    }
  }
}

/* The ephemeron is reachable through a value only, whose key lives. */
static void ephemerons_in_values(void **state) {
  (void)state;
  for (size_t age = 0; age < MAKERS; age++) {
    FOR_EACH_COLLECTOR(world) {
      struct gc_handle outer = hold_object(&world, 1), inner = hold_object(&world, 2);
      struct gc_handle value = hold_object(&world, 3);
      struct gc_handle entry = hold_ephemeron(&world, inner, value);
      struct gc_handle table = hold_object(&world, 4);
      gc_write_field(world.mutator, gc_handle_get(table), 0, gc_handle_get(entry));
      struct gc_handle first = hold_ephemeron(&world, outer, table);
      makers[age](&world);
      drop(&world, value);
      drop(&world, entry);
      drop(&world, table);
      scavenge(&world);
      collect(&world);
      struct gc_ref found = gc_read_field(world.mutator, value_of(&world, first), 0);
      assert_int_equal(number_of(gc_ephemeron_value(world.mutator, found)), 3);
      drop(&world, outer);
      collect(&world);
      expect_no_entry(&world, first);
    }
  }
}

static void old_ephemeron_of_young_parts(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle nothing = hold(&world, gc_null()), old_key = hold_object(&world, 5);
    struct gc_handle entry = hold_ephemeron(&world, nothing, nothing);
    struct gc_handle other = hold_ephemeron(&world, nothing, nothing);
    collect(&world);
    expect_no_entry(&world, entry);
    struct gc_handle key = hold_object(&world, 6), value = hold_object(&world, 7);
    gc_ephemeron_set(world.mutator, gc_handle_get(entry), gc_handle_get(key), gc_handle_get(value));
    gc_ephemeron_set(world.mutator, gc_handle_get(other), gc_handle_get(old_key),
                     gc_handle_get(value));
    drop(&world, value);
    scavenge(&world);
    expect_entry(&world, entry, 6, 7);
    expect_entry(&world, other, 5, 7);
    drop(&world, key);
    scavenge(&world);
    expect_no_entry(&world, entry);
    expect_entry(&world, other, 5, 7);
    drop(&world, old_key);
    collect(&world);
    expect_no_entry(&world, other);
  }
}

/* --- many --------------------------------------------------------------------------------------*/

#define CHAIN_LENGTH 100000

/* Ephemerons in an array, the value of each the key of the next, or of the one before. */
static struct gc_handle hold_chain(struct world *world, struct gc_handle first_key, bool ascends,
                                   bool is_old) {
  struct gc_handle array = hold(world, gc_allocate(world->mutator, CHAIN_LENGTH, 0, 0));
  struct gc_handle key = hold(world, gc_handle_get(first_key)), value = hold(world, gc_null());
  for (size_t done = 0; done < CHAIN_LENGTH; done++) {
    gc_handle_set(world->mutator, value, make_object(world, done, sizeof(uint64_t)));
    struct gc_ref entry = gc_ephemeron_allocate(world->mutator, key, value);
    assert_false(gc_is_null(entry));
    gc_write_field(world->mutator, gc_handle_get(array), ascends ? done : CHAIN_LENGTH - 1 - done,
                   entry);
    gc_handle_set(world->mutator, key, gc_handle_get(value));
  }
  if (is_old) {
    collect(world);
  }
  drop(world, key);
  drop(world, value);
  return array;
}

static void expect_chain(struct world *world, struct gc_handle array, bool exists) {
  for (size_t index = 0; index < CHAIN_LENGTH; index++) {
    struct gc_ref entry = gc_read_field(world->mutator, gc_handle_get(array), index);
    assert_int_equal(gc_is_null(gc_ephemeron_value(world->mutator, entry)), !exists);
  }
}

/* Quadratic work would take minutes. */
static void long_chains(void **state) {
  (void)state;
  for (unsigned shape = 0; shape < 4; shape++) {
    struct world world = open_world("stw", "card", 256, 0);
    struct gc_handle first_key = hold_object(&world, 1);
    struct gc_handle array = hold_chain(&world, first_key, (shape & 1) != 0, (shape & 2) != 0);
    scavenge(&world);
    expect_chain(&world, array, true);
    collect(&world);
    expect_chain(&world, array, true);
    drop(&world, first_key);
    collect(&world);
    expect_chain(&world, array, false);
    close_world(&world);
  }
}

/* A hundred thousand ephemerons of one key, in an array to which each key is bound as well. */
static void one_key_of_many(void **state) {
  (void)state;
  struct world world = open_world("stw", "card", 128, 0);
  struct gc_handle key = hold_object(&world, 1), value = hold_object(&world, 2);
  struct gc_handle array = hold(&world, gc_allocate(world.mutator, CHAIN_LENGTH, 0, 0));
  for (size_t index = 0; index < CHAIN_LENGTH; index++) {
    struct gc_ref entry = gc_ephemeron_allocate(world.mutator, key, value);
    gc_write_field(world.mutator, gc_handle_get(array), index, entry);
  }
  struct gc_handle holder = hold_object(&world, 3);
  gc_write_field(world.mutator, gc_handle_get(holder), 0, gc_handle_get(key));
  struct gc_handle outer = hold_object(&world, 4);
  struct gc_handle entry = hold_ephemeron(&world, outer, holder);
  drop(&world, key);
  drop(&world, value);
  drop(&world, holder);
  collect(&world);
  expect_entry(&world, entry, 4, 3);
  expect_chain(&world, array, true);
  drop(&world, outer);
  collect(&world);
  expect_chain(&world, array, false);
  close_world(&world);
}

#define MANY_CELLS 1000000

static void a_million_cells(void **state) {
  (void)state;
  struct world world = open_world("stw", "card", 256, 0);
  struct gc_handle cells = hold(&world, gc_allocate(world.mutator, MANY_CELLS, 0, 0));
  struct gc_handle kept = hold(&world, gc_allocate(world.mutator, MANY_CELLS, 0, 0));
  struct gc_handle object = hold(&world, gc_null());
  for (size_t index = 0; index < MANY_CELLS; index++) {
    gc_handle_set(world.mutator, object, make_object(&world, index, sizeof(uint64_t)));
    struct gc_ref cell = gc_weak_allocate(world.mutator, object);
    assert_false(gc_is_null(cell));
    gc_write_field(world.mutator, gc_handle_get(cells), index, cell);
    if (index % 3 != 0) {
      gc_write_field(world.mutator, gc_handle_get(kept), index, gc_handle_get(object));
    }
  }
  drop(&world, object);
  collect(&world);
  for (size_t index = 0; index < MANY_CELLS; index++) {
    struct gc_ref cell = gc_read_field(world.mutator, gc_handle_get(cells), index);
    struct gc_ref referent = gc_weak_get(world.mutator, cell);
    assert_int_equal(referent.address,
                     gc_read_field(world.mutator, gc_handle_get(kept), index).address);
  }
  close_world(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(young_cells),
      cmocka_unit_test(old_cells),
      cmocka_unit_test(old_cell_of_young_object),
      cmocka_unit_test(young_cell_of_old_object),
      cmocka_unit_test(large_referents),
      cmocka_unit_test(reachable_through_slots),
      cmocka_unit_test(lists_are_precise),
      cmocka_unit_test(without_a_nursery),
      cmocka_unit_test(types_have_names),
      cmocka_unit_test(entries_live_with_their_key),
      cmocka_unit_test(value_does_not_keep_its_key),
      cmocka_unit_test(ephemerons_in_values),
      cmocka_unit_test(old_ephemeron_of_young_parts),
      cmocka_unit_test(long_chains),
      cmocka_unit_test(one_key_of_many),
      cmocka_unit_test(a_million_cells),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
