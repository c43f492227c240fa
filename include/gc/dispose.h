/* Disposal: a program that knows of an object that it is dead says so.
 *
 * Baselines that are freed by hand (collectors/malloc.c) free it at once; for every other collector
 * the call is without effect, and the object dies when nothing refers to it any more. A program may
 * so be compared with itself under explicit memory management. What a program does not know to be
 * dead it does not dispose of: there it leaks, and nowhere else.
 *
 * The object may still be referred to; such references are not followed any more, by anybody. Where
 * disposing has an effect nothing moves and nothing dies by itself: there, and there alone, a gc_ref
 * outlives safepoints until its object is disposed of. No safepoint.
 *
 * Costs: a load and a test. Where finding what is dead is work of its own (the nodes of a tree),
 * gc_disposes says once whether anybody wants to know.
 */
#ifndef GC_DISPOSE_H
#define GC_DISPOSE_H

#include <gc/mutator.h>
#include <gc/ref.h>
#include <stdbool.h>

/* Constant for the life of a heap. */
static inline bool gc_disposes(const struct gc_mutator *mutator) {
  return mutator->disposes != 0;
}

void gc_dispose_slow(struct gc_mutator *mutator, struct gc_ref object);

/* object is not null. */
static inline void gc_dispose(struct gc_mutator *mutator, struct gc_ref object) {
  if (GC_UNLIKELY(gc_disposes(mutator))) {
    gc_dispose_slow(mutator, object);
  }
}

#endif
