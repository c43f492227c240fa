/* large_arrays: places of its parameters and the shape of what the arrays hold. */
#ifndef WORKLOADS_LARGE_ARRAYS_H
#define WORKLOADS_LARGE_ARRAYS_H

#include "workloads/workload.h"

enum large_arrays_parameter {
  LARGE_ARRAYS_ARRAYS,
  LARGE_ARRAYS_LENGTH,
  LARGE_ARRAYS_OPERATIONS,
  LARGE_ARRAYS_PARAMETERS
};

/* Of operations: one in so many copies an array into a new one, and one makes a buffer of bytes
 * that is dropped at the next. */
enum { LARGE_ARRAYS_COPY_EVERY = 8192, LARGE_ARRAYS_BUFFER_EVERY = 512 };
enum { LARGE_ARRAYS_BUFFER_BYTES = 100000 };

struct large_arrays_item {
  uint64_t gc_header;
  uint64_t place;     /* of the slot that holds it: array * length + index */
  uint64_t operation; /* that stored it */
};

enum {
  LARGE_ARRAYS_ITEM_RAW_BYTES =
      sizeof(struct large_arrays_item) - offsetof(struct large_arrays_item, place)
};

#endif
