/* lru_cache, native: workloads/lru_cache_ops.c in C. The self-check is that one's. */
#include "workloads/lru_cache.h"

#include "harness/native/native.h"

struct value {
  uint64_t key;
  uint64_t operation; /* that stored the value */
  uint64_t seal;      /* follows from the other two */
};

struct entry {
  struct entry *chain, *next, *previous;
  struct value *value;
  uint64_t key;
};

struct lru_cache {
  struct workload_run *run;
  struct entry **table;
  struct entry *sentinel;
  uint64_t capacity, size;
  unsigned hash_shift;
  uint64_t hits;
};

static inline uint64_t seal_of(uint64_t key, uint64_t operation) {
  return workload_fold(key, operation);
}

static inline bool value_is_right(const struct value *value, uint64_t key) {
  return value->key == key && value->seal == seal_of(key, value->operation);
}

/* Even keys fill the cache; then all are drawn alike. */
static inline uint64_t key_of_operation(const struct lru_cache *cache, uint64_t operation) {
  if (operation < cache->capacity) {
    return operation * LRU_CACHE_KEYS_PER_ENTRY;
  }
  uint64_t state = cache->run->seed + operation * UINT64_C(0x9e3779b97f4a7c15);
  return workload_random_below(&state, cache->capacity * LRU_CACHE_KEYS_PER_ENTRY);
}

static inline struct entry **bucket_of(const struct lru_cache *cache, uint64_t key) {
  return &cache->table[key * UINT64_C(0x9e3779b97f4a7c15) >> cache->hash_shift];
}

/* ---- the table and the list --------------------------------------------------------------------
 */

/* The entry of the key, or null. */
static inline struct entry *find(const struct lru_cache *cache, uint64_t key) {
  struct entry *entry = *bucket_of(cache, key);
  while (entry != NULL && entry->key != key) {
    entry = entry->chain;
  }
  return entry;
}

static inline void chain_remove(const struct lru_cache *cache, const struct entry *entry) {
  struct entry **link = bucket_of(cache, entry->key);
  while (*link != entry) {
    link = &(*link)->chain;
  }
  *link = entry->chain;
}

static inline void list_remove(const struct entry *entry) {
  entry->previous->next = entry->next;
  entry->next->previous = entry->previous;
}

static inline void list_add_newest(const struct lru_cache *cache, struct entry *entry) {
  struct entry *newest = cache->sentinel->next;
  entry->next = newest;
  entry->previous = cache->sentinel;
  newest->previous = entry;
  cache->sentinel->next = entry;
}

static inline void move_to_front(const struct lru_cache *cache, struct entry *entry) {
  if (cache->sentinel->next != entry) {
    list_remove(entry);
    list_add_newest(cache, entry);
  }
}

static inline void evict_oldest(struct lru_cache *cache) {
  struct entry *oldest = cache->sentinel->previous;
  chain_remove(cache, oldest);
  list_remove(oldest);
  native_free(oldest->value);
  native_free(oldest);
  cache->size--;
}

/* ---- operations --------------------------------------------------------------------------------
 */

static inline struct value *value_create(uint64_t key, uint64_t operation) {
  struct value *value = native_allocate_bytes(sizeof *value);
  *value = (struct value){.key = key, .operation = operation, .seal = seal_of(key, operation)};
  return value;
}

static inline void insert(struct lru_cache *cache, uint64_t key, struct value *value) {
  struct entry **bucket = bucket_of(cache, key);
  struct entry *entry = native_allocate(sizeof *entry);
  *entry = (struct entry){.chain = *bucket, .value = value, .key = key};
  *bucket = entry;
  list_add_newest(cache, entry);
  cache->size++;
}

static inline enum workload_status hit(struct lru_cache *cache, struct entry *entry,
                                       struct value *value) {
  struct workload_run *run = cache->run;
  struct value *old = entry->value;
  if (GC_UNLIKELY(!value_is_right(old, entry->key))) {
    return workload_wrong(run, "the value of key %" PRIu64 " is damaged", entry->key);
  }
  run->checksum = workload_fold(run->checksum, old->operation);
  entry->value = value;
  native_free(old);
  move_to_front(cache, entry);
  cache->hits++;
  return WORKLOAD_DONE;
}

static inline enum workload_status operate(struct lru_cache *cache, uint64_t operation) {
  uint64_t key = key_of_operation(cache, operation);
  struct value *value = value_create(key, operation);
  struct entry *entry = find(cache, key);
  if (entry != NULL) {
    return hit(cache, entry, value);
  }
  if (cache->size == cache->capacity) {
    evict_oldest(cache);
  }
  insert(cache, key, value);
  return WORKLOAD_DONE;
}

/* ---- the check at the end ----------------------------------------------------------------------
 */

static enum workload_status check_entry(const struct lru_cache *cache, const struct entry *entry,
                                        const struct entry *previous, uint64_t *newer_operation) {
  struct workload_run *run = cache->run;
  if (entry->previous != previous) {
    return workload_wrong(run, "the recency list is broken at key %" PRIu64, entry->key);
  }
  if (entry->value == NULL || !value_is_right(entry->value, entry->key)) {
    return workload_wrong(run, "the value of key %" PRIu64 " is damaged", entry->key);
  }
  uint64_t operation = entry->value->operation;
  if (operation >= *newer_operation || key_of_operation(cache, operation) != entry->key ||
      find(cache, entry->key) != entry) {
    return workload_wrong(run, "key %" PRIu64 " is in the wrong place", entry->key);
  }
  run->checksum = workload_fold(run->checksum, operation);
  *newer_operation = operation;
  return WORKLOAD_DONE;
}

/* Newest to oldest. *oldest_operation: that of the last entry. */
static enum workload_status check_list(const struct lru_cache *cache, uint64_t operations,
                                       uint64_t *oldest_operation) {
  const struct entry *previous = cache->sentinel;
  uint64_t length = 0;
  *oldest_operation = operations;
  for (; length <= cache->size && previous->next != cache->sentinel; length++) {
    enum workload_status status = check_entry(cache, previous->next, previous, oldest_operation);
    if (status != WORKLOAD_DONE) {
      return status;
    }
    previous = previous->next;
  }
  return length == cache->capacity
             ? WORKLOAD_DONE
             : workload_wrong(cache->run, "the recency list has %" PRIu64 " entries, not %" PRIu64,
                              length, cache->capacity);
}

/* With check_list: the chains hold what the list holds and nothing else. */
static enum workload_status check_chains(const struct lru_cache *cache, size_t buckets) {
  uint64_t entries = 0;
  for (size_t bucket = 0; bucket < buckets; bucket++) {
    for (const struct entry *entry = cache->table[bucket];
         entry != NULL && entries <= cache->capacity; entry = entry->chain) {
      entries++;
    }
  }
  return entries == cache->capacity
             ? WORKLOAD_DONE
             : workload_wrong(cache->run, "the chains have %" PRIu64 " entries, not %" PRIu64,
                              entries, cache->capacity);
}

/* Every operation since `first` left its key in the cache. */
static enum workload_status check_recent(const struct lru_cache *cache, uint64_t first,
                                         uint64_t operations) {
  for (uint64_t operation = first; operation < operations; operation++) {
    uint64_t key = key_of_operation(cache, operation);
    const struct entry *entry = find(cache, key);
    if (entry == NULL || entry->value->operation < operation) {
      return workload_wrong(cache->run, "operation %" PRIu64 " on key %" PRIu64 " left no trace",
                            operation, key);
    }
  }
  return WORKLOAD_DONE;
}

static enum workload_status check(const struct lru_cache *cache, uint64_t operations) {
  uint64_t oldest_operation;
  enum workload_status status = check_list(cache, operations, &oldest_operation);
  if (status == WORKLOAD_DONE) {
    status = check_chains(cache, (size_t)1 << workload_integer(cache->run, LRU_CACHE_BUCKETS_LOG2));
  }
  return status == WORKLOAD_DONE ? check_recent(cache, oldest_operation, operations) : status;
}

/* ---- the run -----------------------------------------------------------------------------------
 */

static struct lru_cache cache_open(struct workload_run *run) {
  uint64_t buckets_log2 = workload_integer(run, LRU_CACHE_BUCKETS_LOG2);
  struct lru_cache cache = {.run = run,
                            .capacity = workload_integer(run, LRU_CACHE_ENTRIES),
                            .hash_shift = (unsigned)(64 - buckets_log2)};
  cache.table = native_allocate_zero(sizeof *cache.table << buckets_log2);
  cache.sentinel = native_allocate_zero(sizeof *cache.sentinel);
  cache.sentinel->next = cache.sentinel;
  cache.sentinel->previous = cache.sentinel;
  return cache;
}

static enum workload_status operate_until(struct lru_cache *cache, uint64_t first, uint64_t end,
                                          uint64_t total) {
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t operation = first; operation < end && status == WORKLOAD_DONE; operation++) {
    status = operate(cache, operation);
    workload_progress_step(cache->run, operation, total);
    workload_operation_end(cache->run);
  }
  return status;
}

static enum workload_status lru_cache_run(struct workload_run *run) {
  struct lru_cache cache = cache_open(run);
  uint64_t operations = workload_integer(run, LRU_CACHE_OPERATIONS);
  uint64_t total = cache.capacity + operations;
  enum workload_status status = operate_until(&cache, 0, cache.capacity, total);
  if (status != WORKLOAD_DONE) {
    return status;
  }
  workload_timed_begin(run);
  status = operate_until(&cache, cache.capacity, total, total);
  workload_timed_end(run);
  run->operations = operations;
  if (status == WORKLOAD_DONE) {
    status = check(&cache, total);
  }
  run->checksum = workload_fold(run->checksum, cache.hits);
  return status;
}

NATIVE_PORT_DEFINE(lru_cache, lru_cache_run);
