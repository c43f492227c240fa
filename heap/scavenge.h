/* The scavenger: a copying collection of the nursery, by one thread or several.
 *
 * Algorithm: every thread copies breadth first, its copies being its queue, and looks a few copies
 * ahead for what to prefetch (Cheney 1970). Several threads give ranges of unscanned copies to each
 * other, and one compare-and-exchange of the header decides who copies an object (Halstead 1985).
 * Promotion at the second survival, decided by the address: what lies in a survivor area has
 * survived once.
 *
 * Invariants: `forwarded-once`: a header becomes a forwarding address once and stays one until the
 * from-space is reused. `remembered-complete` holds before and after. A full promotion leaves the
 * nursery empty and the remembered set too.
 *
 * Concurrency: world stopped; markers may be at work beside it, which touch no young memory: a
 * promotion is complete and has its mark bits before its address can be seen in an old object.
 * Workers copy into buffers of their own. Live bits of promoted objects and the remembering of
 * those that hold young references are written after the last remembered range was scanned, by
 * whomever: bitmaps are walked while ranges are scanned (`stable-when-walked`), and a card must not
 * be cleaned after such an object set it. So workers wait for each other once, between remembered
 * ranges and copies [pairs: remembered]; then each writes the live bits of the copies it scans.
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
