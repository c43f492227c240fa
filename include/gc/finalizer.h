/* Finalizers: registrations that have a function of the program called after an object has died.
 *
 * The function gets a token that was given with the registration, never the object, so nothing is
 * resurrected: what is to be cleaned up must be known from the token alone. It is called once, by
 * gc_finalizers_run and by nobody else, on the thread that calls that: never within a pause, and
 * never while the program does not ask. So it is ordinary code of the program: it may allocate,
 * collect, register and run finalizers. A program that never asks, in a loop that does not end say,
 * has none called.
 *
 * Order: of those that are due when gc_finalizers_run is called, the one that was registered first
 * is called first, whether its object refers to the others or is referred to.
 *
 * An object may have several. What is still registered when the heap closes is forgotten, not
 * called. Under a baseline (collectors/README.md) nothing is ever found dead.
 *
 * Threads: any mutator may register, and run; two that run at the same time share what is due.
 *
 * Costs: 56 bytes for each; nothing in remark, a look at each one of young objects in a scavenge, and
 * a bit in the sweep of its block.
 */
#ifndef GC_FINALIZER_H
#define GC_FINALIZER_H

#include <gc/handles.h>
#include <gc/mutator.h>
#include <stdbool.h>
#include <stddef.h>

struct gc_finalizer;

/* Has callback called with the token when the object that the handle refers to is dead. Null when
 * memory is lacking, or the handle holds null. No safepoint. */
GC_WARN_UNUSED struct gc_finalizer *
gc_finalizer_register(struct gc_mutator *mutator, struct gc_handle object,
                      void (*callback)(struct gc_mutator *mutator, void *token), void *token);

/* It will not be called. To be asked while the object is reachable, and once; the registration is
 * gone then, and its memory is given back by a collection. */
void gc_finalizer_cancel(struct gc_mutator *mutator, struct gc_finalizer *finalizer);

/* How many are due; a look, no safepoint. */
size_t gc_finalizers_due(struct gc_mutator *mutator);

/* Calls those that are due, at most count_max; returns how many were called. A safepoint. */
size_t gc_finalizers_run(struct gc_mutator *mutator, size_t count_max);

#endif
