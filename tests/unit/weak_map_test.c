/* Weak maps: a random program beside a shadow under every collector that has weak references, with
 * entries of one key and of a hundred thousand; what entries cost, counted; what a full heap leaves.
 *
 * Presets: release debug asan
 * Barrier: v8_page_flags
 */
#include "weak_fixture.h"

#include <gc/weak_map.h>

static const char *const collectors[] = {"stw",
                                         "stw_lazy",
                                         "stw_compact",
                                         "mark_compact",
                                         "incremental",
                                         "incremental_snapshot",
                                         "concurrent",
                                         "concurrent_insertion",
                                         "concurrent_compact",
                                         "v8",
                                         "mark_sweep",
                                         "concurrent_mark_sweep"};
#define COLLECTORS (sizeof collectors / sizeof *collectors)

static struct gc_handle hold_map(struct world *world) {
  struct gc_ref map = gc_weak_map_allocate(world->mutator);
  assert_false(gc_is_null(map));
  return hold(world, map);
}

static void set(struct world *world, struct gc_handle map, struct gc_handle key, uint64_t number) {
  struct gc_handle_frame frame = gc_handles_enter(world->mutator);
  struct gc_handle value = hold_object(world, number);
  assert_true(gc_weak_map_set(world->mutator, map, key, value));
  gc_handles_leave(world->mutator, frame);
}

static void expect_value_of(struct world *world, struct gc_handle map, struct gc_handle key,
                            uint64_t number) {
  struct gc_ref value = gc_weak_map_get(world->mutator, map, key);
  assert_false(gc_is_null(value));
  assert_int_equal(number_of(value), number);
}

/* Entries, emptied ones too, and those that hold something. */
static size_t count_entries(struct world *world, struct gc_handle map, size_t *held) {
  size_t count = 0;
  *held = 0;
  for (unsigned kind = 0; kind < GC_WEAK_MAP_KINDS; kind++) {
    struct gc_ref table = gc_weak_map_table(world->mutator, map, (enum gc_weak_map_kind)kind);
    for (size_t slot = 0; slot < gc_object_slot_count(table); slot++) {
      struct gc_ref entry = gc_read_field(world->mutator, table, slot);
      count += !gc_is_null(entry);
      *held += !gc_is_null(entry) && !gc_is_null(gc_ephemeron_peek(world->mutator, entry));
    }
  }
  return count;
}

static size_t slots_of(struct world *world, struct gc_handle map) {
  return gc_object_slot_count(gc_weak_map_table(world->mutator, map, GC_WEAK_MAP_OLD));
}

/* --- a random program --------------------------------------------------------------------------*/

enum { KEYS = 300, TURNS = 12000, NO_VALUE = 0 };

struct program {
  struct world world;
  struct gc_handle map, keys[KEYS];
  uint64_t values[KEYS]; /* of the shadow; NO_VALUE: none */
  uint64_t random, made;
};

static uint64_t below(struct program *program, uint64_t bound) {
  program->random = program->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
  return (program->random >> 33) % bound;
}

static void renew_key(struct program *program, size_t key) {
  size_t bytes = below(program, 200) == 0 ? 40000 : 8 + below(program, 300);
  gc_handle_set(program->world.mutator, program->keys[key],
                make_object(&program->world, key, bytes));
  program->values[key] = NO_VALUE;
}

static void expect_shadow(struct program *program, size_t key) {
  struct world *world = &program->world;
  assert_int_equal(gc_weak_map_has(world->mutator, program->map, program->keys[key]),
                   program->values[key] != NO_VALUE);
  if (program->values[key] != NO_VALUE) {
    expect_value_of(world, program->map, program->keys[key], program->values[key]);
  }
}

static void turn(struct program *program) {
  struct world *world = &program->world;
  size_t key = below(program, KEYS);
  switch (below(program, 12)) {
  case 0:
    renew_key(program, key);
    break;
  case 1:
    assert_int_equal(gc_weak_map_delete(world->mutator, program->map, program->keys[key]),
                     program->values[key] != NO_VALUE);
    program->values[key] = NO_VALUE;
    break;
  case 2:
  case 3:
  case 4:
    program->values[key] = ++program->made;
    set(world, program->map, program->keys[key], program->made);
    break;
  case 5:
    if (below(program, 20) == 0) {
      gc_collect(world->mutator, below(program, 8) == 0 ? GC_COLLECTION_FULL : GC_COLLECTION_MINOR);
    }
    break;
  case 6:
    make_object(world, 0, 500);
    break;
  default:
    expect_shadow(program, key);
  }
}

static void run_program(const char *collector, uint64_t seed) {
  struct gc_options options = fixture_options(16);
  options.collector = collector;
  options.barrier = GC_BARRIER_NAME;
  options.nursery_bytes = 256 << 10;
  options.verify_level = 2;
  options.stress_full_every = 4;
  options.stress_move = seed % 2 == 0;
  struct gc_heap *heap = fixture_open(&options);
  struct program program = {.world = {heap, fixture_attach(heap)}, .random = seed};
  program.map = hold_map(&program.world);
  for (size_t key = 0; key < KEYS; key++) {
    program.keys[key] = hold(&program.world, gc_null());
    renew_key(&program, key);
  }
  for (size_t done = 0; done < TURNS; done++) {
    turn(&program);
  }
  size_t expected = 0, held;
  for (size_t key = 0; key < KEYS; key++) {
    expect_shadow(&program, key);
    expected += program.values[key] != NO_VALUE;
  }
  collect(&program.world);
  collect(&program.world);
  (void)count_entries(&program.world, program.map, &held);
  assert_int_equal(held, expected);
  close_world(&program.world);
}

static void random_programs(void **state) {
  (void)state;
  for (size_t number = 0; number < COLLECTORS; number++) {
    run_program(collectors[number], 2 * number + 1);
    run_program(collectors[number], 2 * number + 2);
  }
}

/* --- many entries ------------------------------------------------------------------------------*/

/* A list of keys that lives while the handle holds it. */
static void link_key(struct world *world, struct gc_handle list, struct gc_handle key) {
  gc_write_field(world->mutator, gc_handle_get(key), 0, gc_handle_get(list));
  gc_handle_set(world->mutator, list, gc_handle_get(key));
}

static void add_entries(struct world *world, struct gc_handle map, struct gc_handle list,
                        size_t count) {
  struct gc_handle_frame frame = gc_handles_enter(world->mutator);
  struct gc_handle key = hold(world, gc_null());
  for (size_t number = 0; number < count; number++) {
    gc_handle_set(world->mutator, key, make_object(world, number, sizeof number));
    link_key(world, list, key);
    set(world, map, key, number);
  }
  gc_handles_leave(world->mutator, frame);
}

static size_t check_entries(struct world *world, struct gc_handle map, struct gc_handle list) {
  struct gc_handle_frame frame = gc_handles_enter(world->mutator);
  struct gc_handle key = hold(world, gc_handle_get(list));
  size_t count = 0;
  for (; !gc_is_null(gc_handle_get(key)); count++) {
    expect_value_of(world, map, key, number_of(gc_handle_get(key)));
    gc_handle_set(world->mutator, key, gc_read_field(world->mutator, gc_handle_get(key), 0));
  }
  gc_handles_leave(world->mutator, frame);
  return count;
}

static struct world open_large(const char *collector) {
  struct gc_options options = fixture_options(64);
  options.collector = collector;
  options.barrier = GC_BARRIER_NAME;
  options.nursery_bytes = 256 << 10;
  options.pretenuring = false; /* or most would bypass the nursery */
  options.verify_level = 0;
  struct gc_heap *heap = fixture_open(&options);
  return (struct world){heap, fixture_attach(heap)};
}

/* An entry is placed when it is made, twice at most while its key is young and once when that is
 * promoted, and as often again, on the average, as tables double: not once per entry that is there.
 */
static void work_is_linear(void **state) {
  (void)state;
  enum { COUNT = 100000 };
  static const char *const marked_beside[] = {"stw", "incremental", "concurrent"};
  for (size_t number = 0; number < 3; number++) {
    struct world world = open_large(marked_beside[number]);
    struct gc_handle map = hold_map(&world), list = hold(&world, gc_null());
    add_entries(&world, map, list, COUNT);
    struct gc_statistics statistics;
    gc_statistics_read(world.heap, &statistics);
    assert_true(statistics.scavenge_count > 20);
    assert_int_equal(check_entries(&world, map, list), COUNT);
    assert_true(gc_weak_map_at(map)->placed <= (uint64_t)7 * COUNT);
    close_world(&world);
  }
}

/* Compaction costs the map a placing of each entry, and no more than that. */
static void moved_keys_are_found(void **state) {
  (void)state;
  enum { COUNT = 20000 };
  static const char *const moving[] = {"mark_compact", "stw_compact", "v8"};
  for (size_t number = 0; number < 3; number++) {
    struct world world = open_large(moving[number]);
    struct gc_handle map = hold_map(&world), list = hold(&world, gc_null());
    struct gc_handle dropped = hold(&world, gc_null());
    add_entries(&world, map, dropped, COUNT);
    add_entries(&world, map, list, COUNT);
    collect(&world);
    drop(&world, dropped);
    assert_int_equal(check_entries(&world, map, list), COUNT);
    uint64_t placed = gc_weak_map_at(map)->placed;
    collect(&world);
    assert_int_equal(check_entries(&world, map, list), COUNT);
    assert_true(gc_weak_map_at(map)->placed - placed <= (uint64_t)2 * COUNT);
    close_world(&world);
  }
}

/* What died leaves at last, with its table, though the program only looks things up. */
static void dead_entries_leave(void **state) {
  (void)state;
  enum { COUNT = 50000 };
  struct world world = open_large("concurrent");
  struct gc_handle map = hold_map(&world), list = hold(&world, gc_null());
  struct gc_handle kept = hold_object(&world, 1);
  set(&world, map, kept, 2);
  add_entries(&world, map, list, COUNT);
  collect(&world);
  expect_value_of(&world, map, kept, 2);
  assert_true(slots_of(&world, map) >= COUNT);
  drop(&world, list);
  collect(&world);
  for (size_t done = 0; done < 2 * COUNT; done++) {
    expect_value_of(&world, map, kept, 2);
  }
  size_t held;
  assert_true(count_entries(&world, map, &held) <= GC_WEAK_MAP_SLOTS_MIN);
  assert_int_equal(held, 1);
  assert_true(slots_of(&world, map) <= 2 * GC_WEAK_MAP_SLOTS_MIN);
  close_world(&world);
}

/* --- edges -------------------------------------------------------------------------------------*/

/* A value that leads to its own key keeps neither; nor does a value that is the map. */
static void cycles_through_values_die(void **state) {
  (void)state;
  struct world world = open_world("stw", GC_BARRIER_NAME, 16, 3);
  struct gc_handle map = hold_map(&world), key = hold_object(&world, 1);
  struct gc_handle cell = hold_cell(&world, key), other = hold_object(&world, 2);
  struct gc_handle nothing = hold(&world, gc_null());
  assert_true(gc_weak_map_set(world.mutator, map, key, key));
  assert_true(gc_weak_map_set(world.mutator, map, other, map));
  assert_true(gc_weak_map_set(world.mutator, map, other, nothing));
  assert_true(gc_weak_map_has(world.mutator, map, other));
  assert_true(gc_is_null(gc_weak_map_get(world.mutator, map, other)));
  collect(&world);
  expect_number(&world, cell, 1);
  drop(&world, key);
  collect(&world);
  expect_cleared(&world, cell);
  size_t held;
  (void)count_entries(&world, map, &held);
  assert_int_equal(held, 1);
  close_world(&world);
}

/* False, and what was there is there. */
static void exhaustion_leaves_the_map(void **state) {
  (void)state;
  struct world world = open_world("stw", GC_BARRIER_NAME, 4, 0);
  struct gc_handle map = hold_map(&world), list = hold(&world, gc_null());
  struct gc_handle key = hold(&world, gc_null()), value = hold(&world, gc_null());
  bool has_room = true;
  size_t count = 0;
  while (has_room) {
    struct gc_ref made = gc_allocate(world.mutator, 1, 8, 0);
    gc_handle_set(world.mutator, key, made);
    if (gc_is_null(made)) {
      break;
    }
    *(uint64_t *)gc_object_raw(made, 1) = count;
    gc_handle_set(world.mutator, value, made);
    has_room = gc_weak_map_set(world.mutator, map, key, value);
    if (has_room) {
      link_key(&world, list, key);
      count++;
    }
  }
  assert_true(count > 5000);
  drop(&world, key);
  drop(&world, value);
  size_t held;
  assert_true(count_entries(&world, map, &held) >= count);
  assert_true(held >= count);
  struct gc_ref found = gc_weak_map_search(world.mutator, map, gc_handle_get(list));
  assert_false(gc_is_null(found));
  assert_int_equal(number_of(gc_ephemeron_value(world.mutator, found)), count - 1);
  gc_handle_set(world.mutator, list, gc_null());
  collect(&world);
  set(&world, map, map, 5);
  expect_value_of(&world, map, map, 5);
  close_world(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_programs),           cmocka_unit_test(work_is_linear),
      cmocka_unit_test(moved_keys_are_found),      cmocka_unit_test(dead_entries_leave),
      cmocka_unit_test(cycles_through_values_die), cmocka_unit_test(exhaustion_leaves_the_map),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
