/* weak_cache: places of its parameters and the shape of its values. */
#ifndef WORKLOADS_WEAK_CACHE_H
#define WORKLOADS_WEAK_CACHE_H

#include "workloads/workload.h"

enum weak_cache_parameter {
  WEAK_CACHE_KEYS,
  WEAK_CACHE_IN_USE,
  WEAK_CACHE_OPERATIONS,
  WEAK_CACHE_PARAMETERS
};

enum { WEAK_CACHE_VALUE_BYTES = 240 };

struct weak_cache_value {
  uint64_t gc_header;
  uint64_t key;
  uint64_t seal; /* follows from the key */
};

#endif
