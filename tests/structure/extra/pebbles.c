/* pebbles: the smallest workload there is, out of the tree. Drops pebbles into a jar that holds the
 * latest few of them; all others are garbage at once. */
#include "workloads/workload.h"

static const struct workload_parameter parameters[] = {
    {"pebbles", WORKLOAD_INTEGER, "objects", "2000000", "1000000", 1, 1000000000,
     "pebbles dropped"},
};

static uint64_t allocation_bytes(const struct workload_input *input) {
  return (input->integers[0] + 1024) * 32;
}

const struct workload workload_pebbles = {
    .name = "pebbles",
    .summary = "a jar of the latest pebbles",
    .operation = "pebble",
    .parameters = parameters,
    .parameter_count = 1,
    .allocation_bytes = allocation_bytes,
};
