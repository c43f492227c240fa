/* Fuzzing of the heap snapshot reader.
 *
 * The first byte of an input chooses how the rest becomes a file: as it is, as gzip, or as
 * Zstandard, so that mutations reach the parser through the decoders as well. The file lives in
 * memory. Beside what the sanitizer finds, a file that is accepted must be consistent, and one that
 * is refused must get one line that says why.
 *
 * Random bytes hardly ever become JSON: the mutator starts from a small valid file, and puts in
 * pieces that matter to the reader.
 */
#define _GNU_SOURCE /* memfd_create */

#include "workloads/heap_snapshot.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define MEMORY_LIMIT_BYTES (UINT64_C(64) << 20)

enum { AS_IT_IS, AS_GZIP, AS_ZSTD, FORMATS };

static const char start[] =
    "\0{\"snapshot\":{\"meta\":{\"node_fields\":[\"type\",\"id\",\"self_size\",\"edge_count\"],"
    "\"node_types\":[[\"object\",\"synthetic\"],\"number\"],"
    "\"edge_fields\":[\"type\",\"to_node\"],\"edge_types\":[[\"element\",\"weak\"],\"node\"]},"
    "\"node_count\":3,\"edge_count\":2},\"nodes\":[1,1,0,2,0,3,64,0,0,5,65536,0],"
    "\"edges\":[0,4,1,8],\"strings\":[\"\"]}";

static const char *const pieces[] = {"4294967295",
                                     "4294967296",
                                     "18446744073709551616",
                                     "-1",
                                     "0.5",
                                     "1e9",
                                     "[",
                                     "]",
                                     "{",
                                     "}",
                                     "0,",
                                     "null",
                                     "true",
                                     "\"\\ud800\"",
                                     "\"weak\"",
                                     "\"type\",",
                                     "\"name\",",
                                     "\"nodes\":[0],",
                                     "\"edges\":[],",
                                     "\"snapshot\":{},",
                                     "\"node_count\":100000,",
                                     ","};

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t insert_piece(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  const char *piece = pieces[seed / 4 % (sizeof pieces / sizeof pieces[0])];
  size_t length = strlen(piece);
  size_t position = 1 + seed / 256 % size;
  if (size + length > max_size || position > size) {
    return size;
  }
  memmove(data + position + length, data + position, size - position);
  memcpy(data + position, piece, length);
  return size + length;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  if (size < 2 && max_size >= sizeof start) {
    memcpy(data, start, sizeof start - 1);
    return sizeof start - 1;
  }
  return seed % 4 == 0 ? insert_piece(data, size, max_size, seed)
                       : LLVMFuzzerMutate(data, size, max_size);
}

static size_t compress_as(unsigned format, const uint8_t *text, size_t size, uint8_t *output,
                          size_t capacity) {
  if (format == AS_ZSTD) {
    size_t length = ZSTD_compress(output, capacity, text, size, 1);
    return ZSTD_isError(length) ? 0 : length;
  }
  z_stream stream = {0};
  deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = (Bytef *)(uintptr_t)text;
  stream.avail_in = (uInt)size;
  stream.next_out = output;
  stream.avail_out = (uInt)capacity;
  deflate(&stream, Z_FINISH);
  size_t length = stream.total_out;
  deflateEnd(&stream);
  return length;
}

static void write_file(int descriptor, const uint8_t *data, size_t size) {
  if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, data, size, 0) != (ssize_t)size) {
    perror("writing the input");
    abort();
  }
}

static void check(int is_true, const char *what) {
  if (!is_true) {
    fprintf(stderr, "broken promise: %s\n", what);
    abort();
  }
}

static void check_consistent(const struct heap_snapshot *snapshot) {
  uint64_t sum_bytes = 0;
  check(snapshot->node_count > 0, "there is a node");
  check(snapshot->first_edge[0] == 0, "edges start at 0");
  check(snapshot->first_edge[snapshot->node_count] == snapshot->edge_count, "edges are complete");
  for (uint32_t node = 0; node < snapshot->node_count; node++) {
    check(snapshot->first_edge[node] <= snapshot->first_edge[node + 1], "edges are in order");
    sum_bytes += snapshot->self_size_bytes[node];
  }
  check(sum_bytes == snapshot->self_size_sum_bytes, "sizes add up");
  for (uint32_t edge = 0; edge < snapshot->edge_count; edge++) {
    check(snapshot->edge_to[edge] < snapshot->node_count, "edges lead to nodes");
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static int descriptor = -1;
  static char path[64];
  static uint8_t compressed[1 << 20];
  if (descriptor < 0) {
    descriptor = memfd_create("snapshot", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  }
  if (size == 0) {
    return 0;
  }
  unsigned format = data[0] % FORMATS;
  if (format == AS_IT_IS) {
    write_file(descriptor, data + 1, size - 1);
  } else {
    write_file(descriptor, compressed,
               compress_as(format, data + 1, size - 1, compressed, sizeof compressed));
  }
  struct heap_snapshot snapshot;
  char error[1024] = "";
  int status = heap_snapshot_read_within(path, MEMORY_LIMIT_BYTES, &snapshot, error, sizeof error);
  if (status == 0) {
    check_consistent(&snapshot);
  } else {
    check(status < 0 && error[0] != '\0', "a refusal says why");
    check(strchr(error, '\n') == NULL, "a refusal is one line");
    check(snapshot.node_count == 0 && snapshot.edge_to == NULL, "a refusal leaves nothing");
  }
  heap_snapshot_free(&snapshot);
  return 0;
}
