/* Memory touched ahead of its use: what has memory, what has none, and that nothing is written.
 *
 * Wrap: gc_platform_populate gc_platform_sleep_us
 * Presets: release debug asan tsan
 */
#include "heap_fixture.h"

#include "heap/mutator_private.h"
#include "heap/platform.h"
#include "heap/touch_ahead.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
  HEAP_BLOCKS = 256, /* 64 MiB: the lead is 8 MiB */
  LEAD_BLOCKS = HEAP_BLOCKS / 8,
  SPACE_BLOCKS = HEAP_BLOCKS + 64,
  PATIENCE_MS = 60000,
};

static uint32_t populations; /* atomic, relaxed */
static uint32_t refuse_from; /* atomic, relaxed: this population and later ones; 0: none */

static uint32_t populate_us; /* atomic, relaxed: each population takes that long; 0: as it does */
static _Thread_local struct gc_mutator *watched; /* of this thread */
static uint64_t napped_us; /* by the watched, in blocking regions, where nobody naps in a spin */

void __real_gc_platform_sleep_us(uint64_t duration_us);
void __wrap_gc_platform_sleep_us(uint64_t duration_us);
void __wrap_gc_platform_sleep_us(uint64_t duration_us) {
  if (watched != NULL &&
      gc_atomic_load_relaxed(&watched->private_part->state) == GC_MUTATOR_BLOCKED) {
    napped_us += duration_us;
  }
  __real_gc_platform_sleep_us(duration_us);
}

/* Where blocks begin, and how often each huge page of them was populated; atomic, relaxed. */
static uintptr_t counted_from;
static uint32_t populations_of[HEAP_BLOCKS * GC_BLOCK_BYTES / GC_HUGE_PAGE_BYTES];

int __real_gc_platform_populate(uintptr_t start, size_t bytes);
int __wrap_gc_platform_populate(uintptr_t start, size_t bytes);
int __wrap_gc_platform_populate(uintptr_t start, size_t bytes) {
  uint32_t number = gc_atomic_fetch_add_relaxed(&populations, 1) + 1;
  if (start - counted_from < HEAP_BLOCKS * GC_BLOCK_BYTES) {
    gc_atomic_fetch_add_relaxed(&populations_of[(start - counted_from) / GC_HUGE_PAGE_BYTES], 1);
  }
  __real_gc_platform_sleep_us(gc_atomic_load_relaxed(&populate_us));
  uint32_t refused = gc_atomic_load_relaxed(&refuse_from);
  return refused != 0 && number >= refused ? -ENOMEM : __real_gc_platform_populate(start, bytes);
}

struct world {
  struct gc_space space;
  struct gc_nursery nursery;
  struct gc_touch_ahead ahead;
};

/* A nursery whose eden may grow to so many bytes. */
static struct world *open_world_with(size_t eden_reserved_bytes) {
  struct world *world = calloc(1, sizeof *world);
  struct gc_nursery_plan plan = {
      .eden_bytes = 1 << 20, .eden_reserved_bytes = eden_reserved_bytes, .survivor_bytes = 1 << 18};
  gc_atomic_store_relaxed(&populations, 0);
  gc_atomic_store_relaxed(&refuse_from, 0);
  assert_int_equal(gc_space_open(&world->space, gc_nursery_reserved_bytes(&plan),
                                 SPACE_BLOCKS * GC_BLOCK_BYTES, GC_HUGE_PAGE_BYTES),
                   0);
  gc_nursery_init(&world->nursery, world->space.nursery_start, &plan);
  gc_touch_ahead_init(&world->ahead);
  counted_from = gc_space_block_address(&world->space, 0);
  memset(populations_of, 0, sizeof populations_of);
  return world;
}

static struct world *open_world(void) {
  return open_world_with(0);
}

static void start(struct world *world) {
  gc_touch_ahead_start(&world->ahead, &world->space, &world->nursery, HEAP_BLOCKS * GC_BLOCK_BYTES,
                       false);
}

static void start_both(struct world *world) {
  gc_touch_ahead_start(&world->ahead, &world->space, &world->nursery, HEAP_BLOCKS * GC_BLOCK_BYTES,
                       true);
}

static void close_world(struct world *world) {
  gc_touch_ahead_stop(&world->ahead);
  gc_unpoison(world->space.start, world->space.bytes);
  gc_space_close(&world->space);
  free(world);
}

/* The page; the system may have backed the huge page around it. */
static bool page_has_memory(uintptr_t page) {
  unsigned char resident = 0;
  assert_int_equal(mincore((void *)page, GC_OS_PAGE_BYTES, &resident), 0);
  return (resident & 1) != 0;
}

static bool has_memory(const struct world *world, size_t block) {
  return page_has_memory(gc_space_block_address(&world->space, block));
}

static void wait_for_memory(const struct world *world, size_t block) {
  for (unsigned waited_ms = 0; !has_memory(world, block) && waited_ms < PATIENCE_MS; waited_ms++) {
    gc_platform_sleep_us(1000);
  }
  assert_true(has_memory(world, block));
}

static void the_lead_and_no_more_has_memory(void **state) {
  (void)state;
  struct world *world = open_world();
  start(world);
  wait_for_memory(world, LEAD_BLOCKS - 1);
  assert_false(has_memory(world, LEAD_BLOCKS + 8));
  gc_touch_ahead_note(&world->ahead, LEAD_BLOCKS);
  wait_for_memory(world, 2 * LEAD_BLOCKS - 1);
  assert_false(has_memory(world, 2 * LEAD_BLOCKS + 8));
  close_world(world);
}

/* Both survivor areas and the eden, but not what lies between: the room that it may grow into. */
static void the_nursery_as_it_begins_has_memory(void **state) {
  (void)state;
  struct world *world = open_world_with(16 << 20);
  const struct gc_nursery *nursery = &world->nursery;
  start(world);
  wait_for_memory(world, LEAD_BLOCKS - 1);
  assert_true(page_has_memory(nursery->survivor_start[0]));
  assert_true(page_has_memory(nursery->eden_start + nursery->eden_bytes - GC_OS_PAGE_BYTES));
  assert_true(page_has_memory(nursery->survivor_start[1]));
  assert_false(page_has_memory(nursery->eden_start + (8 << 20)));
  close_world(world);
}

static void what_others_use_already_is_skipped(void **state) {
  (void)state;
  struct world *world = open_world();
  start(world);
  wait_for_memory(world, LEAD_BLOCKS - 1);
  gc_touch_ahead_note(&world->ahead, 4 * LEAD_BLOCKS);
  wait_for_memory(world, 5 * LEAD_BLOCKS - 1);
  assert_false(has_memory(world, 3 * LEAD_BLOCKS));
  close_world(world);
}

static void nothing_beyond_the_limit_has_memory(void **state) {
  (void)state;
  struct world *world = open_world();
  start(world);
  gc_touch_ahead_note(&world->ahead, HEAP_BLOCKS - 16);
  wait_for_memory(world, HEAP_BLOCKS - 1);
  gc_touch_ahead_stop(&world->ahead);
  assert_false(has_memory(world, HEAP_BLOCKS + 8));
  close_world(world);
}

static void await_end(const struct world *world) {
  for (unsigned waited_ms = 0;
       gc_atomic_load_relaxed(&world->ahead.is_over) == 0 && waited_ms < PATIENCE_MS; waited_ms++) {
    gc_platform_sleep_us(1000);
  }
  assert_int_equal(gc_atomic_load_relaxed(&world->ahead.is_over), 1);
}

/* However far behind the thread has fallen, it ends, and nobody waits for it any longer. */
static void it_ends_when_all_is_in_use(void **state) {
  (void)state;
  static const size_t used_blocks[] = {HEAP_BLOCKS - 3, HEAP_BLOCKS, HEAP_BLOCKS + 40};
  for (size_t index = 0; index < sizeof used_blocks / sizeof used_blocks[0]; index++) {
    for (size_t limit = 4; limit <= HEAP_BLOCKS; limit += HEAP_BLOCKS - 4) {
      struct world *world = open_world();
      gc_touch_ahead_start(&world->ahead, &world->space, &world->nursery, limit * GC_BLOCK_BYTES,
                           true);
      gc_touch_ahead_note(&world->ahead, limit < HEAP_BLOCKS ? limit : used_blocks[index]);
      gc_touch_ahead_wake(&world->ahead, limit < HEAP_BLOCKS ? limit : used_blocks[index]);
      await_end(world);
      assert_false(gc_touch_ahead_lacks(&world->ahead, 8));
      assert_int_equal(gc_touch_ahead_wait_ns(&world->ahead, GC_BLOCK_BYTES), 0);
      close_world(world);
    }
  }
}

/* The nursery, the first blocks, and then the live bitmap of those. */
static void it_ends_where_memory_is_refused(void **state) {
  (void)state;
  struct world *world = open_world();
  gc_atomic_store_relaxed(&refuse_from, 3);
  start(world);
  for (unsigned waited_ms = 0;
       gc_atomic_load_relaxed(&world->ahead.enough_blocks) != SIZE_MAX && waited_ms < PATIENCE_MS;
       waited_ms++) {
    gc_platform_sleep_us(1000);
  }
  assert_int_equal(gc_atomic_load_relaxed(&world->ahead.enough_blocks), SIZE_MAX);
  assert_int_equal(gc_atomic_load_relaxed(&populations), 3);
  close_world(world);
}

static void what_mutators_write_meanwhile_stays(void **state) {
  (void)state;
  struct world *world = open_world();
  gc_unpoison(world->space.start, world->space.bytes);
  start(world);
  for (size_t block = 0; block < HEAP_BLOCKS; block++) {
    uint64_t *words = (uint64_t *)gc_space_block_address(&world->space, block);
    gc_touch_ahead_note(&world->ahead, block + 1);
    for (size_t index = 0; index < GC_BLOCK_BYTES / sizeof *words; index += 256) {
      words[index] += block + 1;
    }
  }
  gc_touch_ahead_stop(&world->ahead);
  for (size_t block = 0; block < HEAP_BLOCKS; block++) {
    const uint64_t *words = (const uint64_t *)gc_space_block_address(&world->space, block);
    for (size_t index = 0; index < GC_BLOCK_BYTES / sizeof *words; index++) {
      assert_int_equal(words[index], index % 256 == 0 ? block + 1 : 0);
    }
  }
  close_world(world);
}

/* Together they touch the lead and no more, each huge page once. */
static void a_second_thread_helps_who_waits(void **state) {
  (void)state;
  struct world *world = open_world();
  gc_atomic_store_relaxed(&populate_us, 200);
  start_both(world);
  for (size_t used = 0; used <= HEAP_BLOCKS - 16; used += 4) {
    gc_touch_ahead_note(&world->ahead, used);
    gc_touch_ahead_wake_helper(&world->ahead);
    gc_platform_sleep_us(300);
  }
  wait_for_memory(world, HEAP_BLOCKS - 1);
  gc_touch_ahead_stop(&world->ahead);
  gc_atomic_store_relaxed(&populate_us, 0);
  for (size_t page = 0; page < sizeof populations_of / sizeof populations_of[0]; page++) {
    assert_true(gc_atomic_load_relaxed(&populations_of[page]) <= 1);
  }
  assert_false(has_memory(world, HEAP_BLOCKS + 8));
  close_world(world);
}

static void it_stops_whenever_it_is_told(void **state) {
  (void)state;
  for (unsigned round = 0; round < 50; round++) {
    struct world *world = open_world();
    (round % 2 == 0 ? start : start_both)(world);
    for (size_t block = 0; block < round; block++) {
      gc_touch_ahead_note(&world->ahead, block * 8);
      gc_touch_ahead_wake_helper(&world->ahead);
    }
    close_world(world);
  }
}

/* By hand: a lead of 16 blocks, a block touched in 40 us, and a refill of a quarter block. */
static void waits_grow_as_the_lead_is_used_up(void **state) {
  (void)state;
  struct gc_touch_ahead ahead = {.lead_blocks = 16,
                                 .used_blocks = 100,
                                 .next_block = 116,
                                 .touching = {SIZE_MAX, SIZE_MAX},
                                 .ns_per_block = 40000};
  size_t bytes = GC_BLOCK_BYTES / 4;
  assert_int_equal(gc_touch_ahead_wait_ns(&ahead, bytes), 0);
  ahead.next_block = 108;
  assert_int_equal(gc_touch_ahead_wait_ns(&ahead, bytes), 0);
  ahead.next_block = 104; /* a quarter is left: about what touching takes */
  assert_int_equal(gc_touch_ahead_wait_ns(&ahead, bytes), 10000 * 8 / 9);
  ahead.next_block = 116; /* of which the second thread has the last */
  ahead.touching[1] = 104;
  assert_int_equal(gc_touch_ahead_wait_ns(&ahead, bytes), 10000 * 8 / 9);
  ahead.touching[1] = SIZE_MAX;
  ahead.next_block = 101;
  assert_int_equal(gc_touch_ahead_wait_ns(&ahead, bytes), 10000 * 14 / 3);
  ahead.next_block = 90;
  assert_int_equal(gc_touch_ahead_wait_ns(&ahead, bytes), 10000 * 16);
  ahead.ns_per_block = 40000000;
  assert_int_equal(gc_touch_ahead_wait_ns(&ahead, bytes), GC_TOUCH_WAIT_NS_MAX);
}

/* By hand, too. */
static void what_is_lacking_is_known(void **state) {
  (void)state;
  struct gc_touch_ahead ahead = {.lead_blocks = 16,
                                 .limit_blocks = 120,
                                 .used_blocks = 100,
                                 .next_block = 104,
                                 .touching = {SIZE_MAX, SIZE_MAX}};
  assert_false(gc_touch_ahead_lacks(&ahead, 4));
  assert_true(gc_touch_ahead_lacks(&ahead, 5));
  ahead.touching[0] = 102;
  assert_true(gc_touch_ahead_lacks(&ahead, 4));
  ahead.touching[0] = 90; /* which others use already */
  assert_false(gc_touch_ahead_lacks(&ahead, 4));
  ahead.touching[0] = SIZE_MAX;
  ahead.next_block = 108; /* half of the lead */
  assert_false(gc_touch_ahead_lacks(&ahead, 1000));
  ahead.used_blocks = 118;
  ahead.next_block = 120; /* the limit */
  assert_false(gc_touch_ahead_lacks(&ahead, 4));
  ahead.next_block = 119;
  assert_true(gc_touch_ahead_lacks(&ahead, 4));
  ahead.is_over = 1;
  assert_false(gc_touch_ahead_lacks(&ahead, 4));
}

static void nobody_waits_for_a_thread_that_is_done(void **state) {
  (void)state;
  struct world *world = open_world();
  assert_int_equal(gc_touch_ahead_wait_ns(&world->ahead, GC_BLOCK_BYTES), 0);
  gc_atomic_store_relaxed(&refuse_from, 3);
  start(world);
  for (unsigned waited_ms = 0;
       gc_atomic_load_relaxed(&world->ahead.is_over) == 0 && waited_ms < PATIENCE_MS; waited_ms++) {
    gc_platform_sleep_us(1000);
  }
  gc_touch_ahead_note(&world->ahead, HEAP_BLOCKS);
  assert_int_equal(gc_touch_ahead_wait_ns(&world->ahead, GC_BLOCK_BYTES), 0);
  close_world(world);
}

static uint64_t naps_while_filling(const char *nursery_sizing) {
  struct gc_options options = fixture_options(128);
  options.verify_level = 0;
  options.nursery_sizing = nursery_sizing;
  gc_atomic_store_relaxed(&refuse_from, 0);
  gc_atomic_store_relaxed(&populate_us, 20000);
  struct gc_heap *heap = fixture_open(&options);
  struct gc_mutator *mutator = fixture_attach(heap);
  napped_us = 0;
  watched = mutator;
  assert_false(gc_is_null(fixture_list(mutator, 24 << 10, 1 << 10)));
  watched = NULL;
  uint64_t naps_us = napped_us;
  gc_atomic_store_relaxed(&populate_us, 0);
  gc_detach(mutator);
  gc_heap_close(heap);
  return naps_us;
}

static void mutators_wait_where_pauses_are_bounded(void **state) {
  (void)state;
  assert_true(naps_while_filling("auto") > 0);
  assert_true(naps_while_filling("fixed") == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_lead_and_no_more_has_memory),
      cmocka_unit_test(the_nursery_as_it_begins_has_memory),
      cmocka_unit_test(what_others_use_already_is_skipped),
      cmocka_unit_test(nothing_beyond_the_limit_has_memory),
      cmocka_unit_test(it_ends_when_all_is_in_use),
      cmocka_unit_test(it_ends_where_memory_is_refused),
      cmocka_unit_test(what_mutators_write_meanwhile_stays),
      cmocka_unit_test(waits_grow_as_the_lead_is_used_up),
      cmocka_unit_test(what_is_lacking_is_known),
      cmocka_unit_test(nobody_waits_for_a_thread_that_is_done),
      cmocka_unit_test(mutators_wait_where_pauses_are_bounded),
      cmocka_unit_test(a_second_thread_helps_who_waits),
      cmocka_unit_test(it_stops_whenever_it_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
