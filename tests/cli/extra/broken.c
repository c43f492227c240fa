/* A workload that goes wrong in the way its parameter asks for: what the harness makes of a trial
 * that crashes, hangs, computes a wrong result or eats memory is tested with it. */
#include "workloads/workload.h"
#include <errno.h>
#include <stdio.h>

static const struct workload_parameter parameters[] = {
    {"way", WORKLOAD_INTEGER, "", "0", NULL, 0, 10,
     "0 well, 1 crash, 2 hang, 3 wrong result, 4 out of memory, 5 unlike checksum, 6 resident "
     "memory, 7 exit, 8 refused by prepare, 9 mutators of unequal length, 10 mutator 1 does not "
     "poll"},
    {"milliseconds", WORKLOAD_INTEGER, "", "20", "20", 0, 100000, "how long it works"},
};

static int prepare(struct workload_input *input, char *error, size_t error_size) {
  if (input->integers[0] == 8) {
    snprintf(error, error_size, "its input is broken");
    return -EINVAL;
  }
  return 0;
}

static uint64_t allocation_bytes(const struct workload_input *input) {
  (void)input;
  return 1 << 20;
}

extern const struct workload workload_broken;
const struct workload workload_broken = {
    .name = "broken",
    .summary = "goes wrong as asked, for tests of the harness",
    .operation = "turn",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof *parameters,
    .prepare = prepare,
    .allocation_bytes = allocation_bytes,
};
