/* The store that every barrier is measured by: compiled once per barrier, as a workload's hot code is.
 *
 * A loop stores values[i] into the first slot of sources[i], for all i, so many rounds. There is no
 * safepoint in it, so that references in C arrays stay what they are.
 */
#ifndef HARNESS_MICROBENCH_STORE_LOOP_H
#define HARNESS_MICROBENCH_STORE_LOOP_H

#include <gc/heap.h>
#include <gc/mutator.h>

struct store_loop {
  const char *barrier;
  struct gc_mutator *(*attach)(struct gc_heap *heap, char *error, size_t error_size);
  void (*run)(struct gc_mutator *mutator, const struct gc_ref *sources, const struct gc_ref *values,
              size_t count, size_t rounds);
};

#endif
