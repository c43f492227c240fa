/* Mutators: attaching with the right and the wrong barrier, blocking regions, several heaps at
 * once, threads that come and go while others collect.
 *
 * Presets: release debug asan ubsan tsan
 * Timeout: 120
 */
#include "heap_fixture.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void the_wrong_barrier_is_refused(void **state) {
  (void)state;
  struct gc_options options = fixture_options(8);
  struct gc_heap *heap = fixture_open(&options);
  char error[256] = "";
  assert_null(gc_attach_compiled(heap, "none", error, sizeof error));
  assert_non_null(strstr(error, "none"));
  assert_non_null(strstr(error, "card"));
  error[0] = '\0';
  assert_null(gc_attach_compiled(heap, "no_such_barrier", error, sizeof error));
  assert_string_not_equal(error, "");
  gc_detach(fixture_attach(heap));
  gc_heap_close(heap);
}

static void unknown_and_unsuitable_parts_are_refused(void **state) {
  (void)state;
  static const char *const pairs[][2] = {
      {"no_such_collector", "card"},
      {"stw", "no_such_barrier"},
      {"stw", "none"},
      {"mark=no_such", "card"},
      {"mark", "card"},
      {"colour=red", "card"},
      {"=", "card"},
      {"mark=", "card"},
  };
  for (size_t index = 0; index < sizeof pairs / sizeof *pairs; index++) {
    struct gc_options options = fixture_options(8);
    options.collector = pairs[index][0];
    options.barrier = pairs[index][1];
    char error[512] = "";
    struct gc_heap *heap = NULL;
    if (gc_heap_open(&options, &heap, error, sizeof error) != -EINVAL) {
      fail_msg("%s with %s was not refused", pairs[index][0], pairs[index][1]);
    }
    assert_string_not_equal(error, "");
  }
}

static void a_composition_opens(void **state) {
  (void)state;
  struct gc_options options = fixture_options(8);
  options.collector = "mark=stw,sweep=eager";
  options.barrier = "";
  struct gc_heap *heap = fixture_open(&options);
  struct gc_mutator *mutator = fixture_attach(heap);
  gc_handle_push(mutator, fixture_list(mutator, 100000, 8));
  gc_collect(mutator, GC_COLLECTION_FULL);
  struct gc_statistics statistics;
  gc_statistics_read(heap, &statistics);
  assert_int_equal(statistics.last_marked_objects, 100000);
  gc_detach(mutator);
  gc_heap_close(heap);
}

/* One thread, two heaps: their nurseries, cards and collections do not touch each other. */
static void several_heaps_at_once(void **state) {
  (void)state;
  enum { HEAPS = 4 };
  struct gc_heap *heaps[HEAPS];
  struct gc_mutator *mutators[HEAPS];
  struct gc_handle lists[HEAPS];
  for (size_t index = 0; index < HEAPS; index++) {
    struct gc_options options = fixture_options(8 + index);
    options.nursery_bytes = (uint64_t)64 << 10 << index % 3;
    heaps[index] = fixture_open(&options);
    mutators[index] = fixture_attach(heaps[index]);
    lists[index] = gc_handle_push(mutators[index], gc_null());
  }
  for (size_t round = 1; round <= 20; round++) {
    for (size_t index = 0; index < HEAPS; index++) {
      gc_handle_set(mutators[index], lists[index], fixture_list(mutators[index], round * 500, 24));
    }
    gc_collect(mutators[round % HEAPS], GC_COLLECTION_FULL);
    for (size_t index = 0; index < HEAPS; index++) {
      fixture_check_list(mutators[index], gc_handle_get(lists[index]), round * 500);
    }
  }
  for (size_t index = 0; index < HEAPS; index++) {
    gc_detach(mutators[index]);
    gc_heap_close(heaps[index]);
  }
}

static void heaps_open_and_close_many_times(void **state) {
  (void)state;
  for (int round = 0; round < 30; round++) {
    struct gc_options options = fixture_options(8);
    options.gc_threads = 1 + (uint64_t)round % 3;
    struct gc_heap *heap = fixture_open(&options);
    struct gc_mutator *mutator = fixture_attach(heap);
    struct gc_ref list = fixture_list(mutator, 20000, 24);
    fixture_check_list(mutator, list, 20000);
    gc_detach(mutator);
    gc_heap_close(heap);
  }
}

/* --- threads -----------------------------------------------------------------------------------*/

struct shared {
  struct gc_heap *heap;
  uint32_t end; /* atomic */
  pthread_barrier_t meeting;
};

static void *sleep_in_a_blocking_region(void *argument) {
  struct shared *shared = argument;
  struct gc_mutator *mutator = fixture_attach(shared->heap);
  struct gc_handle list = gc_handle_push(mutator, fixture_list(mutator, 1000, 24));
  pthread_barrier_wait(&shared->meeting);
  gc_blocking_begin(mutator);
  while (gc_atomic_load_relaxed(&shared->end) == 0) {
    usleep(1000);
  }
  gc_blocking_end(mutator);
  fixture_check_list(mutator, gc_handle_get(list), 1000);
  gc_detach(mutator);
  return NULL;
}

/* Collections go on while a thread blocks, and move what its handles refer to. */
static void a_blocked_mutator_holds_nobody_up(void **state) {
  (void)state;
  struct gc_options options = fixture_options(8);
  struct shared shared = {.heap = fixture_open(&options)};
  pthread_barrier_init(&shared.meeting, NULL, 2);
  pthread_t thread;
  pthread_create(&thread, NULL, sleep_in_a_blocking_region, &shared);
  pthread_barrier_wait(&shared.meeting);
  struct gc_mutator *mutator = fixture_attach(shared.heap);
  for (int round = 0; round < 100; round++) {
    struct gc_ref list = fixture_list(mutator, 2000, 24);
    fixture_check_list(mutator, list, 2000);
    gc_collect(mutator, round % 10 == 0 ? GC_COLLECTION_FULL : GC_COLLECTION_MINOR);
  }
  gc_atomic_store_relaxed(&shared.end, 1);
  gc_blocking_begin(mutator);
  pthread_join(thread, NULL);
  gc_blocking_end(mutator);
  gc_detach(mutator);
  pthread_barrier_destroy(&shared.meeting);
  gc_heap_close(shared.heap);
}

static void *spin_and_poll(void *argument) {
  struct shared *shared = argument;
  struct gc_mutator *mutator = fixture_attach(shared->heap);
  while (gc_atomic_load_relaxed(&shared->end) == 0) {
    gc_poll(mutator);
  }
  gc_detach(mutator);
  return NULL;
}

static void *come_and_go(void *argument) {
  struct shared *shared = argument;
  for (int round = 0; round < 200; round++) {
    struct gc_mutator *mutator = fixture_attach(shared->heap);
    struct gc_ref list = fixture_list(mutator, (size_t)round * 5, 40);
    fixture_check_list(mutator, list, (size_t)round * 5);
    if (round % 16 == 0) {
      gc_collect(mutator, GC_COLLECTION_MINOR);
    }
    gc_blocking_begin(mutator);
    gc_blocking_end(mutator);
    gc_detach(mutator);
  }
  return NULL;
}

/* Attaching, detaching, blocking, polling and collecting, all at the same time. */
static void threads_come_and_go(void **state) {
  (void)state;
  struct gc_options options = fixture_options(16);
  options.nursery_bytes = 128 << 10;
  options.verify_level = 1;
  struct shared shared = {.heap = fixture_open(&options)};
  pthread_t spinner, threads[3];
  pthread_create(&spinner, NULL, spin_and_poll, &shared);
  for (size_t index = 0; index < 3; index++) {
    pthread_create(&threads[index], NULL, come_and_go, &shared);
  }
  for (size_t index = 0; index < 3; index++) {
    pthread_join(threads[index], NULL);
  }
  gc_atomic_store_relaxed(&shared.end, 1);
  pthread_join(spinner, NULL);
  struct gc_statistics statistics;
  gc_statistics_read(shared.heap, &statistics);
  assert_true(statistics.scavenge_count > 0);
  gc_heap_close(shared.heap);
}

/* --- what any thread may ask -------------------------------------------------------------------*/

static void *ask(void *argument) {
  struct shared *shared = argument;
  uint64_t asked = 0;
  while (gc_atomic_load_relaxed(&shared->end) == 0) {
    struct gc_memory_usage usage;
    gc_memory_usage(shared->heap, &usage);
    assert_true(usage.heap_limit_bytes == 16 << 20);
    char name[32];
    snprintf(name, sizeof name, "asked %u", (unsigned)(asked++ % 2000));
    uint32_t type = gc_type_define(shared->heap, name);
    assert_string_equal(gc_type_name(shared->heap, type), name);
  }
  return NULL;
}

static size_t mapping_count(void) {
  FILE *maps = fopen("/proc/self/maps", "r");
  size_t lines = 0;
  assert_non_null(maps);
  for (int byte; (byte = fgetc(maps)) != EOF;) {
    lines += byte == '\n';
  }
  fclose(maps);
  return lines;
}

/* A process may hold 65,530 mappings. */
static void detaching_gives_the_handle_stack_back(void **state) {
  (void)state;
  enum { TIMES = 200 };
  struct gc_options options = fixture_options(8);
  struct gc_heap *heap = fixture_open(&options);
  gc_detach(fixture_attach(heap));
  size_t before = mapping_count();
  for (unsigned done = 0; done < TIMES; done++) {
    gc_detach(fixture_attach(heap));
  }
  assert_true(mapping_count() < before + TIMES / 4);
  gc_heap_close(heap);
}

/* Threads that are attached to nothing ask for usage and types while mutators allocate and collect.
 */
static void questions_come_from_any_thread(void **state) {
  (void)state;
  struct gc_options options = fixture_options(16);
  options.nursery_bytes = 128 << 10;
  options.verify_level = 0;
  struct shared shared = {.heap = fixture_open(&options)};
  pthread_t askers[2], mutator;
  for (size_t index = 0; index < 2; index++) {
    pthread_create(&askers[index], NULL, ask, &shared);
  }
  pthread_create(&mutator, NULL, come_and_go, &shared);
  pthread_join(mutator, NULL);
  gc_atomic_store_relaxed(&shared.end, 1);
  for (size_t index = 0; index < 2; index++) {
    pthread_join(askers[index], NULL);
  }
  gc_heap_close(shared.heap);
}

static void type_names_are_kept(void **state) {
  (void)state;
  struct gc_options options = fixture_options(8);
  struct gc_heap *heap = fixture_open(&options);
  char name[32];
  for (uint32_t number = 1; number <= 3000; number++) {
    snprintf(name, sizeof name, "type %u", number);
    assert_int_equal(gc_type_define(heap, name), number);
  }
  for (uint32_t number = 1; number <= 3000; number++) {
    snprintf(name, sizeof name, "type %u", number);
    assert_int_equal(gc_type_define(heap, name), number);
    assert_string_equal(gc_type_name(heap, number), name);
  }
  gc_heap_close(heap);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_wrong_barrier_is_refused),
      cmocka_unit_test(unknown_and_unsuitable_parts_are_refused),
      cmocka_unit_test(a_composition_opens),
      cmocka_unit_test(several_heaps_at_once),
      cmocka_unit_test(heaps_open_and_close_many_times),
      cmocka_unit_test(a_blocked_mutator_holds_nobody_up),
      cmocka_unit_test(threads_come_and_go),
      cmocka_unit_test(detaching_gives_the_handle_stack_back),
      cmocka_unit_test(questions_come_from_any_thread),
      cmocka_unit_test(type_names_are_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
