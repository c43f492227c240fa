/* Limits: the callback near them, asked when all else has failed, within what can be raised; and
 * memory that goes back to the system, on demand and by idling.
 *
 * Presets: release asan
 * Barrier: v8_page_flags
 */
#include "weak_fixture.h"

#include <gc/limits.h>
#include <unistd.h>

static const char *const collectors[] = {"stw",        "mark_compact", "stw_lazy",
                                         "concurrent", "v8",           "mark_sweep"};
#define COLLECTORS (sizeof collectors / sizeof *collectors)

static struct world open_plain(const char *collector, size_t heap_mib, uint64_t reducer_ns) {
  struct gc_options options = fixture_options(heap_mib);
  options.collector = collector;
  options.barrier = "v8_page_flags";
  options.verify_level = 1;
  options.memory_reducer_ns = reducer_ns;
  struct gc_heap *heap = fixture_open(&options);
  return (struct world){heap, fixture_attach(heap)};
}

static uint64_t limit_of(struct world *world) {
  struct gc_memory_usage usage;
  gc_memory_usage(world->heap, &usage);
  return usage.heap_limit_bytes;
}

/* --- near the limit ----------------------------------------------------------------------------*/

struct asked {
  unsigned count;
  uint64_t first_bytes, more_bytes;
};

static uint64_t give_more(void *context, uint64_t limit_bytes, uint64_t first_limit_bytes) {
  struct asked *asked = context;
  asked->count++;
  asked->first_bytes = first_limit_bytes;
  return limit_bytes + asked->more_bytes;
}

/* Objects held until null is answered; returns how many MiB they are. */
static size_t fill_up(struct world *world, size_t raw_bytes) {
  size_t count = 0;
  for (; count < 400000; count++) {
    struct gc_ref object = gc_allocate(world->mutator, 1, raw_bytes, 0);
    if (gc_is_null(object)) {
      break;
    }
    (void)hold(world, object);
  }
  return count * raw_bytes >> 20;
}

static void the_program_may_raise_it(void **state) {
  (void)state;
  const size_t sizes[] = {1000, 200000};
  for (size_t number = 0; number < COLLECTORS; number++) {
    for (size_t size = 0; size < 2; size++) {
      struct world world = open_plain(collectors[number], 8, UINT64_MAX);
      size_t without_mib = fill_up(&world, sizes[size]);
      assert_in_range(without_mib, 3, 8);
      struct asked asked = {.more_bytes = 4 << 20};
      gc_near_limit_set(world.heap, give_more, &asked);
      size_t more_mib = fill_up(&world, sizes[size]);
      assert_in_range(without_mib + more_mib, 20, 32);
      assert_in_range(asked.count, 6, 12);
      assert_int_equal(asked.first_bytes, 8 << 20);
      assert_int_equal(limit_of(&world), 32 << 20);
      close_world(&world);
    }
  }
}

static void what_it_answers_is_bounded(void **state) {
  (void)state;
  struct world world = open_plain("stw", 8, UINT64_MAX);
  struct asked asked = {.more_bytes = 0};
  gc_near_limit_set(world.heap, give_more, &asked);
  (void)fill_up(&world, 1000);
  assert_in_range(asked.count, 1, 3);
  assert_int_equal(limit_of(&world), 8 << 20);
  asked.more_bytes = (uint64_t)0 - (1 << 20); /* less than it was */
  assert_true(gc_is_null(gc_allocate(world.mutator, 1, 1000, 0)));
  assert_int_equal(limit_of(&world), 8 << 20);
  asked.more_bytes = UINT64_C(1) << 60;
  assert_false(gc_is_null(gc_allocate(world.mutator, 1, 1000, 0)));
  assert_int_equal(limit_of(&world), 32 << 20);
  close_world(&world);
}

/* A heap that is all but full, in which a program goes on making garbage: it would get through, one
 * full collection after the other. */
static size_t churn_when_full(struct world *world, size_t count) {
  size_t held_bytes = fill_up(world, 1000) << 20;
  world->mutator->handle_top -= 120; /* room for little */
  size_t done = 0;
  assert_in_range(held_bytes, 3 << 20, 8 << 20);
  while (done < count && !gc_is_null(gc_allocate(world->mutator, 1, 1000, 0))) {
    done++;
  }
  return done;
}

static void useless_collections_exhaust_it(void **state) {
  (void)state;
  for (unsigned rule = 0; rule < 2; rule++) {
    struct gc_options options = fixture_options(8);
    options.barrier = "v8_page_flags";
    options.collector = "mark_sweep";
    options.verify_level = 0;
    options.ineffective_collections = rule * 4;
    struct gc_heap *heap = fixture_open(&options);
    struct world world = {heap, fixture_attach(heap)};
    size_t done = churn_when_full(&world, 5000);
    assert_true(rule == 0 ? done == 5000 : done < 5000);
    close_world(&world);
  }
}

static void a_cap_gives_memory_back(void **state) {
  (void)state;
  struct gc_options options = fixture_options(64);
  options.barrier = "v8_page_flags";
  options.pretouch = true;
  options.memory_cap_bytes = 40 << 20;
  struct gc_heap *heap = fixture_open(&options);
  struct world world = {heap, fixture_attach(heap)};
  struct gc_memory_usage usage;
  struct gc_handle buffer = hold(&world, gc_buffer_allocate(world.mutator, 20 << 20));
  assert_non_null(gc_buffer_data(gc_handle_get(buffer)));
  collect(&world);
  gc_memory_usage(heap, &usage);
  assert_in_range(usage.heap_total_bytes, 1 << 20, 20 << 20);
  assert_in_range(usage.heap_total_bytes + usage.external_bytes + usage.metadata_bytes, 20 << 20,
                  41 << 20);
  assert_non_null(gc_ref_address(fixture_list(world.mutator, 10000, 1000)));
  close_world(&world);
}

enum cap_garbage { CAP_PROMOTED, CAP_LARGE, CAP_BUFFERS, CAP_GARBAGE_KINDS };

/* Puts about 100 KB into a window of the latest, which is old: what leaves the window, is dead, and
 * no scavenge finds that. */
static void put(struct world *world, struct gc_handle window, enum cap_garbage kind, size_t index) {
  struct gc_ref object = kind == CAP_PROMOTED ? fixture_list(world->mutator, 100, 1000)
                         : kind == CAP_LARGE  ? gc_allocate(world->mutator, 1, 100000, 0)
                                              : gc_buffer_allocate(world->mutator, 100000);
  size_t places = gc_object_slot_count(gc_handle_get(window));
  assert_false(gc_is_null(object));
  gc_write_field(world->mutator, gc_handle_get(window), index % places, object);
}

struct cap_result {
  uint64_t cycles, most_held_bytes;
};

/* So many puts into a window, in a heap of 256 MiB, which would hold them all. */
static struct cap_result put_all(const char *collector, size_t cap_mib, enum cap_garbage kind,
                                 size_t places, size_t puts) {
  struct gc_options options = fixture_options(256);
  options.collector = collector;
  options.barrier = "v8_page_flags";
  options.verify_level = 1;
  options.memory_cap_bytes = cap_mib << 20;
  struct gc_heap *heap = fixture_open(&options);
  struct world world = {heap, fixture_attach(heap)};
  struct gc_handle window = hold(&world, gc_allocate(world.mutator, places, 0, 0));
  struct cap_result result = {0};
  for (size_t index = 0; index < puts; index++) {
    put(&world, window, kind, index);
    uint64_t held_bytes = gc_heap_held_bytes(heap);
    result.most_held_bytes =
        held_bytes > result.most_held_bytes ? held_bytes : result.most_held_bytes;
  }
  struct gc_statistics statistics;
  gc_statistics_read(heap, &statistics);
  result.cycles = statistics.full_count + heap->marking.is_active;
  close_world(&world);
  return result;
}

/* Of 64 MB all but 7 are garbage. Where marking is beside the mutators it takes as long as it takes.
 */
static void a_cap_makes_cycles_due(void **state) {
  (void)state;
  for (size_t number = 0; number < COLLECTORS; number++) {
    for (enum cap_garbage kind = 0; kind < CAP_GARBAGE_KINDS; kind++) {
      const char *collector = collectors[number];
      bool is_beside = strcmp(collector, "concurrent") == 0 || strcmp(collector, "v8") == 0;
      struct cap_result without = put_all(collector, 0, kind, 64, 640);
      struct cap_result with = put_all(collector, 24, kind, 64, 640);
      assert_int_equal(without.cycles, 0);
      assert_in_range(without.most_held_bytes, 36 << 20, 96 << 20);
      assert_in_range(with.cycles, is_beside ? 1 : 3, 12);
      assert_in_range(with.most_held_bytes, 16 << 20, is_beside ? 64 << 20 : 30 << 20);
    }
  }
}

/* What is held exceeds the cap by far, and no cycle finds anything. */
static void a_cap_below_what_lives_is_no_reason_for_more(void **state) {
  (void)state;
  for (size_t number = 0; number < COLLECTORS; number++) {
    for (enum cap_garbage kind = 0; kind < CAP_GARBAGE_KINDS; kind++) {
      struct cap_result result = put_all(collectors[number], 16, kind, 480, 480);
      assert_in_range(result.cycles, 1, 48 / (16 / GC_CAP_GROWN_SHARE) + 2);
      assert_in_range(result.most_held_bytes, 46 << 20, 64 << 20);
    }
  }
}

/* --- giving back -------------------------------------------------------------------------------*/

static struct gc_memory_usage usage_of(struct world *world) {
  struct gc_memory_usage usage;
  gc_memory_usage(world->heap, &usage);
  return usage;
}

/* 24 MiB of objects and 24 MiB of backing stores, touched, then dropped. */
static uint64_t burst(struct world *world) {
  struct gc_handle_frame frame = gc_handles_enter(world->mutator);
  for (size_t done = 0; done < 24; done++) {
    struct gc_ref buffer = gc_buffer_allocate(world->mutator, 1 << 20);
    assert_false(gc_is_null(buffer));
    memset(gc_buffer_data(buffer), 1, 1 << 20);
    (void)hold(world, buffer);
    for (size_t index = 0; index < 64; index++) {
      memset(gc_object_raw(gc_handle_get(hold_object(world, index)), 1), 1, 8);
      memset(gc_object_raw(gc_handle_get(hold(world, make_object(world, index, 16000))), 1), 1,
             16000);
    }
  }
  uint64_t rss_bytes = usage_of(world).rss_bytes;
  gc_handles_leave(world->mutator, frame);
  return rss_bytes;
}

static void expect_given_back(struct world *world, uint64_t burst_bytes) {
  struct gc_memory_usage usage = usage_of(world);
  assert_in_range(usage.heap_total_bytes, 0, 12 << 20);
#ifndef GC_SANITIZE /* which keep what is freed */
  assert_in_range(usage.rss_bytes, 0, burst_bytes - (36 << 20));
#else
  (void)burst_bytes;
#endif
}

static void given_back_on_demand(void **state) {
  (void)state;
  for (size_t number = 0; number < COLLECTORS; number++) {
    struct world world = open_plain(collectors[number], 64, UINT64_MAX);
    uint64_t burst_bytes = burst(&world);
    assert_in_range(gc_memory_reduce(world.mutator), 16 << 20, 64 << 20);
    expect_given_back(&world, burst_bytes);
    assert_in_range(burst(&world), 48 << 20, UINT64_MAX);
    close_world(&world);
  }
}

static void given_back_when_idle(void **state) {
  (void)state;
  for (size_t number = 0; number < COLLECTORS; number++) {
    struct world world = open_plain(collectors[number], 64, 2000000);
    uint64_t burst_bytes = burst(&world);
    for (unsigned tries = 0; tries < 200 && usage_of(&world).heap_total_bytes > 12 << 20; tries++) {
      usleep(1000);
      gc_idle(world.mutator, 1000000);
    }
    expect_given_back(&world, burst_bytes);
    struct gc_statistics before, after;
    gc_statistics_read(world.heap, &before);
    for (unsigned tries = 0; tries < 10; tries++) {
      usleep(1000);
      gc_idle(world.mutator, 1000000);
    }
    gc_statistics_read(world.heap, &after);
    assert_int_equal(after.full_count, before.full_count);
    close_world(&world);
  }
}

static void kept_by_default(void **state) {
  (void)state;
  struct world world = open_plain("stw", 64, UINT64_MAX);
  (void)burst(&world);
  collect(&world);
  for (unsigned tries = 0; tries < 10; tries++) {
    usleep(1000);
    gc_idle(world.mutator, 1000000);
  }
  assert_in_range(usage_of(&world).heap_total_bytes, 20 << 20, 64 << 20);
  close_world(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_program_may_raise_it),
      cmocka_unit_test(what_it_answers_is_bounded),
      cmocka_unit_test(useless_collections_exhaust_it),
      cmocka_unit_test(a_cap_gives_memory_back),
      cmocka_unit_test(a_cap_makes_cycles_due),
      cmocka_unit_test(a_cap_below_what_lives_is_no_reason_for_more),
      cmocka_unit_test(given_back_on_demand),
      cmocka_unit_test(given_back_when_idle),
      cmocka_unit_test(kept_by_default),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
