/* Where the threads of a kernel give work to each other.
 *
 * A thread without work counts itself hungry. A thread that sees a hungry one gives away the older
 * half of its stack, where the large subgraphs are. All threads hungry and the pool empty is the
 * end of the pass.
 *
 * Concurrency: everything is changed under the spin lock; the two counts are also read without it,
 * as hints. Costs: one relaxed load per object while nobody is hungry; the lock is taken a few
 * dozen times a pass.
 */
#ifndef HARNESS_MICROBENCH_IDEAL_POOL_H
#define HARNESS_MICROBENCH_IDEAL_POOL_H

#include <gc/atomics.h>
#include <gc/attributes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IDEAL_POOL_ENTRIES = 128 };

struct ideal_pool {
  uint32_t lock;         /* atomic [pairs: ideal-pool] */
  uint32_t hungry_count; /* atomic; changed under the lock */
  size_t entry_count;    /* atomic; changed under the lock */
  void *entries[IDEAL_POOL_ENTRIES];
};

/* A thread's stack: entries from bottom to top; what is below the bottom was given away. */
struct ideal_stack {
  void **base;
  void **bottom;
  void **top;
};

/* Gives away the older half of bottom .. top, unless the pool still holds a gift. Returns the new
 * bottom. */
void **ideal_pool_give(struct ideal_pool *pool, void **bottom, void **top);

/* Waits for work with an empty stack, and puts it there; false when there is none left anywhere. */
bool ideal_pool_take(struct ideal_pool *pool, struct ideal_stack *stack, unsigned thread_count);

/* Gives where someone is hungry. */
GC_ALWAYS_INLINE void ideal_pool_share(struct ideal_pool *pool, struct ideal_stack *stack) {
  /* Relaxed: a stale count delays the gift by an object or two. */
  if (GC_UNLIKELY(gc_atomic_load_relaxed(&pool->hungry_count) > 0) &&
      gc_atomic_load_relaxed(&pool->entry_count) == 0 && stack->top - stack->bottom >= 2) {
    stack->bottom = ideal_pool_give(pool, stack->bottom, stack->top);
  }
}

#endif
