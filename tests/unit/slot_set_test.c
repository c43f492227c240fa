/* The slot set: what goes in comes out once, whoever puts it in, and memory that is refused is
 * answered with false.
 *
 * A set of its own, beside the one of a heap that is opened for its address range, its workers and
 * its mutators. Slots are addresses in that range: the set looks at no object.
 *
 * Barrier: slots
 * Wrap: gc_arena_allocate
 * Presets: release debug asan ubsan tsan
 */
#include "heap_fixture.h"

#include "barriers/slot_set_parts.h"
#include <pthread.h>
#include <stdlib.h>

enum {
  THREADS = 4,
  INSERTIONS = 20000,
  SLOTS = 16 * GC_BUCKET_SLOTS, /* that are inserted at random */
};

static bool memory_is_refused;
static size_t memory_asked;

void *__real_gc_arena_allocate(struct gc_arena *arena, size_t bytes);
void *__wrap_gc_arena_allocate(struct gc_arena *arena, size_t bytes);
void *__wrap_gc_arena_allocate(struct gc_arena *arena, size_t bytes) {
  if (memory_is_refused) {
    memory_asked++;
    return NULL;
  }
  return __real_gc_arena_allocate(arena, bytes);
}

struct world {
  struct gc_heap *heap;
  struct gc_mutator *mutator;
  struct gc_slot_set *set;
};

static struct world open_world(void) {
  struct gc_options options = fixture_options(64);
  options.barrier = "slots";
  options.gc_threads = 3;
  struct world world = {.heap = fixture_open(&options)};
  world.mutator = fixture_attach(world.heap);
  world.set = gc_slot_set_create(world.heap);
  assert_non_null(world.set);
  assert_true(world.heap->workers.count >= 2);
  return world;
}

static void close_world(struct world *world) {
  gc_slot_set_flush(world->set, world->mutator);
  gc_slot_set_destroy(world->set);
  gc_detach(world->mutator);
  gc_heap_close(world->heap);
}

static struct gc_slot slot_number(const struct world *world, size_t number) {
  return (struct gc_slot){(struct gc_ref *)world->heap->space.block_start + number};
}

static void insert(struct world *world, struct gc_slot slot) {
  assert_true(gc_slot_set_insert_mutator(world->set, world->mutator, slot));
}

/* Takes everything, by two workers in turn; counts[i] is how many times slot i came. */
static size_t take_all(struct world *world, unsigned char *counts, size_t slot_count) {
  size_t taken = 0;
  bool found = true;
  gc_slot_set_flush(world->set, world->mutator);
  while (found) {
    found = false;
    for (unsigned worker = 0; worker < 2; worker++) {
      struct gc_remembered_batch batch = {0};
      gc_slot_set_take(world->set, &world->heap->workers.all[worker], &batch);
      found |= batch.count > 0;
      for (size_t index = 0; index < batch.count; index++) {
        assert_true(batch.start[index] < batch.end[index]);
        assert_true(batch.start[index] / GC_CARD_BYTES == (batch.end[index] - 1) / GC_CARD_BYTES);
        assert_true(batch.host[index] != 0);
        for (uintptr_t slot = batch.start[index]; slot < batch.end[index]; slot += 8, taken++) {
          size_t number = (slot - world->heap->space.block_start) / 8;
          assert_true(number < slot_count);
          counts[number]++;
        }
      }
    }
  }
  return taken;
}

/* The ends of words, of cards, of buckets, of blocks and of the range. */
static void edges(void **state) {
  (void)state;
  struct world world = open_world();
  size_t last = world.set->bytes / 8 - 1;
  const size_t numbers[] = {0,     1,     63,        64,        127,      1023, 1024,
                            32767, 32768, last - 64, last - 63, last - 1, last};
  enum { COUNT = sizeof numbers / sizeof numbers[0] };
  for (size_t index = 0; index < COUNT; index++) {
    assert_false(gc_slot_set_contains(world.set, slot_number(&world, numbers[index])));
    insert(&world, slot_number(&world, numbers[index]));
    insert(&world, slot_number(&world, numbers[index]));
    assert_true(gc_slot_set_contains(world.set, slot_number(&world, numbers[index])));
  }
  assert_false(gc_slot_set_contains(world.set, slot_number(&world, 2)));
  assert_false(gc_slot_set_is_empty(world.set));
  unsigned char *counts = calloc(last + 1, 1);
  assert_int_equal(take_all(&world, counts, last + 1), COUNT);
  for (size_t index = 0; index < COUNT; index++) {
    assert_int_equal(counts[numbers[index]], 1);
    assert_false(gc_slot_set_contains(world.set, slot_number(&world, numbers[index])));
  }
  free(counts);
  gc_slot_set_end_stw(world.set);
  assert_true(gc_slot_set_is_empty(world.set));
  close_world(&world);
}

/* A word that is full is one range. */
static void neighbours_are_one_range(void **state) {
  (void)state;
  struct world world = open_world();
  for (size_t number = 64; number < 128; number++) {
    insert(&world, slot_number(&world, number));
  }
  gc_slot_set_flush(world.set, world.mutator);
  struct gc_remembered_batch batch = {0};
  gc_slot_set_take(world.set, &world.heap->workers.all[0], &batch);
  assert_int_equal(batch.count, 1);
  assert_int_equal(batch.end[0] - batch.start[0], GC_CARD_BYTES);
  gc_slot_set_end_stw(world.set);
  close_world(&world);
}

/* What workers insert again while others still take stays for the next scavenge, in buckets that
 * were taken as in buckets that were not. */
static void workers_insert_again(void **state) {
  (void)state;
  struct world world = open_world();
  enum { TAKEN = 5, NEW = 3 * GC_BUCKET_SLOTS };
  insert(&world, slot_number(&world, TAKEN));
  gc_slot_set_flush(world.set, world.mutator);
  struct gc_remembered_batch batch = {0};
  gc_slot_set_take(world.set, &world.heap->workers.all[0], &batch);
  assert_int_equal(batch.count, 1);
  struct gc_worker *other = &world.heap->workers.all[1];
  assert_true(gc_slot_set_insert_worker(world.set, other, slot_number(&world, TAKEN)));
  assert_true(gc_slot_set_insert_worker(world.set, other, slot_number(&world, NEW)));
  batch.count = 0;
  gc_slot_set_take(world.set, &world.heap->workers.all[0], &batch);
  assert_int_equal(batch.count, 0);
  gc_slot_set_end_stw(world.set);
  assert_false(gc_slot_set_is_empty(world.set));

  unsigned char counts[SLOTS] = {0};
  assert_int_equal(take_all(&world, counts, SLOTS), 2);
  assert_int_equal(counts[TAKEN] + counts[NEW], 2);
  gc_slot_set_end_stw(world.set);
  assert_true(gc_slot_set_is_empty(world.set));
  close_world(&world);
}

/* Emptied buckets are used again: a second filling asks for no memory. */
static void buckets_are_used_again(void **state) {
  (void)state;
  struct world world = open_world();
  unsigned char counts[SLOTS] = {0};
  for (unsigned filling = 0; filling < 3; filling++) {
    memory_is_refused = filling > 0;
    for (size_t number = 0; number < SLOTS; number += 100) {
      insert(&world, slot_number(&world, number));
    }
    assert_int_equal(take_all(&world, counts, SLOTS), (SLOTS + 99) / 100);
    gc_slot_set_end_stw(world.set);
  }
  memory_is_refused = false;
  close_world(&world);
}

static void refused_memory(void **state) {
  (void)state;
  struct world world = open_world();
  memory_is_refused = true;
  memory_asked = 0;
  assert_false(gc_slot_set_insert_mutator(world.set, world.mutator, slot_number(&world, 7)));
  assert_int_equal(memory_asked, 1);
  assert_false(gc_slot_set_contains(world.set, slot_number(&world, 7)));
  assert_true(gc_slot_set_is_empty(world.set));
  memory_is_refused = false;
  insert(&world, slot_number(&world, 7));
  assert_true(gc_slot_set_contains(world.set, slot_number(&world, 7)));
  close_world(&world);
}

struct inserter {
  struct world *world;
  unsigned index;
  pthread_barrier_t *start;
  unsigned char *inserted; /* by slot; written by any thread with the same value, atomic */
};

static void *insert_at_random(void *argument) {
  const struct inserter *inserter = argument;
  struct gc_mutator *mutator = fixture_attach(inserter->world->heap);
  uint64_t random = inserter->index * UINT64_C(0x9e3779b97f4a7c15) + 1;
  pthread_barrier_wait(inserter->start);
  for (size_t turn = 0; turn < INSERTIONS; turn++) {
    random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
    /* The first turns of all threads go to the same slots, so that they race for buckets. */
    size_t number = turn < SLOTS / GC_BUCKET_SLOTS ? turn * GC_BUCKET_SLOTS + inserter->index
                                                   : (random >> 33) % SLOTS;
    assert_true(gc_slot_set_insert_mutator(inserter->world->set, mutator,
                                           slot_number(inserter->world, number)));
    gc_atomic_store_relaxed(&inserter->inserted[number], 1);
  }
  gc_slot_set_flush(inserter->world->set, mutator);
  gc_detach(mutator);
  return NULL;
}

static void threads_race(void **state) {
  (void)state;
  struct world world = open_world();
  static unsigned char inserted[SLOTS], counts[SLOTS];
  for (unsigned round = 0; round < 5; round++) {
    pthread_t threads[THREADS];
    struct inserter inserters[THREADS];
    pthread_barrier_t start;
    memset(inserted, 0, sizeof inserted);
    memset(counts, 0, sizeof counts);
    pthread_barrier_init(&start, NULL, THREADS);
    gc_blocking_begin(world.mutator);
    for (unsigned index = 0; index < THREADS; index++) {
      inserters[index] = (struct inserter){&world, index, &start, inserted};
      assert_int_equal(pthread_create(&threads[index], NULL, insert_at_random, &inserters[index]),
                       0);
    }
    for (unsigned index = 0; index < THREADS; index++) {
      pthread_join(threads[index], NULL);
    }
    gc_blocking_end(world.mutator);
    pthread_barrier_destroy(&start);
    (void)take_all(&world, counts, SLOTS);
    assert_memory_equal(inserted, counts, SLOTS);
    gc_slot_set_end_stw(world.set);
    assert_true(gc_slot_set_is_empty(world.set));
  }
  close_world(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(edges),
      cmocka_unit_test(neighbours_are_one_range),
      cmocka_unit_test(workers_insert_again),
      cmocka_unit_test(buckets_are_used_again),
      cmocka_unit_test(refused_memory),
      cmocka_unit_test(threads_race),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
