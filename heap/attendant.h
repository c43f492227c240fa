/* Attendants: what follows an object of the heap from outside, and is told when it is dead. There
 * are three kinds: backing stores (external.h), finalizers (finalizer.h), and identities
 * (identity.h).
 *
 * Each is on one list: where its owner is young, on its mutator's list, which the next stop gives to
 * the heap's; where that is in a block, on the block's; of a large object, on that object's; of an
 * object that is in none of these, under a baseline, on a list that ends with the heap.
 *
 * Algorithm: the sweep of a block walks the block's list before it forgets the marks, and buries the
 * attendants of unmarked owners, and cancelled finalizers. A scavenge walks the young list when everything is copied: owners
 * without a forwarding address are dead, the attendants of promoted ones change to their block's
 * list. Whoever moves old objects moves their attendants to the lists of their new blocks. Burying
 * hands an attendant to its kind, which does in the background what is to be done.
 *
 * Invariant `attendants-listed`: between pauses, an attendant is on the list of the place where its
 * owner is, once, and knows its address; only owners in blocks and large objects that await their
 * sweep, and young ones, may be dead.
 *
 * Concurrency: the heap's young list is written with the world stopped, like all lists when objects
 * move. Lists of old owners are under the lock: a mutator may add an attendant to an object whose
 * block is being swept, but only to a live one, so a sweeper that has looked already has missed
 * nothing.
 *
 * Costs: a scavenge, a look at each young attendant. A block's sweep: one load, and a bit for each
 * attendant in it. No list of all attendants is ever walked but by a slide; remark does nothing.
 */
#ifndef HEAP_ATTENDANT_H
#define HEAP_ATTENDANT_H

#include "heap/spin_lock.h"
#include <gc/ref.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gc_external;
struct gc_finalizers;
struct gc_heap;
struct gc_identities;
struct gc_mutator_private;
struct gc_space;

enum gc_attendant_kind { GC_ATTENDANT_STORE, GC_ATTENDANT_FINALIZER, GC_ATTENDANT_IDENTITY };

struct gc_attendant {
  struct gc_attendant *next; /* of the list it is on */
  uintptr_t owner;           /* an object */
  uint32_t kind;             /* enum gc_attendant_kind */
  uint32_t id;               /* of an identity */
};

struct gc_attendants {
  struct gc_external *external; /* constant */
  struct gc_finalizers *finalizers;
  struct gc_identities *identities;
  struct gc_attendant *young;     /* world stopped; flushed from mutators */
  struct gc_attendant *elsewhere; /* under lock */
  struct gc_spin_lock lock;       /* of that, and of the lists of old owners */
  uint64_t looks; /* ever, of sweeps at attendants: tests count the work; under lock */
};

static inline void gc_attendant_push(struct gc_attendant **list, struct gc_attendant *attendant) {
  attendant->next = *list;
  *list = attendant;
}

/* The owner is live, and was reached by the calling mutator since its last safepoint. */
void gc_attendants_enlist(struct gc_heap *heap, struct gc_mutator_private *mutator,
                          struct gc_attendant *attendant);

/* The same with the world stopped; by whoever stopped it, of any live owner. */
void gc_attendants_enlist_stw(struct gc_heap *heap, struct gc_attendant *attendant);

/* Calls visit for every one of the heap's, of dead owners that await their sweep too; those for
 * which it answers false are on no list any more. World stopped, sweepers at rest. */
void gc_attendants_each_stw(struct gc_heap *heap,
                            bool (*visit)(void *context, struct gc_attendant *attendant),
                            void *context);

/* Gives a mutator's list to the heap. World stopped, or under the lock of the mutators' list while
 * no scavenge runs. */
void gc_attendants_flush_mutator(struct gc_heap *heap, struct gc_mutator_private *mutator);

/* Everything that survives has its forwarding address in [from_start, + from_bytes). World stopped,
 * workers at rest; records its phase where there is anything to do, and returns its CPU time. */
uint64_t gc_attendants_scavenged_stw(struct gc_heap *heap, uintptr_t from_start, size_t from_bytes);

/* Buries what is on a block's list and whose owner is not marked. The block's sweeper. */
void gc_attendants_sweep(struct gc_attendants *attendants, const struct gc_space *space,
                         struct gc_attendant **list);

/* The same of a live large object: rids its list of cancelled finalizers. Its sweeper. */
void gc_attendants_prune(struct gc_attendants *attendants, struct gc_attendant **list);

/* The owner of everything on the list is dead, or it was cancelled. */
void gc_attendants_bury(struct gc_attendants *attendants, struct gc_attendant *list);

/* Objects of the block have moved to other blocks, and left their forwarding addresses. World
 * stopped. */
void gc_attendants_follow_moved_stw(struct gc_heap *heap, size_t block);

/* All old objects in blocks are about to move: attendants of unmarked owners are buried, the others
 * are where forward says. World stopped, one thread. */
void gc_attendants_slide_stw(struct gc_heap *heap,
                             uintptr_t (*forward)(const void *context, uintptr_t object),
                             const void *context);

/* Buries all of them, before the heap closes: nobody is called. */
void gc_attendants_close(struct gc_heap *heap);

#endif
