/* The scavenger: a copying collection of the nursery, by one thread or several.
 *
 * Algorithm: copying with a mark stack for an explicit depth-first order, semi-space of survivors
 * (Cheney 1970 s.1 for the idea; Halstead 1985 for several threads: one compare-and-exchange of the
 * header decides who copies), promotion at the second survival, decided by the address of the
 * object: what lies in a survivor area has survived once.
 *
 * Invariants: `forwarded-once`: a header becomes a forwarding address once and stays one until the
 * from-space is reused. `remembered-complete` holds before and after. A full promotion leaves the
 * nursery empty and the remembered set too.
 *
 * Concurrency: world stopped. Workers copy into buffers of their own. Live bits of promoted objects
 * and the remembering of those that hold young references are written after the last remembered
 * range was scanned, by each worker for what it promoted: bitmaps are walked while ranges are
 * scanned (`stable-when-walked`), and a card must not be cleaned after such an object set it.
 *
 * Costs: proportional to survivors, roots above the watermarks and remembered ranges, not to the
 * old space.
 */
#ifndef HEAP_SCAVENGE_H
#define HEAP_SCAVENGE_H

#include "heap/heap.h"

enum gc_promotion {
  GC_PROMOTE_AGED, /* second survivors, and what finds no room beside them */
  GC_PROMOTE_ALL,  /* a full promotion: the nursery is empty afterwards */
};

/* Runs one scavenge as a phase of the stop under way. The promotion guarantee holds before; the
 * collector re-establishes it after. */
void gc_scavenge_stw(struct gc_heap *heap, enum gc_promotion promotion);

#endif
