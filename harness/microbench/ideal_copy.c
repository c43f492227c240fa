/* Ideal copying: a scavenge of a tree in which everything survives.
 *
 * Algorithm: Cheney 1970 for the breadth-first orders, the copies being the queue; a stack of slots
 * for the depth-first ones. All of them forward: an object's header is replaced by the address of
 * its copy (even, while headers are odd) and tested before copying, although a tree would not need
 * it. What is read of an object, and what is not assumed of it, is said in ideal_object.h.
 *
 * The order of copying decides. On a tree that lies in depth-first order, a stack reads and writes
 * memory sequentially; on a scattered one every order misses, and what counts is how many misses
 * are in flight: a prefetch of the referent 16 slots ahead, in the queue or in a FIFO behind the
 * stack.
 *
 * Costs: from-space, to-space and stack stay mapped and warm, as a nursery's do.
 */
#include "harness/microbench/ideal_kernels.h"

#include "harness/clock.h"
#include "harness/microbench/ideal_object.h"
#include "harness/microbench/ideal_pool.h"
#include <string.h>

/* Behind the copies: what looking ahead reads, and what several threads leave unused of their
 * buffers. */
enum { CHILDREN = 2, TO_SPARE_BYTES = 512 * 1024 };

int ideal_copier_open(struct ideal_copier *copier, enum ideal_layout layout, size_t bytes,
                      unsigned thread_count, uint64_t seed) {
  *copier = (struct ideal_copier){.thread_count = thread_count};
  int status = ideal_graph_open(&copier->graph, layout, bytes, seed);
  if (status == 0) {
    status = ideal_memory_open(&copier->from, bytes, IDEAL_TOUCH_NOW);
  }
  if (status == 0) {
    status = ideal_memory_open(&copier->to, bytes + TO_SPARE_BYTES, IDEAL_TOUCH_NOW);
  }
  /* A slot is pushed once for each node; what a hungry thread is given it puts on an empty stack.
   */
  size_t stack_bytes = (copier->graph.node_count + IDEAL_POOL_ENTRIES) * sizeof(void *);
  for (unsigned i = 0; i < thread_count && status == 0; i++) {
    status = ideal_memory_open(&copier->stacks[i], stack_bytes, IDEAL_TOUCH_NOW);
  }
  if (status < 0) {
    ideal_copier_close(copier);
  }
  return status;
}

void ideal_copier_close(struct ideal_copier *copier) {
  ideal_graph_close(&copier->graph);
  ideal_memory_close(&copier->from);
  ideal_memory_close(&copier->to);
  for (unsigned i = 0; i < copier->thread_count; i++) {
    ideal_memory_close(&copier->stacks[i]);
  }
  *copier = (struct ideal_copier){0};
}

void ideal_copy_reset(struct ideal_copier *copier) {
  struct ideal_node *from = (struct ideal_node *)(void *)copier->from.base;
  for (size_t i = 0; i < copier->graph.node_count; i++) {
    const struct ideal_node *node = &copier->graph.nodes[i];
    from[i] = (struct ideal_node){.header = node->header,
                                  .children = {ideal_copier_from(copier, node->children[0]),
                                               ideal_copier_from(copier, node->children[1])},
                                  .number = node->number};
  }
  memset(copier->to.base, 0, copier->to.bytes);
}

struct copying {
  struct ideal_from_space from;
  struct ideal_room room;
};

/* The copy of `node`, made now unless there is one. */
GC_ALWAYS_INLINE struct ideal_node *forward(struct copying *copying, struct ideal_node *node) {
  uint64_t header = node->header;
  if (GC_UNLIKELY((header & GC_HEADER_TAG) == 0)) {
    return (struct ideal_node *)header; // NOLINT(performance-no-int-to-ptr)
  }
  size_t bytes = gc_header_size_bytes(header);
  unsigned char *copy = copying->room.top;
  if (GC_UNLIKELY(copy + bytes > copying->room.limit)) {
    abort();
  }
  copying->room.top = copy + bytes;
  ideal_move(copy, (const unsigned char *)node, bytes);
  node->header = (uint64_t)copy;
  return (struct ideal_node *)(void *)copy;
}

/* Forwards what the copy at `scan` refers to, and returns the copy's end. */
GC_ALWAYS_INLINE unsigned char *scan_copy(struct copying *copying, unsigned char *scan) {
  struct ideal_node *copy = (struct ideal_node *)(void *)scan;
  uint64_t header = copy->header;
  struct ideal_node **end = copy->slots + gc_header_slot_count(header);
  for (struct ideal_node **slot = copy->slots; slot < end; slot++) {
    struct ideal_node *node = *slot;
    if (ideal_is_copied(&copying->from, node)) {
      *slot = forward(copying, node);
    }
  }
  return scan + gc_header_size_bytes(header);
}

static unsigned char *copy_breadth_first(struct ideal_node *root, struct copying copying) {
  unsigned char *scan = copying.room.top;
  forward(&copying, root);
  while (scan < copying.room.top) {
    scan = scan_copy(&copying, scan);
  }
  return copying.room.top;
}

/* What lies behind the last copy is stale or null: prefetching it is harmless. */
static unsigned char *copy_look_ahead(struct ideal_node *root, struct copying copying) {
  unsigned char *scan = copying.room.top;
  forward(&copying, root);
  while (scan < copying.room.top) {
    const struct ideal_node *ahead =
        (const struct ideal_node *)(void *)scan + IDEAL_PREFETCH_PLACES / CHILDREN;
    __builtin_prefetch(ahead->slots[0], 1);
    __builtin_prefetch(ahead->slots[1], 1);
    scan = scan_copy(&copying, scan);
  }
  return copying.room.top;
}

/* Pushes the slots of a copy so that the first is popped first. */
GC_ALWAYS_INLINE struct ideal_node ***push_copied_slots(const struct copying *copying,
                                                        struct ideal_node ***top,
                                                        struct ideal_node *copy) {
  for (struct ideal_node **slot = ideal_slots_end(copy); slot-- > copy->slots;) {
    if (ideal_is_copied(&copying->from, *slot)) {
      *top++ = slot;
    }
  }
  return top;
}

static unsigned char *copy_depth_first(struct ideal_node *root, struct copying copying,
                                       struct ideal_node ***stack) {
  struct ideal_node ***top = push_copied_slots(&copying, stack, forward(&copying, root));
  while (top > stack) {
    struct ideal_node **slot = *--top;
    const unsigned char *next = copying.room.top;
    struct ideal_node *copy = forward(&copying, *slot);
    *slot = copy;
    if (GC_LIKELY((const unsigned char *)copy == next)) {
      top = push_copied_slots(&copying, top, copy);
    }
  }
  return copying.room.top;
}

static unsigned char *copy_prefetch_fifo(struct ideal_node *root, struct copying copying,
                                         struct ideal_node ***stack) {
  struct ideal_node **fifo[IDEAL_PREFETCH_PLACES] = {0};
  size_t waiting_count = 0;
  struct ideal_node ***top = push_copied_slots(&copying, stack, forward(&copying, root));
  for (size_t place = 0;; place = (place + 1) % IDEAL_PREFETCH_PLACES) {
    struct ideal_node **entering = NULL;
    if (top > stack) {
      entering = *--top;
      __builtin_prefetch(*entering, 1);
      waiting_count++;
    }
    struct ideal_node **slot = fifo[place];
    fifo[place] = entering;
    if (slot == NULL) {
      if (waiting_count == 0) {
        return copying.room.top;
      }
      continue;
    }
    waiting_count--;
    const unsigned char *next = copying.room.top;
    struct ideal_node *copy = forward(&copying, *slot);
    *slot = copy;
    if (GC_LIKELY((const unsigned char *)copy == next)) {
      top = push_copied_slots(&copying, top, copy);
    }
  }
}

static unsigned char *copy_in_order(struct ideal_copier *copier, enum ideal_copy_order order) {
  struct ideal_node *root = ideal_copier_from(copier, copier->graph.root);
  struct copying copying = {ideal_from_space_of(copier),
                            {copier->to.base, copier->to.base + copier->to.bytes}};
  struct ideal_node ***stack = (struct ideal_node ***)(void *)copier->stacks[0].base;
  switch (order) {
  case IDEAL_COPY_BREADTH_FIRST:
    return copy_breadth_first(root, copying);
  case IDEAL_COPY_LOOK_AHEAD:
    return copy_look_ahead(root, copying);
  case IDEAL_COPY_DEPTH_FIRST:
    return copy_depth_first(root, copying, stack);
  case IDEAL_COPY_PREFETCH_FIFO:
    return copy_prefetch_fifo(root, copying, stack);
  case IDEAL_COPY_ORDERS:
    break;
  }
  return copier->to.base;
}

struct ideal_pass ideal_copy(struct ideal_copier *copier, enum ideal_copy_order order) {
  if (copier->thread_count > 1) {
    return ideal_copy_shared(copier, order);
  }
  uint64_t begin_ns = clock_now_ns();
  const unsigned char *to_end = copy_in_order(copier, order);
  return (struct ideal_pass){.elapsed_ns = clock_now_ns() - begin_ns,
                             .objects = (size_t)(to_end - copier->to.base) / IDEAL_NODE_BYTES};
}

static bool is_in_to_space(const struct ideal_copier *copier, const struct ideal_node *copy) {
  size_t offset = (uintptr_t)copy - (uintptr_t)copier->to.base;
  return offset < copier->to.bytes && offset % IDEAL_NODE_BYTES == 0;
}

/* Whether `copy` is the image of `node`, its children being copies of that node's children. */
static bool is_copy_of(const struct ideal_copier *copier, const struct ideal_node *copy,
                       const struct ideal_node *node) {
  if (copy->header != node->header || copy->number != node->number) {
    return false;
  }
  for (unsigned i = 0; i < CHILDREN; i++) {
    const struct ideal_node *child = copy->children[i];
    if ((child == NULL) != (node->children[i] == NULL)) {
      return false;
    }
    if (child != NULL &&
        (!is_in_to_space(copier, child) || child->number != node->children[i]->number)) {
      return false;
    }
  }
  return true;
}

/* Numbers differ from node to node, so two nodes cannot have the same place. */
bool ideal_copy_check(const struct ideal_copier *copier) {
  const struct ideal_node *from = (const struct ideal_node *)(const void *)copier->from.base;
  for (size_t i = 0; i < copier->graph.node_count; i++) {
    const struct ideal_node *copy =
        (const struct ideal_node *)from[i].header; // NOLINT(performance-no-int-to-ptr)
    if (!is_in_to_space(copier, copy) || !is_copy_of(copier, copy, &copier->graph.nodes[i])) {
      return false;
    }
  }
  return true;
}
