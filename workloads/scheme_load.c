/* The arena and the errors of a loading. */
#include "workloads/scheme_load.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES_MIN = 64 * 1024, ALIGNMENT = 16, ITEMS_MIN = 16 };

struct scheme_chunk {
  struct scheme_chunk *next;
  size_t used_bytes, size_bytes;
  _Alignas(ALIGNMENT) char bytes[];
};

void scheme_chunks_free(struct scheme_chunk *chunks) {
  while (chunks != NULL) {
    struct scheme_chunk *next = chunks->next;
    free(chunks);
    chunks = next;
  }
}

static void add_chunk(struct scheme_load *load, size_t bytes) {
  size_t size_bytes = bytes > CHUNK_BYTES_MIN ? bytes : CHUNK_BYTES_MIN;
  struct scheme_chunk *chunk = calloc(1, sizeof *chunk + size_bytes);
  if (chunk == NULL) {
    scheme_load_refuse(load, -ENOMEM, "no memory to load '%s' with", load->path);
  }
  chunk->size_bytes = size_bytes;
  chunk->next = load->chunks;
  load->chunks = chunk;
}

void *scheme_load_allocate(struct scheme_load *load, size_t bytes) {
  bytes = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
  if (load->chunks == NULL || load->chunks->size_bytes - load->chunks->used_bytes < bytes) {
    add_chunk(load, bytes);
  }
  void *start = load->chunks->bytes + load->chunks->used_bytes;
  load->chunks->used_bytes += bytes;
  return start;
}

void *scheme_load_grow(struct scheme_load *load, void *items, uint32_t count, size_t item_bytes) {
  if (count == 0) {
    return scheme_load_allocate(load, ITEMS_MIN * item_bytes);
  }
  if (count < ITEMS_MIN || (count & (count - 1)) != 0) {
    return items;
  }
  void *larger = scheme_load_allocate(load, 2 * (size_t)count * item_bytes);
  memcpy(larger, items, count * item_bytes);
  return larger;
}

void scheme_load_fail(struct scheme_load *load, uint32_t line, const char *format, ...) {
  int used = snprintf(load->error, load->error_size, "%s:%u: ", load->path, line);
  if (used > 0 && (size_t)used < load->error_size) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(load->error + used, load->error_size - (size_t)used, format, arguments);
    va_end(arguments);
  }
  load->status = -EINVAL;
  longjmp(load->failed, 1);
}

void scheme_load_refuse(struct scheme_load *load, int status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(load->error, load->error_size, format, arguments);
  va_end(arguments);
  load->status = status;
  longjmp(load->failed, 1);
}
