/* What a million weak cells or finalizers, long chains of ephemerons, and many that wait for one key
 * cost a cycle beside the mutators: work is counted, not timed. It is linear, and none of it that grows with
 * their number is done with the world stopped, but within a step's or the remark's budget.
 *
 * Presets: release
 * Barrier: v8_page_flags
 */
#include "weak_fixture.h"

#include "collectors/cycle.h"
#include <gc/finalizer.h>
#include <sched.h>

static const char *const collectors[] = {"concurrent", "v8", "concurrent_lazy", "incremental",
                                         "incremental_snapshot"};
#define COLLECTORS (sizeof collectors / sizeof *collectors)

#define FOR_EACH_COLLECTOR(world)                                                                  \
  for (size_t number = 0; number < COLLECTORS; number++)                                           \
    for (struct world world = open_world(collectors[number], GC_BARRIER_NAME, 256, 0);             \
         world.heap != NULL; close_world(&world), world.heap = NULL)

/* No cycle is under way in it: collector threads, which stop the world too, end it before. */
static void begin_stop(struct world *world) {
  struct gc_cycle *cycle = gc_cycle_of(world->heap);
  do {
    while (gc_atomic_load_relaxed(&cycle->phase) == GC_CYCLE_MARK) {
      gc_poll(world->mutator);
      sched_yield();
    }
  } while (!gc_stop_begin(world->heap, world->mutator, GC_REASON_stress));
}

/* A whole cycle, beside this mutator, which allocates little. */
static void run_cycle(struct world *world) {
  struct gc_cycle *cycle = gc_cycle_of(world->heap);
  begin_stop(world);
  gc_background_rest_stw(&world->heap->background, GC_SECTION_SWEEP);
  gc_cycle_rest_markers_stw(cycle);
  gc_cycle_sweep_stw(cycle, SIZE_MAX);
  gc_cycle_begin_marking_stw(cycle);
  gc_cycle_update_help(cycle);
  gc_cycle_resume_threads_stw(cycle);
  gc_stop_end(world->heap, world->mutator, GC_PAUSE_cycle_begin);
  while (gc_atomic_load_relaxed(&cycle->phase) == GC_CYCLE_MARK ||
         gc_weak_clearing(&world->heap->weak) != GC_WEAK_CLEARED) {
    (void)make_object(world, 0, 100);
    gc_poll(world->mutator);
    sched_yield();
  }
}

/* What the cycles since then have done. */
static struct gc_weak_work work_since(const struct world *world, struct gc_weak_work before) {
  struct gc_weak_work now = world->heap->weak.work;
  return (struct gc_weak_work){.looks = now.looks - before.looks,
                               .looks_stw = now.looks_stw - before.looks_stw,
                               .chained = now.chained - before.chained,
                               .cleared_beside = now.cleared_beside - before.cleared_beside,
                               .cleared_stw = now.cleared_stw - before.cleared_stw};
}

/* Markers that wait are resolved beside the mutators where markers run beside them; elsewhere in
 * steps, each within its budget. */
static bool marks_on_threads(size_t number) {
  return number < 3;
}

static struct gc_handle hold_array(struct world *world, size_t count) {
  struct gc_ref array = gc_allocate(world->mutator, count, 0, 0);
  assert_false(gc_is_null(array));
  return hold(world, array);
}

/* --- cells -------------------------------------------------------------------------------------*/

static void a_million_cells(void **state) {
  (void)state;
  enum { COUNT = 1000000 };
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle cells = hold_array(&world, COUNT), referents = hold_array(&world, COUNT);
    struct gc_handle object = hold(&world, gc_null());
    for (size_t index = 0; index < COUNT; index++) {
      gc_handle_set(world.mutator, object, make_object(&world, index, sizeof index));
      gc_write_field(world.mutator, gc_handle_get(cells), index,
                     gc_weak_allocate(world.mutator, object));
      if (index % 4 == 0) {
        gc_write_field(world.mutator, gc_handle_get(referents), index, gc_handle_get(object));
      }
    }
    drop(&world, object);
    struct gc_weak_work before = world.heap->weak.work;
    run_cycle(&world);
    struct gc_weak_work work = work_since(&world, before);
    assert_int_equal(work.cleared_stw, 0);
    assert_true(work.cleared_beside <= COUNT + COUNT / 100);
    for (size_t index = 0; index < COUNT; index++) {
      struct gc_ref cell = gc_read_field(world.mutator, gc_handle_get(cells), index);
      assert_int_equal(gc_is_null(gc_weak_get(world.mutator, cell)), index % 4 != 0);
    }
  }
}

/* --- ephemerons --------------------------------------------------------------------------------*/

/* The value of each ephemeron is the key of the one before it in the array, so that who looks in
 * order finds nothing until the end. */
static struct gc_handle make_chain(struct world *world, struct gc_handle first_key, size_t count) {
  struct gc_handle chain = hold_array(world, count);
  struct gc_handle key = hold(world, gc_handle_get(first_key)), value = hold(world, gc_null());
  for (size_t index = 0; index < count; index++) {
    gc_handle_set(world->mutator, value, make_object(world, index, sizeof index));
    gc_write_field(world->mutator, gc_handle_get(chain), count - 1 - index,
                   gc_ephemeron_allocate(world->mutator, key, value));
    gc_handle_set(world->mutator, key, gc_handle_get(value));
  }
  drop(world, key);
  drop(world, value);
  return chain;
}

static void expect_chain(struct world *world, struct gc_handle chain, size_t count, bool is_held) {
  for (size_t index = 0; index < count; index++) {
    struct gc_ref entry = gc_read_field(world->mutator, gc_handle_get(chain), count - 1 - index);
    struct gc_ref value = gc_ephemeron_value(world->mutator, entry);
    assert_int_equal(!gc_is_null(value), is_held);
    assert_true(!is_held || number_of(value) == index);
  }
}

/* Each is looked at when it is found, and when its key and itself were marked, and cleared. */
static void expect_linear(const struct gc_weak_work *work, size_t count, bool on_threads) {
  size_t little = count / 50;
  assert_true(work->looks <= count + little);
  assert_true(work->chained <= 2 * count);
  assert_true(work->cleared_beside <= count + little);
  assert_int_equal(work->cleared_stw, 0);
  assert_true(!on_threads || work->looks_stw <= little);
}

static void a_chain_of_a_hundred_thousand(void **state) {
  (void)state;
  enum { COUNT = 100000 };
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle key = hold_object(&world, 0), chain = make_chain(&world, key, COUNT);
    for (unsigned is_held = 2; is_held-- > 0;) {
      struct gc_weak_work before = world.heap->weak.work;
      run_cycle(&world);
      struct gc_weak_work work = work_since(&world, before);
      expect_linear(&work, COUNT, marks_on_threads(number));
      expect_chain(&world, chain, COUNT, is_held != 0);
      drop(&world, key);
    }
  }
}

/* The key is reached through an ephemeron, when all the others wait for it. */
static void a_hundred_thousand_that_wait_for_one_key(void **state) {
  (void)state;
  enum { COUNT = 100000 };
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle first = hold_object(&world, 1), key = hold_object(&world, 2);
    struct gc_handle entries = hold_array(&world, COUNT + 1), value = hold(&world, gc_null());
    gc_write_field(world.mutator, gc_handle_get(entries), 0,
                   gc_ephemeron_allocate(world.mutator, first, key));
    for (size_t index = 1; index <= COUNT; index++) {
      gc_handle_set(world.mutator, value, make_object(&world, index, sizeof index));
      gc_write_field(world.mutator, gc_handle_get(entries), index,
                     gc_ephemeron_allocate(world.mutator, key, value));
    }
    drop(&world, key);
    drop(&world, value);
    struct gc_weak_work before = world.heap->weak.work;
    run_cycle(&world);
    struct gc_weak_work work = work_since(&world, before);
    assert_true(work.looks + work.chained <= 3 * (size_t)COUNT);
    assert_int_equal(work.cleared_stw, 0);
    for (size_t index = 1; index <= COUNT; index++) {
      struct gc_ref entry = gc_read_field(world.mutator, gc_handle_get(entries), index);
      assert_int_equal(number_of(gc_ephemeron_value(world.mutator, entry)), index);
    }
  }
}

/* --- the table ---------------------------------------------------------------------------------*/

/* No single call makes room for more than a shard, and none gives back more than a piece. */
static void the_table_grows_in_pieces(void **state) {
  (void)state;
  enum { COUNT = 400000 };
  struct world world = open_world("stw", GC_BARRIER_NAME, 16, 0);
  struct gc_arena *arena = &world.heap->arena;
  struct gc_weak_table table;
  gc_weak_table_init(&table, arena);
  uint64_t used_bytes = gc_atomic_load_relaxed(&arena->used_bytes), step_bytes = 0;
  for (uintptr_t awaited = 1; awaited <= COUNT; awaited++) {
    assert_true(gc_weak_table_add(&table, awaited << 4, awaited << 5));
    uint64_t now_bytes = gc_atomic_load_relaxed(&arena->used_bytes);
    step_bytes = now_bytes - used_bytes > step_bytes ? now_bytes - used_bytes : step_bytes;
    used_bytes = now_bytes;
  }
  assert_true(step_bytes <= (size_t)256 << 10);
  for (uintptr_t awaited = 1; awaited <= COUNT; awaited++) {
    struct gc_weak_place *place = gc_weak_table_find(&table, awaited << 4);
    assert_non_null(place);
    uint32_t waiter = gc_weak_place_take(place);
    assert_int_equal(gc_weak_table_waiter(&table, waiter)->ephemeron, awaited << 5);
    assert_null(gc_weak_table_find(&table, awaited << 4));
  }
  size_t pieces = 0;
  while (gc_weak_table_release_piece(&table)) {
    pieces++;
  }
  assert_true(pieces >= GC_WEAK_SHARDS);
  assert_null(gc_weak_table_find(&table, 16));
  close_world(&world);
}

/* --- finalizers --------------------------------------------------------------------------------*/

static uint64_t looks_of(struct gc_heap *heap) {
  gc_spin_lock_acquire(&heap->attendants.lock);
  uint64_t looks = heap->attendants.looks;
  gc_spin_lock_release(&heap->attendants.lock);
  return looks;
}

static uintptr_t calls, last_token;

static void note_call(struct gc_mutator *mutator, void *token) {
  (void)mutator;
  assert_true((uintptr_t)token > last_token); /* in the order of registration */
  last_token = (uintptr_t)token;
  calls++;
}

static void register_many(struct world *world, struct gc_handle objects, size_t count) {
  struct gc_handle object = hold(world, gc_null());
  for (size_t index = 0; index < count; index++) {
    gc_handle_set(world->mutator, object, make_object(world, index, sizeof index));
    gc_write_field(world->mutator, gc_handle_get(objects), index, gc_handle_get(object));
    assert_non_null(gc_finalizer_register(world->mutator, object, note_call, (void *)(index + 1)));
  }
  drop(world, object);
  gc_collect(world->mutator, GC_COLLECTION_FULL); /* all are old now */
}

static void sweep_rest(struct world *world) {
  begin_stop(world);
  gc_background_rest_stw(&world->heap->background, GC_SECTION_SWEEP);
  gc_cycle_sweep_stw(gc_cycle_of(world->heap), SIZE_MAX);
  gc_cycle_resume_threads_stw(gc_cycle_of(world->heap));
  gc_stop_end(world->heap, world->mutator, GC_PAUSE_full);
}

/* Registrations are looked at block by block when blocks are swept, once, and that is all: neither
 * marking nor remark knows of them. Blocks are swept by this mutator alone. */
static void a_million_finalizers(void **state) {
  (void)state;
  enum { COUNT = 1000000 };
  struct world world = open_world("concurrent_lazy", GC_BARRIER_NAME, 256, 0);
  struct gc_handle objects = hold_array(&world, COUNT);
  register_many(&world, objects, COUNT);
  for (size_t index = 0; index < COUNT; index++) {
    if (index % 4 != 0) {
      gc_write_field(world.mutator, gc_handle_get(objects), index, gc_null());
    }
  }
  sweep_rest(&world);
  uint64_t before = looks_of(world.heap);
  run_cycle(&world);
  assert_true(looks_of(world.heap) - before <= COUNT / 10);
  sweep_rest(&world);
  assert_in_range(looks_of(world.heap) - before, COUNT, COUNT + COUNT / 100);
  assert_int_equal(gc_finalizers_due(world.mutator), COUNT / 4 * 3);
  calls = last_token = 0;
  assert_int_equal(gc_finalizers_run(world.mutator, SIZE_MAX), COUNT / 4 * 3);
  assert_int_equal(calls, COUNT / 4 * 3);
  assert_int_equal(gc_finalizers_run(world.mutator, SIZE_MAX), 0);
  close_world(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_million_cells),
      cmocka_unit_test(a_chain_of_a_hundred_thousand),
      cmocka_unit_test(a_hundred_thousand_that_wait_for_one_key),
      cmocka_unit_test(the_table_grows_in_pieces),
      cmocka_unit_test(a_million_finalizers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
