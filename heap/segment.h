/* Segments: fixed pieces of word lists. Mark stacks, scan stacks and remembered lists are linked
 * segments.
 *
 * A pool hands them out up to a byte limit and keeps returned ones for reuse. The limit is the mark
 * stacks' (`--mark-stack-limit`); callers that must not fail pass GC_SEGMENT_BEYOND_LIMIT.
 *
 * Invariant `segments-returned`: a pool ends with none of its segments out. Whatever holds lists of
 * them gives them back before.
 *
 * Concurrency: the pool is guarded by its lock; a segment belongs to whoever took it.
 */
#ifndef HEAP_SEGMENT_H
#define HEAP_SEGMENT_H

#include "heap/arena.h"
#include "heap/spin_lock.h"

#define GC_SEGMENT_BYTES ((size_t)8192)
#define GC_SEGMENT_WORDS ((GC_SEGMENT_BYTES - 2 * sizeof(void *)) / sizeof(uintptr_t))

/* What the pool keeps of returned segments; the rest goes back to the arena, or a deep mark stack
 * would count as metadata for ever. */
#define GC_SEGMENT_POOL_BYTES ((size_t)1 << 20)

struct gc_segment {
  struct gc_segment *next;
  size_t count; /* words in use, where the list's owner keeps it here */
  uintptr_t words[GC_SEGMENT_WORDS];
};

_Static_assert(sizeof(struct gc_segment) == GC_SEGMENT_BYTES, "a segment fills its size");

enum gc_segment_limit { GC_SEGMENT_WITHIN_LIMIT, GC_SEGMENT_BEYOND_LIMIT };

struct gc_segment_pool {
  struct gc_spin_lock lock;
  struct gc_segment *free; /* under lock */
  size_t free_bytes;       /* of that list; under lock */
  size_t out_bytes;        /* under lock; handed out */
  size_t limit_bytes;
  struct gc_arena *arena;
};

void gc_segment_pool_init(struct gc_segment_pool *pool, struct gc_arena *arena, size_t limit_bytes);
void gc_segment_pool_finish(struct gc_segment_pool *pool);

/* Null when the limit is reached or the arena has no memory; next is null, count 0. */
GC_WARN_UNUSED struct gc_segment *gc_segment_acquire(struct gc_segment_pool *pool,
                                                     enum gc_segment_limit limit);
void gc_segment_release(struct gc_segment_pool *pool, struct gc_segment *segment);
void gc_segment_release_list(struct gc_segment_pool *pool, struct gc_segment *list);

#endif
