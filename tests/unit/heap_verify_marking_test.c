/* The verifier while a cycle marks beside the mutators: every invariant it names then is broken by
 * hand once, and must be reported by its name.
 *
 * Each case runs in a child process: builds a small heap, begins a cycle, breaks one thing before
 * anything is marked, collects, and has to abort with the name of the invariant in what it prints.
 * The control case breaks nothing. Steps of marking would be seconds apart, so none interferes.
 *
 * Presets: release debug asan
 * Barrier: card_snapshot
 */
#include "heap/bitmap.h"
#include "heap/heap.h"
#include "heap/regrey.h"
#include "heap_fixture.h"

struct subject {
  struct gc_heap *heap;
  struct gc_mutator *mutator;
  struct gc_handle old;   /* one slot, which alone refers to the child; 64 raw bytes */
  struct gc_handle large; /* a large array */
  struct gc_ref child;
};

static void begin_cycle(const struct subject *subject) {
  while (!subject->heap->marking.is_active) {
    assert_false(gc_is_null(gc_allocate(subject->mutator, 1, 64, 0)));
  }
}

static struct subject make_subject(void) {
  struct gc_options options = fixture_options(16);
  options.collector = "incremental_snapshot";
  options.barrier = "card_snapshot";
  options.pause_target_ns = UINT64_C(10000000000);
  options.stress_full_every = 1;
  struct subject subject = {.heap = fixture_open(&options)};
  struct gc_mutator *mutator = subject.mutator = fixture_attach(subject.heap);
  subject.old = gc_handle_push(mutator, gc_allocate(mutator, 1, 64, 0));
  subject.large = gc_handle_push(mutator, gc_allocate(mutator, 10000, 0, 0));
  struct gc_ref child = gc_allocate(mutator, 0, 64, 0);
  gc_write_field(mutator, gc_handle_get(subject.old), 0, child);
  gc_collect(mutator, GC_COLLECTION_FULL);
  subject.child = gc_read_field(mutator, gc_handle_get(subject.old), 0);
  begin_cycle(&subject);
  return subject;
}

#include "broken_heap_fixture.h"

/* --- ways to break a heap ----------------------------------------------------------------------*/

static void grey_lost(const struct subject *subject) {
  subject->heap->marking.share.segments->count = 0;
}

/* The old value is not shaded. */
static void plain_store(const struct subject *subject) {
  gc_object_slot(gc_handle_get(subject->old), 0).location->address = 0;
}

static void shading_off(const struct subject *subject) {
  subject->mutator->shading = 0;
}

static void promotions_white(const struct subject *subject) {
  subject->heap->marking.promotion_colour = GC_WHITE;
}

static void new_large_white(const struct subject *subject) {
  struct gc_ref large = gc_allocate(subject->mutator, 10000, 0, 0);
  gc_large_of(gc_object_header(large))->marked = 0;
}

static void flagged_and_not_queued(const struct subject *subject) {
  (void)gc_regrey_set(gc_regrey_flag(gc_handle_get(subject->old)));
}

static void piece_flagged_and_not_queued(const struct subject *subject) {
  uintptr_t address = gc_handle_get(subject->large).address + 4 * GC_CARD_BYTES;
  (void)gc_regrey_set(gc_space_regrey_flag(&subject->heap->space, address));
}

static void overflow_untold(const struct subject *subject) {
  struct gc_heap *heap = subject->heap;
  heap->old.blocks[gc_space_block(&heap->space, subject->child.address)].overflowed = 1;
}

static void entry_in_the_middle(const struct subject *subject) {
  subject->heap->marking.share.segments->words[0] = subject->child.address + 16;
}

static void mark_of_no_object(const struct subject *subject) {
  size_t granule = gc_space_granule(&subject->heap->space, subject->child.address);
  gc_bitmap_mark_plain(subject->heap->space.mark_bits, granule + 2, granule + 5);
}

/* --- running one -------------------------------------------------------------------------------*/

BROKEN_HEAP_CASE(grey_lost, "snapshot-reachable")
BROKEN_HEAP_CASE(plain_store, "snapshot-reachable")
BROKEN_HEAP_CASE(shading_off, "shading-agrees")
BROKEN_HEAP_CASE(promotions_white, "shading-agrees")
BROKEN_HEAP_CASE(new_large_white, "promotions-are-coloured")
BROKEN_HEAP_CASE(flagged_and_not_queued, "regrey-has-entry")
BROKEN_HEAP_CASE(piece_flagged_and_not_queued, "regrey-has-entry")
BROKEN_HEAP_CASE(overflow_untold, "overflow-is-flagged")
BROKEN_HEAP_CASE(entry_in_the_middle, "refers-to-object")
BROKEN_HEAP_CASE(mark_of_no_object, "marked-is-live")

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_break_nothing),
      cmocka_unit_test(test_grey_lost),
      cmocka_unit_test(test_plain_store),
      cmocka_unit_test(test_shading_off),
      cmocka_unit_test(test_promotions_white),
      cmocka_unit_test(test_new_large_white),
      cmocka_unit_test(test_flagged_and_not_queued),
      cmocka_unit_test(test_piece_flagged_and_not_queued),
      cmocka_unit_test(test_overflow_untold),
      cmocka_unit_test(test_entry_in_the_middle),
      cmocka_unit_test(test_mark_of_no_object),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
