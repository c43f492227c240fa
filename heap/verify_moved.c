/* The verifier's part for evacuation, level 2: that every slot which has to follow is known before
 * anything moves, and has followed afterwards. See verify.h and heap/moved_slots.h.
 *
 * `moved-slots-complete`: a slot of a marked object that refers into a candidate is on a list,
 * unless the candidate's slots are lost. `moved-slots-updated`: no slot of a marked object, no
 * handle and no root refers to an object that has left.
 *
 * Neither goes by the lists that evacuation goes by: hosts are what is marked. What is dead may
 * refer to where an object was; nobody follows that, and the sweep ends it. What cells hold weakly
 * follows later (verify_weak.c).
 */
#include "heap/assert.h"
#include "heap/bitmap.h"
#include "heap/verify_private.h"
#include <stdlib.h>

/* One verifier runs at a time: the world is stopped, and by one thread. Ascending. */
static _Thread_local struct {
  uintptr_t *slots;
  size_t count;
} recorded;

static int compare(const void *left, const void *right) {
  const uintptr_t *a = left, *b = right;
  return (*a > *b) - (*a < *b);
}

static void sort_recorded(const struct gc_segment *segments) {
  size_t count = 0;
  for (const struct gc_segment *segment = segments; segment != NULL; segment = segment->next) {
    count += segment->count;
  }
  recorded.slots = malloc((count + 1) * sizeof *recorded.slots);
  GC_CHECK(recorded.slots != NULL, "the verifier's list of recorded slots needs memory");
  recorded.count = 0;
  for (const struct gc_segment *segment = segments; segment != NULL; segment = segment->next) {
    for (size_t index = 0; index < segment->count; index++) {
      recorded.slots[recorded.count++] = segment->words[index];
    }
  }
  qsort(recorded.slots, recorded.count, sizeof *recorded.slots, compare);
}

static bool is_recorded(struct gc_slot slot) {
  uintptr_t address = (uintptr_t)slot.location;
  return bsearch(&address, recorded.slots, recorded.count, sizeof address, compare) != NULL;
}

static bool has_lost_slots(const struct gc_heap *heap, struct gc_ref object) {
  return heap->old.blocks[gc_space_block(&heap->space, object.address)].slots_lost != 0;
}

static bool has_left(const struct gc_heap *heap, struct gc_ref object) {
  return gc_heap_is_candidate(heap, object) && (gc_object_header(object) & GC_HEADER_TAG) == 0;
}

static void verify_slot(struct gc_verifier *verifier, struct gc_ref object, size_t index) {
  const struct gc_heap *heap = verifier->heap;
  struct gc_slot slot = gc_object_slot(object, index);
  struct gc_ref ref = *slot.location;
  if (!gc_heap_is_candidate(heap, ref)) {
    return;
  }
  if (verifier->moment == GC_VERIFY_MOVES && !has_lost_slots(heap, ref) && !is_recorded(slot)) {
    gc_verify_fail(
        verifier, "moved-slots-complete",
        "slot %zu of the object at %s refers to %s, which is to be evacuated, and is not "
        "recorded",
        index, gc_verify_place(verifier, object.address), gc_verify_place(verifier, ref.address));
  }
  if (verifier->moment == GC_VERIFY_MOVED && has_left(heap, ref)) {
    gc_verify_fail(verifier, "moved-slots-updated",
                   "slot %zu of the object at %s still refers to %s, which was evacuated", index,
                   gc_verify_place(verifier, object.address),
                   gc_verify_place(verifier, ref.address));
  }
}

static void verify_root(struct gc_verifier *verifier, const struct gc_mutator *mutator,
                        const struct gc_ref *location) {
  if (has_left(verifier->heap, *location)) {
    gc_verify_fail(verifier, "moved-slots-updated", "%s still refers to %s, which was evacuated",
                   mutator == NULL ? "a root" : "a handle",
                   gc_verify_place(verifier, location->address));
  }
}

struct block_walk {
  struct gc_verifier *verifier;
  uintptr_t address; /* of the block */
};

static void verify_marked_object(void *context, size_t first, size_t last) {
  const struct block_walk *walk = context;
  struct gc_ref object = {walk->address + (first << GC_GRANULE_BYTES_LOG2)};
  size_t slot_count = gc_object_slot_count(object);
  (void)last;
  for (size_t index = 0; index < slot_count; index++) {
    verify_slot(walk->verifier, object, index);
  }
}

static void verify_marked(struct gc_verifier *verifier) {
  const struct gc_heap *heap = verifier->heap;
  for (size_t block = 0; block < heap->old.high_water; block++) {
    struct block_walk walk = {verifier, gc_space_block_address(&heap->space, block)};
    gc_bitmap_walk(gc_space_mark_words(&heap->space, block), GC_BLOCK_WORDS, verify_marked_object,
                   &walk);
  }
  for (const struct gc_large *large = heap->large.objects; large != NULL; large = large->next) {
    size_t slot_count = large->marked != 0 ? large->shape.slot_count : 0;
    for (size_t index = 0; index < slot_count; index++) {
      verify_slot(verifier, (struct gc_ref){large->address}, index);
    }
  }
}

void gc_verify_recorded_stw_single(struct gc_heap *heap, const struct gc_segment *segments) {
  struct gc_verifier verifier = {.heap = heap, .moment = GC_VERIFY_MOVES};
  if (heap->options.verify_level >= 2) {
    sort_recorded(segments);
    verify_marked(&verifier);
    free(recorded.slots);
  }
}

void gc_verify_moved_stw_single(struct gc_heap *heap) {
  struct gc_verifier verifier = {.heap = heap, .moment = GC_VERIFY_MOVED};
  if (heap->options.verify_level >= 2) {
    verify_marked(&verifier);
    gc_verify_each_root(&verifier, verify_root);
  }
}
