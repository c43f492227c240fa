/* A shading barrier's slow half that looks at a whole large object is a pause of kind barrier_slow,
 * with its CPU time; one that looks at a small object is none.
 *
 * Barrier: snapshot
 * Presets: release debug
 */
#include "harness/ring.h"
#include "heap/heap.h"
#include "heap_fixture.h"

enum { SMALL_SLOTS = 100, LARGE_SLOTS = 1000000 };

struct found {
  struct gc_event_pause pause;
  size_t pauses, phases;
};

static struct found read_ring(const struct gc_event_ring *ring) {
  struct found found = {0};
  for (size_t head = 0; head < ring->used_words; head = ring_next(ring, head)) {
    if (ring_number_at(ring, head) == GC_EVENT_pause) {
      found.pause = *(const struct gc_event_pause *)(const void *)ring_fields_at(ring, head);
      found.pauses++;
    } else if (ring_number_at(ring, head) == GC_EVENT_phase) {
      const struct gc_event_phase *phase = (const void *)ring_fields_at(ring, head);
      assert_true(phase->stop_id == 0 && phase->phase == GC_PHASE_MARK && phase->cpu_ns > 0);
      found.phases++;
    }
  }
  return found;
}

/* As while a cycle marks, but that nothing does. */
static void change_object(struct gc_mutator *mutator, size_t slot_count) {
  struct gc_ref object = gc_allocate(mutator, slot_count, 0, 0);
  assert_false(gc_is_null(object));
  mutator->shading = 1;
  gc_object_change_begin(mutator, object);
  gc_object_change_end(mutator, object);
  mutator->shading = 0;
}

static void test_object_is_shaded(void **state) {
  (void)state;
  struct gc_options options = fixture_options(64);
  options.collector = "mark_sweep";
  options.barrier = "snapshot";
  struct gc_heap *heap = fixture_open(&options);
  struct gc_mutator *mutator = fixture_attach(heap);
  const struct gc_event_ring *ring = &mutator->private_part->ring;
  change_object(mutator, SMALL_SLOTS);
  assert_int_equal(read_ring(ring).pauses, 0);
  change_object(mutator, LARGE_SLOTS);
  struct found found = read_ring(ring);
  assert_int_equal(found.pauses, 1);
  assert_int_equal(found.phases, 1);
  assert_int_equal(found.pause.kind, GC_PAUSE_barrier_slow);
  assert_int_equal(found.pause.stop_id, 0);
  gc_detach(mutator);
  gc_heap_close(heap);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_object_is_shaded)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
