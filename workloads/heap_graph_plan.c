/* Planning what heap_graph may do to a graph: roots, spanning tree, closed subtrees, free edges.
 *
 * Algorithm. Roots: a first pass in node order starts a traversal at each node not yet reached, a
 * second one goes through those starts backwards and keeps the ones that later starts do not reach;
 * none that is kept reaches another. Tree: breadth first from all roots at once, so that paths are
 * shortest. Closed subtrees: from a node with one incoming edge, a node joins as soon as all its
 * incoming edges have been seen to come from members, which is how reference counting would free
 * them.
 *
 * Costs: linear in nodes and edges; no recursion, so the depth of the graph does not matter. 9
 * bytes per node while planning; afterwards 12 per node, and at most 4 more for members.
 */
#include "workloads/heap_graph_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* More free edges or targets than this are thinned out evenly. */
enum { SAMPLE_MAX = 1 << 18 };

enum node_flag {
  REACHED = 1,
  NEAR = 2,   /* within HEAP_GRAPH_DEPTH_MAX */
  MEMBER = 4, /* of a closed subtree */
};

struct planner {
  const struct heap_snapshot *graph;
  struct heap_graph_plan *plan;
  uint8_t *flags;      /* of each node */
  uint32_t *in_degree; /* of each node */
  uint32_t *scratch;   /* of each node: first starts of traversals, then edges seen from members */
  uint32_t member_count;
  uint64_t clone_limit_bytes;
};

/* ---- roots ----------------------------------------------------------------------------------*/

/* Marks all that start reaches; queue[0 .. end) is what was reached before. Returns the new end. */
static uint32_t reach(struct planner *planner, uint32_t start, uint32_t end) {
  const struct heap_snapshot *graph = planner->graph;
  uint32_t *queue = planner->plan->order;
  uint32_t head = end;
  queue[end++] = start;
  planner->flags[start] |= REACHED;
  while (head < end) {
    uint32_t node = queue[head++];
    for (uint32_t edge = graph->first_edge[node]; edge < graph->first_edge[node + 1]; edge++) {
      uint32_t target = graph->edge_to[edge];
      if ((planner->flags[target] & REACHED) == 0) {
        planner->flags[target] |= REACHED;
        queue[end++] = target;
      }
    }
  }
  return end;
}

/* Leaves the roots other than node 0 in scratch[first .. count) and answers count; *first is 0 when
 * node 0 reaches everything. */
static uint32_t find_roots(struct planner *planner, uint32_t *first) {
  uint32_t node_count = planner->graph->node_count;
  uint32_t *starts = planner->scratch;
  uint32_t count = 0;
  uint32_t end = reach(planner, 0, 0);
  for (uint32_t node = 1; end < node_count; node++) {
    if ((planner->flags[node] & REACHED) == 0) {
      starts[count++] = node;
      end = reach(planner, node, end);
    }
  }
  memset(planner->flags, 0, node_count);
  end = reach(planner, 0, 0);
  *first = count;
  for (uint32_t i = count; i-- > 0;) {
    if ((planner->flags[starts[i]] & REACHED) == 0) {
      end = reach(planner, starts[i], end);
      starts[--*first] = starts[i];
    }
  }
  memset(planner->flags, 0, node_count);
  return count;
}

/* ---- the tree -------------------------------------------------------------------------------*/

static void plant(struct planner *planner, uint32_t node, uint32_t parent, uint32_t slot,
                  uint32_t *end) {
  planner->flags[node] |= REACHED;
  planner->plan->links[node] = (struct heap_graph_link){parent, slot};
  planner->plan->order[(*end)++] = node;
}

static void span(struct planner *planner) {
  const struct heap_snapshot *graph = planner->graph;
  struct heap_graph_plan *plan = planner->plan;
  uint32_t first;
  uint32_t count = find_roots(planner, &first);
  uint32_t end = 0;
  plant(planner, 0, HEAP_GRAPH_NO_PARENT, 0, &end);
  for (uint32_t i = first; i < count; i++) {
    plant(planner, planner->scratch[i], HEAP_GRAPH_NO_PARENT, end, &end);
  }
  plan->root_count = end;
  uint32_t level_end = end;
  uint32_t depth = 0;
  for (uint32_t head = 0; head < end; head++) {
    if (head == level_end) {
      level_end = end;
      depth++;
    }
    uint32_t node = plan->order[head];
    if (depth <= HEAP_GRAPH_DEPTH_MAX) {
      planner->flags[node] |= NEAR;
    }
    uint32_t first_edge = graph->first_edge[node];
    uint32_t edges = heap_snapshot_edges_of(graph, node);
    for (uint32_t slot = 0; slot < edges; slot++) {
      uint32_t target = graph->edge_to[first_edge + slot];
      if ((planner->flags[target] & REACHED) == 0) {
        plant(planner, target, node, slot, &end);
      }
    }
  }
}

/* ---- closed subtrees ------------------------------------------------------------------------*/

/* A root is entered from outside whatever its incoming edges are. */
static bool can_be_member(const struct planner *planner, uint32_t node) {
  return (planner->flags[node] & MEMBER) == 0 &&
         planner->plan->links[node].parent != HEAP_GRAPH_NO_PARENT;
}

/* Appends the closed subtree below top, as far as the limits allow, to the members. */
static void grow_subtree(struct planner *planner, uint32_t top) {
  const struct heap_snapshot *graph = planner->graph;
  uint32_t *members = planner->plan->members;
  uint32_t *seen_edges = planner->scratch;
  uint32_t begin = planner->member_count;
  uint32_t end = begin;
  uint64_t bytes = heap_graph_object_bytes(graph, top);
  members[end++] = top;
  for (uint32_t head = begin; head < end; head++) {
    uint32_t node = members[head];
    planner->flags[node] |= MEMBER;
    for (uint32_t edge = graph->first_edge[node]; edge < graph->first_edge[node + 1]; edge++) {
      uint32_t target = graph->edge_to[edge];
      uint64_t grown_bytes = bytes + heap_graph_object_bytes(graph, target);
      bool is_closed = ++seen_edges[target] == planner->in_degree[target];
      if (is_closed && can_be_member(planner, target) && end - begin < HEAP_GRAPH_CLONE_NODES_MAX &&
          grown_bytes <= planner->clone_limit_bytes) {
        members[end++] = target;
        bytes = grown_bytes;
      }
    }
  }
  for (uint32_t head = begin; head < end; head++) {
    for (uint32_t edge = graph->first_edge[members[head]];
         edge < graph->first_edge[members[head] + 1]; edge++) {
      seen_edges[graph->edge_to[edge]] = 0;
    }
  }
  planner->member_count = end;
}

static bool can_be_top(const struct planner *planner, uint32_t node) {
  return (planner->flags[node] & NEAR) != 0 && can_be_member(planner, node) &&
         planner->in_degree[node] == 1 &&
         heap_graph_object_bytes(planner->graph, node) <= planner->clone_limit_bytes;
}

static void find_subtrees(struct planner *planner) {
  const struct heap_snapshot *graph = planner->graph;
  struct heap_graph_plan *plan = planner->plan;
  memset(planner->scratch, 0, graph->node_count * sizeof *planner->scratch);
  for (uint32_t edge = 0; edge < graph->edge_count; edge++) {
    planner->in_degree[graph->edge_to[edge]]++;
  }
  for (uint32_t i = 0; i < graph->node_count; i++) {
    if (can_be_top(planner, plan->order[i])) {
      plan->subtrees[plan->subtree_count++] = planner->member_count;
      grow_subtree(planner, plan->order[i]);
    }
  }
  plan->subtrees[plan->subtree_count] = planner->member_count;
}

static uint64_t subtree_bytes(const struct planner *planner, uint32_t subtree) {
  const struct heap_graph_plan *plan = planner->plan;
  uint64_t bytes = 0;
  for (uint32_t i = plan->subtrees[subtree]; i < plan->subtrees[subtree + 1]; i++) {
    bytes += heap_graph_object_bytes(planner->graph, plan->members[i]);
  }
  return bytes;
}

/* Whether a group of so many bytes that begins with subtree `first` can take subtree `end` too. */
static bool fits_group(const struct planner *planner, uint32_t first, uint32_t end,
                       uint64_t bytes) {
  const uint32_t *subtrees = planner->plan->subtrees;
  return end == first || (subtrees[end + 1] - subtrees[first] <= HEAP_GRAPH_GROUP_NODES &&
                          bytes + subtree_bytes(planner, end) <= planner->clone_limit_bytes);
}

/* For each first subtree the longest run of neighbours within the limits: both ends only advance.
 */
static int group_subtrees(struct planner *planner) {
  struct heap_graph_plan *plan = planner->plan;
  uint32_t count = plan->subtree_count;
  plan->group_ends = malloc((count + 1) * sizeof *plan->group_ends);
  if (plan->group_ends == NULL) {
    return -ENOMEM;
  }
  uint32_t end = 0;
  uint64_t bytes = 0; /* of the subtrees from `first` up to `end` */
  for (uint32_t first = 0; first < count; first++) {
    while (end < count && fits_group(planner, first, end, bytes)) {
      bytes += subtree_bytes(planner, end++);
    }
    plan->group_ends[first] = end;
    plan->group_max_bytes = bytes > plan->group_max_bytes ? bytes : plan->group_max_bytes;
    plan->subtrees_bytes += subtree_bytes(planner, first);
    bytes -= subtree_bytes(planner, first);
  }
  for (uint32_t first = 0; first < count; first = plan->group_ends[first]) {
    plan->group_count++;
  }
  return 0;
}

/* ---- what may be rewired --------------------------------------------------------------------*/

/* Whether the candidate with this number is taken when `total` candidates are thinned out. */
static bool is_sampled(uint64_t number, uint64_t total) {
  return total <= SAMPLE_MAX || number * SAMPLE_MAX / total != (number + 1) * SAMPLE_MAX / total;
}

static bool is_target(const struct planner *planner, uint32_t node) {
  return (planner->flags[node] & (NEAR | MEMBER)) == NEAR;
}

static bool is_free(const struct planner *planner, uint32_t source, uint32_t slot) {
  uint32_t target = planner->graph->edge_to[planner->graph->first_edge[source] + slot];
  struct heap_graph_link link = planner->plan->links[target];
  bool is_of_tree = link.parent == source && link.slot == slot;
  return !is_of_tree && (planner->flags[target] & MEMBER) == 0;
}

static bool is_any_edge(const struct planner *planner, uint32_t source, uint32_t slot) {
  (void)planner;
  (void)source;
  (void)slot;
  return true;
}

typedef bool edge_test(const struct planner *planner, uint32_t source, uint32_t slot);

/* Goes through the edges of near nodes that pass the test, in order; counts them, and stores those
 * that are sampled out of `total` where there is an array for them. */
static uint32_t gather_edges(const struct planner *planner, edge_test *test, uint64_t total,
                             struct heap_graph_edge *edges) {
  uint32_t count = 0;
  uint32_t stored = 0;
  for (uint32_t node = 0; node < planner->graph->node_count; node++) {
    if ((planner->flags[node] & NEAR) == 0) {
      continue;
    }
    uint32_t node_edges = heap_snapshot_edges_of(planner->graph, node);
    for (uint32_t slot = 0; slot < node_edges; slot++) {
      if (!test(planner, node, slot)) {
        continue;
      }
      if (edges != NULL && is_sampled(count, total)) {
        edges[stored++] = (struct heap_graph_edge){node, slot};
      }
      count++;
    }
  }
  return edges != NULL ? stored : count;
}

static int plan_targets(struct planner *planner) {
  struct heap_graph_plan *plan = planner->plan;
  uint32_t total = 0;
  for (uint32_t node = 0; node < planner->graph->node_count; node++) {
    total += is_target(planner, node);
  }
  uint32_t capacity = total < SAMPLE_MAX ? total : SAMPLE_MAX;
  plan->targets = malloc((capacity + 1) * sizeof *plan->targets);
  if (plan->targets == NULL) {
    return -ENOMEM;
  }
  uint32_t number = 0;
  for (uint32_t node = 0; node < planner->graph->node_count; node++) {
    if (is_target(planner, node) && is_sampled(number++, total)) {
      plan->targets[plan->target_count++] = node;
    }
  }
  return 0;
}

static int plan_rewires(struct planner *planner) {
  struct heap_graph_plan *plan = planner->plan;
  edge_test *test = is_free;
  uint32_t total = gather_edges(planner, test, 0, NULL);
  if (total == 0) { /* a tree: its references can only be stored again as they are */
    test = is_any_edge;
    total = gather_edges(planner, test, 0, NULL);
  }
  uint32_t capacity = total < SAMPLE_MAX ? total : SAMPLE_MAX;
  plan->rewires = malloc((capacity + 1) * sizeof *plan->rewires);
  if (plan->rewires == NULL) {
    return -ENOMEM;
  }
  plan->rewire_count = gather_edges(planner, test, total, plan->rewires);
  return test == is_free ? plan_targets(planner) : 0;
}

/* ---- the whole ------------------------------------------------------------------------------*/

static int allocate(struct planner *planner) {
  size_t node_count = planner->graph->node_count;
  struct heap_graph_plan *plan = planner->plan;
  plan->order = malloc(node_count * sizeof *plan->order);
  plan->links = malloc(node_count * sizeof *plan->links);
  plan->members = malloc(node_count * sizeof *plan->members);
  plan->subtrees = malloc((node_count + 1) * sizeof *plan->subtrees);
  planner->flags = calloc(node_count, sizeof *planner->flags);
  planner->in_degree = calloc(node_count, sizeof *planner->in_degree);
  planner->scratch = malloc(node_count * sizeof *planner->scratch);
  bool is_whole = plan->order != NULL && plan->links != NULL && plan->members != NULL &&
                  plan->subtrees != NULL && planner->flags != NULL && planner->in_degree != NULL &&
                  planner->scratch != NULL;
  return is_whole ? 0 : -ENOMEM;
}

/* Lists were allocated for the worst case. */
static uint32_t *cut(uint32_t *list, size_t count) {
  uint32_t *shorter = realloc(list, (count + 1) * sizeof *list);
  return shorter != NULL ? shorter : list;
}

int heap_graph_plan_make(const struct heap_snapshot *graph, uint64_t heap_bytes,
                         struct heap_graph_plan *plan) {
  uint64_t share_bytes = heap_bytes / HEAP_GRAPH_CLONE_SHARE;
  struct planner planner = {
      .graph = graph,
      .plan = plan,
      .clone_limit_bytes =
          share_bytes < HEAP_GRAPH_CLONE_BYTES_MAX ? share_bytes : HEAP_GRAPH_CLONE_BYTES_MAX,
  };
  *plan = (struct heap_graph_plan){0};
  int status = allocate(&planner);
  if (status == 0) {
    span(&planner);
    find_subtrees(&planner);
    status = group_subtrees(&planner);
  }
  if (status == 0) {
    status = plan_rewires(&planner);
  }
  free(planner.flags);
  free(planner.in_degree);
  free(planner.scratch);
  if (status != 0) {
    heap_graph_plan_free(plan);
    return status;
  }
  plan->members = cut(plan->members, planner.member_count);
  plan->subtrees = cut(plan->subtrees, plan->subtree_count);
  return 0;
}

void heap_graph_plan_free(struct heap_graph_plan *plan) {
  free(plan->order);
  free(plan->links);
  free(plan->members);
  free(plan->subtrees);
  free(plan->group_ends);
  free(plan->rewires);
  free(plan->targets);
  *plan = (struct heap_graph_plan){0};
}
