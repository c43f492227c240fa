/* Whoever looks at the whole heap, or gives its memory back, beside mutators at work and collector
 * threads: images whose ids follow objects, censuses, and free memory that goes back to the system.
 *
 * Presets: release debug asan tsan
 * Barrier: v8_page_flags
 */
#include "weak_fixture.h"

#include <gc/buffer.h>
#include <gc/census.h>
#include <gc/image.h>
#include <gc/limits.h>
#include <gc/weak_map.h>
#include <pthread.h>
#include <stdio.h>

enum { WORKERS = 2, HELD = 60, LOOKS = 8, TURNS_MIN = 4000 };

/* Every way to move, sweep and clear: in pauses, by mutators, beside them. */
static const char *const collectors[] = {
    "stw", "stw_lazy", "mark_compact", "concurrent_compact", "v8", "concurrent_mark_sweep"};
#define COLLECTORS (sizeof collectors / sizeof *collectors)

struct shared {
  struct gc_heap *heap;
  uint32_t is_over; /* atomic, relaxed */
};

struct worker {
  struct shared *shared;
  pthread_t thread;
  uint64_t random;
};

static uint64_t below(uint64_t *random, uint64_t bound) {
  *random = *random * UINT64_C(6364136223846793005) + 1442695040888963407u;
  return (*random >> 33) % bound;
}

static struct gc_ref make_any(struct world *world, uint64_t *random) {
  if (below(random, 40) == 0) {
    return gc_buffer_allocate(world->mutator, 1 + below(random, 5000));
  }
  size_t raw_bytes = below(random, 60) == 0 ? 50000 : 8 + below(random, 400);
  return gc_allocate(world->mutator, 1, raw_bytes, 0);
}

static void turn(struct world *world, uint64_t *random, struct gc_handle map,
                 const struct gc_handle *held) {
  struct gc_handle own = held[below(random, HELD)], other = held[below(random, HELD)];
  struct gc_ref made = make_any(world, random);
  if (gc_is_null(made)) {
    return; /* the others hold it all for now */
  }
  if (gc_object_slot_count(made) > 0) {
    gc_init_field(world->mutator, made, 0,
                  below(random, 4) == 0 ? gc_handle_get(other) : gc_null());
  }
  gc_handle_set(world->mutator, own, made);
  if (below(random, 8) == 0) {
    bool is_set = gc_weak_map_set(world->mutator, map, own, other);
    assert_true(!is_set || gc_weak_map_has(world->mutator, map, own));
  } else if (below(random, 30) == 0) {
    gc_handle_set(world->mutator, own, gc_weak_allocate(world->mutator, other));
  }
}

static void *work(void *context) {
  struct worker *worker = context;
  struct world world = {worker->shared->heap, fixture_attach(worker->shared->heap)};
  struct gc_handle map = hold(&world, gc_weak_map_allocate(world.mutator)), held[HELD];
  for (size_t index = 0; index < HELD; index++) {
    held[index] = hold(&world, gc_null());
  }
  for (uint64_t done = 0; done < TURNS_MIN || gc_atomic_load_relaxed(&worker->shared->is_over) == 0;
       done++) {
    turn(&world, &worker->random, map, held);
    gc_poll(world.mutator);
  }
  gc_detach(world.mutator);
  return NULL;
}

/* Gives back what it can, again and again: it does so beside the others' pauses. */
static void *give_back(void *context) {
  struct worker *worker = context;
  struct world world = {worker->shared->heap, fixture_attach(worker->shared->heap)};
  while (gc_atomic_load_relaxed(&worker->shared->is_over) == 0) {
    (void)gc_memory_reduce(world.mutator);
  }
  gc_detach(world.mutator);
  return NULL;
}

static uint32_t find_group(const struct gc_image *image, uint32_t number) {
  char name[64];
  snprintf(name, sizeof name, "(handles of mutator %u)", number);
  for (uint32_t node = 0; node < image->node_count; node++) {
    if (image->node_kinds[node] == GC_IMAGE_GROUP &&
        strcmp(gc_image_name(image, node), name) == 0) {
      return node;
    }
  }
  fail_msg("the image lacks %s", name);
  return 0;
}

/* What the onlooker holds has the ids that it had: handle i is edge i of its group. */
static void check_ids(struct world *world, uint32_t *ids) {
  struct gc_image image;
  assert_int_equal(gc_image_capture(world->mutator, GC_IMAGE_STABLE_IDS, &image), 0);
  uint32_t first = image.first_edges[find_group(&image, world->mutator->private_part->number)];
  for (uint32_t index = 0; index < HELD; index++) {
    uint32_t node = image.edge_targets[first + index];
    assert_int_equal(image.edge_kinds[first + index], GC_IMAGE_ROOT);
    assert_int_equal(image.node_bytes[node], GC_HEADER_BYTES + 8 + 8 * (index + 1));
    ids[index] = ids[index] == 0 ? image.ids[node] : ids[index];
    assert_int_equal(image.ids[node], ids[index]);
  }
  gc_image_free(&image);
}

static void check_census(struct world *world, bool has_looked) {
  struct gc_census census;
  assert_int_equal(gc_census_take(world->mutator, &census), 0);
  uint64_t survivors = 0;
  for (size_t type = 0; type < census.type_count; type++) {
    survivors += census.types[type].survivor_objects;
  }
  assert_true(survivors >= (has_looked ? HELD : 0) && census.objects >= HELD);
  gc_census_finish(&census);
}

static void look(struct shared *shared) {
  struct world world = {shared->heap, fixture_attach(shared->heap)};
  uint32_t ids[HELD] = {0};
  for (uint32_t index = 0; index < HELD; index++) {
    (void)hold(&world, gc_allocate(world.mutator, 1, 8 * (index + 1), 0));
  }
  for (unsigned done = 0; done < LOOKS; done++) {
    check_ids(&world, ids);
    check_census(&world, done > 0);
    if (done == LOOKS / 2) {
      gc_image_forget_ids(world.mutator);
      memset(ids, 0, sizeof ids);
    }
    for (unsigned churned = 0; churned < 300; churned++) {
      struct gc_ref passing = gc_allocate(world.mutator, 1, 500, 0);
      (void)passing;
    }
  }
  gc_detach(world.mutator);
}

static void watch(const char *collector) {
  struct gc_options options = fixture_options(24);
  options.collector = collector;
  options.barrier = "v8_page_flags";
  options.nursery_bytes = 1 << 20;
  options.verify_level = 0;
  options.gc_threads = 2;
  struct shared shared = {.heap = fixture_open(&options)};
  struct worker workers[WORKERS + 1];
  for (size_t index = 0; index <= WORKERS; index++) {
    workers[index] = (struct worker){.shared = &shared, .random = index + 1};
    assert_int_equal(pthread_create(&workers[index].thread, NULL,
                                    index < WORKERS ? work : give_back, &workers[index]),
                     0);
  }
  look(&shared);
  gc_atomic_store_relaxed(&shared.is_over, 1);
  for (size_t index = 0; index <= WORKERS; index++) {
    pthread_join(workers[index].thread, NULL);
  }
  gc_heap_close(shared.heap);
}

static void looking_disturbs_nobody(void **state) {
  (void)state;
  for (size_t number = 0; number < COLLECTORS; number++) {
    watch(collectors[number]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(looking_disturbs_nobody)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
