/* Tracing the old generation: the mark loop that every marking policy runs.
 *
 * Algorithm: marking with a stack and a first-in first-out prefetch buffer before it (Cher, Hosking
 * and Vijaykumar 2004 s.3): an object is prefetched when it leaves the stack and processed 16
 * objects later, when its header and its mark word have arrived. Marks are set when an object is
 * processed, so an object may be on the stack several times and is scanned once.
 *
 * Large objects are marked in their descriptor and scanned in pieces that workers take from the
 * share.
 *
 * Overflow: when the stack cannot grow, the references of the object at hand are marked at once,
 * their blocks (or descriptors) flagged, and dropped (`overflow-is-flagged`). When all stacks are
 * dry, gc_trace_rescan_overflowed_stw copies each flagged block's mark bits, clears the flag first,
 * and scans what they name; termination requires that no flag is set.
 *
 * Concurrency: two instances of one template: plain marks for one thread, atomic ones for several.
 * The plain one has no locked instruction and no call in its loop.
 *
 * Costs: per object a header, a mark word and its slots; LIMITS: 183 / 42 / 33 Mobj/s for in-order
 * tree, shuffled tree, random graph of 512 MiB.
 */
#ifndef HEAP_TRACE_H
#define HEAP_TRACE_H

#include "heap/heap.h"

/* Pushes what every handle and global root refers to on worker 0's stack. World stopped, nursery
 * empty. */
void gc_trace_push_roots_stw(struct gc_heap *heap);

/* Drains grey objects until none is known to any participant. As a job of gc_workers_run. */
void gc_trace_drain_job(struct gc_worker *worker, void *context);

/* Drains on the calling thread alone, without atomic instructions. */
void gc_trace_drain_single(struct gc_worker *worker);

/* Scans flagged blocks and large objects after a drain; pushes what they refer to on worker 0's
 * stack. False when nothing was flagged: marking has terminated. World stopped. */
bool gc_trace_rescan_overflowed_stw(struct gc_heap *heap);

/* Before roots are pushed, and after termination. */
void gc_trace_begin_stw(struct gc_heap *heap);
void gc_trace_end_stw(struct gc_heap *heap);

#endif
