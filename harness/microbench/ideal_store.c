/* Ideal stores: the same stores as store_loop.c makes, with no barrier, into nodes of the same shape
 * that stay in the cache.
 *
 * Every value is stored by a statement that the compiler may neither join nor leave out, as a
 * relaxed atomic store is.
 */
#include "harness/clock.h"
#include "harness/microbench/ideal_kernels.h"
#include <gc/atomics.h>

void ideal_store_open(struct ideal_storer *storer) {
  for (size_t index = 0; index < IDEAL_STORE_NODES; index++) {
    storer->sources[index] = &storer->nodes[index];
    storer->values[index] = (uintptr_t)&storer->nodes[IDEAL_STORE_NODES - 1 - index];
  }
}

uint64_t ideal_store(struct ideal_storer *storer, size_t rounds) {
  uint64_t begin_ns = clock_now_ns();
  for (size_t round = 0; round < rounds; round++) {
    for (size_t index = 0; index < IDEAL_STORE_NODES; index++) {
      gc_atomic_store_relaxed((uintptr_t *)(void *)storer->sources[index]->slots,
                              storer->values[index]);
    }
  }
  return clock_now_ns() - begin_ns;
}

bool ideal_store_check(const struct ideal_storer *storer) {
  bool holds = true;
  for (size_t index = 0; index < IDEAL_STORE_NODES; index++) {
    holds = holds && (uintptr_t)storer->nodes[index].slots[0] == storer->values[index];
  }
  return holds;
}
