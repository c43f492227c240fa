/* lru_cache: a full cache under uniform keys, half of which it holds.
 *
 * Every operation stores a new value into an old entry, or a new entry into old structures, and
 * touches entries in random order: old-to-young stores spread over the whole heap, a steady stream
 * of garbage in the old generation, and no locality.
 */
#include "workloads/lru_cache.h"

#include "workloads/volume.h"

static const struct workload_parameter parameters[LRU_CACHE_PARAMETERS] = {
    [LRU_CACHE_ENTRIES] = {"entries", WORKLOAD_INTEGER, "entries", "1000000", "50000", 2,
                           UINT64_C(1) << 32,
                           "capacity of the cache, which is filled before "
                           "anything is timed; there are twice as many keys"},
    [LRU_CACHE_BUCKETS_LOG2] = {"buckets_log2", WORKLOAD_INTEGER, "", "20", "16", 1, 32,
                                "logarithm to base 2 of the number of hash buckets"},
    [LRU_CACHE_OPERATIONS] = {"operations", WORKLOAD_INTEGER, "operations", "2000000", "800000", 0,
                              UINT64_C(1000000000), "lookups while time is taken"},
};

/* Of this many operations on a full cache. It holds half of the keys, so each is a miss with a
 * probability of one half, whatever came before: this is more than eight standard deviations above
 * the mean. */
static uint64_t misses_at_most(uint64_t operations) {
  uint64_t bound = operations / 2 + operations / 64 + 1024;
  return bound < operations ? bound : operations;
}

/* One more entry is the sentinel. */
static uint64_t allocation_bytes(const struct workload_input *input) {
  uint64_t entries = input->integers[LRU_CACHE_ENTRIES];
  uint64_t operations = input->integers[LRU_CACHE_OPERATIONS];
  struct volume volume = {0};
  volume_add(&volume, 1, (size_t)1 << input->integers[LRU_CACHE_BUCKETS_LOG2], 0);
  volume_add(&volume, entries + misses_at_most(operations) + 1, ENTRY_SLOTS, LRU_ENTRY_RAW_BYTES);
  volume_add(&volume, entries + operations, 0, LRU_VALUE_RAW_BYTES);
  return volume_bound_bytes(&volume);
}

const struct workload workload_lru_cache = {
    .name = "lru_cache",
    .summary = "a hash table and a recency list of 1,000,000 entries, each operation storing a new "
               "value: old-to-young stores and steady mutation",
    .operation = "lookup",
    .parameters = parameters,
    .parameter_count = LRU_CACHE_PARAMETERS,
    .allocation_bytes = allocation_bytes,
};
