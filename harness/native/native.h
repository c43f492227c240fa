/* Native ports: a workload's work as a user of an allocator writes it in C, to compare with.
 *
 * References are pointers in C variables and in structs; there are no headers, handles, polls or
 * barriers. A port does exactly what the workload does: it reads the same parameters and draws the
 * same numbers from the same seed, checks the same things, and folds the same checksum, so that a
 * port that does less is found out. It is compiled once per allocator, whose functions
 * (allocator/NAME.h) are inline.
 *
 *     native_allocate(bytes)        may hold pointers; not zero under every allocator
 *     native_allocate_zero(bytes)   the same, zero
 *     native_allocate_bytes(bytes)  holds no pointers; not zero under every allocator
 *     native_free(memory)           without effect under a collector
 *     NATIVE_FREES                  1 where it has one: whether finding the dead is worth while
 *
 * Without memory a port ends its process with a sentence: that is no result of any interest here.
 */
#ifndef HARNESS_NATIVE_NATIVE_H
#define HARNESS_NATIVE_NATIVE_H

#include "workloads/bookkeeping.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct native_port {
  const char *workload;
  /* As of struct workload_ops, but run->mutator is null. */
  enum workload_status (*run)(struct workload_run *run);
};

#ifdef NATIVE_ALLOCATOR

static inline void *native_checked(void *memory) {
  if (GC_UNLIKELY(memory == NULL)) {
    fprintf(stderr, "a native port is out of memory\n");
    abort();
  }
  return memory;
}

#define NATIVE_HEADER_TEXT(path) #path
#define NATIVE_HEADER(path)      NATIVE_HEADER_TEXT(path)
// clang-format off
#include NATIVE_HEADER(harness/native/allocator/NATIVE_ALLOCATOR.h)
// clang-format on

#define NATIVE_PORT_PASTE_(name, allocator) native_##name##_on_##allocator
#define NATIVE_PORT_PASTE(name, allocator)  NATIVE_PORT_PASTE_(name, allocator)
/* Defines what the unit exports: native_<workload>_on_<allocator>. */
#define NATIVE_PORT_DEFINE(name, run_function)                                                     \
  extern const struct native_port NATIVE_PORT_PASTE(name, NATIVE_ALLOCATOR);                       \
  const struct native_port NATIVE_PORT_PASTE(name, NATIVE_ALLOCATOR) = {.workload = #name,         \
                                                                        .run = (run_function)}
#endif

#endif
