/* Arenas on jemalloc: each is an arena of jemalloc's, without a thread cache, so that closing the
 * heap frees it whole. */
#include "heap/arena.h"
#include <errno.h>
#include <gc/atomics.h>
#include <jemalloc/jemalloc.h>
#include <stdio.h>

static int flags(const struct gc_arena *arena) {
  return (int)MALLOCX_ARENA(arena->number) | MALLOCX_TCACHE_NONE | MALLOCX_ALIGN(16);
}

int gc_arena_init(struct gc_arena *arena) {
  size_t size = sizeof arena->number;
  arena->used_bytes = 0;
  return mallctl("arenas.create", &arena->number, &size, NULL, 0) == 0 ? 0 : -ENOMEM;
}

void gc_arena_finish(struct gc_arena *arena) {
  char name[64];
  snprintf(name, sizeof name, "arena.%u.destroy", arena->number);
  (void)mallctl(name, NULL, NULL, NULL, 0);
}

void gc_arena_purge(struct gc_arena *arena) {
  char name[64];
  snprintf(name, sizeof name, "arena.%u.purge", arena->number);
  (void)mallctl(name, NULL, NULL, NULL, 0);
}

static void *allocate(struct gc_arena *arena, size_t bytes, int more_flags) {
  void *memory = mallocx(bytes, flags(arena) | more_flags);
  if (memory != NULL) {
    gc_atomic_fetch_add_relaxed(&arena->used_bytes, bytes);
  }
  return memory;
}

void *gc_arena_allocate(struct gc_arena *arena, size_t bytes) {
  return allocate(arena, bytes, 0);
}

void *gc_arena_allocate_zeroed(struct gc_arena *arena, size_t bytes) {
  return allocate(arena, bytes, MALLOCX_ZERO);
}

void gc_arena_free(struct gc_arena *arena, void *memory, size_t bytes) {
  if (memory != NULL) {
    gc_atomic_fetch_sub_relaxed(&arena->used_bytes, bytes);
    sdallocx(memory, bytes, flags(arena));
  }
}
