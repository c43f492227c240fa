/* The C library's allocator, which is jemalloc where the project is linked with it. See native.h. */
#ifndef HARNESS_NATIVE_ALLOCATOR_MALLOC_H
#define HARNESS_NATIVE_ALLOCATOR_MALLOC_H

#include <stdlib.h>

enum { NATIVE_FREES = 1 };

static inline void *native_allocate(size_t bytes) {
  return native_checked(malloc(bytes));
}

static inline void *native_allocate_zero(size_t bytes) {
  return native_checked(calloc(1, bytes));
}

static inline void *native_allocate_bytes(size_t bytes) {
  return native_checked(malloc(bytes));
}

static inline void native_free(void *memory) {
  free(memory);
}

#endif
