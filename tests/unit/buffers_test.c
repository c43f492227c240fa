/* Buffers: their bytes are there as long as they are reachable, through slices too, and are freed by
 * every collection that finds them dead; what is counted; limits and triggers; bad input.
 *
 * Presets: release asan tsan
 * Barrier: v8_page_flags
 */
#include "weak_fixture.h"

#include <unistd.h>

/* The last without a nursery. */
static const char *const collectors[] = {"stw",         "stw_lazy",    "mark_compact",
                                         "stw_compact", "incremental", "concurrent",
                                         "v8",          "mark_sweep",  "concurrent_mark_sweep"};
#define COLLECTORS (sizeof collectors / sizeof *collectors)
#define NURSERIES  (COLLECTORS - 2)

#define FOR_EACH_COLLECTOR(world)                                                                  \
  for (size_t number = 0; number < COLLECTORS; number++)                                           \
    for (struct world world = open_world(collectors[number], "v8_page_flags", 16, 3);              \
         world.heap != NULL; close_world(&world), world.heap = NULL)

/* --- helpers -----------------------------------------------------------------------------------*/

static struct gc_handle hold_buffer(struct world *world, size_t bytes) {
  struct gc_ref buffer = gc_buffer_allocate(world->mutator, bytes);
  assert_false(gc_is_null(buffer));
  return hold(world, buffer);
}

static void fill(struct gc_handle buffer, uint8_t seed) {
  uint8_t *data = gc_buffer_data(gc_handle_get(buffer));
  for (size_t index = 0; index < gc_buffer_bytes(gc_handle_get(buffer)); index++) {
    data[index] = (uint8_t)(seed + index * 7);
  }
}

static void expect_filled(struct gc_handle buffer, uint8_t seed, size_t offset, size_t bytes) {
  const uint8_t *data = gc_buffer_data(gc_handle_get(buffer));
  assert_int_equal(gc_buffer_bytes(gc_handle_get(buffer)), bytes);
  for (size_t index = 0; index < bytes; index++) {
    assert_int_equal(data[index], (uint8_t)(seed + (index + offset) * 7));
  }
}

static struct gc_memory_usage usage_of(struct world *world) {
  struct gc_memory_usage usage;
  gc_memory_usage(world->heap, &usage);
  return usage;
}

/* What was released is freed by and by. */
static void expect_external(struct world *world, uint64_t bytes) {
  for (unsigned tries = 0; usage_of(world).external_bytes != bytes && tries < 5000; tries++) {
    usleep(1000);
  }
  assert_int_equal(usage_of(world).external_bytes, bytes);
  assert_int_equal(usage_of(world).buffers_bytes, bytes);
}

static struct world open_limited(const char *collector, uint64_t limit_bytes) {
  struct gc_options options = fixture_options(16);
  options.collector = collector;
  options.barrier = "v8_page_flags";
  options.verify_level = 2;
  options.external_limit_bytes = limit_bytes;
  struct gc_heap *heap = fixture_open(&options);
  return (struct world){heap, fixture_attach(heap)};
}

/* --- life and death ----------------------------------------------------------------------------*/

static void zeroed_and_kept(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle small = hold_buffer(&world, 100), large = hold_buffer(&world, 3 << 20);
    const uint8_t *data = gc_buffer_data(gc_handle_get(large));
    for (size_t index = 0; index < 3 << 20; index += 4096) {
      assert_int_equal(data[index], 0);
    }
    fill(small, 1);
    for (unsigned done = 0; done < 4; done++) {
      scavenge(&world);
      expect_filled(small, 1, 0, 100);
      assert_ptr_equal(gc_buffer_data(gc_handle_get(large)), data);
    }
    collect(&world);
    collect(&world);
    expect_filled(small, 1, 0, 100);
    expect_external(&world, 100 + (3 << 20));
    drop(&world, small);
    drop(&world, large);
    collect(&world);
    expect_external(&world, 0);
  }
}

static void freed_by_a_scavenge(void **state) {
  (void)state;
  for (size_t number = 0; number < NURSERIES; number++) {
    struct world world = open_world(collectors[number], "v8_page_flags", 16, 3);
    struct gc_handle kept = hold_buffer(&world, 1000), dropped = hold_buffer(&world, 2000);
    struct gc_handle survives_once = hold_buffer(&world, 4000);
    fill(kept, 3);
    drop(&world, dropped);
    scavenge(&world);
    expect_external(&world, 5000);
    drop(&world, survives_once);
    scavenge(&world);
    expect_external(&world, 1000);
    expect_filled(kept, 3, 0, 1000);
    struct gc_statistics statistics;
    gc_statistics_read(world.heap, &statistics);
    assert_int_equal(statistics.full_count, 0);
    assert_int_equal(statistics.released_buffers, 2);
    assert_int_equal(statistics.released_bytes, 6000);
    close_world(&world);
  }
}

/* Old ones among others, so that blocks are swept, evacuated and slid with live owners in them. */
static void old_among_others(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle buffers[200];
    for (unsigned round = 0; round < 3; round++) {
      struct gc_handle_frame frame = gc_handles_enter(world.mutator);
      for (unsigned index = 0; index < 200; index++) {
        buffers[index] = hold_buffer(&world, 64 + index);
        fill(buffers[index], (uint8_t)index);
        for (unsigned between = 0; between < 100; between++) {
          (void)make_object(&world, between, 40);
        }
      }
      collect(&world);
      uint64_t bytes = 0;
      for (unsigned index = 0; index < 200; index++) {
        if (index % 5 != round) {
          drop(&world, buffers[index]);
        } else {
          bytes += 64 + index;
        }
      }
      collect(&world);
      expect_external(&world, bytes);
      for (unsigned index = round; index < 200; index += 5) {
        expect_filled(buffers[index], (uint8_t)index, 0, 64 + index);
      }
      gc_handles_leave(world.mutator, frame);
      collect(&world);
      expect_external(&world, 0);
    }
  }
}

/* Of what a collection found dead, too. */
static void the_peak_is_before_a_collection(void **state) {
  (void)state;
  struct world world = open_limited("stw", 1 << 30);
  for (unsigned done = 0; done < 8; done++) {
    (void)hold_buffer(&world, 1 << 20);
  }
  world.mutator->handle_top = world.mutator->private_part->handle_base;
  collect(&world);
  expect_external(&world, 0);
  assert_in_range(usage_of(&world).peak_external_bytes, 8 << 20, 9 << 20);
  close_world(&world);
}

static void freed_when_the_heap_closes(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    (void)hold_buffer(&world, 5000);
    collect(&world);
    (void)hold_buffer(&world, 6000);
    assert_int_equal(usage_of(&world).buffers_bytes, 11000);
  }
}

/* --- slices ------------------------------------------------------------------------------------*/

static struct gc_handle hold_slice(struct world *world, struct gc_handle buffer, size_t offset,
                                   size_t bytes) {
  struct gc_ref slice = gc_buffer_slice(world->mutator, buffer, offset, bytes);
  assert_false(gc_is_null(slice));
  return hold(world, slice);
}

static void slices_pin_their_slab(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle slab = hold_buffer(&world, 65536);
    fill(slab, 9);
    struct gc_handle slice = hold_slice(&world, slab, 1000, 5000);
    struct gc_handle inner = hold_slice(&world, slice, 100, 10);
    expect_filled(slice, 9, 1000, 5000);
    expect_filled(inner, 9, 1100, 10);
    drop(&world, slab);
    drop(&world, slice);
    scavenge(&world);
    collect(&world);
    expect_filled(inner, 9, 1100, 10);
    expect_external(&world, 65536);
    drop(&world, inner);
    collect(&world);
    expect_external(&world, 0);
  }
}

static void slices_within_bounds(void **state) {
  (void)state;
  struct world world = open_world("stw", "v8_page_flags", 16, 3);
  struct gc_handle slab = hold_buffer(&world, 100);
  assert_true(gc_is_null(gc_buffer_slice(world.mutator, slab, 0, 101)));
  assert_true(gc_is_null(gc_buffer_slice(world.mutator, slab, 101, 0)));
  assert_true(gc_is_null(gc_buffer_slice(world.mutator, slab, 50, 51)));
  assert_true(gc_is_null(gc_buffer_slice(world.mutator, slab, 1, SIZE_MAX)));
  assert_true(gc_is_null(gc_buffer_slice(world.mutator, slab, SIZE_MAX, 1)));
  struct gc_handle all = hold_slice(&world, slab, 0, 100), end = hold_slice(&world, slab, 100, 0);
  assert_int_equal(gc_buffer_bytes(gc_handle_get(all)), 100);
  assert_null(gc_buffer_data(gc_handle_get(end)));
  assert_true(gc_is_null(gc_buffer_slice(world.mutator, end, 0, 1)));
  close_world(&world);
}

/* --- detaching ---------------------------------------------------------------------------------*/

static void detached_once(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle young = hold_buffer(&world, 1000), old = hold_buffer(&world, 2000);
    struct gc_handle slice = hold_slice(&world, old, 10, 20);
    struct gc_handle large = hold_buffer(&world, 5 << 20);
    assert_true(gc_buffer_detach(world.mutator, gc_handle_get(large)));
    assert_false(gc_buffer_detach(world.mutator, gc_handle_get(large)));
    assert_int_equal(usage_of(&world).buffers_bytes, 3000);
    drop(&world, large);
    assert_true(gc_buffer_detach(world.mutator, gc_handle_get(young)));
    assert_false(gc_buffer_detach(world.mutator, gc_handle_get(young)));
    expect_external(&world, 2000);
    collect(&world);
    assert_false(gc_buffer_detach(world.mutator, gc_handle_get(slice)));
    assert_true(gc_buffer_detach(world.mutator, gc_handle_get(old)));
    assert_false(gc_buffer_detach(world.mutator, gc_handle_get(old)));
    expect_external(&world, 0);
    assert_null(gc_buffer_data(gc_handle_get(old)));
    assert_int_equal(gc_buffer_bytes(gc_handle_get(slice)), 0);
    assert_null(gc_buffer_data(gc_handle_get(slice)));
    scavenge(&world);
    collect(&world);
    drop(&world, young);
    drop(&world, old);
    drop(&world, slice);
    collect(&world);
    expect_external(&world, 0);
  }
}

/* --- sizes -------------------------------------------------------------------------------------*/

static void sizes_that_cannot_be(void **state) {
  (void)state;
  struct world world = open_world("stw", "v8_page_flags", 16, 3);
  const size_t sizes[] = {SIZE_MAX, (size_t)0 - 1000, GC_BUFFER_BYTES_MAX, GC_BUFFER_BYTES_MAX + 1};
  for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
    assert_true(gc_is_null(gc_buffer_allocate(world.mutator, sizes[index])));
  }
  struct gc_handle empty = hold_buffer(&world, 0);
  assert_null(gc_buffer_data(gc_handle_get(empty)));
  assert_int_equal(gc_buffer_bytes(gc_handle_get(empty)), 0);
  assert_false(gc_buffer_detach(world.mutator, gc_handle_get(empty)));
  scavenge(&world);
  collect(&world);
  expect_external(&world, 0);
  close_world(&world);
}

/* Its pages stay untouched until the program touches them. */
static void one_of_a_gibibyte(void **state) {
  (void)state;
  struct world world = open_limited("stw", UINT64_C(2) << 30);
  uint64_t rss_bytes = usage_of(&world).rss_bytes;
  struct gc_handle huge = hold_buffer(&world, (size_t)1 << 30);
  uint8_t *data = gc_buffer_data(gc_handle_get(huge));
  data[0] = data[((size_t)1 << 30) - 1] = 1;
  assert_int_equal(usage_of(&world).buffers_bytes, (size_t)1 << 30);
#ifndef GC_SANITIZE /* whose allocators touch what they zero */
  assert_in_range(usage_of(&world).rss_bytes, 0, rss_bytes + (64 << 20));
#else
  (void)rss_bytes;
#endif
  scavenge(&world);
  collect(&world);
  assert_int_equal(data[((size_t)1 << 30) - 1], 1);
  drop(&world, huge);
  collect(&world);
  expect_external(&world, 0);
  close_world(&world);
}

/* As many as a heap of 64 MiB holds owners of, kept at once; then all die. */
static void a_million_small_ones(void **state) {
  (void)state;
#ifdef GC_SANITIZE
  const size_t count = 50000;
#else
  const size_t count = 1000000;
#endif
  struct gc_options options = fixture_options(96);
  options.verify_level = 0;
  options.barrier = "v8_page_flags";
  struct gc_heap *heap = fixture_open(&options);
  struct world world = {heap, fixture_attach(heap)};
  struct gc_handle all = hold(&world, gc_allocate(world.mutator, count, 0, 0));
  for (size_t index = 0; index < count; index++) {
    struct gc_ref buffer = gc_buffer_allocate(world.mutator, 24);
    assert_false(gc_is_null(buffer));
    *(uint64_t *)gc_buffer_data(buffer) = index;
    gc_write_field(world.mutator, gc_handle_get(all), index, buffer);
  }
  assert_int_equal(usage_of(&world).buffers_bytes, 24 * count);
  collect(&world);
  for (size_t index = 0; index < count; index++) {
    struct gc_ref buffer = gc_read_field(world.mutator, gc_handle_get(all), index);
    assert_int_equal(*(uint64_t *)gc_buffer_data(buffer), index);
  }
  drop(&world, all);
  collect(&world);
  assert_int_equal(usage_of(&world).buffers_bytes, 0);
  expect_external(&world, 0);
  close_world(&world);
}

/* --- limits and triggers -----------------------------------------------------------------------*/

static void the_limit_is_a_result(void **state) {
  (void)state;
  for (size_t number = 0; number < COLLECTORS; number++) {
    struct world world = open_limited(collectors[number], 4 << 20);
    struct gc_handle held[64];
    size_t count = 0;
    for (; count < 64; count++) {
      struct gc_ref buffer = gc_buffer_allocate(world.mutator, 100 << 10);
      if (gc_is_null(buffer)) {
        break;
      }
      held[count] = hold(&world, buffer);
      fill(held[count], (uint8_t)count);
    }
    assert_int_equal(count, (4 << 20) / (100 << 10));
    assert_in_range(usage_of(&world).external_bytes, 1, 4 << 20);
    for (size_t index = 0; index < count; index++) {
      expect_filled(held[index], (uint8_t)index, 0, 100 << 10);
    }
    assert_false(gc_is_null(make_object(&world, 1, 100)));
    drop(&world, held[7]);
    struct gc_handle again = hold_buffer(&world, 100 << 10);
    fill(again, 200);
    expect_filled(again, 200, 0, 100 << 10);
    close_world(&world);
  }
}

/* Twenty-five times the limit, of which little is held at a time: it never fills up, and no
 * collection is asked for by the program. */
static void garbage_makes_room(void **state) {
  (void)state;
  for (size_t number = 0; number < COLLECTORS; number++) {
    struct world world = open_limited(collectors[number], 4 << 20);
    struct gc_handle held = hold(&world, gc_null());
    for (size_t done = 0; done < 1000; done++) {
      struct gc_ref buffer = gc_buffer_allocate(world.mutator, 100 << 10);
      assert_false(gc_is_null(buffer));
      gc_handle_set(world.mutator, held, buffer);
      memset(gc_buffer_data(buffer), 1, 64);
      assert_in_range(usage_of(&world).buffers_bytes, 1, 4 << 20);
    }
    close_world(&world);
  }
}

static uint64_t cycles_of(struct world *world) {
  struct gc_statistics statistics;
  gc_statistics_read(world->heap, &statistics);
  return statistics.full_count;
}

/* Owners that are old when they die: nothing but external memory makes the cycle due. */
static void growth_makes_a_cycle_due(void **state) {
  (void)state;
  for (size_t number = 0; number < COLLECTORS; number++) {
    struct world world = open_limited(collectors[number], 1 << 30);
    struct gc_handle ring[8];
    for (size_t index = 0; index < 8; index++) {
      ring[index] = hold(&world, gc_null());
    }
    uint64_t before = cycles_of(&world), most_bytes = 0;
    for (size_t done = 0; done < 1200; done++) {
      struct gc_ref buffer = gc_buffer_allocate(world.mutator, 64 << 10);
      assert_false(gc_is_null(buffer));
      gc_handle_set(world.mutator, ring[done % 8], buffer);
      if (done % 4 == 0) {
        scavenge(&world);
      }
      uint64_t bytes = usage_of(&world).buffers_bytes;
      most_bytes = bytes > most_bytes ? bytes : most_bytes;
    }
    assert_in_range(cycles_of(&world), before + 3, before + 1200);
    assert_in_range(most_bytes, 0, 32 << 20);
    close_world(&world);
  }
}

/* Garbage alone: each time as much of it as the first time. A collection is a whole one, and leaves
 * nothing. */
static void growth_counts_from_what_is_left(void **state) {
  (void)state;
  struct gc_options options = fixture_options(64);
  options.collector = "mark_sweep";
  options.barrier = "v8_page_flags";
  options.external_soft_bytes = 1 << 20;
  struct gc_heap *heap = fixture_open(&options);
  struct world world = {heap, fixture_attach(heap)};
  uint64_t before = cycles_of(&world);
  for (size_t done = 0; done < (20 << 20) / (16 << 10); done++) {
    assert_false(gc_is_null(gc_buffer_allocate(world.mutator, 16 << 10)));
  }
  assert_in_range(cycles_of(&world), before + 15, before + 20);
  close_world(&world);
}

static void more_than_the_limit_collects_nothing(void **state) {
  (void)state;
  struct world world = open_limited("stw", 1 << 20);
  uint64_t before = cycles_of(&world);
  for (unsigned done = 0; done < 3; done++) {
    assert_true(gc_is_null(gc_buffer_allocate(world.mutator, (1 << 20) + 1)));
    assert_false(gc_external_declare(world.mutator, (1 << 20) + 1));
  }
  assert_int_equal(cycles_of(&world), before);
  struct gc_handle all = hold_buffer(&world, 1 << 20);
  assert_int_equal(gc_buffer_bytes(gc_handle_get(all)), 1 << 20);
  close_world(&world);
}

static void declared_bytes_count(void **state) {
  (void)state;
  struct world world = open_limited("stw", 1 << 20);
  assert_true(gc_external_declare(world.mutator, 1 << 19));
  assert_int_equal(usage_of(&world).external_bytes, 1 << 19);
  assert_int_equal(usage_of(&world).buffers_bytes, 0);
  assert_false(gc_external_declare(world.mutator, (1 << 19) + 1));
  assert_false(gc_external_declare(world.mutator, -(1 << 19) - 1));
  assert_false(gc_external_declare(world.mutator, INT64_MAX));
  assert_false(gc_external_declare(world.mutator, INT64_MIN));
  assert_true(gc_is_null(gc_buffer_allocate(world.mutator, (1 << 19) + 1)));
  assert_true(gc_external_declare(world.mutator, -(1 << 19)));
  assert_int_equal(usage_of(&world).external_bytes, 0);
  close_world(&world);
}

/* --- threads -----------------------------------------------------------------------------------*/

static void *allocate_and_drop(void *argument) {
  struct gc_heap *heap = argument;
  struct gc_mutator *mutator = fixture_attach(heap);
  struct gc_handle held[16];
  for (size_t index = 0; index < 16; index++) {
    held[index] = gc_handle_push(mutator, gc_null());
  }
  for (size_t done = 0; done < 3000; done++) {
    struct gc_ref buffer = gc_buffer_allocate(mutator, 1 + done * 37 % 20000);
    assert_false(gc_is_null(buffer));
    *(uint8_t *)gc_buffer_data(buffer) = (uint8_t)done;
    gc_handle_set(mutator, held[done * 7 % 16], buffer);
    if (done % 100 == 50) {
      (void)gc_buffer_detach(mutator, gc_handle_get(held[3]));
    }
    if (done % 700 == 300) {
      gc_collect(mutator, done % 1400 == 300 ? GC_COLLECTION_FULL : GC_COLLECTION_MINOR);
    }
  }
  gc_detach(mutator);
  return NULL;
}

static void several_mutators(void **state) {
  (void)state;
  for (size_t number = 0; number < COLLECTORS; number++) {
    struct world world = open_limited(collectors[number], 2 << 20);
    pthread_t threads[3];
    gc_blocking_begin(world.mutator);
    for (size_t thread = 0; thread < 3; thread++) {
      assert_int_equal(pthread_create(&threads[thread], NULL, allocate_and_drop, world.heap), 0);
    }
    for (size_t thread = 0; thread < 3; thread++) {
      pthread_join(threads[thread], NULL);
    }
    gc_blocking_end(world.mutator);
    collect(&world);
    expect_external(&world, 0);
    close_world(&world);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(zeroed_and_kept),
      cmocka_unit_test(freed_by_a_scavenge),
      cmocka_unit_test(old_among_others),
      cmocka_unit_test(the_peak_is_before_a_collection),
      cmocka_unit_test(freed_when_the_heap_closes),
      cmocka_unit_test(slices_pin_their_slab),
      cmocka_unit_test(slices_within_bounds),
      cmocka_unit_test(detached_once),
      cmocka_unit_test(sizes_that_cannot_be),
      cmocka_unit_test(one_of_a_gibibyte),
      cmocka_unit_test(a_million_small_ones),
      cmocka_unit_test(the_limit_is_a_result),
      cmocka_unit_test(garbage_makes_room),
      cmocka_unit_test(growth_makes_a_cycle_due),
      cmocka_unit_test(growth_counts_from_what_is_left),
      cmocka_unit_test(more_than_the_limit_collects_nothing),
      cmocka_unit_test(declared_bytes_count),
      cmocka_unit_test(several_mutators),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
