/* The structural rules that loaders of V8 heap snapshots rely on, checked on a file's text.
 *
 * DevTools' loader scans for keys in a certain order and reads arrays of digits into 32-bit numbers;
 * what it then assumes of them it does not check. snapshot_rules_broken answers the first rule that
 * a text breaks, or null.
 */
#ifndef TESTS_UNIT_SNAPSHOT_RULES_H
#define TESTS_UNIT_SNAPSHOT_RULES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* In the order in which they have to come. */
static const char *const rules_keys[] = {
    "snapshot",   "nodes",   "edges",     "trace_function_infos",
    "trace_tree", "samples", "locations", "strings"};

struct rules_table {
  json_t *rows;
  size_t fields, count;
};

static inline uint64_t rules_at(const struct rules_table *table, size_t row, size_t field) {
  return (uint64_t)json_integer_value(json_array_get(table->rows, row * table->fields + field));
}

static inline bool rules_in_order(const char *text) {
  const char *last = text;
  for (size_t key = 0; key < sizeof rules_keys / sizeof *rules_keys; key++) {
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":", rules_keys[key]);
    const char *place = strstr(text, quoted);
    if (!place || place < last) {
      return false;
    }
    last = place;
  }
  return true;
}

static inline bool rules_are_numbers(const json_t *array) {
  for (size_t index = 0; index < json_array_size(array); index++) {
    const json_t *item = json_array_get(array, index);
    if (!json_is_integer(item) || json_integer_value(item) < 0 ||
        json_integer_value(item) > UINT32_MAX) {
      return false;
    }
  }
  return true;
}

static inline const char *rules_of_meta(const json_t *meta) {
  static const char *const node_fields[] = {"type",      "name",       "id",
                                            "self_size", "edge_count", "detachedness"};
  static const char *const edge_fields[] = {"type", "name_or_index", "to_node"};
  const json_t *nodes = json_object_get(meta, "node_fields");
  const json_t *edges = json_object_get(meta, "edge_fields");
  for (size_t field = 0; field < 6; field++) {
    const char *name = json_string_value(json_array_get(nodes, field));
    if (!name || strcmp(name, node_fields[field]) != 0) {
      return "node fields";
    }
  }
  for (size_t field = 0; field < 3; field++) {
    const char *name = json_string_value(json_array_get(edges, field));
    if (!name || strcmp(name, edge_fields[field]) != 0) {
      return "edge fields";
    }
  }
  return NULL;
}

static inline int rules_compare(const void *left, const void *right) {
  const uint64_t *a = left, *b = right;
  return (*a > *b) - (*a < *b);
}

enum { RULES_OBJECT = 3, RULES_NATIVE = 8, RULES_SYNTHETIC = 9, RULES_WEAK = 6 };

static inline const char *rules_of_nodes(const struct rules_table *nodes, size_t node_types,
                                         size_t string_count) {
  uint64_t *ids = calloc(nodes->count, sizeof *ids);
  const char *broken = NULL;
  for (size_t node = 0; node < nodes->count && !broken; node++) {
    uint64_t type = rules_at(nodes, node, 0);
    ids[node] = rules_at(nodes, node, 2);
    if (type >= node_types) {
      broken = "a node's type";
    } else if (rules_at(nodes, node, 1) >= string_count) {
      broken = "a node's name is no string";
    } else if (ids[node] == 0 || (ids[node] % 2 == 0) != (type == RULES_NATIVE)) {
      broken = "ids are odd, but those of natives even";
    } else if (rules_at(nodes, node, 5) != 0) {
      broken = "detachedness";
    }
  }
  qsort(ids, nodes->count, sizeof *ids, rules_compare);
  for (size_t node = 1; node < nodes->count && !broken; node++) {
    broken = ids[node] == ids[node - 1] ? "ids are unique" : NULL;
  }
  free(ids);
  return broken;
}

static inline const char *rules_of_edges(const struct rules_table *nodes,
                                         const struct rules_table *edges, size_t edge_types,
                                         size_t string_count) {
  uint64_t sum = 0;
  for (size_t node = 0; node < nodes->count; node++) {
    sum += rules_at(nodes, node, 4);
  }
  if (sum != edges->count) {
    return "edge counts of nodes add up";
  }
  for (size_t edge = 0; edge < edges->count; edge++) {
    uint64_t type = rules_at(edges, edge, 0), target = rules_at(edges, edge, 2);
    bool is_numbered = type == 1 || type == 4; /* element, hidden */
    if (type >= edge_types) {
      return "an edge's type";
    }
    if (!is_numbered && rules_at(edges, edge, 1) >= string_count) {
      return "an edge's name is no string";
    }
    if (target % nodes->fields != 0) {
      return "an edge leads into the middle of a node";
    }
    if (target / nodes->fields >= nodes->count) {
      return "an edge leads nowhere";
    }
  }
  return NULL;
}

/* From node 0, by edges that are not weak. */
static inline bool rules_all_reachable(const struct rules_table *nodes,
                                       const struct rules_table *edges) {
  size_t *first = calloc(nodes->count + 1, sizeof *first);
  size_t *stack = calloc(nodes->count, sizeof *stack);
  bool *reached = calloc(nodes->count, sizeof *reached);
  size_t depth = 1, count = 1;
  for (size_t node = 0; node < nodes->count; node++) {
    first[node + 1] = first[node] + rules_at(nodes, node, 4);
  }
  reached[0] = true;
  while (depth > 0) {
    size_t node = stack[--depth];
    for (size_t edge = first[node]; edge < first[node + 1]; edge++) {
      size_t target = rules_at(edges, edge, 2) / nodes->fields;
      if (rules_at(edges, edge, 0) != RULES_WEAK && !reached[target]) {
        reached[target] = true;
        count++;
        stack[depth++] = target;
      }
    }
  }
  free(first);
  free(stack);
  free(reached);
  return count == nodes->count;
}

static inline const char *rules_of_file(const json_t *file) {
  const json_t *snapshot = json_object_get(file, "snapshot");
  const json_t *meta = json_object_get(snapshot, "meta");
  const json_t *texts = json_object_get(file, "strings");
  struct rules_table nodes = {json_object_get(file, "nodes"), 6, 0};
  struct rules_table edges = {json_object_get(file, "edges"), 3, 0};
  nodes.count = (size_t)json_integer_value(json_object_get(snapshot, "node_count"));
  edges.count = (size_t)json_integer_value(json_object_get(snapshot, "edge_count"));
  const char *broken = rules_of_meta(meta);
  if (broken) {
    return broken;
  }
  if (json_array_size(nodes.rows) != nodes.count * nodes.fields) {
    return "node count";
  }
  if (json_array_size(edges.rows) != edges.count * edges.fields) {
    return "edge count";
  }
  if (!rules_are_numbers(nodes.rows) || !rules_are_numbers(edges.rows)) {
    return "whole numbers of 32 bits";
  }
  const char *dummy = json_string_value(json_array_get(texts, 0));
  if (!dummy || strcmp(dummy, "<dummy>") != 0) {
    return "the first string";
  }
  if (nodes.count == 0 || rules_at(&nodes, 0, 0) != RULES_SYNTHETIC) {
    return "the first node is a synthetic root";
  }
  const json_t *node_types = json_array_get(json_object_get(meta, "node_types"), 0);
  const json_t *edge_types = json_array_get(json_object_get(meta, "edge_types"), 0);
  broken = rules_of_nodes(&nodes, json_array_size(node_types), json_array_size(texts));
  if (!broken) {
    broken = rules_of_edges(&nodes, &edges, json_array_size(edge_types), json_array_size(texts));
  }
  if (!broken && !rules_all_reachable(&nodes, &edges)) {
    broken = "every node is reachable";
  }
  return broken;
}

static inline const char *snapshot_rules_broken(const char *text) {
  json_error_t error;
  json_t *file = json_loads(text, 0, &error);
  const char *broken = !file                   ? "JSON"
                       : !rules_in_order(text) ? "order of keys"
                                               : rules_of_file(file);
  json_decref(file);
  return broken;
}

#endif
