/* The table of awaited objects: which ephemerons are to be looked at again once an object turns out
 * to be reachable.
 *
 * An ephemeron whose key was not reached when it was looked at waits for the key, and where it was
 * not reached itself, for itself. Whoever reaches an object takes the chain of those that wait for
 * it. Each ephemeron waits in at most two chains and each chain is taken once, so resolving is
 * linear in the ephemerons, however long the chains of keys and values are.
 *
 * Open addressing, linear probing, at most half full, in shards that grow by themselves; the chains
 * are linked by index, so that any number may wait for one key, and lie in chunks that do not move.
 *
 * Costs: one call places at most a shard anew, a 256th of the table: with a million ephemerons that
 * wait, some 8,000 places, 0.2 ms. Whoever adds while others may want it to stop can so look up
 * between any two calls; a table that doubled as a whole would hold them up for tens of
 * milliseconds. Memory goes back in pieces too.
 *
 * Concurrency: adding is by one thread while nobody looks. Several may look while nobody adds:
 * gc_weak_table_find without a lock, gc_weak_place_take under one that they share.
 */
#ifndef HEAP_WEAK_TABLE_H
#define HEAP_WEAK_TABLE_H

#include "heap/arena.h"
#include <gc/atomics.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ends a chain. */
#define GC_WEAK_TABLE_NONE UINT32_MAX

struct gc_weak_waiter {
  uintptr_t ephemeron;
  uint32_t next; /* in the chain */
};

struct gc_weak_place {
  uintptr_t awaited; /* 0: unused */
  uint32_t first;    /* atomic, relaxed: of the chain; GC_WEAK_TABLE_NONE: taken */
};

#define GC_WEAK_SHARDS_LOG2   8
#define GC_WEAK_SHARDS        ((size_t)1 << GC_WEAK_SHARDS_LOG2)
#define GC_WEAK_CHUNK_WAITERS ((size_t)1024)

struct gc_weak_shard {
  struct gc_weak_place *places; /* place_count of them, a power of two */
  size_t place_count, places_used;
};

struct gc_weak_table {
  struct gc_arena *arena;
  struct gc_weak_shard *shards; /* GC_WEAK_SHARDS of them; null: nobody waits */
  size_t released_shards;       /* while memory is given back */
  struct gc_weak_waiter **chunks;
  size_t chunk_count, chunk_capacity;
  size_t waiter_count;
};

void gc_weak_table_init(struct gc_weak_table *table, struct gc_arena *arena);
/* Gives all memory back: the table is empty. */
void gc_weak_table_clear(struct gc_weak_table *table);
/* Gives some of the memory back, a few microseconds' worth. False when that was the last and the
 * table is empty; until then only this may be called. */
bool gc_weak_table_release_piece(struct gc_weak_table *table);

/* False when there is no memory: nothing waits. */
bool gc_weak_table_add(struct gc_weak_table *table, uintptr_t awaited, uintptr_t ephemeron);

/* The place where somebody waits for the object, or null. */
struct gc_weak_place *gc_weak_table_find(const struct gc_weak_table *table, uintptr_t awaited);

static inline struct gc_weak_waiter *gc_weak_table_waiter(const struct gc_weak_table *table,
                                                          uint32_t index) {
  return &table->chunks[index / GC_WEAK_CHUNK_WAITERS][index % GC_WEAK_CHUNK_WAITERS];
}

/* The first waiter of the chain, which nobody finds any more; GC_WEAK_TABLE_NONE when somebody took
 * it before. */
static inline uint32_t gc_weak_place_take(struct gc_weak_place *place) {
  /* Relaxed: takers hold a lock; a finder that sees a stale chain takes none under it. */
  uint32_t first = gc_atomic_load_relaxed(&place->first);
  gc_atomic_store_relaxed(&place->first, GC_WEAK_TABLE_NONE);
  return first;
}

#endif
