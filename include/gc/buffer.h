/* Buffers: objects that own memory outside the heap, as a mutator sees them.
 *
 * A buffer is a small object; its bytes lie in a backing store, which never moves, is zero at first,
 * and is freed after a collection, a scavenge too, has found the buffer unreachable. An address in
 * it stays good while the buffer is reachable and not detached. A slice (buffer_slice.h) is a part
 * of a buffer, which it keeps reachable, all of it.
 *
 * Backing stores do not count as heap but as external memory, which has a limit of its own
 * (`--external-limit`), and which makes collections due as it grows; so do the bytes that a program
 * declares for memory of its own that dies with objects.
 *
 * Under a baseline (collectors/README.md) a backing store lives until its buffer is detached or the
 * heap is closed.
 *
 * Threads: any mutator. Who detaches a buffer that another thread looks at must tell it.
 *
 * Costs: allocation is one of the heap and two of a general allocator; the bytes are freed on a
 * thread of the heap's.
 */
#ifndef GC_BUFFER_H
#define GC_BUFFER_H

#include <gc/mutator.h>
#include <gc/object.h>
#include <gc/ref.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The types of these objects: ids that gc_type_define gives to nobody. */
#define GC_TYPE_BUFFER       UINT32_C(0xffffd)
#define GC_TYPE_BUFFER_SLICE UINT32_C(0xffffc)

/* The largest buffer that may be asked for; more is answered with null, as every negative number is
 * that was converted to a size. */
#define GC_BUFFER_BYTES_MAX ((size_t)1 << 46)

struct gc_store;

/* The objects. A slice differs by its reference slot. */
struct gc_buffer {
  uint64_t gc_header;
  void *data;             /* null: of no bytes, or detached */
  size_t bytes;           /* 0 then */
  struct gc_store *store; /* null: of no bytes */
};

struct gc_buffer_slice {
  uint64_t gc_header;
  struct gc_ref slab; /* a buffer, no slice */
  size_t bytes;
  size_t offset;
};

_Static_assert(offsetof(struct gc_buffer_slice, slab) == GC_HEADER_BYTES &&
                   sizeof(struct gc_buffer) == sizeof(struct gc_buffer_slice),
               "the slab is a slice's slot, and both are of one size");

/* A buffer of so many zeros; null when the heap or its external memory is exhausted, after
 * everything was collected, or the system has no memory. A safepoint. */
GC_WARN_UNUSED struct gc_ref gc_buffer_allocate(struct gc_mutator *mutator, size_t bytes);

/* Gives the bytes back now, many of them on the thread that frees; the buffer and its slices are of
 * no bytes from here on. False, and nothing is done: it has none, or is a slice. No safepoint. */
bool gc_buffer_detach(struct gc_mutator *mutator, struct gc_ref buffer);

/* Memory that is no buffer's, but dies with objects of the program: so much more of it, or less.
 * False, and nothing is counted: it would come to less than none, or exceed the limit even after a
 * collection. A safepoint where it grows. */
GC_WARN_UNUSED bool gc_external_declare(struct gc_mutator *mutator, int64_t change_bytes);

static inline bool gc_buffer_is_slice(struct gc_ref buffer) {
  return gc_header_slot_count(gc_object_header(buffer)) != 0;
}

/* Of a buffer or slice; null: it has no bytes. */
static inline void *gc_buffer_data(struct gc_ref buffer) {
  if (!gc_buffer_is_slice(buffer)) {
    return ((const struct gc_buffer *)gc_ref_address(buffer))->data;
  }
  const struct gc_buffer_slice *slice = gc_ref_address(buffer);
  uint8_t *data = ((const struct gc_buffer *)gc_ref_address(slice->slab))->data;
  return data != NULL && slice->bytes > 0 ? data + slice->offset : NULL;
}

static inline size_t gc_buffer_bytes(struct gc_ref buffer) {
  return gc_buffer_data(buffer) != NULL ? ((const struct gc_buffer *)gc_ref_address(buffer))->bytes
                                        : 0;
}

#endif
