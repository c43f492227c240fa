/* Building the graph of a heap snapshot out of numbers, distrusting all of them.
 *
 * Records beyond the claimed count are counted and not stored, so that the fault can say how many
 * there are.
 *
 * Costs: per number one conversion, one comparison with the 32-bit limit and one switch; arrays
 * double, and never beyond the claimed count.
 */
#include "workloads/snapshot_graph.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
  TYPES_MAX = UINT8_MAX, /* node_type and edge_type are bytes, and one value means none */
  FIRST_CAPACITY = 4096,
  NODE_BYTES = 3 * sizeof(uint32_t) + sizeof(uint8_t),
  EDGE_BYTES = sizeof(uint32_t) + sizeof(uint8_t),
  SHOWN_DIGITS_MAX = 40, /* of a number that a fault quotes */
};

static const char *const node_field_names[SNAPSHOT_FIELDS] = {
    [SNAPSHOT_FIELD_TYPE] = "type",
    [SNAPSHOT_FIELD_ID] = "id",
    [SNAPSHOT_FIELD_SELF_SIZE] = "self_size",
    [SNAPSHOT_FIELD_EDGE_COUNT] = "edge_count"};
static const char *const edge_field_names[SNAPSHOT_FIELDS] = {
    [SNAPSHOT_FIELD_TYPE] = "type", [SNAPSHOT_FIELD_TO_NODE] = "to_node"};

void snapshot_graph_init(struct snapshot_graph *graph, struct snapshot_fault *fault) {
  *graph = (struct snapshot_graph){
      .nodes = {.what = "nodes", .field_names = node_field_names},
      .edges = {.what = "edges", .field_names = edge_field_names},
      .result = {.weak_edge_type = UINT8_MAX},
      .fault = fault,
  };
}

void snapshot_graph_destroy(struct snapshot_graph *graph) {
  heap_snapshot_free(&graph->result);
}

void snapshot_graph_finish(struct snapshot_graph *graph, struct heap_snapshot *result) {
  *result = graph->result;
  result->node_count = (uint32_t)graph->nodes.record_count;
  result->edge_count = (uint32_t)graph->edges.record_count;
  graph->result = (struct heap_snapshot){0};
}

/* ---- numbers --------------------------------------------------------------------------------*/

/* A whole number, digits only, below 10^18; false for any other. */
static inline bool parse_whole(const char *number, size_t length, uint64_t *value) {
  enum { SAFE_DIGITS = 18 };
  if (length > SAFE_DIGITS) {
    return false;
  }
  uint64_t sum = 0;
  for (size_t i = 0; i < length; i++) {
    unsigned digit = (unsigned char)number[i] - (unsigned)'0';
    if (digit > 9) {
      return false;
    }
    sum = sum * 10 + digit;
  }
  *value = sum;
  return true;
}

static bool fail_number(struct snapshot_graph *graph, const char *where, const char *number,
                        size_t length) {
  const char *kind = number[0] == '-' ? "negative" : "too large";
  for (size_t i = 0; i < length; i++) {
    if (number[i] == '.' || number[i] == 'e' || number[i] == 'E') {
      kind = "fractional";
    }
  }
  int shown = length > SHOWN_DIGITS_MAX ? SHOWN_DIGITS_MAX : (int)length;
  return snapshot_fail(graph->fault, -EBADMSG,
                       "holds a %s number where it gives its %s: %.*s%s (possible are whole "
                       "numbers up to %" PRIu32 ")",
                       kind, where, shown, number, shown < (int)length ? "..." : "", UINT32_MAX);
}

/* ---- the description ------------------------------------------------------------------------*/

bool snapshot_graph_add_field(struct snapshot_graph *graph, struct snapshot_records *records,
                              const char *name, size_t length) {
  if (records->field_count == SNAPSHOT_RECORD_FIELDS_MAX) {
    return snapshot_fail(graph->fault, -EBADMSG, "names more than %d fields of its %s",
                         SNAPSHOT_RECORD_FIELDS_MAX, records->what);
  }
  enum snapshot_field field = SNAPSHOT_FIELD_TYPE;
  for (; field < SNAPSHOT_FIELDS; field++) {
    const char *known = records->field_names[field];
    if (known != NULL && strlen(known) == length && memcmp(known, name, length) == 0) {
      break;
    }
  }
  for (uint32_t i = 0; field != SNAPSHOT_FIELD_IGNORED && i < records->field_count; i++) {
    if (records->fields[i] == field) {
      return snapshot_fail(graph->fault, -EBADMSG, "names the field \"%s\" of its %s twice",
                           records->field_names[field], records->what);
    }
  }
  records->fields[records->field_count++] = field;
  return true;
}

bool snapshot_graph_add_type(struct snapshot_graph *graph, struct snapshot_records *records,
                             const char *name, size_t length) {
  static const char weak[] = "weak";
  if (records->type_count == TYPES_MAX) {
    return snapshot_fail(graph->fault, -EBADMSG, "names more than %d types of its %s", TYPES_MAX,
                         records->what);
  }
  if (records == &graph->edges && length == strlen(weak) && memcmp(name, weak, length) == 0) {
    graph->result.weak_edge_type = (uint8_t)records->type_count;
  }
  records->type_count++;
  return true;
}

bool snapshot_graph_claim(struct snapshot_graph *graph, struct snapshot_records *records,
                          const char *number, size_t length) {
  return parse_whole(number, length, &records->claimed_count) ||
         fail_number(graph, records == &graph->nodes ? "node_count" : "edge_count", number, length);
}

static bool check_fields(struct snapshot_graph *graph, const struct snapshot_records *records) {
  for (enum snapshot_field field = SNAPSHOT_FIELD_TYPE; field < SNAPSHOT_FIELDS; field++) {
    bool is_named = records->field_names[field] == NULL;
    for (uint32_t i = 0; !is_named && i < records->field_count; i++) {
      is_named = records->fields[i] == field;
    }
    if (!is_named) {
      return snapshot_fail(graph->fault, -EBADMSG,
                           "is not a heap snapshot: it names no field \"%s\" of its %s",
                           records->field_names[field], records->what);
    }
  }
  return true;
}

static uint64_t saturating_multiply(uint64_t a, uint64_t b) {
  uint64_t product;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/* In the text a number and what ends it are two bytes at least. */
static uint64_t text_needed_bytes(const struct snapshot_records *records) {
  return saturating_multiply(records->claimed_count, UINT64_C(2) * records->field_count);
}

bool snapshot_graph_describe(struct snapshot_graph *graph, uint64_t text_bound_bytes,
                             uint64_t memory_limit_bytes) {
  if (!check_fields(graph, &graph->nodes) || !check_fields(graph, &graph->edges)) {
    return false;
  }
  uint64_t nodes = graph->nodes.claimed_count;
  uint64_t edges = graph->edges.claimed_count;
  uint64_t nodes_max = UINT32_MAX / graph->nodes.field_count; /* an edge names node x fields */
  if (nodes == 0) {
    return snapshot_fail(graph->fault, -EBADMSG, "claims to hold no nodes");
  }
  if (text_needed_bytes(&graph->nodes) > text_bound_bytes ||
      text_needed_bytes(&graph->edges) > text_bound_bytes) {
    return snapshot_fail(graph->fault, -EBADMSG,
                         "claims %" PRIu64 " nodes and %" PRIu64
                         " edges, more than a file of its size can hold",
                         nodes, edges);
  }
  if (nodes > nodes_max || edges >= UINT32_MAX) {
    return snapshot_fail(graph->fault, -EFBIG,
                         "claims %" PRIu64 " nodes and %" PRIu64
                         " edges; its format can number %" PRIu64 " and %" PRIu32 " at most",
                         nodes, edges, nodes_max, UINT32_MAX - 1);
  }
  uint64_t needed_bytes = nodes * NODE_BYTES + edges * EDGE_BYTES;
  if (needed_bytes > memory_limit_bytes) {
    return snapshot_fail(graph->fault, -EFBIG,
                         "claims %" PRIu64 " nodes and %" PRIu64 " edges, which take %" PRIu64
                         " MiB to read; %" PRIu64 " MiB of memory are available",
                         nodes, edges, needed_bytes >> 20, memory_limit_bytes >> 20);
  }
  return true;
}

/* ---- the arrays -----------------------------------------------------------------------------*/

static bool resize(void **array, size_t count, size_t element_bytes) {
  void *moved = realloc(*array, count * element_bytes);
  if (moved == NULL) {
    return false;
  }
  *array = moved;
  return true;
}

/* At least 1, so that a list without records has an array too. */
static uint32_t next_capacity(const struct snapshot_records *records) {
  uint64_t doubled = records->capacity == 0 ? FIRST_CAPACITY : UINT64_C(2) * records->capacity;
  uint64_t capacity = doubled < records->claimed_count ? doubled : records->claimed_count;
  return capacity == 0 ? 1 : (uint32_t)capacity;
}

static bool fail_growth(struct snapshot_graph *graph, const struct snapshot_records *records) {
  return snapshot_fail(graph->fault, -ENOMEM,
                       "does not fit into memory: no room after %" PRIu32 " %s", records->capacity,
                       records->what);
}

static bool grow_nodes(struct snapshot_graph *graph) {
  struct heap_snapshot *result = &graph->result;
  uint32_t capacity = next_capacity(&graph->nodes);
  if (!resize((void **)&result->self_size_bytes, capacity, sizeof(uint32_t)) ||
      !resize((void **)&result->first_edge, (size_t)capacity + 1, sizeof(uint32_t)) ||
      !resize((void **)&result->node_id, capacity, sizeof(uint32_t)) ||
      !resize((void **)&result->node_type, capacity, sizeof(uint8_t))) {
    return fail_growth(graph, &graph->nodes);
  }
  graph->nodes.capacity = capacity;
  return true;
}

static bool grow_edges(struct snapshot_graph *graph) {
  struct heap_snapshot *result = &graph->result;
  uint32_t capacity = next_capacity(&graph->edges);
  if (!resize((void **)&result->edge_to, capacity, sizeof(uint32_t)) ||
      !resize((void **)&result->edge_type, capacity, sizeof(uint8_t))) {
    return fail_growth(graph, &graph->edges);
  }
  graph->edges.capacity = capacity;
  return true;
}

/* ---- records --------------------------------------------------------------------------------*/

/* Begins a record when its first number arrives. */
static inline bool begin_record(struct snapshot_graph *graph, struct snapshot_records *records,
                                bool (*grow)(struct snapshot_graph *graph)) {
  if (records->next_field == 0) {
    bool is_full = records->record_count == records->capacity;
    if (is_full && records->capacity < records->claimed_count && !grow(graph)) {
      return false;
    }
    records->record_count++;
  }
  return true;
}

/* What the number that has just arrived means: IGNORED also for records that are only counted. */
static inline enum snapshot_field step_field(struct snapshot_records *records) {
  enum snapshot_field field = records->fields[records->next_field];
  records->next_field =
      records->next_field + 1 == records->field_count ? 0 : records->next_field + 1;
  return records->record_count > records->claimed_count ? SNAPSHOT_FIELD_IGNORED : field;
}

static bool check_type(struct snapshot_graph *graph, const struct snapshot_records *records,
                       uint32_t type) {
  if (type < records->type_count) {
    return true;
  }
  return snapshot_fail(graph->fault, -EBADMSG,
                       "gives one of its %s (%" PRIu64 ") the type %" PRIu32
                       ", but names only %" PRIu32 " types",
                       records->what, records->record_count - 1, type, records->type_count);
}

bool snapshot_graph_add_node_number(struct snapshot_graph *graph, const char *number,
                                    size_t length) {
  struct snapshot_records *nodes = &graph->nodes;
  uint64_t value;
  if (!parse_whole(number, length, &value) || value > UINT32_MAX) {
    return fail_number(graph, nodes->what, number, length);
  }
  if (!begin_record(graph, nodes, grow_nodes)) {
    return false;
  }
  uint64_t node = nodes->record_count - 1;
  switch (step_field(nodes)) {
  case SNAPSHOT_FIELD_TYPE:
    graph->result.node_type[node] = (uint8_t)value;
    return check_type(graph, nodes, (uint32_t)value);
  case SNAPSHOT_FIELD_ID:
    graph->result.node_id[node] = (uint32_t)value;
    return true;
  case SNAPSHOT_FIELD_SELF_SIZE:
    graph->result.self_size_bytes[node] = (uint32_t)value;
    graph->result.self_size_sum_bytes += value;
    return true;
  case SNAPSHOT_FIELD_EDGE_COUNT:
    graph->result.first_edge[node] = (uint32_t)value; /* a count until the list has ended */
    graph->edge_sum += value;
    return true;
  default:
    return true;
  }
}

static bool add_target(struct snapshot_graph *graph, uint64_t edge, uint32_t position) {
  uint32_t field_count = graph->nodes.field_count;
  uint32_t node = position / field_count;
  if (node * field_count != position) {
    return snapshot_fail(graph->fault, -EBADMSG,
                         "has an edge (%" PRIu64 ") to position %" PRIu32
                         ", inside a node: not a multiple of the %" PRIu32 " fields of a node",
                         edge, position, field_count);
  }
  if (node >= graph->nodes.claimed_count) {
    return snapshot_fail(graph->fault, -EBADMSG,
                         "has an edge (%" PRIu64 ") to node %" PRIu32
                         ", out of range: it claims %" PRIu64 " nodes",
                         edge, node, graph->nodes.claimed_count);
  }
  graph->result.edge_to[edge] = node;
  return true;
}

bool snapshot_graph_add_edge_number(struct snapshot_graph *graph, const char *number,
                                    size_t length) {
  struct snapshot_records *edges = &graph->edges;
  uint64_t value;
  if (!parse_whole(number, length, &value) || value > UINT32_MAX) {
    return fail_number(graph, edges->what, number, length);
  }
  if (!begin_record(graph, edges, grow_edges)) {
    return false;
  }
  uint64_t edge = edges->record_count - 1;
  switch (step_field(edges)) {
  case SNAPSHOT_FIELD_TYPE:
    graph->result.edge_type[edge] = (uint8_t)value;
    return check_type(graph, edges, (uint32_t)value);
  case SNAPSHOT_FIELD_TO_NODE:
    return add_target(graph, edge, (uint32_t)value);
  default:
    return true;
  }
}

static bool check_count(struct snapshot_graph *graph, const struct snapshot_records *records) {
  if (records->next_field != 0) {
    return snapshot_fail(graph->fault, -EBADMSG,
                         "breaks off inside the last of its %s, after %" PRIu32 " of %" PRIu32
                         " numbers",
                         records->what, records->next_field, records->field_count);
  }
  if (records->record_count != records->claimed_count) {
    return snapshot_fail(graph->fault, -EBADMSG, "claims %" PRIu64 " %s but holds %" PRIu64,
                         records->claimed_count, records->what, records->record_count);
  }
  return true;
}

bool snapshot_graph_end_nodes(struct snapshot_graph *graph) {
  if (!check_count(graph, &graph->nodes)) {
    return false;
  }
  if (graph->edge_sum != graph->edges.claimed_count) {
    return snapshot_fail(graph->fault, -EBADMSG,
                         "claims %" PRIu64 " edges, but the edge counts of its nodes add up to "
                         "%" PRIu64,
                         graph->edges.claimed_count, graph->edge_sum);
  }
  uint32_t *first_edge = graph->result.first_edge;
  uint32_t sum = 0;
  for (uint64_t node = 0; node < graph->nodes.record_count; node++) {
    uint32_t count = first_edge[node];
    first_edge[node] = sum;
    sum += count;
  }
  first_edge[graph->nodes.record_count] = sum;
  return true;
}

bool snapshot_graph_end_edges(struct snapshot_graph *graph) {
  return check_count(graph, &graph->edges) && (graph->edges.capacity > 0 || grow_edges(graph));
}
