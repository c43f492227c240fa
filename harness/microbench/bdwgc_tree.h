/* Trees on libgc, for the native ports of workloads: the same trees, counted and checked the same
 * way.
 *
 * A port is written as a user of libgc writes it: references in C variables and in objects, found
 * by the collector; no handles, no polls, no barrier. Objects come from GC_MALLOC, which serves
 * them from lists of the thread's own; this is the port that ratios are quoted against. With
 * --lists the program keeps its own list of nodes, filled by GC_malloc_many: the fastest that libgc
 * offers for many objects of one size, for those who would go that far. Two markers, as many as
 * this project's collectors have threads on the machine the comparison is defined for.
 *
 * A unit defines `struct node` before it includes this, with members left, right and, where
 * NODE_HAS_LABEL is 1, label. Memory from libgc is zero.
 */
#ifndef HARNESS_MICROBENCH_BDWGC_TREE_H
#define HARNESS_MICROBENCH_BDWGC_TREE_H

#define GC_THREADS 1 /* asks libgc's header for the calls of its threaded build */
#include <gc/gc.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BDWGC_MARKERS = 2 };

static inline uint64_t bdwgc_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static bool node_lists; /* nodes from GC_malloc_many; constant after bdwgc_begin */

static inline void bdwgc_begin(int argc, char **argv) {
  if (argc > 2 || (argc == 2 && strcmp(argv[1], "--lists") != 0)) {
    fprintf(stderr, "usage: %s [--lists]\n", argv[0]);
    exit(2);
  }
  node_lists = argc == 2;
  GC_set_markers_count(BDWGC_MARKERS);
  GC_INIT();
  GC_allow_register_threads(); /* starts the markers, which wait for a second thread otherwise */
}

static inline void *bdwgc_checked(void *memory) {
  if (memory == NULL) {
    fprintf(stderr, "libgc is out of memory\n");
    exit(1);
  }
  return memory;
}

static void *free_nodes; /* a list through the first word; static data is a root */

static inline struct node *node_from_list(void) {
  if (__builtin_expect(free_nodes == NULL, 0)) {
    free_nodes = bdwgc_checked(GC_malloc_many(sizeof(struct node)));
  }
  struct node *node = free_nodes;
  free_nodes = GC_NEXT(free_nodes);
  GC_NEXT(node) = NULL;
  return node;
}

static inline struct node *node_allocate(uint64_t label) {
  struct node *node = node_lists ? node_from_list() : bdwgc_checked(GC_MALLOC(sizeof(struct node)));
  if (NODE_HAS_LABEL) {
    node_set_label(node, label);
  }
  return node;
}

static inline uint64_t tree_node_count(unsigned depth) {
  return (UINT64_C(2) << depth) - 1;
}

/* A node's label follows from its parent's, so that a node in the wrong place is noticed. */
static inline uint64_t label_of_child(uint64_t label, unsigned side) {
  return label * UINT64_C(0xd1342543de82ef95) + 1 + side;
}

static struct node *tree_build(unsigned depth, uint64_t label) {
  if (depth == 0) {
    return node_allocate(label);
  }
  struct node *left = tree_build(depth - 1, label_of_child(label, 0));
  struct node *right = tree_build(depth - 1, label_of_child(label, 1));
  struct node *node = node_allocate(label);
  node->left = left;
  node->right = right;
  return node;
}

/* The number of right nodes; every fault makes it smaller. */
static uint64_t tree_count(const struct node *node, unsigned depth, uint64_t label) {
  if (NODE_HAS_LABEL && node_label(node) != label) {
    return 0;
  }
  if (node->left == NULL || node->right == NULL) {
    return node->left == NULL && node->right == NULL ? 1 : 0;
  }
  if (depth == 0) {
    return 0;
  }
  return 1 + tree_count(node->left, depth - 1, label_of_child(label, 0)) +
         tree_count(node->right, depth - 1, label_of_child(label, 1));
}

/* Ends the program when the count is wrong. Returns it. */
static uint64_t tree_check(const struct node *tree, unsigned depth, uint64_t label) {
  uint64_t count = tree_count(tree, depth, label);
  if (count != tree_node_count(depth)) {
    fprintf(stderr, "a tree of depth %u has %" PRIu64 " right nodes, not %" PRIu64 "\n", depth,
            count, tree_node_count(depth));
    exit(1);
  }
  return count;
}

/* One line that scripts read: name value pairs. */
static inline void bdwgc_report(const char *workload, uint64_t trees, uint64_t counted_nodes,
                                uint64_t elapsed_ns) {
  printf("workload %s trees %" PRIu64 " counted_nodes %" PRIu64 " collections %lu heap_bytes %zu "
         "elapsed_ns %" PRIu64 "\n",
         workload, trees, counted_nodes, (unsigned long)GC_get_gc_no(), GC_get_heap_size(),
         elapsed_ns);
}

#endif
