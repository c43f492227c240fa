/* Heaps that the microbenchmarks measure, and the ideal kernels' graphs built in them. */
#include "harness/microbench/our_heap.h"

#include <stdlib.h>

bool our_heap_open(struct our_heap *ours, const struct our_heap_shape *shape, char *error,
                   size_t error_size) {
  struct gc_options options = gc_options_default();
  options.heap_bytes = shape->heap_bytes;
  options.max_old_space_mib = shape->heap_bytes >> 20;
  options.nursery_bytes = shape->nursery_bytes;
  options.gc_threads = shape->thread_count;
  options.collector = "stw";
  options.pretenuring = false; /* what is measured begins in the nursery */
  *ours = (struct our_heap){0};
  if (gc_heap_open(&options, &ours->heap, error, error_size) < 0) {
    ours->heap = NULL;
    return false;
  }
  ours->mutator = gc_attach(ours->heap, error, error_size);
  if (ours->mutator == NULL) {
    gc_heap_close(ours->heap);
    ours->heap = NULL;
    return false;
  }
  ours->root = gc_handle_push(ours->mutator, gc_null());
  return true;
}

void our_heap_close(struct our_heap *ours) {
  if (ours->heap != NULL) {
    gc_detach(ours->mutator);
    gc_heap_close(ours->heap);
  }
  *ours = (struct our_heap){0};
}

struct gc_statistics our_heap_statistics(const struct our_heap *ours) {
  struct gc_statistics statistics;
  gc_statistics_read(ours->heap, &statistics);
  return statistics;
}

static size_t slots_of(enum ideal_layout layout) {
  return layout == IDEAL_LAYOUT_RANDOM_GRAPH ? 3 : 2;
}

bool our_heap_fill(struct our_heap *ours, enum ideal_layout layout, size_t node_count) {
  size_t slot_count = slots_of(layout);
  size_t raw_bytes = IDEAL_NODE_BYTES - GC_HEADER_BYTES - slot_count * sizeof(struct gc_ref);
  gc_handle_set(ours->mutator, ours->root, gc_null());
  for (size_t i = 0; i < node_count; i++) {
    struct gc_ref node = gc_allocate(ours->mutator, slot_count, raw_bytes, 0);
    if (gc_is_null(node)) {
      return false;
    }
    gc_init_field(ours->mutator, node, 0, gc_handle_get(ours->root));
    gc_handle_set(ours->mutator, ours->root, node);
  }
  return true;
}

/* The nodes of the list by address. Addresses are sorted by setting a bit for each. */
static struct gc_ref *nodes_by_address(struct our_heap *ours, size_t node_count) {
  uintptr_t lowest = UINTPTR_MAX;
  uintptr_t highest = 0;
  size_t found_count = 0;
  for (struct gc_ref node = gc_handle_get(ours->root); !gc_is_null(node);
       node = gc_read_field(ours->mutator, node, 0)) {
    lowest = node.address < lowest ? node.address : lowest;
    highest = node.address > highest ? node.address : highest;
    found_count++;
  }
  if (found_count != node_count || node_count == 0) {
    return NULL;
  }
  size_t word_count = ((highest - lowest) >> GC_GRANULE_BYTES_LOG2) / 64 + 1;
  uint64_t *bits = calloc(word_count, sizeof *bits);
  struct gc_ref *nodes = malloc(node_count * sizeof *nodes);
  if (bits != NULL && nodes != NULL) {
    for (struct gc_ref node = gc_handle_get(ours->root); !gc_is_null(node);
         node = gc_read_field(ours->mutator, node, 0)) {
      size_t granule = (node.address - lowest) >> GC_GRANULE_BYTES_LOG2;
      bits[granule / 64] |= UINT64_C(1) << granule % 64;
    }
    size_t next = 0;
    for (size_t word = 0; word < word_count; word++) {
      for (uint64_t left = bits[word]; left != 0; left &= left - 1) {
        size_t granule = word * 64 + (size_t)__builtin_ctzll(left);
        nodes[next++] = (struct gc_ref){lowest + (granule << GC_GRANULE_BYTES_LOG2)};
      }
    }
  }
  free(bits);
  return nodes;
}

struct linker {
  struct gc_mutator *mutator;
  const struct gc_ref *nodes;
  const uint32_t *places; /* null: in order */
  size_t node_count;
  enum ideal_layout layout;
  uint64_t random_state;
};

/* As the ideal graph's tree: recursion is as deep as the tree. */
static struct gc_ref link_tree(struct linker *linker, size_t number, size_t size) {
  if (size == 0) {
    return gc_null();
  }
  size_t left_size = size / 2;
  struct gc_ref node = linker->nodes[linker->places ? linker->places[number] : number];
  struct gc_ref left = link_tree(linker, number + 1, left_size);
  struct gc_ref right = link_tree(linker, number + 1 + left_size, size - 1 - left_size);
  gc_write_field(linker->mutator, node, 0, left);
  gc_write_field(linker->mutator, node, 1, right);
  if (linker->layout == IDEAL_LAYOUT_RANDOM_GRAPH) {
    size_t other = ideal_random_below(&linker->random_state, linker->node_count);
    gc_write_field(linker->mutator, node, 2, linker->nodes[other]);
  }
  return node;
}

bool our_heap_link(struct our_heap *ours, enum ideal_layout layout, size_t node_count,
                   uint64_t seed) {
  struct gc_ref *nodes = nodes_by_address(ours, node_count);
  uint32_t *places = NULL;
  if (layout != IDEAL_LAYOUT_IN_ORDER_TREE) {
    places = malloc(node_count * sizeof *places);
  }
  bool can_link = nodes != NULL && (places != NULL || layout == IDEAL_LAYOUT_IN_ORDER_TREE);
  if (can_link) {
    if (places != NULL) {
      ideal_shuffle(places, node_count, seed);
    }
    struct linker linker = {.mutator = ours->mutator,
                            .nodes = nodes,
                            .places = places,
                            .node_count = node_count,
                            .layout = layout,
                            .random_state = seed + 1};
    gc_handle_set(ours->mutator, ours->root, link_tree(&linker, 0, node_count));
  }
  free(places);
  free(nodes);
  return can_link;
}
