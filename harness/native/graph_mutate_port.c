/* graph_mutate, native: workloads/graph_mutate_ops.c in C. The self-check is that one's.
 *
 * A replaced node is not freed: random edges of others may lead to it, and nobody counts them.
 */
#include "workloads/graph_mutate.h"

#include "harness/native/native.h"

struct node {
  struct node *slots[GRAPH_SLOTS];
  uint32_t id;
  uint32_t random_id;
};

struct graph {
  struct workload_run *run;
  struct node ***top; /* chunks of pointers to nodes */
  struct node *chain; /* the newest node of the current chain */
  uint64_t nodes;
  uint64_t random;
  uint64_t replacements;
};

static inline struct node **place_of(const struct graph *graph, uint64_t id) {
  return &graph->top[id >> GRAPH_CHUNK_NODES_LOG2][id % GRAPH_CHUNK_NODES];
}

static inline struct node *node_of(const struct graph *graph, uint64_t id) {
  return *place_of(graph, id);
}

static inline void node_install(const struct graph *graph, uint64_t id, struct node *node) {
  *place_of(graph, id) = node;
  if (id > 0) {
    node_of(graph, (id - 1) / 2)->slots[(id - 1) % 2] = node;
  }
}

static inline void random_edge_set(const struct graph *graph, uint64_t from, uint64_t to) {
  struct node *src = node_of(graph, from);
  src->slots[GRAPH_RANDOM] = node_of(graph, to);
  src->random_id = (uint32_t)to;
}

static void graph_build(struct graph *graph, uint64_t total_steps) {
  graph->top = native_allocate_zero(graph_chunk_count(graph->nodes) * sizeof *graph->top);
  for (uint64_t id = 0; id < graph->nodes; id++) {
    if (id % GRAPH_CHUNK_NODES == 0) {
      uint64_t place = id >> GRAPH_CHUNK_NODES_LOG2;
      uint64_t length = graph_chunk_length(graph->nodes, place);
      graph->top[place] = native_allocate_zero(length * sizeof **graph->top);
    }
    struct node *node = native_allocate_zero(sizeof *node);
    node->id = (uint32_t)id;
    node_install(graph, id, node);
    workload_progress_step(graph->run, id, total_steps);
  }
  for (uint64_t id = 0; id < graph->nodes; id++) {
    random_edge_set(graph, id, workload_random_below(&graph->random, graph->nodes));
  }
}

static inline void chain_drop(struct graph *graph) {
  for (struct node *node = graph->chain; NATIVE_FREES && node != NULL;) {
    struct node *older = node->slots[GRAPH_LEFT];
    native_free(node);
    node = older;
  }
  graph->chain = NULL;
}

static inline void chain_build(struct graph *graph, uint64_t length) {
  chain_drop(graph);
  for (uint64_t place = 0; place < length; place++) {
    struct node *node = native_allocate_zero(sizeof *node);
    node->id = (uint32_t)place;
    node->slots[GRAPH_LEFT] = graph->chain;
    graph->chain = node;
  }
}

static enum workload_status chain_check(struct graph *graph, uint64_t length) {
  struct workload_run *run = graph->run;
  const struct node *node = graph->chain;
  uint64_t place = length;
  while (node != NULL && place > 0 && node->id == place - 1) {
    node = node->slots[GRAPH_LEFT];
    place--;
  }
  run->checksum = workload_fold(run->checksum, length - place);
  if (node != NULL || place != 0) {
    return workload_wrong(run, "a chain has %" PRIu64 " right nodes, not %" PRIu64, length - place,
                          length);
  }
  return WORKLOAD_DONE;
}

static void replace(struct graph *graph, uint64_t id) {
  struct node *node = native_allocate(sizeof *node);
  *node = *node_of(graph, id);
  node_install(graph, id, node);
  graph->replacements++;
}

static enum workload_status operate(struct graph *graph, uint64_t operations,
                                    uint64_t total_steps) {
  struct workload_run *run = graph->run;
  uint64_t length = workload_integer(run, GRAPH_MUTATE_CHAIN);
  uint64_t replace_every = workload_integer(run, GRAPH_MUTATE_REPLACE_EVERY);
  uint64_t until_replacement = replace_every;
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t operation = 0; operation < operations && status == WORKLOAD_DONE; operation++) {
    chain_build(graph, length);
    uint64_t from = workload_random_below(&graph->random, graph->nodes);
    uint64_t to = workload_random_below(&graph->random, graph->nodes);
    random_edge_set(graph, from, to);
    if (--until_replacement == 0) {
      until_replacement = replace_every;
      status = chain_check(graph, length);
      replace(graph, workload_random_below(&graph->random, graph->nodes));
    }
    workload_progress_step(run, graph->nodes + operation, total_steps);
    workload_operation_end(run);
  }
  return status;
}

static bool child_is_right(const struct graph *graph, const struct node *node, size_t slot,
                           uint64_t child) {
  return node->slots[slot] == (child < graph->nodes ? node_of(graph, child) : NULL);
}

static enum workload_status check_node(const struct graph *graph, uint64_t id) {
  struct workload_run *run = graph->run;
  const struct node *node = node_of(graph, id);
  if (node == NULL || node->id != id) {
    return workload_wrong(run, "node %" PRIu64 " is not where its chunk says", id);
  }
  if (!child_is_right(graph, node, GRAPH_LEFT, 2 * id + 1) ||
      !child_is_right(graph, node, GRAPH_RIGHT, 2 * id + 2)) {
    return workload_wrong(run, "a tree edge of node %" PRIu64 " leads to the wrong node", id);
  }
  const struct node *other = node->slots[GRAPH_RANDOM];
  if (node->random_id >= graph->nodes || other == NULL || other->id != node->random_id) {
    return workload_wrong(run, "the random edge of node %" PRIu64 " leads to the wrong node", id);
  }
  run->checksum = workload_fold(run->checksum, (uint64_t)node->random_id << 32 | node->id);
  return WORKLOAD_DONE;
}

static enum workload_status graph_mutate_run(struct workload_run *run) {
  struct graph graph = {
      .run = run, .nodes = workload_integer(run, GRAPH_MUTATE_NODES), .random = run->seed};
  uint64_t operations = workload_integer(run, GRAPH_MUTATE_OPERATIONS);
  uint64_t total_steps = graph.nodes + operations;
  graph_build(&graph, total_steps);
  workload_timed_begin(run);
  enum workload_status status = operate(&graph, operations, total_steps);
  workload_timed_end(run);
  run->operations = operations;
  for (uint64_t id = 0; id < graph.nodes && status == WORKLOAD_DONE; id++) {
    status = check_node(&graph, id);
  }
  run->checksum = workload_fold(run->checksum, graph.replacements);
  return status;
}

NATIVE_PORT_DEFINE(graph_mutate, graph_mutate_run);
