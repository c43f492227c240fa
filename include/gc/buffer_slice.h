/* Slices of buffers: made where a barrier is compiled in, because a slice refers to its buffer.
 *
 * A slice of a slice refers to the buffer itself, so that a chain of slices keeps nothing else. The
 * whole buffer stays, however small the slice is.
 */
#ifndef GC_BUFFER_SLICE_H
#define GC_BUFFER_SLICE_H

#include <gc/allocate.h>
#include <gc/buffer.h>
#include <gc/handles.h>

/* `bytes` of the buffer or slice from `offset` on; null when it has not so many, or the heap is
 * exhausted. A safepoint. */
GC_WARN_UNUSED static inline struct gc_ref
gc_buffer_slice(struct gc_mutator *mutator, struct gc_handle buffer, size_t offset, size_t bytes) {
  size_t all_bytes = gc_buffer_bytes(gc_handle_get(buffer));
  if (offset > all_bytes || bytes > all_bytes - offset) {
    return gc_null();
  }
  struct gc_ref made = gc_allocate(mutator, 1, sizeof(struct gc_buffer_slice) - 2 * GC_HEADER_BYTES,
                                   GC_TYPE_BUFFER_SLICE);
  if (gc_is_null(made)) {
    return made;
  }
  struct gc_ref slab = gc_handle_get(buffer);
  if (gc_buffer_is_slice(slab)) {
    const struct gc_buffer_slice *outer = gc_ref_address(slab);
    offset += outer->offset;
    slab = gc_read_field(mutator, slab, 0);
  }
  gc_init_field(mutator, made, 0, slab);
  struct gc_buffer_slice *slice = gc_ref_address(made);
  slice->bytes = bytes;
  slice->offset = offset;
  return made;
}

#endif
