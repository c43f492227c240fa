/* External memory: backing stores of buffers, their owners, and what is counted of them.
 *
 * A store is a descriptor, from the metadata arena, and its bytes, from an arena of their own. Each
 * is on one list: with a young owner on its mutator's list, which the next stop gives to the heap's;
 * with one in a block on that block's list; with one that is neither, under a collector that places
 * objects elsewhere, on a list that ends with the heap.
 *
 * Algorithm: the sweep of a block walks the block's list before it forgets the marks, and releases
 * the stores of unmarked owners. A scavenge walks the young list when everything is copied: owners
 * without a forwarding address are dead, promoted ones change to their block's list. Whoever moves
 * old objects moves their stores to the lists of their new blocks. To release is to push a store on
 * a stack; a thread of the heap's frees what it finds there, and mutators do who want room and find
 * it short (external_release.c).
 *
 * Invariants: `buffers-listed`: between pauses, the store of every buffer that exists is on the list
 * of the place where the buffer is, once, and knows its address; no list has another one, but for
 * dead owners in blocks that await their sweep. `external-agrees`: the bytes of the listed stores
 * are buffer_bytes, and those of the young list young_bytes.
 *
 * Concurrency: a block's list belongs to whoever the block belongs to: the allocator that owns it,
 * its sweeper, or the thread that moves its objects. The young list is written with the world
 * stopped. [store-release]: stores are pushed by compare-and-exchange, after everything that was
 * known of them, and all taken at once by exchange, under the lock; nobody pops one from the stack,
 * so addresses that come back do no harm. [release-park]: who pushes looks for a parked thread afterwards, who parks looks for
 * stores after it has said so, all sequentially consistent (Dekker).
 *
 * Costs: a store is 32 bytes beside its bytes. A scavenge: a look at each young buffer. A block's
 * sweep: one load, and a bit for each buffer in it. Nothing else per collection: no list of all
 * buffers is ever walked but by a slide.
 */
#ifndef HEAP_EXTERNAL_H
#define HEAP_EXTERNAL_H

#include "heap/arena.h"
#include "heap/spin_lock.h"
#include <gc/buffer.h>
#include <pthread.h>

struct gc_heap;
struct gc_mutator_private;
struct gc_options;
struct gc_space;

struct gc_store {
  struct gc_store *next; /* of the list it is on */
  uintptr_t owner;       /* the buffer */
  void *data;            /* atomic; null: detached [pairs: buffer-detach] */
  size_t bytes;          /* 0: detached */
};

struct gc_external {
  struct gc_arena arena;     /* bytes of stores */
  struct gc_arena *metadata; /* the heap's: descriptors */
  uint64_t limit_bytes;      /* of live_bytes; constant */
  uint64_t soft_room_bytes;  /* growth over soft_low_bytes that makes a cycle due; constant */
  uint64_t hard_room_bytes;  /* over hard_low_bytes: a full collection at once; constant */
  uint64_t young_room_bytes; /* of stores with young owners: a scavenge; 0: never; constant */

  struct gc_store *young;     /* world stopped; flushed from mutators */
  struct gc_store *elsewhere; /* under lock */
  struct gc_store *backlog;   /* released, and taken from the stack; under lock */
  struct gc_spin_lock lock;

  /* Atomic, relaxed: counts. */
  uint64_t live_bytes;     /* of stores that no collection has found dead, and declared_bytes */
  uint64_t declared_bytes; /* by the program */
  uint64_t buffer_bytes;   /* of those stores */
  uint64_t buffer_count;   /* of stores, detached ones included */
  uint64_t young_bytes;    /* of those of young owners */
  uint64_t pending_bytes;  /* released and not freed yet */
  uint64_t released_bytes, released_count; /* ever, by collections */
  uint64_t soft_low_bytes, hard_low_bytes; /* live_bytes at its lowest since they were set */
  uint64_t peak_bytes;                     /* largest that was held at a stop; world stopped */

  struct gc_store *released; /* atomic [pairs: store-release] */
  uint32_t parked;           /* atomic; futex; 1: the thread sleeps [pairs: release-park] */
  uint32_t stopping;         /* atomic; set once, by close [pairs: release-park] */
  uint32_t has_thread;       /* under thread_lock; read relaxed as a hint */
  pthread_mutex_t thread_lock;
  pthread_t thread;
};

/* A mutator's own, until the next stop. */
struct gc_external_mutator {
  struct gc_store *young;
};

/* 0 or negative errno. old_limit_bytes and eden_bytes are what growth is measured against. */
int gc_external_open(struct gc_external *external, struct gc_arena *metadata,
                     const struct gc_options *options, size_t old_limit_bytes, size_t eden_bytes);
/* Ends the thread and frees every store; by_block has block_count lists. */
void gc_external_close(struct gc_external *external, struct gc_store **by_block,
                       size_t block_count);

/* What is held: stores, those not freed yet included, and what was declared. Any thread. */
uint64_t gc_external_bytes(const struct gc_external *external);

/* --- stores: external_release.c ----------------------------------------------------------------*/

/* Counts so many bytes as live, if the limit allows it. */
bool gc_external_try_take(struct gc_external *external, uint64_t bytes);
void gc_external_give(struct gc_external *external, uint64_t bytes);
/* So many of the declared bytes; false: there are not so many. */
bool gc_external_declare_less(struct gc_external *external, uint64_t bytes);

/* A store of bytes that were taken, zeroed, on no list; null when the system has no memory. */
struct gc_store *gc_store_create(struct gc_external *external, size_t bytes);
/* One that is on no list and was not released; its bytes are given back. */
void gc_store_destroy(struct gc_external *external, struct gc_store *store);

/* Of stores whose owners are dead, linked by next: frees them by and by. Any thread. */
void gc_external_release(struct gc_external *external, struct gc_store *stores);
/* Frees what was released, at most about count_max stores, while more than keep_bytes are pending.
 */
void gc_external_free_released(struct gc_external *external, size_t count_max, uint64_t keep_bytes);

/* Starts the thread that frees, unless it runs. Where it cannot be had, mutators free. */
void gc_external_start_thread(struct gc_external *external);
void gc_external_stop_thread(struct gc_external *external);

/* --- lists: external.c -------------------------------------------------------------------------*/

/* The buffer is new, and nobody else's: its mutator's thread, before its next safepoint. */
void gc_external_enlist(struct gc_heap *heap, struct gc_mutator_private *mutator,
                        struct gc_store *store);

/* The buffer has given up so many bytes. Any mutator. */
void gc_external_detached(struct gc_heap *heap, struct gc_ref owner, uint64_t bytes);

/* Gives a mutator's list to the heap. World stopped, or under the lock of the mutators' list while
 * no scavenge runs. */
void gc_external_flush_mutator(struct gc_heap *heap, struct gc_mutator_private *mutator);

/* Everything that survives has its forwarding address in [from_start, + from_bytes). World stopped,
 * workers at rest; records its phase where there is anything to do, and returns its CPU time. */
uint64_t gc_external_scavenged_stw(struct gc_heap *heap, uintptr_t from_start, size_t from_bytes);

/* Releases the stores on a block's list whose owners are not marked. The block's sweeper. */
void gc_external_sweep_list(struct gc_external *external, const struct gc_space *space,
                            struct gc_store **list);

/* Objects of the block have moved to blocks of the caller's, which has written their forwarding
 * addresses. World stopped. */
void gc_external_follow_moved_stw(struct gc_heap *heap, size_t block);

/* All old objects are about to move: stores of unmarked owners are released, the others are where
 * forward says. World stopped, one thread. */
void gc_external_slide_stw(struct gc_heap *heap,
                           uintptr_t (*forward)(const void *context, uintptr_t object),
                           const void *context);

/* For the peak. World stopped. */
static inline void gc_external_note_peak_stw(struct gc_external *external) {
  uint64_t bytes = gc_external_bytes(external);
  if (bytes > external->peak_bytes) {
    gc_atomic_store_relaxed(&external->peak_bytes, bytes);
  }
}

/* Marking has ended: growth counts from here. World stopped. */
void gc_external_cycle_ended_stw(struct gc_external *external);

#endif
