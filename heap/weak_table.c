/* The table of awaited objects. See weak_table.h. */
#include "heap/weak_table.h"
#include <string.h>

#define PLACES_FIRST       ((size_t)16)
#define CHUNKS_FIRST       ((size_t)64)
#define CHUNKS_PER_RELEASE 16

void gc_weak_table_init(struct gc_weak_table *table, struct gc_arena *arena) {
  *table = (struct gc_weak_table){.arena = arena};
}

/* --- giving back -------------------------------------------------------------------------------*/

static void release_shard(struct gc_weak_table *table, struct gc_weak_shard *shard) {
  gc_arena_free(table->arena, shard->places, shard->place_count * sizeof *shard->places);
  *shard = (struct gc_weak_shard){0};
}

bool gc_weak_table_release_piece(struct gc_weak_table *table) {
  for (unsigned done = 0; done < CHUNKS_PER_RELEASE && table->chunk_count > 0; done++) {
    gc_arena_free(table->arena, table->chunks[--table->chunk_count],
                  GC_WEAK_CHUNK_WAITERS * sizeof(struct gc_weak_waiter));
  }
  if (table->chunk_count > 0) {
    return true;
  }
  if (table->shards != NULL && table->released_shards < GC_WEAK_SHARDS) {
    release_shard(table, &table->shards[table->released_shards++]);
    return true;
  }
  gc_arena_free(table->arena, table->chunks, table->chunk_capacity * sizeof(void *));
  gc_arena_free(table->arena, table->shards, GC_WEAK_SHARDS * sizeof *table->shards);
  gc_weak_table_init(table, table->arena);
  return false;
}

void gc_weak_table_clear(struct gc_weak_table *table) {
  while (gc_weak_table_release_piece(table)) {
  }
}

/* --- places ------------------------------------------------------------------------------------*/

/* Fibonacci hashing (Knuth 1973 s.6.4): the uppermost bits choose the shard, those below them the
 * place in it. */
static uint64_t hash_of(uintptr_t awaited) {
  return (awaited >> 3) * UINT64_C(0x9e3779b97f4a7c15);
}

static struct gc_weak_shard *shard_of(const struct gc_weak_table *table, uintptr_t awaited) {
  return &table->shards[hash_of(awaited) >> (64 - GC_WEAK_SHARDS_LOG2)];
}

/* Where the object's place is, or would be. */
static size_t probe(const struct gc_weak_shard *shard, uintptr_t awaited) {
  size_t mask = shard->place_count - 1, index = (size_t)(hash_of(awaited) >> 20) & mask;
  while (shard->places[index].awaited != 0 && shard->places[index].awaited != awaited) {
    index = (index + 1) & mask;
  }
  return index;
}

static bool grow_shard(struct gc_weak_table *table, struct gc_weak_shard *shard) {
  struct gc_weak_shard grown = *shard;
  grown.place_count = shard->place_count == 0 ? PLACES_FIRST : 2 * shard->place_count;
  grown.places = gc_arena_allocate_zeroed(table->arena, grown.place_count * sizeof *grown.places);
  if (grown.places == NULL) {
    return false;
  }
  for (size_t index = 0; index < shard->place_count; index++) {
    const struct gc_weak_place *place = &shard->places[index];
    if (place->awaited != 0) {
      grown.places[probe(&grown, place->awaited)] = *place;
    }
  }
  release_shard(table, shard);
  *shard = grown;
  return true;
}

/* --- waiters -----------------------------------------------------------------------------------*/

static bool grow_chunk_list(struct gc_weak_table *table) {
  size_t capacity = table->chunk_capacity == 0 ? CHUNKS_FIRST : 2 * table->chunk_capacity;
  struct gc_weak_waiter **chunks =
      gc_arena_allocate(table->arena, capacity * sizeof *table->chunks);
  if (chunks == NULL) {
    return false;
  }
  if (table->chunk_count > 0) {
    memcpy(chunks, table->chunks, table->chunk_count * sizeof *chunks);
  }
  gc_arena_free(table->arena, table->chunks, table->chunk_capacity * sizeof *chunks);
  table->chunks = chunks;
  table->chunk_capacity = capacity;
  return true;
}

static bool add_chunk(struct gc_weak_table *table) {
  if (table->waiter_count >= GC_WEAK_TABLE_NONE - GC_WEAK_CHUNK_WAITERS ||
      (table->chunk_count == table->chunk_capacity && !grow_chunk_list(table))) {
    return false;
  }
  struct gc_weak_waiter *chunk =
      gc_arena_allocate(table->arena, GC_WEAK_CHUNK_WAITERS * sizeof *chunk);
  if (chunk != NULL) {
    table->chunks[table->chunk_count++] = chunk;
  }
  return chunk != NULL;
}

static bool open_shards(struct gc_weak_table *table) {
  table->shards = gc_arena_allocate_zeroed(table->arena, GC_WEAK_SHARDS * sizeof *table->shards);
  return table->shards != NULL;
}

bool gc_weak_table_add(struct gc_weak_table *table, uintptr_t awaited, uintptr_t ephemeron) {
  if (table->shards == NULL && !open_shards(table)) {
    return false;
  }
  struct gc_weak_shard *shard = shard_of(table, awaited);
  if (2 * (shard->places_used + 1) > shard->place_count && !grow_shard(table, shard)) {
    return false;
  }
  if (table->waiter_count == table->chunk_count * GC_WEAK_CHUNK_WAITERS && !add_chunk(table)) {
    return false;
  }
  struct gc_weak_place *place = &shard->places[probe(shard, awaited)];
  if (place->awaited == 0) {
    *place = (struct gc_weak_place){awaited, GC_WEAK_TABLE_NONE};
    shard->places_used++;
  }
  *gc_weak_table_waiter(table, (uint32_t)table->waiter_count) =
      (struct gc_weak_waiter){ephemeron, place->first};
  place->first = (uint32_t)table->waiter_count++;
  return true;
}

struct gc_weak_place *gc_weak_table_find(const struct gc_weak_table *table, uintptr_t awaited) {
  if (table->shards == NULL) {
    return NULL;
  }
  const struct gc_weak_shard *shard = shard_of(table, awaited);
  if (shard->place_count == 0) {
    return NULL;
  }
  struct gc_weak_place *place = &shard->places[probe(shard, awaited)];
  /* Relaxed: a chain goes from some to none, once; a stale one is looked at again under the lock. */
  return place->awaited != 0 && gc_atomic_load_relaxed(&place->first) != GC_WEAK_TABLE_NONE ? place
                                                                                            : NULL;
}
