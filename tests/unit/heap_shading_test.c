/* The shading halves: what a store queues for the markers, and what it does not.
 *
 * Shading is switched on by hand in a heap whose world runs, and the mark buffers are read; no
 * marker takes part. One unit sees all halves, because a half is no more than functions of a
 * mutator, whatever barrier the heap was opened with.
 *
 * Presets: release debug asan ubsan tsan
 */
#include "heap_fixture.h"

#include "heap/heap.h"
#include "heap/regrey.h"
#include <gc/barriers/shade_hybrid.h>
#include <gc/barriers/shade_insertion.h>
#include <gc/barriers/shade_retreat.h>
#include <gc/barriers/shade_snapshot.h>
#include <pthread.h>

struct half {
  const char *name;
  void (*before)(struct gc_mutator *, struct gc_ref, struct gc_slot, struct gc_ref);
  void (*after)(struct gc_mutator *, struct gc_ref, struct gc_slot, struct gc_ref);
  void (*object_begin)(struct gc_mutator *, struct gc_ref);
  void (*object_end)(struct gc_mutator *, struct gc_ref);
  bool queues_old, queues_new, queues_src;
};

#define HALF(half, old, new, src)                                                                  \
  {                                                                                                \
#half, gc_shade_##half##_before, gc_shade_##half##_after, gc_shade_##half##_object_begin,      \
        gc_shade_##half##_object_end, old, new, src                                                \
  }

static const struct half halves[] = {
    HALF(insertion, false, true, false),
    HALF(retreat, false, false, true),
    HALF(snapshot, true, false, false),
    HALF(hybrid, true, true, false),
};
#define HALVES  (sizeof halves / sizeof halves[0])
#define RETREAT (&halves[1])

struct world {
  struct gc_heap *heap;
  struct gc_mutator *mutator;
  struct gc_handle src, old_value, new_value; /* old, two slots */
  struct gc_handle large;                     /* LARGE_SLOTS slots */
  struct gc_handle young;
};

enum { LARGE_SLOTS = 8000 };

static void set_shading(struct world *world, bool on) {
  world->heap->marking.is_active = on;
  world->mutator->shading = on;
}

static struct world open_world_with(uint64_t mark_stack_bytes) {
  struct gc_options options = fixture_options(16);
  options.mark_stack_bytes = mark_stack_bytes;
  struct world world = {.heap = fixture_open(&options)};
  world.mutator = fixture_attach(world.heap);
  world.src = gc_handle_push(world.mutator, gc_allocate(world.mutator, 2, 0, 0));
  world.old_value = gc_handle_push(world.mutator, gc_allocate(world.mutator, 2, 0, 0));
  world.new_value = gc_handle_push(world.mutator, gc_allocate(world.mutator, 2, 0, 0));
  world.large = gc_handle_push(world.mutator, gc_allocate(world.mutator, LARGE_SLOTS, 0, 0));
  gc_collect(world.mutator, GC_COLLECTION_FULL);
  world.young = gc_handle_push(world.mutator, gc_allocate(world.mutator, 2, 0, 0));
  assert_false(gc_is_young(world.mutator, gc_handle_get(world.src)));
  assert_true(gc_is_young(world.mutator, gc_handle_get(world.young)));
  set_shading(&world, true);
  return world;
}

static struct world open_world(void) {
  return open_world_with((uint64_t)64 << 20);
}

/* What the markers would get: the mutator's buffer, and the share. Oldest first, as far as one
 * segment goes. */
static size_t take_entries(struct world *world, uintptr_t *entries, size_t capacity) {
  gc_marking_flush_mutator(world->heap, world->mutator);
  struct gc_segment *list = world->heap->marking.share.segments;
  size_t taken = 0;
  while (list != NULL) {
    struct gc_segment *next = list->next;
    for (size_t index = 0; index < list->count; index++) {
      assert_true(taken < capacity);
      entries[taken++] = list->words[index];
    }
    gc_segment_release(&world->heap->segments, list);
    list = next;
  }
  world->heap->marking.share.segments = NULL;
  return taken;
}

static void expect_nothing(struct world *world, const struct half *half, const char *when) {
  uintptr_t entries[4];
  size_t count = take_entries(world, entries, 4);
  if (count != 0) {
    fail_msg("%s: %zu entries %s", half->name, count, when);
  }
}

static void close_world(struct world *world) {
  set_shading(world, false);
  gc_detach(world->mutator);
  gc_heap_close(world->heap);
}

/* As gc_write_ref, without a remembering half: no young reference is stored into an old object
 * here and left there. */
static void store(struct world *world, const struct half *half, struct gc_ref src, size_t index,
                  struct gc_ref new_ref) {
  struct gc_slot slot = gc_object_slot(src, index);
  half->before(world->mutator, src, slot, new_ref);
  gc_atomic_store_release(&slot.location->address, new_ref.address);
  half->after(world->mutator, src, slot, new_ref);
}

static void plain_store(struct gc_ref src, size_t index, struct gc_ref new_ref) {
  gc_object_slot(src, index).location->address = new_ref.address;
}

static void mark(struct world *world, struct gc_ref object) {
  const struct gc_space *space = &world->heap->space;
  size_t first = gc_space_granule(space, object.address);
  size_t last = first + gc_header_size_bytes(gc_object_header(object)) / GC_GRANULE_BYTES - 1;
  (void)gc_bitmap_mark_atomic(space->mark_bits, first, last);
}

static void unmark(struct world *world, struct gc_ref object) {
  size_t block = gc_space_block(&world->heap->space, object.address);
  memset(gc_space_mark_words(&world->heap->space, block), 0, GC_BLOCK_WORDS * sizeof(uint64_t));
}

/* Each half queues what its paper says, in the order of its steps. */
static void a_store_queues(void **state) {
  (void)state;
  for (const struct half *half = halves; half < halves + HALVES; half++) {
    struct world world = open_world();
    struct gc_ref src = gc_handle_get(world.src);
    plain_store(src, 0, gc_handle_get(world.old_value));
    store(&world, half, src, 0, gc_handle_get(world.new_value));
    uintptr_t expected[4], entries[4];
    size_t count = 0;
    if (half->queues_old) {
      expected[count++] = gc_handle_get(world.old_value).address;
    }
    if (half->queues_new) {
      expected[count++] = gc_handle_get(world.new_value).address;
    }
    if (half->queues_src) {
      expected[count++] = src.address | GC_MARK_AGAIN;
    }
    assert_int_equal(take_entries(&world, entries, 4), count);
    assert_memory_equal(entries, expected, count * sizeof *entries);
    close_world(&world);
  }
}

static void nothing_is_queued_while_nobody_marks(void **state) {
  (void)state;
  for (const struct half *half = halves; half < halves + HALVES; half++) {
    struct world world = open_world();
    set_shading(&world, false);
    struct gc_ref src = gc_handle_get(world.src);
    plain_store(src, 0, gc_handle_get(world.old_value));
    store(&world, half, src, 0, gc_handle_get(world.new_value));
    half->object_begin(world.mutator, src);
    half->object_end(world.mutator, src);
    expect_nothing(&world, half, "while shading is off");
    assert_int_equal(*gc_regrey_flag(src), 0);
    close_world(&world);
  }
}

static void young_and_null_are_ignored(void **state) {
  (void)state;
  for (const struct half *half = halves; half < halves + HALVES; half++) {
    struct world world = open_world();
    struct gc_ref src = gc_handle_get(world.src), young = gc_handle_get(world.young);
    struct gc_ref old_value = gc_handle_get(world.old_value);
    plain_store(young, 0, old_value);
    store(&world, half, young, 0, gc_handle_get(world.new_value));
    half->object_begin(world.mutator, young);
    half->object_end(world.mutator, young);
    expect_nothing(&world, half, "after a store into a young object");
    store(&world, half, src, 0, gc_null());
    expect_nothing(&world, half, "after null over null");
    store(&world, half, src, 0, young);
    expect_nothing(&world, half, "after a young reference over null");
    store(&world, half, src, 0, gc_null());
    expect_nothing(&world, half, "after null over a young reference");
    assert_int_equal(*gc_regrey_flag(src), 0);
    assert_int_equal(*gc_regrey_flag(young), 0);
    close_world(&world);
  }
}

/* A large object's mark is in its descriptor. */
static void marked_objects_are_not_queued(void **state) {
  (void)state;
  for (const struct half *half = halves; half < halves + HALVES; half++) {
    struct world world = open_world();
    struct gc_ref src = gc_handle_get(world.src), large = gc_handle_get(world.large);
    struct gc_large *descriptor = gc_large_of(gc_object_header(large));
    plain_store(src, 0, gc_handle_get(world.old_value));
    plain_store(src, 1, large);
    mark(&world, gc_handle_get(world.old_value));
    mark(&world, gc_handle_get(world.new_value));
    descriptor->marked = 1;
    store(&world, half, src, 0, gc_handle_get(world.new_value));
    store(&world, half, src, 1, large);
    uintptr_t entries[4];
    assert_int_equal(take_entries(&world, entries, 4), half->queues_src ? 1 : 0);
    descriptor->marked = 0;
    store(&world, half, src, 1, large);
    assert_int_equal(take_entries(&world, entries, 4),
                     (half->queues_old ? 1 : 0) + (half->queues_new ? 1 : 0));
    unmark(&world, src);
    close_world(&world);
  }
}

/* Begin shades what is there before, end what is there afterwards, slot by slot. */
static void bulk_changes(void **state) {
  (void)state;
  for (const struct half *half = halves; half < halves + HALVES; half++) {
    struct world world = open_world();
    struct gc_ref src = gc_handle_get(world.src);
    plain_store(src, 0, gc_handle_get(world.old_value));
    plain_store(src, 1, gc_handle_get(world.large));
    half->object_begin(world.mutator, src);
    uintptr_t entries[4];
    size_t count = take_entries(&world, entries, 4);
    assert_int_equal(count, half->queues_old ? 2 : 0);
    if (half->queues_old) {
      assert_int_equal(entries[0], gc_handle_get(world.old_value).address);
      assert_int_equal(entries[1], gc_handle_get(world.large).address);
    }
    gc_change_ref(gc_object_slot(src, 0), gc_handle_get(world.new_value));
    gc_change_ref(gc_object_slot(src, 1), gc_null());
    half->object_end(world.mutator, src);
    count = take_entries(&world, entries, 4);
    assert_int_equal(count, half->queues_new || half->queues_src ? 1 : 0);
    if (count > 0) {
      assert_int_equal(entries[0], half->queues_src ? src.address | GC_MARK_AGAIN
                                                    : gc_handle_get(world.new_value).address);
    }
    close_world(&world);
  }
}

/* Once, until the marker clears the flag. */
static void retreat_queues_once_per_scan(void **state) {
  (void)state;
  struct world world = open_world();
  struct gc_ref src = gc_handle_get(world.src), value = gc_handle_get(world.new_value);
  uintptr_t entries[4];
  for (int scan = 0; scan < 3; scan++) {
    for (int stores = 0; stores < 5; stores++) {
      store(&world, RETREAT, src, 1, value);
    }
    assert_int_equal(take_entries(&world, entries, 4), 1);
    assert_int_equal(entries[0], src.address | GC_MARK_AGAIN);
    assert_true(gc_regrey_clear(src));
    assert_false(gc_regrey_clear(src));
  }
  assert_int_equal(gc_object_slot_count(src), 2);
  assert_false(gc_header_is_large(gc_object_header(src)));
  close_world(&world);
}

static void retreat_queues_pieces_of_large_objects(void **state) {
  (void)state;
  struct world world = open_world();
  struct gc_ref large = gc_handle_get(world.large), value = gc_handle_get(world.new_value);
  uintptr_t entries[4];
  static const size_t indices[] = {0, 62, 63, 64, 127, LARGE_SLOTS - 1};
  static const size_t pieces[] = {0, 0, 1, 1, 2, (LARGE_SLOTS * 8) / 512};
  for (size_t place = 0; place < sizeof indices / sizeof *indices; place++) {
    store(&world, RETREAT, large, indices[place], value);
    assert_int_equal(take_entries(&world, entries, 4), 1);
    uintptr_t piece = large.address + pieces[place] * 512;
    assert_int_equal(entries[0], piece | GC_MARK_AGAIN);
    store(&world, RETREAT, large, indices[place], value);
    expect_nothing(&world, RETREAT, "for a piece that waits");
    assert_int_equal(*gc_space_regrey_flag(&world.heap->space, piece), 1);
    gc_regrey_clear_large(world.heap, piece + 8, piece + 16);
    assert_int_equal(*gc_space_regrey_flag(&world.heap->space, piece), 0);
  }
  assert_int_equal(*gc_regrey_flag(large), 0);
  close_world(&world);
}

/* A bulk change re-greys every piece; whoever gets the freed pages finds no flag. */
static void freed_large_objects_leave_no_flags(void **state) {
  (void)state;
  struct world world = open_world();
  struct gc_ref large = gc_handle_get(world.large);
  RETREAT->object_begin(world.mutator, large);
  RETREAT->object_end(world.mutator, large);
  enum { PIECES = (8 + LARGE_SLOTS * 8 + 511) / 512 };
  uintptr_t entries[PIECES + 1];
  assert_int_equal(take_entries(&world, entries, PIECES + 1), PIECES);
  for (size_t piece = 0; piece < PIECES; piece++) {
    assert_int_equal(entries[piece], (large.address + piece * 512) | GC_MARK_AGAIN);
  }
  gc_handle_set(world.mutator, world.large, gc_null());
  set_shading(&world, false);
  world.heap->options.verify_level = 0; /* these flags have lost their entries */
  gc_collect(world.mutator, GC_COLLECTION_FULL);
  assert_int_equal(world.heap->large.object_count, 0);
  for (size_t piece = 0; piece < PIECES; piece++) {
    assert_int_equal(*gc_space_regrey_flag(&world.heap->space, large.address + piece * 512), 0);
  }
  close_world(&world);
}

static void expect_overflow(struct world *world, const struct half *half, struct gc_ref object) {
  struct gc_heap *heap = world->heap;
  struct gc_block *block = &heap->old.blocks[gc_space_block(&heap->space, object.address)];
  expect_nothing(world, half, "where no segment can be had");
  assert_true(
      gc_bitmap_test(heap->space.mark_bits, gc_space_granule(&heap->space, object.address)));
  assert_int_equal(block->overflowed, 1);
  assert_int_equal(heap->overflowed, 1);
  block->overflowed = 0;
  heap->overflowed = 0;
  unmark(world, object);
}

/* `overflow-is-flagged`: without a segment, the object is marked and its block flagged. */
static void without_memory_objects_are_marked_and_flagged(void **state) {
  (void)state;
  for (const struct half *half = halves; half < halves + HALVES; half++) {
    struct world world = open_world_with(0);
    struct gc_ref src = gc_handle_get(world.src), large = gc_handle_get(world.large);
    struct gc_ref value = gc_handle_get(world.new_value);
    store(&world, half, src, 0, value);
    if (half->queues_new || half->queues_src) {
      expect_overflow(&world, half, half->queues_src ? src : value);
    }
    (void)gc_regrey_clear(src);
    store(&world, half, src, 0, gc_null());
    if (half->queues_old) {
      expect_overflow(&world, half, value);
    }
    plain_store(src, 0, large);
    store(&world, half, half->queues_src ? large : src, 0, half->queues_src ? value : large);
    struct gc_large *descriptor = gc_large_of(gc_object_header(large));
    assert_int_equal(descriptor->marked, 1);
    assert_int_equal(descriptor->overflowed, 1);
    expect_nothing(&world, half, "where no segment can be had");
    descriptor->marked = descriptor->overflowed = 0;
    close_world(&world);
  }
}

/* More entries than a segment holds: full ones go to the share, none is lost. */
static void full_buffers_go_to_the_share(void **state) {
  (void)state;
  for (const struct half *half = halves; half < halves + HALVES; half++) {
    struct world world = open_world();
    enum { COUNT = 5000 };
    set_shading(&world, false);
    struct gc_handle array = gc_handle_push(world.mutator, gc_allocate(world.mutator, COUNT, 0, 0));
    for (size_t index = 0; index < COUNT; index++) {
      gc_write_field(world.mutator, gc_handle_get(array), index,
                     gc_allocate(world.mutator, 1, 0, 0));
    }
    gc_collect(world.mutator, GC_COLLECTION_FULL);
    set_shading(&world, true);
    struct gc_ref value = gc_handle_get(world.new_value), src = gc_handle_get(world.src);
    for (size_t index = 0; index < COUNT; index++) {
      struct gc_ref object = {gc_object_slot(gc_handle_get(array), index).location->address};
      store(&world, half, half->queues_src ? object : src, 0, half->queues_src ? value : object);
    }
    store(&world, half, src, 0, half->queues_src ? value : gc_null());
    static uintptr_t entries[3 * COUNT];
    size_t count = take_entries(&world, entries, 3 * COUNT);
    static uint8_t seen[COUNT];
    memset(seen, 0, sizeof seen);
    for (size_t index = 0; index < COUNT; index++) {
      struct gc_ref object = {gc_object_slot(gc_handle_get(array), index).location->address};
      for (size_t place = 0; place < count && seen[index] == 0; place++) {
        seen[index] = (entries[place] & ~GC_MARK_AGAIN) == object.address;
      }
      assert_int_equal(seen[index], 1);
    }
    assert_int_equal(count, COUNT + (half->queues_src ? 1 : 0) +
                                (half->queues_old && half->queues_new ? COUNT : 0));
    close_world(&world);
  }
}

/* Who attaches while marking shades at once; who detaches leaves what was queued. */
static void mutators_come_and_go(void **state) {
  (void)state;
  for (const struct half *half = halves; half < halves + HALVES; half++) {
    struct world world = open_world();
    struct gc_ref src = gc_handle_get(world.src);
    plain_store(src, 0, gc_handle_get(world.old_value));
    gc_blocking_begin(world.mutator);
    struct world guest = {.heap = world.heap, .mutator = fixture_attach(world.heap)};
    assert_int_equal(guest.mutator->shading, 1);
    store(&guest, half, src, 0, gc_handle_get(world.new_value));
    gc_detach(guest.mutator);
    gc_blocking_end(world.mutator);
    uintptr_t entries[4];
    assert_int_equal(take_entries(&world, entries, 4),
                     half->queues_old && half->queues_new ? 2 : 1);
    set_shading(&world, false);
    gc_blocking_begin(world.mutator);
    guest.mutator = fixture_attach(world.heap);
    assert_int_equal(guest.mutator->shading, 0);
    gc_detach(guest.mutator);
    gc_blocking_end(world.mutator);
    close_world(&world);
  }
}

struct race {
  struct world *world;
  size_t slot;
  uint64_t cleared;
};

enum { RACE_STORES = 20000 };

/* Stores, and now and then clears as a marker does. */
static void *run_race(void *context) {
  struct race *race = context;
  struct world own = {.heap = race->world->heap, .mutator = fixture_attach(race->world->heap)};
  struct gc_ref src = gc_handle_get(race->world->src);
  struct gc_ref value = gc_handle_get(race->world->new_value);
  for (size_t done = 0; done < RACE_STORES; done++) {
    store(&own, RETREAT, src, race->slot, value);
    if (done % 3 == race->slot) {
      race->cleared += gc_regrey_clear(src);
    }
  }
  gc_detach(own.mutator);
  return NULL;
}

/* Two mutators, which also clear: each change of the flag from 0 to 1 has one entry
 * (`regrey-has-entry`). */
static void two_threads_and_one_flag(void **state) {
  (void)state;
  struct world world = open_world();
  struct gc_ref src = gc_handle_get(world.src);
  gc_blocking_begin(world.mutator);
  struct race races[2] = {{&world, 0, 0}, {&world, 1, 0}};
  pthread_t threads[2];
  for (size_t index = 0; index < 2; index++) {
    assert_int_equal(pthread_create(&threads[index], NULL, run_race, &races[index]), 0);
  }
  for (size_t index = 0; index < 2; index++) {
    pthread_join(threads[index], NULL);
  }
  gc_blocking_end(world.mutator);
  static uintptr_t entries[2 * RACE_STORES];
  size_t count = take_entries(&world, entries, 2 * RACE_STORES);
  assert_int_equal(count, races[0].cleared + races[1].cleared + gc_regrey_clear(src));
  for (size_t index = 0; index < count; index++) {
    assert_int_equal(entries[index], src.address | GC_MARK_AGAIN);
  }
  assert_true(count >= 1);
  assert_int_equal(gc_object_slot_count(src), 2);
  assert_int_equal(gc_object_size_bytes(src), 24);
  close_world(&world);
}

/* Stores are shaded from the first on. */
static void attaching_while_a_cycle_marks(void **state) {
  (void)state;
  struct world world = open_world();
  struct gc_mutator *second = fixture_attach(world.heap);
  assert_true(second->shading);
  gc_detach(second);
  set_shading(&world, false);
  second = fixture_attach(world.heap);
  assert_false(second->shading);
  gc_detach(second);
  close_world(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_store_queues),
      cmocka_unit_test(nothing_is_queued_while_nobody_marks),
      cmocka_unit_test(young_and_null_are_ignored),
      cmocka_unit_test(marked_objects_are_not_queued),
      cmocka_unit_test(bulk_changes),
      cmocka_unit_test(retreat_queues_once_per_scan),
      cmocka_unit_test(retreat_queues_pieces_of_large_objects),
      cmocka_unit_test(freed_large_objects_leave_no_flags),
      cmocka_unit_test(without_memory_objects_are_marked_and_flagged),
      cmocka_unit_test(full_buffers_go_to_the_share),
      cmocka_unit_test(mutators_come_and_go),
      cmocka_unit_test(attaching_while_a_cycle_marks),
      cmocka_unit_test(two_threads_and_one_flag),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
