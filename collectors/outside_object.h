/* Objects of baselines: the layout of gc/object.h in memory that the heap knows nothing of.
 *
 * A small object is the memory itself. A large one is preceded by the shape that its header points
 * at, so that sizes and slot counts are found as anywhere.
 */
#ifndef COLLECTORS_OUTSIDE_OBJECT_H
#define COLLECTORS_OUTSIDE_OBJECT_H

#include <gc/object.h>

/* Before a large object; keeps the 16-byte alignment that headers need of a shape. */
#define GC_OUTSIDE_PREFIX_BYTES ((size_t)32)
_Static_assert(sizeof(struct gc_large_shape) <= GC_OUTSIDE_PREFIX_BYTES, "the prefix is a shape");

/* Memory to ask for, for an object of so many bytes. */
static inline size_t gc_outside_bytes(size_t bytes) {
  return bytes >= GC_LARGE_BYTES ? bytes + GC_OUTSIDE_PREFIX_BYTES : bytes;
}

/* Makes an object of zeroed memory of that size; null of null. */
static inline struct gc_ref gc_outside_open(void *memory, size_t bytes, size_t slot_count,
                                            uint32_t type) {
  if (GC_UNLIKELY(memory == NULL)) {
    return gc_null();
  }
  uint64_t header = gc_header_make(bytes, slot_count, type);
  uintptr_t address = (uintptr_t)memory;
  if (GC_UNLIKELY(bytes >= GC_LARGE_BYTES)) {
    *(struct gc_large_shape *)memory =
        (struct gc_large_shape){.size_bytes = bytes, .slot_count = slot_count, .type = type};
    header = GC_HEADER_TAG | GC_HEADER_LARGE | (uint64_t)address;
    address += GC_OUTSIDE_PREFIX_BYTES;
  }
  struct gc_ref object = {address};
  gc_atomic_store_relaxed((uint64_t *)gc_ref_address(object), header);
  return object;
}

/* The memory that the object was made of. */
static inline void *gc_outside_memory(struct gc_ref object) {
  uintptr_t prefix_bytes =
      gc_header_is_large(gc_object_header(object)) ? GC_OUTSIDE_PREFIX_BYTES : 0;
  return (void *)(object.address - prefix_bytes);
}

#endif
