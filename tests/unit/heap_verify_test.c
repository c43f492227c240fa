/* The verifier itself: every invariant it names is broken by hand once, and must be reported by its
 * name.
 *
 * Each case runs in a child process: builds a small heap, breaks one thing, collects, and has to
 * abort with the name of the invariant in what it prints. The control case breaks nothing.
 *
 * Presets: release debug asan
 */
#include "heap/bitmap.h"
#include "heap/heap.h"
#include "heap_fixture.h"

struct subject {
  struct gc_heap *heap;
  struct gc_mutator *mutator;
  struct gc_handle old;   /* an old object: one slot, null; 64 raw bytes */
  struct gc_handle other; /* another, behind it in the same block */
  struct gc_handle large; /* a large array */
  struct gc_handle young; /* a young object */
};

static struct subject make_subject(void) {
  struct gc_options options = fixture_options(16);
  struct subject subject = {.heap = fixture_open(&options)};
  struct gc_mutator *mutator = subject.mutator = fixture_attach(subject.heap);
  subject.old = gc_handle_push(mutator, gc_allocate(mutator, 1, 64, 0));
  subject.other = gc_handle_push(mutator, gc_allocate(mutator, 1, 64, 0));
  subject.large = gc_handle_push(mutator, gc_allocate(mutator, 10000, 0, 0));
  gc_collect(mutator, GC_COLLECTION_FULL);
  gc_collect(mutator, GC_COLLECTION_FULL);
  subject.young = gc_handle_push(mutator, gc_allocate(mutator, 1, 64, 0));
  return subject;
}

static uint64_t *header_of(struct gc_handle handle) {
  return gc_ref_address(gc_handle_get(handle));
}

static size_t granule_of(const struct subject *subject, struct gc_handle handle) {
  return gc_space_granule(&subject->heap->space, gc_handle_get(handle).address);
}

static size_t block_of(const struct subject *subject) {
  return gc_space_block(&subject->heap->space, gc_handle_get(subject->old).address);
}

#include "broken_heap_fixture.h"

/* --- ways to break a heap ----------------------------------------------------------------------*/

static void forget_to_remember(const struct subject *subject) {
  *gc_object_slot(gc_handle_get(subject->old), 0).location = gc_handle_get(subject->young);
}

static void forget_to_remember_in_large(const struct subject *subject) {
  *gc_object_slot(gc_handle_get(subject->large), 9999).location = gc_handle_get(subject->young);
}

static void refer_into_an_object(const struct subject *subject) {
  struct gc_ref inside = {gc_handle_get(subject->other).address + 8};
  *gc_object_slot(gc_handle_get(subject->old), 0).location = inside;
}

static void refer_to_free_space(const struct subject *subject) {
  struct gc_ref nothing = {gc_handle_get(subject->other).address + 4096};
  *gc_object_slot(gc_handle_get(subject->old), 0).location = nothing;
}

static void refer_outside(const struct subject *subject) {
  *gc_object_slot(gc_handle_get(subject->large), 5).location =
      (struct gc_ref){(uintptr_t)subject->heap & ~(uintptr_t)7};
}

static void refer_into_large(const struct subject *subject) {
  struct gc_ref inside = {gc_handle_get(subject->large).address + 4096};
  *gc_object_slot(gc_handle_get(subject->old), 0).location = inside;
}

static void refer_to_unaligned(const struct subject *subject) {
  struct gc_ref unaligned = {gc_handle_get(subject->other).address + 1};
  *gc_object_slot(gc_handle_get(subject->old), 0).location = unaligned;
}

static void stale_handle(const struct subject *subject) {
  *subject->old.location =
      (struct gc_ref){subject->heap->nursery.eden_start + subject->heap->nursery.eden_bytes - 64};
}

static void overlapping_young(const struct subject *subject) {
  struct gc_ref young = gc_handle_get(subject->young);
  struct gc_ref inside = {young.address + 32};
  *(uint64_t *)inside.address = gc_header_make(16, 0, 0);
  gc_handle_push(subject->mutator, inside);
}

static void raise_watermark(const struct subject *subject) {
  subject->mutator->handle_watermark = subject->mutator->handle_top;
}

static void forwarded_header(const struct subject *subject) {
  *header_of(subject->old) = gc_handle_get(subject->other).address;
}

static void header_with_wrong_size(const struct subject *subject) {
  *header_of(subject->old) = gc_header_make(160, 1, 0);
}

static void header_with_too_many_slots(const struct subject *subject) {
  *header_of(subject->old) = gc_header_make(80, 100, 0);
}

static void large_header_overwritten(const struct subject *subject) {
  *header_of(subject->large) = gc_header_make(160, 1, 0);
}

static void live_bit_lost(const struct subject *subject) {
  size_t granule = granule_of(subject, subject->old) + 9;
  subject->heap->space.live_bits[granule / 64] ^= UINT64_C(1) << granule % 64;
}

static void live_object_lost(const struct subject *subject) {
  size_t granule = granule_of(subject, subject->other);
  subject->heap->space.live_bits[granule / 64] ^= UINT64_C(1) << granule % 64;
  subject->heap->space.live_bits[(granule + 9) / 64] ^= UINT64_C(1) << (granule + 9) % 64;
}

static void mark_left_behind(const struct subject *subject) {
  size_t granule = granule_of(subject, subject->old);
  gc_bitmap_mark_plain(subject->heap->space.mark_bits, granule, granule + 9);
}

static void mark_left_on_large(const struct subject *subject) {
  gc_large_of(*header_of(subject->large))->marked = 1;
}

static void overflow_left_behind(const struct subject *subject) {
  subject->heap->old.blocks[block_of(subject)].overflowed = 1;
}

static void crossing_forged(const struct subject *subject) {
  gc_space_crossings(&subject->heap->space, block_of(subject))[2] ^= 1;
}

static void live_bytes_drift(const struct subject *subject) {
  subject->heap->old.blocks[block_of(subject)].live_bytes -= 16;
}

static void block_count_drifts(const struct subject *subject) {
  subject->heap->old.blocks_in_use++;
}

static void budget_drifts(const struct subject *subject) {
  subject->heap->budget.used_bytes += 4096;
}

static void large_count_drifts(const struct subject *subject) {
  subject->heap->large.object_count++;
}

static void page_owner_lost(const struct subject *subject) {
  const struct gc_large *large = gc_large_of(*header_of(subject->large));
  size_t page = (large->address - subject->heap->space.large_start) >> 12;
  subject->heap->large.page_owner[page + 1] = NULL;
}

/* Ten words into the free rest of the block. */
static void freed_memory_written(const struct subject *subject) {
  *(uint64_t *)(gc_space_block_address(&subject->heap->space, block_of(subject)) + GC_BLOCK_BYTES -
                80) = 42;
}

#ifdef GC_DEBUG
static const bool frees_are_filled = true;
#else
static const bool frees_are_filled = false;
#endif
#ifdef GC_ADDRESS_SANITIZER
static const bool frees_are_poisoned = true;
#else
static const bool frees_are_poisoned = false;
#endif

/* --- running one -------------------------------------------------------------------------------*/

BROKEN_HEAP_CASE(forget_to_remember, "remembered-complete")
BROKEN_HEAP_CASE(forget_to_remember_in_large, "remembered-complete")
BROKEN_HEAP_CASE(refer_into_an_object, "refers-to-object")
BROKEN_HEAP_CASE(refer_to_free_space, "refers-to-object")
BROKEN_HEAP_CASE(refer_outside, "refers-to-object")
BROKEN_HEAP_CASE(refer_into_large, "refers-to-object")
BROKEN_HEAP_CASE(refer_to_unaligned, "refers-to-object")
BROKEN_HEAP_CASE(stale_handle, "refers-to-object")
BROKEN_HEAP_CASE(overlapping_young, "forwarded-once")
BROKEN_HEAP_CASE(raise_watermark, "watermark-holds-no-young")
BROKEN_HEAP_CASE(forwarded_header, "forwarded-once")
BROKEN_HEAP_CASE(header_with_wrong_size, "refers-to-object")
BROKEN_HEAP_CASE(header_with_too_many_slots, "refers-to-object")
BROKEN_HEAP_CASE(large_header_overwritten, "refers-to-object")
BROKEN_HEAP_CASE(live_bit_lost, "stable-when-walked")
BROKEN_HEAP_CASE(live_object_lost, "live-bytes-agree")
BROKEN_HEAP_CASE(mark_left_behind, "swept-before-mark")
BROKEN_HEAP_CASE(mark_left_on_large, "swept-before-mark")
BROKEN_HEAP_CASE(overflow_left_behind, "swept-before-mark")
BROKEN_HEAP_CASE(crossing_forged, "crossings-agree")
BROKEN_HEAP_CASE(live_bytes_drift, "live-bytes-agree")
BROKEN_HEAP_CASE(block_count_drifts, "accounts-agree")
BROKEN_HEAP_CASE(budget_drifts, "accounts-agree")
BROKEN_HEAP_CASE(large_count_drifts, "accounts-agree")
BROKEN_HEAP_CASE(page_owner_lost, "accounts-agree")

static void test_freed_memory_written(void **state) {
  (void)state;
  if (frees_are_poisoned || frees_are_filled) {
    expect_broken(frees_are_poisoned ? "use-after-poison" : "freed-is-untouched",
                  freed_memory_written);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_break_nothing),
      cmocka_unit_test(test_forget_to_remember),
      cmocka_unit_test(test_forget_to_remember_in_large),
      cmocka_unit_test(test_refer_into_an_object),
      cmocka_unit_test(test_refer_to_free_space),
      cmocka_unit_test(test_refer_outside),
      cmocka_unit_test(test_refer_into_large),
      cmocka_unit_test(test_refer_to_unaligned),
      cmocka_unit_test(test_stale_handle),
      cmocka_unit_test(test_overlapping_young),
      cmocka_unit_test(test_raise_watermark),
      cmocka_unit_test(test_forwarded_header),
      cmocka_unit_test(test_header_with_wrong_size),
      cmocka_unit_test(test_header_with_too_many_slots),
      cmocka_unit_test(test_large_header_overwritten),
      cmocka_unit_test(test_live_bit_lost),
      cmocka_unit_test(test_live_object_lost),
      cmocka_unit_test(test_mark_left_behind),
      cmocka_unit_test(test_mark_left_on_large),
      cmocka_unit_test(test_overflow_left_behind),
      cmocka_unit_test(test_crossing_forged),
      cmocka_unit_test(test_live_bytes_drift),
      cmocka_unit_test(test_block_count_drifts),
      cmocka_unit_test(test_budget_drifts),
      cmocka_unit_test(test_large_count_drifts),
      cmocka_unit_test(test_page_owner_lost),
      cmocka_unit_test(test_freed_memory_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
