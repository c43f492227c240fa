/* message_window: a ring of the latest messages, each a block of bytes written in full.
 *
 * Work: that of the latency experiments with a sliding window of messages (James Fisher 2016,
 * Gabriel Scherer, Will Sewell and others): a window of 200,000 messages of 1 KiB. Every message
 * survives to an age at which the young generation is no help, and dies in order of age.
 */
#include "workloads/message_window.h"

#include "workloads/volume.h"

static const struct workload_parameter parameters[MESSAGE_PARAMETERS] = {
    [MESSAGE_WINDOW] = {"window", WORKLOAD_INTEGER, "messages", "200000", "20000", 1,
                        UINT64_C(1) << 32,
                        "messages that are alive; the window is filled before "
                        "anything is timed"},
    [MESSAGE_PUSHES] = {"pushes", WORKLOAD_INTEGER, "messages", "2000000", "100000", 0,
                        UINT64_C(1000000000), "messages that are pushed while time is taken"},
    [MESSAGE_SIZE] = {"message_bytes", WORKLOAD_INTEGER, "bytes", "1024", NULL, 16, 1 << 20,
                      "size of a message"},
};

static uint64_t allocation_bytes(const struct workload_input *input) {
  const uint64_t *values = input->integers;
  struct volume volume = {0};
  volume_add(&volume, 1, values[MESSAGE_WINDOW], 0);
  volume_add(&volume, values[MESSAGE_WINDOW] + values[MESSAGE_PUSHES], 0, values[MESSAGE_SIZE]);
  return volume_bound_bytes(&volume);
}

const struct workload workload_message_window = {
    .name = "message_window",
    .summary = "a ring of the latest 200,000 messages of 1 KiB: everything is promoted and dies "
               "old, and every push is an old-to-young store",
    .operation = "push",
    .parameters = parameters,
    .parameter_count = MESSAGE_PARAMETERS,
    .allocation_bytes = allocation_bytes,
};
