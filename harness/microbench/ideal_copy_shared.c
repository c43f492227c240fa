/* Ideal copying by several threads.
 *
 * Algorithm: as the orders with a stack in ideal_copy.c. A thread copies into a buffer of its own
 * and then claims the object by exchanging its header for the copy's address; who loses the race
 * takes its copy back and uses the winner's. Buffers are cut from to-space by one addition.
 *
 * Concurrency: headers in from-space are atomic, everything else of an object is read-only. A copy
 * is touched by the thread that made it, and its slots by whoever holds them on its stack; they
 * change hands through a pool.
 */
#include "harness/microbench/ideal_kernels.h"

#include "harness/microbench/ideal_object.h"
#include "harness/microbench/ideal_pool.h"
#include <gc/atomics.h>

enum { BUFFER_BYTES = 16 * 1024 };

struct copy_pass {
  struct ideal_copier *copier;
  enum ideal_copy_order order;
  struct ideal_pool pool;
  size_t to_used_bytes; /* atomic; handed out as buffers */
  size_t copied_objects[IDEAL_THREADS_MAX];
};

/* One thread's view of a pass. */
struct copy_thread {
  struct copy_pass *pass;
  struct ideal_from_space from;
  struct ideal_stack stack; /* of slots in copies */
  struct ideal_room room;   /* the thread's buffer */
  size_t copied_objects;
};

static void refill_buffer(struct copy_thread *thread) {
  /* Relaxed: the addition hands out places; what is in them is ordered by the headers. */
  size_t offset = gc_atomic_fetch_add_relaxed(&thread->pass->to_used_bytes, BUFFER_BYTES);
  thread->room.top = thread->pass->copier->to.base + offset;
  thread->room.limit = thread->room.top + BUFFER_BYTES;
}

/* The copy of `node`; sets *is_new when this call made it. */
GC_ALWAYS_INLINE struct ideal_node *forward_shared(struct copy_thread *thread,
                                                   struct ideal_node *node, bool *is_new) {
  *is_new = false;
  /* Relaxed: only the address of somebody else's copy is used, never what is in it. */
  uint64_t header = gc_atomic_load_relaxed(&node->header);
  if ((header & GC_HEADER_TAG) != 0) {
    size_t bytes = gc_header_size_bytes(header);
    if (GC_UNLIKELY((size_t)(thread->room.limit - thread->room.top) < bytes)) {
      refill_buffer(thread);
    }
    unsigned char *copy = thread->room.top;
    *(uint64_t *)(void *)copy = header;
    ideal_move(copy + GC_HEADER_BYTES, (const unsigned char *)node + GC_HEADER_BYTES,
               bytes - GC_HEADER_BYTES);
    if (gc_atomic_compare_exchange_relaxed(&node->header, &header, (uint64_t)copy)) {
      thread->room.top = copy + bytes;
      thread->copied_objects++;
      *is_new = true;
      return (struct ideal_node *)(void *)copy;
    }
  }
  return (struct ideal_node *)header; // NOLINT(performance-no-int-to-ptr)
}

GC_ALWAYS_INLINE void copy_slot(struct copy_thread *thread, struct ideal_node **slot) {
  bool is_new;
  struct ideal_node *copy = forward_shared(thread, *slot, &is_new);
  *slot = copy;
  if (GC_LIKELY(is_new)) {
    for (struct ideal_node **next = ideal_slots_end(copy); next-- > copy->slots;) {
      if (ideal_is_copied(&thread->from, *next)) {
        *thread->stack.top++ = next;
      }
    }
  }
}

static void drain_slots(struct copy_thread *thread) {
  while (thread->stack.top > thread->stack.bottom) {
    ideal_pool_share(&thread->pass->pool, &thread->stack);
    copy_slot(thread, *--thread->stack.top);
  }
}

static void drain_slots_with_fifo(struct copy_thread *thread) {
  struct ideal_node **fifo[IDEAL_PREFETCH_PLACES] = {0};
  size_t waiting_count = 0;
  for (size_t place = 0;; place = (place + 1) % IDEAL_PREFETCH_PLACES) {
    ideal_pool_share(&thread->pass->pool, &thread->stack);
    struct ideal_node **entering = NULL;
    if (thread->stack.top > thread->stack.bottom) {
      entering = *--thread->stack.top;
      __builtin_prefetch(*entering, 1);
      waiting_count++;
    }
    struct ideal_node **slot = fifo[place];
    fifo[place] = entering;
    if (slot != NULL) {
      waiting_count--;
      copy_slot(thread, slot);
    } else if (waiting_count == 0) {
      return;
    }
  }
}

static void copy_from_root(void *argument, unsigned index) {
  struct copy_pass *pass = argument;
  void **stack = (void **)(void *)pass->copier->stacks[index].base;
  struct copy_thread thread = {
      .pass = pass, .from = ideal_from_space_of(pass->copier), .stack = {stack, stack, stack}};
  struct ideal_node *root = ideal_copier_from(pass->copier, pass->copier->graph.root);
  if (index == 0) {
    copy_slot(&thread, &root);
  }
  do {
    if (pass->order == IDEAL_COPY_PREFETCH_FIFO) {
      drain_slots_with_fifo(&thread);
    } else {
      drain_slots(&thread);
    }
  } while (ideal_pool_take(&pass->pool, &thread.stack, pass->copier->thread_count));
  pass->copied_objects[index] = thread.copied_objects;
}

struct ideal_pass ideal_copy_shared(struct ideal_copier *copier, enum ideal_copy_order order) {
  struct copy_pass pass = {.copier = copier, .order = order};
  struct ideal_pass result = {0};
  result.elapsed_ns = ideal_threads_run(copier->thread_count, copy_from_root, &pass);
  for (unsigned i = 0; i < copier->thread_count; i++) {
    result.objects += pass.copied_objects[i];
  }
  return result;
}
