/* A streaming reader of V8 heap snapshots on top of yajl's events.
 *
 * Algorithm: the known part of the document is a small tree of places (table `places`). The reader
 * is in one place at a time; a key selects the place that its value will enter, and whatever has no
 * place is skipped by counting brackets. Numbers and names go to snapshot_graph.h, which knows what
 * they mean.
 *
 * Costs: one callback per number; yajl copies only a token that straddles two buffers.
 */
#include "workloads/heap_snapshot.h"

#include "workloads/available_memory.h"
#include "workloads/snapshot_graph.h"
#include "workloads/snapshot_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

enum {
  TEXT_BUFFER_BYTES = 256 * 1024,
  NESTING_MAX = 100000, /* allocation traces nest as deep as the traced program's stack */
};

/* V8 cuts strings at 1,024 characters. More text than this without a token is no snapshot, and
 * would be held in full by the parser. */
#define SILENCE_MAX_BYTES (UINT64_C(16) << 20)

/* ---- where in the document ------------------------------------------------------------------*/

enum place {
  OUTSIDE,
  THE_FILE,
  SNAPSHOT,
  META,
  NODE_FIELDS,
  EDGE_FIELDS,
  NODE_TYPES,
  NODE_TYPE_NAMES,
  EDGE_TYPES,
  EDGE_TYPE_NAMES,
  NODE_COUNT,
  EDGE_COUNT,
  NODES,
  EDGES,
  PLACE_COUNT,
  SKIPPED = PLACE_COUNT,
};

enum kind { A_MAP, A_LIST, A_NUMBER, A_STRING, ANOTHER_VALUE };

static const char *const kind_names[] = {
    [A_MAP] = "an object", [A_LIST] = "a list", [A_NUMBER] = "a number"};

static const struct {
  const char *key; /* null: an element of a list */
  enum place parent;
  enum kind kind;
} places[PLACE_COUNT] = {
    [THE_FILE] = {NULL, OUTSIDE, A_MAP},
    [SNAPSHOT] = {"snapshot", THE_FILE, A_MAP},
    [META] = {"meta", SNAPSHOT, A_MAP},
    [NODE_FIELDS] = {"node_fields", META, A_LIST},
    [EDGE_FIELDS] = {"edge_fields", META, A_LIST},
    [NODE_TYPES] = {"node_types", META, A_LIST},
    [NODE_TYPE_NAMES] = {NULL, NODE_TYPES, A_LIST},
    [EDGE_TYPES] = {"edge_types", META, A_LIST},
    [EDGE_TYPE_NAMES] = {NULL, EDGE_TYPES, A_LIST},
    [NODE_COUNT] = {"node_count", SNAPSHOT, A_NUMBER},
    [EDGE_COUNT] = {"edge_count", SNAPSHOT, A_NUMBER},
    [NODES] = {"nodes", THE_FILE, A_LIST},
    [EDGES] = {"edges", THE_FILE, A_LIST},
};

struct reader {
  struct snapshot_graph graph;
  enum place place;
  enum place selected; /* by the last key: where its value belongs */
  unsigned seen;       /* bit per place that was entered */
  uint32_t skip_depth; /* brackets open since a value that is skipped began */
  uint64_t event_count;
  uint64_t memory_limit_bytes;
  uint64_t text_bound_bytes;
  struct snapshot_fault fault;
};

static bool has_seen(const struct reader *reader, enum place place) {
  return (reader->seen & 1u << place) != 0;
}

static bool require(struct reader *reader, enum place place) {
  if (has_seen(reader, place)) {
    return true;
  }
  return snapshot_fail(&reader->fault, -EBADMSG, "is not a heap snapshot: it has no \"%s\"%s",
                       places[place].key, places[place].parent == META ? " in its \"meta\"" : "");
}

static bool end_snapshot(struct reader *reader) {
  static const enum place required[] = {META,       NODE_FIELDS, EDGE_FIELDS, NODE_TYPES,
                                        EDGE_TYPES, NODE_COUNT,  EDGE_COUNT};
  for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
    if (!require(reader, required[i])) {
      return false;
    }
  }
  return snapshot_graph_describe(&reader->graph, reader->text_bound_bytes,
                                 reader->memory_limit_bytes);
}

/* ---- moving about ---------------------------------------------------------------------------*/

/* Where a value that begins now belongs; SKIPPED when nobody wants it, OUTSIDE when it must not be.
 * A list of types holds the names of the types as its first list; what else it holds describes
 * other fields. */
static enum place place_of_value(const struct reader *reader, enum kind kind) {
  switch (reader->place) {
  case OUTSIDE:
    return THE_FILE;
  case THE_FILE:
  case SNAPSHOT:
  case META:
    return reader->selected;
  case NODE_TYPES:
    return kind == A_LIST && !has_seen(reader, NODE_TYPE_NAMES) ? NODE_TYPE_NAMES : SKIPPED;
  case EDGE_TYPES:
    return kind == A_LIST && !has_seen(reader, EDGE_TYPE_NAMES) ? EDGE_TYPE_NAMES : SKIPPED;
  default:
    return OUTSIDE;
  }
}

/* A value in a list that holds numbers or names only. */
static bool fail_element(struct reader *reader) {
  const char *key = places[reader->place].key;
  bool is_list_of_numbers = reader->place == NODES || reader->place == EDGES;
  return snapshot_fail(&reader->fault, -EBADMSG, "holds something other than %s in its \"%s\"",
                       is_list_of_numbers ? "numbers" : "names",
                       key != NULL ? key : places[places[reader->place].parent].key);
}

static bool fail_kind(struct reader *reader, enum place place) {
  if (place == THE_FILE) {
    return snapshot_fail(&reader->fault, -EBADMSG,
                         "is not a heap snapshot: its text is not a JSON object");
  }
  return snapshot_fail(&reader->fault, -EBADMSG, "is not a heap snapshot: its \"%s\" is not %s",
                       places[place].key, kind_names[places[place].kind]);
}

/* Answers in *place where the value belongs, after the checks that every value there must pass. */
static bool begin_value(struct reader *reader, enum kind kind, enum place *place) {
  *place = place_of_value(reader, kind);
  if (*place == SKIPPED) {
    return true;
  }
  if (*place == OUTSIDE) {
    return fail_element(reader);
  }
  if (places[*place].kind != kind) {
    return fail_kind(reader, *place);
  }
  if (has_seen(reader, *place)) {
    return snapshot_fail(&reader->fault, -EBADMSG, "has \"%s\" twice", places[*place].key);
  }
  if ((*place == NODES || *place == EDGES) && !has_seen(reader, SNAPSHOT)) {
    return snapshot_fail(&reader->fault, -EBADMSG,
                         "is not a heap snapshot: no \"snapshot\" that describes them comes "
                         "before its \"%s\"",
                         places[*place].key);
  }
  reader->seen |= 1u << *place;
  return true;
}

static bool open_bracket(struct reader *reader, enum kind kind) {
  reader->event_count++;
  enum place place = SKIPPED;
  if (reader->skip_depth == 0 && !begin_value(reader, kind, &place)) {
    return false;
  }
  if (place != SKIPPED) {
    reader->place = place;
    reader->selected = SKIPPED;
  } else if (++reader->skip_depth > NESTING_MAX) {
    return snapshot_fail(&reader->fault, -EBADMSG, "nests more than %d levels deep", NESTING_MAX);
  }
  return true;
}

static bool close_bracket(struct reader *reader) {
  reader->event_count++;
  if (reader->skip_depth > 0) {
    reader->skip_depth--;
    return true;
  }
  enum place left = reader->place;
  reader->place = places[left].parent;
  switch (left) {
  case SNAPSHOT:
    return end_snapshot(reader);
  case NODES:
    return snapshot_graph_end_nodes(&reader->graph);
  case EDGES:
    return snapshot_graph_end_edges(&reader->graph);
  default:
    return true;
  }
}

static bool take_claim(struct reader *reader, const char *text, size_t length) {
  enum place place;
  if (!begin_value(reader, A_NUMBER, &place)) {
    return false;
  }
  struct snapshot_graph *graph = &reader->graph;
  return place == SKIPPED ||
         snapshot_graph_claim(graph, place == NODE_COUNT ? &graph->nodes : &graph->edges, text,
                              length);
}

static bool take_name(struct reader *reader, const char *text, size_t length) {
  struct snapshot_graph *graph = &reader->graph;
  enum place place;
  switch (reader->place) {
  case NODE_FIELDS:
    return snapshot_graph_add_field(graph, &graph->nodes, text, length);
  case EDGE_FIELDS:
    return snapshot_graph_add_field(graph, &graph->edges, text, length);
  case NODE_TYPE_NAMES:
    return snapshot_graph_add_type(graph, &graph->nodes, text, length);
  case EDGE_TYPE_NAMES:
    return snapshot_graph_add_type(graph, &graph->edges, text, length);
  default:
    return begin_value(reader, A_STRING, &place);
  }
}

static void select_place(struct reader *reader, const char *text, size_t length) {
  reader->selected = SKIPPED;
  for (enum place place = THE_FILE; place < PLACE_COUNT; place++) {
    const char *key = places[place].key;
    if (places[place].parent == reader->place && key != NULL && strlen(key) == length &&
        memcmp(key, text, length) == 0) {
      reader->selected = place;
    }
  }
}

/* ---- yajl's events: an answer of 0 stops the parser -----------------------------------------*/

static int on_map_begin(void *context) {
  return open_bracket(context, A_MAP);
}

static int on_list_begin(void *context) {
  return open_bracket(context, A_LIST);
}

static int on_end(void *context) {
  return close_bracket(context);
}

static int on_key(void *context, const unsigned char *text, size_t length) {
  struct reader *reader = context;
  reader->event_count++;
  if (reader->skip_depth == 0) {
    select_place(reader, (const char *)text, length);
  }
  return 1;
}

static int on_number(void *context, const char *text, size_t length) {
  struct reader *reader = context;
  reader->event_count++;
  if (reader->skip_depth > 0) {
    return 1;
  }
  if (reader->place == EDGES) {
    return snapshot_graph_add_edge_number(&reader->graph, text, length);
  }
  if (reader->place == NODES) {
    return snapshot_graph_add_node_number(&reader->graph, text, length);
  }
  return take_claim(reader, text, length);
}

static int on_string(void *context, const unsigned char *text, size_t length) {
  struct reader *reader = context;
  reader->event_count++;
  return reader->skip_depth > 0 || take_name(reader, (const char *)text, length);
}

static int on_null(void *context) {
  struct reader *reader = context;
  enum place place;
  reader->event_count++;
  return reader->skip_depth > 0 || begin_value(reader, ANOTHER_VALUE, &place);
}

static int on_boolean(void *context, int value) {
  (void)value;
  return on_null(context);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_map_begin,
    .yajl_map_key = on_key,
    .yajl_end_map = on_end,
    .yajl_start_array = on_list_begin,
    .yajl_end_array = on_end,
};

/* ---- the file -------------------------------------------------------------------------------*/

/* Of yajl's message the first line says what is wrong. After a fault of our own this does nothing:
 * the first fault wins. */
static bool fail_json(struct reader *reader, yajl_handle parser, uint64_t position_bytes) {
  unsigned char *message = yajl_get_error(parser, 0, NULL, 0);
  const char *text = message == NULL ? "" : (const char *)message;
  snapshot_fail(&reader->fault, -EBADMSG, "is not valid JSON at byte %" PRIu64 " of its text: %.*s",
                position_bytes, (int)strcspn(text, "\n"), text);
  if (message != NULL) {
    yajl_free_error(parser, message);
  }
  return false;
}

static bool end_text(struct reader *reader, yajl_handle parser, uint64_t text_bytes) {
  if (yajl_complete_parse(parser) != yajl_status_ok) {
    return snapshot_fail(&reader->fault, -EBADMSG,
                         "is cut off: its JSON ends too early, after %" PRIu64 " bytes",
                         text_bytes);
  }
  return require(reader, SNAPSHOT) && require(reader, NODES) && require(reader, EDGES);
}

static bool parse_text(struct reader *reader, yajl_handle parser, struct snapshot_text *text,
                       uint8_t *buffer) {
  uint64_t text_bytes = 0;
  uint64_t silent_bytes = 0;
  for (;;) {
    size_t length_bytes;
    if (!snapshot_text_read(text, buffer, TEXT_BUFFER_BYTES, &length_bytes, &reader->fault)) {
      return false;
    }
    if (length_bytes == 0) {
      return end_text(reader, parser, text_bytes);
    }
    uint64_t event_count = reader->event_count;
    if (yajl_parse(parser, buffer, length_bytes) != yajl_status_ok) {
      return fail_json(reader, parser, text_bytes + yajl_get_bytes_consumed(parser));
    }
    text_bytes += length_bytes;
    silent_bytes = reader->event_count == event_count ? silent_bytes + length_bytes : 0;
    if (silent_bytes > SILENCE_MAX_BYTES) {
      return snapshot_fail(&reader->fault, -EFBIG,
                           "holds a single value or gap of more than %" PRIu64 " MiB",
                           SILENCE_MAX_BYTES >> 20);
    }
  }
}

/* Nothing in a snapshot depends on the encoding of strings, so they are not validated. */
static bool parse_file(struct reader *reader, struct snapshot_text *text) {
  uint8_t *buffer = malloc(TEXT_BUFFER_BYTES);
  yajl_handle parser = yajl_alloc(&callbacks, NULL, reader);
  bool is_read = false;
  if (buffer == NULL || parser == NULL) {
    snapshot_fail(&reader->fault, -ENOMEM, "cannot be read: no memory for the parser");
  } else {
    yajl_config(parser, yajl_dont_validate_strings, 1);
    is_read = parse_text(reader, parser, text, buffer);
  }
  if (parser != NULL) {
    yajl_free(parser);
  }
  free(buffer);
  return is_read;
}

/* The sentence ends with what is wrong, so of a long path only the end is shown. */
static void tell(const char *path, const char *phrase, char *error, size_t error_size) {
  enum { SHOWN_PATH_MAX = 200 };
  size_t length = strlen(path);
  bool is_long = length > SHOWN_PATH_MAX;
  snprintf(error, error_size, "the heap snapshot '%s%s' %s", is_long ? "..." : "",
           is_long ? path + length - SHOWN_PATH_MAX : path, phrase);
}

int heap_snapshot_read_within(const char *path, uint64_t memory_limit_bytes,
                              struct heap_snapshot *snapshot, char *error, size_t error_size) {
  struct reader reader = {.selected = SKIPPED, .memory_limit_bytes = memory_limit_bytes};
  snapshot_graph_init(&reader.graph, &reader.fault);
  *snapshot = (struct heap_snapshot){0};
  struct snapshot_text *text = snapshot_text_open(path, &reader.fault);
  if (text != NULL) {
    reader.text_bound_bytes = snapshot_text_bound_bytes(text);
    if (parse_file(&reader, text)) {
      snapshot_graph_finish(&reader.graph, snapshot);
    }
    snapshot_text_close(text);
  }
  snapshot_graph_destroy(&reader.graph);
  if (reader.fault.status != 0) {
    tell(path, reader.fault.phrase, error, error_size);
  }
  return reader.fault.status;
}

int heap_snapshot_read(const char *path, struct heap_snapshot *snapshot, char *error,
                       size_t error_size) {
  return heap_snapshot_read_within(path, available_memory_bytes(), snapshot, error, error_size);
}

void heap_snapshot_drop_labels(struct heap_snapshot *snapshot) {
  free(snapshot->node_id);
  free(snapshot->node_type);
  free(snapshot->edge_type);
  snapshot->node_id = NULL;
  snapshot->node_type = NULL;
  snapshot->edge_type = NULL;
}

void heap_snapshot_free(struct heap_snapshot *snapshot) {
  heap_snapshot_drop_labels(snapshot);
  free(snapshot->self_size_bytes);
  free(snapshot->first_edge);
  free(snapshot->edge_to);
  memset(snapshot, 0, sizeof *snapshot);
}
