/* The scavenger's hot half: where copies go, and copying.
 *
 * Everything here is a template of scavenge.c: inlined into instances that differ in a constant,
 * for a thread alone and for several, and for scavenges that note what they promote or not. A
 * thread alone stores forwarding addresses plainly; several decide by compare-and-exchange of the
 * header who copies, with the copy complete before.
 *
 * Invariant `forwarded-once`; see scavenge.h.
 *
 * Concurrency: as scavenge.h. While a cycle marks, a promotion gets its mark bits after its
 * contents and before its address can be seen [pairs: ref-publish]; markers pass over what is
 * marked, so nobody reads a copy that is not complete. Grey promotions are given to the markers
 * when the worker is done.
 *
 * Costs: per object a header, the move and the forwarding address. The bump pointers are a struct
 * of their own, struct room, whose address no function outside the loop may hold: with them in
 * registers the loop is half as fast again as with them in memory.
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

/* What an instance of the templates is made for. Measured: what plain instances leave out costs a
 * fifth of their speed. */
enum scavenge_threads { SCAVENGE_SINGLE, SCAVENGE_PARALLEL };
enum scavenge_notes {
  SCAVENGE_PLAIN,  /* no cycle marks, no candidates, nothing in from-space has survived before */
  SCAVENGE_NOTING, /* promotions may have to be coloured, recorded, or counted by age */
};
struct scavenge_kind {
  enum scavenge_threads threads;
  enum scavenge_notes notes;
};

#define SCAVENGE_KIND(threads, notes)                                                              \
  (struct scavenge_kind) {                                                                         \
    threads, notes                                                                                 \
  }

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
  unsigned scanning_remembered;            /* under lock: workers that scan remembered ranges */
  uint32_t remembered_scanned; /* atomic: they are scanned, all of them [pairs: remembered] */
  struct gc_spin_lock lock;
};

/* A slot that holds a from-space reference whose object is on its way into the cache. */
struct pending {
  uintptr_t slot; /* bit 0: found through the remembered set */
  uintptr_t host; /* the old object that it belongs to; 0 for a young one */
};

#define FROM_REMEMBERED ((uintptr_t)1)

/* Where the next copies go. */
struct room {
  uintptr_t small_top, small_limit;       /* the worker's hole for small promotions */
  uintptr_t survivor_top, survivor_limit; /* one thread: the area; several: the worker's buffer */
};

/* How far the copies in an allocator's ranges are scanned: the ranges filled in this scavenge, and
 * behind them the hole in use, are the queue. */
struct range_cursor {
  size_t range;         /* being scanned; as many as there are filled ones: the hole in use */
  size_t scanned_bytes; /* of it */
};

/* One worker's part of a scavenge. */
struct scan {
  struct scavenge *scavenge;
  struct gc_worker *worker;
  struct scavenge_kind kind;
  uintptr_t from_start, young_start, promoted_start, aged_start;
  size_t from_bytes, young_bytes;
  size_t promoted_bytes; /* what lies in [promoted_start, + promoted_bytes) is promoted */
  size_t aged_bytes;     /* what lies there has survived once before */
  enum gc_colour promotion_colour;
  uint64_t promotion_header_or; /* the heap's */
  bool has_candidates;          /* slots that refer into candidates are recorded */
  struct room room;             /* outside the loop, which works on a copy */
  uintptr_t survivor_scan;      /* survivors from here to the top are not scanned yet */
  struct range_cursor small_scan, big_scan;
  struct gc_worker_counts counts;
  size_t place;            /* of the oldest in the ring */
  struct pending *pending; /* ring of PREFETCH_DEPTH */
};

/* After the worker's allocator was used behind the scan's back, and before it is. */
GC_ALWAYS_INLINE void room_load(struct scan *scan) {
  scan->room.small_top = scan->worker->small.top;
  scan->room.small_limit = scan->worker->small.limit;
}

GC_ALWAYS_INLINE void room_store(const struct scan *scan) {
  scan->worker->small.top = scan->room.small_top;
}

/* Several threads: copies in [start, end) are to be scanned later. A range is one entry of a stack,
 * so that stacks can be shared by halves: length in granules above the address in granules. */
#define RANGE_ADDRESS_BITS 44

_Static_assert(GC_BLOCK_GRANULES < (size_t)1 << (64 - RANGE_ADDRESS_BITS),
               "the length of a range in a block fits above its address");

static void push_range(struct scan *scan, uintptr_t start, uintptr_t end) {
  if (start < end) {
    uintptr_t granules = (end - start) >> GC_GRANULE_BYTES_LOG2;
    bool pushed = gc_mark_stack_push(&scan->worker->stack, start >> GC_GRANULE_BYTES_LOG2 |
                                                               granules << RANGE_ADDRESS_BITS);
    GC_CHECK(pushed, "the metadata arena must hold the scavenger's stack");
  }
}

/* From here on everything is promoted: the survivor area is full, or not used in this scavenge. */
static void promote_everything(struct scan *scan) {
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

/* Several threads: room in a fresh buffer, or 0. A loser's copy that got a place of its own stays
 * there, as garbage. */
static uintptr_t allocate_survivor_slow(struct scan *scan, size_t bytes) {
  uintptr_t start = 0, end = 0;
  if (!take_survivor_buffer(scan->scavenge, bytes, &start, &end)) {
    return 0;
  }
  if (bytes > SURVIVOR_BUFFER_BYTES / 8) {
    push_range(scan, start, end);
    return start;
  }
  push_range(scan, scan->survivor_scan, scan->room.survivor_top);
  scan->survivor_scan = start;
  scan->room.survivor_top = start + bytes;
  scan->room.survivor_limit = end;
  return start;
}

static uintptr_t allocate_promoted_slow(struct scan *scan, size_t bytes) {
  struct gc_worker *worker = scan->worker;
  struct gc_old_allocator *allocator = bytes < GC_BIG_OBJECT_BYTES ? &worker->small : &worker->big;
  room_store(scan);
  uintptr_t start = gc_old_allocate(&worker->heap->old, allocator, bytes, GC_BUDGET_PROMOTION);
  GC_CHECK(start != 0, "promotion-guarantee: old space took less than the nursery's survivors");
  room_load(scan);
  return start;
}

GC_ALWAYS_INLINE bool must_promote(const struct scan *scan, uintptr_t object) {
  return object - scan->promoted_start < scan->promoted_bytes;
}

/* A place for a copy of the object, where the room at hand has none. */
static GC_NEVER_INLINE uintptr_t place_slow(struct scan *scan, uintptr_t object, size_t bytes) {
  if (!must_promote(scan, object)) {
    uintptr_t start =
        scan->kind.threads == SCAVENGE_PARALLEL ? allocate_survivor_slow(scan, bytes) : 0;
    if (start != 0) {
      return start;
    }
    if (bytes <= SURVIVOR_BUFFER_BYTES / 8) {
      promote_everything(scan);
    }
  }
  return allocate_promoted_slow(scan, bytes);
}

GC_ALWAYS_INLINE uintptr_t take_promoted(struct room *room, size_t bytes) {
  uintptr_t start = room->small_top;
  if (GC_UNLIKELY(start + bytes > room->small_limit || bytes >= GC_BIG_OBJECT_BYTES)) {
    return 0;
  }
  room->small_top = start + bytes;
  return start;
}

GC_ALWAYS_INLINE uintptr_t take_survivor(struct room *room, size_t bytes) {
  uintptr_t start = room->survivor_top;
  if (GC_UNLIKELY(start + bytes > room->survivor_limit)) {
    return 0;
  }
  room->survivor_top = start + bytes;
  return start;
}

GC_ALWAYS_INLINE bool is_young(const struct scan *scan, uintptr_t address) {
  return address - scan->young_start < scan->young_bytes;
}

/* Takes back what was allocated last, for a copy that lost the race. A survivor with a place of its
 * own ends nowhere else, even where the old space begins behind the nursery. */
GC_ALWAYS_INLINE void unallocate(struct scan *scan, struct room *room, uintptr_t start,
                                 size_t bytes) {
  if (room->survivor_top == start + bytes) {
    room->survivor_top = start;
  } else if (is_young(scan, start)) {
    return;
  } else if (room->small_top == start + bytes) {
    room->small_top = start;
  } else if (scan->worker->big.top == start + bytes) {
    scan->worker->big.top = start;
  }
}

/* Copies what follows the header, whole granules and at least one: small bodies by two overlapping
 * moves. */
GC_ALWAYS_INLINE void copy_body(uintptr_t to, uintptr_t from, size_t bytes) {
  uint8_t *target = (uint8_t *)to;
  const uint8_t *source = (const uint8_t *)from;
  if (GC_UNLIKELY(bytes == 16)) {
    __builtin_memcpy(target + 8, source + 8, 8);
  } else if (bytes <= 40) {
    __builtin_memcpy(target + 8, source + 8, 16);
    __builtin_memcpy(target + bytes - 16, source + bytes - 16, 16);
  } else {
    size_t offset = 8;
    for (; offset + 32 < bytes; offset += 32) {
      __builtin_memcpy(target + offset, source + offset, 32);
    }
    __builtin_memcpy(target + bytes - 32, source + bytes - 32, 32);
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

/* Copies a from-space object and returns its new address. The copy is complete, and marked where a
 * cycle marks, before anybody can meet its address. */
GC_ALWAYS_INLINE uintptr_t copy(struct scan *scan, struct room *room, uintptr_t object,
                                uint64_t header, const struct scavenge_kind kind) {
  size_t bytes = gc_header_size_bytes(header);
  bool is_promoted = must_promote(scan, object);
  uintptr_t target = is_promoted ? take_promoted(room, bytes) : take_survivor(room, bytes);
  if (GC_UNLIKELY(target == 0)) {
    scan->room = *room;
    target = place_slow(scan, object, bytes);
    *room = scan->room;
    is_promoted = !is_young(scan, target);
  }
  *(uint64_t *)target = is_promoted ? header | scan->promotion_header_or : header;
  copy_body(target, object, bytes);
  bool is_noted = is_promoted && kind.notes == SCAVENGE_NOTING;
  bool is_coloured = is_noted && scan->promotion_colour != GC_WHITE;
  if (GC_UNLIKELY(is_coloured)) {
    mark_promoted(&scan->scavenge->heap->space, target, bytes);
  }
  if (kind.threads == SCAVENGE_SINGLE) {
    *(uint64_t *)object = (uint64_t)target;
  } else {
    uint64_t found = header;
    /* Release, for whoever finds the address here and stores it where markers look [pairs:
     * ref-publish]. Who loses takes the address and nothing else. */
    if (!gc_atomic_compare_exchange_acq_rel((uint64_t *)object, &found, (uint64_t)target)) {
      if (GC_UNLIKELY(is_coloured)) {
        unmark_promoted(&scan->scavenge->heap->space, target, bytes);
      }
      unallocate(scan, room, target, bytes);
      return (uintptr_t)found;
    }
  }
  if (GC_UNLIKELY(is_coloured) && scan->promotion_colour == GC_GREY &&
      gc_header_slot_count(header) != 0) {
    queue_grey(scan->worker, target);
  }
  if (is_noted) {
    scan->counts.second_survived_bytes += object - scan->aged_start < scan->aged_bytes ? bytes : 0;
  }
  return target;
}

/* Acquire where another worker may have stored the forwarding address: whoever publishes it further
 * has that worker's copy and its mark bits before it [pairs: ref-publish]. */
GC_ALWAYS_INLINE uint64_t load_header(uintptr_t object, const struct scavenge_kind kind) {
  return kind.threads == SCAVENGE_PARALLEL ? gc_atomic_load_acquire((uint64_t *)object)
                                           : gc_atomic_load_relaxed((uint64_t *)object);
}

/* Updates a slot that refers into from-space, and returns what it holds then; 0: it did not. */
GC_ALWAYS_INLINE uintptr_t evacuate(struct scan *scan, struct room *room, struct gc_ref *slot,
                                    const struct scavenge_kind kind) {
  /* Relaxed: slots are visited by one worker as a rule; a duplicate visitor writes the same value.
   */
  uintptr_t object = gc_atomic_load_relaxed(&slot->address);
  if (object - scan->from_start >= scan->from_bytes) {
    return 0;
  }
  uint64_t header = load_header(object, kind);
  if (GC_LIKELY((header & GC_HEADER_TAG) != 0)) {
    header = copy(scan, room, object, header, kind);
  }
  gc_atomic_store_release(&slot->address, (uintptr_t)header); /* [pairs: ref-publish] */
  return (uintptr_t)header;
}

#endif
