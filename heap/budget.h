/* The budget of the old generation: who may take how much, and how much memory is held.
 *
 * Invariant `promotion-guarantee`: at all times 4/3 of the nursery bytes in use, plus two blocks
 * per scavenging thread, fit into wholly free old space. Only scavenges may take from that reserve;
 * it is re-established after each by capping the eden's limit. A thread's two blocks are the one it
 * fills with small objects and the one it fills with objects that would waste over an eighth of a
 * block.
 *
 * Concurrency: all members under lock; helpers of one pause take blocks concurrently.
 */
#ifndef HEAP_BUDGET_H
#define HEAP_BUDGET_H

#include "heap/spin_lock.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blocks that a scavenging thread may leave half filled: one for small objects, one for big ones.
 */
#define GC_BLOCKS_PER_THREAD 2

struct gc_budget {
  struct gc_spin_lock lock;
  size_t limit_bytes;     /* of the whole heap */
  size_t old_limit_bytes; /* of blocks and large objects together */
  size_t used_bytes;      /* blocks in use, whole, and large pages in use */
  size_t reserve_bytes;   /* that only scavenges may take: the promotion guarantee */
};

enum gc_budget_use { GC_BUDGET_PROMOTION, GC_BUDGET_DIRECT };

static inline bool gc_budget_fits_locked(const struct gc_budget *budget, size_t bytes,
                                         enum gc_budget_use use) {
  size_t reserved = use == GC_BUDGET_DIRECT ? budget->reserve_bytes : 0;
  return bytes <= budget->old_limit_bytes &&
         budget->used_bytes + reserved + bytes <= budget->old_limit_bytes;
}

/* A snapshot, unless the world is stopped. */
static inline bool gc_budget_fits(struct gc_budget *budget, size_t bytes, enum gc_budget_use use) {
  gc_spin_lock_acquire(&budget->lock);
  bool fits = gc_budget_fits_locked(budget, bytes, use);
  gc_spin_lock_release(&budget->lock);
  return fits;
}

static inline bool gc_budget_try_take(struct gc_budget *budget, size_t bytes,
                                      enum gc_budget_use use) {
  gc_spin_lock_acquire(&budget->lock);
  bool fits = gc_budget_fits_locked(budget, bytes, use);
  if (fits) {
    budget->used_bytes += bytes;
  }
  gc_spin_lock_release(&budget->lock);
  return fits;
}

static inline void gc_budget_give(struct gc_budget *budget, size_t bytes) {
  gc_spin_lock_acquire(&budget->lock);
  budget->used_bytes -= bytes;
  gc_spin_lock_release(&budget->lock);
}

/* Bytes of old space that nothing occupies, the reserve included. World stopped, or a snapshot. */
static inline size_t gc_budget_free_bytes(struct gc_budget *budget) {
  gc_spin_lock_acquire(&budget->lock);
  size_t free_bytes = budget->old_limit_bytes > budget->used_bytes
                          ? budget->old_limit_bytes - budget->used_bytes
                          : 0;
  gc_spin_lock_release(&budget->lock);
  return free_bytes;
}

#endif
