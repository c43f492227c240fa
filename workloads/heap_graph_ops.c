/* heap_graph, hot code: builds the graph, serves requests on it, and checks what is left.
 *
 * A request allocates a chain of short-lived objects, rewires references of the old graph and, now
 * and then, replaces closed subtrees by clones: the ones that were made longest ago, as sessions
 * and cache entries expire. It finds old objects as a program does, by
 * walking from a root; there is no index then.
 *
 * Self-check: every node and edge after building; each object at the end of a walk, and what a
 * rewired reference led to; the chain of each request; at the end, untimed, every node and edge
 * again, each rewired reference at its last target.
 */
#include "workloads/heap_graph.h"

#include "workloads/heap_graph_ops.h"

#include <stdlib.h>
#include <string.h>

/* ---- walking: no safepoints -----------------------------------------------------------------*/

/* Along the tree from a root. The node is within HEAP_GRAPH_DEPTH_MAX. */
static struct gc_ref walk_to(const struct graph_run *graph_run, uint64_t copy, uint32_t node) {
  const struct heap_graph_plan *plan = &graph_run->graph->plan;
  uint32_t slots[HEAP_GRAPH_DEPTH_MAX];
  size_t depth = 0;
  struct heap_graph_link link = plan->links[node];
  while (link.parent != HEAP_GRAPH_NO_PARENT) {
    slots[depth++] = link.slot;
    link = plan->links[link.parent];
  }
  struct gc_ref object = gc_read_field(graph_run->mutator, gc_handle_get(graph_run->roots),
                                       copy * plan->root_count + link.slot);
  while (depth > 0) {
    object = gc_read_field(graph_run->mutator, object, slots[--depth]);
  }
  return object;
}

/* Whether the object is this node, as far as it says. */
static inline bool is_node(const struct graph_run *graph_run, struct gc_ref object, uint64_t copy,
                           uint32_t node) {
  const struct heap_snapshot *snapshot = &graph_run->graph->snapshot;
  size_t slot_count = heap_snapshot_edges_of(snapshot, node);
  if (GC_UNLIKELY(gc_is_null(object) || gc_object_slot_count(object) != slot_count)) {
    return false;
  }
  return heap_graph_raw_bytes(snapshot, node) == 0 ||
         *(const uint64_t *)gc_object_raw(object, slot_count) == stamp_of(copy, node);
}

static enum workload_status wrong_node(const struct graph_run *graph_run, const char *where,
                                       uint32_t node) {
  return workload_wrong(graph_run->run, "%s is not node %" PRIu32 " in request %" PRIu64, where,
                        node, graph_run->run->operations);
}

/* ---- short-lived objects --------------------------------------------------------------------*/

/* One after the other, each referring to the one before. A safepoint. */
static enum workload_status allocate_chain(struct graph_run *graph_run, struct gc_handle chain,
                                           uint64_t *sum) {
  struct gc_mutator *mutator = graph_run->mutator;
  for (unsigned i = 0; i < HEAP_GRAPH_SHORT_LIVED; i++) {
    uint64_t choice = workload_random(&graph_run->random);
    size_t bytes = (size_t)graph_run->graph->quantile_granules[choice % HEAP_GRAPH_QUANTILES]
                   << GC_GRANULE_BYTES_LOG2;
    size_t raw_bytes = bytes - GC_HEADER_BYTES - HEAP_GRAPH_LINK_SLOTS * sizeof(struct gc_ref);
    struct gc_ref object = gc_allocate(mutator, HEAP_GRAPH_LINK_SLOTS, raw_bytes, 0);
    if (GC_UNLIKELY(gc_is_null(object))) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    gc_init_field(mutator, object, 0, gc_handle_get(chain));
    if (raw_bytes > 0) {
      *(uint64_t *)gc_object_raw(object, HEAP_GRAPH_LINK_SLOTS) = choice;
      *sum += choice;
    }
    gc_handle_set(mutator, chain, object);
  }
  return WORKLOAD_DONE;
}

/* No safepoint. */
static uint64_t sum_chain(const struct graph_run *graph_run, struct gc_handle chain) {
  uint64_t sum = 0;
  struct gc_ref object = gc_handle_get(chain);
  while (!gc_is_null(object)) {
    if (gc_object_size_bytes(object) > GC_OBJECT_BYTES_MIN) {
      sum += *(const uint64_t *)gc_object_raw(object, HEAP_GRAPH_LINK_SLOTS);
    }
    object = gc_read_field(graph_run->mutator, object, 0);
  }
  return sum;
}

/* ---- rewiring: no safepoint -----------------------------------------------------------------*/

static enum workload_status rewire(struct graph_run *graph_run, uint64_t copy) {
  const struct heap_graph_plan *plan = &graph_run->graph->plan;
  uint32_t choice = (uint32_t)workload_random_below(&graph_run->random, plan->rewire_count);
  struct heap_graph_edge edge = plan->rewires[choice];
  uint32_t *current = rewired_of(graph_run, copy) + choice;
  struct gc_ref source = walk_to(graph_run, copy, edge.source);
  if (GC_UNLIKELY(!is_node(graph_run, source, copy, edge.source))) {
    return wrong_node(graph_run, "the source of a reference", edge.source);
  }
  struct gc_ref target = gc_read_field(graph_run->mutator, source, edge.slot);
  if (GC_UNLIKELY(!is_node(graph_run, target, copy, *current))) {
    return wrong_node(graph_run, "the old target of a reference", *current);
  }
  if (plan->target_count > 0) {
    *current = plan->targets[workload_random_below(&graph_run->random, plan->target_count)];
    target = walk_to(graph_run, copy, *current);
  }
  gc_write_field(graph_run->mutator, source, edge.slot, target);
  graph_run->run->checksum = workload_fold(graph_run->run->checksum, *current);
  return WORKLOAD_DONE;
}

/* ---- cloning --------------------------------------------------------------------------------*/

/* Neighbouring closed subtrees, which are cloned together. */
struct group {
  uint64_t copy;
  uint32_t first, end;     /* subtrees of the plan */
  const uint32_t *members; /* of all of them */
  uint32_t count;
};

/* The next group in turn, over all copies and round again. */
static struct group next_group(struct graph_run *graph_run) {
  const struct heap_graph_plan *plan = &graph_run->graph->plan;
  uint64_t copy = graph_run->next_subtree / plan->subtree_count;
  uint32_t first = (uint32_t)(graph_run->next_subtree % plan->subtree_count);
  uint32_t end = plan->group_ends[first];
  graph_run->next_subtree =
      (copy * plan->subtree_count + end) % (graph_run->copies * plan->subtree_count);
  return (struct group){.copy = copy,
                        .first = first,
                        .end = end,
                        .members = plan->members + plan->subtrees[first],
                        .count = plan->subtrees[end] - plan->subtrees[first]};
}

static inline size_t place_of(uint32_t node) {
  enum { PLACES_LOG2 = 11 };
  return node * UINT32_C(0x9e3779b1) >> (32 - PLACES_LOG2);
}

/* The node's number in the group, or the group's count when it is outside. */
static inline uint32_t number_in_group(const struct graph_run *graph_run, const struct group *group,
                                       uint32_t node) {
  enum { PLACES = sizeof graph_run->places / sizeof graph_run->places[0] };
  for (size_t place = place_of(node);; place = (place + 1) % PLACES) {
    uint32_t number = graph_run->places[place];
    if (number == 0) {
      return group->count;
    }
    if (group->members[number - 1] == node) {
      return number - 1;
    }
  }
}

static void enter_members(struct graph_run *graph_run, const struct group *group) {
  enum { PLACES = sizeof graph_run->places / sizeof graph_run->places[0] };
  memset(graph_run->places, 0, sizeof graph_run->places);
  for (uint32_t i = 0; i < group->count; i++) {
    size_t place = place_of(group->members[i]);
    while (graph_run->places[place] != 0) {
      place = (place + 1) % PLACES;
    }
    graph_run->places[place] = (uint16_t)(i + 1);
  }
}

/* Handles of the members of one subtree: the top by a walk, the others from their parents, which
 * come before them. No safepoint. */
static enum workload_status hold_originals(struct graph_run *graph_run, const struct group *group,
                                           uint32_t subtree) {
  const struct heap_graph_plan *plan = &graph_run->graph->plan;
  uint32_t begin = plan->subtrees[subtree] - plan->subtrees[group->first];
  uint32_t end = plan->subtrees[subtree + 1] - plan->subtrees[group->first];
  for (uint32_t i = begin; i < end; i++) {
    struct gc_ref object;
    if (i == begin) {
      object = walk_to(graph_run, group->copy, group->members[i]);
    } else {
      struct heap_graph_link link = plan->links[group->members[i]];
      uint32_t parent = number_in_group(graph_run, group, link.parent);
      object =
          gc_read_field(graph_run->mutator, gc_handle_get(graph_run->originals[parent]), link.slot);
    }
    if (GC_UNLIKELY(!is_node(graph_run, object, group->copy, group->members[i]))) {
      return wrong_node(graph_run, "an object to be cloned", group->members[i]);
    }
    graph_run->originals[i] = gc_handle_push(graph_run->mutator, object);
  }
  return WORKLOAD_DONE;
}

/* Objects of the members' shapes and raw bytes, with null references. A safepoint. */
static enum workload_status allocate_clones(struct graph_run *graph_run,
                                            const struct group *group) {
  const struct heap_snapshot *snapshot = &graph_run->graph->snapshot;
  for (uint32_t i = 0; i < group->count; i++) {
    size_t slot_count = heap_snapshot_edges_of(snapshot, group->members[i]);
    size_t raw_bytes = heap_graph_raw_bytes(snapshot, group->members[i]);
    struct gc_ref clone = gc_allocate(graph_run->mutator, slot_count, raw_bytes, 0);
    if (GC_UNLIKELY(gc_is_null(clone))) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    struct gc_ref original = gc_handle_get(graph_run->originals[i]);
    memcpy(gc_object_raw(clone, slot_count), gc_object_raw(original, slot_count), raw_bytes);
    graph_run->clones[i] = gc_handle_push(graph_run->mutator, clone);
  }
  return WORKLOAD_DONE;
}

/* References inside the group lead to clones, those out of it where the original's lead now. A
 * safepoint. */
static void link_clone(struct graph_run *graph_run, const struct group *group, uint32_t number) {
  const struct heap_snapshot *snapshot = &graph_run->graph->snapshot;
  struct gc_mutator *mutator = graph_run->mutator;
  uint32_t node = group->members[number];
  const uint32_t *targets = snapshot->edge_to + snapshot->first_edge[node];
  uint32_t edges = heap_snapshot_edges_of(snapshot, node);
  for (uint32_t start = 0; start < edges; start += PIECE) {
    struct gc_ref clone = gc_handle_get(graph_run->clones[number]);
    struct gc_ref original = gc_handle_get(graph_run->originals[number]);
    for (uint32_t slot = start; slot < edges && slot - start < PIECE; slot++) {
      uint32_t inside = number_in_group(graph_run, group, targets[slot]);
      struct gc_ref target = inside < group->count ? gc_handle_get(graph_run->clones[inside])
                                                   : gc_read_field(mutator, original, slot);
      gc_write_field(mutator, clone, slot, target);
    }
    gc_poll(mutator);
  }
}

/* Stores each clone of a top where the original's was, which drops the original: `closed-subtree`.
 * A parent in the group itself is its clone by then, because it comes before. No safepoint. */
static void replace_originals(struct graph_run *graph_run, const struct group *group) {
  const struct heap_graph_plan *plan = &graph_run->graph->plan;
  for (uint32_t subtree = group->first; subtree < group->end; subtree++) {
    uint32_t number = plan->subtrees[subtree] - plan->subtrees[group->first];
    struct heap_graph_link link = plan->links[group->members[number]];
    struct gc_ref parent = walk_to(graph_run, group->copy, link.parent);
    gc_write_field(graph_run->mutator, parent, link.slot, gc_handle_get(graph_run->clones[number]));
  }
}

/* A safepoint. */
static enum workload_status clone_group(struct graph_run *graph_run, const struct group *group) {
  struct gc_handle_frame frame = gc_handles_enter(graph_run->mutator);
  enum workload_status status = WORKLOAD_DONE;
  enter_members(graph_run, group);
  for (uint32_t subtree = group->first; subtree < group->end && status == WORKLOAD_DONE;
       subtree++) {
    status = hold_originals(graph_run, group, subtree);
  }
  if (GC_LIKELY(status == WORKLOAD_DONE)) {
    status = allocate_clones(graph_run, group);
  }
  if (GC_LIKELY(status == WORKLOAD_DONE)) {
    for (uint32_t i = 0; i < group->count; i++) {
      link_clone(graph_run, group, i);
    }
    replace_originals(graph_run, group);
    graph_run->clone_count += group->count;
    graph_run->run->checksum = workload_fold(graph_run->run->checksum, group->members[0]);
  }
  gc_handles_leave(graph_run->mutator, frame);
  return status;
}

/* ---- requests -------------------------------------------------------------------------------*/

static enum workload_status change_graph(struct graph_run *graph_run) {
  const struct heap_graph_plan *plan = &graph_run->graph->plan;
  uint64_t copy = workload_random_below(&graph_run->random, graph_run->copies);
  enum workload_status status = WORKLOAD_DONE;
  for (unsigned i = 0; i < HEAP_GRAPH_REWIRES && plan->rewire_count > 0; i++) {
    status = rewire(graph_run, copy);
    if (GC_UNLIKELY(status != WORKLOAD_DONE)) {
      return status;
    }
  }
  if (graph_run->run->operations % HEAP_GRAPH_CLONE_EVERY == 0 && plan->subtree_count > 0) {
    struct group group = next_group(graph_run);
    status = clone_group(graph_run, &group);
  }
  return status;
}

static enum workload_status serve_request(struct graph_run *graph_run) {
  struct gc_handle_frame frame = gc_handles_enter(graph_run->mutator);
  struct gc_handle chain = gc_handle_push(graph_run->mutator, gc_null());
  uint64_t sum = 0;
  enum workload_status status = allocate_chain(graph_run, chain, &sum);
  if (GC_LIKELY(status == WORKLOAD_DONE)) {
    status = change_graph(graph_run);
  }
  if (GC_LIKELY(status == WORKLOAD_DONE)) {
    uint64_t found = sum_chain(graph_run, chain);
    graph_run->run->checksum = workload_fold(graph_run->run->checksum, found);
    if (GC_UNLIKELY(found != sum)) {
      status = workload_wrong(graph_run->run, "the objects of request %" PRIu64 " are damaged",
                              graph_run->run->operations);
    }
  }
  gc_handles_leave(graph_run->mutator, frame);
  return status;
}

/* A closed loop: a request is there when the last one is answered. */
static enum workload_status serve_requests(struct graph_run *graph_run) {
  struct workload_run *run = graph_run->run;
  uint64_t requests = workload_integer(run, HEAP_GRAPH_REQUESTS);
  uint64_t begin_ns = workload_request_clock_ns(run);
  enum workload_status status = WORKLOAD_DONE;
  while (run->operations < requests && status == WORKLOAD_DONE) {
    bool replaces = run->operations % HEAP_GRAPH_CLONE_EVERY == 0;
    status = serve_request(graph_run);
    uint64_t end_ns = workload_request_clock_ns(run);
    workload_request_record(run, (struct workload_request){.class = replaces,
                                                           .arrival_ns = begin_ns,
                                                           .begin_ns = begin_ns,
                                                           .end_ns = end_ns});
    begin_ns = end_ns;
    run->operations++;
    workload_progress_step(run, run->operations, requests);
  }
  return status;
}

/* ---- the run --------------------------------------------------------------------------------*/

/* Digits in groups of three, in `text`, which is also the answer. */
static const char *grouped(uint64_t number, char text[static 32]) {
  char digits[24];
  int length = snprintf(digits, sizeof digits, "%" PRIu64, number);
  char *end = text;
  for (int i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0) {
      *end++ = ',';
    }
    *end++ = digits[i];
  }
  *end = '\0';
  return text;
}

static void note_result(const struct graph_run *graph_run) {
  const struct heap_graph *graph = graph_run->graph;
  char nodes[32], edges[32], self[32], heap[32], clones[32], copies[32] = "";
  if (graph_run->copies > 1) {
    snprintf(copies, sizeof copies, " %" PRIu64 " times", graph_run->copies);
  }
  workload_note(graph_run->run,
                "rebuilt %s nodes and %s edges%s: %s bytes in the snapshot, %s in the heap; "
                "cloned %s objects",
                grouped(graph->snapshot.node_count, nodes),
                grouped(graph->snapshot.edge_count, edges), copies,
                grouped(graph_run->copies * graph->snapshot.self_size_sum_bytes, self),
                grouped(graph_run->copies * graph->heap_bytes, heap),
                grouped(graph_run->clone_count, clones));
}

/* False when there is no memory for it. Every rewirable reference leads where the snapshot says. */
static bool remember_targets(struct graph_run *graph_run) {
  const struct heap_snapshot *snapshot = &graph_run->graph->snapshot;
  const struct heap_graph_plan *plan = &graph_run->graph->plan;
  graph_run->rewired =
      malloc((graph_run->copies * plan->rewire_count + 1) * sizeof *graph_run->rewired);
  if (graph_run->rewired == NULL) {
    return false;
  }
  for (uint64_t copy = 0; copy < graph_run->copies; copy++) {
    for (uint32_t i = 0; i < plan->rewire_count; i++) {
      uint32_t edge = snapshot->first_edge[plan->rewires[i].source] + plan->rewires[i].slot;
      rewired_of(graph_run, copy)[i] = snapshot->edge_to[edge];
    }
  }
  return true;
}

static enum workload_status run_graph(struct graph_run *graph_run) {
  struct gc_ref roots =
      gc_allocate(graph_run->mutator, graph_run->copies * graph_run->graph->plan.root_count, 0, 0);
  graph_run->roots = gc_handle_push(graph_run->mutator, roots);
  if (gc_is_null(roots) || !remember_targets(graph_run)) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  enum workload_status status = build_all(graph_run);
  if (status != WORKLOAD_DONE) {
    return status;
  }
  workload_requests_reserve(graph_run->run, workload_integer(graph_run->run, HEAP_GRAPH_REQUESTS));
  workload_timed_begin(graph_run->run);
  status = serve_requests(graph_run);
  workload_timed_end(graph_run->run);
  if (status == WORKLOAD_DONE) {
    status = check_all(graph_run);
  }
  if (status == WORKLOAD_DONE) {
    note_result(graph_run);
  }
  return status;
}

static enum workload_status heap_graph_run(struct workload_run *run) {
  struct graph_run *graph_run = calloc(1, sizeof *graph_run);
  if (graph_run == NULL) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  graph_run->run = run;
  graph_run->mutator = run->mutator;
  graph_run->graph = run->input->data;
  graph_run->copies = workload_integer(run, HEAP_GRAPH_COPIES);
  graph_run->random = run->seed;
  graph_run->next_subtree = workload_random_below(
      &graph_run->random, graph_run->copies * graph_run->graph->plan.subtree_count);
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  enum workload_status status = run_graph(graph_run);
  gc_handles_leave(run->mutator, frame);
  free(graph_run->rewired);
  free(graph_run);
  return status;
}

WORKLOAD_OPS(heap_graph, heap_graph_run);
