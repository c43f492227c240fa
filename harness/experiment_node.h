/* Nodes of an experiment file: single values, lists and maps, each with its place in the file.
 *
 * Whatever is not what was expected is bad input, said with the place. A function that reads a node
 * leaves errors to be about it.
 */
#ifndef HARNESS_EXPERIMENT_NODE_H
#define HARNESS_EXPERIMENT_NODE_H

#include "harness/experiment.h"
#include <yaml.h>

struct node_reader {
  yaml_document_t document;
  struct experiment *experiment;
  bool has_heap, has_sweep;
};

struct experiment_place node_place(const yaml_node_t *node);

/* Errors from here on are about this node. */
void node_look_at(const struct node_reader *reader, const yaml_node_t *node);

/* The text lives as long as the document. `what` is how errors call the value, here and below. */
enum harness_status node_read_text(const struct node_reader *reader, const yaml_node_t *node,
                                   const char *what, const char **text);

typedef enum harness_status node_read(struct node_reader *reader, yaml_node_t *node, void *context);

/* Calls the function with every entry of a list, or with a node that is no list, as if it were the
 * only entry of one. */
enum harness_status node_read_list(struct node_reader *reader, yaml_node_t *node, const char *what,
                                   node_read *read, void *context);

typedef enum harness_status node_read_pair(struct node_reader *reader, const char *key,
                                           yaml_node_t *key_node, yaml_node_t *value,
                                           void *context);

/* Calls the function with every pair of a map; keys are single values, and none is there twice. */
enum harness_status node_read_map(struct node_reader *reader, yaml_node_t *node, const char *what,
                                  node_read_pair *read, void *context);

/* Of a map that was read; null when it has no such key. */
yaml_node_t *node_find(struct node_reader *reader, yaml_node_t *map, const char *key);

#endif
