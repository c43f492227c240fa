/* pipeline: threads that hand objects over.
 *
 * The first thread makes items, lists of nodes; each thread after it takes them from a bounded queue,
 * and hands on a new item made of what it read; the last one checks them and keeps the latest. So
 * objects are made by one mutator, die in the hands of another, and the queues between them, old
 * arrays of young references, are stored into by two mutators at a time. Where a queue is full its
 * producer waits, where it is empty its consumer does: both in blocking regions.
 */
#include "workloads/pipeline.h"

#include "workloads/volume.h"

static const struct workload_parameter parameters[PIPELINE_PARAMETERS] = {
    [PIPELINE_ITEMS] = {"items", WORKLOAD_INTEGER, "items", "4000000", "200000", 0,
                        UINT64_C(1) << 32, "items that arrive while time is taken"},
    [PIPELINE_STAGES] = {"stages", WORKLOAD_INTEGER, "threads", "2", NULL, 2, PIPELINE_STAGES_MAX,
                         "the first produces, the last consumes, those between do both; each "
                         "mutator of the run is the last of a pipeline of its own"},
    [PIPELINE_QUEUE] = {"queue", WORKLOAD_INTEGER, "items", "4096", "256", 1, UINT64_C(1) << 28,
                        "room of each queue between two threads"},
    [PIPELINE_NODES] = {"nodes", WORKLOAD_INTEGER, "objects", "8", NULL, 1, 1u << 20,
                        "objects of 40 bytes that an item is a list of"},
    [PIPELINE_WINDOW] = {"window", WORKLOAD_INTEGER, "items", "100000", "5000", 1,
                         UINT64_C(1) << 28,
                         "latest items that the last thread keeps; so many arrive before time is "
                         "taken"},
};

static uint64_t allocation_bytes(const struct workload_input *input) {
  uint64_t makers = input->integers[PIPELINE_STAGES] - 1, window = input->integers[PIPELINE_WINDOW];
  uint64_t items = input->integers[PIPELINE_ITEMS] + window;
  struct volume volume = {0};
  volume_add(&volume, 1, window, 0);
  volume_add(&volume, makers, input->integers[PIPELINE_QUEUE], 0);
  volume_add(&volume, makers * items * input->integers[PIPELINE_NODES], PIPELINE_NODE_SLOTS,
             sizeof(struct pipeline_node));
  return volume_bound_bytes(&volume) + makers * VOLUME_LAST_BUFFER_BYTES;
}

const struct workload workload_pipeline = {
    .name = "pipeline",
    .summary =
        "threads that hand lists of objects over through bounded queues in the heap, and wait "
        "for each other; the last keeps the latest",
    .operation = "item",
    .parameters = parameters,
    .parameter_count = PIPELINE_PARAMETERS,
    .is_on_request = true,
    .allocation_bytes = allocation_bytes,
};
