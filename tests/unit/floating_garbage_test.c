/* Floating garbage to the byte: cycles that are begun and ended by hand, with objects of known size
 * dropped in between.
 *
 * The heap marks incrementally with a target so long that nobody takes a step but this test. All
 * links of a list have one slot and 40 raw bytes: 56 bytes with their header.
 *
 * Presets: release debug asan
 */
#include "heap_fixture.h"

#include "collectors/cycle.h"
#include "harness/ring.h"
#include "heap/floating_garbage.h"
#include "heap/recording.h"
#include "heap/trace.h"
#include <gc/weak.h>
#include <stdio.h>

enum { LINK_RAW_BYTES = 40, LINK_BYTES = 56, LARGE_RAW_BYTES = 100000 };

struct scene {
  struct gc_heap *heap;
  struct gc_mutator *mutator;
};

static struct scene open_scene(const char *mark, const char *barrier) {
  static char collector[128];
  char error[256] = "";
  struct gc_options options = fixture_options(16);
  snprintf(collector, sizeof collector, "mark=%s,sweep=eager,barrier=%s", mark, barrier);
  options.collector = collector;
  options.barrier = barrier;
  options.gc_threads = 1;
  options.floating_garbage = true;
  options.pause_target_ns = UINT64_C(1000) * 1000000000;
  struct scene scene = {.heap = fixture_open(&options)};
  scene.mutator = gc_attach_compiled(scene.heap, barrier, error, sizeof error);
  assert_non_null(scene.mutator);
  return scene;
}

static void close_scene(struct scene *scene) {
  gc_detach(scene->mutator);
  gc_heap_close(scene->heap);
}

static struct gc_handle push_list(struct scene *scene, size_t count) {
  return gc_handle_push(scene->mutator, fixture_list(scene->mutator, count, LINK_RAW_BYTES));
}

static void begin_cycle(struct scene *scene) {
  assert_true(gc_stop_begin(scene->heap, scene->mutator, GC_REASON_stress));
  gc_cycle_begin_marking_stw(gc_cycle_of(scene->heap));
  gc_stop_end(scene->heap, scene->mutator, GC_PAUSE_cycle_begin);
}

static void end_cycle(struct scene *scene) {
  assert_true(gc_stop_begin(scene->heap, scene->mutator, GC_REASON_stress));
  assert_true(gc_cycle_finish_marking_stw(gc_cycle_of(scene->heap), GC_PAUSE_remark, 0));
  gc_stop_end(scene->heap, scene->mutator, GC_PAUSE_remark);
}

/* The last one recorded, and how many there are. */
static struct gc_event_floating_garbage last_record(struct scene *scene, size_t *count) {
  struct gc_event_floating_garbage last = {0};
  *count = 0;
  for (size_t index = 0; index < gc_recording_ring_count(scene->heap); index++) {
    const struct gc_event_ring *ring = gc_recording_ring(scene->heap, index);
    for (size_t head = 0; head < ring->used_words; head = ring_next(ring, head)) {
      if (ring_number_at(ring, head) == GC_EVENT_floating_garbage) {
        memcpy(&last, ring_fields_at(ring, head), sizeof last);
        ++*count;
      }
    }
  }
  return last;
}

static void expect(struct scene *scene, uint64_t floating_objects, uint64_t floating_bytes,
                   uint64_t kept_objects, uint64_t kept_bytes) {
  size_t count;
  struct gc_event_floating_garbage last = last_record(scene, &count);
  assert_true(count > 0);
  assert_int_equal(last.cycle, scene->heap->cycle_count);
  assert_int_equal(last.stop_id, scene->heap->statistics.stop_count);
  assert_int_equal(last.is_known, 1);
  assert_true(last.begin_ns <= last.end_ns);
  assert_int_equal(last.floating_objects, floating_objects);
  assert_int_equal(last.floating_bytes, floating_bytes);
  assert_int_equal(last.marked_objects, floating_objects + kept_objects);
  assert_int_equal(last.marked_bytes, floating_bytes + kept_bytes);
}

/* --- tests -------------------------------------------------------------------------------------*/

static void test_stopped_marking_has_none(void **state) {
  (void)state;
  struct scene scene = open_scene("stw", "card");
  push_list(&scene, 100);
  struct gc_handle dropped = push_list(&scene, 1000);
  gc_collect(scene.mutator, GC_COLLECTION_FULL);
  expect(&scene, 0, 0, 1100, 1100 * LINK_BYTES);
  gc_handle_set(scene.mutator, dropped, gc_null());
  gc_collect(scene.mutator, GC_COLLECTION_FULL);
  expect(&scene, 0, 0, 100, 100 * LINK_BYTES);
  close_scene(&scene);
}

/* Roots were grey when it was dropped, whichever invariant the barrier keeps. */
static void dropped_while_marking(const char *barrier) {
  struct scene scene = open_scene("incremental", barrier);
  push_list(&scene, 100);
  struct gc_handle dropped = push_list(&scene, 1000);
  struct gc_handle large =
      gc_handle_push(scene.mutator, gc_allocate(scene.mutator, 0, LARGE_RAW_BYTES, 0));
  size_t large_bytes = gc_object_size_bytes(gc_handle_get(large));
  begin_cycle(&scene);
  gc_handle_set(scene.mutator, dropped, gc_null());
  gc_handle_set(scene.mutator, large, gc_null());
  end_cycle(&scene);
  expect(&scene, 1001, 1000 * LINK_BYTES + large_bytes, 100, 100 * LINK_BYTES);
  begin_cycle(&scene); /* the next one finds it dead */
  end_cycle(&scene);
  expect(&scene, 0, 0, 100, 100 * LINK_BYTES);
  close_scene(&scene);
}

static void test_dropped_while_marking(void **state) {
  (void)state;
  dropped_while_marking("card_snapshot");
  dropped_while_marking("card_insertion");
  dropped_while_marking("card_hybrid");
}

/* Under the snapshot promotions are black; what dies before the remark was born too late for it. */
static void test_promoted_black(void **state) {
  (void)state;
  struct scene scene = open_scene("incremental", "card_snapshot");
  push_list(&scene, 100);
  begin_cycle(&scene);
  struct gc_handle promoted = push_list(&scene, 30);
  gc_collect(scene.mutator, GC_COLLECTION_MINOR);
  gc_collect(scene.mutator, GC_COLLECTION_MINOR);
  assert_false(gc_is_young(scene.mutator, gc_handle_get(promoted)));
  gc_handle_set(scene.mutator, promoted, gc_null());
  end_cycle(&scene);
  expect(&scene, 30, 30 * LINK_BYTES, 100, 100 * LINK_BYTES);
  close_scene(&scene);
}

/* Only a young object refers to the list when marking ends. */
static void test_kept_by_young(void **state) {
  (void)state;
  struct scene scene = open_scene("incremental", "card_snapshot");
  struct gc_handle list = push_list(&scene, 100);
  begin_cycle(&scene);
  struct gc_ref young = gc_allocate(scene.mutator, 1, 0, 0);
  gc_init_field(scene.mutator, young, 0, gc_handle_get(list));
  gc_handle_set(scene.mutator, list, young);
  end_cycle(&scene);
  assert_true(gc_is_young(scene.mutator, gc_handle_get(list)));
  expect(&scene, 0, 0, 100, 100 * LINK_BYTES);
  close_scene(&scene);
}

/* A chain: the first ephemeron's value is the second's key. Their keys decide, not they. */
static void test_ephemerons(void **state) {
  (void)state;
  struct scene scene = open_scene("incremental", "card_snapshot");
  struct gc_mutator *mutator = scene.mutator;
  struct gc_handle key = push_list(&scene, 1), middle = push_list(&scene, 10);
  struct gc_handle end = push_list(&scene, 100);
  struct gc_handle second = gc_handle_push(mutator, gc_ephemeron_allocate(mutator, middle, end));
  struct gc_handle first = gc_handle_push(mutator, gc_ephemeron_allocate(mutator, key, middle));
  size_t ephemeron_bytes = gc_object_size_bytes(gc_handle_get(first));
  gc_handle_set(mutator, middle, gc_null());
  gc_handle_set(mutator, end, gc_null());
  begin_cycle(&scene);
  end_cycle(&scene);
  expect(&scene, 0, 0, 113, 111 * LINK_BYTES + 2 * ephemeron_bytes);
  assert_false(gc_is_null(gc_ephemeron_value(mutator, gc_handle_get(second))));
  begin_cycle(&scene);
  gc_handle_set(mutator, key, gc_null());
  end_cycle(&scene);
  expect(&scene, 111, 111 * LINK_BYTES, 2, 2 * ephemeron_bytes);
  close_scene(&scene);
}

static void test_not_unless_asked_for(void **state) {
  (void)state;
  struct gc_options options = fixture_options(16);
  assert_false(options.floating_garbage);
  struct scene scene = {.heap = fixture_open(&options)};
  scene.mutator = fixture_attach(scene.heap);
  gc_collect(scene.mutator, GC_COLLECTION_FULL);
  size_t count;
  (void)last_record(&scene, &count);
  assert_int_equal(count, 0);
  close_scene(&scene);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_stopped_marking_has_none),
      cmocka_unit_test(test_dropped_while_marking),
      cmocka_unit_test(test_promoted_black),
      cmocka_unit_test(test_kept_by_young),
      cmocka_unit_test(test_ephemerons),
      cmocka_unit_test(test_not_unless_asked_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
