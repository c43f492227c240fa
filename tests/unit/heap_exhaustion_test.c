/* Running out: large objects near the limit, the failure ladder, and what is left afterwards.
 *
 * gc_allocate answers null only when nothing more can be found, every time it is asked, and leaves
 * everything that is reachable as it was. What was dropped can be allocated again.
 *
 * Presets: release debug asan ubsan
 * Timeout: 120
 */
#include "heap_fixture.h"

#define HEAP_MIB 16

struct context {
  struct gc_heap *heap;
  struct gc_mutator *mutator;
};

static int set_up(void **state) {
  static struct context context;
  struct gc_options options = fixture_options(HEAP_MIB);
  options.nursery_bytes = 256 << 10;
  options.verify_level = 1;
  context.heap = fixture_open(&options);
  context.mutator = fixture_attach(context.heap);
  *state = &context;
  return 0;
}

static int tear_down(void **state) {
  const struct context *context = *state;
  gc_detach(context->mutator);
  gc_heap_close(context->heap);
  return 0;
}

static void an_array_of_most_of_the_heap(void **state) {
  const struct context *context = *state;
  struct gc_mutator *mutator = context->mutator;
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  size_t slot_count = ((size_t)(HEAP_MIB - 4) << 20) / sizeof(struct gc_ref);
  struct gc_handle array = gc_handle_push(mutator, gc_allocate(mutator, slot_count, 0, 0));
  assert_false(gc_is_null(gc_handle_get(array)));
  for (size_t index = 0; index < slot_count; index += 1000) {
    struct gc_ref number = gc_allocate(mutator, 0, 8, 0);
    assert_false(gc_is_null(number));
    *(uint64_t *)gc_object_raw(number, 0) = index;
    gc_write_field(mutator, gc_handle_get(array), index, number);
  }
  gc_collect(mutator, GC_COLLECTION_FULL);
  for (size_t index = 0; index < slot_count; index++) {
    struct gc_ref number = gc_read_field(mutator, gc_handle_get(array), index);
    assert_int_equal(gc_is_null(number), index % 1000 != 0);
    assert_true(gc_is_null(number) || *(uint64_t *)gc_object_raw(number, 0) == index);
  }
  gc_handles_leave(mutator, frame);
}

/* Each fits only when the one before is gone. */
static void large_objects_one_after_the_other(void **state) {
  struct gc_mutator *mutator = ((struct context *)*state)->mutator;
  for (int round = 0; round < 50; round++) {
    size_t raw_bytes = ((size_t)(HEAP_MIB - 5) << 20) + (size_t)round * 4096;
    struct gc_ref object = gc_allocate(mutator, 1, raw_bytes, 0);
    assert_false(gc_is_null(object));
    unsigned char *raw = gc_object_raw(object, 1);
    assert_int_equal(raw[0], 0);
    assert_int_equal(raw[raw_bytes - 1], 0);
    raw[0] = raw[raw_bytes - 1] = 0xff;
  }
}

static void what_can_never_fit_is_refused_at_once(void **state) {
  const struct context *context = *state;
  struct gc_mutator *mutator = context->mutator;
  static const size_t shapes[][2] = {
      {0, (size_t)HEAP_MIB << 20},
      {((size_t)HEAP_MIB << 20) / 8, 0},
      {0, (size_t)1 << 40},
      {(size_t)1 << 37, 0},
      {0, GC_OBJECT_BYTES_MAX},
      {0, GC_OBJECT_BYTES_MAX + 1},
      {SIZE_MAX, 0},
      {0, SIZE_MAX},
      {SIZE_MAX, SIZE_MAX},
      {SIZE_MAX / 8, SIZE_MAX / 2},
      {(size_t)1 << 61, 0},
      {((size_t)1 << 61) - 1, 0},
  };
  struct gc_statistics before, after;
  gc_statistics_read(context->heap, &before);
  for (size_t index = 0; index < sizeof shapes / sizeof *shapes; index++) {
    assert_true(gc_is_null(gc_allocate(mutator, shapes[index][0], shapes[index][1], 0)));
  }
  gc_statistics_read(context->heap, &after);
  assert_true(after.full_count - before.full_count <= 3);
  assert_false(gc_is_null(gc_allocate(mutator, 1, 8, 0)));
}

static size_t fill(struct gc_mutator *mutator, struct gc_handle list, size_t raw_bytes) {
  for (size_t count = 0;; count++) {
    struct gc_ref link = gc_allocate(mutator, 1, raw_bytes, 0);
    if (gc_is_null(link)) {
      return count;
    }
    gc_init_field(mutator, link, 0, gc_handle_get(list));
    *(uint64_t *)gc_object_raw(link, 1) = count;
    gc_handle_set(mutator, list, link);
  }
}

/* Fill, be refused, check, drop, fill again: the second filling is as large as the first. */
static void filling_with(void **state, size_t raw_bytes) {
  const struct context *context = *state;
  struct gc_mutator *mutator = context->mutator;
  size_t first_count = 0;
  for (int round = 0; round < 3; round++) {
    struct gc_handle_frame frame = gc_handles_enter(mutator);
    struct gc_handle list = gc_handle_push(mutator, gc_null());
    size_t count = fill(mutator, list, raw_bytes);
    assert_true(count > 0);
    fixture_check_list(mutator, gc_handle_get(list), count);
    assert_true(gc_is_null(gc_allocate(mutator, 1, raw_bytes, 0)));
    fixture_check_list(mutator, gc_handle_get(list), count);
    struct gc_memory_usage usage;
    gc_memory_usage(context->heap, &usage);
    assert_true(usage.heap_used_bytes <= usage.heap_limit_bytes);
    assert_true(usage.heap_total_bytes <= usage.heap_limit_bytes);
    /* What cannot be used is the nursery, the promotion reserve and a few blocks; and what does not
     * divide. */
    size_t bytes = gc_object_bytes_for(1, raw_bytes);
    size_t pages = bytes < GC_LARGE_BYTES ? bytes : (bytes + 4095) & ~(size_t)4095;
    if (raw_bytes <= (256 << 10)) {
      assert_true(count * pages > (size_t)(HEAP_MIB - 4) << 20);
    }
    if (round == 0) {
      first_count = count;
    }
    assert_true(count * 20 >= first_count * 19);
    gc_handles_leave(mutator, frame);
  }
  assert_false(gc_is_null(gc_allocate(mutator, 1, raw_bytes, 0)));
}

static void filling_with_small_objects(void **state) {
  filling_with(state, 16);
}

static void filling_with_middling_objects(void **state) {
  filling_with(state, 1000);
}

static void filling_with_objects_just_not_large(void **state) {
  filling_with(state, GC_LARGE_BYTES - 24);
}

static void filling_with_objects_just_large(void **state) {
  filling_with(state, GC_LARGE_BYTES - 16);
}

static void filling_with_large_objects(void **state) {
  filling_with(state, 200000);
}

static struct gc_ref links_after(struct gc_mutator *mutator, struct gc_ref link, size_t count) {
  for (; count > 0 && !gc_is_null(link); count--) {
    link = gc_read_field(mutator, link, 0);
  }
  return link;
}

/* Keeps `kept` links, drops `kept`, and so on. */
static void thin_out(struct gc_mutator *mutator, struct gc_ref link, size_t kept) {
  while (!gc_is_null(link)) {
    struct gc_ref last = links_after(mutator, link, kept - 1);
    if (gc_is_null(last)) {
      return;
    }
    struct gc_ref next = links_after(mutator, last, kept + 1);
    gc_write_field(mutator, last, 0, next);
    link = next;
  }
}

/* Of four fifths of a heap every second object is dropped: no block becomes free. Two fifths more
 * fit only when the holes between the others are filled. */
static void holes_are_used_again(void **state) {
  struct gc_mutator *mutator = ((struct context *)*state)->mutator;
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  size_t fifth = ((size_t)HEAP_MIB << 20) / 5 / gc_object_bytes_for(1, 504);
  struct gc_handle list = gc_handle_push(mutator, fixture_list(mutator, 4 * fifth, 504));
  assert_false(gc_is_null(gc_handle_get(list)));
  thin_out(mutator, gc_handle_get(list), 1);
  struct gc_handle more = gc_handle_push(mutator, fixture_list(mutator, 2 * fifth, 504));
  assert_false(gc_is_null(gc_handle_get(more)));
  fixture_check_list(mutator, gc_handle_get(more), 2 * fifth);
  gc_handles_leave(mutator, frame);
}

/* A heap that is full to the last byte goes on when half of it is dropped in long runs. */
static void a_full_heap_recovers(void **state) {
  struct gc_mutator *mutator = ((struct context *)*state)->mutator;
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle list = gc_handle_push(mutator, gc_null());
  size_t count = fill(mutator, list, 504);
  thin_out(mutator, gc_handle_get(list), 2000);
  struct gc_handle more = gc_handle_push(mutator, gc_null());
  size_t refilled = fill(mutator, more, 504);
  assert_true(refilled > count / 3);
  fixture_check_list(mutator, gc_handle_get(more), refilled);
  gc_handles_leave(mutator, frame);
}

static void usage_is_plausible(void **state) {
  const struct context *context = *state;
  struct gc_mutator *mutator = context->mutator;
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_memory_usage empty, full;
  gc_collect(mutator, GC_COLLECTION_FULL);
  gc_memory_usage(context->heap, &empty);
  gc_handle_push(mutator, fixture_list(mutator, 50000, 40));
  gc_collect(mutator, GC_COLLECTION_FULL);
  gc_memory_usage(context->heap, &full);
  size_t live = 50000 * gc_object_bytes_for(1, 40);
  assert_true(full.heap_used_bytes >= live && full.heap_used_bytes <= live + (1 << 20));
  assert_true(empty.heap_used_bytes < 1 << 20);
  assert_true(full.heap_total_bytes >= full.heap_used_bytes);
  assert_true(full.heap_total_bytes <= full.heap_limit_bytes);
  assert_int_equal(full.heap_limit_bytes, (uint64_t)HEAP_MIB << 20);
  assert_int_equal(full.external_bytes, 0);
  assert_int_equal(full.buffers_bytes, 0);
  assert_true(full.rss_bytes >= live);
  assert_true(full.machine_total_bytes > full.machine_free_bytes);
  assert_true(full.metadata_bytes > 0 && full.metadata_bytes < 8 << 20);
  gc_handles_leave(mutator, frame);
}

/* The bound of the old generation holds although the heap could be larger. */
static void old_space_has_a_bound_of_its_own(void **state) {
  (void)state;
  struct gc_options options = fixture_options(64);
  options.nursery_bytes = 1 << 20;
  options.max_old_space_mib = 8;
  options.verify_level = 1;
  struct gc_heap *heap = fixture_open(&options);
  struct gc_mutator *mutator = fixture_attach(heap);
  struct gc_handle list = gc_handle_push(mutator, gc_null());
  size_t count = fill(mutator, list, 1000);
  fixture_check_list(mutator, gc_handle_get(list), count);
  size_t bytes = count * gc_object_bytes_for(1, 1000);
  assert_true(bytes > 4 << 20);
  assert_true(bytes <= (8 << 20) + (1 << 20));
  assert_true(gc_is_null(gc_allocate(mutator, 0, 9 << 20, 0)));
  gc_detach(mutator);
  gc_heap_close(heap);
}

static void the_nursery_must_fit_into_the_heap(void **state) {
  (void)state;
  char error[512] = "";
  struct gc_heap *heap = NULL;
  struct gc_options options = fixture_options(4);
  options.nursery_bytes = 4 << 20;
  assert_true(gc_heap_open(&options, &heap, error, sizeof error) < 0);
  assert_string_not_equal(error, "");
  options.heap_bytes = 0;
  options.nursery_bytes = 0;
  error[0] = '\0';
  assert_true(gc_heap_open(&options, &heap, error, sizeof error) < 0);
  assert_string_not_equal(error, "");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(an_array_of_most_of_the_heap),
      TEST(large_objects_one_after_the_other),
      TEST(what_can_never_fit_is_refused_at_once),
      TEST(filling_with_small_objects),
      TEST(filling_with_middling_objects),
      TEST(filling_with_objects_just_not_large),
      TEST(filling_with_objects_just_large),
      TEST(filling_with_large_objects),
      TEST(holes_are_used_again),
      TEST(a_full_heap_recovers),
      TEST(usage_is_plausible),
      cmocka_unit_test(old_space_has_a_bound_of_its_own),
      cmocka_unit_test(the_nursery_must_fit_into_the_heap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
