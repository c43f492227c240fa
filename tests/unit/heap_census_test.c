/* A census counts what is reachable and nothing else, knows its survivors wherever they were moved,
 * follows ephemerons, counts backing stores, and says how things are reached; under collectors
 * that move, that mark beside the mutators, and where nothing is ever freed.
 *
 * Barrier: v8_page_flags
 * Presets: release debug asan
 */
#include "heap_fixture.h"

#include <gc/buffer.h>
#include <gc/census.h>
#include <gc/weak.h>

#ifdef GC_SANITIZE /* slow there: one that moves with the world stopped, one beside mutators */
static const char *const collectors[] = {"stw_compact", "v8"};
#else
static const char *const collectors[] = {"stw", "stw_compact", "mark_compact",
                                         "v8",  "concurrent",  "epsilon"};
#endif

struct world {
  struct gc_heap *heap;
  struct gc_mutator *mutator;
};

static struct world open_world(const char *collector) {
  struct gc_options options = fixture_options(collector[0] == 'e' ? 64 : 16);
  options.collector = collector;
  options.barrier = GC_BARRIER_NAME;
  struct gc_heap *heap = fixture_open(&options);
  return (struct world){heap, fixture_attach(heap)};
}

static void close_world(struct world *world) {
  gc_detach(world->mutator);
  gc_heap_close(world->heap);
}

static struct gc_ref make(struct world *world, size_t slots, size_t raw_bytes, const char *name) {
  struct gc_ref object =
      gc_allocate(world->mutator, slots, raw_bytes, gc_type_define(world->heap, name));
  assert_false(gc_is_null(object));
  return object;
}

/* A list of `count` more links in front of what the handle refers to. */
static void prepend(struct world *world, struct gc_handle list, size_t count) {
  for (size_t i = 0; i < count; i++) {
    struct gc_ref link = make(world, 1, 8, "link");
    gc_init_field(world->mutator, link, 0, gc_handle_get(list));
    gc_handle_set(world->mutator, list, link);
  }
}

static struct gc_census_type of_type(struct world *world, const struct gc_census *census,
                                     const char *name) {
  for (size_t i = 0; i < census->type_count; i++) {
    if (strcmp(gc_type_name(world->heap, census->types[i].type), name) == 0) {
      return census->types[i];
    }
  }
  return (struct gc_census_type){0};
}

static void take(struct world *world, struct gc_census *census) {
  gc_collect(world->mutator, GC_COLLECTION_FULL);
  assert_int_equal(gc_census_take(world->mutator, census), 0);
}

static void counts_and_survivors(const char *collector) {
  struct world world = open_world(collector);
  struct gc_census census;
  struct gc_handle_frame frame = gc_handles_enter(world.mutator);
  struct gc_handle list = gc_handle_push(world.mutator, gc_null());
  struct gc_handle large = gc_handle_push(world.mutator, make(&world, 0, 100000, "large"));
  prepend(&world, list, 3000);
  take(&world, &census);
  struct gc_census_type links = of_type(&world, &census, "link");
  assert_int_equal(links.objects, 3000);
  assert_int_equal(links.bytes, 3000 * 24);
  assert_int_equal(links.survivor_objects, 0);
  assert_int_equal(of_type(&world, &census, "large").bytes, 100008);
  assert_int_equal(census.objects, 3001);
  gc_census_finish(&census);

  for (size_t dropped = 0; dropped < 1000; dropped++) {
    gc_handle_set(world.mutator, list, gc_read_field(world.mutator, gc_handle_get(list), 0));
  }
  prepend(&world, list, 500);
  take(&world, &census);
  links = of_type(&world, &census, "link");
  assert_int_equal(links.objects, 2500);
  assert_int_equal(links.survivor_objects, 2000);
  assert_int_equal(links.survivor_bytes, 2000 * 24);
  struct gc_census_step steps[1];
  enum gc_census_origin origin;
  size_t length;
  assert_int_equal(gc_census_path(&census, links.example, steps, 1, &length, &origin), 1);
  assert_in_range(length, 501, 2500); /* survivors lie behind what is new */
  assert_int_equal(of_type(&world, &census, "large").survivor_objects, 1);
  gc_census_finish(&census);

  gc_handle_set(world.mutator, large, gc_null());
  take(&world, &census);
  assert_int_equal(of_type(&world, &census, "link").survivor_objects, 2500);
  assert_int_equal(of_type(&world, &census, "large").objects, 0);
  gc_census_finish(&census);
  gc_handles_leave(world.mutator, frame);
  close_world(&world);
}

static void under_every_kind_of_collector(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof collectors / sizeof *collectors; i++) {
    counts_and_survivors(collectors[i]);
  }
}

static void paths_are_the_shortest(void **state) {
  (void)state;
  struct world world = open_world("stw");
  struct gc_handle_frame frame = gc_handles_enter(world.mutator);
  struct gc_handle list = gc_handle_push(world.mutator, make(&world, 3, 0, "end"));
  struct gc_ref deep = make(&world, 0, 16, "deep");
  gc_write_field(world.mutator, gc_handle_get(list), 2, deep);
  prepend(&world, list, 40);
  struct gc_root *root = gc_root_create(world.mutator, gc_handle_get(list));
  gc_handles_leave(world.mutator, frame);
  struct gc_census census;
  take(&world, &census);

  struct gc_census_step steps[64];
  enum gc_census_origin origin;
  size_t length;
  uint32_t node = of_type(&world, &census, "deep").example;
  assert_int_equal(gc_census_path(&census, node, steps, 64, &length, &origin), 42);
  assert_int_equal(length, 42);
  assert_int_equal(origin, GC_CENSUS_ROOT);
  assert_string_equal(gc_type_name(world.heap, steps[0].type), "link");
  assert_string_equal(gc_type_name(world.heap, steps[40].type), "end");
  assert_int_equal(steps[40].slot, 2);
  assert_string_equal(gc_type_name(world.heap, steps[41].type), "deep");
  assert_int_equal(gc_census_path(&census, node, steps, 3, &length, &origin), 3);
  assert_int_equal(length, 42);
  gc_census_finish(&census);
  gc_root_destroy(world.mutator, root);
  close_world(&world);
}

static void ephemerons_and_buffers(void **state) {
  (void)state;
  struct world world = open_world("stw");
  struct gc_handle_frame frame = gc_handles_enter(world.mutator);
  struct gc_handle key = gc_handle_push(world.mutator, make(&world, 0, 16, "key"));
  struct gc_handle value = gc_handle_push(world.mutator, make(&world, 0, 16, "value"));
  struct gc_handle ephemeron =
      gc_handle_push(world.mutator, gc_ephemeron_allocate(world.mutator, key, value));
  struct gc_handle buffer =
      gc_handle_push(world.mutator, gc_buffer_allocate(world.mutator, 1 << 20));
  assert_true(gc_external_declare(world.mutator, 5000));
  gc_handle_set(world.mutator, value, gc_null());
  struct gc_census census;
  take(&world, &census);
  assert_int_equal(of_type(&world, &census, "value").objects, 1);
  assert_int_equal(of_type(&world, &census, "buffer").external_bytes, 1 << 20);
  assert_int_equal(census.external_bytes, (1 << 20) + 5000);
  assert_int_equal(census.declared_bytes, 5000);
  gc_census_finish(&census);

  gc_handle_set(world.mutator, key, gc_null());
  gc_handle_set(world.mutator, buffer, gc_null());
  take(&world, &census);
  assert_int_equal(of_type(&world, &census, "ephemeron").objects, 1);
  assert_int_equal(of_type(&world, &census, "value").objects, 0);
  assert_int_equal(of_type(&world, &census, "buffer").objects, 0);
  assert_int_equal(census.external_bytes, 5000);
  gc_census_finish(&census);
  assert_false(gc_is_null(gc_handle_get(ephemeron)));
  gc_handles_leave(world.mutator, frame);
  close_world(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(under_every_kind_of_collector),
      cmocka_unit_test(paths_are_the_shortest),
      cmocka_unit_test(ephemerons_and_buffers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
