/* lru_cache, hot code: a chained hash table and a doubly linked list by recency.
 *
 * Operations are numbered from 0; the first `entries` of them fill the cache with distinct keys. An
 * operation's key follows from its number alone, because SplitMix64 is a counter put through a
 * mixing function. So a value that names the operation that stored it can be checked at any time.
 *
 * Self-check: the old value at each hit; at the end, untimed, that the cache is what the operations
 * make it: the list holds `entries` entries, newest operation first, each with the key of its
 * operation and in its bucket; the chains hold no other; and every operation since the oldest one
 * left its key in the cache, with a value that is as new.
 */
#include "workloads/lru_cache.h"

#include "workloads/bookkeeping.h"

#include <inttypes.h>

/* Handles that live as long as the run. */
struct lru_cache {
  struct workload_run *run;
  struct gc_handle table; /* an array of references to the first entry of each chain */
  struct gc_handle sentinel;
  struct gc_handle value; /* scratch: a new value while its entry is allocated */
  uint64_t capacity, size;
  unsigned hash_shift;
  uint64_t hits;
};

static inline struct lru_value *value_at(struct gc_ref value) {
  return gc_ref_address(value);
}

static inline uint64_t key_of(struct gc_ref entry) {
  const struct lru_entry *object = gc_ref_address(entry);
  return object->key;
}

static inline uint64_t seal_of(uint64_t key, uint64_t operation) {
  return workload_fold(key, operation);
}

static inline bool value_is_right(const struct lru_value *value, uint64_t key) {
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

static inline size_t bucket_of(const struct lru_cache *cache, uint64_t key) {
  return (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> cache->hash_shift);
}

/* ---- the table and the list: no safepoints
 * ------------------------------------------------------*/

/* The entry of the key, or null. */
static inline struct gc_ref find(const struct lru_cache *cache, uint64_t key) {
  struct gc_mutator *mutator = cache->run->mutator;
  struct gc_ref entry = gc_read_field(mutator, gc_handle_get(cache->table), bucket_of(cache, key));
  while (!gc_is_null(entry) && key_of(entry) != key) {
    entry = gc_read_field(mutator, entry, ENTRY_CHAIN);
  }
  return entry;
}

static inline void chain_remove(const struct lru_cache *cache, struct gc_ref entry) {
  struct gc_mutator *mutator = cache->run->mutator;
  struct gc_ref src = gc_handle_get(cache->table);
  struct gc_slot slot = gc_object_slot(src, bucket_of(cache, key_of(entry)));
  struct gc_ref link = gc_read_ref(mutator, src, slot);
  while (!gc_ref_equal(mutator, link, entry)) {
    src = link;
    slot = gc_object_slot(src, ENTRY_CHAIN);
    link = gc_read_ref(mutator, src, slot);
  }
  gc_write_ref(mutator, src, slot, gc_read_field(mutator, entry, ENTRY_CHAIN));
}

static inline void list_remove(const struct lru_cache *cache, struct gc_ref entry) {
  struct gc_mutator *mutator = cache->run->mutator;
  struct gc_ref next = gc_read_field(mutator, entry, ENTRY_NEXT);
  struct gc_ref previous = gc_read_field(mutator, entry, ENTRY_PREVIOUS);
  gc_write_field(mutator, previous, ENTRY_NEXT, next);
  gc_write_field(mutator, next, ENTRY_PREVIOUS, previous);
}

/* For an entry that is in the list's place of the newest already, as far as its own links go. */
static inline void list_link_newest(const struct lru_cache *cache, struct gc_ref entry,
                                    struct gc_ref second) {
  struct gc_mutator *mutator = cache->run->mutator;
  gc_write_field(mutator, second, ENTRY_PREVIOUS, entry);
  gc_write_field(mutator, gc_handle_get(cache->sentinel), ENTRY_NEXT, entry);
}

static inline void move_to_front(const struct lru_cache *cache, struct gc_ref entry) {
  struct gc_mutator *mutator = cache->run->mutator;
  struct gc_ref sentinel = gc_handle_get(cache->sentinel);
  struct gc_ref newest = gc_read_field(mutator, sentinel, ENTRY_NEXT);
  if (gc_ref_equal(mutator, newest, entry)) {
    return;
  }
  list_remove(cache, entry);
  gc_write_field(mutator, entry, ENTRY_NEXT, newest);
  gc_write_field(mutator, entry, ENTRY_PREVIOUS, sentinel);
  list_link_newest(cache, entry, newest);
}

static inline void evict_oldest(struct lru_cache *cache) {
  struct gc_mutator *mutator = cache->run->mutator;
  struct gc_ref sentinel = gc_handle_get(cache->sentinel);
  struct gc_ref oldest = gc_read_field(mutator, sentinel, ENTRY_PREVIOUS);
  chain_remove(cache, oldest);
  list_remove(cache, oldest);
  if (GC_UNLIKELY(gc_disposes(mutator))) {
    gc_dispose(mutator, gc_read_field(mutator, oldest, ENTRY_VALUE));
    gc_dispose(mutator, oldest);
  }
  cache->size--;
}

/* ---- operations: safepoints
 * ---------------------------------------------------------------------*/

/* Null when the heap is exhausted. */
static inline struct gc_ref value_create(struct gc_mutator *mutator, uint64_t key,
                                         uint64_t operation) {
  struct gc_ref value = gc_allocate(mutator, 0, LRU_VALUE_RAW_BYTES, 0);
  if (GC_LIKELY(!gc_is_null(value))) {
    struct lru_value *object = value_at(value);
    object->key = key;
    object->operation = operation;
    object->seal = seal_of(key, operation);
  }
  return value;
}

/* A new entry with the value in the scratch handle. */
static inline enum workload_status insert(struct lru_cache *cache, uint64_t key) {
  struct gc_mutator *mutator = cache->run->mutator;
  struct gc_ref entry = gc_allocate(mutator, ENTRY_SLOTS, LRU_ENTRY_RAW_BYTES, 0);
  if (GC_UNLIKELY(gc_is_null(entry))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct gc_ref table = gc_handle_get(cache->table);
  struct gc_ref sentinel = gc_handle_get(cache->sentinel);
  struct gc_ref newest = gc_read_field(mutator, sentinel, ENTRY_NEXT);
  size_t bucket = bucket_of(cache, key);
  ((struct lru_entry *)gc_ref_address(entry))->key = key;
  gc_init_field(mutator, entry, ENTRY_CHAIN, gc_read_field(mutator, table, bucket));
  gc_init_field(mutator, entry, ENTRY_NEXT, newest);
  gc_init_field(mutator, entry, ENTRY_PREVIOUS, sentinel);
  gc_init_field(mutator, entry, ENTRY_VALUE, gc_handle_get(cache->value));
  gc_write_field(mutator, table, bucket, entry);
  list_link_newest(cache, entry, newest);
  cache->size++;
  return WORKLOAD_DONE;
}

/* value is young and in no handle: no safepoint here. */
static inline enum workload_status hit(struct lru_cache *cache, struct gc_ref entry,
                                       struct gc_ref value) {
  struct workload_run *run = cache->run;
  struct gc_ref replaced = gc_read_field(run->mutator, entry, ENTRY_VALUE);
  const struct lru_value *old = value_at(replaced);
  uint64_t key = key_of(entry);
  if (GC_UNLIKELY(!value_is_right(old, key))) {
    return workload_wrong(run, "the value of key %" PRIu64 " is damaged", key);
  }
  run->checksum = workload_fold(run->checksum, old->operation);
  gc_write_field(run->mutator, entry, ENTRY_VALUE, value);
  gc_dispose(run->mutator, replaced);
  move_to_front(cache, entry);
  cache->hits++;
  return WORKLOAD_DONE;
}

static inline enum workload_status operate(struct lru_cache *cache, uint64_t operation) {
  uint64_t key = key_of_operation(cache, operation);
  struct gc_ref value = value_create(cache->run->mutator, key, operation);
  if (GC_UNLIKELY(gc_is_null(value))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct gc_ref entry = find(cache, key);
  if (!gc_is_null(entry)) {
    return hit(cache, entry, value);
  }
  gc_handle_set(cache->run->mutator, cache->value, value);
  if (cache->size == cache->capacity) {
    evict_oldest(cache);
  }
  return insert(cache, key);
}

/* ---- the check at the end
 * -----------------------------------------------------------------------*/

/* The entry's own links, key and value; every entry that passes counts. */
static enum workload_status check_entry(struct lru_cache *cache, struct gc_ref entry,
                                        struct gc_ref previous, uint64_t *newer_operation) {
  struct workload_run *run = cache->run;
  struct gc_ref value = gc_read_field(run->mutator, entry, ENTRY_VALUE);
  uint64_t key = key_of(entry);
  if (!gc_ref_equal(run->mutator, gc_read_field(run->mutator, entry, ENTRY_PREVIOUS), previous)) {
    return workload_wrong(run, "the recency list is broken at key %" PRIu64, key);
  }
  if (gc_is_null(value) || !value_is_right(value_at(value), key)) {
    return workload_wrong(run, "the value of key %" PRIu64 " is damaged", key);
  }
  uint64_t operation = value_at(value)->operation;
  if (operation >= *newer_operation || key_of_operation(cache, operation) != key) {
    return workload_wrong(run, "key %" PRIu64 " is in the wrong place of the recency list", key);
  }
  if (!gc_ref_equal(run->mutator, find(cache, key), entry)) {
    return workload_wrong(run, "key %" PRIu64 " is in the recency list but not in its bucket", key);
  }
  run->checksum = workload_fold(run->checksum, operation);
  *newer_operation = operation;
  return WORKLOAD_DONE;
}

/* Newest to oldest. *oldest_operation: that of the last entry. */
static enum workload_status check_list(struct lru_cache *cache, uint64_t operations,
                                       uint64_t *oldest_operation) {
  struct workload_run *run = cache->run;
  struct gc_mutator *mutator = run->mutator;
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle previous = gc_handle_push(mutator, gc_handle_get(cache->sentinel));
  enum workload_status status = WORKLOAD_DONE;
  uint64_t length = 0;
  *oldest_operation = operations;
  for (; length <= cache->size && status == WORKLOAD_DONE; length++) {
    struct gc_ref entry = gc_read_field(mutator, gc_handle_get(previous), ENTRY_NEXT);
    if (gc_is_null(entry) || gc_ref_equal(mutator, entry, gc_handle_get(cache->sentinel))) {
      break;
    }
    status = check_entry(cache, entry, gc_handle_get(previous), oldest_operation);
    gc_handle_set(mutator, previous, entry);
    workload_poll_step(run, length);
  }
  gc_handles_leave(mutator, frame);
  if (status == WORKLOAD_DONE && length != cache->capacity) {
    return workload_wrong(run, "the recency list has %" PRIu64 " entries, not %" PRIu64, length,
                          cache->capacity);
  }
  return status;
}

/* With check_list: the chains hold what the list holds and nothing else. */
static enum workload_status check_chains(struct lru_cache *cache, size_t buckets) {
  struct workload_run *run = cache->run;
  uint64_t entries = 0;
  for (size_t bucket = 0; bucket < buckets; bucket++) {
    struct gc_ref entry = gc_read_field(run->mutator, gc_handle_get(cache->table), bucket);
    while (!gc_is_null(entry) && entries <= cache->capacity) {
      entry = gc_read_field(run->mutator, entry, ENTRY_CHAIN);
      entries++;
    }
    workload_poll_step(run, bucket);
  }
  if (entries != cache->capacity) {
    return workload_wrong(run, "the chains have %" PRIu64 " entries, not %" PRIu64, entries,
                          cache->capacity);
  }
  return WORKLOAD_DONE;
}

/* Every operation since `first` left its key in the cache. */
static enum workload_status check_recent(struct lru_cache *cache, uint64_t first,
                                         uint64_t operations) {
  struct workload_run *run = cache->run;
  for (uint64_t operation = first; operation < operations; operation++) {
    uint64_t key = key_of_operation(cache, operation);
    struct gc_ref entry = find(cache, key);
    if (gc_is_null(entry) ||
        value_at(gc_read_field(run->mutator, entry, ENTRY_VALUE))->operation < operation) {
      return workload_wrong(run, "operation %" PRIu64 " on key %" PRIu64 " left no trace",
                            operation, key);
    }
    workload_poll_step(run, operation);
  }
  return WORKLOAD_DONE;
}

static enum workload_status check(struct lru_cache *cache, uint64_t operations) {
  uint64_t oldest_operation;
  enum workload_status status = check_list(cache, operations, &oldest_operation);
  if (status == WORKLOAD_DONE) {
    status = check_chains(cache, (size_t)1 << workload_integer(cache->run, LRU_CACHE_BUCKETS_LOG2));
  }
  if (status == WORKLOAD_DONE) {
    status = check_recent(cache, oldest_operation, operations);
  }
  return status;
}

/* ---- the run
 * ------------------------------------------------------------------------------------*/

/* Allocates an empty cache; its handles live until the caller leaves its frame. False when the heap
 * is exhausted. */
static bool cache_open(struct lru_cache *cache, struct workload_run *run) {
  struct gc_mutator *mutator = run->mutator;
  uint64_t buckets_log2 = workload_integer(run, LRU_CACHE_BUCKETS_LOG2);
  *cache = (struct lru_cache){.run = run,
                              .capacity = workload_integer(run, LRU_CACHE_ENTRIES),
                              .hash_shift = (unsigned)(64 - buckets_log2)};
  cache->value = gc_handle_push(mutator, gc_null());
  struct gc_ref table = gc_allocate(mutator, (size_t)1 << buckets_log2, 0, 0);
  cache->table = gc_handle_push(mutator, table);
  if (gc_is_null(table)) {
    return false;
  }
  struct gc_ref sentinel = gc_allocate(mutator, ENTRY_SLOTS, LRU_ENTRY_RAW_BYTES, 0);
  cache->sentinel = gc_handle_push(mutator, sentinel);
  if (gc_is_null(sentinel)) {
    return false;
  }
  gc_init_field(mutator, sentinel, ENTRY_NEXT, sentinel);
  gc_init_field(mutator, sentinel, ENTRY_PREVIOUS, sentinel);
  return true;
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

static enum workload_status run_in_frame(struct workload_run *run) {
  struct lru_cache cache;
  if (!cache_open(&cache, run)) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  uint64_t operations = workload_integer(run, LRU_CACHE_OPERATIONS);
  uint64_t total = cache.capacity + operations;
  enum workload_status status = operate_until(&cache, 0, cache.capacity, total);
  if (status != WORKLOAD_DONE) {
    return status;
  }
  workload_timed_begin(run);
  status = operate_until(&cache, cache.capacity, total, total);
  workload_timed_end(run);
  if (status == WORKLOAD_DONE) {
    run->operations = operations;
    status = check(&cache, total);
  }
  if (status == WORKLOAD_DONE) {
    run->checksum = workload_fold(run->checksum, cache.hits);
    workload_note(run, "%" PRIu64 " hits in %" PRIu64 " lookups", cache.hits, operations);
  }
  return status;
}

static enum workload_status lru_cache_run(struct workload_run *run) {
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  enum workload_status status = run_in_frame(run);
  gc_handles_leave(run->mutator, frame);
  return status;
}

WORKLOAD_OPS(lru_cache, lru_cache_run);
