/* The mark loop. See trace.h for algorithm, overflow and costs. */
#include "heap/trace.h"
#include "heap/assert.h"
#include "heap/bitmap.h"
#include "heap/platform.h"
#include "heap/regrey.h"
#include <string.h>

/* Chosen by LIMITS, where 16 deep is 2.3 to 5 times as fast as none on shuffled and random layouts.
 */
#define PREFETCH_DEPTH 16

/* Slots that are pushed between two looks at the room on the stack. */
#define SLOTS_PER_ROOM_CHECK ((size_t)128)

/* Objects processed between two looks at whether somebody waits for work, or for this marker; those
 * that turn out to be marked already count too. */
#define LOOK_EVERY_OBJECTS 32

/* A look counts this many slots as another object. */
#define SLOTS_PER_OBJECT 16

/* Looks between two readings of the clock. */
#define DEADLINE_EVERY_LOOKS 8

/* What an instance of the loop is made for. */
enum trace_threads { TRACE_SINGLE, TRACE_PARALLEL };
/* RECORDS: slots that refer into evacuation candidates are noted (heap/moved_slots.h). WATCHES:
 * that too, and objects that are marked are looked up by who waits for them (heap/weak.h). */
enum trace_slots { TRACE_FOLLOWS, TRACE_RECORDS, TRACE_WATCHES };

struct trace_kind {
  enum trace_threads threads;
  /* BESIDE: mutators, scavenges and barriers may be at work, or have left their traces: old slots
   * that hold young references, entries to be scanned again. */
  enum gc_trace_world world;
  enum trace_slots slots;
};

#define TRACE_KIND(threads, world, slots)                                                          \
  (struct trace_kind) {                                                                            \
    threads, world, slots                                                                          \
  }

_Static_assert((PREFETCH_DEPTH & (PREFETCH_DEPTH - 1)) == 0, "the buffer wraps by masking");
_Static_assert(SLOTS_PER_ROOM_CHECK <= GC_SEGMENT_WORDS, "a piece fits an empty segment");

/* Marks in the descriptor. True when the object was not marked before. */
static bool mark_large(struct gc_large *large) {
  /* Relaxed: as in gc_bitmap_mark_atomic. */
  return gc_atomic_load_relaxed(&large->marked) == 0 &&
         gc_atomic_exchange_relaxed(&large->marked, 1) == 0;
}

/* `overflow-is-flagged`: the object is marked and not scanned; whoever finds the flag scans it. */
static void mark_and_flag(struct gc_worker *worker, uintptr_t entry) {
  size_t bytes = gc_marking_overflow(worker->heap, entry);
  worker->counts.marked_bytes += bytes;
  worker->counts.marked_objects += bytes > 0;
}

/* Marking a large object: its pieces go to the share. */
static GC_NEVER_INLINE void process_large(struct gc_worker *worker, uint64_t header) {
  struct gc_large *large = gc_large_of(header);
  if (mark_large(large)) {
    worker->counts.marked_bytes += large->shape.size_bytes;
    worker->counts.marked_objects++;
    if (large->shape.slot_count > 0) {
      gc_mark_share_add_large(&worker->heap->marking.share, large);
    }
  }
}

static GC_NEVER_INLINE bool make_stack_room(struct gc_mark_stack *stack, uintptr_t *top) {
  stack->top = top;
  return gc_mark_stack_extend(stack);
}

/* The mark loop's variables that must stay in registers; the rest is in the worker. */
struct cursor {
  uintptr_t *top, *limit;
};

/* A reference that a marker may follow. */
GC_ALWAYS_INLINE bool is_followed(const struct gc_heap *heap, uintptr_t object,
                                  const struct trace_kind kind) {
  return object != 0 && (kind.world == GC_TRACE_STOPPED ||
                         object - heap->space.nursery_start >= heap->space.nursery_bytes);
}

GC_ALWAYS_INLINE uintptr_t load_slot(const struct gc_ref *slot, const struct trace_kind kind) {
  /* Beside the mutators acquire [pairs: ref-publish]; relaxed where the world is stopped. */
  return kind.world == GC_TRACE_BESIDE ? gc_atomic_load_acquire(&slot->address)
                                       : gc_atomic_load_relaxed(&slot->address);
}

GC_ALWAYS_INLINE void note_slot(struct gc_worker *worker, const struct gc_ref *slot,
                                uintptr_t object, const struct trace_kind kind) {
  if (kind.slots != TRACE_FOLLOWS) {
    gc_trace_note_slot(worker, (struct gc_slot){(struct gc_ref *)slot}, (struct gc_ref){object});
  }
}

GC_ALWAYS_INLINE void overflow_slots(struct gc_worker *worker, const struct gc_ref *slot,
                                     const struct gc_ref *end, const struct trace_kind kind) {
  for (; slot < end; slot++) {
    uintptr_t object = load_slot(slot, kind);
    if (is_followed(worker->heap, object, kind)) {
      note_slot(worker, slot, object, kind);
      mark_and_flag(worker, object);
    }
  }
}

/* Pushes the references in [slot, end), which the current segment has room for. Last slot first, so
 * that the first is popped first: a tree in depth-first order is then read in ascending order. */
GC_ALWAYS_INLINE uintptr_t *push_fitting(struct gc_worker *worker, uintptr_t *top,
                                         const struct gc_ref *slot, const struct gc_ref *end,
                                         const struct trace_kind kind) {
  for (const struct gc_ref *next = end; next-- > slot;) {
    uintptr_t object = load_slot(next, kind);
    if (is_followed(worker->heap, object, kind)) {
      note_slot(worker, next, object, kind);
      *top++ = object;
    }
  }
  return top;
}

/* Room for a piece is made where there is none. */
GC_ALWAYS_INLINE void push_pieces(struct gc_worker *worker, struct cursor *cursor,
                                  const struct gc_ref *slot, const struct gc_ref *end,
                                  const struct trace_kind kind) {
  while (slot < end) {
    const struct gc_ref *piece_end =
        (size_t)(end - slot) > SLOTS_PER_ROOM_CHECK ? slot + SLOTS_PER_ROOM_CHECK : end;
    bool has_room = (size_t)(cursor->limit - cursor->top) >= (size_t)(piece_end - slot);
    if (!has_room) {
      has_room = make_stack_room(&worker->stack, cursor->top);
      *cursor = (struct cursor){worker->stack.top, worker->stack.limit};
    }
    if (has_room) {
      cursor->top = push_fitting(worker, cursor->top, slot, piece_end, kind);
    } else {
      overflow_slots(worker, slot, piece_end, kind);
    }
    slot = piece_end;
  }
}

/* Pushes the references in [slot, end). */
GC_ALWAYS_INLINE void push_slots(struct gc_worker *worker, struct cursor *cursor,
                                 const struct gc_ref *slot, const struct gc_ref *end,
                                 const struct trace_kind kind) {
  if (GC_LIKELY((uintptr_t)cursor->top + ((uintptr_t)end - (uintptr_t)slot) <=
                (uintptr_t)cursor->limit)) {
    cursor->top = push_fitting(worker, cursor->top, slot, end, kind);
  } else {
    push_pieces(worker, cursor, slot, end, kind);
  }
}

GC_ALWAYS_INLINE bool mark_small(uint64_t *mark_words, size_t first, size_t last,
                                 const struct trace_kind kind) {
  return kind.threads == TRACE_PARALLEL || kind.world == GC_TRACE_BESIDE
             ? gc_bitmap_mark_atomic(mark_words, first, last)
             : gc_bitmap_mark_plain(mark_words, first, last);
}

static void look_for_waiting(struct gc_worker *worker, struct cursor *cursor) {
  if (gc_mark_share_is_wanted(&worker->heap->marking.share)) {
    worker->stack.top = cursor->top;
    gc_mark_share_donate(&worker->heap->marking.share, &worker->stack);
    cursor->top = worker->stack.top;
  }
}

void gc_trace_overflow(struct gc_worker *worker, uintptr_t entry) {
  mark_and_flag(worker, entry);
}

/* When a drain ends before it is dry. */
static bool is_told(struct gc_worker *worker, struct gc_trace_limits *limits) {
  /* Relaxed: whoever set it waits until this thread rests. */
  if (gc_atomic_load_relaxed(limits->stop_flag) != 0) {
    return true;
  }
  gc_atomic_store_relaxed(&worker->marked_so_far_bytes, worker->counts.marked_bytes);
  limits->looks++;
  if (limits->objects_max != 0 && limits->looks * LOOK_EVERY_OBJECTS >= limits->objects_max) {
    return true;
  }
  if (limits->deadline_ns == 0 || limits->looks % DEADLINE_EVERY_LOOKS != 0) {
    return false;
  }
  return gc_platform_now_ns() >= limits->deadline_ns;
}

/* Scans an object, or a piece of a large one, whatever its colour: its mutator stored into it.
 * Returns the number of its slots. */
static GC_NEVER_INLINE size_t scan_again(struct gc_worker *worker, struct cursor *cursor,
                                         uintptr_t address) {
  struct gc_heap *heap = worker->heap;
  const struct trace_kind kind = {TRACE_PARALLEL, GC_TRACE_BESIDE, TRACE_RECORDS};
  struct gc_ref object = {address};
  const struct gc_ref *slot = (const struct gc_ref *)(address + GC_HEADER_BYTES), *end = slot;
  if (gc_heap_is_large(heap, object)) {
    const struct gc_large *large = gc_large_space_find(&heap->large, address);
    const struct gc_ref *first = (const struct gc_ref *)(large->address + GC_HEADER_BYTES);
    const struct gc_ref *piece_end = (const struct gc_ref *)(address + GC_CARD_BYTES);
    gc_regrey_clear_large(heap, address, address + GC_CARD_BYTES);
    slot = address == large->address ? first : (const struct gc_ref *)address;
    end = first + large->shape.slot_count;
    end = end < piece_end ? end : piece_end;
  } else {
    (void)gc_regrey_clear(object);
    end = slot + gc_header_slot_count(gc_object_header(object));
  }
  if (slot >= end) {
    return 0;
  }
  push_slots(worker, cursor, slot, end, kind);
  worker->counts.marked_slots += (uint64_t)(end - slot);
  return (size_t)(end - slot);
}

/* An object was marked that ephemerons may wait for. */
static GC_NEVER_INLINE void watch_marked(struct gc_worker *worker, struct cursor *cursor,
                                         uintptr_t object) {
  worker->stack.top = cursor->top;
  gc_weak_marked(worker, object);
  *cursor = (struct cursor){worker->stack.top, worker->stack.limit};
}

/* Gives what the buffer holds back to the stack. */
static void unwind(struct gc_worker *worker, struct cursor *cursor, const uintptr_t *fifo) {
  worker->stack.top = cursor->top;
  for (size_t place = 0; place < PREFETCH_DEPTH; place++) {
    if (fifo[place] != 0 && !gc_mark_stack_push(&worker->stack, fifo[place])) {
      mark_and_flag(worker, fifo[place]);
    }
  }
  cursor->top = worker->stack.top;
}

/* What is left until the next look when an object with so many slots was processed. One thread alone
 * looks at nothing. */
GC_ALWAYS_INLINE size_t until_look_after(size_t until_look, size_t slot_count,
                                         const struct trace_kind kind) {
  if (kind.threads == TRACE_SINGLE) {
    return until_look;
  }
  size_t work = 1 + slot_count / SLOTS_PER_OBJECT;
  return until_look > work ? until_look - work : 0;
}

/* The prefetch buffer's oldest entry that is one, from *place on; 0 when it is empty. */
GC_ALWAYS_INLINE uintptr_t take_oldest(uintptr_t *fifo, size_t *place) {
  for (size_t looked = 0; looked < PREFETCH_DEPTH; looked++) {
    uintptr_t object = fifo[*place % PREFETCH_DEPTH];
    fifo[(*place)++ % PREFETCH_DEPTH] = 0;
    if (object != 0) {
      return object;
    }
  }
  return 0;
}

/* What the loop has counted. Few and narrow: they live in registers. */
struct tally {
  uint64_t marked_bytes, marked_objects, slot_bytes;
};

/* Marks what left the prefetch buffer and pushes what it refers to. Returns what that counts towards
 * the next look, in slots. */
GC_ALWAYS_INLINE size_t process(struct gc_worker *worker, struct cursor *cursor,
                                struct tally *tally, uint64_t *mark_words, uintptr_t object,
                                const struct trace_kind kind) {
  if (kind.world == GC_TRACE_BESIDE && GC_UNLIKELY((object & GC_MARK_AGAIN) != 0)) {
    return scan_again(worker, cursor, object & ~GC_MARK_AGAIN);
  }
  size_t first = object >> GC_GRANULE_BYTES_LOG2;
  /* The mark comes before the header: a promotion that is marked may still be under way. */
  if (kind.world == GC_TRACE_BESIDE &&
      GC_LIKELY(gc_heap_is_in_block(worker->heap, (struct gc_ref){object})) &&
      gc_bitmap_test(mark_words, first)) {
    return 0;
  }
  uint64_t header = gc_atomic_load_relaxed((uint64_t *)object);
  if (GC_UNLIKELY(gc_header_is_large(header))) {
    process_large(worker, header);
    if (kind.slots == TRACE_WATCHES) {
      watch_marked(worker, cursor, object);
    }
    return 0;
  }
  size_t bytes = gc_header_size_bytes(header);
  size_t last = (object + bytes - 1) >> GC_GRANULE_BYTES_LOG2;
  if (!mark_small(mark_words, first, last, kind)) {
    return 0;
  }
  size_t slot_bytes = gc_header_slot_count(header) * sizeof(struct gc_ref);
  tally->marked_bytes += bytes;
  tally->marked_objects++;
  tally->slot_bytes += slot_bytes;
  if (kind.world == GC_TRACE_BESIDE) {
    (void)gc_regrey_clear((struct gc_ref){object});
  }
  uintptr_t slot = object + GC_HEADER_BYTES;
  push_slots(worker, cursor, (const struct gc_ref *)slot,
             (const struct gc_ref *)(slot + slot_bytes), kind);
  if (kind.slots == TRACE_WATCHES) {
    watch_marked(worker, cursor, object);
  }
  return slot_bytes / sizeof(struct gc_ref);
}

/* Drains the worker's own stack and prefetch buffer. False when it was told to stop before. */
GC_ALWAYS_INLINE bool drain_own(struct gc_worker *worker, struct gc_trace_limits *limits,
                                const struct trace_kind kind) {
  struct gc_mark_stack *stack = &worker->stack;
  uint64_t *const mark_words = gc_space_mark_words_by_address(&worker->heap->space);
  uintptr_t fifo[PREFETCH_DEPTH] = {0};
  struct cursor cursor = {stack->top, stack->limit};
  struct tally tally = {0};
  size_t place = 0, until_look = LOOK_EVERY_OBJECTS;
  bool is_dry = true;
  for (;;) {
    if (kind.threads == TRACE_PARALLEL && GC_UNLIKELY(until_look == 0)) {
      until_look = LOOK_EVERY_OBJECTS;
      look_for_waiting(worker, &cursor);
      if (kind.world == GC_TRACE_BESIDE) {
        worker->counts.marked_bytes += tally.marked_bytes;
        tally.marked_bytes = 0;
        if (is_told(worker, limits)) {
          unwind(worker, &cursor, fifo);
          is_dry = false;
          break;
        }
      }
    }
    uintptr_t object;
    if (GC_LIKELY(cursor.top != stack->base)) {
      uintptr_t incoming = *--cursor.top;
      __builtin_prefetch((const void *)incoming);
      __builtin_prefetch(&mark_words[(incoming >> GC_GRANULE_BYTES_LOG2) / GC_BITS_PER_WORD]);
      object = fifo[place % PREFETCH_DEPTH];
      fifo[place++ % PREFETCH_DEPTH] = incoming;
      if (object == 0) {
        continue;
      }
    } else if (stack->full != NULL) {
      stack->top = cursor.top;
      gc_mark_stack_pop_segment(stack);
      cursor = (struct cursor){stack->top, stack->limit};
      continue;
    } else {
      object = take_oldest(fifo, &place);
      if (object == 0) {
        break;
      }
    }
    size_t slots = process(worker, &cursor, &tally, mark_words, object, kind);
    until_look = until_look_after(until_look, slots, kind);
  }
  stack->top = cursor.top;
  worker->counts.marked_bytes += tally.marked_bytes;
  worker->counts.marked_objects += tally.marked_objects;
  worker->counts.marked_slots += tally.slot_bytes / sizeof(struct gc_ref);
  return is_dry;
}

GC_ALWAYS_INLINE void scan_large_piece(struct gc_worker *worker, const struct gc_large *large,
                                       size_t first, size_t end, const struct trace_kind kind) {
  const struct gc_ref *slots = (const struct gc_ref *)(large->address + GC_HEADER_BYTES);
  struct cursor cursor = {worker->stack.top, worker->stack.limit};
  if (kind.world == GC_TRACE_BESIDE) {
    gc_regrey_clear_large(worker->heap, (uintptr_t)(slots + first), (uintptr_t)(slots + end));
  }
  push_slots(worker, &cursor, slots + first, slots + end, kind);
  worker->stack.top = cursor.top;
  worker->counts.marked_slots += end - first;
}

static enum gc_trace_end end_told(struct gc_worker *worker) {
  struct gc_mark_share *share = &worker->heap->marking.share;
  gc_mark_share_give_all(share, &worker->stack);
  gc_mark_share_leave(share);
  return GC_TRACE_TOLD;
}

/* Drains until every participant is dry, or this one is told to stop: it then gives away what it
 * holds and takes part no longer. */
GC_ALWAYS_INLINE enum gc_trace_end drain(struct gc_worker *worker, struct gc_trace_limits *limits,
                                         const struct trace_kind kind) {
  struct gc_mark_share *share = &worker->heap->marking.share;
  const uint32_t *stop_flag = kind.world == GC_TRACE_BESIDE ? limits->stop_flag : NULL;
  /* Whoever has a deadline does not spend it on waiting for others. */
  enum gc_mark_wait wait = kind.world == GC_TRACE_BESIDE && limits->deadline_ns != 0
                               ? GC_MARK_DOES_NOT_WAIT
                               : GC_MARK_WAITS;
  for (;;) {
    struct gc_large *large = NULL;
    size_t first = 0, end = 0;
    if (!drain_own(worker, limits, kind)) {
      return end_told(worker);
    }
    switch (
        gc_mark_share_take_unless(share, &worker->stack, &large, &first, &end, stop_flag, wait)) {
    case GC_MARK_TERMINATED:
      return GC_TRACE_DRY;
    case GC_MARK_TOLD:
      return GC_TRACE_TOLD;
    case GC_MARK_LARGE:
      scan_large_piece(worker, large, first, end, kind);
      if (kind.world == GC_TRACE_BESIDE && is_told(worker, limits)) {
        return end_told(worker);
      }
      break;
    case GC_MARK_SEGMENT:
      break;
    }
  }
}

/* Candidates are chosen before a cycle marks, and stay until it has marked. */
void gc_trace_drain_single(struct gc_worker *worker) {
  if (worker->heap->moved.has_candidates != 0) {
    (void)drain(worker, NULL, TRACE_KIND(TRACE_SINGLE, GC_TRACE_STOPPED, TRACE_RECORDS));
  } else {
    (void)drain(worker, NULL, TRACE_KIND(TRACE_SINGLE, GC_TRACE_STOPPED, TRACE_FOLLOWS));
  }
}

void gc_trace_drain_parallel(struct gc_worker *worker) {
  if (worker->heap->moved.has_candidates != 0) {
    (void)drain(worker, NULL, TRACE_KIND(TRACE_PARALLEL, GC_TRACE_STOPPED, TRACE_RECORDS));
  } else {
    (void)drain(worker, NULL, TRACE_KIND(TRACE_PARALLEL, GC_TRACE_STOPPED, TRACE_FOLLOWS));
  }
}

enum gc_trace_end gc_trace_drain_beside(struct gc_worker *worker, struct gc_trace_limits *limits) {
  if (gc_weak_is_watching(&worker->heap->weak)) {
    return drain(worker, limits, TRACE_KIND(TRACE_PARALLEL, GC_TRACE_BESIDE, TRACE_WATCHES));
  }
  return worker->heap->moved.has_candidates != 0
             ? drain(worker, limits, TRACE_KIND(TRACE_PARALLEL, GC_TRACE_BESIDE, TRACE_RECORDS))
             : drain(worker, limits, TRACE_KIND(TRACE_PARALLEL, GC_TRACE_BESIDE, TRACE_FOLLOWS));
}
