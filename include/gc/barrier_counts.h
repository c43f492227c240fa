/* What barriers do, counted: in an instrumented build, and nothing at all in any other.
 *
 * With -DTRICOLOR_INSTRUMENT=ON given to CMake, GC_BARRIER_COUNTS is 1 for everybody who includes
 * <gc/gc.h>, and each mutator counts its reference stores and its visits to slow halves; what took
 * the fast half alone is the difference. The sums of a trial are counters of its events, and stand
 * in its summary. Times of such a build say nothing: a count is a read and a write of memory on
 * every store.
 *
 * Concurrency: the counts are their mutator's.
 *
 * Costs: nothing where the build is not instrumented: the condition is a constant.
 */
#ifndef GC_BARRIER_COUNTS_H
#define GC_BARRIER_COUNTS_H

#include <stdint.h>

#ifndef GC_BARRIER_COUNTS
#define GC_BARRIER_COUNTS 0
#endif

enum gc_barrier_counter {
  GC_COUNT_STORES,        /* through the barrier; plain initialisation is none */
  GC_COUNT_SHADE_SLOW,    /* the shading half took its slow half */
  GC_COUNT_SHADE_QUEUED,  /* entries that it queued for the markers */
  GC_COUNT_REMEMBER_SLOW, /* the remembering half took its slow half */
  GC_BARRIER_COUNTERS
};

struct gc_barrier_counts {
  uint64_t of[GC_BARRIER_COUNTERS];
};

static inline void gc_barrier_count(struct gc_barrier_counts *counts,
                                    enum gc_barrier_counter counter) {
  if (GC_BARRIER_COUNTS != 0) {
    counts->of[counter]++;
  }
}

#endif
