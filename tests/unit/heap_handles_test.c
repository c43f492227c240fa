/* Handles and roots: frames, the watermark, and what collections do to them.
 *
 * Invariant `watermark-holds-no-young`: no handle below the watermark holds a young reference. The
 * verifier checks it after every collection here.
 *
 * Presets: release debug asan ubsan
 */
#include "heap_fixture.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct context {
  struct gc_heap *heap;
  struct gc_mutator *mutator;
};

static int set_up(void **state) {
  static struct context context;
  struct gc_options options = fixture_options(16);
  options.nursery_bytes = 256 << 10;
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

static struct gc_ref make_number(struct gc_mutator *mutator, uint64_t number) {
  struct gc_ref object = gc_allocate(mutator, 0, 8, 0);
  assert_false(gc_is_null(object));
  *(uint64_t *)gc_object_raw(object, 0) = number;
  return object;
}

static uint64_t number_of(struct gc_handle handle) {
  return *(uint64_t *)gc_object_raw(gc_handle_get(handle), 0);
}

static void frames_nest_and_restore_the_top(void **state) {
  struct gc_mutator *mutator = ((struct context *)*state)->mutator;
  struct gc_ref *bottom = mutator->handle_top;
  struct gc_handle_frame outer = gc_handles_enter(mutator);
  gc_handle_push(mutator, gc_null());
  struct gc_handle_frame inner = gc_handles_enter(mutator);
  for (int count = 0; count < 1000; count++) {
    gc_handle_push(mutator, gc_null());
  }
  gc_handles_leave(mutator, inner);
  assert_ptr_equal(mutator->handle_top, bottom + 1);
  gc_handles_leave(mutator, outer);
  assert_ptr_equal(mutator->handle_top, bottom);
}

static void handles_follow_objects_that_move(void **state) {
  struct gc_mutator *mutator = ((struct context *)*state)->mutator;
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  enum { COUNT = 3000 };
  static struct gc_handle handles[COUNT];
  for (uint64_t number = 0; number < COUNT; number++) {
    handles[number] = gc_handle_push(mutator, make_number(mutator, number));
  }
  bool moved = false;
  for (int collection = 0; collection < 4; collection++) {
    uintptr_t before = gc_handle_get(handles[0]).address;
    gc_collect(mutator, collection == 2 ? GC_COLLECTION_FULL : GC_COLLECTION_MINOR);
    moved |= gc_handle_get(handles[0]).address != before;
    for (uint64_t number = 0; number < COUNT; number++) {
      assert_int_equal(number_of(handles[number]), number);
    }
  }
  assert_true(moved);
  gc_handles_leave(mutator, frame);
}

/* A store deep below the watermark must lower it, or the scavenge after it loses the object. */
static void a_store_below_the_watermark_is_seen(void **state) {
  struct gc_mutator *mutator = ((struct context *)*state)->mutator;
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  enum { COUNT = 1000 };
  static struct gc_handle handles[COUNT];
  for (uint64_t number = 0; number < COUNT; number++) {
    handles[number] = gc_handle_push(mutator, make_number(mutator, number));
  }
  for (uint64_t round = 0; round < 50; round++) {
    gc_collect(mutator,
               GC_COLLECTION_FULL); /* nothing is young: the watermark may rise to the top */
    uint64_t place = round * 7919 % COUNT;
    gc_handle_set(mutator, handles[place], make_number(mutator, place));
    assert_true(mutator->handle_watermark <= handles[place].location);
    gc_collect(mutator, GC_COLLECTION_MINOR);
    assert_int_equal(number_of(handles[place]), place);
  }
  gc_handles_leave(mutator, frame);
}

/* A frame left and entered again below the old watermark. */
static void a_frame_entered_again_is_seen(void **state) {
  struct gc_mutator *mutator = ((struct context *)*state)->mutator;
  for (uint64_t round = 0; round < 50; round++) {
    struct gc_handle_frame frame = gc_handles_enter(mutator);
    for (uint64_t number = 0; number < 20; number++) {
      gc_handle_push(mutator, make_number(mutator, number));
    }
    gc_collect(mutator, GC_COLLECTION_FULL);
    gc_handles_leave(mutator, frame);
    frame = gc_handles_enter(mutator);
    struct gc_handle handle = gc_handle_push(mutator, make_number(mutator, round));
    gc_collect(mutator, GC_COLLECTION_MINOR);
    assert_int_equal(number_of(handle), round);
    gc_handles_leave(mutator, frame);
  }
}

/* The watermark does its work: with a deep stack of old handles it stands above most of them. */
static void the_watermark_rises_over_old_handles(void **state) {
  struct gc_mutator *mutator = ((struct context *)*state)->mutator;
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  for (uint64_t number = 0; number < 1000; number++) {
    gc_handle_push(mutator, make_number(mutator, number));
  }
  struct gc_ref *top = mutator->handle_top;
  gc_collect(mutator, GC_COLLECTION_FULL);
  gc_collect(mutator, GC_COLLECTION_MINOR);
  assert_true(mutator->handle_watermark > frame.top + 500);
  assert_true(mutator->handle_watermark <= top);
  gc_handles_leave(mutator, frame);
  assert_true(mutator->handle_watermark <= frame.top);
}

static void a_hundred_thousand_handles(void **state) {
  struct gc_mutator *mutator = ((struct context *)*state)->mutator;
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle first = gc_handle_push(mutator, make_number(mutator, 0));
  for (uint64_t number = 1; number < 100000; number++) {
    gc_handle_push(mutator, number % 10 == 0 ? make_number(mutator, number) : gc_null());
  }
  gc_collect(mutator, GC_COLLECTION_FULL);
  for (uint64_t number = 0; number < 100000; number += 10) {
    assert_int_equal(number_of((struct gc_handle){first.location + number}), number);
  }
  gc_handles_leave(mutator, frame);
}

/* Running past the end of the handle stack faults on a guard page; it overwrites nothing. */
static void the_handle_stack_ends_in_a_guard_page(void **state) {
  const struct context *context = *state;
  size_t capacity = GC_HANDLE_STACK_BYTES / sizeof(struct gc_ref);
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0) {
    struct gc_mutator *mutator = context->mutator;
    close(STDERR_FILENO);
    signal(SIGSEGV, SIG_DFL);             /* which the test framework would take for its own */
    mutator->handle_top += capacity - 10; /* as if that many had been pushed */
    for (size_t count = 0; count < 100; count++) {
      gc_handle_push(mutator, gc_null());
      char pushed = 'p';
      if (write(ends[1], &pushed, 1) != 1) {
        break;
      }
    }
    _exit(0);
  }
  close(ends[1]);
  char pushed[100];
  size_t count = 0;
  for (ssize_t got; (got = read(ends[0], pushed, sizeof pushed)) > 0;) {
    count += (size_t)got;
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  assert_true(status != 0);
  assert_int_equal(count, 10);
}

static void roots_hold_and_let_go(void **state) {
  const struct context *context = *state;
  struct gc_mutator *mutator = context->mutator;
  enum { COUNT = 100 };
  struct gc_root *roots[COUNT];
  for (uint64_t number = 0; number < COUNT; number++) {
    roots[number] = gc_root_create(mutator, make_number(mutator, number));
    assert_non_null(roots[number]);
  }
  gc_root_set(mutator, roots[5], gc_null());
  gc_collect(mutator, GC_COLLECTION_MINOR);
  gc_collect(mutator, GC_COLLECTION_FULL);
  struct gc_statistics statistics;
  gc_statistics_read(context->heap, &statistics);
  assert_int_equal(statistics.last_marked_objects, COUNT - 1);
  assert_int_equal(statistics.last_live_bytes, (COUNT - 1) * 16);
  for (uint64_t number = 0; number < COUNT; number++) {
    struct gc_ref object = gc_root_get(roots[number]);
    assert_int_equal(gc_is_null(object), number == 5);
    assert_true(number == 5 || *(uint64_t *)gc_object_raw(object, 0) == number);
  }
  for (uint64_t number = 0; number < COUNT; number++) {
    gc_root_destroy(mutator, roots[number * 37 % COUNT]);
  }
  gc_collect(mutator, GC_COLLECTION_FULL);
  gc_statistics_read(context->heap, &statistics);
  assert_int_equal(statistics.last_marked_objects, 0);
  assert_int_equal(statistics.last_live_bytes, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(frames_nest_and_restore_the_top),       TEST(handles_follow_objects_that_move),
      TEST(a_store_below_the_watermark_is_seen),   TEST(a_frame_entered_again_is_seen),
      TEST(the_watermark_rises_over_old_handles),  TEST(a_hundred_thousand_handles),
      TEST(the_handle_stack_ends_in_a_guard_page), TEST(roots_hold_and_let_go),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
