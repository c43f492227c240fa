/* Mutators that share weak cells and ephemerons, beside collectors that mark, clear and sweep on
 * threads of their own: whatever is answered is an object, and is the one that was stored.
 *
 * Presets: release debug asan tsan
 * Barrier: card_snapshot
 */
#include "weak_fixture.h"

#include <pthread.h>

enum { THREADS = 3, SHARED = 48, HELD = 40, TURNS = 60000 };

/* In the raw part of every object: its number, and the number mixed. */
static uint64_t mixed(uint64_t number) {
  return number * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

static struct gc_ref make_checked(struct gc_mutator *mutator, uint64_t number, size_t raw_bytes) {
  struct gc_ref object = gc_allocate(mutator, 1, raw_bytes, 0);
  assert_false(gc_is_null(object));
  uint64_t *raw = gc_object_raw(object, 1);
  raw[0] = number;
  raw[1] = mixed(number);
  return object;
}

static void check(struct gc_ref object) {
  if (!gc_is_null(object)) {
    const uint64_t *raw = gc_object_raw(object, 1);
    assert_int_equal(raw[1], mixed(raw[0]));
  }
}

struct shared {
  struct gc_heap *heap;
  struct gc_root *cells, *ephemerons; /* arrays of SHARED */
};

struct thread {
  struct shared *shared;
  uint64_t index, random;
  pthread_t thread;
};

static uint64_t below(struct thread *thread, uint64_t bound) {
  thread->random = thread->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
  return (thread->random >> 33) % bound;
}

static struct gc_ref choose(struct gc_mutator *mutator, struct thread *thread,
                            const struct gc_root *array) {
  return gc_read_field(mutator, gc_root_get(array), below(thread, SHARED));
}

static void turn(struct gc_mutator *mutator, struct thread *thread, const struct gc_handle *held) {
  struct gc_handle own = held[below(thread, HELD)], other = held[below(thread, HELD)];
  struct gc_ref cell = choose(mutator, thread, thread->shared->cells);
  struct gc_ref entry = choose(mutator, thread, thread->shared->ephemerons);
  switch (below(thread, 8)) {
  case 0:
  case 1:
    gc_handle_set(mutator, own,
                  make_checked(mutator, below(thread, 1000),
                               below(thread, 100) == 0 ? 60000 : 16 + below(thread, 200)));
    break;
  case 2:
    gc_weak_set(mutator, cell, gc_handle_get(own));
    break;
  case 3:
    gc_handle_set(mutator, own, gc_weak_get(mutator, cell));
    break;
  case 4:
    gc_ephemeron_set(mutator, entry, gc_handle_get(own), gc_handle_get(other));
    break;
  case 5:
    gc_handle_set(mutator, own, gc_ephemeron_key(mutator, entry));
    break;
  case 6:
    gc_handle_set(mutator, own, gc_ephemeron_value(mutator, entry));
    break;
  default: {
    struct gc_ref src = gc_handle_get(own);
    if (!gc_is_null(src)) {
      gc_write_field(mutator, src, 0, gc_handle_get(other));
    }
  }
  }
  check(gc_handle_get(own));
}

static void *run(void *context) {
  struct thread *thread = context;
  struct gc_mutator *mutator = fixture_attach(thread->shared->heap);
  struct gc_handle held[HELD];
  for (size_t index = 0; index < HELD; index++) {
    held[index] = gc_handle_push(mutator, gc_null());
  }
  for (size_t done = 0; done < TURNS; done++) {
    turn(mutator, thread, held);
    struct gc_handle own = held[below(thread, HELD)];
    if (below(thread, 20) == 0) {
      gc_handle_set(mutator, own, gc_weak_allocate(mutator, own));
      assert_false(gc_is_null(gc_handle_get(own)));
      gc_handle_set(mutator, own, gc_weak_get(mutator, gc_handle_get(own)));
      check(gc_handle_get(own));
    }
    gc_poll(mutator);
  }
  gc_detach(mutator);
  return NULL;
}

static struct gc_root *make_array(struct gc_mutator *mutator, enum gc_weak_kind kind) {
  struct gc_handle array = gc_handle_push(mutator, gc_allocate(mutator, SHARED, 0, 0));
  struct gc_handle nothing = gc_handle_push(mutator, gc_null());
  for (size_t index = 0; index < SHARED; index++) {
    struct gc_ref made = kind == GC_WEAK_CELL ? gc_weak_allocate(mutator, nothing)
                                              : gc_ephemeron_allocate(mutator, nothing, nothing);
    gc_write_field(mutator, gc_handle_get(array), index, made);
  }
  return gc_root_create(mutator, gc_handle_get(array));
}

static void share(const char *collector) {
  struct gc_options options = fixture_options(16);
  options.collector = collector;
  options.barrier = "card_snapshot";
  options.verify_level = 2;
  options.stress_collect_every = 8;
  options.stress_full_every = 3;
  options.collector_threads = 2;
  options.stress_buffer_bytes = 2048;
  options.nursery_bytes = 256 << 10;
  struct shared shared = {.heap = fixture_open(&options)};
  struct gc_mutator *mutator = fixture_attach(shared.heap);
  shared.cells = make_array(mutator, GC_WEAK_CELL);
  shared.ephemerons = make_array(mutator, GC_WEAK_EPHEMERON);
  gc_blocking_begin(mutator);
  struct thread threads[THREADS];
  for (uint64_t index = 0; index < THREADS; index++) {
    threads[index] = (struct thread){&shared, index, index + 1, 0};
    assert_int_equal(pthread_create(&threads[index].thread, NULL, run, &threads[index]), 0);
  }
  for (size_t index = 0; index < THREADS; index++) {
    pthread_join(threads[index].thread, NULL);
  }
  gc_blocking_end(mutator);
  struct gc_statistics statistics;
  gc_statistics_read(shared.heap, &statistics);
  assert_true(statistics.full_count > 2);
  gc_root_destroy(mutator, shared.cells);
  gc_root_destroy(mutator, shared.ephemerons);
  gc_collect(mutator, GC_COLLECTION_FULL);
  gc_detach(mutator);
  gc_heap_close(shared.heap);
}

static void marking_and_sweeping_on_threads(void **state) {
  (void)state;
  share("concurrent");
}

static void marking_on_threads_sweeping_at_refills(void **state) {
  (void)state;
  share("concurrent_lazy");
}

static void marking_in_steps(void **state) {
  (void)state;
  share("incremental_snapshot");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(marking_and_sweeping_on_threads),
      cmocka_unit_test(marking_on_threads_sweeping_at_refills),
      cmocka_unit_test(marking_in_steps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
