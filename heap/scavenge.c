/* The scavenger. See scavenge.h for algorithm, invariants and costs. */
#include "heap/scavenge.h"
#include "heap/assert.h"
#include "heap/bitmap.h"
#include "heap/discard.h"
#include "heap/platform.h"
#include <string.h>

/* A worker's piece of the survivor area when several work. */
#define SURVIVOR_BUFFER_BYTES ((size_t)16 * 1024)

/* Predicted work from which helpers are woken: twice a wake-up (LIMITS: 92 to 114 us). */
#define HELPERS_FROM_NS UINT64_C(200000)

/* Ageing is switched off above this second survival, and tried again every so many scavenges. */
#define AGEING_OFF_FROM_PERCENT 80
#define AGEING_PROBE_SCAVENGES  16

/* Slots between the prefetch of an object's header and its copying. Chosen by LIMITS, as for
 * marking. */
#define PREFETCH_DEPTH 16

/* Copies between a prefetch and the scan that needs it, when one thread scans breadth first: eight
 * of 32 bytes. */
#define LOOK_AHEAD_BYTES ((uintptr_t)256)

/* Remembered ranges that are prefetched before the one being scanned. */
#define RANGES_AHEAD 4

/* Objects scanned between two looks at whether somebody waits for work. */
#define DONATE_EVERY_OBJECTS 32

enum scavenge_threads { SCAVENGE_SINGLE, SCAVENGE_PARALLEL };

struct scavenge {
  struct gc_heap *heap;
  uintptr_t from_start;
  size_t from_bytes;
  uintptr_t
      aged_start; /* what lies here is promoted; what lies elsewhere in from-space may survive */
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
  uintptr_t survivor_top, survivor_limit;
  uintptr_t small_top, small_limit;
  /* One thread: copies from here to the bump pointers are not scanned yet. */
  uintptr_t survivor_scan, small_scan;
  uintptr_t *stack_top, *stack_base, *stack_limit;
  struct gc_worker_counts counts;
  bool
      /* all remembered ranges are scanned and nobody else works: bitmaps may be written at once */
      writes_live_bits;
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
  if (threads == SCAVENGE_PARALLEL) {
    uint64_t found = header;
    /* Relaxed: who loses takes the address and nothing else; the body is read by others only after
     * a lock or the end of the job. */
    if (!gc_atomic_compare_exchange_relaxed((uint64_t *)object, &found, (uint64_t)target)) {
      unallocate(scan, target, bytes);
      return (uintptr_t)found;
    }
  }
  *(uint64_t *)target = header;
  copy_body(target, object, bytes);
  if (threads == SCAVENGE_SINGLE) {
    *(uint64_t *)object = (uint64_t)target;
  }
  if (threads == SCAVENGE_SINGLE && is_promoted && scan->writes_live_bits) {
    write_live_bits(&scan->scavenge->heap->space, target, bytes);
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
    gc_atomic_store_relaxed(&slot->address, object);
  }
  return is_young(scan, object);
}

static void remember_promoted(struct gc_worker *worker, uintptr_t object) {
  struct gc_segment *segment = worker->promoted_remembered;
  if (segment != NULL && segment->words[segment->count - 1] == object) {
    return;
  }
  if (segment == NULL || segment->count == GC_SEGMENT_WORDS) {
    struct gc_segment *fresh = gc_segment_acquire(&worker->heap->segments, GC_SEGMENT_BEYOND_LIMIT);
    GC_CHECK(fresh != NULL, "the metadata arena must hold the list of remembered promotions");
    fresh->next = segment;
    worker->promoted_remembered = segment = fresh;
  }
  segment->words[segment->count++] = object;
}

/* The slot of an old object holds a young reference: the next scavenge must find it. Of objects
 * promoted in this one that is said when all remembered ranges are scanned, once for the object. */
static void remember(struct gc_worker *worker, struct pending slot) {
  if ((slot.slot & FROM_REMEMBERED) != 0) {
    struct gc_heap *heap = worker->heap;
    heap->remembered->remember_slot(
        heap, worker, (struct gc_ref){slot.host},
        (struct gc_slot){(struct gc_ref *)(slot.slot & ~FROM_REMEMBERED)});
  } else if (slot.host != 0) {
    remember_promoted(worker, slot.host);
  }
}

GC_ALWAYS_INLINE void settle(struct scan *scan, struct pending due,
                             const enum scavenge_threads threads) {
  struct gc_ref *slot = (struct gc_ref *)(due.slot & ~FROM_REMEMBERED);
  if (evacuate(scan, slot, threads) && due.host != 0) {
    remember(scan->worker, due);
  }
}

/* A slot found while scanning: its object is prefetched, and the slot whose object has had time to
 * arrive is settled. */
GC_ALWAYS_INLINE void visit(struct scan *scan, struct pending slot,
                            const enum scavenge_threads threads) {
  /* Relaxed: as in evacuate. */
  uintptr_t object = gc_atomic_load_relaxed((uintptr_t *)(slot.slot & ~FROM_REMEMBERED));
  if (object - scan->from_start >= scan->from_bytes) {
    if (GC_UNLIKELY(is_young(scan, object)) && slot.host != 0) {
      remember(scan->worker, slot);
    }
    return;
  }
  __builtin_prefetch((const void *)object, 1);
  struct pending due = scan->pending[scan->place];
  scan->pending[scan->place] = slot;
  scan->place = (scan->place + 1) % PREFETCH_DEPTH;
  if (due.slot != 0) {
    settle(scan, due, threads);
  }
}

/* Settles the oldest pending slot; false when there is none. */
GC_ALWAYS_INLINE bool settle_oldest(struct scan *scan, const enum scavenge_threads threads) {
  for (size_t turn = 0; turn < PREFETCH_DEPTH; turn++) {
    struct pending due = scan->pending[scan->place];
    scan->pending[scan->place] = (struct pending){0};
    scan->place = (scan->place + 1) % PREFETCH_DEPTH;
    if (due.slot != 0) {
      settle(scan, due, threads);
      return true;
    }
  }
  return false;
}

/* Several threads. Last slot first, so that the first is popped first: a tree in depth-first order
 * is then copied in ascending order. */
GC_ALWAYS_INLINE void scan_object(struct scan *scan, uintptr_t object) {
  uintptr_t first = object + GC_HEADER_BYTES;
  uintptr_t slot = first + gc_header_slot_count(*(uint64_t *)object) * sizeof(struct gc_ref);
  uintptr_t host = is_young(scan, object) ? 0 : object;
  while (slot > first) {
    slot -= sizeof(struct gc_ref);
    visit(scan, (struct pending){slot, host}, SCAVENGE_PARALLEL);
  }
}

/* One thread: scans the copy at `object` and returns its end. */
GC_ALWAYS_INLINE uintptr_t scan_copy(struct scan *scan, uintptr_t object, uint64_t header) {
  struct gc_ref *slot = (struct gc_ref *)(object + GC_HEADER_BYTES);
  struct gc_ref *end = slot + gc_header_slot_count(header);
  bool holds_young = false;
  for (; slot < end; slot++) {
    holds_young |= evacuate(scan, slot, SCAVENGE_SINGLE);
  }
  if (GC_UNLIKELY(holds_young) && !is_young(scan, object)) {
    remember_promoted(scan->worker, object);
  }
  return object + gc_header_size_bytes(header);
}

/* Prefetches what the copies LOOK_AHEAD_BYTES further on refer to. Words of theirs that are no
 * references are passed over by value. */
GC_ALWAYS_INLINE void look_ahead(const struct scan *scan, uintptr_t object, uintptr_t next,
                                 uintptr_t top) {
  uintptr_t word = object + LOOK_AHEAD_BYTES, end = next + LOOK_AHEAD_BYTES;
  for (end = end < top ? end : top; word < end; word += sizeof(uintptr_t)) {
    uintptr_t value = *(uintptr_t *)word;
    if (value - scan->from_start < scan->from_bytes) {
      __builtin_prefetch((const void *)value, 1);
    }
  }
}

/* One thread, breadth first (Cheney 1970): the copies are the queue. Where a bump pointer left a
 * hole or a buffer before its copies were scanned, the range is on the stack. */
GC_ALWAYS_INLINE void drain_copies(struct scan *scan) {
  for (;;) {
    while (scan->small_scan < scan->small_top) {
      uintptr_t object = scan->small_scan;
      uint64_t header = *(uint64_t *)object;
      scan->small_scan = object + gc_header_size_bytes(header);
      look_ahead(scan, object, scan->small_scan, scan->small_top);
      scan_copy(scan, object, header);
    }
    if (scan->survivor_scan < scan->survivor_top) {
      uintptr_t object = scan->survivor_scan;
      uint64_t header = *(uint64_t *)object;
      scan->survivor_scan = object + gc_header_size_bytes(header);
      look_ahead(scan, object, scan->survivor_scan, scan->survivor_top);
      scan_copy(scan, object, header);
      continue;
    }
    uintptr_t end = pop(scan);
    if (end == 0) {
      return;
    }
    for (uintptr_t object = pop(scan); object < end;) {
      object = scan_copy(scan, object, *(uint64_t *)object);
    }
  }
}

static GC_NEVER_INLINE void donate(struct gc_worker *worker) {
  gc_mark_share_donate(&worker->heap->share, &worker->stack);
}

/* Several threads: until neither an object nor a slot is left to this worker. */
GC_ALWAYS_INLINE void drain_stack(struct scan *scan) {
  unsigned until_look = DONATE_EVERY_OBJECTS;
  do {
    uintptr_t object;
    while ((object = pop(scan)) != 0) {
      scan_object(scan, object);
      if (--until_look == 0) {
        until_look = DONATE_EVERY_OBJECTS;
        if (gc_mark_share_is_wanted(&scan->scavenge->heap->share)) {
          scan_store(scan);
          donate(scan->worker);
          scan_load(scan);
        }
      }
    }
  } while (settle_oldest(scan, SCAVENGE_PARALLEL));
}

/* The slots of one object that lie in [start, end). */
GC_ALWAYS_INLINE void scan_object_part(struct scan *scan, struct gc_ref object, size_t slot_count,
                                       uintptr_t start, uintptr_t end,
                                       const enum scavenge_threads threads) {
  uintptr_t slot = object.address + GC_HEADER_BYTES;
  uintptr_t slot_end = slot + slot_count * sizeof(struct gc_ref);
  slot = slot < start ? start : slot;
  slot_end = slot_end > end ? end : slot_end;
  for (; slot < slot_end; slot += sizeof(struct gc_ref)) {
    visit(scan, (struct pending){slot | FROM_REMEMBERED, object.address}, threads);
  }
}

/* The granule, counted in the block range, where the object begins that covers the first granule of
 * this card; the card's first granule when none does. A card is one word of the live bitmap, and no
 * bit lies between an object's first and last. */
static size_t first_object_on_card(const struct gc_space *space, size_t card_granule) {
  size_t word = card_granule / 64;
  if ((space->crossings[word / 64] >> word % 64 & 1) == 0) {
    return card_granule;
  }
  while (space->live_bits[--word] == 0) {
  }
  return word * 64 + 63 - (size_t)__builtin_clzll(space->live_bits[word]);
}

/* A remembered range in a block: at most one card, so one word of the live bitmap. */
GC_ALWAYS_INLINE void scan_block_range(struct scan *scan, uintptr_t start, uintptr_t end,
                                       const enum scavenge_threads threads) {
  const struct gc_space *space = &scan->scavenge->heap->space;
  size_t card_granule = gc_space_granule(space, start);
  uint64_t bits = space->live_bits[card_granule / 64];
  size_t first = first_object_on_card(space, card_granule);
  bool inside = first != card_granule;
  if (inside) {
    struct gc_ref object = {space->block_start + (first << GC_GRANULE_BYTES_LOG2)};
    scan_object_part(scan, object, gc_object_slot_count(object), start, end, threads);
  }
  for (; bits != 0; bits &= bits - 1) {
    if (!inside) {
      size_t granule = card_granule + (size_t)__builtin_ctzll(bits);
      struct gc_ref object = {space->block_start + (granule << GC_GRANULE_BYTES_LOG2)};
      scan_object_part(scan, object, gc_object_slot_count(object), start, end, threads);
    }
    inside = !inside;
  }
}

GC_ALWAYS_INLINE void scan_range(struct scan *scan, uintptr_t start, uintptr_t end,
                                 const enum scavenge_threads threads) {
  const struct gc_heap *heap = scan->scavenge->heap;
  if (gc_heap_is_in_block(heap, (struct gc_ref){start})) {
    scan_block_range(scan, start, end, threads);
    return;
  }
  struct gc_large *large = gc_large_space_find(&heap->large, start);
  if (large != NULL) {
    scan_object_part(scan, (struct gc_ref){large->address}, large->shape.slot_count, start, end,
                     threads);
  }
}

/* What scan_block_range reads first of a range: the words that say where objects begin, then the
 * objects. Ranges are as scattered as the mutator's stores. */
static void prefetch_range(const struct gc_space *space, const struct gc_remembered_batch *batch,
                           size_t index) {
  if (index + RANGES_AHEAD < batch->count) {
    uintptr_t start = batch->start[index + RANGES_AHEAD];
    if (start - space->block_start < space->block_count << GC_BLOCK_BYTES_LOG2) {
      size_t word = gc_space_granule(space, start) / 64;
      __builtin_prefetch(&space->live_bits[word]);
      __builtin_prefetch(&space->crossings[word / 64]);
      for (uintptr_t line = start; line < start + GC_CARD_BYTES; line += 64) {
        __builtin_prefetch((const void *)line, 1);
      }
    }
  }
}

GC_ALWAYS_INLINE void scan_remembered(struct scan *scan, const enum scavenge_threads threads) {
  struct gc_heap *heap = scan->scavenge->heap;
  struct gc_remembered_batch batch;
  while (heap->remembered->take_work(heap, scan->worker, &batch)) {
    for (size_t index = 0; index < batch.count; index++) {
      prefetch_range(&heap->space, &batch, index);
      scan_range(scan, batch.start[index], batch.end[index], threads);
    }
  }
}

/* Handles above the watermark, which moves to the lowest that holds a young reference afterwards.
 */
GC_ALWAYS_INLINE void scan_handles(struct scan *scan, struct gc_mutator *mutator,
                                   const enum scavenge_threads threads) {
  struct gc_ref *lowest_young = mutator->handle_top;
  for (struct gc_ref *handle = mutator->handle_top; handle-- > mutator->handle_watermark;) {
    if (evacuate(scan, handle, threads)) {
      lowest_young = handle;
    }
  }
  mutator->handle_watermark = lowest_young;
}

static struct gc_mutator_private *take_mutator(struct scavenge *scavenge, bool *takes_globals) {
  gc_spin_lock_acquire(&scavenge->lock);
  *takes_globals = !scavenge->roots_taken;
  scavenge->roots_taken = true;
  struct gc_mutator_private *mutator = scavenge->next_mutator;
  if (mutator != NULL) {
    scavenge->next_mutator = mutator->next;
  }
  gc_spin_lock_release(&scavenge->lock);
  return mutator;
}

GC_ALWAYS_INLINE void scan_roots(struct scan *scan, const enum scavenge_threads threads) {
  struct scavenge *scavenge = scan->scavenge;
  for (;;) {
    bool takes_globals = false;
    struct gc_mutator_private *mutator = take_mutator(scavenge, &takes_globals);
    if (takes_globals) {
      for (struct gc_root *root = scavenge->heap->roots; root != NULL; root = root->next) {
        evacuate(scan, &root->ref, threads);
      }
    }
    if (mutator == NULL) {
      return;
    }
    scan_handles(scan, &mutator->mutator, threads);
  }
}

/* What a worker promoted becomes part of the old space: live bits, and remembering of what holds
 * young references. */
static void publish_promoted(struct gc_worker *worker) {
  struct gc_heap *heap = worker->heap;
  gc_old_allocator_publish(&heap->old, &worker->small);
  gc_old_allocator_publish(&heap->old, &worker->big);
  for (struct gc_segment *segment = worker->promoted_remembered; segment != NULL;
       segment = segment->next) {
    for (size_t index = 0; index < segment->count; index++) {
      heap->remembered->remember_object(heap, worker, (struct gc_ref){segment->words[index]});
    }
  }
  gc_segment_release_list(&heap->segments, worker->promoted_remembered);
  worker->promoted_remembered = NULL;
}

GC_ALWAYS_INLINE struct scan begin_scan(struct scavenge *scavenge, struct gc_worker *worker,
                                        struct pending *pending) {
  const struct gc_space *space = &scavenge->heap->space;
  struct scan scan = {.scavenge = scavenge,
                      .worker = worker,
                      .from_start = scavenge->from_start,
                      .from_bytes = scavenge->from_bytes,
                      .young_start = space->nursery_start,
                      .young_bytes = space->nursery_bytes,
                      .aged_start = scavenge->aged_start,
                      .aged_bytes = scavenge->aged_bytes,
                      .promoted_start = scavenge->aged_start,
                      .promoted_bytes = scavenge->aged_bytes,
                      .pending = pending};
  if (scavenge->survivor_limit == scavenge->survivor_area) {
    promote_everything(&scan);
  }
  scan_load(&scan);
  scan.small_scan = scan.small_top;
  return scan;
}

GC_ALWAYS_INLINE void end_scan(const struct scan *scan) {
  struct gc_worker *worker = scan->worker;
  scan_store(scan);
  gc_worker_counts_add(&worker->counts, &scan->counts);
  gc_poison(scan->survivor_top, scan->survivor_limit - scan->survivor_top);
}

static void work_single(struct gc_worker *worker, struct scavenge *scavenge) {
  struct pending pending[PREFETCH_DEPTH] = {0};
  struct scan scan = begin_scan(scavenge, worker, pending);
  scan_roots(&scan, SCAVENGE_SINGLE);
  scan_remembered(&scan, SCAVENGE_SINGLE);
  while (settle_oldest(&scan, SCAVENGE_SINGLE)) {
  }
  scan_store(&scan);
  publish_promoted(worker);
  scan_load(&scan);
  scan.writes_live_bits = true;
  drain_copies(&scan);
  end_scan(&scan);
  gc_old_allocator_count_published(&scavenge->heap->old, &worker->small);
  publish_promoted(worker);
}

static void work_parallel(struct gc_worker *worker, struct scavenge *scavenge) {
  struct pending pending[PREFETCH_DEPTH] = {0};
  struct scan scan = begin_scan(scavenge, worker, pending);
  struct gc_mark_share *share = &scavenge->heap->share;
  struct gc_large *large = NULL;
  size_t first = 0, end = 0;
  enum gc_mark_work work = GC_MARK_SEGMENT;
  scan_roots(&scan, SCAVENGE_PARALLEL);
  scan_remembered(&scan, SCAVENGE_PARALLEL);
  while (work == GC_MARK_SEGMENT) {
    drain_stack(&scan);
    scan_store(&scan);
    work = gc_mark_share_take(share, &worker->stack, &large, &first, &end);
    scan_load(&scan);
  }
  end_scan(&scan);
  publish_promoted(worker);
}

/* Termination of the share means that every participant's remembered ranges are scanned, so what
 * follows may write bitmaps. */
static void scavenge_job(struct gc_worker *worker, void *context) {
  struct scavenge *scavenge = context;
  struct gc_heap *heap = scavenge->heap;
  if (worker->index > 0 && !gc_mark_share_join(&heap->share)) {
    return;
  }
  struct gc_phase_clock clock = gc_phase_begin();
  gc_mark_stack_init(&worker->stack, &heap->segments, GC_SEGMENT_BEYOND_LIMIT);
  work_parallel(worker, scavenge);
  gc_mark_stack_finish(&worker->stack);
  gc_phase_end(worker, clock, GC_PHASE_SCAVENGE);
}

static void scavenge_alone(struct gc_worker *worker, struct scavenge *scavenge) {
  struct gc_phase_clock clock = gc_phase_begin();
  gc_mark_stack_init(&worker->stack, &scavenge->heap->segments, GC_SEGMENT_BEYOND_LIMIT);
  work_single(worker, scavenge);
  gc_mark_stack_finish(&worker->stack);
  gc_phase_end(worker, clock, GC_PHASE_SCAVENGE);
}

static bool ages(struct gc_heap *heap) {
  struct gc_survival *survival = &heap->survival;
  if (heap->options.stress_move || survival->second_survival_percent <= AGEING_OFF_FROM_PERCENT) {
    return true;
  }
  survival->scavenges_without_ageing++;
  return survival->scavenges_without_ageing % AGEING_PROBE_SCAVENGES == 0;
}

/* From-space is the eden and the survivor area in use, which are neighbours. */
static struct scavenge prepare(struct gc_heap *heap, enum gc_promotion promotion) {
  struct gc_nursery *nursery = &heap->nursery;
  unsigned used = nursery->survivor_in_use;
  struct scavenge scavenge = {
      .heap = heap,
      .from_start = used == 0 ? nursery->survivor_start[0] : nursery->eden_start,
      .from_bytes = nursery->eden_bytes + nursery->survivor_bytes,
      .aged_start = nursery->survivor_start[used],
      .aged_bytes = nursery->survivor_bytes,
      .survivor_area = nursery->survivor_start[1 - used],
      .survivor_top = nursery->survivor_start[1 - used],
      .survivor_limit = nursery->survivor_start[1 - used] + nursery->survivor_bytes,
      .next_mutator = heap->mutators,
  };
  if (promotion == GC_PROMOTE_ALL || !ages(heap)) {
    scavenge.survivor_limit = scavenge.survivor_top;
  }
  return scavenge;
}

static void flip(struct gc_heap *heap, const struct scavenge *scavenge) {
  struct gc_nursery *nursery = &heap->nursery;
  nursery->survivor_in_use = 1 - nursery->survivor_in_use;
  nursery->survivor_top = scavenge->survivor_top;
  gc_atomic_store_relaxed(&nursery->survivor_used_bytes,
                          scavenge->survivor_top -
                              nursery->survivor_start[nursery->survivor_in_use]);
  gc_atomic_store_relaxed(&nursery->eden_top, nursery->eden_start);
  gc_discard(scavenge->from_start, scavenge->from_bytes);
}

static void learn(struct gc_heap *heap, const struct gc_worker_counts *counts,
                  size_t aged_used_bytes, uint64_t work_ns) {
  struct gc_survival *survival = &heap->survival;
  if (aged_used_bytes >= GC_OS_PAGE_BYTES) {
    uint64_t percent = counts->second_survived_bytes * 100 / aged_used_bytes;
    survival->second_survival_percent = (survival->second_survival_percent + percent) / 2;
  }
  uint64_t decayed = survival->recent_promoted_bytes - survival->recent_promoted_bytes / 8;
  survival->recent_promoted_bytes =
      counts->promoted_bytes > decayed ? counts->promoted_bytes : decayed;
  survival->recent_work_ns = (survival->recent_work_ns * 3 + work_ns) / 4;
}

void gc_scavenge_stw(struct gc_heap *heap, enum gc_promotion promotion) {
  uint64_t begin_ns = gc_platform_now_ns();
  struct gc_event_stop *record = &heap->stop.record;
  size_t aged_used_bytes = gc_nursery_survivor_used_bytes(&heap->nursery);
  heap->statistics.allocated_bytes +=
      gc_atomic_load_relaxed(&heap->nursery.eden_top) - heap->nursery.eden_start;
  gc_heap_retire_buffers_stw(heap);
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    heap->remembered->flush_mutator(heap, &mutator->mutator);
  }
  heap->remembered->begin_scavenge_stw(heap);
  struct scavenge scavenge = prepare(heap, promotion);
  if (heap->workers.count > 1 &&
      (heap->options.stress_move || heap->survival.recent_work_ns >= HELPERS_FROM_NS)) {
    gc_mark_share_reset(&heap->share);
    gc_workers_run(&heap->workers, scavenge_job, &scavenge, GC_WAKE_HELPERS);
  } else {
    scavenge_alone(&heap->workers.all[0], &scavenge);
  }
  heap->remembered->end_scavenge_stw(heap);
  flip(heap, &scavenge);

  uint64_t critical_ns = gc_phase_join(heap);
  uint64_t total_ns = record->cpu_total_ns;
  struct gc_worker_counts counts = gc_heap_collect_counts_stw(heap);
  uint64_t wall_ns = gc_platform_now_ns() - begin_ns;
  learn(heap, &counts, aged_used_bytes, total_ns);
  record->scavenge_ns += wall_ns;
  record->scavenge_cpu_ns += critical_ns;
  heap->statistics.scavenge_count++;
  heap->statistics.scavenge_ns += wall_ns;
  heap->statistics.last_scavenge_ns = wall_ns;
  GC_ASSERT(promotion != GC_PROMOTE_ALL || heap->remembered->is_empty(heap),
            "remembered-complete: after a full promotion no slot is remembered");
}
