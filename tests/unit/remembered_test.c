/* The remembering halves: what a store makes the remembered set contain, for how long, and that
 * nothing is lost when memory for an entry is refused.
 *
 * One unit sees all halves, because a half is no more than functions of a mutator; each heap is
 * opened with the barrier that is under test, and the heap's side is asked through its operations.
 *
 * Barrier: none
 * Wrap: gc_arena_allocate
 * Presets: release debug asan ubsan tsan
 */
#include "heap_fixture.h"

#include "heap/heap.h"
#include <gc/barriers/remember_card.h>
#include <gc/barriers/remember_card_unconditional.h>
#include <gc/barriers/remember_object.h>
#include <gc/barriers/remember_slots.h>
#include <gc/barriers/remember_v8_page_flags.h>

struct half {
  const char *name;
  void (*remember)(struct gc_mutator *, struct gc_ref, struct gc_slot, struct gc_ref);
  void (*remember_whole)(struct gc_mutator *, struct gc_ref); /* after a bulk change */
  bool looks_at_value; /* remembers small objects' slots for young values alone */
};

#define HALF(half, looks_at_value)                                                                 \
  { #half, gc_remember_##half, gc_remember_##half##_object, looks_at_value }

static const struct half halves[] = {
    HALF(card, true),    HALF(card_unconditional, false),
    HALF(object, false), HALF(v8_page_flags, true),
    HALF(slots, true),
};
#define HALVES        (sizeof halves / sizeof halves[0])
#define V8_PAGE_FLAGS (&halves[3])
#define SLOTS         (&halves[4])

enum { SMALL_SLOTS = 200, LARGE_SLOTS = 8000 }; /* the small one spans several cards */

static bool memory_is_refused;

void *__real_gc_arena_allocate(struct gc_arena *arena, size_t bytes);
void *__wrap_gc_arena_allocate(struct gc_arena *arena, size_t bytes);
void *__wrap_gc_arena_allocate(struct gc_arena *arena, size_t bytes) {
  return memory_is_refused ? NULL : __real_gc_arena_allocate(arena, bytes);
}

struct world {
  const struct half *half;
  struct gc_heap *heap;
  struct gc_mutator *mutator;
  struct gc_handle small, large; /* old */
};

static struct gc_mutator *attach(const struct half *half, struct gc_heap *heap) {
  char error[256] = "";
  struct gc_mutator *mutator = gc_attach_compiled(heap, half->name, error, sizeof error);
  if (mutator == NULL) {
    fail_msg("%s: %s", half->name, error);
  }
  return mutator;
}

static bool is_empty(const struct world *world) {
  return world->heap->remembered->is_empty(world->heap);
}

static struct world open_world(const struct half *half) {
  struct gc_options options = fixture_options(32);
  options.barrier = half->name;
  struct world world = {.half = half, .heap = fixture_open(&options)};
  world.mutator = attach(half, world.heap);
  world.small = gc_handle_push(world.mutator, gc_allocate(world.mutator, SMALL_SLOTS, 0, 0));
  world.large = gc_handle_push(world.mutator, gc_allocate(world.mutator, LARGE_SLOTS, 0, 0));
  gc_collect(world.mutator, GC_COLLECTION_FULL);
  assert_false(gc_is_young(world.mutator, gc_handle_get(world.small)));
  assert_true(is_empty(&world));
  return world;
}

static void close_world(struct world *world) {
  gc_detach(world->mutator);
  gc_heap_close(world->heap);
}

static void store(const struct world *world, struct gc_handle src, size_t index,
                  struct gc_ref new_ref) {
  struct gc_slot slot = gc_object_slot(gc_handle_get(src), index);
  gc_atomic_store_release(&slot.location->address, new_ref.address);
  world->half->remember(world->mutator, gc_handle_get(src), slot, new_ref);
}

static bool contains(const struct world *world, struct gc_handle src, size_t index) {
  return world->heap->remembered->contains(world->heap, gc_handle_get(src),
                                           gc_object_slot(gc_handle_get(src), index));
}

/* A young object that knows its number; nothing else refers to it. */
static struct gc_ref make_young(const struct world *world, uint64_t number) {
  struct gc_ref young = gc_allocate(world->mutator, 0, sizeof number, 0);
  assert_true(gc_is_young(world->mutator, young));
  *(uint64_t *)gc_object_raw(young, 0) = number;
  return young;
}

static void expect_number(const struct world *world, struct gc_handle src, size_t index,
                          uint64_t number) {
  struct gc_ref ref = *gc_object_slot(gc_handle_get(src), index).location;
  if (gc_is_null(ref) || *(uint64_t *)gc_object_raw(ref, 0) != number) {
    fail_msg("%s: slot %zu lost what was stored", world->half->name, index);
  }
}

/* From the store to the scavenge that promotes what was stored, and no longer. */
static void remembered_while_young(struct world *world, struct gc_handle src, size_t index) {
  store(world, src, index, make_young(world, index));
  assert_true(contains(world, src, index));
  assert_false(is_empty(world));
  gc_collect(world->mutator, GC_COLLECTION_MINOR);
  expect_number(world, src, index, index);
  assert_true(gc_is_young(world->mutator, *gc_object_slot(gc_handle_get(src), index).location));
  assert_true(contains(world, src, index));
  gc_collect(world->mutator, GC_COLLECTION_MINOR);
  expect_number(world, src, index, index);
  assert_false(gc_is_young(world->mutator, *gc_object_slot(gc_handle_get(src), index).location));
  assert_false(contains(world, src, index));
  assert_true(is_empty(world));
}

static void a_store_is_remembered(void **state) {
  (void)state;
  for (size_t half = 0; half < HALVES; half++) {
    struct world world = open_world(&halves[half]);
    remembered_while_young(&world, world.small, 0);
    remembered_while_young(&world, world.small, SMALL_SLOTS - 1);
    remembered_while_young(&world, world.small, 0);
    remembered_while_young(&world, world.large, 0);
    remembered_while_young(&world, world.large, 100);
    remembered_while_young(&world, world.large, LARGE_SLOTS - 1);
    close_world(&world);
  }
}

/* A second store, after a scavenge whose survivors kept the entry, and after one that dropped it. */
static void stores_between_scavenges(void **state) {
  (void)state;
  for (size_t half = 0; half < HALVES; half++) {
    struct world world = open_world(&halves[half]);
    for (size_t turn = 0; turn < 6; turn++) {
      store(&world, world.small, turn, make_young(&world, turn));
      store(&world, world.large, turn * 1000, make_young(&world, turn * 1000));
      gc_collect(world.mutator, GC_COLLECTION_MINOR);
      for (size_t done = 0; done <= turn; done++) {
        expect_number(&world, world.small, done, done);
        expect_number(&world, world.large, done * 1000, done * 1000);
      }
    }
    gc_collect(world.mutator, GC_COLLECTION_FULL);
    assert_true(is_empty(&world));
    close_world(&world);
  }
}

static void what_is_not_remembered(void **state) {
  (void)state;
  for (size_t half = 0; half < HALVES; half++) {
    struct world world = open_world(&halves[half]);
    struct gc_handle young = gc_handle_push(world.mutator, gc_allocate(world.mutator, 2, 0, 0));
    store(&world, young, 0, make_young(&world, 1));
    store(&world, young, 1, gc_handle_get(world.small));
    assert_true(is_empty(&world));
    store(&world, world.small, 0, gc_null());
    store(&world, world.small, 1, gc_handle_get(world.large));
    assert_int_equal(is_empty(&world), halves[half].looks_at_value);
    gc_collect(world.mutator, GC_COLLECTION_MINOR);
    assert_true(is_empty(&world));
    close_world(&world);
  }
}

static void bulk_changes(void **state) {
  (void)state;
  for (size_t half = 0; half < HALVES; half++) {
    struct world world = open_world(&halves[half]);
    struct gc_handle sources[] = {world.small, world.large};
    const size_t last[] = {SMALL_SLOTS - 1, LARGE_SLOTS - 1};
    for (size_t which = 0; which < 2; which++) {
      struct gc_handle src = sources[which];
      struct gc_ref young = make_young(&world, 1);
      *gc_object_slot(gc_handle_get(src), 0).location = young;
      *gc_object_slot(gc_handle_get(src), last[which]).location = young;
      world.half->remember_whole(world.mutator, gc_handle_get(src));
      assert_true(contains(&world, src, 0));
      assert_true(contains(&world, src, last[which]));
      gc_collect(world.mutator, GC_COLLECTION_MINOR);
      expect_number(&world, src, 0, 1);
      expect_number(&world, src, last[which], 1);
    }
    close_world(&world);
  }
}

static void detaching_keeps_what_was_remembered(void **state) {
  (void)state;
  for (size_t half = 0; half < HALVES; half++) {
    struct world world = open_world(&halves[half]);
    struct gc_root *root = gc_root_create(world.mutator, gc_handle_get(world.small));
    store(&world, world.small, 3, make_young(&world, 3));
    gc_detach(world.mutator);
    world.mutator = attach(world.half, world.heap);
    assert_false(is_empty(&world));
    gc_collect(world.mutator, GC_COLLECTION_MINOR);
    world.small = gc_handle_push(world.mutator, gc_root_get(root));
    expect_number(&world, world.small, 3, 3);
    gc_root_destroy(world.mutator, root);
    close_world(&world);
  }
}

/* Takes every spare segment out of the pool, so that the next one has to be asked for. */
static struct gc_segment *drain_pool(struct gc_heap *heap) {
  struct gc_segment *held = NULL, *segment;
  memory_is_refused = true;
  while ((segment = gc_segment_acquire(&heap->segments, GC_SEGMENT_BEYOND_LIMIT)) != NULL) {
    segment->next = held;
    held = segment;
  }
  return held;
}

static void refill_pool(struct gc_heap *heap, struct gc_segment *held) {
  memory_is_refused = false;
  gc_segment_release_list(&heap->segments, held);
}

/* Of mutators: slots of both objects, and the rest of a bulk change. */
static void refused_to_mutators(void **state) {
  (void)state;
  for (size_t half = 0; half < HALVES; half++) {
    struct world world = open_world(&halves[half]);
    struct gc_ref young[] = {make_young(&world, 1), make_young(&world, 2), make_young(&world, 5)};
    struct gc_segment *held = drain_pool(world.heap);
    store(&world, world.small, 1, young[0]);
    store(&world, world.large, 2, young[1]);
    *gc_object_slot(gc_handle_get(world.large), 5000).location = young[2];
    world.half->remember_whole(world.mutator, gc_handle_get(world.large));
    refill_pool(world.heap, held);
    assert_true(contains(&world, world.small, 1));
    assert_true(contains(&world, world.large, 2));
    assert_true(contains(&world, world.large, 5000));
    assert_false(is_empty(&world));
    for (size_t scavenge = 0; scavenge < 2; scavenge++) {
      gc_collect(world.mutator, GC_COLLECTION_MINOR);
      expect_number(&world, world.small, 1, 1);
      expect_number(&world, world.large, 2, 2);
      expect_number(&world, world.large, 5000, 5);
    }
    assert_true(is_empty(&world));
    close_world(&world);
  }
}

/* Of scavenging workers, which remember what stays young. */
static void refused_to_workers(void **state) {
  (void)state;
  for (size_t half = 0; half < HALVES; half++) {
    struct world world = open_world(&halves[half]);
    const struct gc_remembered_ops *remembered = world.heap->remembered;
    struct gc_ref small = gc_handle_get(world.small), large = gc_handle_get(world.large);
    struct gc_slot slots[] = {gc_object_slot(small, 7), gc_object_slot(small, 150),
                              gc_object_slot(large, 4000)};
    struct gc_worker *worker = &world.heap->workers.all[0];
    struct gc_ref young[] = {make_young(&world, 7), make_young(&world, 150),
                             make_young(&world, 4000)};
    *slots[0].location = young[0];
    *slots[1].location = young[1];
    *slots[2].location = young[2];
    struct gc_segment *held = drain_pool(world.heap);
    remembered->remember_slot(world.heap, worker, small, slots[0]);
    remembered->remember_object(world.heap, worker, small);
    remembered->remember_slot(world.heap, worker, large, slots[2]);
    refill_pool(world.heap, held);
    for (size_t scavenge = 0; scavenge < 2; scavenge++) {
      gc_collect(world.mutator, GC_COLLECTION_MINOR);
      expect_number(&world, world.small, 7, 7);
      expect_number(&world, world.small, 150, 150);
      expect_number(&world, world.large, 4000, 4000);
    }
    assert_true(is_empty(&world));
    close_world(&world);
  }
}

/* More entries than a segment holds, on as many cards and objects. */
static void many_entries(void **state) {
  (void)state;
  enum { OBJECTS = 3000 };
  for (size_t half = 0; half < HALVES; half++) {
    struct world world = open_world(&halves[half]);
    struct gc_mutator *mutator = world.mutator;
    for (size_t index = 0; index < OBJECTS; index++) {
      store(&world, world.large, index, gc_allocate(mutator, 1, 600, 0));
    }
    gc_collect(mutator, GC_COLLECTION_FULL);
    assert_true(is_empty(&world));
    for (size_t index = 0; index < OBJECTS; index++) {
      struct gc_ref young = make_young(&world, index);
      struct gc_handle_frame frame = gc_handles_enter(mutator);
      struct gc_handle src =
          gc_handle_push(mutator, *gc_object_slot(gc_handle_get(world.large), index).location);
      store(&world, src, 0, young);
      assert_true(contains(&world, src, 0));
      gc_handles_leave(mutator, frame);
    }
    for (size_t scavenge = 0; scavenge < 2; scavenge++) {
      gc_collect(mutator, GC_COLLECTION_MINOR);
      for (size_t index = 0; index < OBJECTS; index++) {
        struct gc_ref src = *gc_object_slot(gc_handle_get(world.large), index).location;
        struct gc_ref ref = *gc_object_slot(src, 0).location;
        assert_int_equal(*(uint64_t *)gc_object_raw(ref, 0), index);
      }
    }
    assert_true(is_empty(&world));
    close_world(&world);
  }
}

/* Slots into blocks that are to be evacuated are recorded, those of old objects and no others. */
static void moved_slots(const struct half *half) {
  struct world world = open_world(half);
  struct gc_heap *heap = world.heap;
  struct gc_mutator *mutator = world.mutator;
  struct gc_handle target = gc_handle_push(mutator, gc_allocate(mutator, 1, 0, 0));
  gc_collect(mutator, GC_COLLECTION_FULL);
  struct gc_handle young = gc_handle_push(mutator, gc_allocate(mutator, 1, 0, 0));
  struct gc_block *block =
      &heap->old.blocks[gc_space_block(&heap->space, gc_handle_get(target).address)];
  store(&world, world.large, 0, gc_handle_get(target));
  block->is_candidate = 1;
  gc_moved_slots_begin_stw(heap, 3);
  assert_int_equal(mutator->has_candidates, 1);

  store(&world, young, 0, gc_handle_get(target));
  store(&world, world.large, 1, gc_handle_get(world.large));
  store(&world, world.large, 1, gc_null());
  assert_int_equal(block->incoming_slots, 0);
  store(&world, world.large, 2, gc_handle_get(target));
  store(&world, world.small, 3, gc_handle_get(target));
  assert_int_equal(block->incoming_slots, 2);
  struct gc_segment *recorded = gc_moved_slots_take_stw(heap);
  assert_non_null(recorded);
  assert_int_equal(recorded->count, 2);
  struct gc_slot slots[] = {gc_object_slot(gc_handle_get(world.large), 2),
                            gc_object_slot(gc_handle_get(world.small), 3)};
  assert_true(recorded->words[0] == (uintptr_t)slots[0].location);
  assert_true(recorded->words[1] == (uintptr_t)slots[1].location);
  gc_segment_release_list(&heap->segments, recorded);

  /* Over the budget of three, and without memory, the block's slots are given up. */
  store(&world, world.large, 4, gc_handle_get(target));
  assert_int_equal(block->slots_lost, 0);
  store(&world, world.large, 5, gc_handle_get(target));
  assert_int_equal(block->slots_lost, 1);
  block->slots_lost = 0;
  block->incoming_slots = 0;
  gc_segment_release_list(&heap->segments, gc_moved_slots_take_stw(heap));
  struct gc_segment *held = drain_pool(heap);
  store(&world, world.large, 6, gc_handle_get(target));
  refill_pool(heap, held);
  assert_int_equal(block->slots_lost, 1);

  block->is_candidate = 0;
  gc_moved_slots_end_stw(heap);
  assert_int_equal(mutator->has_candidates, 0);
  close_world(&world);
}

static void moved_slots_are_recorded(void **state) {
  (void)state;
  moved_slots(SLOTS);
  moved_slots(V8_PAGE_FLAGS);
}

static size_t queued(const struct world *world) {
  const struct gc_mutator *mutator = world->mutator;
  return mutator->mark_segment == NULL ? 0
                                       : (size_t)(mutator->mark_top - mutator->mark_segment->words);
}

static void set_shading(const struct world *world, bool is_active) {
  world->heap->marking.is_active = is_active;
  world->mutator->shading = is_active;
  world->heap->remembered->update_mutator(world->heap, world->mutator);
}

/* v8_page_flags shades what is stored into old objects while a cycle marks, whoever attached when.
 */
static void flags_follow_marking(void **state) {
  (void)state;
  struct world world = open_world(V8_PAGE_FLAGS);
  struct gc_handle young = gc_handle_push(world.mutator, gc_allocate(world.mutator, 1, 0, 0));
  store(&world, world.small, 0, gc_handle_get(world.large));
  assert_int_equal(queued(&world), 0);
  set_shading(&world, true);
  store(&world, young, 0, gc_handle_get(world.large));
  store(&world, world.small, 1, gc_null());
  assert_int_equal(queued(&world), 0);
  store(&world, world.small, 2, gc_handle_get(world.large));
  store(&world, world.large, 2, gc_handle_get(world.small));
  assert_int_equal(queued(&world), 2);
  store(&world, world.small, 3, make_young(&world, 3));
  assert_true(contains(&world, world.small, 3));
  assert_int_equal(queued(&world), 2);

  struct gc_mutator *second = attach(world.half, world.heap);
  assert_int_equal(gc_region_flags(second, gc_handle_get(world.small)),
                   GC_REGION_INTERESTING_FROM | GC_REGION_INTERESTING_TO);
  set_shading(&world, false);
  second->shading = 0;
  world.heap->remembered->update_mutator(world.heap, second);
  assert_int_equal(gc_region_flags(second, gc_handle_get(world.small)), GC_REGION_INTERESTING_FROM);
  assert_int_equal(gc_region_flags(second, gc_handle_get(world.large)), GC_REGION_INTERESTING_FROM);
  assert_int_equal(gc_region_flags(second, gc_handle_get(young)), GC_REGION_INTERESTING_TO);
  gc_detach(second);
  store(&world, world.small, 4, gc_handle_get(world.large));
  assert_int_equal(queued(&world), 2);
  gc_marking_flush_mutator(world.heap, world.mutator);
  gc_segment_release_list(&world.heap->segments, world.heap->marking.share.segments);
  world.heap->marking.share.segments = NULL;
  close_world(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_store_is_remembered),
      cmocka_unit_test(stores_between_scavenges),
      cmocka_unit_test(what_is_not_remembered),
      cmocka_unit_test(bulk_changes),
      cmocka_unit_test(detaching_keeps_what_was_remembered),
      cmocka_unit_test(refused_to_mutators),
      cmocka_unit_test(refused_to_workers),
      cmocka_unit_test(many_entries),
      cmocka_unit_test(moved_slots_are_recorded),
      cmocka_unit_test(flags_follow_marking),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
