/* The table of awaited objects: which ephemerons are to be looked at again once an object turns out
 * to be reachable.
 *
 * An ephemeron whose key was not reached when it was looked at waits for the key, and where it was
 * not reached itself, for itself. Whoever reaches an object takes the chain of those that wait for
 * it. Each ephemeron waits in at most two chains and each chain is taken once, so resolving is
 * linear in the ephemerons, however long the chains of keys and values are.
 *
 * Open addressing, linear probing, at most half full; the chains are linked by index, so that any
 * number may wait for one key.
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

struct gc_weak_table {
  struct gc_arena *arena;
  struct gc_weak_place *places; /* place_count of them, a power of two */
  size_t place_count, places_used;
  struct gc_weak_waiter *waiters;
  size_t waiter_count, waiter_capacity;
};

void gc_weak_table_init(struct gc_weak_table *table, struct gc_arena *arena);
/* Gives all memory back: the table is empty. */
void gc_weak_table_clear(struct gc_weak_table *table);

/* False when there is no memory: nothing waits. */
bool gc_weak_table_add(struct gc_weak_table *table, uintptr_t awaited, uintptr_t ephemeron);

/* The place where somebody waits for the object, or null. */
struct gc_weak_place *gc_weak_table_find(const struct gc_weak_table *table, uintptr_t awaited);

/* The first waiter of the chain, which nobody finds any more; GC_WEAK_TABLE_NONE when somebody took
 * it before. */
static inline uint32_t gc_weak_place_take(struct gc_weak_place *place) {
  /* Relaxed: takers hold a lock; a finder that sees a stale chain takes none under it. */
  uint32_t first = gc_atomic_load_relaxed(&place->first);
  gc_atomic_store_relaxed(&place->first, GC_WEAK_TABLE_NONE);
  return first;
}

#endif
