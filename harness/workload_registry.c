/* The workloads of the lists, and each one's hot code under every barrier.
 *
 * Everything is derived from the generated lists; a missing symbol is a link error that names it.
 * workloads/registry_ops.c holds one table of ops per barrier, in the order of workloads.def.
 */
#include "harness/workload_registry.h"
#include <string.h>

#define WORKLOAD(name) extern const struct workload workload_##name;
#include <tricolor/workloads.def>
#undef WORKLOAD

static const struct workload *const workloads[] = {
#define WORKLOAD(name) &workload_##name,
#include <tricolor/workloads.def>
#undef WORKLOAD
};

static const char *const workload_name_list[] = {
#define WORKLOAD(name) #name,
#include <tricolor/workloads.def>
#undef WORKLOAD
};

#define GC_BARRIER_CUSTOM(name) GC_BARRIER(name, , )

static const char *const barrier_name_list[] = {
#define GC_BARRIER(name, remember, shade) #name,
#include <tricolor/barriers.def>
#undef GC_BARRIER
};

#define GC_BARRIER(name, remember, shade)                                                          \
  extern const struct workload_ops *const workload_registry_ops_##name[];
#include <tricolor/barriers.def>
#undef GC_BARRIER

static const struct workload_ops *const *const ops_by_barrier[] = {
#define GC_BARRIER(name, remember, shade) workload_registry_ops_##name,
#include <tricolor/barriers.def>
#undef GC_BARRIER
};

enum {
  WORKLOADS = sizeof workloads / sizeof *workloads,
  BARRIERS = sizeof barrier_name_list / sizeof *barrier_name_list,
};

size_t workload_count(void) {
  return WORKLOADS;
}

const struct workload *workload_at(size_t index) {
  return workloads[index];
}

const char *const *workload_names(void) {
  return workload_name_list;
}

const char *const *barrier_names(size_t *count) {
  *count = BARRIERS;
  return barrier_name_list;
}

static size_t find_name(const char *name, const char *const *names, size_t count) {
  size_t index = 0;
  while (index < count && strcmp(names[index], name) != 0) {
    index++;
  }
  return index;
}

const struct workload *workload_find(const char *name) {
  size_t index = find_name(name, workload_name_list, WORKLOADS);
  return index < WORKLOADS ? workloads[index] : NULL;
}

const struct workload_ops *workload_find_ops(const char *name, const char *barrier) {
  size_t workload = find_name(name, workload_name_list, WORKLOADS);
  size_t row = find_name(barrier, barrier_name_list, BARRIERS);
  return workload < WORKLOADS && row < BARRIERS ? ops_by_barrier[row][workload] : NULL;
}
