/* The scavenger's queue: copies whose slots are still to be updated.
 *
 * Algorithm: breadth first, the copies being the queue (Cheney 1970): the survivor area from where
 * it is scanned to its top, and the ranges that the worker's allocators fill. What is found there
 * at once is a run. Several threads scan a long run piece by piece, newest copies first, and keep
 * the rest on a stack, from which they give to each other.
 *
 * Live bits are collected during the scan, since the copies of a run come in ascending order, and a
 * word of the bitmap is written once a run. All remembered ranges are scanned then, and nobody reads
 * bitmaps (`stable-when-walked`) but owners of blocks, beyond what they filled. Several threads may
 * scan neighbouring pieces: they write by atomic or.
 *
 * Costs: the loop that a scavenge spends its time in. One thread reaches 60 to 80 % of the ideal
 * copier's speed on trees of 32-byte objects (tricolor bench); the rest is the choice between
 * survivors and old space, live bits, remembering, and blocks. What the copies a little further on
 * refer to is prefetched, by their first two words, whether those are references or not: a test
 * would cost more than a prefetch in vain.
 */
#ifndef HEAP_SCAVENGE_DRAIN_H
#define HEAP_SCAVENGE_DRAIN_H

#include "heap/live_bits.h"
#include "heap/scavenge_copy.h"
#include "heap/scavenge_scan.h"

/* Between a prefetch and the scan that needs it: eight copies of 32 bytes. Chosen by measurement,
 * as 128 and 512 are slower. */
#define LOOK_AHEAD_BYTES ((uintptr_t)256)

/* Several threads: what is scanned between two looks at whether somebody waits for work. */
#define PIECE_BYTES ((size_t)4096)

/* Whose slots are updated: an old object that is left with a young reference is remembered. */
enum scavenge_host { HOST_YOUNG, HOST_OLD };

struct run {
  uintptr_t start, end;
};

GC_ALWAYS_INLINE void look_ahead(uintptr_t object, uintptr_t end) {
  const uintptr_t *words = (const uintptr_t *)(object + LOOK_AHEAD_BYTES);
  if (GC_LIKELY((uintptr_t)(words + 3) <= end)) {
    __builtin_prefetch((const void *)words[1], 1);
    __builtin_prefetch((const void *)words[2], 1);
  }
}

/* `moved-slots-complete`, for an object that was promoted: markers pass over a black one. */
static GC_NEVER_INLINE void record_moved_slots(struct gc_worker *worker, uintptr_t object,
                                               size_t slot_count) {
  struct gc_heap *heap = worker->heap;
  for (size_t index = 0; index < slot_count; index++) {
    struct gc_slot slot = gc_object_slot((struct gc_ref){object}, index);
    struct gc_ref ref = *slot.location;
    if (gc_heap_is_candidate(heap, ref)) {
      gc_moved_slots_record(heap, &worker->moved_slots, slot, ref);
    }
  }
}

/* Every copy is scanned once, and is counted then. */
GC_ALWAYS_INLINE void count_scanned(struct scan *scan, const enum scavenge_host host,
                                    uint64_t objects, size_t bytes) {
  struct gc_worker_counts *counts = &scan->counts;
  *(host == HOST_OLD ? &counts->promoted_objects : &counts->survived_objects) += objects;
  *(host == HOST_OLD ? &counts->promoted_bytes : &counts->survived_bytes) += bytes;
}

/* Scans copies from `object` on, the last one beginning before `stop`, and returns where it
 * stopped. There are copies up to `end`. */
GC_ALWAYS_INLINE uintptr_t scan_copies(struct scan *scan, uintptr_t object, uintptr_t stop,
                                       uintptr_t end, const enum scavenge_host host,
                                       const struct scavenge_kind kind) {
  const struct gc_space *space = &scan->scavenge->heap->space;
  const enum gc_live_bits_writers writers =
      kind.threads == SCAVENGE_SINGLE ? GC_LIVE_BITS_OWNED : GC_LIVE_BITS_SHARED;
  struct room room = scan->room;
  uintptr_t start = object;
  uint64_t objects = 0, live_bits = 0;
  while (object < stop) {
    uint64_t header = *(uint64_t *)object;
    size_t bytes = gc_header_size_bytes(header);
    struct gc_ref *slot = (struct gc_ref *)(object + GC_HEADER_BYTES);
    struct gc_ref *slot_end = slot + gc_header_slot_count(header);
    bool holds_young = false;
    look_ahead(object, end);
    for (; slot < slot_end; slot++) {
      uintptr_t held = evacuate(scan, &room, slot, kind);
      holds_young |= host == HOST_OLD && is_young(scan, held);
    }
    if (GC_UNLIKELY(holds_young)) {
      remember_promoted(scan->worker, object);
    }
    if (host == HOST_OLD && kind.notes == SCAVENGE_NOTING && scan->has_candidates) {
      record_moved_slots(scan->worker, object, gc_header_slot_count(header));
    }
    if (host == HOST_OLD) {
      live_bits = gc_live_bits_add(space, live_bits, object, bytes, writers);
    }
    objects++;
    object += bytes;
  }
  if (host == HOST_OLD) {
    gc_live_bits_end(space, live_bits, object, writers);
  }
  scan->room = room;
  count_scanned(scan, host, objects, object - start);
  return object;
}

GC_ALWAYS_INLINE uintptr_t scan_run(struct scan *scan, uintptr_t start, uintptr_t stop,
                                    uintptr_t end, const struct scavenge_kind kind) {
  return is_young(scan, start) ? scan_copies(scan, start, stop, end, HOST_YOUNG, kind)
                               : scan_copies(scan, start, stop, end, HOST_OLD, kind);
}

/* What lies in the allocator's ranges and was not taken before. */
static bool take_promoted_run(const struct gc_old_allocator *allocator, struct range_cursor *cursor,
                              struct run *run) {
  for (;;) {
    bool is_filled = cursor->range < allocator->range_count;
    struct gc_range range = {allocator->range_start, allocator->top};
    if (is_filled) {
      range = allocator->ranges[cursor->range];
    }
    *run = (struct run){range.start + cursor->scanned_bytes, range.end};
    if (run->start < run->end) {
      cursor->scanned_bytes = range.end - range.start;
      return true;
    }
    if (!is_filled) {
      return false;
    }
    *cursor = (struct range_cursor){cursor->range + 1, 0};
  }
}

/* Copies of this worker that are not scanned yet, if there are any. */
static bool take_own_run(struct scan *scan, struct run *run) {
  room_store(scan);
  if (scan->survivor_scan < scan->room.survivor_top) {
    *run = (struct run){scan->survivor_scan, scan->room.survivor_top};
    scan->survivor_scan = run->end;
    return true;
  }
  return take_promoted_run(&scan->worker->small, &scan->small_scan, run) ||
         take_promoted_run(&scan->worker->big, &scan->big_scan, run);
}

GC_ALWAYS_INLINE void drain_single(struct scan *scan, const struct scavenge_kind kind) {
  struct run run;
  while (take_own_run(scan, &run)) {
    scan_run(scan, run.start, run.end, run.end, kind);
  }
}

/* The end of the copy in the run that reaches its middle. */
static uintptr_t middle_of(struct run run) {
  uintptr_t middle = run.start, half = run.start + (run.end - run.start) / 2;
  while (middle < half) {
    middle += gc_header_size_bytes(*(uint64_t *)middle);
  }
  return middle;
}

/* Puts off what is left of a run, and gives of what was put off to those who wait. */
static void put_off(struct scan *scan, struct run run) {
  struct gc_mark_share *share = &scan->scavenge->heap->share;
  if (!gc_mark_share_is_wanted(share)) {
    push_range(scan, run.start, run.end);
    return;
  }
  uintptr_t middle = middle_of(run);
  push_range(scan, run.start, middle);
  push_range(scan, middle, run.end);
  gc_mark_share_donate(share, &scan->worker->stack);
}

static bool pop_run(struct gc_mark_stack *stack, struct run *run) {
  if (stack->top == stack->base && !gc_mark_stack_pop_segment(stack)) {
    return false;
  }
  uintptr_t entry = *--stack->top;
  uintptr_t address_mask = ((uintptr_t)1 << RANGE_ADDRESS_BITS) - 1;
  run->start = (entry & address_mask) << GC_GRANULE_BYTES_LOG2;
  run->end = run->start + (entry >> RANGE_ADDRESS_BITS << GC_GRANULE_BYTES_LOG2);
  return true;
}

static bool take_run(struct scan *scan, struct run *run) {
  return take_own_run(scan, run) || pop_run(&scan->worker->stack, run);
}

GC_ALWAYS_INLINE void drain_parallel(struct scan *scan, const struct scavenge_kind kind) {
  struct run run;
  while (take_run(scan, &run)) {
    uintptr_t stop = run.end - run.start > PIECE_BYTES ? run.start + PIECE_BYTES : run.end;
    run.start = scan_run(scan, run.start, stop, run.end, kind);
    put_off(scan, run);
  }
}

#endif
