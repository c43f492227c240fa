/* libgc, by the calls that its users make: GC_MALLOC, which serves from lists of the thread's own.
 * See native.h.
 */
#ifndef HARNESS_NATIVE_ALLOCATOR_BDWGC_H
#define HARNESS_NATIVE_ALLOCATOR_BDWGC_H

#include "collectors/libgc.h"

enum { NATIVE_FREES = 0 };

/* Set by the trial before a port runs. */
extern const struct gc_libgc *native_libgc;

static inline void *native_allocate(size_t bytes) {
  return native_checked(native_libgc->malloc(bytes)); /* which is zero */
}

static inline void *native_allocate_zero(size_t bytes) {
  return native_allocate(bytes);
}

static inline void *native_allocate_bytes(size_t bytes) {
  return native_checked(native_libgc->malloc_atomic(bytes));
}

static inline void native_free(void *memory) {
  (void)memory;
}

#endif
