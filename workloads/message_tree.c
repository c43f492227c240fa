/* message_tree: message_window with messages that are trees of small objects.
 *
 * The same ring and the same hot code (message_ops.h); what differs is that the collector has 31
 * objects to follow and to copy for each message, instead of one block of bytes.
 */
#include "workloads/message_window.h"

#include "workloads/volume.h"

static const struct workload_parameter parameters[MESSAGE_PARAMETERS] = {
    [MESSAGE_WINDOW] = {"window", WORKLOAD_INTEGER, "messages", "200000", "20000", 1,
                        UINT64_C(1) << 32,
                        "messages that are alive; the window is filled before "
                        "anything is timed"},
    [MESSAGE_PUSHES] = {"pushes", WORKLOAD_INTEGER, "messages", "600000", "60000", 0,
                        UINT64_C(1000000000), "messages that are pushed while time is taken"},
    [MESSAGE_SIZE] = {"levels", WORKLOAD_INTEGER, "levels", "5", NULL, 1, 16,
                      "of the complete tree that a message is; 5 levels are 31 nodes"},
};

static uint64_t allocation_bytes(const struct workload_input *input) {
  const uint64_t *values = input->integers;
  uint64_t messages = values[MESSAGE_WINDOW] + values[MESSAGE_PUSHES];
  struct volume volume = {0};
  volume_add(&volume, 1, values[MESSAGE_WINDOW], 0);
  volume_add(&volume, messages * tree_node_count(values[MESSAGE_SIZE] - 1), TREE_SLOTS,
             MESSAGE_TREE_NODE_RAW_BYTES);
  return volume_bound_bytes(&volume);
}

const struct workload workload_message_tree = {
    .name = "message_tree",
    .summary = "a ring of the latest 200,000 messages, each a tree of 31 small objects: "
               "everything is promoted and dies old",
    .operation = "push",
    .parameters = parameters,
    .parameter_count = MESSAGE_PARAMETERS,
    .allocation_bytes = allocation_bytes,
};
