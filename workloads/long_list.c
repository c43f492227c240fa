/* long_list: a queue that is one linked list.
 *
 * A list has no width: however many threads mark, one of them works, and a marker that recurses
 * runs out of stack. Each operation appends a node and takes the oldest away.
 */
#include "workloads/long_list.h"

#include "workloads/volume.h"

static const struct workload_parameter parameters[LONG_LIST_PARAMETERS] = {
    [LONG_LIST_NODES] = {"nodes", WORKLOAD_INTEGER, "nodes", "4000000", "100000", 1,
                         UINT64_C(1) << 32, "nodes of the list"},
    [LONG_LIST_OPERATIONS] = {"operations", WORKLOAD_INTEGER, "operations", "8000000", "400000", 0,
                              UINT64_C(1) << 32,
                              "nodes appended, and as many taken away, while time "
                              "is taken"},
};

static uint64_t allocation_bytes(const struct workload_input *input) {
  struct volume volume = {0};
  volume_add(&volume, input->integers[LONG_LIST_NODES] + input->integers[LONG_LIST_OPERATIONS],
             LONG_LIST_SLOTS, LONG_LIST_RAW_BYTES);
  return volume_bound_bytes(&volume);
}

const struct workload workload_long_list = {
    .name = "long_list",
    .summary = "a queue of 4,000,000 nodes in one linked list: marking that cannot be parallel",
    .operation = "append",
    .parameters = parameters,
    .parameter_count = LONG_LIST_PARAMETERS,
    .is_on_request = true,
    .allocation_bytes = allocation_bytes,
};
