/* Mark stacks that overflow: everything reachable is marked all the same (`overflow-is-flagged`).
 *
 * With a limit of a segment or two, graphs that need deep or wide stacks overflow again and again;
 * what is marked and dropped then is found by rescanning flagged blocks and large objects. The
 * second trace of the verifier and the exact counts say whether anything was missed.
 *
 * Labels: slow
 * Presets: release debug asan
 */
#include "heap_fixture.h"

static void expect_marked(struct gc_heap *heap, struct gc_mutator *mutator, uint64_t objects,
                          uint64_t bytes) {
  struct gc_statistics statistics;
  for (int round = 0; round < 2; round++) {
    gc_collect(mutator, GC_COLLECTION_FULL);
    gc_statistics_read(heap, &statistics);
    assert_int_equal(statistics.last_marked_objects, objects);
    assert_int_equal(statistics.last_live_bytes, bytes);
  }
}

static struct gc_heap *open_with(uint64_t mark_stack_bytes, uint64_t threads) {
  struct gc_options options = fixture_options(48);
  options.mark_stack_bytes = mark_stack_bytes;
  options.gc_threads = threads;
  options.stress_move = threads > 1; /* wakes the helpers, however little there is to do */
  return fixture_open(&options);
}

/* A tree of arrays: each level is pushed whole before the next is scanned. */
static struct gc_ref make_tree(struct gc_mutator *mutator, size_t width, unsigned depth) {
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle node = gc_handle_push(mutator, gc_allocate(mutator, width, 0, 0));
  assert_false(gc_is_null(gc_handle_get(node)));
  for (size_t index = 0; depth > 0 && index < width; index++) {
    struct gc_ref child = make_tree(mutator, width, depth - 1);
    gc_write_field(mutator, gc_handle_get(node), index, child);
  }
  struct gc_ref ref = gc_handle_get(node);
  gc_handles_leave(mutator, frame);
  return ref;
}

static void trees(uint64_t mark_stack_bytes, uint64_t threads) {
  struct gc_heap *heap = open_with(mark_stack_bytes, threads);
  struct gc_mutator *mutator = fixture_attach(heap);
  enum { WIDTH = 40 };
  gc_handle_push(mutator, make_tree(mutator, WIDTH, 3));
  uint64_t objects = 1 + WIDTH + WIDTH * WIDTH + WIDTH * WIDTH * WIDTH;
  expect_marked(heap, mutator, objects, objects * gc_object_bytes_for(WIDTH, 0));
  gc_detach(mutator);
  gc_heap_close(heap);
}

/* A large array whose every slot holds an object that holds another. */
static void wide_array(uint64_t mark_stack_bytes, uint64_t threads) {
  struct gc_heap *heap = open_with(mark_stack_bytes, threads);
  struct gc_mutator *mutator = fixture_attach(heap);
  enum { WIDTH = 100000 };
  struct gc_handle array = gc_handle_push(mutator, gc_allocate(mutator, WIDTH, 0, 0));
  for (size_t index = 0; index < WIDTH; index++) {
    gc_write_field(mutator, gc_handle_get(array), index, fixture_list(mutator, 2, 8));
  }
  expect_marked(heap, mutator, 1 + 2 * WIDTH,
                gc_object_bytes_for(WIDTH, 0) + 2 * WIDTH * gc_object_bytes_for(1, 8));
  gc_detach(mutator);
  gc_heap_close(heap);
}

/* Large objects that refer to each other, so that descriptors overflow as well as blocks. */
static void large_objects(uint64_t mark_stack_bytes, uint64_t threads) {
  struct gc_heap *heap = open_with(mark_stack_bytes, threads);
  struct gc_mutator *mutator = fixture_attach(heap);
  enum { COUNT = 300, SLOTS = 5000 };
  static struct gc_handle handles[COUNT];
  for (size_t number = 0; number < COUNT; number++) {
    handles[number] = gc_handle_push(mutator, gc_allocate(mutator, SLOTS, 0, 0));
    assert_false(gc_is_null(gc_handle_get(handles[number])));
  }
  for (size_t number = 0; number < COUNT; number++) {
    for (size_t index = 0; index < SLOTS; index++) {
      gc_write_field(mutator, gc_handle_get(handles[number]), index,
                     gc_handle_get(handles[(number * 7 + index) % COUNT]));
    }
  }
  for (size_t number = 1; number < COUNT; number++) {
    gc_handle_set(mutator, handles[number], gc_null());
  }
  expect_marked(heap, mutator, COUNT, COUNT * gc_object_bytes_for(SLOTS, 0));
  gc_detach(mutator);
  gc_heap_close(heap);
}

/* Without any segment each rescan goes one link on, so that list is short. */
static void long_list(uint64_t mark_stack_bytes, uint64_t threads) {
  size_t length = mark_stack_bytes == 0 ? 1000 : 300000;
  struct gc_heap *heap = open_with(mark_stack_bytes, threads);
  struct gc_mutator *mutator = fixture_attach(heap);
  struct gc_handle list = gc_handle_push(mutator, fixture_list(mutator, length, 8));
  expect_marked(heap, mutator, length, length * gc_object_bytes_for(1, 8));
  fixture_check_list(mutator, gc_handle_get(list), length);
  gc_detach(mutator);
  gc_heap_close(heap);
}

static const uint64_t limits[] = {0, 8192, 16384, 65536};

#define WITH_ALL_LIMITS(function, threads)                                                         \
  for (size_t index = 0; index < sizeof limits / sizeof *limits; index++) {                        \
    function(limits[index], threads);                                                              \
  }

static void trees_by_one_thread(void **state) {
  (void)state;
  WITH_ALL_LIMITS(trees, 1)
}

static void trees_by_three_threads(void **state) {
  (void)state;
  WITH_ALL_LIMITS(trees, 3)
}

static void wide_arrays_by_one_thread(void **state) {
  (void)state;
  WITH_ALL_LIMITS(wide_array, 1)
}

static void wide_arrays_by_three_threads(void **state) {
  (void)state;
  WITH_ALL_LIMITS(wide_array, 3)
}

static void large_objects_by_one_thread(void **state) {
  (void)state;
  WITH_ALL_LIMITS(large_objects, 1)
}

static void large_objects_by_three_threads(void **state) {
  (void)state;
  WITH_ALL_LIMITS(large_objects, 3)
}

static void long_lists(void **state) {
  (void)state;
  WITH_ALL_LIMITS(long_list, 1)
  WITH_ALL_LIMITS(long_list, 3)
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(trees_by_one_thread),
      cmocka_unit_test(trees_by_three_threads),
      cmocka_unit_test(wide_arrays_by_one_thread),
      cmocka_unit_test(wide_arrays_by_three_threads),
      cmocka_unit_test(large_objects_by_one_thread),
      cmocka_unit_test(large_objects_by_three_threads),
      cmocka_unit_test(long_lists),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
