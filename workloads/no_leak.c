/* no_leak: programs that lose nothing, and look at times as if they did: what a detector of leaks
 * must not call one.
 */
#include "workloads/leak.h"

static const char scenario_names[] = ""
#define NO_LEAK(name, text, operation_bytes, once_bytes) "|" text
#include "workloads/leaks/no_leak_scenarios.def"
    ;

static const struct workload_parameter parameters[NO_LEAK_PARAMETERS] = {
    [NO_LEAK_SCENARIO] = {"scenario", WORKLOAD_CHOICE, scenario_names + 1, "warm-up", NULL, 0, 0,
                          "what makes the program look as if it lost memory"},
    [NO_LEAK_OPERATIONS] = {"operations", WORKLOAD_INTEGER, "operations", "400000", "60000", 0,
                            UINT64_C(1) << 30, "requests while time is taken"},
    [NO_LEAK_REQUESTS] = {"requests", WORKLOAD_INTEGER, "requests", "6000", "3000", 1, 1u << 24,
                          "in flight, of about 500 bytes"},
};

static uint64_t allocation_bytes(const struct workload_input *input) {
  const struct {
    uint64_t operation_bytes, once_bytes;
  } volumes[] =
      {
#define NO_LEAK(name, text, operation_bytes, once_bytes) {operation_bytes, once_bytes},
#include "workloads/leaks/no_leak_scenarios.def"
      },
    *volume = &volumes[input->integers[NO_LEAK_SCENARIO]];
  return leak_volume_bytes(input->integers[NO_LEAK_OPERATIONS], input->integers[NO_LEAK_REQUESTS],
                           volume->operation_bytes, volume->once_bytes);
}

const struct workload workload_no_leak = {
    .name = "no_leak",
    .summary = "programs that lose nothing, and look at times as if they did: what a detector of "
               "leaks must not call one",
    .operation = "request",
    .parameters = parameters,
    .parameter_count = NO_LEAK_PARAMETERS,
    .is_on_request = true,
    .allocation_bytes = allocation_bytes,
};
