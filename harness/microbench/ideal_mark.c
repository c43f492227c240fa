/* Ideal marking: a graph, a side bitmap, and a stack with a prefetch FIFO behind it.
 *
 * Algorithm: what is popped from the stack is prefetched, together with its word of the bitmap, and
 * waits 16 places before it is looked at (Cher, Hosking, Vitek 2004). Marked on leaving the FIFO,
 * so that every access that misses has been announced; an object that is found twice may therefore
 * be on the stack twice.
 *
 * Concurrency: each thread has its own stack and FIFO, mark bits are set by atomic or after a
 * relaxed test. A thread without work counts itself hungry; a thread that sees a hungry one gives
 * away the older half of its stack, where the large subgraphs are, through one pool under a spin
 * lock. All threads hungry and the pool empty ends the pass.
 *
 * Costs: one object at a time is in the scan, up to 16 cache lines are on their way; the pool is
 * touched a few dozen times a pass.
 */
#include "harness/microbench/ideal_kernels.h"

#include <gc/atomics.h>
#include <string.h>

enum { MARK_PREFETCH_PLACES = 16, POOL_ENTRIES = 128 };

struct pool {
  uint32_t lock;         /* atomic [pairs: ideal-pool] */
  uint32_t hungry_count; /* atomic; changed under the lock */
  size_t entry_count;    /* atomic; changed under the lock */
  struct ideal_node *entries[POOL_ENTRIES];
};

/* One thread's view of a pass. */
struct tracer {
  const struct ideal_node *nodes;
  uint64_t *bits;
  struct ideal_node **stack;
  struct ideal_node **bottom; /* what is below has been given away */
  struct ideal_node **top;
  struct pool *pool;
  size_t marked_objects;
};

struct pass {
  struct ideal_marker *marker;
  enum ideal_mark_order order;
  struct pool pool;
  size_t marked_objects[IDEAL_THREADS_MAX];
};

enum sharing { ALONE, SHARED };

int ideal_marker_open(struct ideal_marker *marker, const struct ideal_graph *graph,
                      unsigned thread_count) {
  *marker = (struct ideal_marker){.graph = graph, .thread_count = thread_count};
  size_t granules = graph->node_count * (IDEAL_NODE_BYTES / GC_GRANULE_BYTES);
  int status = ideal_memory_open(&marker->bits, (granules + 63) / 64 * 8, IDEAL_TOUCH_NOW);
  /* Each edge is pushed at most once by the thread that scans it, and the root; what a hungry
   * thread is given it puts on an empty stack. */
  size_t stack_bytes =
      (graph->node_count * IDEAL_NODE_SLOTS_MAX + 1 + POOL_ENTRIES) * sizeof(struct ideal_node *);
  for (unsigned i = 0; i < thread_count && status == 0; i++) {
    status = ideal_memory_open(&marker->stacks[i], stack_bytes, IDEAL_TOUCH_LATER);
  }
  if (status < 0) {
    ideal_marker_close(marker);
  }
  return status;
}

void ideal_marker_close(struct ideal_marker *marker) {
  ideal_memory_close(&marker->bits);
  for (unsigned i = 0; i < marker->thread_count; i++) {
    ideal_memory_close(&marker->stacks[i]);
  }
  *marker = (struct ideal_marker){0};
}

void ideal_mark_reset(struct ideal_marker *marker) {
  memset(marker->bits.base, 0, marker->bits.bytes);
}

static void pool_lock(struct pool *pool) {
  while (gc_atomic_exchange_acquire(&pool->lock, 1) != 0) { /* [pairs: ideal-pool] */
  }
}

static void pool_unlock(struct pool *pool) {
  gc_atomic_store_release(&pool->lock, 0); /* [pairs: ideal-pool] */
}

/* Gives away the older half of bottom .. top, unless the pool still holds a gift. Returns the new
 * bottom. */
static struct ideal_node **give_older_half(struct pool *pool, struct ideal_node **bottom,
                                           struct ideal_node **top) {
  pool_lock(pool);
  if (pool->entry_count == 0) {
    size_t given_count = (size_t)(top - bottom) / 2;
    given_count = given_count < POOL_ENTRIES ? given_count : POOL_ENTRIES;
    memcpy(pool->entries, bottom, given_count * sizeof *pool->entries);
    bottom += given_count;
    /* Relaxed: only a hint to those who look without the lock. */
    gc_atomic_store_relaxed(&pool->entry_count, given_count);
  }
  pool_unlock(pool);
  return bottom;
}

/* Waits for work; false when there is none left anywhere. */
static bool take_from_pool(struct tracer *tracer, unsigned thread_count) {
  struct pool *pool = tracer->pool;
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
  tracer->bottom = tracer->stack;
  tracer->top = tracer->stack + taken_count;
  memcpy(tracer->stack, pool->entries, taken_count * sizeof *pool->entries);
  gc_atomic_store_relaxed(&pool->entry_count, 0);
  if (taken_count > 0) {
    gc_atomic_store_relaxed(&pool->hungry_count, pool->hungry_count - 1);
  }
  pool_unlock(pool);
  return taken_count > 0;
}

GC_ALWAYS_INLINE uint64_t *mark_word(const struct tracer *tracer, const struct ideal_node *node) {
  size_t granule = ((uintptr_t)node - (uintptr_t)tracer->nodes) >> GC_GRANULE_BYTES_LOG2;
  return &tracer->bits[granule / 64];
}

/* Whether this call marked the node. */
GC_ALWAYS_INLINE bool try_mark(const struct tracer *tracer, const struct ideal_node *node,
                               enum sharing sharing) {
  uint64_t *word = mark_word(tracer, node);
  uint64_t bit = UINT64_C(1) << ((uintptr_t)node >> GC_GRANULE_BYTES_LOG2 & 63);
  if (sharing == ALONE) {
    if ((*word & bit) != 0) {
      return false;
    }
    *word |= bit;
    return true;
  }
  /* Relaxed: a stale word only sends the thread on to the atomic or, which decides; the graph
   * itself is constant. */
  return (gc_atomic_load_relaxed(word) & bit) == 0 &&
         (gc_atomic_fetch_or_relaxed(word, bit) & bit) == 0;
}

GC_ALWAYS_INLINE struct ideal_node **push_marked_slots(struct ideal_node **top,
                                                       const struct ideal_node *node) {
  for (size_t i = gc_header_slot_count(node->header); i > 0; i--) {
    if (node->slots[i - 1] != NULL) {
      *top++ = node->slots[i - 1];
    }
  }
  return top;
}

GC_ALWAYS_INLINE void share(struct tracer *tracer, enum sharing sharing) {
  /* Relaxed: a stale count delays the gift by an object or two. */
  if (sharing == SHARED && GC_UNLIKELY(gc_atomic_load_relaxed(&tracer->pool->hungry_count) > 0) &&
      gc_atomic_load_relaxed(&tracer->pool->entry_count) == 0 &&
      tracer->top - tracer->bottom >= 2) {
    tracer->bottom = give_older_half(tracer->pool, tracer->bottom, tracer->top);
  }
}

GC_ALWAYS_INLINE void drain_with_fifo(struct tracer *tracer, enum sharing sharing) {
  struct ideal_node *fifo[MARK_PREFETCH_PLACES] = {0};
  size_t waiting_count = 0;
  for (size_t place = 0;; place = (place + 1) % MARK_PREFETCH_PLACES) {
    share(tracer, sharing);
    struct ideal_node *entering = NULL;
    if (tracer->top > tracer->bottom) {
      entering = *--tracer->top;
      __builtin_prefetch(entering);
      __builtin_prefetch(mark_word(tracer, entering), 1);
      waiting_count++;
    }
    struct ideal_node *node = fifo[place];
    fifo[place] = entering;
    if (node == NULL) {
      if (waiting_count == 0) {
        return;
      }
      continue;
    }
    waiting_count--;
    if (try_mark(tracer, node, sharing)) {
      tracer->marked_objects++;
      tracer->top = push_marked_slots(tracer->top, node);
    }
  }
}

GC_ALWAYS_INLINE void drain_with_stack(struct tracer *tracer, enum sharing sharing) {
  while (tracer->top > tracer->bottom) {
    share(tracer, sharing);
    struct ideal_node *node = *--tracer->top;
    if (try_mark(tracer, node, sharing)) {
      tracer->marked_objects++;
      tracer->top = push_marked_slots(tracer->top, node);
    }
  }
}

GC_ALWAYS_INLINE void drain(struct tracer *tracer, enum ideal_mark_order order,
                            enum sharing sharing) {
  struct tracer local = *tracer; /* in registers while the loop runs */
  if (order == IDEAL_MARK_PREFETCH_FIFO) {
    drain_with_fifo(&local, sharing);
  } else {
    drain_with_stack(&local, sharing);
  }
  *tracer = local;
}

static void mark_from_root(void *argument, unsigned index) {
  struct pass *pass = argument;
  const struct ideal_graph *graph = pass->marker->graph;
  struct ideal_node **stack = (struct ideal_node **)(void *)pass->marker->stacks[index].base;
  struct tracer tracer = {.nodes = graph->nodes,
                          .bits = (uint64_t *)(void *)pass->marker->bits.base,
                          .stack = stack,
                          .bottom = stack,
                          .top = stack,
                          .pool = &pass->pool};
  if (index == 0) {
    *tracer.top++ = graph->root;
  }
  if (pass->marker->thread_count == 1) {
    drain(&tracer, pass->order, ALONE);
  } else {
    do {
      drain(&tracer, pass->order, SHARED);
    } while (take_from_pool(&tracer, pass->marker->thread_count));
  }
  pass->marked_objects[index] = tracer.marked_objects;
}

struct ideal_pass ideal_mark(struct ideal_marker *marker, enum ideal_mark_order order) {
  struct pass pass = {.marker = marker, .order = order};
  struct ideal_pass result = {0};
  result.elapsed_ns = ideal_threads_run(marker->thread_count, mark_from_root, &pass);
  for (unsigned i = 0; i < marker->thread_count; i++) {
    result.objects += pass.marked_objects[i];
  }
  return result;
}

/* All nodes are reachable and all are 32 bytes: every fourth bit, and no other. */
bool ideal_mark_check(const struct ideal_marker *marker) {
  const uint64_t *bits = (const uint64_t *)(const void *)marker->bits.base;
  size_t granules = marker->graph->node_count * (IDEAL_NODE_BYTES / GC_GRANULE_BYTES);
  for (size_t i = 0; i * 64 < marker->bits.bytes * 8; i++) {
    uint64_t inside = i * 64 >= granules        ? 0
                      : granules - i * 64 >= 64 ? UINT64_MAX
                                                : (UINT64_C(1) << (granules - i * 64)) - 1;
    if (bits[i] != (UINT64_C(0x1111111111111111) & inside)) {
      return false;
    }
  }
  return true;
}
