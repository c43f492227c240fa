/* Finalizers: called once, when the object is dead, in the order of registration, and by nobody but
 * gc_finalizers_run; from within one, everything is allowed.
 *
 * Presets: release asan tsan
 * Barrier: v8_page_flags
 */
#include "weak_fixture.h"

#include <unistd.h>

static const char *const collectors[] = {
    "stw",        "stw_lazy", "mark_compact", "stw_compact",
    "concurrent", "v8",       "mark_sweep",   "concurrent_mark_sweep"};
#define COLLECTORS (sizeof collectors / sizeof *collectors)
#define NURSERIES  (COLLECTORS - 2)

#define FOR_EACH_COLLECTOR(world)                                                                  \
  for (size_t number = 0; number < COLLECTORS; number++)                                           \
    for (struct world world = open_world(collectors[number], "v8_page_flags", 16, 3);              \
         world.heap != NULL; close_world(&world), world.heap = NULL)

/* --- what was called ---------------------------------------------------------------------------*/

static uintptr_t called[4096];
static size_t called_count;

static void note(struct gc_mutator *mutator, void *token) {
  (void)mutator;
  assert_true(called_count < 4096);
  called[called_count++] = (uintptr_t)token;
}

static struct gc_finalizer *register_number(struct world *world, struct gc_handle object,
                                            uintptr_t number) {
  struct gc_finalizer *finalizer =
      gc_finalizer_register(world->mutator, object, note, (void *)number);
  assert_non_null(finalizer);
  return finalizer;
}

static size_t run(struct world *world) {
  called_count = 0;
  return gc_finalizers_run(world->mutator, SIZE_MAX);
}

/* --- tests -------------------------------------------------------------------------------------*/

static void called_once_when_dead(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle object = hold_object(&world, 1), large;
    large = hold(&world, make_object(&world, 2, 100000));
    register_number(&world, object, 11);
    register_number(&world, object, 12);
    register_number(&world, large, 13);
    scavenge(&world);
    collect(&world);
    register_number(&world, object, 14);
    collect(&world);
    assert_int_equal(run(&world), 0);
    drop(&world, object);
    drop(&world, large);
    collect(&world);
    assert_int_equal(called_count, 0);
    assert_int_equal(gc_finalizers_due(world.mutator), 4);
    assert_int_equal(run(&world), 4);
    for (size_t index = 0; index < 4; index++) {
      assert_int_equal(called[index], 11 + index);
    }
    collect(&world);
    assert_int_equal(run(&world), 0);
    assert_int_equal(gc_finalizers_due(world.mutator), 0);
  }
}

static void scavenges_find_the_dead(void **state) {
  (void)state;
  for (size_t number = 0; number < NURSERIES; number++) {
    struct world world = open_world(collectors[number], "v8_page_flags", 16, 3);
    struct gc_handle kept = hold_object(&world, 1), dropped = hold_object(&world, 2);
    register_number(&world, kept, 1);
    register_number(&world, dropped, 2);
    drop(&world, dropped);
    scavenge(&world);
    assert_int_equal(run(&world), 1);
    assert_int_equal(called[0], 2);
    close_world(&world);
  }
}

/* Registered in an order of its own, dropped in another, half young and half old. */
static void called_in_order_of_registration(void **state) {
  (void)state;
  enum { COUNT = 500 };
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle objects[COUNT];
    for (size_t index = 0; index < COUNT; index++) {
      objects[index] = hold_object(&world, index);
      if (index == COUNT / 2) {
        collect(&world);
      }
    }
    for (size_t index = 0; index < COUNT; index++) {
      register_number(&world, objects[index * 7 % COUNT], index);
    }
    for (size_t index = 0; index < COUNT; index++) {
      drop(&world, objects[index]);
    }
    collect(&world);
    called_count = 0;
    assert_int_equal(gc_finalizers_run(world.mutator, 100), 100);
    assert_int_equal(gc_finalizers_run(world.mutator, SIZE_MAX), COUNT - 100);
    for (size_t index = 0; index < COUNT; index++) {
      assert_int_equal(called[index], index);
    }
  }
}

static void cancelled_ones_are_not_called(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle object = hold_object(&world, 1);
    register_number(&world, object, 1);
    struct gc_finalizer *cancelled = register_number(&world, object, 2);
    register_number(&world, object, 3);
    collect(&world);
    gc_finalizer_cancel(world.mutator, cancelled);
    drop(&world, object);
    collect(&world);
    assert_int_equal(run(&world), 2);
    assert_int_equal(called[0], 1);
    assert_int_equal(called[1], 3);
  }
}

/* Registered and cancelled again and again on objects that live: young, old, and large. */
static void cancelled_ones_are_given_back(void **state) {
  (void)state;
  enum { COUNT = 20000 };
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle objects[3] = {hold_object(&world, 1),
                                   hold(&world, make_object(&world, 2, 100000))};
    collect(&world);
    collect(&world);
    objects[2] = hold_object(&world, 3);
    uint64_t before_bytes = gc_atomic_load_relaxed(&world.heap->arena.used_bytes);
    for (size_t index = 0; index < COUNT; index++) {
      struct gc_handle object = objects[index % 3];
      gc_finalizer_cancel(world.mutator, register_number(&world, object, index));
    }
    register_number(&world, objects[0], COUNT);
    scavenge(&world);
    collect(&world);
    collect(&world);
    assert_in_range(gc_atomic_load_relaxed(&world.heap->arena.used_bytes), 0,
                    before_bytes + COUNT / 4 * sizeof(struct gc_finalizer));
    for (size_t index = 0; index < 3; index++) {
      gc_finalizer_cancel(world.mutator, register_number(&world, objects[index], index));
      drop(&world, objects[index]);
    }
    collect(&world);
    assert_int_equal(gc_finalizers_due(world.mutator), 1);
    assert_int_equal(run(&world), 1);
    assert_int_equal(called[0], COUNT);
  }
}

static struct world *nested;

/* Allocates, collects, registers, and runs what is due. */
static void do_everything(struct gc_mutator *mutator, void *token) {
  uintptr_t depth = (uintptr_t)token;
  note(mutator, token);
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle list = gc_handle_push(mutator, fixture_list(mutator, 1000, 40));
  if (depth > 0) {
    struct gc_handle object = hold_object(nested, depth);
    assert_non_null(gc_finalizer_register(mutator, object, do_everything, (void *)(depth - 1)));
    drop(nested, object);
    collect(nested);
    assert_int_equal(gc_finalizers_run(mutator, SIZE_MAX), 1);
  }
  fixture_check_list(mutator, gc_handle_get(list), 1000);
  gc_handles_leave(mutator, frame);
}

static void everything_is_allowed_in_one(void **state) {
  (void)state;
  FOR_EACH_COLLECTOR(world) {
    nested = &world;
    struct gc_handle object = hold_object(&world, 1);
    assert_non_null(gc_finalizer_register(world.mutator, object, do_everything, (void *)5));
    drop(&world, object);
    collect(&world);
    called_count = 0;
    assert_int_equal(gc_finalizers_run(world.mutator, SIZE_MAX), 1);
    assert_int_equal(called_count, 6);
    collect(&world);
    assert_int_equal(gc_finalizers_due(world.mutator), 0);
  }
}

static void nothing_is_called_at_close(void **state) {
  (void)state;
  called_count = 0;
  FOR_EACH_COLLECTOR(world) {
    struct gc_handle object = hold_object(&world, 1), old = hold_object(&world, 2);
    register_number(&world, old, 1);
    collect(&world);
    register_number(&world, object, 2);
    drop(&world, old);
    collect(&world);
    register_number(&world, hold(&world, make_object(&world, 3, 50000)), 3);
  }
  assert_int_equal(called_count, 0);
  struct world world = open_world("stw", "v8_page_flags", 16, 3);
  assert_null(gc_finalizer_register(world.mutator, hold(&world, gc_null()), note, NULL));
  close_world(&world);
}

/* --- threads -----------------------------------------------------------------------------------*/

static uint64_t stops_at_first, stops_since;
static uint32_t other_is_attached, other_is_told;

static uint64_t stop_count(struct gc_mutator *mutator) {
  struct gc_statistics statistics;
  gc_statistics_read(mutator->heap, &statistics);
  return statistics.stop_count;
}

/* Counts the stops since the first call, which waits for the other thread. */
static void count_stops(struct gc_mutator *mutator, void *token) {
  (void)token;
  while (gc_atomic_load_acquire(&other_is_attached) == 0) {
    usleep(1000);
  }
  if (stops_at_first == 0) {
    stops_at_first = stop_count(mutator);
  }
  usleep(1000);
  stops_since = stop_count(mutator) - stops_at_first;
}

static void *scavenge_until_told(void *argument) {
  struct gc_mutator *mutator = fixture_attach(argument);
  gc_atomic_store_release(&other_is_attached, 1);
  while (gc_atomic_load_relaxed(&other_is_told) == 0) {
    gc_collect(mutator, GC_COLLECTION_MINOR);
  }
  gc_detach(mutator);
  return NULL;
}

/* Callbacks that poll nowhere. */
static void others_stop_the_world_between_two(void **state) {
  (void)state;
  struct world world = open_world("stw", "v8_page_flags", 16, 2);
  struct gc_handle object = hold_object(&world, 1);
  pthread_t thread;
  stops_at_first = 0;
  gc_atomic_store_relaxed(&other_is_attached, 0);
  gc_atomic_store_relaxed(&other_is_told, 0);
  for (size_t done = 0; done < 100; done++) {
    assert_non_null(gc_finalizer_register(world.mutator, object, count_stops, NULL));
  }
  drop(&world, object);
  collect(&world);
  assert_int_equal(pthread_create(&thread, NULL, scavenge_until_told, world.heap), 0);
  assert_int_equal(gc_finalizers_run(world.mutator, SIZE_MAX), 100);
  gc_atomic_store_relaxed(&other_is_told, 1);
  gc_blocking_begin(world.mutator);
  pthread_join(thread, NULL);
  gc_blocking_end(world.mutator);
  assert_true(stops_since > 0);
  close_world(&world);
}

static void *run_all(void *argument) {
  struct gc_mutator *mutator = fixture_attach(argument);
  gc_atomic_store_release(&other_is_attached, 1);
  size_t count = gc_finalizers_run(mutator, SIZE_MAX);
  gc_detach(mutator);
  return (void *)count;
}

/* Somebody is sorting, and has taken what is due, or not yet: who comes meanwhile waits, and holds up
 * no stop. */
static void what_is_made_ready_is_waited_for(void **state) {
  (void)state;
  for (unsigned is_taken = 0; is_taken < 2; is_taken++) {
    struct world world = open_world("stw", "v8_page_flags", 16, 2);
    struct gc_finalizers *finalizers = &world.heap->finalizers;
    struct gc_handle object = hold_object(&world, 1);
    struct gc_attendant *taken = NULL;
    pthread_t thread;
    void *count = NULL;
    called_count = 0;
    register_number(&world, object, 1);
    drop(&world, object);
    collect(&world);
    if (is_taken != 0) {
      taken = gc_atomic_exchange_acq_rel(&finalizers->due, NULL);
    }
    gc_atomic_store_relaxed(&finalizers->making_ready, 1);
    gc_atomic_store_relaxed(&other_is_attached, 0);
    assert_int_equal(pthread_create(&thread, NULL, run_all, world.heap), 0);
    while (gc_atomic_load_acquire(&other_is_attached) == 0) {
      usleep(100);
    }
    usleep(1000);
    scavenge(&world);
    assert_int_equal(gc_finalizers_due(world.mutator), 1);
    gc_spin_lock_acquire(&finalizers->lock);
    finalizers->ready = taken;
    gc_atomic_store_relaxed(&finalizers->making_ready, 0);
    gc_spin_lock_release(&finalizers->lock);
    gc_blocking_begin(world.mutator);
    pthread_join(thread, &count);
    gc_blocking_end(world.mutator);
    assert_int_equal((size_t)count, 1);
    assert_int_equal(called_count, 1);
    close_world(&world);
  }
}

enum { THREADS = 3, PER_THREAD = 2000 };
static uint8_t seen[THREADS * PER_THREAD];

static void see(struct gc_mutator *mutator, void *token) {
  (void)mutator;
  assert_int_equal(gc_atomic_exchange_relaxed(&seen[(uintptr_t)token], 1), 0);
}

struct thread {
  struct gc_heap *heap;
  uintptr_t first;
};

static void *register_and_run(void *argument) {
  const struct thread *thread = argument;
  struct gc_mutator *mutator = fixture_attach(thread->heap);
  struct gc_handle held[8];
  for (size_t index = 0; index < 8; index++) {
    held[index] = gc_handle_push(mutator, gc_null());
  }
  for (uintptr_t done = 0; done < PER_THREAD; done++) {
    gc_handle_set(mutator, held[done % 8], gc_allocate(mutator, 1, 100, 0));
    assert_non_null(gc_finalizer_register(
        mutator,
        held[(done + 3) % 8].location->address != 0 ? held[(done + 3) % 8] : held[done % 8], see,
        (void *)(thread->first + done)));
    if (done % 50 == 7) {
      (void)gc_finalizers_run(mutator, 10);
    }
    if (done % 500 == 300) {
      gc_collect(mutator, done % 1000 == 300 ? GC_COLLECTION_FULL : GC_COLLECTION_MINOR);
    }
  }
  gc_detach(mutator);
  return NULL;
}

static void several_mutators(void **state) {
  (void)state;
  for (size_t number = 0; number < COLLECTORS; number++) {
    struct world world = open_world(collectors[number], "v8_page_flags", 16, 2);
    pthread_t threads[THREADS];
    struct thread arguments[THREADS];
    memset(seen, 0, sizeof seen);
    gc_blocking_begin(world.mutator);
    for (size_t index = 0; index < THREADS; index++) {
      arguments[index] = (struct thread){world.heap, index * PER_THREAD};
      assert_int_equal(pthread_create(&threads[index], NULL, register_and_run, &arguments[index]),
                       0);
    }
    for (size_t index = 0; index < THREADS; index++) {
      pthread_join(threads[index], NULL);
    }
    gc_blocking_end(world.mutator);
    collect(&world);
    (void)gc_finalizers_run(world.mutator, SIZE_MAX);
    for (size_t index = 0; index < THREADS * PER_THREAD; index++) {
      assert_int_equal(seen[index], 1);
    }
    close_world(&world);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(called_once_when_dead),
      cmocka_unit_test(scavenges_find_the_dead),
      cmocka_unit_test(called_in_order_of_registration),
      cmocka_unit_test(cancelled_ones_are_not_called),
      cmocka_unit_test(cancelled_ones_are_given_back),
      cmocka_unit_test(everything_is_allowed_in_one),
      cmocka_unit_test(nothing_is_called_at_close),
      cmocka_unit_test(others_stop_the_world_between_two),
      cmocka_unit_test(what_is_made_ready_is_waited_for),
      cmocka_unit_test(several_mutators),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
