/* The verifier's level 1, marking beside the mutators: what is grey, and that everybody agrees
 * whether a cycle marks. See verify.h.
 *
 * Grey is what the markers' share and the mutators' mark buffers name, and what was flagged when it
 * overflowed; nobody else holds anything, for markers are at rest. An entry with GC_MARK_AGAIN says
 * nothing of its object's colour, only that its slots, or those of one piece, will be scanned.
 */
#include "heap/bitmap.h"
#include "heap/regrey.h"
#include "heap/verify_private.h"
#include <inttypes.h>

/* --- collecting --------------------------------------------------------------------------------*/

static void note_again(struct gc_verifier *verifier, uintptr_t address) {
  const struct gc_heap *heap = verifier->heap;
  struct gc_ref object = {address};
  if (gc_heap_is_large(heap, object)) {
    const struct gc_large *large = gc_large_space_find(&heap->large, address);
    if (large != NULL && (address == large->address || address % GC_CARD_BYTES == 0)) {
      gc_verify_set(verifier->piece_again, gc_verify_piece(verifier, address));
      return;
    }
  } else if (gc_heap_is_in_block(heap, object) && gc_verify_is_object(verifier, object)) {
    gc_verify_set(verifier->block_again, gc_space_granule(&heap->space, address));
    return;
  }
  gc_verify_fail(verifier, "refers-to-object", "what is to be scanned again is %s: no old object",
                 gc_verify_place(verifier, address));
}

static void note_entry(struct gc_verifier *verifier, uintptr_t entry) {
  const struct gc_heap *heap = verifier->heap;
  struct gc_ref object = {entry};
  if ((entry & GC_MARK_AGAIN) != 0) {
    note_again(verifier, entry & ~GC_MARK_AGAIN);
  } else if (gc_heap_is_young(heap, object) || !gc_verify_is_object(verifier, object)) {
    gc_verify_fail(verifier, "refers-to-object", "what is to be marked is %s: no old object",
                   gc_verify_place(verifier, entry));
  } else if (gc_heap_is_large(heap, object)) {
    gc_verify_set(verifier->large_queued, gc_verify_page(verifier, entry));
  } else {
    gc_verify_set(verifier->block_queued, gc_space_granule(&heap->space, entry));
  }
}

static void note_entries(struct gc_verifier *verifier, const uintptr_t *entries, size_t count) {
  for (size_t index = 0; index < count; index++) {
    note_entry(verifier, entries[index]);
  }
}

static void collect(struct gc_verifier *verifier) {
  const struct gc_heap *heap = verifier->heap;
  for (const struct gc_segment *segment = heap->marking.share.segments; segment != NULL;
       segment = segment->next) {
    note_entries(verifier, segment->words, segment->count);
  }
  for (const struct gc_large *large = heap->marking.share.grey_large; large != NULL;
       large = large->next_grey) {
    if (!gc_verify_set(verifier->large_scanning, gc_verify_page(verifier, large->address))) {
      gc_verify_fail(verifier, "accounts-agree",
                     "the large object at %s is listed twice to be scanned",
                     gc_verify_place(verifier, large->address));
    }
  }
  for (const struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    const struct gc_segment *segment = mutator->mutator.mark_segment;
    if (segment != NULL) {
      note_entries(verifier, segment->words, (size_t)(mutator->mutator.mark_top - segment->words));
    }
  }
}

/* --- asking ------------------------------------------------------------------------------------*/

bool gc_verify_is_shaded(const struct gc_verifier *verifier, struct gc_ref object) {
  return gc_verify_is_marked(verifier, object) ||
         (gc_heap_is_large(verifier->heap, object)
              ? gc_verify_test(verifier->large_queued, gc_verify_page(verifier, object.address))
              : gc_verify_test(verifier->block_queued,
                               gc_space_granule(&verifier->heap->space, object.address)));
}

static bool is_large_slot_grey(const struct gc_verifier *verifier, struct gc_ref object,
                               size_t index) {
  const struct gc_large *large = gc_large_space_find(&verifier->heap->large, object.address);
  uintptr_t slot = (uintptr_t)gc_object_slot(object, index).location;
  bool is_listed =
      gc_verify_test(verifier->large_scanning, gc_verify_page(verifier, object.address));
  return large->overflowed != 0 || (is_listed && index >= large->scan_next) ||
         gc_verify_test(verifier->piece_again, gc_verify_piece(verifier, slot));
}

bool gc_verify_is_slot_grey(const struct gc_verifier *verifier, struct gc_ref object,
                            size_t index) {
  const struct gc_heap *heap = verifier->heap;
  return gc_heap_is_large(heap, object)
             ? is_large_slot_grey(verifier, object, index)
             : heap->old.blocks[gc_space_block(&heap->space, object.address)].overflowed != 0 ||
                   gc_verify_test(verifier->block_again,
                                  gc_space_granule(&heap->space, object.address));
}

/* --- agreement ---------------------------------------------------------------------------------*/

static void verify_shading(const struct gc_verifier *verifier) {
  const struct gc_heap *heap = verifier->heap;
  const struct gc_marking *marking = &heap->marking;
  enum gc_colour expected = !marking->is_active                  ? GC_WHITE
                            : gc_verify_keeps_snapshot(verifier) ? GC_BLACK
                                                                 : GC_GREY;
  if (marking->promotion_colour != expected || heap->large.allocates_black != marking->is_active) {
    gc_verify_fail(verifier, "shading-agrees",
                   "a cycle %s, promotions have colour %d, large objects are %s",
                   marking->is_active ? "marks" : "does not mark", (int)marking->promotion_colour,
                   heap->large.allocates_black ? "black" : "white");
  }
  for (const struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    if ((mutator->mutator.shading != 0) != marking->is_active) {
      gc_verify_fail(verifier, "shading-agrees", "a cycle %s and mutator %u %s",
                     marking->is_active ? "marks" : "does not mark", (unsigned)mutator->number,
                     mutator->mutator.shading != 0 ? "shades" : "does not shade");
    }
  }
}

static void verify_terminated(const struct gc_verifier *verifier) {
  const struct gc_heap *heap = verifier->heap;
  if (heap->marking.share.segments != NULL || heap->marking.share.grey_large != NULL ||
      heap->overflowed != 0) {
    gc_verify_fail(verifier, "terminated", "no cycle marks, and something is grey");
  }
  for (const struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    if (mutator->mutator.mark_segment != NULL) {
      gc_verify_fail(verifier, "terminated",
                     "no cycle marks, and mutator %u has queued %zu entries",
                     (unsigned)mutator->number,
                     (size_t)(mutator->mutator.mark_top - mutator->mutator.mark_segment->words));
    }
  }
}

static void fail_regrey(const struct gc_verifier *verifier, uintptr_t address) {
  gc_verify_fail(verifier, "regrey-has-entry",
                 "what is at %s is flagged to be scanned again, and is not queued",
                 gc_verify_place(verifier, address));
}

/* Whoever scans a slot clears the flag of its piece, and large objects are scanned from the first
 * slot on: so a piece will be cleared if its last slot is still to be scanned. It may be without an
 * entry: a rescan of what overflowed lists the object anew. */
static void verify_regrey_large(const struct gc_verifier *verifier, struct gc_ref object) {
  const struct gc_large *large = gc_large_space_find(&verifier->heap->large, object.address);
  size_t last_of_object = large->shape.slot_count - 1;
  uintptr_t slots = large->address + GC_HEADER_BYTES;
  uintptr_t slots_end = slots + large->shape.slot_count * sizeof(struct gc_ref);
  for (uintptr_t piece = large->address; piece < slots_end; piece += GC_CARD_BYTES) {
    size_t last_of_piece = (piece + GC_CARD_BYTES - slots) / sizeof(struct gc_ref) - 1;
    size_t last = last_of_piece < last_of_object ? last_of_piece : last_of_object;
    if (*gc_space_regrey_flag(&verifier->heap->space, piece) != 0 &&
        !(verifier->is_beside && gc_verify_is_slot_grey(verifier, object, last))) {
      fail_regrey(verifier, piece);
    }
  }
}

static void verify_regrey(struct gc_verifier *verifier, struct gc_ref object) {
  if (gc_heap_is_large(verifier->heap, object)) {
    verify_regrey_large(verifier, object);
  } else if (*gc_regrey_flag(object) != 0 &&
             !(verifier->is_beside && gc_verify_is_slot_grey(verifier, object, 0))) {
    fail_regrey(verifier, object.address);
  }
}

void gc_verify_grey(struct gc_verifier *verifier) {
  verify_shading(verifier);
  if (verifier->is_beside) {
    collect(verifier);
  } else {
    verify_terminated(verifier);
  }
  gc_verify_each_old(verifier, verify_regrey);
}
