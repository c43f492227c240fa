/* Operations of the random mutator on buffers. See buffer_access.h. */
#ifndef TESTS_MODEL_BUFFER_OPERATIONS_H
#define TESTS_MODEL_BUFFER_OPERATIONS_H

#include "tests/model/buffer_access.h"
#include "tests/model/operations.h"

static inline struct model_buffer *choose_buffer(struct model_thread *thread) {
  return &thread->buffers[model_below(thread, MODEL_BUFFERS)];
}

static inline size_t choose_buffer_bytes(struct model_thread *thread) {
  return (size_t)1 + model_below(thread, UINT64_C(1) << model_below(thread, 16));
}

static inline void drop_buffer(struct model_thread *thread, struct model_buffer *buffer) {
  if (buffer->root != NULL) {
    model_buffer_put(thread, buffer, gc_null(), NULL);
    buffer->is_slice = false;
  }
}

/* Null: room in the heap was lacking, or external memory; the latter comes back when this thread,
 * alone, holds none. */
static inline struct gc_ref allocate_buffer(struct model_thread *thread, size_t bytes) {
  struct model_world *world = thread->world;
  struct gc_ref ref = gc_buffer_allocate(thread->mutator, bytes);
  if (!gc_is_null(ref)) {
    return ref;
  }
  for (size_t place = 0; place < MODEL_BUFFERS; place++) {
    drop_buffer(thread, &thread->buffers[place]);
  }
  thread->null_answers++;
  ref = gc_buffer_allocate(thread->mutator, bytes);
  struct gc_memory_usage usage;
  gc_memory_usage(world->heap, &usage);
  if (gc_is_null(ref) && world->settings.thread_count == 1 && world->reclaims_all &&
      usage.buffers_bytes != 0) {
    model_fail(thread, "all buffers were dropped, and a full collection kept %" PRIu64 " bytes",
               usage.buffers_bytes);
  }
  return ref;
}

static inline void make_buffer(struct model_thread *thread) {
  size_t bytes = choose_buffer_bytes(thread);
  struct gc_ref ref = allocate_buffer(thread, bytes);
  struct model_slab *slab = gc_is_null(ref) ? NULL : malloc(sizeof *slab);
  if (slab == NULL) {
    return;
  }
  *slab = (struct model_slab){.seed = model_random(&thread->random), .bytes = bytes};
  unsigned char *data = gc_buffer_data(ref);
  for (size_t place = 0; place < bytes; place += 37) {
    if (data[place] != 0) {
      model_fail(thread, "byte %zu of a new buffer of %zu at %p is %#x", place, bytes, data,
                 data[place]);
    }
  }
  model_slab_paint(slab, data);
  struct model_buffer *buffer = choose_buffer(thread);
  model_buffer_put(thread, buffer, ref, slab);
  buffer->is_slice = false;
  buffer->offset = 0;
  buffer->bytes = bytes;
}

/* Garbage at once, as most buffers are. */
static inline void churn_buffers(struct model_thread *thread) {
  for (uint64_t left = model_below(thread, 60); left > 0; left--) {
    size_t bytes = choose_buffer_bytes(thread);
    struct gc_ref ref = allocate_buffer(thread, bytes);
    if (gc_is_null(ref)) {
      return;
    }
    memset(gc_buffer_data(ref), 0xaa, bytes);
  }
}

static inline void slice_buffer(struct model_thread *thread) {
  const struct model_buffer *from = choose_buffer(thread);
  if (from->slab == NULL || from->slab->is_detached) {
    return;
  }
  size_t offset = model_below(thread, from->bytes), bytes = from->bytes - offset;
  bytes = 1 + model_below(thread, bytes);
  struct gc_handle_frame frame = gc_handles_enter(thread->mutator);
  struct gc_handle handle = gc_handle_push(thread->mutator, gc_root_get(from->root));
  struct gc_ref ref = gc_buffer_slice(thread->mutator, handle, offset, bytes);
  gc_handles_leave(thread->mutator, frame);
  if (gc_is_null(ref)) {
    thread->null_answers++;
    return;
  }
  struct model_buffer *to = choose_buffer(thread);
  offset += from->offset;
  model_buffer_put(thread, to, ref, from->slab);
  to->is_slice = true;
  to->offset = offset;
  to->bytes = bytes;
}

static inline void detach_buffer(struct model_thread *thread) {
  struct model_buffer *buffer = choose_buffer(thread);
  if (buffer->slab == NULL) {
    return;
  }
  bool may = !buffer->is_slice && !buffer->slab->is_detached;
  if (gc_buffer_detach(thread->mutator, gc_root_get(buffer->root)) != may) {
    model_fail(thread, "a buffer that was%s detached could%s be detached", may ? " not" : "",
               may ? " not" : "");
  }
  buffer->slab->is_detached |= may;
}

static inline void read_buffer(struct model_thread *thread) {
  model_buffer_verify(thread, choose_buffer(thread));
}

static inline void forget_buffer(struct model_thread *thread) {
  drop_buffer(thread, choose_buffer(thread));
}

#endif
