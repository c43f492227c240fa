/* The pool of segments. See segment.h. */
#include "heap/segment.h"
#include "heap/assert.h"
#include <stdbool.h>

void gc_segment_pool_init(struct gc_segment_pool *pool, struct gc_arena *arena,
                          size_t limit_bytes) {
  *pool = (struct gc_segment_pool){.arena = arena, .limit_bytes = limit_bytes};
}

void gc_segment_pool_finish(struct gc_segment_pool *pool) {
  GC_ASSERT(pool->out_bytes == 0, "segments-returned");
  while (pool->free != NULL) {
    struct gc_segment *segment = pool->free;
    pool->free = segment->next;
    gc_arena_free(pool->arena, segment, sizeof *segment);
  }
}

struct gc_segment *gc_segment_acquire(struct gc_segment_pool *pool, enum gc_segment_limit limit) {
  gc_spin_lock_acquire(&pool->lock);
  bool allowed = limit == GC_SEGMENT_BEYOND_LIMIT ||
                 pool->out_bytes + sizeof(struct gc_segment) <= pool->limit_bytes;
  struct gc_segment *segment = NULL;
  if (allowed) {
    segment = pool->free;
    pool->out_bytes += sizeof(struct gc_segment);
    if (segment != NULL) {
      pool->free = segment->next;
      pool->free_bytes -= sizeof *segment;
    }
  }
  gc_spin_lock_release(&pool->lock);
  if (allowed && segment == NULL) {
    segment = gc_arena_allocate(pool->arena, sizeof *segment);
    if (segment == NULL) {
      gc_spin_lock_acquire(&pool->lock);
      pool->out_bytes -= sizeof(struct gc_segment);
      gc_spin_lock_release(&pool->lock);
    }
  }
  if (segment != NULL) {
    segment->next = NULL;
    segment->count = 0;
  }
  return segment;
}

void gc_segment_release(struct gc_segment_pool *pool, struct gc_segment *segment) {
  gc_spin_lock_acquire(&pool->lock);
  bool is_kept = pool->free_bytes < GC_SEGMENT_POOL_BYTES;
  if (is_kept) {
    segment->next = pool->free;
    pool->free = segment;
    pool->free_bytes += sizeof *segment;
  }
  pool->out_bytes -= sizeof *segment;
  gc_spin_lock_release(&pool->lock);
  if (!is_kept) {
    gc_arena_free(pool->arena, segment, sizeof *segment);
  }
}

void gc_segment_release_list(struct gc_segment_pool *pool, struct gc_segment *list) {
  while (list != NULL) {
    struct gc_segment *next = list->next;
    gc_segment_release(pool, list);
    list = next;
  }
}
