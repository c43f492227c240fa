/* Nodes of an experiment file. */
#include "harness/experiment_node.h"
#include <string.h>

struct experiment_place node_place(const yaml_node_t *node) {
  return (struct experiment_place){node->start_mark.line + 1, node->start_mark.column + 1};
}

void node_look_at(const struct node_reader *reader, const yaml_node_t *node) {
  struct experiment_place place = node_place(node);
  experiment_say_from(reader->experiment, &place);
}

static const char *kind_of(const yaml_node_t *node) {
  return node->type == YAML_SEQUENCE_NODE                                 ? "a list"
         : node->type == YAML_MAPPING_NODE                                ? "a map"
         : node->type == YAML_SCALAR_NODE && node->data.scalar.length > 0 ? "a single value"
                                                                          : "nothing";
}

static enum harness_status unexpected(const struct node_reader *reader, const yaml_node_t *node,
                                      const char *what, const char *expected) {
  node_look_at(reader, node);
  return say_bad_input("%s: %s was expected, and there is %s", what, expected, kind_of(node));
}

enum harness_status node_read_text(const struct node_reader *reader, const yaml_node_t *node,
                                   const char *what, const char **text) {
  if (node->type != YAML_SCALAR_NODE || node->data.scalar.length == 0) {
    return unexpected(reader, node, what, "a single value");
  }
  *text = (const char *)node->data.scalar.value;
  if (strlen(*text) != node->data.scalar.length) {
    node_look_at(reader, node);
    return say_bad_input("%s: the value has a zero byte", what);
  }
  node_look_at(reader, node);
  return HARNESS_DONE;
}

enum harness_status node_read_list(struct node_reader *reader, yaml_node_t *node, const char *what,
                                   node_read *read, void *context) {
  if (node->type != YAML_SEQUENCE_NODE) {
    return read(reader, node, context);
  }
  if (node->data.sequence.items.start == node->data.sequence.items.top) {
    node_look_at(reader, node);
    return say_bad_input("%s: the list is empty", what);
  }
  enum harness_status status = HARNESS_DONE;
  for (yaml_node_item_t *item = node->data.sequence.items.start;
       status == HARNESS_DONE && item < node->data.sequence.items.top; item++) {
    status = read(reader, yaml_document_get_node(&reader->document, *item), context);
  }
  return status;
}

/* True when an earlier pair of the map has the same key. */
static bool is_repeated(struct node_reader *reader, const yaml_node_t *map,
                        const yaml_node_pair_t *pair, const char *key) {
  for (const yaml_node_pair_t *earlier = map->data.mapping.pairs.start; earlier < pair; earlier++) {
    const yaml_node_t *node = yaml_document_get_node(&reader->document, earlier->key);
    if (strcmp((const char *)node->data.scalar.value, key) == 0) {
      return true;
    }
  }
  return false;
}

enum harness_status node_read_map(struct node_reader *reader, yaml_node_t *node, const char *what,
                                  node_read_pair *read, void *context) {
  if (node->type != YAML_MAPPING_NODE) {
    return unexpected(reader, node, what, "a map");
  }
  enum harness_status status = HARNESS_DONE;
  for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
       status == HARNESS_DONE && pair < node->data.mapping.pairs.top; pair++) {
    yaml_node_t *key_node = yaml_document_get_node(&reader->document, pair->key);
    const char *key;
    status = node_read_text(reader, key_node, "a key", &key);
    if (status == HARNESS_DONE && is_repeated(reader, node, pair, key)) {
      status = say_bad_input("the key '%s' is there twice", key);
    }
    if (status == HARNESS_DONE) {
      status = read(reader, key, key_node, yaml_document_get_node(&reader->document, pair->value),
                    context);
    }
  }
  return status;
}

yaml_node_t *node_find(struct node_reader *reader, yaml_node_t *map, const char *key) {
  for (yaml_node_pair_t *pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top;
       pair++) {
    const yaml_node_t *node = yaml_document_get_node(&reader->document, pair->key);
    if (strcmp((const char *)node->data.scalar.value, key) == 0) {
      return yaml_document_get_node(&reader->document, pair->value);
    }
  }
  return NULL;
}
