/* The workloads of the lists, and each one's hot code under every barrier. */
#ifndef HARNESS_WORKLOAD_REGISTRY_H
#define HARNESS_WORKLOAD_REGISTRY_H

#include "workloads/workload.h"

size_t workload_count(void);
const struct workload *workload_at(size_t index);

/* Null when there is none of that name. */
const struct workload *workload_find(const char *name);
const struct workload_ops *workload_find_ops(const char *name, const char *barrier);

/* Names in the order of the lists; static storage. */
const char *const *workload_names(void);
const char *const *barrier_names(size_t *count);

#endif
