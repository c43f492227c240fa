/* Arenas on malloc: for sanitizer builds, which bring an allocator of their own. */
#include "heap/arena.h"
#include <gc/atomics.h>
#include <stdlib.h>

int gc_arena_init(struct gc_arena *arena) {
  arena->number = 0;
  arena->used_bytes = 0;
  return 0;
}

void gc_arena_finish(struct gc_arena *arena) {
  (void)arena;
}

void gc_arena_purge(struct gc_arena *arena) {
  (void)arena;
}

static void *counted(struct gc_arena *arena, void *memory, size_t bytes) {
  if (memory != NULL) {
    gc_atomic_fetch_add_relaxed(&arena->used_bytes, bytes);
  }
  return memory;
}

void *gc_arena_allocate(struct gc_arena *arena, size_t bytes) {
  return counted(arena, malloc(bytes), bytes);
}

void *gc_arena_allocate_zeroed(struct gc_arena *arena, size_t bytes) {
  return counted(arena, calloc(1, bytes), bytes);
}

void gc_arena_free(struct gc_arena *arena, void *memory, size_t bytes) {
  if (memory != NULL) {
    gc_atomic_fetch_sub_relaxed(&arena->used_bytes, bytes);
    free(memory);
  }
}
