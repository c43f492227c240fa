/* The native ports of native.def, crossed. See native_registry.h. */
#include "harness/native/native_registry.h"
#include "collectors/libgc.h"
#include <stdio.h>
#include <string.h>

#define NATIVE_PORT(workload)
#define NATIVE_ALLOCATOR_LINE(name, summary)                                                       \
  extern const struct native_port *const native_ports_on_##name[];
#include "harness/native/native.def"
#undef NATIVE_ALLOCATOR_LINE

const struct gc_libgc *native_libgc;

static int find_malloc(char *error, size_t error_size) {
  (void)error;
  (void)error_size;
  return 0;
}

static int open_malloc(unsigned threads, char *error, size_t error_size) {
  (void)threads;
  return find_malloc(error, error_size);
}

static int find_bdwgc(char *error, size_t error_size) {
  return gc_libgc_find(error, error_size);
}

/* The thread that opens libgc first is registered by that. */
static int open_bdwgc(unsigned threads, char *error, size_t error_size) {
  return gc_libgc_open(threads, &native_libgc, error, error_size);
}

static const struct native_allocator allocators[] = {
#define NATIVE_ALLOCATOR_LINE(name, summary)                                                       \
  {"native_" #name, summary, native_ports_on_##name, find_##name, open_##name},
#include "harness/native/native.def"
#undef NATIVE_ALLOCATOR_LINE
};
enum { ALLOCATORS = sizeof allocators / sizeof *allocators };

const struct native_allocator *native_allocator_list(size_t *count) {
  *count = ALLOCATORS;
  return allocators;
}

const struct native_allocator *native_allocator_find(const char *collector) {
  for (size_t i = 0; i < ALLOCATORS; i++) {
    if (strcmp(allocators[i].collector, collector) == 0) {
      return &allocators[i];
    }
  }
  return NULL;
}

const struct native_port *native_port_find(const struct native_allocator *allocator,
                                           const char *workload) {
  for (size_t i = 0; allocator->ports[i]; i++) {
    if (strcmp(allocator->ports[i]->workload, workload) == 0) {
      return allocator->ports[i];
    }
  }
  return NULL;
}

bool native_refuses(const struct results_configuration *configuration, char *reason,
                    size_t reason_size) {
  const struct native_allocator *allocator = native_allocator_find(configuration->collector.text);
  const char *workload = configuration->workload.text;
  if (!allocator) {
    return false;
  }
  if (!native_port_find(allocator, workload)) {
    snprintf(reason, reason_size, "%.60s has no native port", workload);
    return true;
  }
  if (configuration->mutators != 1) {
    snprintf(reason, reason_size, "a native port is a program of one thread");
    return true;
  }
  if (configuration->warmup_iterations + configuration->iterations > 1) {
    snprintf(reason, reason_size, "a native port is a program that runs its workload once");
    return true;
  }
  return allocator->find(reason, reason_size) != 0;
}
