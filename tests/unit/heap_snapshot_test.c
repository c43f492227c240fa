/* Tests of the heap snapshot reader: what it must read, and what it must refuse with a sentence.
 *
 * Files are written into a temporary directory that the group makes and removes. Cases of refusal
 * are one table: a text, the status, and the whole phrase that the user reads after the file's
 * name. Two exhaustive tests have no expected phrase: every prefix of a small file, in all three
 * formats, must be refused, and no change of a single byte may do more harm than that.
 *
 * Presets: release debug asan ubsan
 */
#include "workloads/heap_snapshot.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

/* ---- files ----------------------------------------------------------------------------------*/

static char directory[256];
static char path[320]; /* of the one file that a test writes at a time */

static int make_directory(void **state) {
  (void)state;
  const char *parent = getenv("TMPDIR");
  snprintf(directory, sizeof directory, "%s/tricolor-snapshot-XXXXXX",
           parent != NULL ? parent : P_tmpdir);
  if (mkdtemp(directory) == NULL) {
    return -1;
  }
  snprintf(path, sizeof path, "%s/file", directory);
  return 0;
}

static int remove_directory(void **state) {
  (void)state;
  remove(path);
  return rmdir(directory);
}

/* A new file every time: some file systems wait for the disk when one is truncated and rewritten.
 */
static void write_file(const void *content, size_t length) {
  remove(path);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(content, 1, length, file), length);
  assert_int_equal(fclose(file), 0);
}

struct bytes {
  uint8_t *start;
  size_t length;
};

static struct bytes gzip_of(const char *text, size_t length) {
  z_stream stream = {0};
  assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
                   Z_OK);
  size_t capacity = deflateBound(&stream, length);
  struct bytes result = {malloc(capacity), 0};
  assert_non_null(result.start);
  stream.next_in = (Bytef *)(uintptr_t)text;
  stream.avail_in = (uInt)length;
  stream.next_out = result.start;
  stream.avail_out = (uInt)capacity;
  assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
  result.length = stream.total_out;
  deflateEnd(&stream);
  return result;
}

/* With a checksum, so that damage to the content is found too. */
static struct bytes zstd_of(const char *text, size_t length) {
  ZSTD_CCtx *context = ZSTD_createCCtx();
  assert_non_null(context);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  size_t capacity = ZSTD_compressBound(length);
  struct bytes result = {malloc(capacity), 0};
  assert_non_null(result.start);
  result.length = ZSTD_compress2(context, result.start, capacity, text, length);
  assert_false(ZSTD_isError(result.length));
  ZSTD_freeCCtx(context);
  return result;
}

static struct bytes plain_of(const char *text, size_t length) {
  struct bytes result = {malloc(length), length};
  assert_non_null(result.start);
  memcpy(result.start, text, length);
  return result;
}

static struct bytes (*const formats[])(const char *, size_t) = {plain_of, gzip_of, zstd_of};
enum { FORMATS = sizeof formats / sizeof formats[0] };

/* ---- a small document -----------------------------------------------------------------------*/

#define NODE_FIELDS                                                                                \
  "\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\",\"edge_count\",\"detachedness\"]"
#define NODE_TYPES                                                                                 \
  "\"node_types\":[[\"hidden\",\"object\",\"synthetic\"],\"string\",\"number\",\"number\","        \
  "\"number\",\"number\"]"
#define EDGE_FIELDS "\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"]"
#define EDGE_TYPES                                                                                 \
  "\"edge_types\":[[\"context\",\"element\",\"weak\"],\"string_or_number\",\"node\"]"
#define META                "\"meta\":{" NODE_FIELDS "," NODE_TYPES "," EDGE_FIELDS "," EDGE_TYPES "}"
#define COUNTS              "\"node_count\":4,\"edge_count\":3"
#define SNAPSHOT            "\"snapshot\":{" META "," COUNTS ",\"trace_function_count\":0}"
#define NODE_NUMBERS        "2,1,1,0,1,0, 2,2,3,0,1,0, 1,3,5,64,1,0, 0,4,7,65536,0,0"
#define EDGE_NUMBERS        "1,1,6, 1,5,12, 2,6,18"
#define NODES               "\"nodes\":[" NODE_NUMBERS "]"
#define EDGES               "\"edges\":[" EDGE_NUMBERS "]"
#define STRINGS             "\"strings\":[\"<dummy>\",\"\",\"(GC roots)\",\"Cache\",\"Buffer\"]"
#define SMALL               "{" SNAPSHOT "," NODES "," EDGES "," STRINGS "}\n"
#define WITH_NODES(numbers) "{" SNAPSHOT ",\"nodes\":[" numbers "]," EDGES "}"
#define WITH_EDGES(numbers) "{" SNAPSHOT "," NODES ",\"edges\":[" numbers "]}"
#define WITH_META(members)  "{\"snapshot\":{\"meta\":{" members "}," COUNTS "}," NODES "," EDGES "}"
#define WITH_COUNTS(nodes, edges)                                                                  \
  "{\"snapshot\":{" META ",\"node_count\":" nodes ",\"edge_count\":" edges "}," NODES "," EDGES "}"

static void assert_small(const struct heap_snapshot *snapshot) {
  static const uint32_t first_edge[] = {0, 1, 2, 3, 3};
  static const uint32_t self_size_bytes[] = {0, 0, 64, 65536};
  static const uint32_t edge_to[] = {1, 2, 3};
  static const uint32_t node_id[] = {1, 3, 5, 7};
  static const uint8_t node_type[] = {2, 2, 1, 0};
  assert_int_equal(snapshot->node_count, 4);
  assert_int_equal(snapshot->edge_count, 3);
  assert_int_equal(snapshot->self_size_sum_bytes, 65600);
  assert_memory_equal(snapshot->first_edge, first_edge, sizeof first_edge);
  assert_memory_equal(snapshot->self_size_bytes, self_size_bytes, sizeof self_size_bytes);
  assert_memory_equal(snapshot->edge_to, edge_to, sizeof edge_to);
  assert_memory_equal(snapshot->node_id, node_id, sizeof node_id);
  assert_memory_equal(snapshot->node_type, node_type, sizeof node_type);
  assert_false(heap_snapshot_edge_is_weak(snapshot, 0));
  assert_false(heap_snapshot_edge_is_weak(snapshot, 1));
  assert_true(heap_snapshot_edge_is_weak(snapshot, 2));
  assert_int_equal(heap_snapshot_edges_of(snapshot, 0), 1);
  assert_int_equal(heap_snapshot_edges_of(snapshot, 3), 0);
}

static struct heap_snapshot must_read(const char *file) {
  struct heap_snapshot snapshot;
  char error[1024] = "";
  int status = heap_snapshot_read(file, &snapshot, error, sizeof error);
  if (status != 0) {
    fail_msg("status %d: %s", status, error);
  }
  return snapshot;
}

static void must_read_small(const void *content, size_t length) {
  write_file(content, length);
  struct heap_snapshot snapshot = must_read(path);
  assert_small(&snapshot);
  heap_snapshot_free(&snapshot);
}

static void must_refuse(const char *file, uint64_t memory_limit_bytes, int status,
                        const char *phrase) {
  struct heap_snapshot snapshot;
  char expected[1024];
  char error[1024] = "";
  snprintf(expected, sizeof expected, "the heap snapshot '%s' %s", file, phrase);
  int answer = heap_snapshot_read_within(file, memory_limit_bytes, &snapshot, error, sizeof error);
  assert_string_equal(error, expected);
  assert_int_equal(answer, status);
  struct heap_snapshot empty = {0};
  assert_memory_equal(&snapshot, &empty, sizeof empty);
}

/* ---- what must be read ----------------------------------------------------------------------*/

static void small_file_is_read_in_every_format(void **state) {
  (void)state;
  for (size_t i = 0; i < FORMATS; i++) {
    struct bytes content = formats[i](SMALL, strlen(SMALL));
    must_read_small(content.start, content.length);
    free(content.start);
  }
}

static void layout_follows_the_description(void **state) {
  (void)state;
  static const char reordered[] =
      "{\"snapshot\":{" COUNTS ",\"meta\":{" NODE_TYPES "," EDGE_TYPES ","
      "\"edge_fields\":[\"to_node\",\"later\",\"type\",\"later still\"],"
      "\"node_fields\":[\"edge_count\",\"trace_node_id\",\"self_size\",\"type\",\"id\"],"
      "\"unknown\":{\"node_fields\":[[{}]]}}},"
      "\"nodes\":[1,0,0,2,1, 1,0,0,2,3, 1,0,64,1,5, 0,0,65536,0,7],"
      "\"edges\":[5,0,1,0, 10,0,1,0, 15,0,2,0]}";
  must_read_small(reordered, strlen(reordered));
}

static void sections_may_come_in_another_order(void **state) {
  (void)state;
  static const char *const texts[] = {
      "{\"strings\":[]," SNAPSHOT "," EDGES ",\"unknown\":{\"nodes\":[1.5,-1,null,\"x\"]}," NODES
      "}",
      "{\"trace_tree\":[1,[2,{\"edges\":[]}],true,false,null,1e9]," SNAPSHOT "," NODES "," EDGES
      "}",
  };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    must_read_small(texts[i], strlen(texts[i]));
  }
}

static void parts_of_a_compressed_file_are_one_text(void **state) {
  (void)state;
  static const uint8_t skippable[] = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
  size_t half = strlen(SMALL) / 2;
  for (size_t i = 1; i < FORMATS; i++) {
    struct bytes first = formats[i](SMALL, half);
    struct bytes second = formats[i](&SMALL[half], strlen(SMALL) - half);
    uint8_t joined[4096];
    size_t length = 0;
    if (formats[i] == zstd_of) {
      memcpy(joined, skippable, length = sizeof skippable);
    }
    memcpy(joined + length, first.start, first.length);
    length += first.length;
    memcpy(joined + length, second.start, second.length);
    length += second.length;
    must_read_small(joined, length);
    free(first.start);
    free(second.start);
  }
}

static void one_node_without_edges_is_a_graph(void **state) {
  (void)state;
  static const char text[] = "{\"snapshot\":{" META ",\"node_count\":1,\"edge_count\":0},"
                             "\"nodes\":[2,1,1,4294967295,0,0],\"edges\":[]}";
  write_file(text, strlen(text));
  struct heap_snapshot snapshot = must_read(path);
  assert_int_equal(snapshot.node_count, 1);
  assert_int_equal(snapshot.edge_count, 0);
  assert_int_equal(snapshot.self_size_sum_bytes, UINT32_MAX);
  assert_int_equal(heap_snapshot_edges_of(&snapshot, 0), 0);
  assert_non_null(snapshot.edge_to);
  heap_snapshot_drop_labels(&snapshot);
  assert_null(snapshot.node_id);
  heap_snapshot_free(&snapshot);
  heap_snapshot_free(&snapshot);
}

/* Numbers and strings straddle the reader's buffers at every offset, and arrays grow many times. */
static void chain_longer_than_all_buffers_is_read(void **state) {
  (void)state;
  enum { CHAIN = 300000 };
  size_t capacity = (size_t)CHAIN * 64;
  char *text = malloc(capacity);
  assert_non_null(text);
  size_t length = (size_t)snprintf(text, capacity,
                                   "{\"snapshot\":{" META ",\"node_count\":%d,\"edge_count\":%d},"
                                   "\"nodes\":[",
                                   CHAIN, CHAIN - 1);
  for (int i = 0; i < CHAIN; i++) {
    length += (size_t)snprintf(text + length, capacity - length, "%s1,0,%d,%d,%d,0",
                               i == 0 ? "" : "\n,", i, i % 1000, i < CHAIN - 1);
  }
  length += (size_t)snprintf(text + length, capacity - length, "],\"edges\":[");
  for (int i = 1; i < CHAIN; i++) {
    length += (size_t)snprintf(text + length, capacity - length, "%s0,%d,%d", i == 1 ? "" : ",", i,
                               i * 6);
  }
  length += (size_t)snprintf(text + length, capacity - length, "],\"strings\":[");
  for (int i = 0; i < 1000; i++) {
    length += (size_t)snprintf(text + length, capacity - length, "%s\"%*d\\n\\\"\\u00e9\"",
                               i == 0 ? "" : ",", i, i);
  }
  length += (size_t)snprintf(text + length, capacity - length, "]}");
  for (size_t format = 0; format < FORMATS; format++) {
    struct bytes content = formats[format](text, length);
    write_file(content.start, content.length);
    free(content.start);
    struct heap_snapshot snapshot = must_read(path);
    assert_int_equal(snapshot.node_count, CHAIN);
    assert_int_equal(snapshot.edge_count, CHAIN - 1);
    for (uint32_t node = 0; node < CHAIN; node++) {
      assert_int_equal(snapshot.node_id[node], node);
      assert_int_equal(snapshot.self_size_bytes[node], node % 1000);
      assert_int_equal(snapshot.first_edge[node], node);
      assert_true(node == CHAIN - 1 || snapshot.edge_to[node] == node + 1);
    }
    heap_snapshot_free(&snapshot);
  }
  free(text);
}

static void supplied_snapshots_hold_what_their_readme_says(void **state) {
  (void)state;
  static const struct {
    const char *file;
    uint32_t node_count, edge_count, root_edges, weak_edge_count;
    uint64_t self_size_sum_bytes;
  } supplied[] = {
      {TRICOLOR_SOURCE_DIR "/workloads/data/node-bare.heapsnapshot.zst", 39051, 177399, 5, 4464,
       2910644},
      {TRICOLOR_SOURCE_DIR "/workloads/data/express-sessions.heapsnapshot.zst", 825560, 2579927, 41,
       18386, 37362979},
  };
  for (size_t i = 0; i < sizeof supplied / sizeof supplied[0]; i++) {
    struct heap_snapshot snapshot = must_read(supplied[i].file);
    assert_int_equal(snapshot.node_count, supplied[i].node_count);
    assert_int_equal(snapshot.edge_count, supplied[i].edge_count);
    assert_int_equal(snapshot.self_size_sum_bytes, supplied[i].self_size_sum_bytes);
    assert_int_equal(heap_snapshot_edges_of(&snapshot, 0), supplied[i].root_edges);
    uint32_t weak_edge_count = 0;
    for (uint32_t edge = 0; edge < snapshot.edge_count; edge++) {
      weak_edge_count += heap_snapshot_edge_is_weak(&snapshot, edge);
    }
    assert_int_equal(weak_edge_count, supplied[i].weak_edge_count);
    heap_snapshot_free(&snapshot);
  }
}

/* ---- what must be refused -------------------------------------------------------------------*/

struct refusal {
  const char *text;
  int status;
  const char *phrase;
};

static const struct refusal refusals[] = {
    /* not a snapshot at all */
    {"hello", -EBADMSG,
     "is not valid JSON at byte 1 of its text: lexical error: invalid char in json text."},
    {"{\"snapshot\":{" META "," COUNTS "},,", -EBADMSG,
     "is not valid JSON at byte 340 of its text: parse error: invalid object key (must be a "
     "string)"},
    {SMALL "x", -EBADMSG,
     "is not valid JSON at byte 519 of its text: parse error: trailing garbage"},
    {"[1,2,3]", -EBADMSG, "is not a heap snapshot: its text is not a JSON object"},
    {"12", -EBADMSG, "is not a heap snapshot: its text is not a JSON object"},
    {"   ", -EBADMSG, "is cut off: its JSON ends too early, after 3 bytes"},
    {"{}", -EBADMSG, "is not a heap snapshot: it has no \"snapshot\""},
    {"{\"snapshot\":{}}", -EBADMSG, "is not a heap snapshot: it has no \"meta\""},
    {"{\"snapshot\":7}", -EBADMSG, "is not a heap snapshot: its \"snapshot\" is not an object"},
    {"{" SNAPSHOT "," EDGES "}", -EBADMSG, "is not a heap snapshot: it has no \"nodes\""},
    {"{" SNAPSHOT "," NODES "}", -EBADMSG, "is not a heap snapshot: it has no \"edges\""},
    {"{" NODES "," SNAPSHOT "," EDGES "}", -EBADMSG,
     "is not a heap snapshot: no \"snapshot\" that describes them comes before its \"nodes\""},
    {"{" SNAPSHOT "," SNAPSHOT "}", -EBADMSG, "has \"snapshot\" twice"},
    {"{" SNAPSHOT "," NODES "," NODES "}", -EBADMSG, "has \"nodes\" twice"},
    {"{" SNAPSHOT ",\"nodes\":{}}", -EBADMSG,
     "is not a heap snapshot: its \"nodes\" is not a list"},
    {"{" SNAPSHOT ",\"nodes\":null}", -EBADMSG,
     "is not a heap snapshot: its \"nodes\" is not a list"},

    /* the description */
    {WITH_META(NODE_TYPES "," EDGE_FIELDS "," EDGE_TYPES), -EBADMSG,
     "is not a heap snapshot: it has no \"node_fields\" in its \"meta\""},
    {WITH_META(NODE_FIELDS "," NODE_TYPES "," EDGE_FIELDS), -EBADMSG,
     "is not a heap snapshot: it has no \"edge_types\" in its \"meta\""},
    {WITH_META("\"node_fields\":[\"type\",\"id\",\"edge_count\"]," NODE_TYPES "," EDGE_FIELDS
               "," EDGE_TYPES),
     -EBADMSG, "is not a heap snapshot: it names no field \"self_size\" of its nodes"},
    {WITH_META(NODE_FIELDS "," NODE_TYPES ",\"edge_fields\":[]," EDGE_TYPES), -EBADMSG,
     "is not a heap snapshot: it names no field \"type\" of its edges"},
    {WITH_META("\"node_fields\":[\"type\",\"id\",\"id\"]"), -EBADMSG,
     "names the field \"id\" of its nodes twice"},
    {WITH_META("\"node_fields\":[1]"), -EBADMSG,
     "holds something other than names in its \"node_fields\""},
    {WITH_META("\"node_types\":[[[]]]"), -EBADMSG,
     "holds something other than names in its \"node_types\""},
    {"{\"snapshot\":{" META ",\"edge_count\":3}}", -EBADMSG,
     "is not a heap snapshot: it has no \"node_count\""},
    {WITH_COUNTS("\"4\"", "3"), -EBADMSG,
     "is not a heap snapshot: its \"node_count\" is not a number"},
    {WITH_COUNTS("-4", "3"), -EBADMSG,
     "holds a negative number where it gives its node_count: -4 (possible are whole numbers up to "
     "4294967295)"},
    {WITH_COUNTS("4", "3.5"), -EBADMSG,
     "holds a fractional number where it gives its edge_count: 3.5 (possible are whole numbers up "
     "to 4294967295)"},
    {WITH_COUNTS("0", "0"), -EBADMSG, "claims to hold no nodes"},

    /* counts that do not match */
    {WITH_COUNTS("5", "3"), -EBADMSG, "claims 5 nodes but holds 4"},
    {WITH_COUNTS("3", "2"), -EBADMSG, "claims 3 nodes but holds 4"},
    {WITH_COUNTS("4", "2"), -EBADMSG,
     "claims 2 edges, but the edge counts of its nodes add up to 3"},
    {WITH_EDGES("1,1,6, 1,5,12"), -EBADMSG, "claims 3 edges but holds 2"},
    {WITH_EDGES(EDGE_NUMBERS ", 1,1,0, 1,1,0"), -EBADMSG, "claims 3 edges but holds 5"},
    {WITH_EDGES(""), -EBADMSG, "claims 3 edges but holds 0"},
    {WITH_NODES(NODE_NUMBERS ", 0,4"), -EBADMSG,
     "breaks off inside the last of its nodes, after 2 of 6 numbers"},
    {WITH_EDGES("1,1,6, 1,5,12, 2"), -EBADMSG,
     "breaks off inside the last of its edges, after 1 of 3 numbers"},
    {WITH_NODES("2,1,1,0,4294967295,0, 2,2,3,0,4294967295,0, 1,3,5,0,4,0, 0,4,7,0,0,0"), -EBADMSG,
     "claims 3 edges, but the edge counts of its nodes add up to 8589934594"},

    /* claims that cannot be true */
    {WITH_COUNTS("10000000000", "3"), -EBADMSG,
     "claims 10000000000 nodes and 3 edges, more than a file of its size can hold"},
    {WITH_COUNTS("4", "999999999999999999"), -EBADMSG,
     "claims 4 nodes and 999999999999999999 edges, more than a file of its size can hold"},
    {WITH_COUNTS("4", "99999999999999999999999999999999999999999999999"), -EBADMSG,
     "holds a too large number where it gives its edge_count: "
     "9999999999999999999999999999999999999999... (possible are whole numbers up to 4294967295)"},

    /* numbers */
    {WITH_NODES("2,1,1,-1,1,0"), -EBADMSG,
     "holds a negative number where it gives its nodes: -1 (possible are whole numbers up to "
     "4294967295)"},
    {WITH_NODES("2,1,1,0.5,1,0"), -EBADMSG,
     "holds a fractional number where it gives its nodes: 0.5 (possible are whole numbers up to "
     "4294967295)"},
    {WITH_NODES("2,1,1,4294967296,1,0"), -EBADMSG,
     "holds a too large number where it gives its nodes: 4294967296 (possible are whole numbers up "
     "to 4294967295)"},
    {WITH_EDGES("1,1,1e1"), -EBADMSG,
     "holds a fractional number where it gives its edges: 1e1 (possible are whole numbers up to "
     "4294967295)"},
    {WITH_NODES("2,\"x\""), -EBADMSG, "holds something other than numbers in its \"nodes\""},
    {WITH_NODES("[2]"), -EBADMSG, "holds something other than numbers in its \"nodes\""},
    {WITH_EDGES("true"), -EBADMSG, "holds something other than numbers in its \"edges\""},
    {WITH_NODES("3,1,1,0,1,0"), -EBADMSG,
     "gives one of its nodes (0) the type 3, but names only 3 types"},
    {WITH_EDGES("1,1,6, 9,5,12"), -EBADMSG,
     "gives one of its edges (1) the type 9, but names only 3 types"},

    /* edges out of range */
    {WITH_EDGES("1,1,24"), -EBADMSG, "has an edge (0) to node 4, out of range: it claims 4 nodes"},
    {WITH_EDGES("1,1,6, 1,5,4294967292"), -EBADMSG,
     "has an edge (1) to node 715827882, out of range: it claims 4 nodes"},
    {WITH_EDGES("1,1,7"), -EBADMSG,
     "has an edge (0) to position 7, inside a node: not a multiple of the 6 fields of a node"},
};

static void faulty_text_is_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
    const struct refusal *refusal = &refusals[i];
    write_file(refusal->text, strlen(refusal->text));
    must_refuse(path, UINT64_MAX, refusal->status, refusal->phrase);
  }
}

static void unreadable_file_is_refused(void **state) {
  (void)state;
  char other[512];
  snprintf(other, sizeof other, "%s/missing", directory);
  must_refuse(other, UINT64_MAX, -ENOENT, "does not exist");
  must_refuse(directory, UINT64_MAX, -EISDIR, "is a directory, not a file");
  must_refuse("/dev/zero", UINT64_MAX, -EINVAL, "is not a regular file");
  snprintf(other, sizeof other, "%s/pipe", directory);
  assert_int_equal(mkfifo(other, 0600), 0);
  must_refuse(other, UINT64_MAX, -EINVAL, "is not a regular file");
  assert_int_equal(unlink(other), 0);
  write_file("", 0);
  must_refuse(path, UINT64_MAX, -EBADMSG, "is empty");
  if (geteuid() != 0) { /* the superuser may read what nobody may */
    write_file(SMALL, strlen(SMALL));
    assert_int_equal(chmod(path, 0), 0);
    must_refuse(path, UINT64_MAX, -EACCES, "cannot be opened: Permission denied");
    assert_int_equal(unlink(path), 0);
  }
}

static void long_path_leaves_room_for_the_fault(void **state) {
  (void)state;
  char name[1000];
  char error[512];
  struct heap_snapshot snapshot;
  memset(name, 'x', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  for (size_t i = 100; i < sizeof name; i += 100) {
    name[i] = '/';
  }
  assert_int_equal(heap_snapshot_read(name, &snapshot, error, sizeof error), -ENOENT);
  assert_non_null(strstr(error, "xxx' does not exist"));
}

static void memory_limit_is_kept_before_anything_is_read(void **state) {
  (void)state;
  enum { NEEDED_BYTES = 4 * 13 + 3 * 5 };
  write_file(SMALL, strlen(SMALL));
  must_refuse(
      path, NEEDED_BYTES - 1, -EFBIG,
      "claims 4 nodes and 3 edges, which take 0 MiB to read; 0 MiB of memory are available");
  struct heap_snapshot snapshot;
  char error[1024];
  assert_int_equal(heap_snapshot_read_within(path, NEEDED_BYTES, &snapshot, error, sizeof error),
                   0);
  assert_small(&snapshot);
  heap_snapshot_free(&snapshot);
}

/* A compressed file of a few hundred bytes may hold the text of millions of nodes, so here the
 * format and the memory are the limits. */
static void compressed_claims_meet_the_other_limits(void **state) {
  (void)state;
  static const char too_many[] = WITH_COUNTS("715827883", "3");
  static const char too_much[] = WITH_COUNTS("2000000", "3");
  struct bytes content = zstd_of(too_much, strlen(too_much));
  write_file(content.start, content.length);
  free(content.start);
  must_refuse(path, UINT64_C(16) << 20, -EFBIG,
              "claims 2000000 nodes and 3 edges, which take 24 MiB to read; 16 MiB of memory are "
              "available");
  must_refuse(path, UINT64_MAX, -EBADMSG, "claims 2000000 nodes but holds 4");

  /* Random bytes that no decoder reads make the file large enough for the claim. */
  content = zstd_of(too_many, strlen(too_many));
  enum { PADDING = 128 * 1024 };
  uint8_t *padded = calloc(1, content.length + PADDING);
  assert_non_null(padded);
  memcpy(padded, content.start, content.length);
  write_file(padded, content.length + PADDING);
  free(padded);
  free(content.start);
  must_refuse(path, UINT64_MAX, -EFBIG,
              "claims 715827883 nodes and 3 edges; its format can number 715827882 and 4294967294 "
              "at most");
}

static void damaged_compression_is_refused(void **state) {
  (void)state;
  struct bytes content = gzip_of(SMALL, strlen(SMALL));
  write_file(content.start, content.length - 4);
  must_refuse(path, UINT64_MAX, -EBADMSG,
              "ends in the middle of its gzip data (after 518 bytes of text)");
  content.start[content.length - 8] ^= 1;
  write_file(content.start, content.length);
  must_refuse(path, UINT64_MAX, -EBADMSG,
              "cannot be decompressed: incorrect data check (after 518 bytes of text)");
  free(content.start);

  content = zstd_of(SMALL, strlen(SMALL));
  write_file(content.start, content.length - 5);
  must_refuse(path, UINT64_MAX, -EBADMSG,
              "ends in the middle of its Zstandard data (after 0 bytes of text)");
  content.start[content.length - 1] ^= 1;
  write_file(content.start, content.length);
  must_refuse(
      path, UINT64_MAX, -EBADMSG,
      "cannot be decompressed: Restored data doesn't match checksum (after 0 bytes of text)");
  free(content.start);
}

static void every_prefix_is_refused(void **state) {
  (void)state;
  struct heap_snapshot snapshot;
  char error[1024];
  for (size_t i = 0; i < FORMATS; i++) {
    size_t length = strlen(SMALL) - 1; /* the text without its last newline is still whole */
    struct bytes content = formats[i](SMALL, length);
    for (size_t prefix = 0; prefix < content.length; prefix++) {
      write_file(content.start, prefix);
      assert_int_not_equal(heap_snapshot_read(path, &snapshot, error, sizeof error), 0);
      assert_null(strchr(error, '\n'));
    }
    free(content.start);
  }
}

static void changed_byte_does_no_harm(void **state) {
  (void)state;
  static const char replacements[] = {'0', '9', '-', '.', ',', '"', '[', ']', '{', '}', '\0', 'e'};
  char text[] = SMALL;
  for (size_t i = 0; i < strlen(SMALL); i++) {
    for (size_t k = 0; k < sizeof replacements; k++) {
      struct heap_snapshot snapshot;
      char error[1024];
      text[i] = replacements[k];
      write_file(text, sizeof text - 1);
      heap_snapshot_read(path, &snapshot, error, sizeof error);
      heap_snapshot_free(&snapshot);
    }
    text[i] = SMALL[i];
  }
}

/* ---- what is meant to exhaust the reader ----------------------------------------------------*/

static void compress_piece(ZSTD_CCtx *context, FILE *file, const char *text, size_t length,
                           ZSTD_EndDirective directive) {
  static uint8_t output[1 << 17];
  ZSTD_inBuffer source = {text, length, 0};
  size_t unwritten;
  do {
    ZSTD_outBuffer target = {output, sizeof output, 0};
    unwritten = ZSTD_compressStream2(context, &target, &source, directive);
    assert_false(ZSTD_isError(unwritten));
    assert_int_equal(fwrite(output, 1, target.pos, file), target.pos);
  } while (source.pos < source.size || (directive == ZSTD_e_end && unwritten != 0));
}

/* before, `count` times unit, and after, as one Zstandard frame. */
static void write_repeated(const char *before, const char *unit, size_t count, const char *after) {
  static char block[1 << 16];
  size_t unit_length = strlen(unit);
  size_t block_units = sizeof block / unit_length;
  for (size_t i = 0; i < block_units; i++) {
    memcpy(block + i * unit_length, unit, unit_length);
  }
  ZSTD_CCtx *context = ZSTD_createCCtx();
  FILE *file = fopen(path, "wb");
  assert_non_null(context);
  assert_non_null(file);
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1);
  compress_piece(context, file, before, strlen(before), ZSTD_e_continue);
  while (count > 0) {
    size_t units = count < block_units ? count : block_units;
    compress_piece(context, file, block, units * unit_length, ZSTD_e_continue);
    count -= units;
  }
  compress_piece(context, file, after, strlen(after), ZSTD_e_end);
  assert_int_equal(fclose(file), 0);
  ZSTD_freeCCtx(context);
}

#define BEFORE_STRINGS "{" SNAPSHOT "," NODES "," EDGES ",\"strings\":["

/* In a process of its own, so that the peak is this file's. */
static void strings_are_not_held(void **state) {
  (void)state;
  enum { TEXT_MIB = 128, STRING_BYTES = 1024, PEAK_GROWTH_MAX_KIB = 16 * 1024 };
  char unit[STRING_BYTES + 1];
  snprintf(unit, sizeof unit, "\"%*s\",", STRING_BYTES - 3, "x");
  write_repeated(BEFORE_STRINGS, unit, (size_t)TEXT_MIB << 10, "\"\"]}");
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    struct rusage before;
    struct rusage after;
    struct heap_snapshot snapshot;
    char error[1024];
    getrusage(RUSAGE_SELF, &before);
    int status = heap_snapshot_read(path, &snapshot, error, sizeof error);
    getrusage(RUSAGE_SELF, &after);
    _exit(status != 0 ? 1 : after.ru_maxrss - before.ru_maxrss > PEAK_GROWTH_MAX_KIB ? 2 : 0);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

static void endless_value_is_refused(void **state) {
  (void)state;
  write_repeated(BEFORE_STRINGS "\"", "0123456789abcdef", 2 << 20, "\"]}");
  must_refuse(path, UINT64_MAX, -EFBIG, "holds a single value or gap of more than 16 MiB");
  write_repeated(BEFORE_STRINGS, "                ", 2 << 20, "]}");
  must_refuse(path, UINT64_MAX, -EFBIG, "holds a single value or gap of more than 16 MiB");
}

static void depth_is_limited(void **state) {
  (void)state;
  enum { DEEP = 100000 };
  write_repeated(BEFORE_STRINGS, "[", DEEP - 1, "");
  must_refuse(path, UINT64_MAX, -EBADMSG,
              "is cut off: its JSON ends too early, after 100472 bytes");
  write_repeated(BEFORE_STRINGS, "[", DEEP, "");
  must_refuse(path, UINT64_MAX, -EBADMSG, "nests more than 100000 levels deep");
}

/* Strings of 64 KiB, because they cost the parser least: a GiB of text has to pass. */
static void absurd_expansion_is_refused(void **state) {
  (void)state;
  enum { STRING_BYTES = 64 * 1024 };
  char *unit = malloc(STRING_BYTES + 1);
  assert_non_null(unit);
  snprintf(unit, STRING_BYTES + 1, "\"%*s\",", STRING_BYTES - 3, "x");
  write_repeated(BEFORE_STRINGS, unit, (size_t)17 << 10, "\"\"]}");
  free(unit);
  must_refuse(path, UINT64_MAX, -EFBIG,
              "expands to more than 1000 times its size, as no snapshot does");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(small_file_is_read_in_every_format),
      cmocka_unit_test(layout_follows_the_description),
      cmocka_unit_test(sections_may_come_in_another_order),
      cmocka_unit_test(parts_of_a_compressed_file_are_one_text),
      cmocka_unit_test(one_node_without_edges_is_a_graph),
      cmocka_unit_test(chain_longer_than_all_buffers_is_read),
      cmocka_unit_test(supplied_snapshots_hold_what_their_readme_says),
      cmocka_unit_test(faulty_text_is_refused),
      cmocka_unit_test(unreadable_file_is_refused),
      cmocka_unit_test(long_path_leaves_room_for_the_fault),
      cmocka_unit_test(memory_limit_is_kept_before_anything_is_read),
      cmocka_unit_test(compressed_claims_meet_the_other_limits),
      cmocka_unit_test(damaged_compression_is_refused),
      cmocka_unit_test(every_prefix_is_refused),
      cmocka_unit_test(changed_byte_does_no_harm),
      cmocka_unit_test(strings_are_not_held),
      cmocka_unit_test(endless_value_is_refused),
      cmocka_unit_test(depth_is_limited),
      cmocka_unit_test(absurd_expansion_is_refused),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
