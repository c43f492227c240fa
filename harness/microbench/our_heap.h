/* Heaps that the microbenchmarks measure, and the ideal kernels' graphs built in them.
 *
 * Graphs are built through the public calls alone, and end up with the ideal's layout: nodes are
 * allocated as one list, moved to where they will stay, and then linked to a tree by the order of
 * their addresses, or by a permutation of it. Between looking at the addresses and storing the last
 * reference there is no safepoint.
 */
#ifndef HARNESS_MICROBENCH_OUR_HEAP_H
#define HARNESS_MICROBENCH_OUR_HEAP_H

#include "harness/microbench/ideal_kernels.h"
#include <gc/gc.h>

struct our_heap {
  struct gc_heap *heap; /* null: closed */
  struct gc_mutator *mutator;
  struct gc_handle root; /* the graph's root; null when there is none */
};

struct our_heap_shape {
  size_t heap_bytes;
  size_t nursery_bytes; /* 0: the default */
  unsigned thread_count;
};

/* A heap under collector stw, with the calling thread attached and a handle for a root; false, with
 * a sentence in error, when that cannot be had. */
bool our_heap_open(struct our_heap *ours, const struct our_heap_shape *shape, char *error,
                   size_t error_size);
void our_heap_close(struct our_heap *ours);

/* Allocates nodes of the layout's shape as one list that hangs from the root. False: the heap is
 * exhausted. */
bool our_heap_fill(struct our_heap *ours, enum ideal_layout layout, size_t node_count);

/* Makes the list of node_count nodes a graph of this layout. No safepoint. False: C memory is
 * lacking, or the list is not what it should be. */
bool our_heap_link(struct our_heap *ours, enum ideal_layout layout, size_t node_count,
                   uint64_t seed);

struct gc_statistics our_heap_statistics(const struct our_heap *ours);

#endif
