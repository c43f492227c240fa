/* The native ports, by what they are called in experiments: the collector native_<allocator>. */
#ifndef HARNESS_NATIVE_NATIVE_REGISTRY_H
#define HARNESS_NATIVE_NATIVE_REGISTRY_H

#include "harness/native/native.h"
#include "results/trial.h"
#include <stdbool.h>
#include <stddef.h>

struct native_allocator {
  const char *collector; /* native_<name> */
  const char *summary;
  const struct native_port *const *ports; /* ends with a null */
  /* 0 when it is there; else negative errno with a sentence. */
  int (*find)(char *error, size_t error_size);
  /* Called in the process of a trial, before its port runs: the calling thread allocates. */
  int (*open)(unsigned threads, char *error, size_t error_size);
};

/* Null until the allocator bdwgc was opened. */
extern const struct gc_libgc *native_libgc;

const struct native_allocator *native_allocator_list(size_t *count);
/* Null: the collector is none of these. */
const struct native_allocator *native_allocator_find(const char *collector);
/* Null: nobody has written it. */
const struct native_port *native_port_find(const struct native_allocator *allocator,
                                           const char *workload);

/* True with a reason when the configuration is a native one that cannot run. */
bool native_refuses(const struct results_configuration *configuration, char *reason,
                    size_t reason_size);

#endif
