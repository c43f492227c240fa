/* The scavenger's hot half: where copies go, and copying.
 *
 * Everything here is a template of scavenge.c: inlined into one instance for a thread alone and
 * one for several, which differ in a constant. A thread alone stores forwarding addresses plainly
 * and queues copies by address; several decide by compare-and-exchange who copies, and push copies
 * on stacks that they share.
 *
 * Invariant `forwarded-once`; see scavenge.h.
 *
 * Costs: per object a header, the move, its live bits and the counts. struct scan lives in
 * registers and on the stack: nothing that is called may hold its address.
 */
#ifndef HEAP_SCAVENGE_COPY_H
#define HEAP_SCAVENGE_COPY_H

#include "heap/assert.h"
#include "heap/heap.h"
#include <gc/sanitize.h>
#include <string.h>

/* A worker's piece of the survivor area when several work. */
#define SURVIVOR_BUFFER_BYTES ((size_t)16 * 1024)

/* Slots between the prefetch of an object's header and its copying. Chosen by LIMITS, as for
 * marking. */
#define PREFETCH_DEPTH 16

enum scavenge_threads { SCAVENGE_SINGLE, SCAVENGE_PARALLEL };

struct scavenge {
  struct gc_heap *heap;
  uintptr_t from_start;
  size_t from_bytes;
  /* What lies here has survived once and is promoted; what lies elsewhere in from-space may
   * survive. */
  uintptr_t aged_start;
  size_t aged_bytes;
  uintptr_t survivor_area; /* where the area for survivors begins */
  uintptr_t survivor_top;  /* atomic: its next free byte */
  uintptr_t survivor_limit;
  struct gc_mutator_private *next_mutator; /* under lock: whose handles come next */
  bool roots_taken;                        /* under lock */
  struct gc_spin_lock lock;
};

/* A slot that holds a from-space reference whose object is on its way into the cache. */
struct pending {
  uintptr_t slot; /* bit 0: found through the remembered set */
  uintptr_t host; /* the old object that it belongs to; 0 for a young one */
};

#define FROM_REMEMBERED ((uintptr_t)1)

/* One worker's part of a scavenge. The hot loop works on this copy of constants, bump pointers and
 * counts, which stays out of memory that objects could alias; it is written back before anything
 * is called that looks at the worker. */
struct scan {
  struct scavenge *scavenge;
  struct gc_worker *worker;
  uintptr_t from_start, young_start, promoted_start, aged_start;
  size_t from_bytes, young_bytes;
  size_t promoted_bytes; /* what lies in [promoted_start, + promoted_bytes) is promoted */
  size_t aged_bytes;     /* what lies there has survived once before */
  enum gc_colour promotion_colour;
  uint64_t promotion_header_or; /* the heap's */
  uintptr_t survivor_top, survivor_limit;
  uintptr_t small_top, small_limit;
  /* One thread: copies from here to the bump pointers are not scanned yet. */
  uintptr_t survivor_scan, small_scan;
  uintptr_t *stack_top, *stack_base, *stack_limit;
  struct gc_worker_counts counts;
  /* All remembered ranges are scanned and nobody else works: bitmaps may be written at once. */
  bool writes_live_bits;
  size_t place;            /* of the oldest in the ring */
  struct pending *pending; /* ring of PREFETCH_DEPTH */
};

GC_ALWAYS_INLINE void scan_load(struct scan *scan) {
  const struct gc_worker *worker = scan->worker;
  scan->small_top = worker->small.top;
  scan->small_limit = worker->small.limit;
  scan->stack_top = worker->stack.top;
  scan->stack_base = worker->stack.base;
  scan->stack_limit = worker->stack.limit;
}

GC_ALWAYS_INLINE void scan_store(const struct scan *scan) {
  struct gc_worker *worker = scan->worker;
  worker->small.top = scan->small_top;
  worker->stack.top = scan->stack_top;
}

static GC_NEVER_INLINE void extend_stack(struct gc_mark_stack *stack) {
  bool extended = gc_mark_stack_extend(stack);
  GC_CHECK(extended, "the metadata arena must hold the scavenger's stack");
}

GC_ALWAYS_INLINE void push(struct scan *scan, uintptr_t object) {
  if (GC_UNLIKELY(scan->stack_top == scan->stack_limit)) {
    scan_store(scan);
    extend_stack(&scan->worker->stack);
    scan_load(scan);
  }
  *scan->stack_top++ = object;
}

/* 0 when the stack is empty. */
GC_ALWAYS_INLINE uintptr_t pop(struct scan *scan) {
  if (GC_UNLIKELY(scan->stack_top == scan->stack_base)) {
    scan_store(scan);
    bool popped = gc_mark_stack_pop_segment(&scan->worker->stack);
    scan_load(scan);
    if (!popped) {
      return 0;
    }
  }
  return *--scan->stack_top;
}

/* One thread: copies in [start, end) are to be scanned later. */
GC_ALWAYS_INLINE void push_range(struct scan *scan, uintptr_t start, uintptr_t end) {
  if (start < end) {
    push(scan, start);
    push(scan, end);
  }
}

/* From here on everything is promoted: the survivor area is full, or not used in this scavenge. */
GC_ALWAYS_INLINE void promote_everything(struct scan *scan) {
  scan->promoted_start = scan->from_start;
  scan->promoted_bytes = scan->from_bytes;
}

/* Takes [*start, *end) of the survivor area for objects of that size: a buffer, or what is left of
 * one; objects that would waste much of a buffer are placed by themselves. False when there is no
 * room. */
static bool take_survivor_buffer(struct scavenge *scavenge, size_t bytes, uintptr_t *start,
                                 uintptr_t *end) {
  size_t wanted_bytes = bytes <= SURVIVOR_BUFFER_BYTES / 8 ? SURVIVOR_BUFFER_BYTES : bytes;
  /* Relaxed: the area's memory was published by the start of the job. */
  *start = gc_atomic_load_relaxed(&scavenge->survivor_top);
  do {
    size_t left_bytes = scavenge->survivor_limit - *start;
    if (left_bytes < bytes) {
      return false;
    }
    *end = *start + (wanted_bytes < left_bytes ? wanted_bytes : left_bytes);
  } while (!gc_atomic_compare_exchange_relaxed(&scavenge->survivor_top, start, *end));
  gc_unpoison(*start, *end - *start);
  return true;
}

/* Room in the survivor area, or 0. */
GC_ALWAYS_INLINE uintptr_t allocate_survivor(struct scan *scan, size_t bytes,
                                             const enum scavenge_threads threads) {
  uintptr_t start = scan->survivor_top, end = 0;
  if (GC_LIKELY(start + bytes <= scan->survivor_limit)) {
    scan->survivor_top = start + bytes;
    return start;
  }
  bool is_buffer = bytes <= SURVIVOR_BUFFER_BYTES / 8;
  if (!take_survivor_buffer(scan->scavenge, bytes, &start, &end)) {
    if (is_buffer) {
      promote_everything(scan);
    }
    return 0;
  }
  if (!is_buffer && threads == SCAVENGE_SINGLE) {
    push_range(scan, start, end);
  } else if (is_buffer) {
    if (threads == SCAVENGE_SINGLE) {
      push_range(scan, scan->survivor_scan, scan->survivor_top);
      scan->survivor_scan = start;
    }
    scan->survivor_top = start + bytes;
    scan->survivor_limit = end;
  }
  return start;
}

static GC_NEVER_INLINE uintptr_t allocate_promoted_slow(struct gc_worker *worker, size_t bytes) {
  struct gc_old_allocator *allocator = bytes < GC_BIG_OBJECT_BYTES ? &worker->small : &worker->big;
  uintptr_t start = gc_old_allocate(&worker->heap->old, allocator, bytes, GC_BUDGET_PROMOTION);
  GC_CHECK(start != 0, "promotion-guarantee: old space took less than the nursery's survivors");
  return start;
}

GC_ALWAYS_INLINE uintptr_t allocate_promoted(struct scan *scan, size_t bytes,
                                             const enum scavenge_threads threads) {
  uintptr_t start = scan->small_top;
  bool is_small = bytes < GC_BIG_OBJECT_BYTES;
  if (GC_LIKELY(is_small && start + bytes <= scan->small_limit)) {
    scan->small_top = start + bytes;
    return start;
  }
  if (threads == SCAVENGE_SINGLE && is_small) {
    push_range(scan, scan->small_scan, scan->small_top);
  }
  scan_store(scan);
  start = allocate_promoted_slow(scan->worker, bytes);
  scan_load(scan);
  if (threads == SCAVENGE_SINGLE && is_small) {
    scan->small_scan = start;
  } else if (threads == SCAVENGE_SINGLE) {
    push_range(scan, start, start + bytes);
  }
  return start;
}

/* Gives back the bytes just allocated at start, which lost the race for the object. */
GC_ALWAYS_INLINE void unallocate(struct scan *scan, uintptr_t start, size_t bytes) {
  if (scan->survivor_top == start + bytes) {
    scan->survivor_top = start;
  } else if (scan->small_top == start + bytes) {
    scan->small_top = start;
  } else if (scan->worker->big.top == start + bytes) {
    scan->worker->big.top = start;
  }
}

/* Copies what follows the header. Small bodies by two overlapping moves: they are whole granules,
 * and at least one. */
GC_ALWAYS_INLINE void copy_body(uintptr_t to, uintptr_t from, size_t bytes) {
  uint8_t *target = (uint8_t *)to;
  const uint8_t *source = (const uint8_t *)from;
  if (bytes >= 24 && bytes <= 40) {
    __builtin_memcpy(target + 8, source + 8, 16);
    __builtin_memcpy(target + bytes - 16, source + bytes - 16, 16);
  } else if (bytes < 24) {
    __builtin_memcpy(target + 8, source + 8, 8);
  } else if (bytes <= 72) {
    __builtin_memcpy(target + 8, source + 8, 32);
    __builtin_memcpy(target + bytes - 32, source + bytes - 32, 32);
  } else {
    memcpy(target + 8, source + 8, bytes - 8);
  }
}

GC_ALWAYS_INLINE void write_live_bits(const struct gc_space *space, uintptr_t object,
                                      size_t bytes) {
  size_t first = gc_space_granule(space, object);
  gc_space_set_live(space, first, first + (bytes >> GC_GRANULE_BYTES_LOG2) - 1);
}

GC_ALWAYS_INLINE void count_copy(struct scan *scan, uintptr_t object, size_t bytes,
                                 bool is_promoted) {
  if (is_promoted) {
    scan->counts.promoted_bytes += bytes;
    scan->counts.promoted_objects++;
    scan->counts.second_survived_bytes += object - scan->aged_start < scan->aged_bytes ? bytes : 0;
  } else {
    scan->counts.survived_bytes += bytes;
    scan->counts.survived_objects++;
  }
}

/* A cycle marks: what is promoted has its mark bits before its address can be seen, so that a
 * marker that meets the address passes over it. */
static GC_NEVER_INLINE void mark_promoted(const struct gc_space *space, uintptr_t object,
                                          size_t bytes) {
  size_t first = gc_space_granule(space, object);
  size_t last = first + (bytes >> GC_GRANULE_BYTES_LOG2) - 1;
  (void)gc_bitmap_mark_atomic(space->mark_bits, first, last);
}

/* Another worker moved the object first. */
static GC_NEVER_INLINE void unmark_promoted(const struct gc_space *space, uintptr_t object,
                                            size_t bytes) {
  size_t first = gc_space_granule(space, object);
  gc_bitmap_clear_atomic(space->mark_bits, first, first + (bytes >> GC_GRANULE_BYTES_LOG2) - 1);
}

/* A grey promotion is scanned by markers after the scavenge (`overflow-is-flagged`). */
static GC_NEVER_INLINE void queue_grey(struct gc_worker *worker, uintptr_t object) {
  struct gc_heap *heap = worker->heap;
  if (!gc_mark_stack_push(&worker->grey_promoted, object | GC_MARK_AGAIN)) {
    gc_atomic_store_relaxed(&heap->old.blocks[gc_space_block(&heap->space, object)].overflowed, 1);
    gc_atomic_store_relaxed(&heap->overflowed, 1);
  }
}

/* Copies a from-space object and returns its new address. */
GC_ALWAYS_INLINE uintptr_t copy(struct scan *scan, uintptr_t object, uint64_t header,
                                const enum scavenge_threads threads) {
  size_t bytes = gc_header_size_bytes(header);
  bool must_promote = object - scan->promoted_start < scan->promoted_bytes;
  uintptr_t target = must_promote ? 0 : allocate_survivor(scan, bytes, threads);
  bool is_promoted = target == 0;
  if (is_promoted) {
    target = allocate_promoted(scan, bytes, threads);
  }
  bool is_coloured = is_promoted && scan->promotion_colour != GC_WHITE;
  if (GC_UNLIKELY(is_coloured)) {
    mark_promoted(&scan->scavenge->heap->space, target, bytes);
  }
  if (threads == SCAVENGE_PARALLEL) {
    uint64_t found = header;
    /* Who loses takes the address and nothing else; the body is read by others only after a lock
     * or the end of the job. Release, for the mark [pairs: ref-publish]. */
    if (!gc_atomic_compare_exchange_acq_rel((uint64_t *)object, &found, (uint64_t)target)) {
      if (GC_UNLIKELY(is_coloured)) {
        unmark_promoted(&scan->scavenge->heap->space, target, bytes);
      }
      unallocate(scan, target, bytes);
      return (uintptr_t)found;
    }
  }
  *(uint64_t *)target = is_promoted ? header | scan->promotion_header_or : header;
  copy_body(target, object, bytes);
  if (threads == SCAVENGE_SINGLE) {
    *(uint64_t *)object = (uint64_t)target;
  }
  if (threads == SCAVENGE_SINGLE && is_promoted && scan->writes_live_bits) {
    write_live_bits(&scan->scavenge->heap->space, target, bytes);
  }
  if (GC_UNLIKELY(is_coloured) && scan->promotion_colour == GC_GREY &&
      gc_header_slot_count(header) != 0) {
    queue_grey(scan->worker, target);
  }
  count_copy(scan, object, bytes, is_promoted);
  if (threads == SCAVENGE_PARALLEL && gc_header_slot_count(header) != 0) {
    push(scan, target);
  }
  return target;
}

GC_ALWAYS_INLINE bool is_young(const struct scan *scan, uintptr_t address) {
  return address - scan->young_start < scan->young_bytes;
}

/* Updates one slot. True when it holds a young reference afterwards. */
GC_ALWAYS_INLINE bool evacuate(struct scan *scan, struct gc_ref *slot,
                               const enum scavenge_threads threads) {
  /* Relaxed: slots are visited by one worker as a rule; a duplicate visitor writes the same value.
   */
  uintptr_t object = gc_atomic_load_relaxed(&slot->address);
  if (object - scan->from_start < scan->from_bytes) {
    uint64_t header = gc_atomic_load_relaxed((uint64_t *)object);
    object =
        (header & GC_HEADER_TAG) == 0 ? (uintptr_t)header : copy(scan, object, header, threads);
    gc_atomic_store_release(&slot->address, object); /* [pairs: ref-publish] */
  }
  return is_young(scan, object);
}

#endif
