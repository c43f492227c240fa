/* weak_cache, hot code. Self-check: every value that a cell refers to is that of the cell's key, and
 * a value that is in use is found. The checksum is of keys, not of hits.
 */
#include "workloads/weak_cache.h"

#include "workloads/bookkeeping.h"

#include <inttypes.h>

struct weak_cache {
  struct workload_run *run;
  struct gc_handle cells;  /* an array of a weak cell for each key */
  struct gc_handle in_use; /* a ring of the values looked up last */
  struct gc_handle none;
  uint64_t random, key;
  uint64_t hits;
};

static inline struct weak_cache_value *value_at(struct gc_ref value) {
  return gc_ref_address(value);
}

static inline uint64_t seal_of(uint64_t key) {
  return workload_fold(key, WEAK_CACHE_VALUE_BYTES);
}

static inline bool is_value_of(struct gc_ref value, uint64_t key) {
  return value_at(value)->key == key && value_at(value)->seal == seal_of(key);
}

/* Seven of eight keys lie among the few hundred behind the last one. */
static inline uint64_t next_key(struct weak_cache *cache) {
  uint64_t keys = workload_integer(cache->run, WEAK_CACHE_KEYS);
  uint64_t draw = workload_random(&cache->random);
  cache->key = draw % 8 == 0 ? (draw >> 3) % keys : (cache->key + (draw >> 3) % 300) % keys;
  return cache->key;
}

/* A new value for the key, in its cell. Null when the heap is exhausted. */
static inline struct gc_ref compute(struct weak_cache *cache, uint64_t key) {
  struct gc_mutator *mutator = cache->run->mutator;
  struct gc_ref value = gc_allocate(mutator, 0, WEAK_CACHE_VALUE_BYTES, 0);
  if (GC_LIKELY(!gc_is_null(value))) {
    value_at(value)->key = key;
    value_at(value)->seal = seal_of(key);
    gc_weak_set(mutator, gc_read_field(mutator, gc_handle_get(cache->cells), key), value);
  }
  return value;
}

static inline enum workload_status look_up(struct weak_cache *cache, uint64_t operation) {
  struct workload_run *run = cache->run;
  struct gc_mutator *mutator = run->mutator;
  uint64_t key = next_key(cache);
  struct gc_ref value =
      gc_weak_get(mutator, gc_read_field(mutator, gc_handle_get(cache->cells), key));
  if (gc_is_null(value)) {
    value = compute(cache, key);
    if (GC_UNLIKELY(gc_is_null(value))) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
  } else {
    cache->hits++;
  }
  if (GC_UNLIKELY(!is_value_of(value, key))) {
    return workload_wrong(run, "the value of key %" PRIu64 " is damaged", key);
  }
  run->checksum = workload_fold(run->checksum, value_at(value)->seal);
  gc_write_field(mutator, gc_handle_get(cache->in_use),
                 operation % workload_integer(run, WEAK_CACHE_IN_USE), value);
  return WORKLOAD_DONE;
}

static enum workload_status operate(struct weak_cache *cache) {
  struct workload_run *run = cache->run;
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t operation = 0; operation < run->operations && status == WORKLOAD_DONE;
       operation++) {
    status = look_up(cache, operation);
    gc_poll(run->mutator); /* a lookup that hits allocates nothing */
    workload_operation_end(run);
    workload_progress_step(run, operation, run->operations);
  }
  return status;
}

/* Each value in use is what its key's cell refers to, or older than that. */
static enum workload_status check(struct weak_cache *cache) {
  struct workload_run *run = cache->run;
  struct gc_mutator *mutator = run->mutator;
  for (uint64_t place = 0; place < workload_integer(run, WEAK_CACHE_IN_USE); place++) {
    struct gc_ref value = gc_read_field(mutator, gc_handle_get(cache->in_use), place);
    if (!gc_is_null(value)) {
      uint64_t key = value_at(value)->key;
      struct gc_ref cell = gc_read_field(mutator, gc_handle_get(cache->cells), key);
      if (!is_value_of(value, key) || !gc_ref_equal(mutator, gc_weak_get(mutator, cell), value)) {
        return workload_wrong(run, "the value of key %" PRIu64 " is in use and not found", key);
      }
    }
    workload_poll_step(run, place);
  }
  return WORKLOAD_DONE;
}

static enum workload_status fill(struct weak_cache *cache) {
  struct workload_run *run = cache->run;
  struct gc_mutator *mutator = run->mutator;
  uint64_t keys = workload_integer(run, WEAK_CACHE_KEYS);
  gc_handle_set(mutator, cache->cells, gc_allocate(mutator, keys, 0, 0));
  gc_handle_set(mutator, cache->in_use,
                gc_allocate(mutator, workload_integer(run, WEAK_CACHE_IN_USE), 0, 0));
  if (gc_is_null(gc_handle_get(cache->cells)) || gc_is_null(gc_handle_get(cache->in_use))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  for (uint64_t key = 0; key < keys; key++) {
    struct gc_ref cell = gc_weak_allocate(mutator, cache->none);
    if (gc_is_null(cell)) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    gc_write_field(mutator, gc_handle_get(cache->cells), key, cell);
  }
  return WORKLOAD_DONE;
}

static enum workload_status weak_cache_run(struct workload_run *run) {
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  struct weak_cache cache = {.run = run,
                             .cells = gc_handle_push(run->mutator, gc_null()),
                             .in_use = gc_handle_push(run->mutator, gc_null()),
                             .none = gc_handle_push(run->mutator, gc_null()),
                             .random = run->seed};
  enum workload_status status = fill(&cache);
  if (status == WORKLOAD_DONE) {
    run->operations = workload_integer(run, WEAK_CACHE_OPERATIONS);
    workload_timed_begin(run);
    status = operate(&cache);
    workload_timed_end(run);
  }
  if (status == WORKLOAD_DONE) {
    status = check(&cache);
  }
  if (status == WORKLOAD_DONE) {
    workload_note(run, "%" PRIu64 " of %" PRIu64 " lookups found their value", cache.hits,
                  run->operations);
  }
  gc_handles_leave(run->mutator, frame);
  return status;
}

WORKLOAD_OPS(weak_cache, weak_cache_run);
