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
 * Concurrency: instances of one template. With the world stopped: plain marks for one thread, which
 * has no locked instruction and no call in its loop, and atomic ones for several. Beside the
 * mutators: slots are loaded with acquire [pairs: ref-publish]; young references are passed over,
 * as no marker touches young memory; the mark bit is tested before the header is read, because a
 * promotion is marked before its address is published and may still be under way; entries with
 * GC_MARK_AGAIN are scanned whatever their colour; and markers look every 32 objects whether they
 * are wanted at rest.
 *
 * Costs: per object a header, a mark word and its slots; LIMITS: 183 / 42 / 33 Mobj/s for in-order
 * tree, shuffled tree, random graph of 512 MiB.
 */
#ifndef HEAP_TRACE_H
#define HEAP_TRACE_H

#include "heap/heap.h"

/* STOPPED: mutators are stopped since the roots were pushed, and the nursery is empty. */
enum gc_trace_world { GC_TRACE_STOPPED, GC_TRACE_BESIDE };

enum gc_trace_end {
  GC_TRACE_DRY,  /* no participant knows a grey object */
  GC_TRACE_TOLD, /* a limit was reached; grey objects are in the share */
};

/* When a drain beside the mutators ends before it is dry. One thread's. */
struct gc_trace_limits {
  const uint32_t *stop_flag; /* atomic; any value but 0 */
  uint64_t deadline_ns;      /* 0: none */
  uint64_t objects_max;      /* 0: none; seen every 32; pieces of large ones count as 32 */
  uint64_t looks;            /* so far */
};

/* Before roots are pushed: nothing is grey. World stopped, markers at rest. */
void gc_trace_begin_stw(struct gc_heap *heap);

/* Makes grey what every handle and global root refers to in the old generation. World stopped. */
void gc_trace_push_roots_stw(struct gc_heap *heap);

/* Makes grey what mutators' barriers have queued. World stopped. */
void gc_trace_flush_mutators_stw(struct gc_heap *heap);

/* Drains with the pause's workers, rescanning what overflowed. True when marking has terminated,
 * false when the deadline (0: none) came before; grey objects are in the share then, or blocks are
 * left that overflowed. Markers at
 * rest; with BESIDE, buffers of mutators that allocate old retired. expected_bytes: left to mark,
 * about. */
bool gc_trace_drain_stw(struct gc_heap *heap, enum gc_trace_world world, size_t expected_bytes,
                        uint64_t deadline_ns);

/* Scans flagged blocks and large objects after a drain, until the deadline (0: none) and one block
 * at least. False when nothing was flagged. World stopped. */
bool gc_trace_rescan_overflowed_stw(struct gc_heap *heap, uint64_t deadline_ns);

/* The instances, on the worker's own stack and the share, of which it is a participant. */
void gc_trace_drain_single(struct gc_worker *worker);
void gc_trace_drain_parallel(struct gc_worker *worker);
enum gc_trace_end gc_trace_drain_beside(struct gc_worker *worker, struct gc_trace_limits *limits);

/* Marks and flags what found no room on a stack. */
void gc_trace_overflow(struct gc_worker *worker, uintptr_t entry);

/* Notes a slot of a scanned object that refers to `referred`, if that is to be evacuated. While
 * evacuation candidates exist, or a cycle marks. */
GC_ALWAYS_INLINE void gc_trace_note_slot(struct gc_worker *worker, struct gc_slot slot,
                                         struct gc_ref referred) {
  if (GC_UNLIKELY(gc_heap_is_candidate(worker->heap, referred))) {
    gc_moved_slots_record(worker->heap, &worker->moved_slots, slot, referred);
  }
}

#endif
