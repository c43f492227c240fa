/* Baselines: memory managers that stand in for the heap.
 *
 * What handles and global roots refer to survives libgc's collections, large objects and the insides
 * of arrays included; what malloc is told to be dead is freed and counted; every collection is
 * a pause of its mutator; barriers with side tables, weak references and
 * images are refused.
 *
 * Barrier: none
 * Presets: release
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collectors/collector.h"
#include "collectors/libgc.h"
#include "heap/recording.h"
#include <errno.h>
#include <gc/gc.h>
#include <gc/image.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct gc_heap *open_heap(const char *collector) {
  struct gc_options options = gc_options_default();
  struct gc_heap *heap = NULL;
  char error[256];
  options.collector = collector;
  options.pretouch = false;
  if (gc_heap_open(&options, &heap, error, sizeof error) != 0) {
    fail_msg("%s", error);
  }
  return heap;
}

static struct gc_mutator *attach(struct gc_heap *heap) {
  char error[256];
  struct gc_mutator *mutator = gc_attach(heap, error, sizeof error);
  if (mutator == NULL) {
    fail_msg("%s", error);
  }
  return mutator;
}

static void skip_without_libgc(void) {
  char error[256];
  if (gc_libgc_find(error, sizeof error) != 0) {
    skip();
  }
}

/* Lists of 1,000 objects, each of the age at which it was made; `length` of them in an array. */
enum { LISTS = 64, LIST_LENGTH = 1000, GARBAGE_BYTES = 96 << 20 };

static void make_lists(struct gc_mutator *mutator, struct gc_handle lists) {
  for (size_t place = 0; place < (size_t)LISTS * LIST_LENGTH; place++) {
    struct gc_ref object = gc_allocate(mutator, 1, sizeof(uint64_t), 0);
    assert_false(gc_is_null(object));
    *(uint64_t *)gc_object_raw(object, 1) = place;
    gc_init_field(mutator, object, 0, gc_read_field(mutator, gc_handle_get(lists), place % LISTS));
    gc_write_field(mutator, gc_handle_get(lists), place % LISTS, object);
  }
}

static void make_garbage(struct gc_mutator *mutator) {
  for (size_t bytes = 0; bytes < GARBAGE_BYTES; bytes += 1024) {
    struct gc_ref object = gc_allocate(mutator, 2, 1000, 0);
    assert_false(gc_is_null(object));
    memset(gc_object_raw(object, 2), 0xa5, 1000);
  }
}

static void check_lists(struct gc_mutator *mutator, struct gc_ref lists) {
  assert_int_equal(gc_object_slot_count(lists), 8192);
  for (size_t list = 0; list < LISTS; list++) {
    struct gc_ref object = gc_read_field(mutator, lists, list);
    for (size_t place = LIST_LENGTH; place > 0; place--) {
      assert_false(gc_is_null(object));
      assert_int_equal(*(uint64_t *)gc_object_raw(object, 1), (place - 1) * LISTS + list);
      object = gc_read_field(mutator, object, 0);
    }
    assert_true(gc_is_null(object));
  }
}

/* A large array of lists in a handle, and another in a global root. */
static void keep_while_garbage_is_made(struct gc_mutator *mutator) {
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle lists = gc_handle_push(mutator, gc_allocate(mutator, 8192, 0, 0));
  struct gc_handle others = gc_handle_push(mutator, gc_allocate(mutator, 8192, 0, 0));
  make_lists(mutator, lists);
  make_lists(mutator, others);
  struct gc_root *root = gc_root_create(mutator, gc_handle_get(others));
  gc_handle_set(mutator, others, gc_null());
  make_garbage(mutator);
  gc_collect(mutator, GC_COLLECTION_FULL);
  make_garbage(mutator);
  check_lists(mutator, gc_handle_get(lists));
  check_lists(mutator, gc_root_get(root));
  gc_root_destroy(mutator, root);
  gc_handles_leave(mutator, frame);
}

static void roots_keep_under_bdwgc(void **state) {
  (void)state;
  skip_without_libgc();
  struct gc_heap *heap = open_heap("bdwgc");
  struct gc_mutator *mutator = attach(heap);
  uint64_t before = gc_libgc_last_collection()->number;
  keep_while_garbage_is_made(mutator);
  struct gc_memory_usage usage;
  gc_memory_usage(heap, &usage);
  assert_true(usage.heap_total_bytes < GARBAGE_BYTES);
  assert_true(gc_libgc_last_collection()->number > before + 2);
  gc_detach(mutator);
  gc_heap_close(heap);
}

/* Records of that event in a mutator's ring. */
static size_t count_events(const struct gc_event_ring *ring, enum gc_event_number number) {
  size_t count = 0;
  for (size_t head = 0; head < ring->used_words; head += 1 + (ring->words[head] >> 16 & 0xffff)) {
    count += (ring->words[head] & 0xffff) == number;
  }
  return count;
}

static void collections_are_pauses(void **state) {
  (void)state;
  skip_without_libgc();
  struct gc_heap *heap = open_heap("bdwgc");
  struct gc_mutator *mutator = attach(heap);
  uint64_t before = gc_libgc_last_collection()->number;
  make_garbage(mutator);
  gc_detach(mutator);
  uint64_t collections = gc_libgc_last_collection()->number - before;
  const struct gc_event_ring *ring =
      gc_recording_ring(heap, gc_recording_ring_count(heap) - 1); /* workers come first */
  assert_true(collections > 0);
  assert_int_equal(count_events(ring, GC_EVENT_pause), collections);
  assert_int_equal(count_events(ring, GC_EVENT_stop), collections);
  gc_heap_close(heap);
}

static void malloc_frees_what_it_is_told(void **state) {
  (void)state;
  struct gc_heap *heap = open_heap("malloc");
  struct gc_mutator *mutator = attach(heap);
  assert_true(gc_disposes(mutator));
  struct gc_ref small = gc_allocate(mutator, 3, 40, 0);
  struct gc_ref large = gc_allocate(mutator, 10000, 8, 0);
  assert_int_equal(gc_object_slot_count(large), 10000);
  assert_int_equal(gc_object_size_bytes(large), gc_object_bytes_for(10000, 8));
  assert_true(gc_is_null(gc_read_field(mutator, large, 9999)));
  gc_write_field(mutator, large, 9999, small);
  gc_dispose(mutator, small);
  gc_dispose(mutator, large);
  gc_dispose(mutator, gc_allocate(mutator, 0, 8, 0));
  gc_detach(mutator);
  struct gc_statistics statistics;
  struct gc_memory_usage usage;
  gc_statistics_read(heap, &statistics);
  gc_memory_usage(heap, &usage);
  uint64_t bytes = gc_object_bytes_for(3, 40) + gc_object_bytes_for(10000, 8);
  assert_int_equal(statistics.allocated_bytes, bytes + gc_object_bytes_for(0, 8));
  assert_int_equal(usage.heap_used_bytes, 0);
  assert_int_equal(usage.peak_used_bytes, bytes);
  gc_heap_close(heap);
}

static uint64_t used_bytes_of(struct gc_heap *heap) {
  struct gc_memory_usage usage;
  gc_memory_usage(heap, &usage);
  return usage.heap_used_bytes;
}

/* Of two mutators, the second disposes of what the first made, and leaves first. */
static void malloc_counts_attached_mutators(void **state) {
  (void)state;
  struct gc_heap *heap = open_heap("malloc");
  struct gc_mutator *maker = attach(heap), *other = attach(heap);
  struct gc_ref kept = gc_allocate(maker, 3, 40, 0), given = gc_allocate(maker, 3, 1000, 0);
  struct gc_statistics statistics;
  gc_statistics_read(heap, &statistics);
  uint64_t kept_bytes = gc_object_bytes_for(3, 40), given_bytes = gc_object_bytes_for(3, 1000);
  assert_int_equal(statistics.allocated_bytes, kept_bytes + given_bytes);
  assert_int_equal(used_bytes_of(heap), kept_bytes + given_bytes);
  gc_dispose(other, given);
  assert_int_equal(used_bytes_of(heap), kept_bytes);
  gc_detach(other);
  assert_int_equal(used_bytes_of(heap), kept_bytes);
  gc_dispose(maker, kept);
  gc_detach(maker);
  assert_int_equal(used_bytes_of(heap), 0);
  gc_heap_close(heap);
}

static void disposing_is_nothing_elsewhere(void **state) {
  (void)state;
  struct gc_heap *heap = open_heap("mark_sweep");
  struct gc_mutator *mutator = attach(heap);
  assert_false(gc_disposes(mutator));
  struct gc_ref object = gc_allocate(mutator, 0, 8, 0);
  *(uint64_t *)gc_object_raw(object, 0) = 42;
  gc_dispose(mutator, object);
  assert_int_equal(*(uint64_t *)gc_object_raw(object, 0), 42);
  gc_detach(mutator);
  gc_heap_close(heap);
}

static void barriers_are_refused(void **state) {
  (void)state;
  static const char *const collectors[] = {"malloc", "bdwgc"};
  for (size_t index = 0; index < 2; index++) {
    struct gc_options options = gc_options_default();
    char error[256] = "";
    options.collector = collectors[index];
    options.barrier = "card_snapshot";
    assert_int_not_equal(gc_collector_check(&options, error, sizeof error), 0);
    assert_non_null(strstr(error, "outside of the heap"));
  }
}

static void ask_for_weak_cell(void) {
  struct gc_mutator *mutator = attach(open_heap("malloc"));
  struct gc_handle handle = gc_handle_push(mutator, gc_null());
  (void)gc_is_null(gc_weak_allocate(mutator, handle));
}

static void weak_references_are_refused(void **state) {
  (void)state;
  int ends[2], status = 0;
  char said[1024] = "";
  assert_int_equal(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    ask_for_weak_cell();
    _exit(0);
  }
  close(ends[1]);
  assert_true(read(ends[0], said, sizeof said - 1) > 0);
  close(ends[0]);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  assert_non_null(strstr(said, "a baseline has no weak references"));
}

static void images_are_refused(void **state) {
  (void)state;
  struct gc_heap *heap = open_heap("malloc");
  struct gc_mutator *mutator = attach(heap);
  struct gc_image image;
  assert_int_equal(gc_image_capture(mutator, GC_IMAGE_PASSING_IDS, &image), -ENOTSUP);
  assert_int_equal(image.node_count, 0);
  gc_image_free(&image);
  gc_detach(mutator);
  gc_heap_close(heap);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(
          weak_references_are_refused), /* before libgc has threads to lose in a fork */
      cmocka_unit_test(roots_keep_under_bdwgc),
      cmocka_unit_test(collections_are_pauses),
      cmocka_unit_test(malloc_frees_what_it_is_told),
      cmocka_unit_test(malloc_counts_attached_mutators),
      cmocka_unit_test(disposing_is_nothing_elsewhere),
      cmocka_unit_test(barriers_are_refused),
      cmocka_unit_test(images_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
