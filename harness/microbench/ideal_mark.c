/* Ideal marking: a graph, a side bitmap, and a stack with a prefetch FIFO behind it.
 *
 * Algorithm: what is popped from the stack is prefetched, together with its word of the bitmap, and
 * waits 16 places before it is looked at (Cher, Hosking, Vitek 2004). Marked on leaving the FIFO,
 * so that every access that misses has been announced; an object that is found twice may therefore
 * be on the stack twice.
 *
 * Concurrency: each thread has its own stack and FIFO; mark bits are set by atomic or, after a
 * relaxed test; work is shared through a pool (ideal_pool.h).
 *
 * Costs: one object at a time is in the scan, up to 16 cache lines are on their way; the pool is
 * touched a few dozen times a pass.
 */
#include "harness/microbench/ideal_kernels.h"

#include "harness/microbench/ideal_pool.h"
#include <gc/atomics.h>
#include <string.h>

/* One thread's view of a pass. */
struct tracer {
  const struct ideal_node *nodes;
  uint64_t *bits;
  struct ideal_stack stack; /* of nodes */
  struct ideal_pool *pool;
  size_t marked_objects;
};

struct pass {
  struct ideal_marker *marker;
  enum ideal_mark_order order;
  struct ideal_pool pool;
  size_t marked_objects[IDEAL_THREADS_MAX];
};

enum sharing { ALONE, SHARED };

int ideal_marker_open(struct ideal_marker *marker, const struct ideal_graph *graph,
                      unsigned thread_count) {
  *marker = (struct ideal_marker){.graph = graph, .thread_count = thread_count};
  size_t granules = graph->memory.bytes / GC_GRANULE_BYTES;
  int status = ideal_memory_open(&marker->bits, (granules + 63) / 64 * 8, IDEAL_TOUCH_NOW);
  /* Each edge is pushed at most once by the thread that scans it, and the root; what a hungry
   * thread is given it puts on an empty stack. */
  size_t stack_bytes = (graph->slot_count + 1 + IDEAL_POOL_ENTRIES) * sizeof(struct ideal_node *);
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

GC_ALWAYS_INLINE void **push_marked_slots(void **top, const struct ideal_node *node) {
  for (size_t i = gc_header_slot_count(node->header); i > 0; i--) {
    if (node->slots[i - 1] != NULL) {
      *top++ = node->slots[i - 1];
    }
  }
  return top;
}

GC_ALWAYS_INLINE void share(struct tracer *tracer, enum sharing sharing) {
  if (sharing == SHARED) {
    ideal_pool_share(tracer->pool, &tracer->stack);
  }
}

GC_ALWAYS_INLINE void drain_with_fifo(struct tracer *tracer, enum sharing sharing) {
  struct ideal_node *fifo[IDEAL_PREFETCH_PLACES] = {0};
  size_t waiting_count = 0;
  for (size_t place = 0;; place = (place + 1) % IDEAL_PREFETCH_PLACES) {
    share(tracer, sharing);
    struct ideal_node *entering = NULL;
    if (tracer->stack.top > tracer->stack.bottom) {
      entering = *--tracer->stack.top;
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
      tracer->stack.top = push_marked_slots(tracer->stack.top, node);
    }
  }
}

GC_ALWAYS_INLINE void drain_with_stack(struct tracer *tracer, enum sharing sharing) {
  while (tracer->stack.top > tracer->stack.bottom) {
    share(tracer, sharing);
    struct ideal_node *node = *--tracer->stack.top;
    if (try_mark(tracer, node, sharing)) {
      tracer->marked_objects++;
      tracer->stack.top = push_marked_slots(tracer->stack.top, node);
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
  void **stack = (void **)(void *)pass->marker->stacks[index].base;
  struct tracer tracer = {.nodes = graph->nodes,
                          .bits = (uint64_t *)(void *)pass->marker->bits.base,
                          .stack = {stack, stack, stack},
                          .pool = &pass->pool};
  if (index == 0) {
    *tracer.stack.top++ = graph->root;
  }
  if (pass->marker->thread_count == 1) {
    drain(&tracer, pass->order, ALONE);
  } else {
    do {
      drain(&tracer, pass->order, SHARED);
    } while (ideal_pool_take(&pass->pool, &tracer.stack, pass->marker->thread_count));
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

/* All nodes are reachable: the bit where each begins, and no other. */
bool ideal_mark_check(const struct ideal_marker *marker) {
  const uint64_t *bits = (const uint64_t *)(const void *)marker->bits.base;
  uintptr_t start = (uintptr_t)marker->graph->nodes, address = start;
  size_t set_count = 0;
  for (size_t index = 0; index < marker->bits.bytes / sizeof *bits; index++) {
    set_count += (size_t)__builtin_popcountll(bits[index]);
  }
  for (size_t left = marker->graph->node_count; left > 0; left--) {
    size_t granule = (address - start) >> GC_GRANULE_BYTES_LOG2;
    if ((bits[granule / 64] >> granule % 64 & 1) == 0) {
      return false;
    }
    address += gc_header_size_bytes(*(const uint64_t *)address);
  }
  return set_count == marker->graph->node_count;
}
