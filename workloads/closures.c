/* closures: functions that share contexts, as in a program of callbacks.
 *
 * Each operation is an activation: a context, and closures in it, of which most are called and
 * dropped and one is registered as a listener in place of an older one, and keeps the whole context
 * alive. Calling an old listener stores a new value into its old context.
 */
#include "workloads/closures.h"

#include "workloads/volume.h"

static const struct workload_parameter parameters[CLOSURES_PARAMETERS] = {
    [CLOSURES_LISTENERS] = {"listeners", WORKLOAD_INTEGER, "closures", "200000", "10000", 1,
                            UINT64_C(1) << 28, "closures that are registered, each with a context"},
    [CLOSURES_MODULES] = {"modules", WORKLOAD_INTEGER, "contexts", "1000", "100", 1, 1u << 20,
                          "contexts in which the others lie, and which live as long as the run"},
    [CLOSURES_OPERATIONS] = {"operations", WORKLOAD_INTEGER, "operations", "1500000", "100000", 0,
                             UINT64_C(1) << 30, "activations while time is taken"},
};

static uint64_t allocation_bytes(const struct workload_input *input) {
  uint64_t listeners = input->integers[CLOSURES_LISTENERS];
  uint64_t modules = input->integers[CLOSURES_MODULES];
  uint64_t activations = listeners + input->integers[CLOSURES_OPERATIONS];
  struct volume volume = {0};
  volume_add(&volume, 1, listeners, 0);
  volume_add(&volume, 1, modules, 0);
  volume_add(&volume, activations + modules, CONTEXT_SLOTS, CONTEXT_RAW_BYTES);
  volume_add(&volume, activations * CLOSURES_OF_CONTEXT, CLOSURE_SLOTS, CLOSURE_RAW_BYTES);
  volume_add(&volume, activations * (CLOSURES_OF_CONTEXT + 1) + modules, 0, VALUE_RAW_BYTES);
  return volume_bound_bytes(&volume);
}

const struct workload workload_closures = {
    .name = "closures",
    .summary = "closures that share contexts: most are dropped at once, some are registered and "
               "called again when they are old",
    .operation = "activation",
    .parameters = parameters,
    .parameter_count = CLOSURES_PARAMETERS,
    .is_on_request = true,
    .allocation_bytes = allocation_bytes,
};
