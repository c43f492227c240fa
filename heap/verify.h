/* The heap verifier: reads the whole heap with the world stopped and aborts at the first thing that
 * breaks an invariant, saying which, where, and in which object.
 *
 * Levels, options.verify_level; each includes those below it.
 *     1 headers  every live bit pair is an object that fits it; lists, counts and budgets agree
 *     2 edges    every slot, handle and root refers to an object; old-to-young slots are remembered
 *     3 full     a second trace from the roots, with a visited set of its own, finds only live
 *                objects; after a full collection it finds all of them
 *
 * Invariants checked, by the names that failures carry: `stable-when-walked`, `swept-before-mark`,
 * `live-bytes-agree`, `accounts-agree`, `promotion-guarantee`, `freed-is-untouched`,
 * `watermark-holds-no-young`, `forwarded-once`, `refers-to-object`, `remembered-complete`,
 * `dead-holds-no-young`, `reachable-is-live`, `live-is-reachable`.
 *
 * Costs: proportional to the heap; memory of two bits per granule of the blocks in use.
 */
#ifndef HEAP_VERIFY_H
#define HEAP_VERIFY_H

struct gc_heap;

enum gc_verify_moment {
  GC_VERIFY_AFTER_MINOR, /* promoted objects have their live bits; dead ones may still have theirs
                          */
  GC_VERIFY_AFTER_FULL,  /* swept completely: live bits are the reachable objects, none is young */
};

/* World stopped, one thread; allocation buffers retired, promotions published, statistics of the
 * collection added. Does nothing at
 * level 0. */
void gc_verify_stw_single(struct gc_heap *heap, enum gc_verify_moment moment);

#endif
