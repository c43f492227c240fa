/* cache: a table of results by key, of which there are ever more; fixed: at most CACHE_CAP, of which
 * the least recently used one goes.
 *
 * An operation stores the result of a new key, and looks up one of those before it: as Zipf's law
 * has it, the chance of a key falls with its rank, the rank being how long ago it was stored. What a
 * lookup answers is the same whether it is found or computed again.
 */
#include "workloads/leaks/pair_ops.h"

enum { CACHE_BUCKETS = 8192, CACHE_CAP = 4096 };
enum { CACHE, CACHE_TABLE, CACHE_ENTRY, CACHE_RESULT, CACHE_ANSWER };

/* Slots of the cache: the table of entries by key, and the list of entries, the last used one first. */
enum { CACHE_BY_KEY, CACHE_RECENT, CACHE_SLOTS };

/* The slots behind the links: the next entry of the bucket, the result. */
enum { CACHE_CHAIN = LEAK_LINKS, CACHE_VALUE, CACHE_ENTRY_SLOTS };

struct cache_entry {
  uint64_t gc_header;
  struct gc_ref slots[CACHE_ENTRY_SLOTS];
  uint64_t key;
};

struct cache_state {
  uint64_t entries;
};

static inline uint64_t cache_bucket(uint64_t key) {
  return workload_fold(key, 1) % CACHE_BUCKETS;
}

static inline uint64_t cache_key_of(struct gc_ref entry) {
  return ((const struct cache_entry *)gc_ref_address(entry))->key;
}

static inline struct gc_ref cache_part(struct leak *leak, size_t slot) {
  return leak_read(leak, gc_handle_get(leak->container), slot);
}

static enum workload_status cache_begin(struct leak *leak) {
  if (!leak_make(leak, leak->container, CACHE_SLOTS, 0, leak->types[CACHE]) ||
      !leak_make(leak, leak->first, CACHE_BUCKETS, 0, leak->types[CACHE_TABLE]) ||
      !leak_make_list(leak, leak->second, CACHE_ENTRY_SLOTS, 8, leak->types[CACHE_ENTRY])) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct gc_ref cache = gc_handle_get(leak->container);
  leak_write(leak, cache, CACHE_BY_KEY, gc_handle_get(leak->first));
  leak_write(leak, cache, CACHE_RECENT, gc_handle_get(leak->second));
  return WORKLOAD_DONE;
}

static inline bool cache_store(struct leak *leak, uint64_t key) {
  struct cache_state *state = leak->state;
  if (!leak_make(leak, leak->first, 0, 112, leak->types[CACHE_RESULT])) {
    return false;
  }
  *(uint64_t *)gc_object_raw(gc_handle_get(leak->first), 0) = key;
  if (!leak_make(leak, leak->second, CACHE_ENTRY_SLOTS, 8, leak->types[CACHE_ENTRY])) {
    return false;
  }
  struct gc_ref entry = gc_handle_get(leak->second), table = cache_part(leak, CACHE_BY_KEY);
  ((struct cache_entry *)gc_ref_address(entry))->key = key;
  gc_init_field(leak->mutator, entry, CACHE_VALUE, gc_handle_get(leak->first));
  leak_write(leak, entry, CACHE_CHAIN, leak_read(leak, table, cache_bucket(key)));
  leak_write(leak, table, cache_bucket(key), entry);
  leak_link_behind(leak, cache_part(leak, CACHE_RECENT), entry);
  state->entries++;
  leak_let_go(leak); /* from here on it is the cache that keeps it, whenever somebody looks */
  return true;
}

/* The entry used longest ago. */
static inline void cache_evict(struct leak *leak) {
  struct cache_state *state = leak->state;
  struct gc_ref table = cache_part(leak, CACHE_BY_KEY);
  struct gc_ref last = leak_read(leak, cache_part(leak, CACHE_RECENT), LEAK_PREVIOUS);
  uint64_t bucket = cache_bucket(cache_key_of(last));
  struct gc_ref entry = leak_read(leak, table, bucket), next = leak_read(leak, last, CACHE_CHAIN);
  if (gc_ref_equal(leak->mutator, entry, last)) {
    leak_write(leak, table, bucket, next);
  } else {
    struct gc_ref before = entry;
    while (!gc_ref_equal(leak->mutator, leak_read(leak, before, CACHE_CHAIN), last)) {
      before = leak_read(leak, before, CACHE_CHAIN);
    }
    leak_write(leak, before, CACHE_CHAIN, next);
  }
  leak_unlink(leak, last);
  state->entries--;
}

/* Null when it is not there. */
static inline struct gc_ref cache_find(struct leak *leak, uint64_t key) {
  struct gc_ref entry = leak_read(leak, cache_part(leak, CACHE_BY_KEY), cache_bucket(key));
  while (!gc_is_null(entry) && cache_key_of(entry) != key) {
    entry = leak_read(leak, entry, CACHE_CHAIN);
  }
  return entry;
}

static inline enum workload_status cache_look_up(struct leak *leak, uint64_t key) {
  struct gc_ref entry = cache_find(leak, key);
  if (!gc_is_null(entry)) {
    const uint64_t *words = gc_object_raw(leak_read(leak, entry, CACHE_VALUE), 0);
    if (GC_UNLIKELY(words[0] != key)) {
      return workload_wrong(leak->run, "the result of key %" PRIu64 " is damaged", key);
    }
    leak_unlink(leak, entry);
    leak_link_behind(leak, cache_part(leak, CACHE_RECENT), entry);
  }
  struct gc_ref answer = gc_allocate(leak->mutator, 0, 56, leak->types[CACHE_ANSWER]);
  if (GC_UNLIKELY(gc_is_null(answer))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  *(uint64_t *)gc_object_raw(answer, 0) = key;
  leak_fold(leak, key);
  return WORKLOAD_DONE;
}

static enum workload_status cache_open(struct leak *leak, uint64_t operation) {
  struct cache_state *state = leak->state;
  if (GC_UNLIKELY(!cache_store(leak, operation))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  if (!leak->is_leaky && state->entries > CACHE_CAP) {
    cache_evict(leak);
  }
  unsigned bits = operation == 0 ? 1 : 64 - (unsigned)__builtin_clzll(operation);
  uint64_t range = UINT64_C(1) << workload_random_below(&leak->random, bits);
  uint64_t ago = workload_random_below(&leak->random, range);
  return cache_look_up(leak, operation - ago);
}

static const struct leak_pair leak_cache = {
    .type_names = {"cache", "cache.table", "cache.entry", "cache.result", "cache.answer"},
    .state_bytes = sizeof(struct cache_state),
    .begin = cache_begin,
    .open = cache_open,
    .close = leak_closes_nothing,
    .end = leak_ends,
    .finish = leak_finishes,
};
