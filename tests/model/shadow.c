/* The shadow's nodes: made with the objects they stand for, found by identity, freed by a sweep of
 * their own at a rendezvous.
 *
 * Concurrency: a thread makes nodes in its own table. Another looks a node up only after it has
 * taken a reference to the object from a cell; the exchange orders the table's stores before that.
 */
#include "tests/model/model.h"
#include <stdlib.h>

#define CHUNK_NODES ((uint32_t)16384)
#define CHUNKS      ((uint32_t)4096)

static void *allocate_or_abort(size_t count, size_t bytes) {
  void *memory = calloc(count, bytes);
  if (memory == NULL) {
    abort();
  }
  return memory;
}

struct model_node *model_node_create(struct model_thread *thread, size_t slot_count,
                                     size_t raw_bytes, uint32_t type) {
  struct model_nodes *nodes = &thread->nodes;
  uint32_t serial = nodes->count++;
  if (nodes->chunks == NULL) {
    nodes->chunks = allocate_or_abort(CHUNKS, sizeof *nodes->chunks);
  }
  if (serial / CHUNK_NODES == CHUNKS) {
    model_fail(thread, "the model ran out of identities; use fewer operations");
  }
  struct model_node ***chunk = &nodes->chunks[serial / CHUNK_NODES];
  if (*chunk == NULL) {
    *chunk = allocate_or_abort(CHUNK_NODES, sizeof **chunk);
  }
  struct model_node *node =
      allocate_or_abort(1, sizeof *node + slot_count * sizeof(struct model_node *));
  *node = (struct model_node){
      .identity = (uint64_t)(thread->index + 1) << 32 | serial,
      .slot_count = slot_count,
      .raw_bytes = raw_bytes,
      .type = type,
      .owner = thread->index,
  };
  (*chunk)[serial % CHUNK_NODES] = node;
  return node;
}

struct model_node *model_node_find(struct model_world *world, uint64_t identity) {
  uint64_t number = identity >> 32;
  uint32_t serial = (uint32_t)identity;
  if (number == 0 || number > world->settings.thread_count) {
    return NULL;
  }
  const struct model_nodes *nodes = &world->threads[number - 1].nodes;
  if (nodes->chunks == NULL || serial / CHUNK_NODES >= CHUNKS ||
      nodes->chunks[serial / CHUNK_NODES] == NULL) {
    return NULL;
  }
  return nodes->chunks[serial / CHUNK_NODES][serial % CHUNK_NODES];
}

static void sweep_chunk(const struct model_world *world, struct model_node **chunk) {
  for (uint32_t place = 0; place < CHUNK_NODES; place++) {
    if (chunk[place] != NULL && chunk[place]->epoch != world->epoch) {
      free(chunk[place]);
      chunk[place] = NULL;
    }
  }
}

void model_nodes_sweep(struct model_world *world) {
  for (unsigned index = 0; index < world->settings.thread_count; index++) {
    const struct model_nodes *nodes = &world->threads[index].nodes;
    for (uint32_t first = 0; first < nodes->count; first += CHUNK_NODES) {
      sweep_chunk(world, nodes->chunks[first / CHUNK_NODES]);
    }
  }
}

void model_nodes_finish(struct model_thread *thread) {
  struct model_nodes *nodes = &thread->nodes;
  for (uint32_t serial = 0; serial < nodes->count; serial++) {
    free(nodes->chunks[serial / CHUNK_NODES][serial % CHUNK_NODES]);
  }
  for (uint32_t first = 0; first < nodes->count; first += CHUNK_NODES) {
    free(nodes->chunks[first / CHUNK_NODES]);
  }
  free(nodes->chunks);
  *nodes = (struct model_nodes){0};
}

size_t model_node_bytes(const struct model_node *node) {
  return gc_object_bytes_for(node->slot_count, node->raw_bytes);
}
