/* lru_cache: places of its parameters and the shapes of its objects. */
#ifndef WORKLOADS_LRU_CACHE_H
#define WORKLOADS_LRU_CACHE_H

#include "workloads/workload.h"

enum lru_cache_parameter {
  LRU_CACHE_ENTRIES,
  LRU_CACHE_BUCKETS_LOG2,
  LRU_CACHE_OPERATIONS,
  LRU_CACHE_PARAMETERS
};

/* Keys are drawn from so many times the number of entries. */
enum { LRU_CACHE_KEYS_PER_ENTRY = 2 };

/* An entry hangs in a bucket's chain and in the list by recency, a ring closed by a sentinel: the
 * sentinel's next is the entry used last, its previous the one to evict. */
enum { ENTRY_CHAIN, ENTRY_NEXT, ENTRY_PREVIOUS, ENTRY_VALUE, ENTRY_SLOTS };

struct lru_entry {
  uint64_t gc_header;
  struct gc_ref slots[ENTRY_SLOTS];
  uint64_t key;
};

struct lru_value {
  uint64_t gc_header;
  uint64_t key;
  uint64_t operation; /* that stored the value */
  uint64_t seal;      /* follows from the other two */
};

enum {
  LRU_ENTRY_RAW_BYTES = sizeof(struct lru_entry) - offsetof(struct lru_entry, key),
  LRU_VALUE_RAW_BYTES = sizeof(struct lru_value) - offsetof(struct lru_value, key),
};

_Static_assert(LRU_ENTRY_RAW_BYTES == 8 && LRU_VALUE_RAW_BYTES == 24,
               "the sizes that other systems were measured with");

#endif
