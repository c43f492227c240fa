/* The scavenger's roots: global roots, handles, and remembered ranges.
 *
 * Remembered ranges are scattered: what their slots refer to goes through a ring of slots, each
 * waiting there from the prefetch of its object's header to its copying.
 *
 * Invariants: `remembered-complete`: whoever leaves a young reference in an old object says so
 * through remember; `stable-when-walked`: live bitmaps are read here, for remembered ranges, and
 * written by nobody meanwhile.
 *
 * Costs: as scavenge_copy.h. Templates of scavenge.c.
 */
#ifndef HEAP_SCAVENGE_SCAN_H
#define HEAP_SCAVENGE_SCAN_H

#include "heap/bitmap.h"
#include "heap/scavenge_copy.h"
#include "heap/spin_wait.h"

/* Remembered ranges that are prefetched before the one being scanned: more than that many cards'
 * lines are more misses than a core has under way. Chosen by measurement (lru_cache), of 2, 3, 4
 * and 8. */
#define RANGES_AHEAD 3

/* Of the cache. */
#define LINE_BYTES 64

static void remember_promoted(struct gc_worker *worker, uintptr_t object) {
  struct gc_segment *segment = worker->promoted_remembered;
  if (segment != NULL && segment->words[segment->count - 1] == object) {
    return;
  }
  if (segment == NULL || segment->count == GC_SEGMENT_WORDS) {
    struct gc_segment *fresh = gc_segment_acquire(&worker->heap->segments, GC_SEGMENT_BEYOND_LIMIT);
    GC_CHECK(fresh != NULL, "the metadata arena must hold the list of remembered promotions");
    fresh->next = segment;
    worker->promoted_remembered = segment = fresh;
  }
  segment->words[segment->count++] = object;
}

/* The slot of an old object holds a young reference: the next scavenge must find it. Of objects
 * promoted in this one that is said when all remembered ranges are scanned, once for the object. */
static void remember(struct gc_worker *worker, struct pending slot) {
  if ((slot.slot & FROM_REMEMBERED) != 0) {
    struct gc_heap *heap = worker->heap;
    heap->remembered->remember_slot(
        heap, worker, (struct gc_ref){slot.host},
        (struct gc_slot){(struct gc_ref *)(slot.slot & ~FROM_REMEMBERED)});
  } else if (slot.host != 0) {
    remember_promoted(worker, slot.host);
  }
}

GC_ALWAYS_INLINE void settle(struct scan *scan, struct pending due,
                             const struct scavenge_kind kind) {
  struct gc_ref *slot = (struct gc_ref *)(due.slot & ~FROM_REMEMBERED);
  if (is_young(scan, evacuate(scan, &scan->room, slot, kind)) && due.host != 0) {
    remember(scan->worker, due);
  }
}

/* A slot found while scanning: its object is prefetched, and the slot whose object has had time to
 * arrive is settled. */
GC_ALWAYS_INLINE void visit(struct scan *scan, struct pending slot,
                            const struct scavenge_kind kind) {
  /* Relaxed: as in evacuate. */
  uintptr_t object = gc_atomic_load_relaxed((uintptr_t *)(slot.slot & ~FROM_REMEMBERED));
  if (object - scan->from_start >= scan->from_bytes) {
    if (GC_UNLIKELY(is_young(scan, object)) && slot.host != 0) {
      remember(scan->worker, slot);
    }
    return;
  }
  __builtin_prefetch((const void *)object, 1);
  struct pending due = scan->pending[scan->place];
  scan->pending[scan->place] = slot;
  scan->place = (scan->place + 1) % PREFETCH_DEPTH;
  if (due.slot != 0) {
    settle(scan, due, kind);
  }
}

/* Settles every pending slot. */
GC_ALWAYS_INLINE void settle_all(struct scan *scan, const struct scavenge_kind kind) {
  for (size_t turn = 0; turn < PREFETCH_DEPTH; turn++) {
    struct pending due = scan->pending[scan->place];
    scan->pending[scan->place] = (struct pending){0};
    scan->place = (scan->place + 1) % PREFETCH_DEPTH;
    if (due.slot != 0) {
      settle(scan, due, kind);
    }
  }
}

/* The slots of one object that lie in [start, end). */
GC_ALWAYS_INLINE void scan_object_part(struct scan *scan, struct gc_ref object, size_t slot_count,
                                       uintptr_t start, uintptr_t end,
                                       const struct scavenge_kind kind) {
  uintptr_t slot = object.address + GC_HEADER_BYTES;
  uintptr_t slot_end = slot + slot_count * sizeof(struct gc_ref);
  slot = slot < start ? start : slot;
  slot_end = slot_end > end ? end : slot_end;
  for (; slot < slot_end; slot += sizeof(struct gc_ref)) {
    visit(scan, (struct pending){slot | FROM_REMEMBERED, object.address}, kind);
  }
}

/* The granule, counted in the block range, where the object begins that covers the first granule of
 * this card; the card's first granule when none does. A card is one word of the live bitmap, and no
 * bit lies between an object's first and last. */
static size_t first_object_on_card(const struct gc_space *space, size_t card_granule) {
  size_t word = card_granule / 64;
  if ((space->crossings[word / 64] >> word % 64 & 1) == 0) {
    return card_granule;
  }
  while (space->live_bits[--word] == 0) {
  }
  return word * 64 + 63 - (size_t)__builtin_clzll(space->live_bits[word]);
}

/* A remembered range in a block: on one card, so in one word of the live bitmap. */
GC_ALWAYS_INLINE void scan_block_range(struct scan *scan, uintptr_t start, uintptr_t end,
                                       const struct scavenge_kind kind) {
  const struct gc_space *space = &scan->scavenge->heap->space;
  size_t card_granule = gc_space_granule(space, start) & ~(size_t)63;
  uint64_t bits = space->live_bits[card_granule / 64];
  size_t first = first_object_on_card(space, card_granule);
  bool inside = first != card_granule;
  if (inside) {
    struct gc_ref object = {space->block_start + (first << GC_GRANULE_BYTES_LOG2)};
    scan_object_part(scan, object, gc_object_slot_count(object), start, end, kind);
  }
  for (; bits != 0; bits &= bits - 1) {
    if (!inside) {
      size_t granule = card_granule + (size_t)__builtin_ctzll(bits);
      struct gc_ref object = {space->block_start + (granule << GC_GRANULE_BYTES_LOG2)};
      scan_object_part(scan, object, gc_object_slot_count(object), start, end, kind);
    }
    inside = !inside;
  }
}

GC_ALWAYS_INLINE void scan_range(struct scan *scan, uintptr_t host, uintptr_t start, uintptr_t end,
                                 const struct scavenge_kind kind) {
  const struct gc_heap *heap = scan->scavenge->heap;
  if (host != 0) {
    for (uintptr_t slot = start; slot < end; slot += sizeof(struct gc_ref)) {
      visit(scan, (struct pending){slot | FROM_REMEMBERED, host}, kind);
    }
    return;
  }
  if (gc_heap_is_in_block(heap, (struct gc_ref){start})) {
    scan_block_range(scan, start, end, kind);
    return;
  }
  struct gc_large *large = gc_large_space_find(&heap->large, start);
  if (large != NULL) {
    scan_object_part(scan, (struct gc_ref){large->address}, large->shape.slot_count, start, end,
                     kind);
  }
}

/* What scanning reads of a range: in a block the words that say where objects begin, and the objects,
 * the first of which often begins on the line before; in a large object its slots. Ranges are as
 * scattered as the mutator's stores. */
static void prefetch_range(const struct gc_space *space, const struct gc_remembered_batch *batch,
                           size_t index) {
  if (index >= batch->count) {
    return;
  }
  uintptr_t start = batch->start[index], line = start;
  if (batch->host[index] != 0) {
    __builtin_prefetch((const void *)start, 1);
    return;
  }
  if (start - space->block_start < space->block_count << GC_BLOCK_BYTES_LOG2) {
    size_t word = gc_space_granule(space, start) / 64;
    __builtin_prefetch(&space->live_bits[word]);
    __builtin_prefetch(&space->crossings[word / 64]);
    line -= LINE_BYTES;
  }
  for (; line < start + GC_CARD_BYTES; line += LINE_BYTES) {
    __builtin_prefetch((const void *)line, 1);
  }
}

GC_ALWAYS_INLINE void scan_taken(struct scan *scan, const struct scavenge_kind kind) {
  struct gc_heap *heap = scan->scavenge->heap;
  struct gc_remembered_batch batch;
  while (heap->remembered->take_work(heap, scan->worker, &batch)) {
    for (size_t index = 0; index < RANGES_AHEAD; index++) {
      prefetch_range(&heap->space, &batch, index);
    }
    for (size_t index = 0; index < batch.count; index++) {
      prefetch_range(&heap->space, &batch, index + RANGES_AHEAD);
      scan_range(scan, batch.host[index], batch.start[index], batch.end[index], kind);
    }
  }
  settle_all(scan, kind);
}

/* False when all of them are scanned already: whoever comes late finds nothing. */
static bool begin_remembered(struct scavenge *scavenge) {
  gc_spin_lock_acquire(&scavenge->lock);
  bool begins = scavenge->remembered_scanned == 0;
  scavenge->scanning_remembered += begins;
  gc_spin_lock_release(&scavenge->lock);
  return begins;
}

/* What the last who took part leaves behind is scanned: to each the last taking said that there was
 * no more. */
static void end_remembered(struct scavenge *scavenge) {
  gc_spin_lock_acquire(&scavenge->lock);
  if (--scavenge->scanning_remembered == 0) {
    gc_atomic_store_release(&scavenge->remembered_scanned, 1); /* [pairs: remembered] */
  }
  gc_spin_lock_release(&scavenge->lock);
}

/* Remembered ranges are scanned when it returns, those that others took included: live bitmaps may
 * be written from then on (`stable-when-walked`). */
GC_ALWAYS_INLINE void scan_remembered(struct scan *scan, const struct scavenge_kind kind) {
  struct scavenge *scavenge = scan->scavenge;
  if (begin_remembered(scavenge)) {
    scan_taken(scan, kind);
    end_remembered(scavenge);
  }
  for (unsigned turn = 1; gc_atomic_load_acquire(&scavenge->remembered_scanned) == 0;
       turn++) { /* [pairs: remembered] */
    gc_spin_wait(turn);
  }
}

/* Handles above the watermark, which moves to the lowest that holds a young reference afterwards.
 */
GC_ALWAYS_INLINE void scan_handles(struct scan *scan, struct gc_mutator *mutator,
                                   const struct scavenge_kind kind) {
  struct gc_ref *lowest_young = mutator->handle_top;
  for (struct gc_ref *handle = mutator->handle_top; handle-- > mutator->handle_watermark;) {
    if (is_young(scan, evacuate(scan, &scan->room, handle, kind))) {
      lowest_young = handle;
    }
  }
  mutator->handle_watermark = lowest_young;
}

static struct gc_mutator_private *take_mutator(struct scavenge *scavenge, bool *takes_globals) {
  gc_spin_lock_acquire(&scavenge->lock);
  *takes_globals = !scavenge->roots_taken;
  scavenge->roots_taken = true;
  struct gc_mutator_private *mutator = scavenge->next_mutator;
  if (mutator != NULL) {
    scavenge->next_mutator = mutator->next;
  }
  gc_spin_lock_release(&scavenge->lock);
  return mutator;
}

GC_ALWAYS_INLINE void scan_roots(struct scan *scan, const struct scavenge_kind kind) {
  struct scavenge *scavenge = scan->scavenge;
  for (;;) {
    bool takes_globals = false;
    struct gc_mutator_private *mutator = take_mutator(scavenge, &takes_globals);
    if (takes_globals) {
      for (struct gc_root *root = scavenge->heap->roots; root != NULL; root = root->next) {
        evacuate(scan, &scan->room, &root->ref, kind);
      }
    }
    if (mutator == NULL) {
      return;
    }
    scan_handles(scan, &mutator->mutator, kind);
  }
}

#endif
