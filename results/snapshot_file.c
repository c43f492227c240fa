/* Writing heap snapshots. See snapshot_file.h. */
#include "results/snapshot_file.h"
#include "results/file.h"
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { BUFFER_BYTES = 1 << 16, NUMBER_BYTES_MAX = 24, COMPRESSION_LEVEL = 3 };

/* Nodes or edges between two reports of progress. */
enum { PROGRESS_EVERY = 1 << 16 };

/* --- what the numbers mean ---------------------------------------------------------------------*/

enum { NODE_FIELDS = 6, EDGE_FIELDS = 3, ROOT_ID = 1 };

enum node_type { NODE_OBJECT = 3, NODE_NATIVE = 8, NODE_SYNTHETIC = 9 };
enum edge_type { EDGE_ELEMENT = 1, EDGE_INTERNAL = 3, EDGE_SHORTCUT = 5, EDGE_WEAK = 6 };

static const char meta[] =
    "{\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\",\"edge_count\",\"detachedness\"],"
    "\"node_types\":[[\"hidden\",\"array\",\"string\",\"object\",\"code\",\"closure\",\"regexp\","
    "\"number\",\"native\",\"synthetic\",\"concatenated string\",\"sliced string\",\"symbol\","
    "\"bigint\",\"object shape\"],\"string\",\"number\",\"number\",\"number\",\"number\"],"
    "\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],"
    "\"edge_types\":[[\"context\",\"element\",\"property\",\"internal\",\"hidden\",\"shortcut\","
    "\"weak\"],\"string_or_number\",\"node\"],"
    "\"trace_function_info_fields\":[\"function_id\",\"name\",\"script_name\",\"script_id\","
    "\"line\",\"column\"],"
    "\"trace_node_fields\":[\"id\",\"function_info_index\",\"count\",\"size\",\"children\"],"
    "\"sample_fields\":[\"timestamp_us\",\"last_assigned_id\"],"
    "\"location_fields\":[\"object_index\",\"script_id\",\"script_object_index\",\"line\","
    "\"column\"]}";

/* Strings that are no node's name; the image's names follow. */
enum string {
  STRING_DUMMY,
  STRING_ROOT,
  STRING_STORE,
  STRING_VALUE,
  STRING_VALUE_BY_KEY,
  STRING_REFERENT,
  STRING_KEY,
  STRING_FINALIZER,
  STRINGS
};

static const char *const strings[STRINGS] = {
    [STRING_DUMMY] = "<dummy>",
    [STRING_ROOT] = "",
    [STRING_STORE] = "store",
    [STRING_VALUE] = "value",
    [STRING_VALUE_BY_KEY] = "value by key",
    [STRING_REFERENT] = "referent",
    [STRING_KEY] = "key",
    [STRING_FINALIZER] = "finalizer",
};

static const enum node_type node_types[] = {
    [GC_IMAGE_GROUP] = NODE_SYNTHETIC,
    [GC_IMAGE_OBJECT] = NODE_OBJECT,
    [GC_IMAGE_STORE] = NODE_NATIVE,
};

/* A string of STRING_DUMMY: the edge's own name, a number. */
static const struct {
  enum edge_type type;
  enum string string;
} edge_kinds[] = {
    [GC_IMAGE_ROOT] = {EDGE_ELEMENT, STRING_DUMMY},
    [GC_IMAGE_SLOT] = {EDGE_ELEMENT, STRING_DUMMY},
    [GC_IMAGE_STORAGE] = {EDGE_INTERNAL, STRING_STORE},
    [GC_IMAGE_VALUE] = {EDGE_INTERNAL, STRING_VALUE},
    [GC_IMAGE_KEY_VALUE] = {EDGE_INTERNAL, STRING_VALUE_BY_KEY},
    [GC_IMAGE_WEAK] = {EDGE_WEAK, STRING_REFERENT},
    [GC_IMAGE_KEY] = {EDGE_WEAK, STRING_KEY},
    [GC_IMAGE_FINALIZER] = {EDGE_WEAK, STRING_FINALIZER},
};

/* --- output ------------------------------------------------------------------------------------*/

struct output {
  FILE *stream;
  ZSTD_CCtx *compressor; /* null: plain */
  int status;            /* 0, -ENOMEM, or -EIO when the stream refused */
  size_t used_bytes;
  char buffer[BUFFER_BYTES], compressed[BUFFER_BYTES];
};

static void pass_on(struct output *output, const char *bytes, size_t count) {
  if (output->status == 0 && fwrite(bytes, 1, count, output->stream) != count) {
    output->status = -EIO;
  }
}

static void flush(struct output *output, ZSTD_EndDirective end) {
  ZSTD_inBuffer input = {output->buffer, output->used_bytes, 0};
  size_t left = 0;
  output->used_bytes = 0;
  if (!output->compressor) {
    pass_on(output, input.src, input.size);
    return;
  }
  do {
    ZSTD_outBuffer room = {output->compressed, sizeof output->compressed, 0};
    left = ZSTD_compressStream2(output->compressor, &room, &input, end);
    if (ZSTD_isError(left)) {
      output->status = output->status != 0 ? output->status : -ENOMEM;
      return;
    }
    pass_on(output, output->compressed, room.pos);
  } while (output->status == 0 && (end == ZSTD_e_end ? left != 0 : input.pos < input.size));
}

static void put_text(struct output *output, const char *text) {
  for (size_t length = strlen(text); length > 0;) {
    size_t room = BUFFER_BYTES - output->used_bytes;
    size_t part = length < room ? length : room;
    memcpy(output->buffer + output->used_bytes, text, part);
    output->used_bytes += part;
    text += part;
    length -= part;
    if (output->used_bytes == BUFFER_BYTES) {
      flush(output, ZSTD_e_continue);
    }
  }
}

static void put_number(struct output *output, uint64_t number, char after) {
  char digits[NUMBER_BYTES_MAX], *end = digits + sizeof digits, *first = end;
  *--first = after;
  do {
    *--first = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  size_t length = (size_t)(end - first);
  if (output->used_bytes + length > BUFFER_BYTES) {
    flush(output, ZSTD_e_continue);
  }
  memcpy(output->buffer + output->used_bytes, first, length);
  output->used_bytes += length;
}

/* Quoted and escaped; what is no UTF-8 cannot be told. */
static void put_string(struct output *output, const char *text) {
  json_t *string = json_string(text);
  char *quoted = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
  put_text(output, quoted ? quoted : "\"?\"");
  free(quoted);
  json_decref(string);
}

/* --- nodes and edges ---------------------------------------------------------------------------*/

struct writer {
  struct output *output;
  const struct gc_image *image;
  struct results_snapshot_counts counts;
  uint64_t done; /* nodes and edges */
  void (*progress)(void *context, double done_ratio);
  void *context;
};

static void step(struct writer *writer) {
  if (++writer->done % PROGRESS_EVERY == 0 && writer->progress) {
    writer->progress(writer->context,
                     (double)writer->done / (double)(writer->counts.nodes + writer->counts.edges));
  }
}

/* From a group of roots: a handle or global root, by which the program holds the object. */
static bool is_held(const struct gc_image *image, uint32_t edge) {
  return image->edge_kinds[edge] == GC_IMAGE_ROOT &&
         image->node_kinds[image->edge_targets[edge]] == GC_IMAGE_OBJECT;
}

/* Groups come first. */
static uint32_t end_of_groups(const struct gc_image *image) {
  uint32_t node = 0;
  while (node < image->node_count && image->node_kinds[node] == GC_IMAGE_GROUP) {
    node++;
  }
  return image->node_count > 0 ? image->first_edges[node] : 0;
}

static uint32_t count_held(const struct gc_image *image) {
  uint32_t count = 0;
  for (uint32_t edge = 0; edge < end_of_groups(image); edge++) {
    count += is_held(image, edge);
  }
  return count;
}

static void put_node(struct writer *writer, enum node_type type, uint64_t name, uint32_t id,
                     uint64_t bytes, uint64_t edge_count) {
  struct output *output = writer->output;
  put_number(output, type, ',');
  put_number(output, name, ',');
  put_number(output, id, ',');
  put_number(output, bytes < UINT32_MAX ? bytes : UINT32_MAX, ',');
  put_number(output, edge_count, ',');
  step(writer);
  put_text(output, writer->done == writer->counts.nodes ? "0" : "0,\n");
}

static void put_nodes(struct writer *writer) {
  const struct gc_image *image = writer->image;
  put_node(writer, NODE_SYNTHETIC, STRING_ROOT, ROOT_ID, 0, 1 + count_held(image));
  for (uint32_t node = 0; node < image->node_count; node++) {
    put_node(writer, node_types[image->node_kinds[node]],
             STRINGS + (uint64_t)image->node_names[node], image->ids[node], image->node_bytes[node],
             image->first_edges[node + 1] - image->first_edges[node]);
  }
}

/* `target` is a node of the image, of which the file has one before. */
static void put_edge(struct writer *writer, enum edge_type type, uint64_t name, uint32_t target) {
  struct output *output = writer->output;
  put_number(output, type, ',');
  put_number(output, name, ',');
  step(writer);
  bool is_last = writer->done == writer->counts.nodes + writer->counts.edges;
  put_number(output, (target + UINT64_C(1)) * NODE_FIELDS, is_last ? ' ' : ',');
  put_text(output, is_last ? "" : "\n");
}

static void put_edges(struct writer *writer) {
  const struct gc_image *image = writer->image;
  put_edge(writer, EDGE_ELEMENT, 1, 0);
  for (uint32_t edge = 0; edge < end_of_groups(image); edge++) {
    if (is_held(image, edge)) {
      put_edge(writer, EDGE_SHORTCUT,
               STRINGS + (uint64_t)image->node_names[image->edge_targets[edge]],
               image->edge_targets[edge]);
    }
  }
  for (uint32_t edge = 0; edge < image->edge_count; edge++) {
    enum string string = edge_kinds[image->edge_kinds[edge]].string;
    put_edge(writer, edge_kinds[image->edge_kinds[edge]].type,
             string != STRING_DUMMY ? string : image->edge_names[edge], image->edge_targets[edge]);
  }
}

/* --- the file ----------------------------------------------------------------------------------*/

static uint64_t bytes_beyond(const struct gc_image *image) {
  uint64_t bytes = 0;
  for (uint32_t node = 0; node < image->node_count; node++) {
    bytes += image->node_bytes[node] > UINT32_MAX ? image->node_bytes[node] - UINT32_MAX : 0;
  }
  return bytes;
}

static void put_strings(struct writer *writer) {
  const struct gc_image *image = writer->image;
  for (unsigned string = 0; string < STRINGS; string++) {
    put_string(writer->output, strings[string]);
    put_text(writer->output, string + 1 < STRINGS || image->name_count > 0 ? ",\n" : "");
  }
  for (uint32_t name = 0; name < image->name_count; name++) {
    put_string(writer->output, image->names[name]);
    put_text(writer->output, name + 1 < image->name_count ? ",\n" : "");
  }
}

static void put_file(struct writer *writer) {
  struct output *output = writer->output;
  put_text(output, "{\"snapshot\":{\"meta\":");
  put_text(output, meta);
  put_text(output, ",\"node_count\":");
  put_number(output, writer->counts.nodes, ',');
  put_text(output, "\"edge_count\":");
  put_number(output, writer->counts.edges, ',');
  put_text(output, "\"trace_function_count\":0,\"extra_native_bytes\":");
  put_number(output, bytes_beyond(writer->image), '}');
  put_text(output, ",\n\"nodes\":[");
  put_nodes(writer);
  put_text(output, "],\n\"edges\":[");
  put_edges(writer);
  put_text(output, "],\n\"trace_function_infos\":[],\n\"trace_tree\":[],\n\"samples\":[],\n"
                   "\"locations\":[],\n\"strings\":[");
  put_strings(writer);
  put_text(output, "]}\n");
  flush(output, ZSTD_e_end);
}

struct results_snapshot_counts results_snapshot_count(const struct gc_image *image) {
  return (struct results_snapshot_counts){.nodes = image->node_count + UINT64_C(1),
                                          .edges =
                                              image->edge_count + UINT64_C(1) + count_held(image)};
}

static bool is_compressed(const char *path) {
  size_t length = strlen(path);
  return length >= 4 && strcmp(path + length - 4, ".zst") == 0;
}

static int write_into(struct results_file *file, struct writer *writer) {
  bool compresses = is_compressed(file->path);
  struct output *output = malloc(sizeof *output);
  ZSTD_CCtx *compressor = compresses ? ZSTD_createCCtx() : NULL;
  int status = -ENOMEM;
  if (output && (compressor || !compresses)) {
    output->stream = file->stream;
    output->compressor = compressor;
    output->status = 0;
    output->used_bytes = 0;
    if (compressor) {
      ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, COMPRESSION_LEVEL);
      ZSTD_CCtx_setParameter(compressor, ZSTD_c_checksumFlag, 1);
    }
    writer->output = output;
    put_file(writer);
    status = output->status;
  }
  ZSTD_freeCCtx(compressor);
  free(output);
  return status;
}

int results_snapshot_write(const char *path, const struct gc_image *image,
                           void (*progress)(void *context, double done_ratio), void *context,
                           char *error, size_t error_size) {
  struct results_file file;
  struct writer writer = {.image = image,
                          .counts = results_snapshot_count(image),
                          .progress = progress,
                          .context = context};
  if (writer.counts.nodes * NODE_FIELDS > UINT32_MAX || writer.counts.edges > UINT32_MAX) {
    return results_fail(-EFBIG, error, error_size,
                        "%s cannot be written: the format has no room for %llu nodes", path,
                        (unsigned long long)writer.counts.nodes);
  }
  int status = results_file_create(&file, path, error, error_size);
  if (status != 0) {
    return status;
  }
  status = write_into(&file, &writer);
  if (status == -ENOMEM) {
    results_file_abandon(&file);
    return results_fail(status, error, error_size, "%s cannot be written: out of memory", path);
  }
  return results_file_commit(&file, error, error_size); /* which knows why the stream refused */
}
