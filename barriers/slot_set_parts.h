/* The slot set: which slots of old and large objects hold young references.
 *
 * A bucket is the bits of the 1024 slots of 8 KiB of address space; a table indexed by address
 * leads to it. Buckets are made at the first insertion and are linked into a list by who made them:
 * a mutator, a worker, the heap, so that scavenges find all bits without a walk of the table. A
 * scavenge takes buckets off the heap's list, exchanges each word of bits for zero, and keeps the
 * emptied buckets in the table, where slots that still hold young references are inserted again; at
 * its end those that stayed empty are unlinked and used again.
 *
 * Invariant: between scavenges, a bucket is in the table if and only if it is on one list, and it
 * holds at least one bit. So the set is empty if and only if the lists are.
 *
 * Concurrency: insertion by several threads at once [slot-bucket], by workers while others take
 * [slot-again]; lists as remembered_parts.h says of its own: a mutator keeps the first bucket of its
 * list in remembered_top, whose other members it does not need.
 *
 * Costs: a bucket is 144 bytes, the table 8 bytes of address space per 8 KiB; both are metadata.
 */
#ifndef BARRIERS_SLOT_SET_PARTS_H
#define BARRIERS_SLOT_SET_PARTS_H

#include "heap/heap.h"

#define GC_BUCKET_SLOTS      1024
#define GC_BUCKET_BYTES_LOG2 13 /* of address space */
#define GC_BUCKET_WORDS      (GC_BUCKET_SLOTS / 64)

_Static_assert((size_t)GC_BUCKET_SLOTS * sizeof(struct gc_ref) == (size_t)1 << GC_BUCKET_BYTES_LOG2,
               "a bucket covers what its index says");
_Static_assert(64 * sizeof(struct gc_ref) == GC_CARD_BYTES, "a word of bits is one card");

struct gc_slot_bucket {
  uint64_t words[GC_BUCKET_WORDS]; /* atomic */
  struct gc_slot_bucket *next;     /* in its list */
  uintptr_t start;                 /* of the range it is about */
};

/* What a worker does with buckets in a scavenge; its own. */
struct gc_slot_worker {
  struct gc_slot_bucket *taken; /* whose words are handed out, from next_word on */
  size_t next_word;
  uint64_t bits;                  /* left of the word before it */
  struct gc_slot_bucket *made;    /* made in this scavenge */
  struct gc_slot_bucket *emptied; /* taken in this scavenge */
};

struct gc_slot_set {
  struct gc_heap *heap;
  uintptr_t start, bytes;        /* of the address range that slots lie in */
  struct gc_slot_bucket **table; /* entries atomic [pairs: slot-bucket] */
  struct gc_spin_lock lock;
  struct gc_slot_bucket *listed;   /* under lock: buckets with bits */
  struct gc_slot_bucket *spare;    /* under lock: all bits zero */
  struct gc_slot_chunk *chunks;    /* under lock: the memory of buckets */
  struct gc_slot_worker workers[]; /* of the heap's workers */
};

/* Null when the system has no address space or memory for it. The heap's spaces and workers are
 * open. */
struct gc_slot_set *gc_slot_set_create(struct gc_heap *heap);
void gc_slot_set_destroy(struct gc_slot_set *set);

/* In a scavenge. False: memory for a bucket cannot be had, and the slot is not in the set. */
GC_WARN_UNUSED bool gc_slot_set_insert_worker(struct gc_slot_set *set, struct gc_worker *worker,
                                              struct gc_slot slot);
bool gc_slot_set_contains(const struct gc_slot_set *set, struct gc_slot slot);
bool gc_slot_set_is_empty(const struct gc_slot_set *set);

/* The list of buckets that a mutator made. */
static inline struct gc_slot_bucket *gc_slot_set_made_by(const struct gc_mutator *mutator) {
  return (struct gc_slot_bucket *)(void *)mutator->remembered_top;
}
/* As gc_slot_set_insert_worker. */
GC_WARN_UNUSED bool gc_slot_set_insert_mutator(struct gc_slot_set *set, struct gc_mutator *mutator,
                                               struct gc_slot slot);
/* Gives a mutator's buckets to the heap. */
void gc_slot_set_flush(struct gc_slot_set *set, struct gc_mutator *mutator);

/* Takes slots out of the set, as ranges of neighbours, until the batch is full or nothing is left.
 */
void gc_slot_set_take(struct gc_slot_set *set, struct gc_worker *worker,
                      struct gc_remembered_batch *batch);
/* Lists what workers made and unlinks the buckets that stayed empty. World stopped, workers at
 * rest. */
void gc_slot_set_end_stw(struct gc_slot_set *set);

#endif
