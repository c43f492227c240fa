/* The heap's limit, and memory that goes back. See limits.h. */
#include "heap/limits.h"
#include "heap/heap.h"
#include "heap/platform.h"
#include <gc/limits.h>
#include <gc/safepoint.h>

/* V8's: the heap must have grown by so much before it is reduced again. */
#define GROWN_SHARE     10
#define GROWN_BYTES_MIN ((uint64_t)10 << 20)

/* --- near the limit ----------------------------------------------------------------------------*/

void gc_near_limit_set(struct gc_heap *heap,
                       uint64_t (*callback)(void *context, uint64_t limit_bytes,
                                            uint64_t first_limit_bytes),
                       void *context) {
  heap->limits.near_limit = callback;
  heap->limits.near_limit_context = context;
}

bool gc_limits_raise_stw(struct gc_heap *heap) {
  const struct gc_limits *limits = &heap->limits;
  struct gc_budget *budget = &heap->budget;
  if (limits->near_limit == NULL) {
    return false;
  }
  uint64_t wanted_bytes = limits->near_limit(limits->near_limit_context, budget->limit_bytes,
                                             limits->first_limit_bytes);
  uint64_t most_bytes = GC_LIMIT_RAISED_MAX * limits->first_limit_bytes;
  wanted_bytes = (wanted_bytes < most_bytes ? wanted_bytes : most_bytes) & ~(GC_BLOCK_BYTES - 1);
  if (wanted_bytes <= budget->limit_bytes) {
    return false;
  }
  gc_spin_lock_acquire(&budget->lock);
  budget->old_limit_bytes += wanted_bytes - budget->limit_bytes;
  gc_atomic_store_relaxed(&budget->limit_bytes, wanted_bytes); /* a sampler may look meanwhile */
  gc_spin_lock_release(&budget->lock);
  return true;
}

/* --- giving back -------------------------------------------------------------------------------*/

/* Blocks and pages that nothing occupies, and what arenas hold. Mutators may run. */
static uint64_t give_back(struct gc_heap *heap) {
  uint64_t before_bytes = gc_heap_committed_bytes(heap);
  gc_old_space_release_free(&heap->old, SIZE_MAX);
  gc_large_space_release_free(&heap->large, 0);
  gc_external_free_released(&heap->external, SIZE_MAX, 0);
  gc_arena_purge(&heap->external.arena);
  gc_arena_purge(&heap->arena);
  uint64_t after_bytes = gc_heap_committed_bytes(heap);
  gc_atomic_store_relaxed(&heap->limits.reduced_bytes, after_bytes);
  return before_bytes > after_bytes ? before_bytes - after_bytes : 0;
}

/* In a blocking region: stops do not wait for the system. */
static uint64_t give_back_blocked(struct gc_mutator *mutator) {
  gc_blocking_begin(mutator);
  uint64_t bytes = give_back(mutator->heap);
  gc_blocking_end(mutator);
  return bytes;
}

uint64_t gc_memory_reduce(struct gc_mutator *mutator) {
  gc_collect(mutator, GC_COLLECTION_FULL);
  return give_back_blocked(mutator);
}

static bool is_worthwhile(struct gc_heap *heap, uint64_t now_ns) {
  /* Relaxed: of a stop that is beginning or ending, either moment will do. */
  uint64_t last_stop_ns = gc_atomic_load_relaxed(&heap->stop.record.work_end_ns);
  uint64_t reduced_bytes = gc_atomic_load_relaxed(&heap->limits.reduced_bytes);
  uint64_t grown_bytes = reduced_bytes / GROWN_SHARE;
  grown_bytes = grown_bytes > GROWN_BYTES_MIN ? grown_bytes : GROWN_BYTES_MIN;
  return now_ns - last_stop_ns >= heap->options.memory_reducer_ns &&
         gc_heap_committed_bytes(heap) > reduced_bytes + grown_bytes;
}

void gc_limits_idle(struct gc_heap *heap, struct gc_mutator *mutator, uint64_t deadline_ns) {
  uint64_t now_ns = gc_platform_now_ns();
  struct gc_request request = {.kind = GC_REQUEST_FORCED_FULL};
  if (heap->options.memory_reducer_ns == UINT64_MAX || now_ns >= deadline_ns ||
      heap->hooks->baseline != NULL || !is_worthwhile(heap, now_ns) ||
      !gc_stop_begin(heap, mutator, GC_REASON_idle)) {
    return;
  }
  enum gc_pause_kind kind = heap->hooks->collect_stw(heap, &request);
  gc_stop_end(heap, mutator, kind);
  (void)give_back_blocked(mutator);
}
