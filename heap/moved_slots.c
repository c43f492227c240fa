/* Recording slots that refer into evacuation candidates. See moved_slots.h. */
#include "heap/moved_slots.h"
#include "heap/assert.h"
#include "heap/heap.h"

static struct gc_block *block_of(struct gc_heap *heap, struct gc_ref target) {
  return &heap->old.blocks[gc_space_block(&heap->space, target.address)];
}

static void set_has_candidates_stw(struct gc_heap *heap, uint8_t has_candidates) {
  heap->moved.has_candidates = has_candidates;
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    mutator->mutator.has_candidates = has_candidates;
    heap->remembered->update_mutator(heap, &mutator->mutator);
  }
}

void gc_moved_slots_begin_stw(struct gc_heap *heap, uint32_t slot_budget) {
  GC_ASSERT(heap->moved.segments == NULL, "recorded slots of the cycle before are gone");
  heap->moved.slot_budget = slot_budget;
  set_has_candidates_stw(heap, 1);
}

/* False when no segment can be had. */
static GC_NEVER_INLINE bool extend(struct gc_heap *heap, struct gc_moved_slot_list *list) {
  struct gc_segment *segment = gc_segment_acquire(&heap->segments, GC_SEGMENT_BEYOND_LIMIT);
  if (segment == NULL) {
    return false;
  }
  segment->next = list->segments;
  list->segments = segment;
  list->top = segment->words;
  list->limit = segment->words + GC_SEGMENT_WORDS;
  return true;
}

void gc_moved_slots_record(struct gc_heap *heap, struct gc_moved_slot_list *list,
                           struct gc_slot slot, struct gc_ref target) {
  struct gc_block *block = block_of(heap, target);
  /* Relaxed: a stale zero records a slot too many. */
  if (gc_atomic_load_relaxed(&block->slots_lost) != 0) {
    return;
  }
  uint32_t incoming_slots = gc_atomic_fetch_add_relaxed(&block->incoming_slots, 1);
  if (incoming_slots >= heap->moved.slot_budget ||
      (list->top == list->limit && !extend(heap, list))) {
    gc_atomic_store_relaxed(&block->slots_lost, 1); /* read with the world stopped */
    return;
  }
  *list->top++ = (uintptr_t)slot.location;
}

void gc_moved_slots_flush(struct gc_heap *heap, struct gc_moved_slot_list *list) {
  struct gc_segment *first = list->segments, *last = first;
  if (first == NULL) {
    return;
  }
  for (struct gc_segment *segment = first; segment != NULL; segment = segment->next) {
    segment->count = GC_SEGMENT_WORDS;
    last = segment;
  }
  first->count = (size_t)(list->top - first->words);
  gc_spin_lock_acquire(&heap->moved.lock);
  last->next = heap->moved.segments;
  heap->moved.segments = first;
  gc_spin_lock_release(&heap->moved.lock);
  *list = (struct gc_moved_slot_list){0};
}

struct gc_segment *gc_moved_slots_take_stw(struct gc_heap *heap) {
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    gc_moved_slots_flush(heap, &mutator->moved_slots);
  }
  for (unsigned index = 0; index < heap->workers.count; index++) {
    gc_moved_slots_flush(heap, &heap->workers.all[index].moved_slots);
  }
  /* One more than there are threads, where there are any: that of mutators that assist. */
  for (unsigned index = 0; heap->background.all != NULL && index <= heap->background.count;
       index++) {
    gc_moved_slots_flush(heap, &heap->background.all[index].moved_slots);
  }
  struct gc_segment *segments = heap->moved.segments;
  heap->moved.segments = NULL;
  return segments;
}

void gc_moved_slots_end_stw(struct gc_heap *heap) {
  set_has_candidates_stw(heap, 0);
  gc_segment_release_list(&heap->segments, gc_moved_slots_take_stw(heap));
}
