/* The loop of one barrier, which GC_BARRIER names. See store_loop.h. */
#include "harness/microbench/store_loop.h"
#include <gc/gc.h>

static void run(struct gc_mutator *mutator, const struct gc_ref *sources,
                const struct gc_ref *values, size_t count, size_t rounds) {
  for (size_t round = 0; round < rounds; round++) {
    for (size_t index = 0; index < count; index++) {
      gc_write_field(mutator, sources[index], 0, values[index]);
    }
  }
}

#define JOIN_(left, right) left##right
#define JOIN(left, right)  JOIN_(left, right)

extern const struct store_loop JOIN(store_loop_, GC_BARRIER);
const struct store_loop JOIN(store_loop_, GC_BARRIER) = {
    .barrier = GC_BARRIER_NAME, .attach = gc_attach, .run = run};
