/* stream: a file is read whole into a list of chunks before any is looked at; fixed: through a pipe,
 * whose reader stops while STREAM_READABLE_BYTES are waiting and goes on when its writer has taken
 * some, the writer holding STREAM_WRITABLE_BYTES at most: back-pressure.
 *
 * A chunk is due at every STREAM_EVERY-th operation; the file is read over and over. The consumer takes one per turn, but stalls now and then and catches up.
 * Chunks are buffers of which the consumer looks at slices. Both variants read and consume the same
 * chunks in the same order; the leaky one consumes them all at the end, so that it makes the slices
 * then.
 */
#include "workloads/leaks/pair_ops.h"

enum {
  STREAM_EVERY = 16,
  STREAM_CHUNK_BYTES = 16 * 1024,
  STREAM_SLICE_BYTES = 4 * 1024,
  STREAM_READABLE_BYTES = 64 * 1024,
  STREAM_WRITABLE_BYTES = 16 * 1024,
  STREAM_STALL_EVERY = 64, /* turns, of which so many are stalled: */
  STREAM_STALL = 8,
  STREAM_PER_TURN = 2, /* chunks that can be read and consumed in a turn */
};
enum { STREAM_LIST, STREAM_CHUNK };
enum { STREAM_FIRST, STREAM_LAST, STREAM_LIST_SLOTS };
enum { STREAM_NEXT, STREAM_BUFFER, STREAM_CHUNK_SLOTS };

struct stream_list {
  struct gc_handle list;
  uint64_t bytes;
};

struct stream_state {
  struct leak_file file;
  struct stream_list readable, writable; /* the leaky variant has the first alone */
  uint64_t due, consumed, read;          /* chunks */
};

struct stream_chunk {
  uint64_t gc_header;
  struct gc_ref slots[STREAM_CHUNK_SLOTS];
  uint64_t bytes;
};

static inline bool stream_make_list(struct leak *leak, struct stream_list *list) {
  list->list = gc_handle_push(leak->mutator, gc_null());
  return leak_make(leak, list->list, STREAM_LIST_SLOTS, 0, leak->types[STREAM_LIST]);
}

static enum workload_status stream_begin(struct leak *leak) {
  struct stream_state *state = leak->state;
  state->file = (struct leak_file){.path = leak->run->input->texts[LEAK_FILE], .descriptor = -1};
  bool is_made =
      stream_make_list(leak, &state->readable) && stream_make_list(leak, &state->writable);
  return is_made ? WORKLOAD_DONE : WORKLOAD_OUT_OF_MEMORY;
}

static inline uint64_t stream_bytes_of(struct gc_ref chunk) {
  return ((const struct stream_chunk *)gc_ref_address(chunk))->bytes;
}

static inline void stream_append(struct leak *leak, struct stream_list *list, struct gc_ref chunk) {
  struct gc_ref object = gc_handle_get(list->list);
  struct gc_ref last = leak_read(leak, object, STREAM_LAST);
  leak_write(leak, chunk, STREAM_NEXT, gc_null());
  if (gc_is_null(last)) {
    leak_write(leak, object, STREAM_FIRST, chunk);
  } else {
    leak_write(leak, last, STREAM_NEXT, chunk);
  }
  leak_write(leak, object, STREAM_LAST, chunk);
  list->bytes += stream_bytes_of(chunk);
}

/* The first chunk; there is one. */
static inline struct gc_ref stream_take(struct leak *leak, struct stream_list *list) {
  struct gc_ref object = gc_handle_get(list->list);
  struct gc_ref chunk = leak_read(leak, object, STREAM_FIRST);
  struct gc_ref next = leak_read(leak, chunk, STREAM_NEXT);
  leak_write(leak, object, STREAM_FIRST, next);
  if (gc_is_null(next)) {
    leak_write(leak, object, STREAM_LAST, next);
  }
  list->bytes -= stream_bytes_of(chunk);
  return chunk;
}

/* Fills the buffer in `first`; the world may be stopped and the buffer moved meanwhile, not its
 * bytes. */
static inline size_t stream_fill(struct leak *leak) {
  struct stream_state *state = leak->state;
  void *data = gc_buffer_data(gc_handle_get(leak->first));
  gc_blocking_begin(leak->mutator);
  size_t bytes = leak_file_read(&state->file, data, STREAM_CHUNK_BYTES, leak->run->note,
                                sizeof leak->run->note);
  gc_blocking_end(leak->mutator);
  return bytes;
}

static inline enum workload_status stream_read(struct leak *leak) {
  struct stream_state *state = leak->state;
  gc_handle_set(leak->mutator, leak->first, gc_buffer_allocate(leak->mutator, STREAM_CHUNK_BYTES));
  if (GC_UNLIKELY(gc_is_null(gc_handle_get(leak->first)))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  size_t bytes = stream_fill(leak);
  if (GC_UNLIKELY(bytes == 0)) {
    return WORKLOAD_WRONG;
  }
  struct gc_ref chunk =
      gc_allocate(leak->mutator, STREAM_CHUNK_SLOTS, 8, leak->types[STREAM_CHUNK]);
  if (GC_UNLIKELY(gc_is_null(chunk))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  ((struct stream_chunk *)gc_ref_address(chunk))->bytes = bytes;
  gc_init_field(leak->mutator, chunk, STREAM_BUFFER, gc_handle_get(leak->first));
  stream_append(leak, &state->readable, chunk);
  state->due--;
  state->read++;
  return WORKLOAD_DONE;
}

/* A chunk of the list, slice by slice. */
static inline bool stream_consume(struct leak *leak, struct stream_list *list) {
  struct gc_ref chunk = stream_take(leak, list);
  size_t bytes = stream_bytes_of(chunk);
  gc_handle_set(leak->mutator, leak->first, leak_read(leak, chunk, STREAM_BUFFER));
  for (size_t offset = 0; offset < bytes; offset += STREAM_SLICE_BYTES) {
    size_t left = bytes - offset;
    size_t length = left < STREAM_SLICE_BYTES ? left : STREAM_SLICE_BYTES;
    struct gc_ref slice = gc_buffer_slice(leak->mutator, leak->first, offset, length);
    if (GC_UNLIKELY(gc_is_null(slice))) {
      return false;
    }
    const unsigned char *data = gc_buffer_data(slice);
    leak_fold(leak, data[0] + (uint64_t)data[length - 1]);
  }
  ((struct stream_state *)leak->state)->consumed++;
  return true;
}

/* The pipe carries chunks to the writer as long as its mark is not reached. */
static inline void stream_carry(struct leak *leak) {
  struct stream_state *state = leak->state;
  while (state->readable.bytes > 0 && state->writable.bytes < STREAM_WRITABLE_BYTES) {
    stream_append(leak, &state->writable, stream_take(leak, &state->readable));
  }
}

static inline enum workload_status stream_turn(struct leak *leak, bool is_stalled) {
  struct stream_state *state = leak->state;
  enum workload_status status = WORKLOAD_DONE;
  for (unsigned i = 0; i < STREAM_PER_TURN && status == WORKLOAD_DONE; i++) {
    if (state->due > 0 && state->readable.bytes < STREAM_READABLE_BYTES) {
      status = stream_read(leak);
    }
    stream_carry(leak);
    if (status == WORKLOAD_DONE && !is_stalled && state->writable.bytes > 0 &&
        !stream_consume(leak, &state->writable)) {
      status = WORKLOAD_OUT_OF_MEMORY;
    }
  }
  return status;
}

static enum workload_status stream_open(struct leak *leak, uint64_t operation) {
  struct stream_state *state = leak->state;
  if (operation % STREAM_EVERY != 0) {
    return WORKLOAD_DONE;
  }
  state->due++;
  if (leak->is_leaky) {
    return stream_read(leak);
  }
  uint64_t turn = operation / STREAM_EVERY;
  return stream_turn(leak, turn % STREAM_STALL_EVERY < STREAM_STALL);
}

/* What is due is read, and what was read is consumed. */
static enum workload_status stream_end(struct leak *leak) {
  struct stream_state *state = leak->state;
  enum workload_status status = WORKLOAD_DONE;
  while (status == WORKLOAD_DONE && (state->due > 0 || state->consumed < state->read)) {
    if (!leak->is_leaky) {
      status = stream_turn(leak, false);
    } else if (!stream_consume(leak, &state->readable)) {
      status = WORKLOAD_OUT_OF_MEMORY;
    }
  }
  return status;
}

static void stream_finish(struct leak *leak) {
  leak_file_close(&((struct stream_state *)leak->state)->file);
}

static const struct leak_pair leak_stream = {
    .type_names = {"stream.list", "stream.chunk"},
    .state_bytes = sizeof(struct stream_state),
    .begin = stream_begin,
    .open = stream_open,
    .close = leak_closes_nothing,
    .end = stream_end,
    .finish = stream_finish,
};
