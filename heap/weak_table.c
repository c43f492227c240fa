/* The table of awaited objects. See weak_table.h. */
#include "heap/weak_table.h"
#include <string.h>

#define PLACES_FIRST  ((size_t)256)
#define WAITERS_FIRST ((size_t)128)

void gc_weak_table_init(struct gc_weak_table *table, struct gc_arena *arena) {
  *table = (struct gc_weak_table){.arena = arena};
}

void gc_weak_table_clear(struct gc_weak_table *table) {
  gc_arena_free(table->arena, table->places, table->place_count * sizeof *table->places);
  gc_arena_free(table->arena, table->waiters, table->waiter_capacity * sizeof *table->waiters);
  gc_weak_table_init(table, table->arena);
}

/* Where the object's place is, or would be. */
static size_t probe(const struct gc_weak_table *table, uintptr_t awaited) {
  size_t mask = table->place_count - 1;
  /* Fibonacci hashing (Knuth 1973 s.6.4); the upper bits are the well mixed ones. */
  size_t index = (size_t)((awaited >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 20) & mask;
  while (table->places[index].awaited != 0 && table->places[index].awaited != awaited) {
    index = (index + 1) & mask;
  }
  return index;
}

static bool grow_places(struct gc_weak_table *table) {
  struct gc_weak_table grown = *table;
  grown.place_count = table->place_count == 0 ? PLACES_FIRST : 2 * table->place_count;
  grown.places = gc_arena_allocate(table->arena, grown.place_count * sizeof *grown.places);
  if (grown.places == NULL) {
    return false;
  }
  memset(grown.places, 0, grown.place_count * sizeof *grown.places);
  for (size_t index = 0; index < table->place_count; index++) {
    const struct gc_weak_place *place = &table->places[index];
    if (place->awaited != 0) {
      grown.places[probe(&grown, place->awaited)] = *place;
    }
  }
  gc_arena_free(table->arena, table->places, table->place_count * sizeof *table->places);
  *table = grown;
  return true;
}

static bool grow_waiters(struct gc_weak_table *table) {
  size_t capacity = table->waiter_capacity == 0 ? WAITERS_FIRST : 2 * table->waiter_capacity;
  if (capacity >= GC_WEAK_TABLE_NONE) {
    return false;
  }
  struct gc_weak_waiter *waiters =
      gc_arena_allocate(table->arena, capacity * sizeof *table->waiters);
  if (waiters == NULL) {
    return false;
  }
  if (table->waiter_count > 0) {
    memcpy(waiters, table->waiters, table->waiter_count * sizeof *waiters);
  }
  gc_arena_free(table->arena, table->waiters, table->waiter_capacity * sizeof *waiters);
  table->waiters = waiters;
  table->waiter_capacity = capacity;
  return true;
}

bool gc_weak_table_add(struct gc_weak_table *table, uintptr_t awaited, uintptr_t ephemeron) {
  if (2 * (table->places_used + 1) > table->place_count && !grow_places(table)) {
    return false;
  }
  if (table->waiter_count == table->waiter_capacity && !grow_waiters(table)) {
    return false;
  }
  struct gc_weak_place *place = &table->places[probe(table, awaited)];
  if (place->awaited == 0) {
    *place = (struct gc_weak_place){awaited, GC_WEAK_TABLE_NONE};
    table->places_used++;
  }
  table->waiters[table->waiter_count] = (struct gc_weak_waiter){ephemeron, place->first};
  place->first = (uint32_t)table->waiter_count++;
  return true;
}

struct gc_weak_place *gc_weak_table_find(const struct gc_weak_table *table, uintptr_t awaited) {
  if (table->place_count == 0) {
    return NULL;
  }
  struct gc_weak_place *place = &table->places[probe(table, awaited)];
  /* Relaxed: a chain goes from some to none, once; a stale one is looked at again under the lock. */
  return place->awaited != 0 && gc_atomic_load_relaxed(&place->first) != GC_WEAK_TABLE_NONE ? place
                                                                                            : NULL;
}
