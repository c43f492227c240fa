/* Every workload's hot code under one barrier, as a table in the order of workloads.def.
 *
 * Compiled once per barrier, like the workloads' own x_ops.c, because the product of the two lists
 * cannot be spelled in one unit: a macro cannot include a list. Exports
 * workload_registry_ops_<barrier>; harness/workload_registry.c picks among them.
 */
#include "workloads/workload.h"

#define WORKLOAD(name) extern const struct workload_ops WORKLOAD_OPS_PASTE(name, GC_BARRIER);
#include <tricolor/workloads.def>
#undef WORKLOAD

#define REGISTRY_PASTE_(barrier) workload_registry_ops_##barrier
#define REGISTRY_PASTE(barrier)  REGISTRY_PASTE_(barrier)

extern const struct workload_ops *const REGISTRY_PASTE(GC_BARRIER)[];
const struct workload_ops *const REGISTRY_PASTE(GC_BARRIER)[] = {
#define WORKLOAD(name) &WORKLOAD_OPS_PASTE(name, GC_BARRIER),
#include <tricolor/workloads.def>
#undef WORKLOAD
};
