/* The heap verifier: reads the whole heap with the world stopped and aborts at the first thing that
 * breaks an invariant, saying which, where, and in which object.
 *
 * Levels, options.verify_level; each includes those below it.
 *     1 headers  every live bit pair is an object that fits it; lists, counts and budgets agree
 *     2 edges    every slot, handle and root refers to an object; old-to-young slots are remembered
 *     3 full     a second trace from the roots, with a visited set of its own, finds only live
 *                objects; after marking it finds exactly the marked ones, after
 *                a full collection exactly the live ones
 *
 * Invariants checked, by the names that failures carry: `stable-when-walked`, `swept-before-mark`,
 * `live-bytes-agree`, `crossings-agree`, `accounts-agree`, `promotion-guarantee`,
 * `freed-is-untouched`, `watermark-holds-no-young`, `forwarded-once`, `refers-to-object`,
 * `remembered-complete`, `dead-holds-no-young`, `marked-is-live`, `strong-tricolour`,
 * `reachable-is-live`, `reachable-is-marked`, `live-is-reachable`, `weak-listed`, `weak-alive`, `attendants-listed`, `buffers-listed`, `external-agrees`; where
 * blocks are evacuated `moved-slots-complete` and `moved-slots-updated`; and while a cycle marks
 * beside the mutators, and at its end, `shading-agrees`, `overflow-is-flagged`, `regrey-has-entry`,
 * `promotions-are-coloured`, `snapshot-reachable`, `terminated`.
 *
 * Where blocks and large objects await their sweep, the objects that exist are the marked ones: of
 * the dead nothing is asked but that they hold no young reference. What is grey is known from the
 * share, mutators' mark buffers and the flags of what overflowed; so whoever verifies while a cycle
 * marks has markers at rest.
 *
 * Costs: proportional to the heap; memory of four bits per granule of the blocks in use, and from
 * the begin of marking to its end two more: what existed and what was reachable then.
 */
#ifndef HEAP_VERIFY_H
#define HEAP_VERIFY_H

struct gc_heap;
struct gc_segment;

enum gc_verify_moment {
  GC_VERIFY_BEFORE,  /* a collection begins: the eden holds objects, mutators hold buffers and lists
                     */
  GC_VERIFY_BEGUN,   /* marking beside the mutators began: the nursery is empty, the roots are grey,
                       nothing is black */
  GC_VERIFY_STEPPED, /* it was interrupted, and goes on; the nursery may hold objects. Of a cycle's
                        steps the first, second, fourth, eighth and so on are looked at */
  GC_VERIFY_MARKED,  /* marking terminated, nothing is swept; the nursery is empty */
  GC_VERIFY_REMARKED,  /* marking beside the mutators terminated: marked are at least the reachable;
                         the nursery may hold objects */
  GC_VERIFY_MOVES,     /* marking terminated, and candidates are about to be emptied */
  GC_VERIFY_MOVED,     /* what they held was moved, and all else made to follow; none is swept */
  GC_VERIFY_CONCLUDED, /* objects were moved, and a sweep began, or is over */
  GC_VERIFY_AFTER_MINOR, /* the eden is empty, promotions are published; dead old objects remain */
  GC_VERIFY_AFTER_FULL,  /* live are the reachable objects, but for what awaits its sweep; none is
                            young */
};

/* World stopped, no worker running, collector threads at rest; statistics of what was done are
 * added. Does nothing at level 0. */
void gc_verify_stw_single(struct gc_heap *heap, enum gc_verify_moment moment);

/* For an evacuation, before it and after it: looks at nothing but whether slots are recorded, by the
 * segments of heap/moved_slots.h, and whether they were updated. Candidates still are what they were
 * for the move. World stopped, no worker running. */
void gc_verify_recorded_stw_single(struct gc_heap *heap, const struct gc_segment *segments);
void gc_verify_moved_stw_single(struct gc_heap *heap);

/* Frees what is remembered of the begin of marking. Before the heap is closed. */
void gc_verify_close(struct gc_heap *heap);

#endif
