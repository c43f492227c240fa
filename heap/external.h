/* External memory: backing stores of buffers, and what is counted of them.
 *
 * A store is a descriptor, from the metadata arena, and its bytes, from an arena of their own. It is
 * an attendant of its buffer (attendant.h). When that is dead the store is released: pushed on a
 * stack. A thread of the heap's frees what it finds there, and mutators do who want room and find it
 * short.
 *
 * Invariants: `buffers-listed`: the store of every buffer that exists is listed, and the two know
 * each other. `external-agrees`: the bytes of the listed stores are buffer_bytes, and those of young
 * buffers young_bytes.
 *
 * Concurrency: [store-release]: stores are pushed by compare-and-exchange, after everything that was
 * known of them, and all taken at once by exchange, under the lock; nobody pops one from the stack,
 * so addresses that come back do no harm. [release-park]: who pushes looks for a parked thread
 * afterwards, who parks looks for stores after it has said so, all sequentially consistent (Dekker).
 *
 * Costs: a store is 40 bytes beside its bytes, and two allocations.
 */
#ifndef HEAP_EXTERNAL_H
#define HEAP_EXTERNAL_H

#include "heap/arena.h"
#include "heap/attendant.h"
#include "heap/spin_lock.h"
#include <gc/buffer.h>
#include <pthread.h>

struct gc_options;

struct gc_store {
  struct gc_attendant attendant; /* first: lists are of these */
  void *data;                    /* atomic; null: detached [pairs: buffer-detach] */
  size_t bytes;                  /* 0: detached */
};

struct gc_external {
  struct gc_arena arena;     /* bytes of stores */
  struct gc_arena *metadata; /* the heap's: descriptors */
  uint64_t limit_bytes;      /* of live_bytes; constant */
  uint64_t soft_room_bytes;  /* growth over soft_low_bytes that makes a cycle due; constant */
  uint64_t hard_room_bytes;  /* over hard_low_bytes: a full collection at once; constant */
  uint64_t young_room_bytes; /* of stores with young owners: a scavenge; 0: never; constant */

  struct gc_attendant *backlog; /* released, and taken from the stack; under lock */
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

  struct gc_attendant *released; /* atomic [pairs: store-release] */
  uint32_t parked;               /* atomic; futex; 1: the thread sleeps [pairs: release-park] */
  uint32_t stopping;             /* atomic; set once, by close [pairs: release-park] */
  uint32_t has_thread;           /* under thread_lock; read relaxed as a hint */
  pthread_mutex_t thread_lock;
  pthread_t thread;
};

/* 0 or negative errno. old_limit_bytes and eden_bytes are what growth is measured against. */
int gc_external_open(struct gc_external *external, struct gc_arena *metadata,
                     const struct gc_options *options, size_t old_limit_bytes, size_t eden_bytes);
/* Ends the thread, and frees what was released, which is everything (gc_attendants_close). */
void gc_external_close(struct gc_external *external);

/* What is held: stores, those not freed yet included, and what was declared. Any thread. */
uint64_t gc_external_bytes(const struct gc_external *external);

/* Counts so many bytes as live, if the limit allows it. */
bool gc_external_try_take(struct gc_external *external, uint64_t bytes);
void gc_external_give(struct gc_external *external, uint64_t bytes);
/* So many of the declared bytes; false: there are not so many. */
bool gc_external_declare_less(struct gc_external *external, uint64_t bytes);

/* A store of bytes that were taken, zeroed, on no list; null when the system has no memory. */
struct gc_store *gc_store_create(struct gc_external *external, size_t bytes);
/* Releases one that is on no list and was not counted; its bytes are given back. */
void gc_store_destroy(struct gc_external *external, struct gc_store *store);

/* The store has an owner from here on, which is young or not: counts it. */
void gc_external_count(struct gc_external *external, const struct gc_store *store, bool is_young);
/* That of a young owner that was promoted, or is dead. */
void gc_external_no_longer_young(struct gc_external *external, const struct gc_attendant *store);
/* A buffer has given up so many bytes. Any mutator. */
void gc_external_detached(struct gc_external *external, uint64_t bytes, bool is_young);

/* Of dead owners: frees them by and by. Any thread. */
void gc_external_release(struct gc_external *external, struct gc_attendant *stores);
/* Frees what was released, at most about count_max stores, while more than keep_bytes are pending.
 */
void gc_external_free_released(struct gc_external *external, size_t count_max, uint64_t keep_bytes);

/* Bytes of the arena, which are no store's any more. False: no memory for the descriptor that it
 * takes, and nothing is done. Any thread. */
GC_WARN_UNUSED bool gc_external_free_later(struct gc_external *external, void *data, size_t bytes);

/* Starts the thread that frees, unless it runs. Where it cannot be had, mutators free. */
void gc_external_start_thread(struct gc_external *external);
void gc_external_stop_thread(struct gc_external *external);

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
