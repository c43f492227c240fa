/* Stores as cases: what each barrier adds to a plain store, by what is stored where, while nothing
 * marks and while a cycle marks.
 *
 * Each case has a heap of its own, with a few hundred objects that stay in the cache: the barrier is
 * measured, not memory. old_old stores old references into old objects, into_young into young ones,
 * dirty young references into old objects that are remembered already. While a cycle marks, sources
 * and old values were promoted in it, so they are marked: what a mutator does mostly.
 *
 * All of them are compared with one floor, the plain store.
 */
#include "harness/microbench/bench_case.h"
#include "harness/microbench/ideal_kernels.h"
#include "harness/microbench/store_loop.h"

#include "harness/clock.h"
#include <gc/allocate.h>
#include <gc/handles.h>
#include <stdio.h>
#include <string.h>

enum { NODES = IDEAL_STORE_NODES, ROUNDS = 2000, SLOTS = 2, RAW_BYTES = 8 };

enum store_kind { STORE_OLD_OLD, STORE_INTO_YOUNG, STORE_DIRTY, STORE_KINDS };

struct fixture {
  const struct store_loop *loop;
  const char *remember, *shade; /* the barrier's halves */
  enum store_kind kind;
  bool marks;
  struct gc_heap *heap;
  struct gc_mutator *mutator;
  struct gc_ref sources[NODES], values[NODES];
  char error[256]; /* why it could not be opened; empty: no attempt failed */
};

/* A cycle that has begun makes no step within the time of any bench. */
#define STEP_NS UINT64_C(100000000000)

/* The list's lines have the name that says elsewhere which barrier a file is compiled with. */
#undef GC_BARRIER
#define GC_BARRIER(name, remember, shade) extern const struct store_loop store_loop_##name;
#define GC_BARRIER_CUSTOM(name, ...)      extern const struct store_loop store_loop_##name;
#include <tricolor/barriers.def>
#undef GC_BARRIER
#undef GC_BARRIER_CUSTOM

#define STORES(name, remember_half, shade_half, kind_of, is_marking)                               \
  {.loop = &store_loop_##name,                                                                     \
   .remember = #remember_half,                                                                     \
   .shade = #shade_half,                                                                           \
   .kind = (kind_of),                                                                              \
   .marks = (is_marking)},
#define KINDS(name, remember, shade)                                                               \
  STORES(name, remember, shade, STORE_OLD_OLD, false)                                              \
  STORES(name, remember, shade, STORE_INTO_YOUNG, false)                                           \
  STORES(name, remember, shade, STORE_DIRTY, false)                                                \
  STORES(name, remember, shade, STORE_OLD_OLD, true)                                               \
  STORES(name, remember, shade, STORE_INTO_YOUNG, true)                                            \
  STORES(name, remember, shade, STORE_DIRTY, true)
static struct fixture fixtures[] = {
#define GC_BARRIER(name, remember, shade) KINDS(name, remember, shade)
#define GC_BARRIER_CUSTOM(name, ...)
#include <tricolor/barriers.def>
#undef GC_BARRIER
#undef GC_BARRIER_CUSTOM
};
#define FIXTURE_COUNT (sizeof fixtures / sizeof *fixtures)

static struct ideal_storer storer;
static struct bench_case cases[FIXTURE_COUNT + 1];
static char paths[FIXTURE_COUNT][64];

static void close_suite(void) {
  for (size_t index = 0; index < FIXTURE_COUNT; index++) {
    struct fixture *fixture = &fixtures[index];
    if (fixture->mutator != NULL) {
      gc_detach(fixture->mutator);
    }
    if (fixture->heap != NULL) {
      gc_heap_close(fixture->heap);
    }
    fixture->mutator = NULL;
    fixture->heap = NULL;
  }
}

/* The first collector that the barrier suffices for, with a nursery where the case is about one. */
static bool open_heap(struct fixture *fixture) {
  static const char *const marking[] = {"incremental_snapshot", "incremental"};
  static const char *const resting[] = {"stw", "stw_compact"};
  const char *const *names = fixture->marks ? marking : resting;
  for (size_t index = 0; index < 2 && fixture->heap == NULL; index++) {
    struct gc_options options = gc_options_default();
    options.heap_bytes = (uint64_t)32 << 20;
    options.nursery_bytes = (uint64_t)1 << 20;
    options.collector = names[index];
    options.pretenuring = false; /* what is measured begins in the nursery */
    options.barrier = fixture->loop->barrier;
    options.pause_target_ns = STEP_NS;
    options.stress_full_every = fixture->marks ? 1 : 0;
    if (gc_heap_open(&options, &fixture->heap, fixture->error, sizeof fixture->error) < 0) {
      fixture->heap = NULL;
    }
  }
  return fixture->heap != NULL;
}

static bool begin_marking(struct gc_mutator *mutator) {
  while (mutator->shading == 0) {
    if (gc_is_null(gc_allocate(mutator, SLOTS, RAW_BYTES, 0))) {
      return false;
    }
  }
  return true;
}

/* Handles of so many fresh objects, from `first` on. */
static bool push_nodes(struct gc_mutator *mutator, struct gc_handle *first) {
  for (size_t index = 0; index < NODES; index++) {
    struct gc_ref node = gc_allocate(mutator, SLOTS, RAW_BYTES, 0);
    if (gc_is_null(node)) {
      return false;
    }
    struct gc_handle handle = gc_handle_push(mutator, node);
    if (index == 0) {
      *first = handle;
    }
  }
  return true;
}

static bool fill(struct fixture *fixture) {
  struct gc_mutator *mutator = fixture->mutator;
  struct gc_handle old = {0}, old_values = {0}, young = {0};
  if ((fixture->marks && !begin_marking(mutator)) || !push_nodes(mutator, &old) ||
      !push_nodes(mutator, &old_values)) {
    return false;
  }
  /* Twice: what has survived two scavenges is old. */
  gc_collect(mutator, GC_COLLECTION_MINOR);
  gc_collect(mutator, GC_COLLECTION_MINOR);
  if (!push_nodes(mutator, &young)) {
    return false;
  }
  bool is_as_wanted = mutator->shading == fixture->marks;
  for (size_t index = 0; index < NODES; index++) {
    struct gc_ref *source = fixture->kind == STORE_INTO_YOUNG ? young.location : old.location;
    struct gc_ref *value = fixture->kind == STORE_DIRTY ? young.location : old_values.location;
    fixture->sources[index] = source[index];
    fixture->values[index] = value[NODES - 1 - index];
    is_as_wanted = is_as_wanted && !gc_is_young(mutator, old.location[index]) &&
                   !gc_is_young(mutator, old_values.location[index]) &&
                   gc_is_young(mutator, young.location[index]);
  }
  return is_as_wanted;
}

static bool open_fixture(struct fixture *fixture) {
  if (!open_heap(fixture)) {
    return false;
  }
  fixture->mutator = fixture->loop->attach(fixture->heap, fixture->error, sizeof fixture->error);
  if (fixture->mutator == NULL || !fill(fixture)) {
    snprintf(fixture->error, sizeof fixture->error, "the objects are not where they should be");
    return false;
  }
  /* What is remembered or queued once stays so. */
  fixture->loop->run(fixture->mutator, fixture->sources, fixture->values, NODES, 1);
  return true;
}

static void run(void *argument, struct bench_pass *result) {
  struct fixture *fixture = argument;
  if (fixture->mutator == NULL && (fixture->error[0] != '\0' || !open_fixture(fixture))) {
    result->failure = fixture->error;
    return;
  }
  uint64_t begin_ns = clock_now_ns();
  fixture->loop->run(fixture->mutator, fixture->sources, fixture->values, NODES, ROUNDS);
  result->elapsed_ns = clock_now_ns() - begin_ns;
  result->items = (uint64_t)NODES * ROUNDS;
  result->bytes = result->items * sizeof(struct gc_ref);
  for (size_t index = 0; index < NODES; index++) {
    if (gc_object_slot(fixture->sources[index], 0).location->address !=
        fixture->values[index].address) {
      result->failure = "a store is missing";
    }
  }
  if (fixture->mutator->shading != fixture->marks) {
    result->failure = "a cycle began or ended meanwhile";
  }
}

static void run_ideal(void *argument, struct bench_pass *result) {
  struct ideal_storer *ideal = argument;
  ideal_store_open(ideal);
  result->elapsed_ns = ideal_store(ideal, ROUNDS);
  result->items = (uint64_t)NODES * ROUNDS;
  result->bytes = result->items * sizeof(struct gc_ref);
  if (!ideal_store_check(ideal)) {
    result->failure = "a store is missing";
  }
}

/* Without a half, what it is for cannot be: no young objects, no marking beside the mutator. */
static bool applies(const struct fixture *fixture) {
  return strcmp(fixture->remember, "none") != 0 &&
         (!fixture->marks || strcmp(fixture->shade, "none") != 0);
}

static const struct bench_case *list(size_t *count) {
  static const char *const kinds[STORE_KINDS] = {"old_old", "into_young", "dirty"};
  *count = 0;
  cases[(*count)++] = (struct bench_case){"store/plain", "atomic_store", BENCH_IDEAL,  1,
                                          run_ideal,     &storer,        .floor = NULL};
  for (size_t index = 0; index < FIXTURE_COUNT; index++) {
    struct fixture *fixture = &fixtures[index];
    if (applies(fixture)) {
      snprintf(paths[index], sizeof paths[index], "store/%s%s", kinds[fixture->kind],
               fixture->marks ? "/marking" : "");
      snprintf(paths[index] + strlen(paths[index]), sizeof paths[index] - strlen(paths[index]),
               "/%s", fixture->loop->barrier);
      cases[(*count)++] = (struct bench_case){
          paths[index], "gc_write_field", BENCH_OURS, 1, run, fixture, .floor = "store/plain"};
    }
  }
  return cases;
}

static void prepare(const struct bench_sizes *sizes) {
  (void)sizes;
}

const struct bench_suite bench_store_suite = {
    .list = list, .prepare = prepare, .close = close_suite};
