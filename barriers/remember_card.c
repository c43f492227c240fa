/* Remembering half `card`, the slow half and the heap's side: lists of dirty cards.
 *
 * Invariants: a card that is dirty is on a list: of a mutator, of a worker, or of the heap. So
 * scavenges read lists and never the table.
 *
 * Degradation: when no segment can be had for a list, the card stays dirty without being listed and
 * `unlisted` is set; the next scavenge then looks at every card of the blocks and large objects in
 * use (`remembered-complete` is kept, at a cost).
 *
 * Concurrency: mutators append to lists of their own. In a scavenge each card is exchanged to clean
 * before its range is handed out, so that one worker has it, and afterwards cards are only set.
 */
#include "barriers/barrier_parts.h"
#include "heap/assert.h"
#include "heap/heap.h"
#include <errno.h>
#include <gc/barriers/remember_card.h>
#include <stdlib.h>

/* A scavenge's way through the whole table, when a card could not be listed. It needs no memory. */
struct table_walk {
  bool is_due;
  uintptr_t next_in_blocks; /* 0: not begun */
  struct gc_large *large;   /* the large object it is at; null: behind the last */
  uintptr_t next_in_large;  /* 0: not begun */
};

struct card_state {
  struct gc_spin_lock lock;
  struct gc_segment *listed; /* under lock; what scavenges take from */
  struct table_walk walk;    /* under lock */
  uint8_t unlisted;          /* atomic, relaxed: read with the world stopped */
};

static struct card_state *state_of(struct gc_heap *heap) {
  return heap->remembered_state;
}

static int open_card(struct gc_heap *heap) {
  heap->remembered_state = calloc(1, sizeof(struct card_state));
  return heap->remembered_state != NULL ? 0 : -ENOMEM;
}

static void close_card(struct gc_heap *heap) {
  if (heap->remembered_state != NULL) {
    gc_segment_release_list(&heap->segments, state_of(heap)->listed);
    free(heap->remembered_state);
    heap->remembered_state = NULL;
  }
}

GC_NEVER_INLINE void gc_remember_card_slow(struct gc_mutator *mutator, uint8_t *card) {
  gc_atomic_store_relaxed(card, GC_CARD_DIRTY); /* read by the next scavenge, after a stop */
  if (mutator->remembered_top == mutator->remembered_limit) {
    struct gc_segment *segment =
        gc_segment_acquire(&mutator->heap->segments, GC_SEGMENT_BEYOND_LIMIT);
    if (segment == NULL) {
      gc_atomic_store_relaxed(&state_of(mutator->heap)->unlisted, 1);
      return;
    }
    segment->next = mutator->remembered_segments;
    mutator->remembered_segments = segment;
    mutator->remembered_top = segment->words;
    mutator->remembered_limit = segment->words + GC_SEGMENT_WORDS;
  }
  *mutator->remembered_top++ = (uintptr_t)card;
}

/* After a bulk change: every card on which src has a slot with a young reference. */
void gc_remember_card_object(struct gc_mutator *mutator, struct gc_ref src) {
  if (gc_is_young(mutator, src)) {
    return;
  }
  size_t count = gc_object_slot_count(src);
  for (size_t index = 0; index < count; index++) {
    struct gc_slot slot = gc_object_slot(src, index);
    gc_remember_card(mutator, src, slot,
                     (struct gc_ref){gc_atomic_load_relaxed(&slot.location->address)});
  }
}

/* Full segments hold GC_SEGMENT_WORDS entries; only the newest, first in the list, may hold fewer.
 */
static void flush_mutator(struct gc_heap *heap, struct gc_mutator *mutator) {
  struct card_state *state = state_of(heap);
  struct gc_segment *first = mutator->remembered_segments;
  if (first == NULL) {
    return;
  }
  struct gc_segment *last = first;
  for (struct gc_segment *segment = first; segment != NULL; segment = segment->next) {
    segment->count = GC_SEGMENT_WORDS;
    last = segment;
  }
  first->count = (size_t)(mutator->remembered_top - first->words);
  gc_spin_lock_acquire(&state->lock);
  last->next = state->listed;
  state->listed = first;
  gc_spin_lock_release(&state->lock);
  mutator->remembered_segments = NULL;
  mutator->remembered_top = mutator->remembered_limit = NULL;
}

static void append(struct gc_heap *heap, struct gc_worker *worker, uint8_t *card) {
  struct gc_segment *segment = worker->remembered;
  if (segment == NULL || segment->count == GC_SEGMENT_WORDS) {
    struct gc_segment *fresh = gc_segment_acquire(&heap->segments, GC_SEGMENT_BEYOND_LIMIT);
    if (fresh == NULL) {
      gc_atomic_store_relaxed(&state_of(heap)->unlisted, 1);
      return;
    }
    fresh->next = segment;
    worker->remembered = segment = fresh;
  }
  segment->words[segment->count++] = (uintptr_t)card;
}

static void remember_slot(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object,
                          struct gc_slot slot) {
  (void)object;
  uint8_t *card = gc_space_card(&heap->space, (uintptr_t)slot.location);
  if (gc_atomic_exchange_relaxed(card, GC_CARD_DIRTY) == GC_CARD_CLEAN) {
    append(heap, worker, card);
  }
}

static void remember_object(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object) {
  size_t count = gc_object_slot_count(object);
  for (size_t index = 0; index < count; index++) {
    struct gc_slot slot = gc_object_slot(object, index);
    if (gc_heap_is_young(heap, *slot.location)) {
      remember_slot(heap, worker, object, slot);
    }
  }
}

static void collect_workers(struct gc_heap *heap) {
  struct card_state *state = state_of(heap);
  for (unsigned index = 0; index < heap->workers.count; index++) {
    struct gc_segment **link = &heap->workers.all[index].remembered;
    while (*link != NULL) {
      link = &(*link)->next;
    }
    *link = state->listed;
    state->listed = heap->workers.all[index].remembered;
    heap->workers.all[index].remembered = NULL;
  }
}

static void begin_scavenge_stw(struct gc_heap *heap) {
  struct card_state *state = state_of(heap);
  if (gc_atomic_exchange_relaxed(&state->unlisted, 0) != 0) {
    state->walk = (struct table_walk){.is_due = true, .large = heap->large.objects};
  }
}

static size_t take_listed_locked(struct gc_heap *heap, uint8_t **cards) {
  struct card_state *state = state_of(heap);
  size_t taken = 0;
  while (state->listed != NULL && taken < GC_REMEMBERED_BATCH) {
    struct gc_segment *segment = state->listed;
    if (segment->count == 0) {
      state->listed = segment->next;
      gc_segment_release(&heap->segments, segment);
    } else {
      cards[taken++] = (uint8_t *)segment->words[--segment->count];
    }
  }
  return taken;
}

/* Dirty cards of [*next, end), until the batch is full; *next is where to go on. */
static size_t take_dirty(struct gc_heap *heap, uintptr_t *next, uintptr_t end, uint8_t **cards,
                         size_t taken) {
  for (; *next < end && taken < GC_REMEMBERED_BATCH; *next += GC_CARD_BYTES) {
    uint8_t *card = gc_space_card(&heap->space, *next);
    /* Relaxed: cards that others set meanwhile are theirs to list. */
    if (gc_atomic_load_relaxed(card) == GC_CARD_DIRTY) {
      cards[taken++] = card;
    }
  }
  return taken;
}

/* Goes over the whole table once, a batch at a time: blocks, then large objects. */
static size_t walk_table_locked(struct gc_heap *heap, uint8_t **cards) {
  struct table_walk *walk = &state_of(heap)->walk;
  size_t taken = 0;
  if (!walk->is_due) {
    return 0;
  }
  uintptr_t blocks_end = gc_space_block_address(&heap->space, heap->old.high_water);
  walk->next_in_blocks = walk->next_in_blocks != 0 ? walk->next_in_blocks : heap->space.block_start;
  taken = take_dirty(heap, &walk->next_in_blocks, blocks_end, cards, taken);
  while (walk->large != NULL && taken < GC_REMEMBERED_BATCH) {
    uintptr_t end = walk->large->address + walk->large->shape.size_bytes;
    walk->next_in_large = walk->next_in_large != 0 ? walk->next_in_large : walk->large->address;
    taken = take_dirty(heap, &walk->next_in_large, end, cards, taken);
    if (walk->next_in_large >= end) {
      walk->large = walk->large->next;
      walk->next_in_large = 0;
    }
  }
  walk->is_due = taken > 0;
  return taken;
}

static bool take_work(struct gc_heap *heap, struct gc_worker *worker,
                      struct gc_remembered_batch *batch) {
  (void)worker;
  struct card_state *state = state_of(heap);
  uint8_t *cards[GC_REMEMBERED_BATCH];
  batch->count = 0;
  do {
    gc_spin_lock_acquire(&state->lock);
    size_t taken = take_listed_locked(heap, cards);
    taken = taken > 0 ? taken : walk_table_locked(heap, cards);
    gc_spin_lock_release(&state->lock);
    if (taken == 0) {
      return false;
    }
    for (size_t index = 0; index < taken; index++) {
      /* Clean before it is scanned: who scans it sets it again where a young reference stays. */
      if (gc_atomic_exchange_relaxed(cards[index], GC_CARD_CLEAN) == GC_CARD_DIRTY) {
        uintptr_t start = gc_space_card_address(&heap->space, cards[index]);
        batch->start[batch->count] = start;
        batch->end[batch->count++] = start + GC_CARD_BYTES;
      }
    }
  } while (batch->count == 0);
  return true;
}

static bool is_empty(struct gc_heap *heap) {
  const struct card_state *state = state_of(heap);
  if (state->listed != NULL || state->unlisted != 0) {
    return false;
  }
  for (const struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    if (mutator->mutator.remembered_segments != NULL) {
      return false;
    }
  }
  return true;
}

static bool contains(struct gc_heap *heap, struct gc_ref object, struct gc_slot slot) {
  (void)object;
  return *gc_space_card(&heap->space, (uintptr_t)slot.location) == GC_CARD_DIRTY;
}

const struct gc_remembered_ops gc_remember_card_ops = {
    .name = "card",
    .provides = GC_KEEPS_REMEMBERED,
    .open = open_card,
    .close = close_card,
    .flush_mutator = flush_mutator,
    .begin_scavenge_stw = begin_scavenge_stw,
    .take_work = take_work,
    .remember_object = remember_object,
    .remember_slot = remember_slot,
    .end_scavenge_stw = collect_workers,
    .is_empty = is_empty,
    .contains = contains,
};
