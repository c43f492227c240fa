/* The ideal kernels: the hot loops of a collector, alone on bare memory.
 *
 * Each kernel does the work of one hot path (bump allocation, copying a live tree, marking) with
 * nothing around it: no heap, no barrier, no events, no verification inside the loop. They are the
 * floors that the heap's own paths are compared with. The best of the kernels for a layout is the
 * ideal for that layout.
 *
 * The objects are the heap's (gc/object.h): an 8-byte header, reference slots, raw bytes; 32 bytes
 * each. A kernel reads slot count and size from the header, as the heap must: in marking that costs
 * nothing over a constant, because the header's cache line is needed anyway, in copying a third.
 *
 * A kernel that does too little must not look fast: each has a check, outside the timed part, that
 * compares what it did with what the graph demands, object by object. The caller treats a failed
 * check as a failed benchmark.
 *
 * Kernels time themselves: `elapsed_ns` covers the loop alone, from the moment all threads are
 * ready.
 */
#ifndef HARNESS_MICROBENCH_IDEAL_KERNELS_H
#define HARNESS_MICROBENCH_IDEAL_KERNELS_H

#include <gc/object.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  IDEAL_NODE_BYTES = 32,
  IDEAL_NODE_SLOTS_MAX = 3,
  IDEAL_THREADS_MAX = 16,
  IDEAL_PREFETCH_PLACES =
      16, /* of every FIFO and look-ahead: chosen by measurement, on the machine of limits.def */
};

/* What one timed pass did. */
struct ideal_pass {
  uint64_t elapsed_ns;
  size_t objects; /* allocated, copied or marked */
};

/* --- memory
 * --------------------------------------------------------------------------------------------------
 */

/* A range aligned to 2 MiB, advised to use huge pages. */
struct ideal_memory {
  unsigned char *base;
  size_t bytes;
};

enum ideal_touch {
  IDEAL_TOUCH_NOW,   /* every OS page is present when the call returns */
  IDEAL_TOUCH_LATER, /* reserved; pages come with their first use */
};

/* 0, or a negative errno with `memory` empty. */
int ideal_memory_open(struct ideal_memory *memory, size_t bytes, enum ideal_touch touch);
void ideal_memory_close(struct ideal_memory *memory);

/* Streams through `bytes`; both are the yardsticks of ideal_bandwidth.c. */
struct ideal_pass ideal_bandwidth_read(const struct ideal_memory *memory, uint64_t *sum);
struct ideal_pass ideal_bandwidth_copy(struct ideal_memory *to, const struct ideal_memory *from);

/* --- threads
 * -------------------------------------------------------------------------------------------------
 */

typedef void ideal_thread_body(void *argument, unsigned index);

/* Runs `body` once on each of `thread_count` threads, the caller being thread 0. All of them spin
 * until the last is ready; the result is the time from there until the last has returned, or 0 when
 * a thread cannot be started. */
uint64_t ideal_threads_run(unsigned thread_count, ideal_thread_body *body, void *argument);

/* --- graphs
 * --------------------------------------------------------------------------------------------------
 */

enum ideal_layout {
  IDEAL_LAYOUT_IN_ORDER_TREE, /* binary tree, in memory in the order of a depth-first walk */
  IDEAL_LAYOUT_SHUFFLED_TREE, /* the same tree, its nodes scattered at random */
  IDEAL_LAYOUT_RANDOM_GRAPH,  /* the shuffled tree with a third edge to a random node */
};

/* Trees have two references and 8 raw bytes, which hold the node's number in depth-first order. The
 * random graph uses them for its third reference. */
struct ideal_node {
  uint64_t header;
  union {
    struct ideal_node *slots[IDEAL_NODE_SLOTS_MAX];
    struct {
      struct ideal_node *children[2];
      uint64_t number;
    };
  };
};
_Static_assert(sizeof(struct ideal_node) == IDEAL_NODE_BYTES, "four words");

struct ideal_graph {
  struct ideal_memory memory;
  struct ideal_node *nodes; /* node_count of them without gaps, every one reachable from the root */
  struct ideal_node *root;
  size_t node_count, slot_count;
};

/* The largest graph of this layout that fits into `bytes`. 0, or a negative errno with `graph`
 * empty. */
int ideal_graph_open(struct ideal_graph *graph, enum ideal_layout layout, size_t bytes,
                     uint64_t seed);
void ideal_graph_close(struct ideal_graph *graph);

/* A random number below bound; advances the state. */
size_t ideal_random_below(uint64_t *state, size_t bound);

/* Writes a random permutation of 0 .. count-1. Counts up to 2^32. */
void ideal_shuffle(uint32_t *permutation, size_t count, uint64_t seed);

/* --- allocation
 * ---------------------------------------------------------------------------------------------- */

struct ideal_allocator {
  struct ideal_memory buffers[IDEAL_THREADS_MAX]; /* one for each thread, used again and again */
  size_t buffer_bytes;
  size_t objects_per_thread;
  size_t objects_done[IDEAL_THREADS_MAX]; /* of the last pass, from where each top ended */
  unsigned thread_count;
};

int ideal_allocator_open(struct ideal_allocator *allocator, size_t buffer_bytes,
                         size_t objects_per_thread, unsigned thread_count);
void ideal_allocator_close(struct ideal_allocator *allocator);

/* Each thread bump-allocates objects_per_thread objects: limit test, zeroed body, header; a full
 * buffer starts anew. */
struct ideal_pass ideal_allocate(struct ideal_allocator *allocator);

/* Fills the buffers with a pattern that no pass leaves behind. */
void ideal_allocate_reset(struct ideal_allocator *allocator);

/* Whether a pass since the last reset left exactly the objects it should have, in every buffer. */
bool ideal_allocate_check(const struct ideal_allocator *allocator);

/* --- copying
 * -------------------------------------------------------------------------------------------------
 */

enum ideal_copy_order {
  IDEAL_COPY_BREADTH_FIRST, /* Cheney: the copies are the queue */
  IDEAL_COPY_LOOK_AHEAD,    /* Cheney, prefetching the referent of the slot 16 places ahead */
  IDEAL_COPY_DEPTH_FIRST,   /* a stack of slots */
  IDEAL_COPY_PREFETCH_FIFO, /* a stack of slots whose referents wait 16 places in a prefetch FIFO */
  IDEAL_COPY_ORDERS,
};

/* Copies a tree in which everything survives, with forwarding, into a to-space that is reused. One
 * thread forwards with plain stores; several do with compare-and-exchange, and know the two orders
 * that use a stack. */
struct ideal_copier {
  struct ideal_graph graph; /* as built: never copied from */
  struct ideal_memory from; /* its image, in which a pass leaves forwarding addresses */
  struct ideal_memory to;
  struct ideal_memory stacks[IDEAL_THREADS_MAX];
  unsigned thread_count;
};

int ideal_copier_open(struct ideal_copier *copier, enum ideal_layout layout, size_t bytes,
                      unsigned thread_count, uint64_t seed);
void ideal_copier_close(struct ideal_copier *copier);

/* Restores from-space and empties to-space. Due before every pass. */
void ideal_copy_reset(struct ideal_copier *copier);
struct ideal_pass ideal_copy(struct ideal_copier *copier, enum ideal_copy_order order);

/* The pass of several threads; called by ideal_copy. */
struct ideal_pass ideal_copy_shared(struct ideal_copier *copier, enum ideal_copy_order order);

/* The same node in from-space; null stays null. */
static inline struct ideal_node *ideal_copier_from(const struct ideal_copier *copier,
                                                   const struct ideal_node *node) {
  struct ideal_node *from = (struct ideal_node *)(void *)copier->from.base;
  return node == NULL ? NULL : &from[node - copier->graph.nodes];
}

/* Whether to-space holds each node once and every copy refers to the copies of its children. */
bool ideal_copy_check(const struct ideal_copier *copier);

/* --- marking
 * -------------------------------------------------------------------------------------------------
 */

enum ideal_mark_order {
  IDEAL_MARK_PREFETCH_FIFO, /* 16 places between the stack and the scan: the reference of all
                               layouts */
  IDEAL_MARK_STACK,         /* no prefetch: what the FIFO costs in order and brings elsewhere */
};

/* Marks a graph in a side bitmap, one bit for 8 bytes; one thread with plain stores, several with
 * atomic ones. */
struct ideal_marker {
  const struct ideal_graph *graph; /* not owned */
  struct ideal_memory bits;
  struct ideal_memory stacks[IDEAL_THREADS_MAX];
  unsigned thread_count;
};

int ideal_marker_open(struct ideal_marker *marker, const struct ideal_graph *graph,
                      unsigned thread_count);
void ideal_marker_close(struct ideal_marker *marker);

/* Clears the bitmap. Due before every pass. */
void ideal_mark_reset(struct ideal_marker *marker);
struct ideal_pass ideal_mark(struct ideal_marker *marker, enum ideal_mark_order order);

/* Whether exactly the nodes of the graph are marked. */
bool ideal_mark_check(const struct ideal_marker *marker);

/* --- stores --------------------------------------------------------------------------------------*/

enum { IDEAL_STORE_NODES = 256 };

struct ideal_storer {
  struct ideal_node nodes[IDEAL_STORE_NODES];
  struct ideal_node *sources[IDEAL_STORE_NODES];
  uintptr_t values[IDEAL_STORE_NODES];
};

void ideal_store_open(struct ideal_storer *storer);
/* Stores every value into its source so many rounds; the nanoseconds that took. */
uint64_t ideal_store(struct ideal_storer *storer, size_t rounds);
bool ideal_store_check(const struct ideal_storer *storer);

/* --- sweeping ------------------------------------------------------------------------------------*/

struct ideal_sweeper {
  struct ideal_memory bits;
  size_t word_count;
  size_t live_granules, free_granules; /* as built, as found by the last pass */
};

/* The bitmap of so many bytes of heap full of nodes, of which live_percent are marked at random. 0,
 * or a negative errno value. */
int ideal_sweeper_open(struct ideal_sweeper *sweeper, size_t bytes, unsigned live_percent,
                       uint64_t seed);
void ideal_sweeper_close(struct ideal_sweeper *sweeper);
/* The pass's objects are bytes of heap. */
struct ideal_pass ideal_sweep(struct ideal_sweeper *sweeper);
bool ideal_sweep_check(const struct ideal_sweeper *sweeper);

#endif
