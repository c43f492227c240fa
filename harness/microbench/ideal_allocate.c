/* Ideal allocation: what a mutator's fast path must do, and nothing else.
 *
 * Algorithm: test the limit, zero the body, write the header, advance. Top and limit stay in
 * registers. Every object's address is handed to an empty assembly statement, so that the compiler
 * must finish each object before the next, as it must where a mutator uses it. A full buffer is
 * used again from its start: the empty scavenge.
 *
 * Costs: the buffer's size decides whether the stores stay in the cache.
 */
#include "harness/microbench/ideal_kernels.h"

#include <string.h>

enum { FRESH_SLOTS = 2, FRESH_PATTERN = 0xa5 };

int ideal_allocator_open(struct ideal_allocator *allocator, size_t buffer_bytes,
                         size_t objects_per_thread, unsigned thread_count) {
  *allocator = (struct ideal_allocator){.buffer_bytes = buffer_bytes,
                                        .objects_per_thread = objects_per_thread,
                                        .thread_count = thread_count};
  int status = 0;
  for (unsigned i = 0; i < thread_count && status == 0; i++) {
    status = ideal_memory_open(&allocator->buffers[i], buffer_bytes, IDEAL_TOUCH_NOW);
  }
  if (status < 0) {
    ideal_allocator_close(allocator);
  }
  return status;
}

void ideal_allocator_close(struct ideal_allocator *allocator) {
  for (unsigned i = 0; i < allocator->thread_count; i++) {
    ideal_memory_close(&allocator->buffers[i]);
  }
  *allocator = (struct ideal_allocator){0};
}

static void allocate_objects(void *argument, unsigned index) {
  struct ideal_allocator *allocator = argument;
  unsigned char *base = allocator->buffers[index].base;
  unsigned char *top = base;
  unsigned char *limit = base + allocator->buffer_bytes;
  size_t full_buffers_bytes = 0;
  const uint64_t header = gc_header_make(IDEAL_NODE_BYTES, FRESH_SLOTS, 0);
  for (size_t left = allocator->objects_per_thread; left > 0; left--) {
    if (GC_UNLIKELY(top + IDEAL_NODE_BYTES > limit)) {
      full_buffers_bytes += (size_t)(top - base);
      top = base;
    }
    struct ideal_node *object = (struct ideal_node *)(void *)top;
    top += IDEAL_NODE_BYTES;
    *object = (struct ideal_node){.header = header};
    __asm__("" : : "r"(object) : "memory");
  }
  allocator->objects_done[index] = (full_buffers_bytes + (size_t)(top - base)) / IDEAL_NODE_BYTES;
}

struct ideal_pass ideal_allocate(struct ideal_allocator *allocator) {
  struct ideal_pass pass = {0};
  pass.elapsed_ns = ideal_threads_run(allocator->thread_count, allocate_objects, allocator);
  for (unsigned i = 0; i < allocator->thread_count; i++) {
    pass.objects += allocator->objects_done[i];
  }
  return pass;
}

void ideal_allocate_reset(struct ideal_allocator *allocator) {
  for (unsigned i = 0; i < allocator->thread_count; i++) {
    memset(allocator->buffers[i].base, FRESH_PATTERN, allocator->buffer_bytes);
  }
}

static bool is_fresh_object(const struct ideal_node *object) {
  return object->header == gc_header_make(IDEAL_NODE_BYTES, FRESH_SLOTS, 0) &&
         object->slots[0] == NULL && object->slots[1] == NULL && object->slots[2] == NULL;
}

bool ideal_allocate_check(const struct ideal_allocator *allocator) {
  size_t capacity = allocator->buffer_bytes / IDEAL_NODE_BYTES;
  size_t expected =
      allocator->objects_per_thread < capacity ? allocator->objects_per_thread : capacity;
  for (unsigned i = 0; i < allocator->thread_count; i++) {
    if (allocator->objects_done[i] != allocator->objects_per_thread) {
      return false;
    }
    const struct ideal_node *objects =
        (const struct ideal_node *)(const void *)allocator->buffers[i].base;
    for (size_t k = 0; k < capacity; k++) {
      if (is_fresh_object(&objects[k]) != (k < expected)) {
        return false;
      }
    }
  }
  return true;
}
