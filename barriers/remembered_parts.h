/* What the heap's sides of remembering halves are made of: lists of words, and a walk over the card
 * table.
 *
 * A list's words are what a half makes of them: cards, objects. A mutator pushes on segments of its
 * own, through the three members of struct gc_mutator that belong to the half in use; a worker on
 * worker->remembered. Scavenges take from the heap's list, into which the others are merged.
 *
 * The walk finds dirty cards of blocks and large objects without any list and needs no memory. It
 * is how card_unconditional works, and what the other halves fall back on: an entry for which no
 * memory can be had becomes a dirty card, and the next scavenge walks the table. That is finer than
 * scanning the whole block, and one mechanism for all.
 *
 * Concurrency: a mutator's segments are its thread's, a worker's its own; what is shared is under
 * the locks. `is_wanted` is atomic and relaxed: set by mutators, read with the world stopped.
 *
 * Costs: a walk reads one byte per 512 bytes of block space ever used, eight at a time.
 */
#ifndef BARRIERS_REMEMBERED_PARTS_H
#define BARRIERS_REMEMBERED_PARTS_H

#include "heap/heap.h"

struct gc_remembered_list {
  struct gc_spin_lock lock;
  struct gc_segment *segments; /* under lock */
};

/* False: no segment can be had, and the word is not on the list. */
GC_WARN_UNUSED bool gc_remembered_list_push(struct gc_mutator *mutator, uintptr_t word);
GC_WARN_UNUSED bool gc_remembered_list_push_worker(struct gc_worker *worker, uintptr_t word);

void gc_remembered_list_flush(struct gc_remembered_list *list, struct gc_mutator *mutator);
/* Merges what workers pushed. World stopped, workers at rest. */
void gc_remembered_list_collect_workers(struct gc_remembered_list *list, struct gc_heap *heap);

/* Up to GC_REMEMBERED_BATCH words, which are on the list no longer. */
size_t gc_remembered_list_take(struct gc_remembered_list *list, struct gc_heap *heap,
                               uintptr_t *words);

/* True when neither the list nor any mutator's holds a word. World stopped. */
bool gc_remembered_list_is_empty(const struct gc_remembered_list *list, const struct gc_heap *heap);
void gc_remembered_list_finish(struct gc_remembered_list *list, struct gc_heap *heap);

/* Has remember_slot called for every slot of an object that holds a young reference: what
 * remember_object comes to where slots are remembered one by one. */
static inline void
gc_remember_young_slots(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object,
                        void (*remember_slot)(struct gc_heap *heap, struct gc_worker *worker,
                                              struct gc_ref object, struct gc_slot slot)) {
  size_t count = gc_object_slot_count(object);
  for (size_t index = 0; index < count; index++) {
    struct gc_slot slot = gc_object_slot(object, index);
    if (gc_heap_is_young(heap, *slot.location)) {
      remember_slot(heap, worker, object, slot);
    }
  }
}

struct gc_card_walk {
  uint8_t is_wanted; /* atomic: cards were made dirty that are on no list */
  struct gc_spin_lock lock;
  uintptr_t next_in_blocks, blocks_end;    /* under lock */
  struct gc_large *large;                  /* under lock; null: behind the last */
  uintptr_t next_in_large;                 /* under lock; 0: not begun */
  struct gc_range claimed[GC_WORKERS_MAX]; /* what each worker walks now; its own */
};

/* The card becomes dirty, to be found by the next walk. Any thread. */
static inline void gc_card_walk_want(struct gc_card_walk *walk, uint8_t *card) {
  gc_atomic_store_relaxed(card, 1);
  gc_atomic_store_relaxed(&walk->is_wanted, 1);
}

/* Prepares a walk of all that is in use now, when one is wanted. World stopped. */
void gc_card_walk_begin_stw(struct gc_card_walk *walk, struct gc_heap *heap);

/* Adds dirty cards, which are clean afterwards, to the batch until it is full or the table has been
 * walked. */
void gc_card_walk_take(struct gc_card_walk *walk, struct gc_worker *worker,
                       struct gc_remembered_batch *batch);

/* Exchanges the card to clean; when it was dirty, its range is added to the batch, which has room.
 */
void gc_card_clean_into(const struct gc_space *space, uint8_t *card,
                        struct gc_remembered_batch *batch);

/* Whether the slot's card is dirty: `contains` of halves that remember by cards alone. */
bool gc_card_contains(struct gc_heap *heap, struct gc_ref object, struct gc_slot slot);

#endif
