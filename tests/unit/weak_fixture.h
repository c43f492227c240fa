/* What the tests of weak cells and ephemerons share: a heap per collector, objects that know their
 * number, and the ways to make something old or young.
 */
#ifndef TESTS_UNIT_WEAK_FIXTURE_H
#define TESTS_UNIT_WEAK_FIXTURE_H

#include "heap_fixture.h"

#include "heap/heap.h"
#include <gc/weak.h>

struct world {
  struct gc_heap *heap;
  struct gc_mutator *mutator;
};

static inline struct world open_world(const char *collector, const char *barrier, size_t heap_mib,
                                      unsigned verify_level) {
  struct gc_options options = fixture_options(heap_mib);
  options.collector = collector;
  options.barrier = barrier;
  options.verify_level = verify_level;
  struct gc_heap *heap = fixture_open(&options);
  return (struct world){heap, fixture_attach(heap)};
}

static inline void close_world(struct world *world) {
  gc_detach(world->mutator);
  gc_heap_close(world->heap);
}

/* One slot, and the number in its raw part; large ones too. */
static inline struct gc_ref make_object(struct world *world, uint64_t number, size_t raw_bytes) {
  struct gc_ref object = gc_allocate(world->mutator, 1, raw_bytes, 0);
  assert_false(gc_is_null(object));
  *(uint64_t *)gc_object_raw(object, 1) = number;
  return object;
}

static inline uint64_t number_of(struct gc_ref object) {
  return *(uint64_t *)gc_object_raw(object, 1);
}

static inline struct gc_handle hold(struct world *world, struct gc_ref ref) {
  return gc_handle_push(world->mutator, ref);
}

static inline void drop(struct world *world, struct gc_handle handle) {
  gc_handle_set(world->mutator, handle, gc_null());
}

static inline struct gc_handle hold_object(struct world *world, uint64_t number) {
  return hold(world, make_object(world, number, sizeof number));
}

static inline struct gc_handle hold_cell(struct world *world, struct gc_handle referent) {
  struct gc_ref cell = gc_weak_allocate(world->mutator, referent);
  assert_false(gc_is_null(cell));
  return hold(world, cell);
}

static inline struct gc_handle hold_ephemeron(struct world *world, struct gc_handle key,
                                              struct gc_handle value) {
  struct gc_ref ephemeron = gc_ephemeron_allocate(world->mutator, key, value);
  assert_false(gc_is_null(ephemeron));
  return hold(world, ephemeron);
}

static inline void scavenge(struct world *world) {
  gc_collect(world->mutator, GC_COLLECTION_MINOR);
}

static inline void collect(struct world *world) {
  gc_collect(world->mutator, GC_COLLECTION_FULL);
}

static inline bool is_young(struct world *world, struct gc_handle handle) {
  return gc_is_young(world->mutator, gc_handle_get(handle));
}

static inline struct gc_ref referent_of(struct world *world, struct gc_handle cell) {
  return gc_weak_get(world->mutator, gc_handle_get(cell));
}

/* The cell refers to the object with that number. */
static inline void expect_number(struct world *world, struct gc_handle cell, uint64_t number) {
  struct gc_ref referent = referent_of(world, cell);
  assert_false(gc_is_null(referent));
  assert_int_equal(number_of(referent), number);
}

static inline void expect_cleared(struct world *world, struct gc_handle cell) {
  assert_true(gc_is_null(referent_of(world, cell)));
}

static inline struct gc_ref key_of(struct world *world, struct gc_handle ephemeron) {
  return gc_ephemeron_key(world->mutator, gc_handle_get(ephemeron));
}

static inline struct gc_ref value_of(struct world *world, struct gc_handle ephemeron) {
  return gc_ephemeron_value(world->mutator, gc_handle_get(ephemeron));
}

static inline void expect_entry(struct world *world, struct gc_handle ephemeron, uint64_t key,
                                uint64_t value) {
  assert_false(gc_is_null(key_of(world, ephemeron)));
  assert_int_equal(number_of(key_of(world, ephemeron)), key);
  assert_false(gc_is_null(value_of(world, ephemeron)));
  assert_int_equal(number_of(value_of(world, ephemeron)), value);
}

static inline void expect_no_entry(struct world *world, struct gc_handle ephemeron) {
  assert_true(gc_is_null(key_of(world, ephemeron)));
  assert_true(gc_is_null(value_of(world, ephemeron)));
}

static inline size_t list_count(const struct gc_weak_list *list) {
  size_t count = 0;
  for (const struct gc_segment *segment = list->first; segment != NULL; segment = segment->next) {
    count += segment->count;
  }
  return count;
}

#endif
