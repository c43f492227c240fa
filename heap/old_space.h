/* The old space: blocks of 256 KiB, swept through side bitmaps, refilled by bumping inside their
 * free ranges.
 *
 * A block is free (wholly; its memory held or given back), in use, or owned by one allocator. Its
 * free ranges are the zeros of its live bitmap; nothing is written inside a block to find them.
 * Ranges under GC_HOLE_BYTES_MIN wait for the next sweep.
 *
 * Invariants: `stable-when-walked`; `swept-before-mark`: mark bits are zero when a cycle starts; a
 * block's live bytes agree with its live bitmap after every sweep (`live-bytes-agree`).
 *
 * Concurrency: lists under the lock; an owned block's live bitmap belongs to its owner, but for
 * workers of a scavenge, which set bits of copies that they scan for it, atomically. An allocator
 * belongs to one thread. sweep_block may run on several threads for different blocks.
 *
 * Costs: sweep_block reads and writes two bitmaps of 4 KiB per block. Acquiring a block is a few
 * list operations.
 */
#ifndef HEAP_OLD_SPACE_H
#define HEAP_OLD_SPACE_H

#include "heap/budget.h"
#include "heap/space.h"
#include "heap/spin_lock.h"
#include "heap/touch_ahead.h"
#include <gc/ref.h>

#define GC_HOLE_BYTES_MIN ((size_t)128)

/* Objects from this size up are promoted into wholly free blocks, so that a block wastes at most an
 * eighth. */
#define GC_BIG_OBJECT_BYTES ((size_t)4096)

/* Partly free blocks are listed by how many eighths of them are free; those under one eighth are
 * full. */
#define GC_OCCUPANCY_CLASSES 8

#define GC_NO_BLOCK UINT32_MAX

struct gc_attendant;
struct gc_attendants;

enum gc_block_state {
  GC_BLOCK_FREE,   /* on the free list, or beyond high_water */
  GC_BLOCK_IN_USE, /* holds objects; may be listed as partly free */
  GC_BLOCK_OWNED,  /* an allocator bumps in it */
};

struct gc_block {
  uint32_t live_bytes;  /* at the last sweep; written by its sweeper */
  uint32_t next;        /* in the list it is on */
  uint8_t state;        /* enum gc_block_state; under the lock */
  uint8_t committed;    /* 1: its memory is held; under the lock */
  uint8_t overflowed;   /* atomic: holds marked objects whose slots were not scanned */
  uint8_t is_candidate; /* 1: to be evacuated; written as heap/moved_slots.h says */
  uint8_t slots_lost;   /* atomic: of a candidate, whose incoming slots are not all recorded */
  uint8_t sweep_epoch;  /* other than the space's: awaits its sweep; under the lock */
  uint8_t reserved[2];
  uint32_t incoming_slots; /* atomic, relaxed: of a candidate, recorded slots, some repeatedly */
};

struct gc_old_space {
  const struct gc_space *space;
  struct gc_budget *budget;
  struct gc_block *blocks;     /* dense, by address */
  size_t blocks_bytes;         /* of the array's reservation */
  struct gc_attendant **owned; /* by block: attendants whose owners are in it (attendant.h) */
  struct gc_attendants *attendants;
  struct gc_touch_ahead ahead; /* of high_water */

  struct gc_spin_lock lock;
  size_t high_water;  /* blocks ever used; under lock; read relaxed as a statistic */
  uint32_t free_list; /* lowest addresses first after a sweep; under lock */
  uint32_t partial[GC_OCCUPANCY_CLASSES]; /* by free eighths; under lock */
  size_t blocks_in_use;                   /* in use or owned; under lock */
  size_t committed_blocks;                /* under lock; read relaxed as a statistic */
  size_t partial_free_bytes; /* in listed partly free blocks, as counted by the sweep; under lock */
  /* Of partly free blocks that allocators have left since the last sweep: what was free when they
   * came, and what they filled of it. Atomic, relaxed: statistics. */
  size_t left_free_bytes, left_filled_bytes;
  unsigned hole_yield_percent; /* filled of free, smoothed over sweeps; world stopped */
  /* A sweep under way: blocks below sweep_next are not looked at yet. */
  size_t sweep_next;       /* under lock; read relaxed as a hint */
  size_t sweeping_blocks;  /* taken and not listed yet; under lock */
  uint8_t sweep_epoch;     /* blocks of another epoch await the sweep; world stopped */
  size_t swept_live_bytes; /* so far in this sweep; under lock */
  bool sweep_is_settled;   /* live_bytes says what this sweep found; under lock */
  size_t live_bytes;       /* atomic, relaxed: a statistic: at the last sweep */
  size_t allocated_bytes;  /* atomic, relaxed: since the last sweep */
};

/* A range that an allocator filled and whose objects are not in the live bitmap yet. */
struct gc_range {
  uintptr_t start, end;
};

/* Bump allocation inside the holes of owned blocks. One thread's. */
struct gc_old_allocator {
  uintptr_t top, limit;    /* of the hole in use */
  uintptr_t range_start;   /* first byte since the last publication */
  uint32_t block;          /* GC_NO_BLOCK: none */
  size_t cursor;           /* granule in the block where the search goes on */
  size_t free_bytes;       /* of the block when it was taken; 0 of a wholly free one */
  size_t filled_bytes;     /* in it since */
  struct gc_range *ranges; /* filled, unpublished; grown as needed */
  size_t range_count, range_capacity;
};

int gc_old_space_open(struct gc_old_space *old, const struct gc_space *space,
                      struct gc_budget *budget);
void gc_old_space_close(struct gc_old_space *old);

/* Room for one object, or 0 when the budget for this use has no block left. Wholly free blocks are
 * taken after the partly free ones, emptiest first; wanted GC_BIG_OBJECT_BYTES or more: wholly free
 * ones only. The memory is not zeroed. */
uintptr_t gc_old_allocator_refill(struct gc_old_space *old, struct gc_old_allocator *allocator,
                                  size_t bytes, enum gc_budget_use use);

/* Sets the live bits of everything allocated since the last call, by walking it. Nobody may walk
 * the owned blocks' bitmaps meanwhile. */
void gc_old_allocator_publish(struct gc_old_space *old, struct gc_old_allocator *allocator);

/* The same for an owner that set the live bits of everything itself: only counts it. */
void gc_old_allocator_count_published(struct gc_old_space *old, struct gc_old_allocator *allocator);

/* Gives the block back after a publication. Its remaining holes wait for the next sweep. */
void gc_old_allocator_retire(struct gc_old_allocator *allocator);
void gc_old_allocator_finish(struct gc_old_allocator *allocator);

/* live := mark; mark := 0; live bytes counted. Returns bytes found dead. Everything allocated in
 * the block has been published. */
size_t gc_old_space_sweep_block(struct gc_old_space *old, size_t block);

/* Marking has terminated: every block in use awaits its sweep, and allocators find free and swept
 * blocks only. live_bytes: what was marked and promoted, about; the sweep counts exactly. World
 * stopped, allocators retired, no sweep under way. */
void gc_old_space_begin_sweep_stw(struct gc_old_space *old, size_t live_bytes);

/* Sweeps one block that awaits it and lists it; *swept_bytes is what was dead. False when no block
 * is left to take: those of other threads may be under way. Any thread; not while a scavenge or a
 * verifier looks at blocks. */
bool gc_old_space_sweep_next(struct gc_old_space *old, size_t *swept_bytes);

/* True when no block awaits its sweep or is being swept. */
bool gc_old_space_is_swept(struct gc_old_space *old);

static inline bool gc_old_space_awaits_sweep(const struct gc_old_space *old, size_t block) {
  return old->blocks[block].state != GC_BLOCK_FREE &&
         old->blocks[block].sweep_epoch != old->sweep_epoch;
}

/* After all blocks were swept with gc_old_space_sweep_block: rebuilds the lists and sums, lowest
 * addresses first. World stopped, one thread. */
void gc_old_space_rebuild_lists_stw_single(struct gc_old_space *old);

/* Gives back the memory of up to `blocks` free blocks; returns how many were. */
size_t gc_old_space_release_free(struct gc_old_space *old, size_t blocks);

/* Touches memory for that many bytes of blocks and lists them as free. Before anybody is attached.
 */
void gc_old_space_pretouch(struct gc_old_space *old, size_t bytes);

static inline uintptr_t gc_old_allocate(struct gc_old_space *old,
                                        struct gc_old_allocator *allocator, size_t bytes,
                                        enum gc_budget_use use) {
  uintptr_t start = allocator->top;
  if (__builtin_expect(start + bytes <= allocator->limit, 1)) {
    allocator->top = start + bytes;
    return start;
  }
  return gc_old_allocator_refill(old, allocator, bytes, use);
}

/* Free bytes in the partly free blocks that are listed. Any thread. */
size_t gc_old_space_partial_free_bytes(struct gc_old_space *old);

/* Of the blocks in use, free ranges included. Any thread. */
size_t gc_old_space_blocks_bytes(struct gc_old_space *old);

static inline size_t gc_old_space_committed_bytes(const struct gc_old_space *old) {
  return gc_atomic_load_relaxed(&old->committed_blocks) * GC_BLOCK_BYTES;
}

#endif
