/* Sliding compaction: where objects go, what refers to them, and what room it makes.
 *
 * Objects of random sizes are made old, some of them dropped, and the heap collected; a large array
 * refers to all of them. The verifier at its highest level looks at every bit and slot as well.
 *
 * Presets: release debug asan ubsan tsan
 * Timeout: 120
 */
#include "heap/heap.h"
#include "heap_fixture.h"
#include <pthread.h>
#include <stdlib.h>

#define OBJECTS 6000

struct context {
  struct gc_heap *heap;
  struct gc_mutator *mutator;
  struct gc_handle array;
  uint64_t random;
  uintptr_t before[OBJECTS], after[OBJECTS];
  size_t raw_bytes[OBJECTS];
};

static struct gc_options sliding_options(unsigned threads) {
  struct gc_options options = fixture_options(96);
  options.collector = "mark_compact";
  options.gc_threads = threads;
  options.stress_move = threads > 1; /* wakes helpers however little there is to do */
  return options;
}

static void open_context(struct context *context, unsigned threads) {
  struct gc_options options = sliding_options(threads);
  memset(context, 0, sizeof *context);
  context->heap = fixture_open(&options);
  context->mutator = fixture_attach(context->heap);
  context->array = gc_handle_push(context->mutator, gc_null());
  context->random = 88172645463325252u;
}

static void close_context(struct context *context) {
  gc_detach(context->mutator);
  gc_heap_close(context->heap);
}

static uint64_t next_random(struct context *context) {
  context->random ^= context->random << 13;
  context->random ^= context->random >> 7;
  context->random ^= context->random << 17;
  return context->random;
}

/* Mostly small; one in 16 up to the largest that lies in a block. */
static size_t random_raw_bytes(struct context *context) {
  uint64_t random = next_random(context);
  return (size_t)(random % 16 == 0 ? random / 16 % (GC_LARGE_BYTES - 64) : random / 16 % 400);
}

/* Fills the array with objects of two slots, which refer to the object before and to themselves. */
static void fill(struct context *context, size_t (*raw_bytes)(struct context *context)) {
  struct gc_mutator *mutator = context->mutator;
  gc_handle_set(mutator, context->array, gc_allocate(mutator, OBJECTS, 0, 0));
  for (size_t index = 0; index < OBJECTS; index++) {
    context->raw_bytes[index] = raw_bytes(context) + sizeof(uint64_t);
    struct gc_ref object = gc_allocate(mutator, 2, context->raw_bytes[index], 0);
    assert_false(gc_is_null(object));
    *(uint64_t *)gc_object_raw(object, 2) = index;
    struct gc_ref array = gc_handle_get(context->array);
    gc_init_field(mutator, object, 0,
                  index > 0 ? gc_read_field(mutator, array, index - 1) : object);
    gc_init_field(mutator, object, 1, object);
    gc_write_field(mutator, array, index, object);
  }
}

static struct gc_ref object_at(const struct context *context, size_t index) {
  return gc_read_field(context->mutator, gc_handle_get(context->array), index);
}

static void note_addresses(const struct context *context, uintptr_t *addresses) {
  for (size_t index = 0; index < OBJECTS; index++) {
    addresses[index] = object_at(context, index).address;
  }
}

static void check_content(const struct context *context) {
  struct gc_mutator *mutator = context->mutator;
  for (size_t index = 0; index < OBJECTS; index++) {
    struct gc_ref object = object_at(context, index);
    if (gc_is_null(object)) {
      continue;
    }
    struct gc_ref previous = gc_read_field(mutator, object, 0);
    assert_int_equal(*(uint64_t *)gc_object_raw(object, 2), index);
    assert_int_equal(gc_object_size_bytes(object),
                     gc_object_bytes_for(2, context->raw_bytes[index]));
    assert_int_equal(gc_read_field(mutator, object, 1).address, object.address);
    assert_int_equal(*(uint64_t *)gc_object_raw(previous, 2), index > 0 ? index - 1 : 0);
  }
}

/* Keeps one in `keep` of the objects; those kept refer to themselves only. */
static void drop(struct context *context, size_t keep) {
  struct gc_mutator *mutator = context->mutator;
  for (size_t index = 0; index < OBJECTS; index++) {
    struct gc_ref object = object_at(context, index);
    if (gc_is_null(object)) {
      continue;
    }
    if (index % keep != 0) {
      gc_write_field(mutator, gc_handle_get(context->array), index, gc_null());
    } else {
      gc_write_field(mutator, object, 0, object);
    }
  }
}

static int by_address(const void *left, const void *right) {
  const uintptr_t *const *a = left, *const *b = right;
  return (**a > **b) - (**a < **b);
}

/* In the order of their old addresses, the new ones ascend, and none is above its old one. */
static void check_order(struct context *context) {
  const uintptr_t *sorted[OBJECTS];
  size_t count = 0;
  for (size_t index = 0; index < OBJECTS; index++) {
    if (context->after[index] != 0) {
      assert_true(context->after[index] <= context->before[index]);
      sorted[count++] = &context->before[index];
    }
  }
  qsort(sorted, count, sizeof *sorted, by_address);
  for (size_t place = 1; place < count; place++) {
    assert_true(context->after[sorted[place - 1] - context->before] <
                context->after[sorted[place] - context->before]);
  }
}

static void check_dense(const struct context *context, size_t waste_percent) {
  const struct gc_old_space *old = &context->heap->old;
  size_t bytes = old->live_bytes + old->live_bytes * waste_percent / 100;
  assert_true(old->blocks_in_use <= bytes / GC_BLOCK_BYTES + 1);
}

static void survivors_slide_together(struct context *context) {
  fill(context, random_raw_bytes);
  gc_collect(context->mutator, GC_COLLECTION_FULL);
  check_content(context);
  static const size_t keeps[] = {2, 6, 30, 600};
  for (size_t round = 0; round < sizeof keeps / sizeof *keeps; round++) {
    drop(context, keeps[round]);
    note_addresses(context, context->before);
    gc_collect(context->mutator, GC_COLLECTION_FULL);
    note_addresses(context, context->after);
    check_order(context);
    check_dense(context, 15);
    for (size_t index = 0; index < OBJECTS; index += keeps[round]) {
      struct gc_ref object = object_at(context, index);
      assert_int_equal(*(uint64_t *)gc_object_raw(object, 2), index);
      assert_int_equal(gc_read_field(context->mutator, object, 0).address, object.address);
      assert_int_equal(gc_read_field(context->mutator, object, 1).address, object.address);
    }
  }
}

static void survivors_slide_together_in_order(void **state) {
  (void)state;
  static struct context context;
  open_context(&context, 1);
  survivors_slide_together(&context);
  close_context(&context);
}

static void two_workers_slide_as_one_does(void **state) {
  (void)state;
  static struct context context;
  for (int repetition = 0; repetition < 3; repetition++) {
    open_context(&context, 2);
    assert_int_equal(context.heap->workers.count, 2);
    survivors_slide_together(&context);
    close_context(&context);
  }
}

static void what_is_dense_stays(void **state) {
  (void)state;
  static struct context context;
  open_context(&context, 1);
  fill(&context, random_raw_bytes);
  gc_collect(context.mutator, GC_COLLECTION_FULL);
  note_addresses(&context, context.before);
  gc_collect(context.mutator, GC_COLLECTION_FULL);
  note_addresses(&context, context.after);
  assert_memory_equal(context.before, context.after, sizeof context.before);
  check_content(&context);
  close_context(&context);
}

/* Of these a block holds seven and a rest that the eighth does not fit. */
static size_t raw_bytes_of_big(struct context *context) {
  return 32 * 1024 - 200 - next_random(context) % 64;
}

static void big_objects_do_not_straddle_blocks(void **state) {
  (void)state;
  static struct context context;
  struct gc_options options = sliding_options(1);
  options.heap_bytes = (uint64_t)288 << 20;
  options.verify_level = 2;
  open_context(&context, 1);
  gc_detach(context.mutator);
  gc_heap_close(context.heap);
  context.heap = fixture_open(&options);
  context.mutator = fixture_attach(context.heap);
  context.array = gc_handle_push(context.mutator, gc_null());
  fill(&context, raw_bytes_of_big);
  gc_collect(context.mutator, GC_COLLECTION_FULL);
  check_content(&context);
  drop(&context, 3);
  note_addresses(&context, context.before);
  gc_collect(context.mutator, GC_COLLECTION_FULL);
  note_addresses(&context, context.after);
  check_order(&context);
  check_dense(&context, 15);
  for (size_t index = 0; index < OBJECTS; index += 3) {
    uintptr_t first = context.after[index];
    uintptr_t last = first + gc_object_bytes_for(2, context.raw_bytes[index]) - 1;
    assert_int_equal(first / GC_BLOCK_BYTES, last / GC_BLOCK_BYTES);
  }
  close_context(&context);
}

/* --- other roots -------------------------------------------------------------------------------*/

struct bystander {
  struct gc_heap *heap;
  pthread_barrier_t meeting;
};

static void *hold_old_objects(void *argument) {
  struct bystander *bystander = argument;
  struct gc_mutator *mutator = fixture_attach(bystander->heap);
  struct gc_handle list = gc_handle_push(mutator, fixture_list(mutator, 300, 8));
  gc_blocking_begin(mutator);
  pthread_barrier_wait(&bystander->meeting); /* it holds a list */
  pthread_barrier_wait(&bystander->meeting); /* which has moved */
  gc_blocking_end(mutator);
  fixture_check_list(mutator, gc_handle_get(list), 300);
  gc_detach(mutator);
  return NULL;
}

static void roots_of_all_kinds_follow(void **state) {
  (void)state;
  static struct context context;
  open_context(&context, 1);
  fill(&context, random_raw_bytes);
  struct bystander bystander = {.heap = context.heap};
  pthread_t thread;
  pthread_barrier_init(&bystander.meeting, NULL, 2);
  assert_int_equal(pthread_create(&thread, NULL, hold_old_objects, &bystander), 0);
  gc_blocking_begin(context.mutator);
  pthread_barrier_wait(&bystander.meeting);
  gc_blocking_end(context.mutator);
  struct gc_root *root = gc_root_create(context.mutator, fixture_list(context.mutator, 200, 24));
  gc_collect(context.mutator, GC_COLLECTION_FULL);
  uintptr_t before = gc_root_get(root).address;
  drop(&context, OBJECTS);
  gc_collect(context.mutator, GC_COLLECTION_FULL);
  assert_true(gc_root_get(root).address < before);
  fixture_check_list(context.mutator, gc_root_get(root), 200);
  gc_blocking_begin(context.mutator);
  pthread_barrier_wait(&bystander.meeting);
  pthread_join(thread, NULL);
  gc_blocking_end(context.mutator);
  gc_root_destroy(context.mutator, root);
  pthread_barrier_destroy(&bystander.meeting);
  close_context(&context);
}

/* --- room --------------------------------------------------------------------------------------*/

/* Leaves a little in every block, then asks for a large object of half the heap. */
static bool finds_room_for_a_large_object(const char *collector, const char *last_resort) {
  struct gc_options options = fixture_options(24);
  options.collector = collector;
  options.last_resort = last_resort;
  options.nursery_bytes = 256 << 10;
  struct gc_heap *heap = fixture_open(&options);
  struct gc_mutator *mutator = fixture_attach(heap);
  size_t count = (14 << 20) / gc_object_bytes_for(0, 2000);
  struct gc_handle array = gc_handle_push(mutator, gc_allocate(mutator, count, 0, 0));
  for (size_t index = 0; index < count; index++) {
    struct gc_ref object = gc_allocate(mutator, 0, 2000, 0);
    assert_false(gc_is_null(object));
    *(uint64_t *)gc_object_raw(object, 0) = index;
    gc_write_field(mutator, gc_handle_get(array), index, object);
  }
  gc_collect(mutator, GC_COLLECTION_FULL);
  for (size_t index = 0; index < count; index++) {
    if (index % 16 != 0) {
      gc_write_field(mutator, gc_handle_get(array), index, gc_null());
    }
  }
  bool found = !gc_is_null(gc_allocate(mutator, 0, (size_t)12 << 20, 0));
  for (size_t index = 0; index < count; index += 16) {
    struct gc_ref object = gc_read_field(mutator, gc_handle_get(array), index);
    assert_int_equal(*(uint64_t *)gc_object_raw(object, 0), index);
  }
  gc_detach(mutator);
  gc_heap_close(heap);
  return found;
}

static void room_that_fragmentation_hides_is_found(void **state) {
  (void)state;
  assert_false(finds_room_for_a_large_object("stw", ""));
  assert_true(finds_room_for_a_large_object("mark_compact", ""));
}

static void the_last_resort_slides_whoever_collects(void **state) {
  (void)state;
  assert_false(finds_room_for_a_large_object("stw", "none"));
  assert_true(finds_room_for_a_large_object("stw", "slide"));
  assert_true(finds_room_for_a_large_object("stw_lazy", "slide"));
  assert_true(finds_room_for_a_large_object("stw_compact", ""));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(survivors_slide_together_in_order),
      cmocka_unit_test(two_workers_slide_as_one_does),
      cmocka_unit_test(what_is_dense_stays),
      cmocka_unit_test(big_objects_do_not_straddle_blocks),
      cmocka_unit_test(roots_of_all_kinds_follow),
      cmocka_unit_test(room_that_fragmentation_hides_is_found),
      cmocka_unit_test(the_last_resort_slides_whoever_collects),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
