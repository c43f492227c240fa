/* graph_mutate: a large graph that changes slowly while short-lived objects come and go.
 *
 * The live graph is far larger than any cache, its random edges defeat locality, and little of it
 * changes: the collector that marks it must be fast, and the one that marks it beside the program
 * has few stores to follow.
 *
 * Live size: a replaced node is garbage unless a random edge of another node still leads to it; it
 * then keeps what its own edges lead to, which is in the graph or was replaced as well. So at most
 * one old node is kept for each replacement, 5 MB at the default size, 1.5 % of the nodes.
 */
#include "workloads/graph_mutate.h"

#include "workloads/volume.h"

static const struct workload_parameter parameters[GRAPH_MUTATE_PARAMETERS] = {
    [GRAPH_MUTATE_NODES] = {"nodes", WORKLOAD_INTEGER, "nodes", "8000000", "200000", 1, UINT32_MAX,
                            "nodes of the graph, which is built before anything is "
                            "timed"},
    [GRAPH_MUTATE_OPERATIONS] = {"operations", WORKLOAD_INTEGER, "operations", "1000000", "100000",
                                 0, UINT64_C(1000000000), "operations while time is taken"},
    [GRAPH_MUTATE_CHAIN] = {"chain", WORKLOAD_INTEGER, "nodes", "16", NULL, 0, 1000000,
                            "length of the list that each operation builds and drops"},
    [GRAPH_MUTATE_REPLACE_EVERY] = {"replace_every", WORKLOAD_INTEGER, "operations", "8", NULL, 1,
                                    UINT64_C(1000000000),
                                    "one operation in so many replaces a node by a new one"},
};

static uint64_t allocation_bytes(const struct workload_input *input) {
  const uint64_t *values = input->integers;
  uint64_t nodes = values[GRAPH_MUTATE_NODES];
  uint64_t operations = values[GRAPH_MUTATE_OPERATIONS];
  uint64_t chunks = graph_chunk_count(nodes);
  uint64_t replacements = operations / values[GRAPH_MUTATE_REPLACE_EVERY];
  struct volume volume = {0};
  volume_add(&volume, 1, chunks, 0);
  volume_add(&volume, chunks - 1, GRAPH_CHUNK_NODES, 0);
  volume_add(&volume, 1, graph_chunk_length(nodes, chunks - 1), 0);
  volume_add(&volume, nodes + replacements + operations * values[GRAPH_MUTATE_CHAIN], GRAPH_SLOTS,
             GRAPH_NODE_RAW_BYTES);
  return volume_bound_bytes(&volume);
}

const struct workload workload_graph_mutate = {
    .name = "graph_mutate",
    .summary = "a graph of 8,000,000 nodes with random edges, few of which change, and short-lived "
               "lists: a large live heap without locality",
    .operation = "operation",
    .parameters = parameters,
    .parameter_count = GRAPH_MUTATE_PARAMETERS,
    .allocation_bytes = allocation_bytes,
};
