/* large_arrays: arrays of references that are too large to move, full of small objects.
 *
 * Each operation stores a new small object into a random place of a random array: an old-to-young
 * store into an object of many OS pages, which a scavenge must not scan whole. Now and then an array
 * grows old and is copied, reference by reference, into a new one; and large buffers of bytes come
 * and go.
 */
#include "workloads/large_arrays.h"

#include "workloads/volume.h"

static const struct workload_parameter parameters[LARGE_ARRAYS_PARAMETERS] = {
    [LARGE_ARRAYS_ARRAYS] = {"arrays", WORKLOAD_INTEGER, "arrays", "64", "8", 1, 1u << 20,
                             "arrays, all alive and full"},
    [LARGE_ARRAYS_LENGTH] = {"length", WORKLOAD_INTEGER, "references", "32768", "8192", 1,
                             UINT64_C(1) << 32,
                             "references in each; from 4,095 on an array is large"},
    [LARGE_ARRAYS_OPERATIONS] = {"operations", WORKLOAD_INTEGER, "operations", "1000000", "400000",
                                 0, UINT64_C(1) << 32, "stores while time is taken"},
};

static uint64_t allocation_bytes(const struct workload_input *input) {
  uint64_t arrays = input->integers[LARGE_ARRAYS_ARRAYS];
  uint64_t length = input->integers[LARGE_ARRAYS_LENGTH];
  uint64_t operations = input->integers[LARGE_ARRAYS_OPERATIONS];
  struct volume volume = {0};
  volume_add(&volume, 1, arrays, 0);
  volume_add(&volume, arrays + operations / LARGE_ARRAYS_COPY_EVERY + 1, length, 0);
  volume_add(&volume, operations / LARGE_ARRAYS_BUFFER_EVERY + 1, 0, LARGE_ARRAYS_BUFFER_BYTES);
  volume_add(&volume, arrays * length + operations, 0, LARGE_ARRAYS_ITEM_RAW_BYTES);
  return volume_bound_bytes(&volume);
}

const struct workload workload_large_arrays = {
    .name = "large_arrays",
    .summary =
        "stores of new objects into arrays of 256 KiB that never move, copies of the arrays, "
        "and large buffers that die at once",
    .operation = "store",
    .parameters = parameters,
    .parameter_count = LARGE_ARRAYS_PARAMETERS,
    .is_on_request = true,
    .allocation_bytes = allocation_bytes,
};
