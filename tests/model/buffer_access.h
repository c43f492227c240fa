/* Buffers beside their shadow.
 *
 * Each thread has entries, a global root each that holds a buffer or a slice of one. The shadow of a
 * buffer is a slab, shared by the entries that reach it: its bytes follow from its seed, and are
 * compared whenever an entry is read. After a full collection the heap counts as many bytes of
 * buffers as the slabs have that an entry reaches, and never fewer.
 */
#ifndef TESTS_MODEL_BUFFER_ACCESS_H
#define TESTS_MODEL_BUFFER_ACCESS_H

#include "tests/model/access.h"

static inline unsigned char model_slab_byte(const struct model_slab *slab, size_t place) {
  return (unsigned char)model_mix(slab->seed + place / 64);
}

static inline void model_slab_paint(const struct model_slab *slab, unsigned char *data) {
  for (size_t done = 0; done < slab->bytes; done += 64) {
    size_t rest = slab->bytes - done;
    memset(data + done, model_slab_byte(slab, done), rest < 64 ? rest : 64);
  }
}

static inline void model_slab_drop(struct model_slab *slab) {
  if (slab != NULL && --slab->entry_count == 0) {
    free(slab);
  }
}

/* What the entry reaches is what its shadow says. */
static inline void model_buffer_verify(const struct model_thread *thread,
                                       const struct model_buffer *buffer) {
  if (buffer->root == NULL || buffer->slab == NULL) {
    return;
  }
  struct gc_ref ref = gc_root_get(buffer->root);
  const unsigned char *data = gc_buffer_data(ref);
  size_t bytes = buffer->slab->is_detached ? 0 : buffer->bytes;
  if (gc_buffer_bytes(ref) != bytes || (data == NULL) != (bytes == 0)) {
    model_fail(thread, "a buffer of %zu bytes has %zu at %p", bytes, gc_buffer_bytes(ref), data);
  }
  for (size_t place = 0; place < bytes; place += 61) {
    if (data[place] != model_slab_byte(buffer->slab, buffer->offset + place)) {
      model_fail(thread, "byte %zu of a buffer of %zu bytes at %p is %#x, not %#x", place, bytes,
                 data, data[place], model_slab_byte(buffer->slab, buffer->offset + place));
    }
  }
}

/* The entry's object is a buffer or slice of that slab, or nothing: null. */
static inline void model_buffer_put(struct model_thread *thread, struct model_buffer *buffer,
                                    struct gc_ref ref, struct model_slab *slab) {
  if (buffer->root == NULL) {
    buffer->root = gc_root_create(thread->mutator, ref);
  } else {
    gc_root_set(thread->mutator, buffer->root, ref);
  }
  if (slab != NULL) {
    slab->entry_count++;
  }
  model_slab_drop(buffer->slab);
  buffer->slab = slab;
}

/* Counts a slab's buffer once. */
static inline void model_slab_count(struct model_world *world, struct model_slab *slab) {
  if (slab->epoch != world->epoch) {
    slab->epoch = world->epoch;
    world->census.objects++;
    world->census.bytes += sizeof(struct gc_buffer);
    world->census.buffer_bytes += slab->is_detached ? 0 : slab->bytes;
  }
}

static inline void model_buffers_count(struct model_thread *thread, const struct model_thread *of) {
  struct model_world *world = thread->world;
  for (size_t place = 0; place < MODEL_BUFFERS; place++) {
    const struct model_buffer *buffer = &of->buffers[place];
    model_buffer_verify(thread, buffer);
    if (buffer->slab != NULL) {
      model_slab_count(world, buffer->slab);
      world->census.objects += buffer->is_slice;
      world->census.bytes += buffer->is_slice ? sizeof(struct gc_buffer_slice) : 0;
    }
  }
}

static inline void model_buffers_check(struct model_thread *thread, bool was_full) {
  struct model_world *world = thread->world;
  struct gc_memory_usage usage;
  gc_memory_usage(world->heap, &usage);
  uint64_t bytes = world->census.buffer_bytes;
  if (usage.buffers_bytes < bytes ||
      (was_full && world->reclaims_all && usage.buffers_bytes != bytes)) {
    model_fail(thread, "buffers are said to have %" PRIu64 " bytes; reachable are %" PRIu64 "%s",
               usage.buffers_bytes, bytes, was_full ? ", after a full collection" : "");
  }
}

static inline void model_buffers_destroy_all(struct model_thread *thread, struct model_thread *of) {
  for (size_t place = 0; place < MODEL_BUFFERS; place++) {
    struct model_buffer *buffer = &of->buffers[place];
    if (buffer->root != NULL) {
      gc_root_destroy(thread->mutator, buffer->root);
      model_slab_drop(buffer->slab);
      *buffer = (struct model_buffer){0};
    }
  }
}

#endif
