/* Arenas beside the heap: one for metadata (mark stacks, remembered lists, descriptors and tables),
 * one for the bytes of backing stores; counted apart from the heap and from each other.
 *
 * Two implementations, one linked: platform_arena_jemalloc.c gives every heap a jemalloc arena of
 * its own; platform_arena_malloc.c maps to malloc, for sanitizer builds.
 *
 * Threads: all functions may be called by any thread. Returned memory is 16-byte aligned and not
 * zeroed; null when the system has none.
 */
#ifndef HEAP_ARENA_H
#define HEAP_ARENA_H

#include <gc/attributes.h>
#include <stddef.h>
#include <stdint.h>

struct gc_arena {
  unsigned number;
  uint64_t used_bytes; /* atomic, relaxed: a statistic */
};

int gc_arena_init(struct gc_arena *arena);
void gc_arena_finish(struct gc_arena *arena);
GC_WARN_UNUSED void *gc_arena_allocate(struct gc_arena *arena, size_t bytes);
/* The same, of zeros: pages that come fresh from the system stay untouched. */
GC_WARN_UNUSED void *gc_arena_allocate_zeroed(struct gc_arena *arena, size_t bytes);
/* Gives memory that is allocated to nobody back to the system. */
void gc_arena_purge(struct gc_arena *arena);
/* bytes as in gc_arena_allocate. Null is allowed. */
void gc_arena_free(struct gc_arena *arena, void *memory, size_t bytes);

#endif
