/* Allocation buffers in the old space. See direct.h. */
#include "heap/direct.h"
#include "heap/assert.h"
#include "heap/heap.h"
#include <gc/sanitize.h>

void gc_direct_init(struct gc_direct *direct) {
  *direct = (struct gc_direct){.allocator = {.block = GC_NO_BLOCK}};
}

/* The bits of word `word` that belong to granules [first, end). */
static uint64_t bits_within(size_t word, size_t first, size_t end) {
  size_t from = first > word * 64 ? first - word * 64 : 0;
  size_t to = end < word * 64 + 64 ? end - word * 64 : 64;
  uint64_t below_to = to == 64 ? ~UINT64_C(0) : (UINT64_C(1) << to) - 1;
  return below_to & ~((UINT64_C(1) << from) - 1);
}

static void fill_marks(const struct gc_space *space, uintptr_t start, uintptr_t end) {
  size_t first = gc_space_granule(space, start), limit = gc_space_granule(space, end);
  for (size_t word = first / 64; word * 64 < limit; word++) {
    /* Relaxed: whoever tests them has the address of an object in the buffer by a release store. */
    gc_atomic_fetch_or_relaxed(&space->mark_bits[word], bits_within(word, first, limit));
  }
}

/* Clears granules [first, end). */
static void clear_marks(const struct gc_space *space, size_t first, size_t end) {
  for (size_t word = first / 64; word * 64 < end; word++) {
    gc_atomic_fetch_and_relaxed(&space->mark_bits[word], ~bits_within(word, first, end));
  }
}

/* Of the ones, leaves those that are an object's first or last. */
static void write_exact_marks(const struct gc_space *space, const struct gc_direct *direct,
                              uintptr_t top) {
  for (uintptr_t object = direct->start; object < top;) {
    size_t bytes = gc_header_size_bytes(gc_object_header((struct gc_ref){object}));
    size_t first = gc_space_granule(space, object);
    size_t last = first + (bytes >> GC_GRANULE_BYTES_LOG2) - 1;
    GC_ASSERT(bytes >= GC_OBJECT_BYTES_MIN, "an allocation buffer holds objects without gaps");
    if (last > first + 1) {
      clear_marks(space, first + 1, last);
    }
    object += bytes;
  }
  if (top < direct->end) {
    clear_marks(space, gc_space_granule(space, top), gc_space_granule(space, direct->end));
  }
}

void gc_direct_close(struct gc_heap *heap, struct gc_mutator_private *mutator) {
  struct gc_direct *direct = &mutator->direct;
  if (direct->start == 0) {
    return;
  }
  uintptr_t top = mutator->mutator.allocation_top;
  if (direct->is_black) {
    write_exact_marks(&heap->space, direct, top);
  }
  direct->allocator.top = top;
  gc_old_allocator_publish(&heap->old, &direct->allocator);
  gc_atomic_fetch_add_relaxed(&heap->direct_allocated_bytes, top - direct->start);
  direct->start = direct->end = 0;
}

bool gc_direct_take_buffer(struct gc_heap *heap, struct gc_mutator_private *mutator,
                           size_t minimum_bytes, size_t wanted_bytes, uintptr_t *start,
                           uintptr_t *end) {
  struct gc_direct *direct = &mutator->direct;
  struct gc_old_allocator *allocator = &direct->allocator;
  gc_direct_close(heap, mutator);
  *start = gc_old_allocate(&heap->old, allocator, minimum_bytes, GC_BUDGET_DIRECT);
  if (*start == 0) {
    return false;
  }
  allocator->top = *start; /* the buffer is all of the hole, or as much of it as is wanted */
  *end = allocator->limit - *start < wanted_bytes ? allocator->limit : *start + wanted_bytes;
  direct->start = *start;
  direct->end = *end;
  direct->is_black = heap->marking.is_active;
  if (direct->is_black) {
    fill_marks(&heap->space, *start, *end);
  }
  return true;
}

void gc_direct_close_all_stw(struct gc_heap *heap) {
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    if (mutator->direct.start != 0) {
      gc_direct_close(heap, mutator);
      gc_mutator_give_buffer_up(mutator);
    }
  }
}

void gc_direct_retire_all_stw(struct gc_heap *heap) {
  gc_direct_close_all_stw(heap);
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    gc_old_allocator_retire(&mutator->direct.allocator);
  }
}

void gc_direct_finish(struct gc_heap *heap, struct gc_mutator_private *mutator) {
  gc_direct_close(heap, mutator);
  gc_old_allocator_retire(&mutator->direct.allocator);
  gc_old_allocator_finish(&mutator->direct.allocator);
}
