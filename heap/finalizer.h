/* Finalizers: registered, due, called. See gc/finalizer.h for what a program may expect.
 *
 * A finalizer is an attendant of its object (attendant.h). When that is dead, it is pushed on a
 * stack, by a sweep or a scavenge. Who runs finalizers takes the whole stack, sorts it by the number
 * of the registration, and merges it with what others left; then takes one after the other. One
 * that was cancelled is freed by whoever walks its list next, and never becomes due.
 *
 * Invariant `finalized-once`: a finalizer is registered, due, or taken by one mutator, and freed by
 * that before it is called. What is due is not cancelled: that is asked of reachable objects only.
 *
 * Concurrency [finalizer-due]: pushed by compare-and-exchange after everything that was written of
 * them, and all taken at once by exchange. The list of those that are ready is under the lock,
 * which is held for a few instructions: who makes more of them ready takes the list off, sorts and
 * merges in a blocking region, and puts it back; who comes meanwhile waits in another. [finalizer-cancel]: to cancel one is the last
 * that a mutator does with it.
 */
#ifndef HEAP_FINALIZER_H
#define HEAP_FINALIZER_H

#include "heap/arena.h"
#include "heap/attendant.h"
#include <gc/finalizer.h>

struct gc_finalizer {
  struct gc_attendant attendant;                             /* first: lists are of these */
  void (*callback)(struct gc_mutator *mutator, void *token); /* atomic; null: cancelled
                                                              [pairs: finalizer-cancel] */
  void *token;
  uint64_t number; /* of the registration */
};

struct gc_finalizers {
  struct gc_arena *arena;
  uint64_t registered_count;  /* atomic, relaxed: numbers are taken from it */
  uint64_t due_count;         /* atomic, relaxed: a count */
  struct gc_attendant *due;   /* atomic [pairs: finalizer-due] */
  struct gc_attendant *ready; /* by number, ascending; under lock */
  uint32_t making_ready; /* atomic; a mutator has taken ready off, and will put it back; changes
                                 under lock */
  struct gc_spin_lock lock;
};

/* Any attendant. True: it is a finalizer of which its program knows nothing any more. */
bool gc_finalizer_is_cancelled(const struct gc_attendant *attendant);
/* Of finalizers that nobody knows. */
void gc_finalizers_free(struct gc_finalizers *finalizers, struct gc_attendant *list);

/* Of dead objects. Any thread, also within a pause. */
void gc_finalizers_make_due(struct gc_finalizers *finalizers, struct gc_attendant *list);

/* Frees what is due, and calls nobody. */
void gc_finalizers_close(struct gc_finalizers *finalizers);

#endif
