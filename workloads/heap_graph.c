/* heap_graph: the object graph of a real program, as its V8 heap snapshot has it, under load.
 *
 * Work: the graph is rebuilt node for node and edge for edge, `copies` times, and checked; then
 * requests allocate short-lived objects of the sizes that the graph's own objects have, rewire old
 * references, and replace whole subtrees by clones. The plan (heap_graph_plan.h) keeps the live
 * size what the snapshot says. Weak edges are strong.
 *
 * This half reads the file and plans; a file that cannot be rebuilt is refused here, before any
 * trial starts.
 */
#include "workloads/heap_graph.h"

#include "workloads/volume.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct workload_parameter parameters[HEAP_GRAPH_PARAMETERS] = {
    [HEAP_GRAPH_FILE] = {"file", WORKLOAD_FILE, "", "workloads/data/node-bare.heapsnapshot.zst",
                         NULL, 0, 0, "V8 heap snapshot: plain, .gz or .zst"},
    [HEAP_GRAPH_COPIES] = {"copies", WORKLOAD_INTEGER, "graphs", "1", NULL, 1, 1024,
                           "how many times the graph is built"},
    [HEAP_GRAPH_REQUESTS] = {"requests", WORKLOAD_INTEGER, "requests", "200000", "10000", 0,
                             UINT64_C(1) << 32,
                             "each allocates 40 short-lived objects and changes two references; "
                             "every eighth replaces subtrees of up to 1,000 objects"},
};

/* ---- loading --------------------------------------------------------------------------------*/

/* A histogram of sizes in granules, read off at evenly spaced ranks. Large objects are left out:
 * the tables that a program keeps are not what its requests allocate. */
static void find_quantiles(struct heap_graph *graph) {
  enum { CLASSES = GC_LARGE_BYTES / GC_GRANULE_BYTES };
  uint32_t counts[CLASSES] = {0};
  uint64_t total = 0;
  for (uint32_t node = 0; node < graph->snapshot.node_count; node++) {
    uint64_t bytes = heap_graph_object_bytes(&graph->snapshot, node);
    if (bytes < GC_LARGE_BYTES) {
      counts[bytes / GC_GRANULE_BYTES]++;
      total++;
    }
  }
  uint32_t granules = GC_OBJECT_BYTES_MIN / GC_GRANULE_BYTES;
  uint64_t below = counts[granules]; /* objects of at most so many granules */
  for (uint64_t i = 0; i < HEAP_GRAPH_QUANTILES; i++) {
    uint64_t rank = (2 * i + 1) * total / (2 * HEAP_GRAPH_QUANTILES);
    while (below <= rank && granules + 1 < CLASSES && total > 0) {
      below += counts[++granules];
    }
    graph->quantile_granules[i] = (uint16_t)granules;
  }
}

/* All copies have to fit into the machine, whatever heap is asked for later. */
static int check_size(const struct heap_graph *graph, const struct workload_input *input,
                      char *error, size_t error_size) {
  uint64_t memory_bytes = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
  uint64_t copies = input->integers[HEAP_GRAPH_COPIES];
  if (graph->heap_bytes <= memory_bytes / copies) {
    return 0;
  }
  snprintf(error, error_size,
           "%" PRIu64 " %s of this graph would take %.1f GiB of heap; the machine has %.1f GiB of "
           "memory: '%s'",
           copies, copies == 1 ? "copy" : "copies",
           (double)copies * (double)graph->heap_bytes / (double)(1 << 30),
           (double)memory_bytes / (double)(1 << 30), input->texts[HEAP_GRAPH_FILE]);
  return -EFBIG;
}

static int load(struct heap_graph *graph, const struct workload_input *input, char *error,
                size_t error_size) {
  int status =
      heap_snapshot_read(input->texts[HEAP_GRAPH_FILE], &graph->snapshot, error, error_size);
  if (status != 0) {
    return status;
  }
  heap_snapshot_drop_labels(&graph->snapshot);
  for (uint32_t node = 0; node < graph->snapshot.node_count; node++) {
    graph->heap_bytes += heap_graph_object_bytes(&graph->snapshot, node);
  }
  status = check_size(graph, input, error, error_size);
  if (status != 0) {
    return status;
  }
  status = heap_graph_plan_make(&graph->snapshot, graph->heap_bytes, &graph->plan);
  if (status != 0) {
    snprintf(error, error_size, "no memory to plan with for the %" PRIu32 " nodes of '%s'",
             graph->snapshot.node_count, input->texts[HEAP_GRAPH_FILE]);
    return status;
  }
  find_quantiles(graph);
  return 0;
}

static void finish(struct workload_input *input) {
  struct heap_graph *graph = input->data;
  if (graph != NULL) {
    heap_snapshot_free(&graph->snapshot);
    heap_graph_plan_free(&graph->plan);
    free(graph);
  }
  input->data = NULL;
}

static int prepare(struct workload_input *input, char *error, size_t error_size) {
  struct heap_graph *graph = calloc(1, sizeof *graph);
  if (graph == NULL) {
    snprintf(error, error_size, "no memory to read a heap snapshot");
    return -ENOMEM;
  }
  input->data = graph;
  int status = load(graph, input, error, error_size);
  if (status != 0) {
    finish(input);
  }
  return status;
}

/* ---- allocation volume ----------------------------------------------------------------------*/

/* A sum of `count` independent draws stays below this, but for one run in 10^9: the mean and six
 * standard deviations, of which the largest value is a bound. */
static double bound_of_draws(double count, double mean, double largest) {
  return count * mean + 6 * sqrt(count * mean * largest);
}

/* So many groups in turn. One round through all subtrees takes group_count groups, or one less or
 * more when it begins elsewhere. Large objects are rounded to OS pages. */
static double bound_of_clones(const struct heap_graph_plan *plan, double groups) {
  double groups_of_round = plan->group_count > 1 ? plan->group_count - 1 : 1;
  double by_rounds_bytes = (groups / groups_of_round + 1) * (double)plan->subtrees_bytes;
  double by_groups_bytes = groups * (double)plan->group_max_bytes;
  return (by_rounds_bytes < by_groups_bytes ? by_rounds_bytes : by_groups_bytes) *
         (1 + (double)VOLUME_OS_PAGE_BYTES / GC_LARGE_BYTES);
}

/* What small objects leave unused at the ends of allocation buffers. An object that does not fit is
 * of average size by bytes, not by count. */
static double buffer_waste_bytes(double small_bytes, double by_bytes_mean_bytes) {
  double buffers = small_bytes / (VOLUME_BUFFER_BYTES_MIN - by_bytes_mean_bytes / 2) + 1;
  return buffers * by_bytes_mean_bytes + VOLUME_LAST_BUFFER_BYTES;
}

struct object_sizes {
  double small_bytes, small_square_bytes; /* sums of sizes, and of their squares */
  double large_bytes;                     /* rounded to OS pages */
};

static struct object_sizes sizes_of_graph(const struct heap_graph *graph) {
  struct object_sizes sizes = {0};
  for (uint32_t node = 0; node < graph->snapshot.node_count; node++) {
    double bytes = (double)heap_graph_object_bytes(&graph->snapshot, node);
    if (bytes >= GC_LARGE_BYTES) {
      sizes.large_bytes += bytes + VOLUME_OS_PAGE_BYTES;
    } else {
      sizes.small_bytes += bytes;
      sizes.small_square_bytes += bytes * bytes;
    }
  }
  return sizes;
}

static uint64_t allocation_bytes(const struct workload_input *input) {
  const struct heap_graph *graph = input->data;
  double copies = (double)input->integers[HEAP_GRAPH_COPIES];
  double requests = (double)input->integers[HEAP_GRAPH_REQUESTS];
  struct object_sizes sizes = sizes_of_graph(graph);
  double by_bytes_mean_bytes =
      sizes.small_bytes > 0 ? sizes.small_square_bytes / sizes.small_bytes : 0;

  double quantile_sum_bytes = 0;
  for (size_t i = 0; i < HEAP_GRAPH_QUANTILES; i++) {
    quantile_sum_bytes += graph->quantile_granules[i] * (double)GC_GRANULE_BYTES;
  }
  double short_lived_bytes =
      bound_of_draws(requests * HEAP_GRAPH_SHORT_LIVED, quantile_sum_bytes / HEAP_GRAPH_QUANTILES,
                     graph->quantile_granules[HEAP_GRAPH_QUANTILES - 1] * (double)GC_GRANULE_BYTES);
  double clone_bytes = bound_of_clones(&graph->plan, requests / HEAP_GRAPH_CLONE_EVERY + 1);
  double small_bytes = copies * sizes.small_bytes + short_lived_bytes + clone_bytes;
  double index_bytes = 2 * (8.0 * graph->snapshot.node_count + VOLUME_OS_PAGE_BYTES);
  double roots_bytes = 8.0 * copies * graph->plan.root_count + VOLUME_OS_PAGE_BYTES;
  double bytes = small_bytes + buffer_waste_bytes(small_bytes, by_bytes_mean_bytes) +
                 copies * sizes.large_bytes + index_bytes + roots_bytes;
  return (uint64_t)bytes;
}

const struct workload workload_heap_graph = {
    .name = "heap_graph",
    .summary = "the object graph of a real Node.js program, rebuilt from its heap snapshot, under "
               "requests: a large old graph of many shapes that hardly changes",
    .operation = "request",
    .parameters = parameters,
    .parameter_count = HEAP_GRAPH_PARAMETERS,
    .prepare = prepare,
    .finish = finish,
    .allocation_bytes = allocation_bytes,
};
