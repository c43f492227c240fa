/* weak_cache: a cache that keeps nothing alive.
 *
 * For every key a weak cell refers to the value that was computed for it last, while somebody else
 * uses it; afterwards the value is the collector's, and is computed again when it is asked for
 * again. How many lookups find theirs depends on when collections come; what they find does not.
 */
#include "workloads/weak_cache.h"

#include "workloads/volume.h"

static const struct workload_parameter parameters[WEAK_CACHE_PARAMETERS] = {
    [WEAK_CACHE_KEYS] = {"keys", WORKLOAD_INTEGER, "keys", "500000", "200000", 1, UINT64_C(1) << 28,
                         "keys, each with a weak cell; a key is drawn near the last one as a rule"},
    [WEAK_CACHE_IN_USE] = {"in_use", WORKLOAD_INTEGER, "values", "100000", "50000", 1,
                           UINT64_C(1) << 28, "values looked up last, which are kept alive"},
    [WEAK_CACHE_OPERATIONS] = {"operations", WORKLOAD_INTEGER, "operations", "3000000", "600000", 0,
                               UINT64_C(1) << 32, "lookups while time is taken"},
};

/* Each lookup may compute its value again. */
static uint64_t allocation_bytes(const struct workload_input *input) {
  uint64_t keys = input->integers[WEAK_CACHE_KEYS];
  struct volume volume = {0};
  volume_add(&volume, 1, keys, 0);
  volume_add(&volume, 1, input->integers[WEAK_CACHE_IN_USE], 0);
  volume_add(&volume, keys, 0, 64); /* a weak cell, at most */
  volume_add(&volume, input->integers[WEAK_CACHE_OPERATIONS], 0, WEAK_CACHE_VALUE_BYTES);
  return volume_bound_bytes(&volume);
}

const struct workload workload_weak_cache = {
    .name = "weak_cache",
    .summary = "lookups through 500,000 weak cells, whose values live while they are in use: weak "
               "references in every cycle",
    .operation = "lookup",
    .parameters = parameters,
    .parameter_count = WEAK_CACHE_PARAMETERS,
    .is_on_request = true,
    .allocation_bytes = allocation_bytes,
};
