/* Mark buffers and their overflow. See marking.h. */
#include "heap/marking.h"
#include "heap/bitmap.h"
#include "heap/heap.h"

/* Starts a fresh buffer; false when no segment can be had. */
static GC_NEVER_INLINE bool renew_buffer(struct gc_heap *heap, struct gc_mutator *mutator) {
  gc_marking_flush_mutator(heap, mutator);
  struct gc_segment *segment = gc_segment_acquire(&heap->segments, GC_SEGMENT_WITHIN_LIMIT);
  if (segment == NULL) {
    return false;
  }
  mutator->mark_segment = segment;
  mutator->mark_top = segment->words;
  mutator->mark_limit = segment->words + GC_SEGMENT_WORDS;
  return true;
}

static void queue(struct gc_mutator *mutator, uintptr_t entry) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_SHADE_QUEUED);
  if (mutator->mark_top == mutator->mark_limit && !renew_buffer(mutator->heap, mutator)) {
    gc_marking_overflow(mutator->heap, entry);
    return;
  }
  *mutator->mark_top++ = entry;
}

static bool is_marked(const struct gc_heap *heap, struct gc_ref ref) {
  /* Relaxed: a stale white costs a second entry. */
  return gc_heap_is_in_block(heap, ref)
             ? gc_bitmap_test(heap->space.mark_bits, gc_space_granule(&heap->space, ref.address))
             : gc_atomic_load_relaxed(&gc_large_of(gc_object_header(ref))->marked) != 0;
}

void gc_marking_shade(struct gc_mutator *mutator, struct gc_ref ref) {
  if (!gc_is_null(ref) && !gc_is_young(mutator, ref) && !is_marked(mutator->heap, ref)) {
    queue(mutator, ref.address);
  }
}

void gc_marking_shade_again(struct gc_mutator *mutator, uintptr_t address) {
  queue(mutator, address | GC_MARK_AGAIN);
}

void gc_marking_flush_mutator(struct gc_heap *heap, struct gc_mutator *mutator) {
  struct gc_segment *segment = mutator->mark_segment;
  if (segment == NULL) {
    return;
  }
  segment->count = (size_t)(mutator->mark_top - segment->words);
  mutator->mark_segment = NULL;
  mutator->mark_top = mutator->mark_limit = NULL;
  if (segment->count == 0) {
    gc_segment_release(&heap->segments, segment);
  } else {
    gc_mark_share_give_list(&heap->marking.share, segment);
  }
}

/* Relaxed, all of it: the flags are read when every marker rests. */
static size_t overflow_large(struct gc_heap *heap, struct gc_large *large, bool again) {
  bool was_white = gc_atomic_exchange_relaxed(&large->marked, 1) == 0;
  if (was_white || again) {
    gc_atomic_store_relaxed(&large->overflowed, 1);
    gc_atomic_store_relaxed(&heap->overflowed, 1);
  }
  return was_white ? large->shape.size_bytes : 0;
}

static size_t overflow_small(struct gc_heap *heap, struct gc_ref object, bool again) {
  size_t first = gc_space_granule(&heap->space, object.address);
  /* The mark comes before the header: a promotion that is marked may still be under way. */
  if (!again && gc_bitmap_test(heap->space.mark_bits, first)) {
    return 0;
  }
  size_t bytes = gc_header_size_bytes(gc_object_header(object));
  size_t last = first + (bytes >> GC_GRANULE_BYTES_LOG2) - 1;
  bool was_white = gc_bitmap_mark_atomic(heap->space.mark_bits, first, last);
  if (was_white || again) {
    size_t block = gc_space_block(&heap->space, object.address);
    gc_atomic_store_relaxed(&heap->old.blocks[block].overflowed, 1);
    gc_atomic_store_relaxed(&heap->overflowed, 1);
  }
  return was_white ? bytes : 0;
}

size_t gc_marking_overflow(struct gc_heap *heap, uintptr_t entry) {
  struct gc_ref object = {entry & ~GC_MARK_AGAIN};
  bool again = (entry & GC_MARK_AGAIN) != 0;
  return gc_heap_is_large(heap, object)
             ? overflow_large(heap, gc_large_space_find(&heap->large, object.address), again)
             : overflow_small(heap, object, again);
}
