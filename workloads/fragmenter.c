/* fragmenter: a Swiss cheese, which only compaction cures.
 *
 * Algorithm: after Robson 1971. The heap is filled with objects of one size; every second one is
 * dropped; then what was freed is allocated again in objects twice as large, none of which fits
 * between two survivors. With every round of it a heap whose objects stay where they are grows by
 * half of what lives; one that is compacted does not grow at all.
 */
#include "workloads/fragmenter.h"

#include "workloads/volume.h"

static const struct workload_parameter parameters[FRAGMENTER_PARAMETERS] = {
    [FRAGMENTER_LIVE_BYTES] = {"live_bytes", WORKLOAD_INTEGER, "bytes", "64M", "4M", 1u << 20,
                               UINT64_C(1) << 40, "bytes that are alive at most"},
    [FRAGMENTER_ROUNDS] = {"rounds", WORKLOAD_INTEGER, "rounds", "8", "8", 1, FRAGMENTER_ROUNDS_MAX,
                           "sizes of objects: 64 bytes, 128, 256, …"},
};

/* Round by round: the objects of one are of one size, and so is what they leave of a buffer. */
static uint64_t allocation_bytes(const struct workload_input *input) {
  uint64_t objects = 0, bytes = 0;
  for (unsigned round = 0; round < input->integers[FRAGMENTER_ROUNDS]; round++) {
    uint64_t count = fragmenter_objects(input, round);
    struct volume volume = {0};
    volume_add(&volume, count, 0, fragmenter_object_bytes(round) - GC_HEADER_BYTES);
    bytes += volume_bound_bytes(&volume);
    objects += count;
  }
  struct volume table = {0};
  volume_add(&table, 1, objects, 0);
  return bytes + volume_bound_bytes(&table);
}

const struct workload workload_fragmenter = {
    .name = "fragmenter",
    .summary =
        "objects that double in size while every second older one is dropped: a heap of holes "
        "that only compaction closes",
    .operation = "allocation",
    .parameters = parameters,
    .parameter_count = FRAGMENTER_PARAMETERS,
    .is_on_request = true,
    .allocation_bytes = allocation_bytes,
};
