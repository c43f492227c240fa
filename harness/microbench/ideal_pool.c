/* Where the threads of a kernel give work to each other. */
#include "harness/microbench/ideal_pool.h"

#include <string.h>

static void pool_lock(struct ideal_pool *pool) {
  while (gc_atomic_exchange_acquire(&pool->lock, 1) != 0) { /* [pairs: ideal-pool] */
  }
}

static void pool_unlock(struct ideal_pool *pool) {
  gc_atomic_store_release(&pool->lock, 0); /* [pairs: ideal-pool] */
}

void **ideal_pool_give(struct ideal_pool *pool, void **bottom, void **top) {
  pool_lock(pool);
  if (pool->entry_count == 0) {
    size_t given_count = (size_t)(top - bottom) / 2;
    given_count = given_count < IDEAL_POOL_ENTRIES ? given_count : IDEAL_POOL_ENTRIES;
    memcpy(pool->entries, bottom, given_count * sizeof *pool->entries);
    bottom += given_count;
    /* Relaxed: only a hint to those who look without the lock. */
    gc_atomic_store_relaxed(&pool->entry_count, given_count);
  }
  pool_unlock(pool);
  return bottom;
}

bool ideal_pool_take(struct ideal_pool *pool, struct ideal_stack *stack, unsigned thread_count) {
  pool_lock(pool);
  /* Relaxed, here and below: written under the lock; read without it only to decide whether to take
   * it. */
  gc_atomic_store_relaxed(&pool->hungry_count, pool->hungry_count + 1);
  while (pool->entry_count == 0 && pool->hungry_count < thread_count) {
    pool_unlock(pool);
    while (gc_atomic_load_relaxed(&pool->entry_count) == 0 &&
           gc_atomic_load_relaxed(&pool->hungry_count) < thread_count) {
    }
    pool_lock(pool);
  }
  size_t taken_count = pool->entry_count;
  stack->bottom = stack->base;
  stack->top = stack->base + taken_count;
  memcpy(stack->base, pool->entries, taken_count * sizeof *pool->entries);
  gc_atomic_store_relaxed(&pool->entry_count, 0);
  if (taken_count > 0) {
    gc_atomic_store_relaxed(&pool->hungry_count, pool->hungry_count - 1);
  }
  pool_unlock(pool);
  return taken_count > 0;
}
