/* Weak maps of several mutators beside collectors that mark, clear and sweep on threads of their
 * own: each has a map, and one goes from hand to hand.
 *
 * Presets: release asan tsan
 * Barrier: card_snapshot
 */
#include "weak_fixture.h"

#include <gc/weak_map.h>
#include <pthread.h>

enum { THREADS = 3, KEYS = 60, TURNS = 12000 };

struct shared {
  struct gc_heap *heap;
  struct gc_root *map, *keys; /* an array of KEYS, made before the threads */
  uint32_t is_taken;          /* atomic; the map is in somebody's hands [pairs: map-taken] */
};

struct thread {
  struct shared *shared;
  uint64_t random;
  pthread_t thread;
};

static uint64_t below(struct thread *thread, uint64_t bound) {
  thread->random = thread->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
  return (thread->random >> 33) % bound;
}

static struct gc_ref make_numbered(struct gc_mutator *mutator, uint64_t number) {
  struct gc_ref object = gc_allocate(mutator, 1, 8, 0);
  assert_false(gc_is_null(object));
  *(uint64_t *)gc_object_raw(object, 1) = number;
  return object;
}

/* In the map, or in nobody's: values of key k are k more than a multiple of KEYS. */
static void use(struct gc_mutator *mutator, struct thread *thread, struct gc_handle map,
                struct gc_handle key, uint64_t number) {
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_ref found = gc_weak_map_get(mutator, map, key);
  if (!gc_is_null(found)) {
    assert_int_equal(number_of(found) % KEYS, number);
  }
  if (below(thread, 3) == 0) {
    struct gc_handle value =
        gc_handle_push(mutator, make_numbered(mutator, number + KEYS * below(thread, 1000)));
    assert_true(gc_weak_map_set(mutator, map, key, value));
    struct gc_ref again = gc_weak_map_get(mutator, map, key); /* a safepoint: before the handle */
    assert_true(gc_ref_equal(mutator, again, gc_handle_get(value)));
  } else if (below(thread, 5) == 0) {
    (void)gc_weak_map_delete(mutator, map, key);
    assert_false(gc_weak_map_has(mutator, map, key));
  }
  gc_handles_leave(mutator, frame);
}

static void use_shared(struct gc_mutator *mutator, struct thread *thread) {
  struct shared *shared = thread->shared;
  while (gc_atomic_exchange_acquire(&shared->is_taken, 1) != 0) { /* [pairs: map-taken] */
    gc_poll(mutator);
  }
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  uint64_t number = below(thread, KEYS);
  struct gc_handle map = gc_handle_push(mutator, gc_root_get(shared->map));
  struct gc_handle key =
      gc_handle_push(mutator, gc_read_field(mutator, gc_root_get(shared->keys), (size_t)number));
  use(mutator, thread, map, key, number);
  gc_handles_leave(mutator, frame);
  gc_atomic_store_release(&shared->is_taken, 0); /* [pairs: map-taken] */
}

static void *run(void *context) {
  struct thread *thread = context;
  struct gc_mutator *mutator = fixture_attach(thread->shared->heap);
  struct gc_handle map = gc_handle_push(mutator, gc_weak_map_allocate(mutator));
  struct gc_handle keys[KEYS];
  for (uint64_t number = 0; number < KEYS; number++) {
    keys[number] = gc_handle_push(mutator, make_numbered(mutator, number));
  }
  for (size_t done = 0; done < TURNS; done++) {
    uint64_t number = below(thread, KEYS);
    use(mutator, thread, map, keys[number], number);
    if (below(thread, 4) == 0) {
      gc_handle_set(mutator, keys[number], make_numbered(mutator, number));
      assert_false(gc_weak_map_has(mutator, map, keys[number]));
    }
    if (below(thread, 8) == 0) {
      use_shared(mutator, thread);
    }
    gc_poll(mutator);
  }
  gc_detach(mutator);
  return NULL;
}

static void make_shared(struct shared *shared, struct gc_mutator *mutator) {
  struct gc_handle keys = gc_handle_push(mutator, gc_allocate(mutator, KEYS, 0, 0));
  for (uint64_t number = 0; number < KEYS; number++) {
    struct gc_ref key = make_numbered(mutator, number);
    gc_write_field(mutator, gc_handle_get(keys), (size_t)number, key);
  }
  shared->keys = gc_root_create(mutator, gc_handle_get(keys));
  shared->map = gc_root_create(mutator, gc_weak_map_allocate(mutator));
}

static void share(const char *collector) {
  struct gc_options options = fixture_options(16);
  options.collector = collector;
  options.barrier = GC_BARRIER_NAME;
  options.verify_level = 2;
  options.stress_collect_every = 8;
  options.stress_full_every = 3;
  options.collector_threads = 2;
  options.stress_buffer_bytes = 2048;
  options.nursery_bytes = 256 << 10;
  struct shared shared = {.heap = fixture_open(&options)};
  struct gc_mutator *mutator = fixture_attach(shared.heap);
  make_shared(&shared, mutator);
  gc_blocking_begin(mutator);
  struct thread threads[THREADS];
  for (uint64_t index = 0; index < THREADS; index++) {
    threads[index] = (struct thread){&shared, index + 1, 0};
    assert_int_equal(pthread_create(&threads[index].thread, NULL, run, &threads[index]), 0);
  }
  for (size_t index = 0; index < THREADS; index++) {
    pthread_join(threads[index].thread, NULL);
  }
  gc_blocking_end(mutator);
  gc_root_destroy(mutator, shared.map);
  gc_root_destroy(mutator, shared.keys);
  gc_collect(mutator, GC_COLLECTION_FULL);
  gc_detach(mutator);
  gc_heap_close(shared.heap);
}

static void clearing_and_sweeping_on_threads(void **state) {
  (void)state;
  share("concurrent");
}

static void moving_with_the_world_stopped(void **state) {
  (void)state;
  share("stw_compact");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(clearing_and_sweeping_on_threads),
      cmocka_unit_test(moving_with_the_world_stopped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
