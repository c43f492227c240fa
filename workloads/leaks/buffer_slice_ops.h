/* buffer-slice: of a slab of messages one short name is kept, as a slice, and with it the whole slab;
 * fixed: the name is copied.
 *
 * Slabs are buffers of 64 KiB, names lie in a table of fixed length: what grows is external memory,
 * over a flat heap. Both variants make the slice and the copy; one of them is kept.
 */
#include "workloads/leaks/pair_ops.h"

enum { SLICE_SLAB_BYTES = 64 * 1024, SLICE_SLAB_MESSAGES = 64, SLICE_NAME_BYTES = 40 };
enum { SLICE_MESSAGE_BYTES = SLICE_SLAB_BYTES / SLICE_SLAB_MESSAGES, SLICE_NAMES = 16384 };
enum { SLICE_TABLE };

static inline uint64_t slice_word(uint64_t operation) {
  return workload_fold(operation, SLICE_NAME_BYTES);
}

static enum workload_status slice_begin(struct leak *leak) {
  if (!leak_make(leak, leak->container, SLICE_NAMES + 1, 0, leak->types[SLICE_TABLE])) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  for (uint64_t place = 0; place < SLICE_NAMES; place++) {
    struct gc_ref name = gc_buffer_allocate(leak->mutator, SLICE_NAME_BYTES);
    if (gc_is_null(name)) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    leak_write(leak, gc_handle_get(leak->container), place, name);
  }
  return WORKLOAD_DONE;
}

/* The name of the last message of the slab in `first`. */
static inline bool slice_keep_name(struct leak *leak, size_t offset, uint64_t place) {
  gc_handle_set(leak->mutator, leak->second,
                gc_buffer_slice(leak->mutator, leak->first, offset, SLICE_NAME_BYTES));
  if (gc_is_null(gc_handle_get(leak->second))) {
    return false;
  }
  struct gc_ref copy = gc_buffer_allocate(leak->mutator, SLICE_NAME_BYTES);
  if (gc_is_null(copy)) {
    return false;
  }
  struct gc_ref slice = gc_handle_get(leak->second);
  memcpy(gc_buffer_data(copy), gc_buffer_data(slice), SLICE_NAME_BYTES);
  leak_write(leak, gc_handle_get(leak->container), place, leak->is_leaky ? slice : copy);
  return true;
}

static enum workload_status slice_open(struct leak *leak, uint64_t operation) {
  uint64_t message = operation % SLICE_SLAB_MESSAGES;
  if (message == 0) {
    struct gc_ref made = gc_buffer_allocate(leak->mutator, SLICE_SLAB_BYTES);
    if (GC_UNLIKELY(gc_is_null(made))) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    leak_write(leak, gc_handle_get(leak->container), SLICE_NAMES, made);
  }
  gc_handle_set(leak->mutator, leak->first,
                leak_read(leak, gc_handle_get(leak->container), SLICE_NAMES));
  size_t offset = message * SLICE_MESSAGE_BYTES;
  uint64_t *words = (uint64_t *)gc_buffer_data(gc_handle_get(leak->first)) + offset / 8;
  for (size_t i = 0; i < SLICE_MESSAGE_BYTES / sizeof *words; i++) {
    words[i] = slice_word(operation);
  }
  bool is_last = message + 1 == SLICE_SLAB_MESSAGES;
  bool is_done =
      !is_last || slice_keep_name(leak, offset, operation / SLICE_SLAB_MESSAGES % SLICE_NAMES);
  return is_done ? WORKLOAD_DONE : WORKLOAD_OUT_OF_MEMORY;
}

/* Every name is that of the last message of a slab, or of none yet. */
static enum workload_status slice_end(struct leak *leak) {
  for (uint64_t place = 0; place < SLICE_NAMES; place++) {
    struct gc_ref name = leak_read(leak, gc_handle_get(leak->container), place);
    const uint64_t *words = gc_buffer_data(name);
    for (size_t i = 1; i < SLICE_NAME_BYTES / sizeof *words; i++) {
      if (words[i] != words[0]) {
        return workload_wrong(leak->run, "the name at place %" PRIu64 " is damaged", place);
      }
    }
    leak_fold(leak, words[0]);
    workload_poll_step(leak->run, place);
  }
  return WORKLOAD_DONE;
}

static const struct leak_pair leak_buffer_slice = {
    .type_names = {"slice.table"},
    .begin = slice_begin,
    .open = slice_open,
    .close = leak_closes_nothing,
    .end = slice_end,
    .finish = leak_finishes,
};
