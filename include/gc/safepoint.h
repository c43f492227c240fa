/* Safepoints: where a mutator may be stopped.
 *
 * Cooperative: a mutator stops at gc_allocate, at gc_poll, and inside a blocking region (where it
 * is counted as stopped and may touch no reference, handle or object). A loop that neither
 * allocates nor blocks must poll, or every collection waits for it.
 *
 * Concurrency [stop-request]: the stopping thread sets stop_requested and then exchanges the
 * allocation limit with 0; a refill publishes its new limit by exchange and then tests
 * stop_requested. Both exchanges are sequentially consistent, so one of the two sees the other.
 *
 * A thread attached to several heaps is in a blocking region of all but the one it uses, or two
 * such threads that stop different heaps wait for each other for ever.
 *
 * Costs: a poll is one load and one branch.
 */
#ifndef GC_SAFEPOINT_H
#define GC_SAFEPOINT_H

#include <gc/atomics.h>
#include <gc/mutator.h>

void gc_poll_slow(struct gc_mutator *mutator);

static inline void gc_poll(struct gc_mutator *mutator) {
  /* Relaxed: a stale 0 delays the stop until the next poll; the slow half reads again with order.
   */
  if (GC_UNLIKELY(gc_atomic_load_relaxed(&mutator->stop_requested) != 0)) {
    gc_poll_slow(mutator);
  }
}

/* Between the two the mutator counts as stopped: for system calls, sleeps, locks and joins. They do
 * not nest. */
void gc_blocking_begin(struct gc_mutator *mutator);
void gc_blocking_end(struct gc_mutator *mutator);

#endif
