/* graph_mutate, hot code: builds the graph, then makes garbage, rewires it and replaces nodes.
 *
 * Nodes are found by id: a top array refers to chunks, which refer to nodes. A node carries its id
 * and the id of the node that its random edge leads to; a replacement has the same two and the same
 * edges.
 *
 * Self-check: the chain of every operation that replaces; at the end, untimed, every node: its id,
 * that its two tree edges lead to the very nodes in the chunks (so that exactly `nodes` nodes are
 * reachable from node 0), and that its random edge leads to a node of the noted id. That one may be
 * a node that was replaced since.
 */
#include "workloads/graph_mutate.h"

#include "workloads/bookkeeping.h"

#include <inttypes.h>

struct graph {
  struct workload_run *run;
  struct gc_handle top;   /* an array of references to the chunks */
  struct gc_handle chain; /* scratch: the newest node of the current chain */
  uint64_t nodes;
  uint64_t random; /* state of the generator */
  uint64_t replacements;
};

static inline struct graph_node *node_at(struct gc_ref node) {
  return gc_ref_address(node);
}

static inline struct gc_ref chunk_of(const struct graph *graph, uint64_t id) {
  return gc_read_field(graph->run->mutator, gc_handle_get(graph->top),
                       id >> GRAPH_CHUNK_NODES_LOG2);
}

static inline struct gc_ref node_of(const struct graph *graph, uint64_t id) {
  return gc_read_field(graph->run->mutator, chunk_of(graph, id), id % GRAPH_CHUNK_NODES);
}

/* Stores node where the graph refers to its id: in its chunk and in its parent. */
static inline void node_install(const struct graph *graph, uint64_t id, struct gc_ref node) {
  struct gc_mutator *mutator = graph->run->mutator;
  gc_write_field(mutator, chunk_of(graph, id), id % GRAPH_CHUNK_NODES, node);
  if (id > 0) {
    gc_write_field(mutator, node_of(graph, (id - 1) / 2), (id - 1) % 2, node);
  }
}

static inline void random_edge_set(const struct graph *graph, uint64_t from, uint64_t to) {
  struct gc_ref src = node_of(graph, from);
  gc_write_field(graph->run->mutator, src, GRAPH_RANDOM, node_of(graph, to));
  node_at(src)->random_id = (uint32_t)to;
}

/* ---- building
 * -----------------------------------------------------------------------------------*/

/* Chunks and nodes in the order of their ids, without random edges. */
static enum workload_status build_tree(struct graph *graph, uint64_t total_steps) {
  struct gc_mutator *mutator = graph->run->mutator;
  for (uint64_t id = 0; id < graph->nodes; id++) {
    if (id % GRAPH_CHUNK_NODES == 0) {
      uint64_t place = id >> GRAPH_CHUNK_NODES_LOG2;
      struct gc_ref chunk = gc_allocate(mutator, graph_chunk_length(graph->nodes, place), 0, 0);
      if (gc_is_null(chunk)) {
        return WORKLOAD_OUT_OF_MEMORY;
      }
      gc_write_field(mutator, gc_handle_get(graph->top), place, chunk);
    }
    struct gc_ref node = gc_allocate(mutator, GRAPH_SLOTS, GRAPH_NODE_RAW_BYTES, 0);
    if (GC_UNLIKELY(gc_is_null(node))) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    node_at(node)->id = (uint32_t)id;
    node_install(graph, id, node);
    workload_progress_step(graph->run, id, total_steps);
  }
  return WORKLOAD_DONE;
}

static void random_edges_set(struct graph *graph) {
  for (uint64_t id = 0; id < graph->nodes; id++) {
    random_edge_set(graph, id, workload_random_below(&graph->random, graph->nodes));
    workload_poll_step(graph->run, id);
  }
}

/* Its handles live until the caller leaves its frame. */
static enum workload_status graph_build(struct graph *graph, struct workload_run *run,
                                        uint64_t total_steps) {
  struct gc_mutator *mutator = run->mutator;
  *graph = (struct graph){
      .run = run, .nodes = workload_integer(run, GRAPH_MUTATE_NODES), .random = run->seed};
  graph->chain = gc_handle_push(mutator, gc_null());
  struct gc_ref top = gc_allocate(mutator, graph_chunk_count(graph->nodes), 0, 0);
  graph->top = gc_handle_push(mutator, top);
  if (gc_is_null(top)) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  enum workload_status status = build_tree(graph, total_steps);
  if (status == WORKLOAD_DONE) {
    random_edges_set(graph);
  }
  return status;
}

/* ---- operations
 * ---------------------------------------------------------------------------------*/

static inline void chain_drop(struct graph *graph) {
  struct gc_mutator *mutator = graph->run->mutator;
  if (GC_UNLIKELY(gc_disposes(mutator))) {
    struct gc_ref node = gc_handle_get(graph->chain);
    while (!gc_is_null(node)) {
      struct gc_ref older = gc_read_field(mutator, node, GRAPH_LEFT);
      gc_dispose(mutator, node);
      node = older;
    }
  }
  gc_handle_set(mutator, graph->chain, gc_null());
}

/* Builds a list of `length` nodes in the scratch handle, oldest last. */
static inline enum workload_status chain_build(struct graph *graph, uint64_t length) {
  struct gc_mutator *mutator = graph->run->mutator;
  chain_drop(graph);
  for (uint64_t place = 0; place < length; place++) {
    struct gc_ref node = gc_allocate(mutator, GRAPH_SLOTS, GRAPH_NODE_RAW_BYTES, 0);
    if (GC_UNLIKELY(gc_is_null(node))) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    node_at(node)->id = (uint32_t)place;
    gc_init_field(mutator, node, GRAPH_LEFT, gc_handle_get(graph->chain));
    gc_handle_set(mutator, graph->chain, node);
  }
  return WORKLOAD_DONE;
}

static enum workload_status chain_check(struct graph *graph, uint64_t length) {
  struct workload_run *run = graph->run;
  struct gc_ref node = gc_handle_get(graph->chain);
  uint64_t place = length;
  while (!gc_is_null(node) && place > 0 && node_at(node)->id == place - 1) {
    node = gc_read_field(run->mutator, node, GRAPH_LEFT);
    place--;
  }
  run->checksum = workload_fold(run->checksum, length - place);
  if (!gc_is_null(node) || place != 0) {
    return workload_wrong(run, "a chain has %" PRIu64 " right nodes, not %" PRIu64, length - place,
                          length);
  }
  return WORKLOAD_DONE;
}

/* The old node may be kept by random edges of others: nobody knows it dead. */
static enum workload_status replace(struct graph *graph, uint64_t id) {
  struct gc_mutator *mutator = graph->run->mutator;
  struct gc_ref node = gc_allocate(mutator, GRAPH_SLOTS, GRAPH_NODE_RAW_BYTES, 0);
  if (GC_UNLIKELY(gc_is_null(node))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct gc_ref old = node_of(graph, id);
  for (size_t slot = 0; slot < GRAPH_SLOTS; slot++) {
    gc_init_field(mutator, node, slot, gc_read_field(mutator, old, slot));
  }
  node_at(node)->id = node_at(old)->id;
  node_at(node)->random_id = node_at(old)->random_id;
  node_install(graph, id, node);
  graph->replacements++;
  return WORKLOAD_DONE;
}

static enum workload_status operate(struct graph *graph, uint64_t operations,
                                    uint64_t total_steps) {
  struct workload_run *run = graph->run;
  uint64_t length = workload_integer(run, GRAPH_MUTATE_CHAIN);
  uint64_t replace_every = workload_integer(run, GRAPH_MUTATE_REPLACE_EVERY);
  uint64_t until_replacement = replace_every;
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t operation = 0; operation < operations && status == WORKLOAD_DONE; operation++) {
    status = chain_build(graph, length);
    uint64_t from = workload_random_below(&graph->random, graph->nodes);
    uint64_t to = workload_random_below(&graph->random, graph->nodes);
    random_edge_set(graph, from, to);
    if (--until_replacement == 0 && status == WORKLOAD_DONE) {
      until_replacement = replace_every;
      status = chain_check(graph, length);
      if (status == WORKLOAD_DONE) {
        status = replace(graph, workload_random_below(&graph->random, graph->nodes));
      }
    }
    gc_poll(run->mutator); /* with chains of length 0, operations need not allocate */
    workload_progress_step(run, graph->nodes + operation, total_steps);
    workload_operation_end(run);
  }
  return status;
}

/* ---- the check at the end
 * -----------------------------------------------------------------------*/

static bool child_is_right(const struct graph *graph, struct gc_ref node, size_t slot,
                           uint64_t child) {
  struct gc_mutator *mutator = graph->run->mutator;
  struct gc_ref expected = child < graph->nodes ? node_of(graph, child) : gc_null();
  return gc_ref_equal(mutator, gc_read_field(mutator, node, slot), expected);
}

static enum workload_status check_node(const struct graph *graph, uint64_t id) {
  struct workload_run *run = graph->run;
  struct gc_ref node = node_of(graph, id);
  if (gc_is_null(node) || node_at(node)->id != id) {
    return workload_wrong(run, "node %" PRIu64 " is not where its chunk says", id);
  }
  if (!child_is_right(graph, node, GRAPH_LEFT, 2 * id + 1) ||
      !child_is_right(graph, node, GRAPH_RIGHT, 2 * id + 2)) {
    return workload_wrong(run, "a tree edge of node %" PRIu64 " leads to the wrong node", id);
  }
  struct gc_ref other = gc_read_field(run->mutator, node, GRAPH_RANDOM);
  uint32_t random_id = node_at(node)->random_id;
  if (random_id >= graph->nodes || gc_is_null(other) || node_at(other)->id != random_id) {
    return workload_wrong(run, "the random edge of node %" PRIu64 " leads to the wrong node", id);
  }
  run->checksum = workload_fold(run->checksum, (uint64_t)random_id << 32 | node_at(node)->id);
  return WORKLOAD_DONE;
}

static enum workload_status check(const struct graph *graph) {
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t id = 0; id < graph->nodes && status == WORKLOAD_DONE; id++) {
    status = check_node(graph, id);
    workload_poll_step(graph->run, id);
  }
  return status;
}

/* ---- the run
 * ------------------------------------------------------------------------------------*/

static enum workload_status run_in_frame(struct workload_run *run) {
  struct graph graph;
  uint64_t operations = workload_integer(run, GRAPH_MUTATE_OPERATIONS);
  uint64_t total_steps = workload_integer(run, GRAPH_MUTATE_NODES) + operations;
  enum workload_status status = graph_build(&graph, run, total_steps);
  if (status != WORKLOAD_DONE) {
    return status;
  }
  workload_timed_begin(run);
  status = operate(&graph, operations, total_steps);
  workload_timed_end(run);
  if (status == WORKLOAD_DONE) {
    run->operations = operations;
    status = check(&graph);
  }
  if (status == WORKLOAD_DONE) {
    run->checksum = workload_fold(run->checksum, graph.replacements);
    workload_note(run, "%" PRIu64 " nodes, %" PRIu64 " replaced", graph.nodes, graph.replacements);
  }
  return status;
}

static enum workload_status graph_mutate_run(struct workload_run *run) {
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  enum workload_status status = run_in_frame(run);
  gc_handles_leave(run->mutator, frame);
  return status;
}

WORKLOAD_OPS(graph_mutate, graph_mutate_run);
