/* The mark loop. See trace.h for algorithm, overflow and costs. */
#include "heap/trace.h"
#include "heap/assert.h"
#include "heap/bitmap.h"
#include <string.h>

/* Chosen by LIMITS, where 16 deep is 2.3 to 5 times as fast as none on shuffled and random layouts.
 */
#define PREFETCH_DEPTH 16

/* Slots that are pushed between two looks at the room on the stack. */
#define SLOTS_PER_ROOM_CHECK ((size_t)128)

/* Objects processed between two looks at whether somebody waits for work. */
#define DONATE_EVERY_OBJECTS 64

enum trace_threads { TRACE_SINGLE, TRACE_PARALLEL };

_Static_assert((PREFETCH_DEPTH & (PREFETCH_DEPTH - 1)) == 0, "the buffer wraps by masking");
_Static_assert(SLOTS_PER_ROOM_CHECK <= GC_SEGMENT_WORDS, "a piece fits an empty segment");

/* Marks in the descriptor. True when the object was not marked before. */
static bool mark_large(struct gc_large *large) {
  /* Relaxed: as in gc_bitmap_mark_atomic. */
  return gc_atomic_load_relaxed(&large->marked) == 0 &&
         gc_atomic_exchange_relaxed(&large->marked, 1) == 0;
}

static bool mark_small_atomic(const struct gc_heap *heap, uintptr_t object, uint64_t header) {
  size_t first = gc_space_granule(&heap->space, object);
  size_t last = first + (gc_header_size_bytes(header) >> GC_GRANULE_BYTES_LOG2) - 1;
  return gc_bitmap_mark_atomic(heap->space.mark_bits, first, last);
}

/* `overflow-is-flagged`: the object is marked and not scanned; whoever finds the flag scans it. */
static void mark_and_flag(struct gc_worker *worker, uintptr_t object) {
  struct gc_heap *heap = worker->heap;
  uint64_t header = gc_object_header((struct gc_ref){object});
  if (gc_header_is_large(header)) {
    struct gc_large *large = gc_large_of(header);
    if (mark_large(large)) {
      worker->counts.marked_bytes += large->shape.size_bytes;
      worker->counts.marked_objects++;
      gc_atomic_store_relaxed(&large->overflowed, 1);
      gc_atomic_store_relaxed(&heap->overflowed, 1);
    }
  } else if (mark_small_atomic(heap, object, header)) {
    worker->counts.marked_bytes += gc_header_size_bytes(header);
    worker->counts.marked_objects++;
    gc_atomic_store_relaxed(&heap->old.blocks[gc_space_block(&heap->space, object)].overflowed, 1);
    gc_atomic_store_relaxed(&heap->overflowed, 1);
  }
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

static GC_NEVER_INLINE void overflow_slots(struct gc_worker *worker, const struct gc_ref *slot,
                                           const struct gc_ref *end) {
  for (; slot < end; slot++) {
    uintptr_t object = gc_atomic_load_relaxed(&slot->address);
    if (object != 0) {
      mark_and_flag(worker, object);
    }
  }
}

/* The mark loop's variables that must stay in registers; the rest is in the worker. */
struct cursor {
  uintptr_t *top, *limit;
};

/* Pushes the references in [slot, end). */
GC_ALWAYS_INLINE void push_slots(struct gc_worker *worker, struct cursor *cursor,
                                 const struct gc_ref *slot, const struct gc_ref *end) {
  while (slot < end) {
    const struct gc_ref *piece_end =
        (size_t)(end - slot) > SLOTS_PER_ROOM_CHECK ? slot + SLOTS_PER_ROOM_CHECK : end;
    if (GC_UNLIKELY((size_t)(cursor->limit - cursor->top) < (size_t)(piece_end - slot))) {
      bool extended = make_stack_room(&worker->stack, cursor->top);
      cursor->top = worker->stack.top;
      cursor->limit = worker->stack.limit;
      if (!extended) {
        overflow_slots(worker, slot, piece_end);
        slot = piece_end;
        continue;
      }
    }
    uintptr_t *top = cursor->top;
    /* Last slot first, so that the first is popped first: a tree in depth-first order is then read
     * in ascending order. */
    for (const struct gc_ref *next = piece_end; next-- > slot;) {
      /* Relaxed where the world is stopped; concurrent markers load with acquire in an instance of
       * their own. */
      uintptr_t object = gc_atomic_load_relaxed(&next->address);
      if (object != 0) {
        *top++ = object;
      }
    }
    slot = piece_end;
    cursor->top = top;
  }
}

GC_ALWAYS_INLINE bool mark_small(uint64_t *mark_bits, size_t first, size_t last,
                                 const enum trace_threads threads) {
  return threads == TRACE_PARALLEL ? gc_bitmap_mark_atomic(mark_bits, first, last)
                                   : gc_bitmap_mark_plain(mark_bits, first, last);
}

static void look_for_waiting(struct gc_worker *worker, struct cursor *cursor) {
  if (gc_mark_share_is_wanted(&worker->heap->marking.share)) {
    worker->stack.top = cursor->top;
    gc_mark_share_donate(&worker->heap->marking.share, &worker->stack);
    cursor->top = worker->stack.top;
  }
}

/* Drains the worker's own stack and prefetch buffer. */
GC_ALWAYS_INLINE void drain_own(struct gc_worker *worker, const enum trace_threads threads) {
  struct gc_mark_stack *stack = &worker->stack;
  uint64_t *const mark_bits = worker->heap->space.mark_bits;
  const uintptr_t block_start = worker->heap->space.block_start;
  uint64_t marked_bytes = 0, marked_objects = 0, marked_slots = 0;
  uintptr_t fifo[PREFETCH_DEPTH] = {0};
  struct cursor cursor = {stack->top, stack->limit};
  size_t place = 0, empty_turns = 0;
  unsigned until_look = DONATE_EVERY_OBJECTS;
  while (empty_turns < PREFETCH_DEPTH) {
    uintptr_t incoming = 0;
    if (GC_LIKELY(cursor.top != stack->base)) {
      incoming = *--cursor.top;
      __builtin_prefetch((const void *)incoming);
      __builtin_prefetch(&mark_bits[(incoming - block_start) >> 9]);
    } else if (stack->full != NULL) {
      stack->top = cursor.top;
      gc_mark_stack_pop_segment(stack);
      cursor = (struct cursor){stack->top, stack->limit};
      continue;
    }
    uintptr_t object = fifo[place];
    fifo[place] = incoming;
    place = (place + 1) & (PREFETCH_DEPTH - 1);
    empty_turns = incoming == 0 ? empty_turns + 1 : 0;
    if (object == 0) {
      continue;
    }
    uint64_t header = gc_atomic_load_relaxed((uint64_t *)object);
    if (GC_UNLIKELY(gc_header_is_large(header))) {
      process_large(worker, header);
      continue;
    }
    size_t granules = header >> GC_HEADER_SIZE_SHIFT & GC_HEADER_SIZE_MASK;
    size_t first = (object - block_start) >> GC_GRANULE_BYTES_LOG2;
    if (!mark_small(mark_bits, first, first + granules - 1, threads)) {
      continue;
    }
    size_t slot_count = gc_header_slot_count(header);
    marked_bytes += granules << GC_GRANULE_BYTES_LOG2;
    marked_objects++;
    marked_slots += slot_count;
    const struct gc_ref *slot = (const struct gc_ref *)(object + GC_HEADER_BYTES);
    push_slots(worker, &cursor, slot, slot + slot_count);
    if (slot_count > 0) {
      empty_turns = 0;
    }
    if (threads == TRACE_PARALLEL && --until_look == 0) {
      until_look = DONATE_EVERY_OBJECTS;
      look_for_waiting(worker, &cursor);
    }
  }
  stack->top = cursor.top;
  worker->counts.marked_bytes += marked_bytes;
  worker->counts.marked_objects += marked_objects;
  worker->counts.marked_slots += marked_slots;
}

static void scan_large_piece(struct gc_worker *worker, const struct gc_large *large, size_t first,
                             size_t end) {
  const struct gc_ref *slots = (const struct gc_ref *)(large->address + GC_HEADER_BYTES);
  struct cursor cursor = {worker->stack.top, worker->stack.limit};
  push_slots(worker, &cursor, slots + first, slots + end);
  worker->stack.top = cursor.top;
  worker->counts.marked_slots += end - first;
}

/* True when the worker has something to drain again. */
static bool take_more(struct gc_worker *worker) {
  struct gc_large *large = NULL;
  size_t first = 0, end = 0;
  switch (gc_mark_share_take(&worker->heap->marking.share, &worker->stack, &large, &first, &end)) {
  case GC_MARK_TERMINATED:
  case GC_MARK_TOLD:
    return false;
  case GC_MARK_LARGE:
    scan_large_piece(worker, large, first, end);
    return true;
  case GC_MARK_SEGMENT:
    break;
  }
  return true;
}

void gc_trace_drain_single(struct gc_worker *worker) {
  do {
    drain_own(worker, TRACE_SINGLE);
  } while (take_more(worker));
}

void gc_trace_drain_job(struct gc_worker *worker, void *context) {
  (void)context;
  if (worker->index > 0 && !gc_mark_share_join(&worker->heap->marking.share)) {
    return;
  }
  struct gc_phase_clock clock = gc_phase_begin();
  do {
    drain_own(worker, TRACE_PARALLEL);
  } while (take_more(worker));
  gc_phase_end(worker, clock, GC_PHASE_MARK);
}

void gc_trace_begin_stw(struct gc_heap *heap) {
  gc_mark_share_reset(&heap->marking.share);
  gc_atomic_store_relaxed(&heap->overflowed, 0);
  for (unsigned index = 0; index < heap->workers.count; index++) {
    gc_mark_stack_init(&heap->workers.all[index].stack, &heap->segments, GC_SEGMENT_WITHIN_LIMIT);
    gc_mark_stack_reserve(&heap->workers.all[index].stack);
  }
}

void gc_trace_end_stw(struct gc_heap *heap) {
  for (unsigned index = 0; index < heap->workers.count; index++) {
    GC_ASSERT(gc_mark_stack_is_empty(&heap->workers.all[index].stack),
              "marking terminates with empty stacks");
    gc_mark_stack_finish(&heap->workers.all[index].stack);
  }
}

static void push_root(struct gc_worker *worker, struct gc_ref ref) {
  if (!gc_is_null(ref) && !gc_mark_stack_push(&worker->stack, ref.address)) {
    mark_and_flag(worker, ref.address);
  }
}

void gc_trace_push_roots_stw(struct gc_heap *heap) {
  struct gc_worker *worker = &heap->workers.all[0];
  for (struct gc_root *root = heap->roots; root != NULL; root = root->next) {
    push_root(worker, root->ref);
  }
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    for (struct gc_ref *handle = mutator->handle_base; handle < mutator->mutator.handle_top;
         handle++) {
      push_root(worker, *handle);
    }
  }
}

/* Whether a rescan may pass over the object: pushing what is marked would crowd out what is not. */
static bool is_marked(const struct gc_heap *heap, uintptr_t object) {
  return gc_heap_is_in_block(heap, (struct gc_ref){object}) &&
         gc_bitmap_test(heap->space.mark_bits, gc_space_granule(&heap->space, object));
}

struct rescan {
  struct gc_worker *worker;
  uintptr_t block_address;
};

static void rescan_object(void *context, size_t first, size_t last) {
  (void)last;
  const struct rescan *rescan = context;
  struct gc_worker *worker = rescan->worker;
  struct gc_ref object = {rescan->block_address + (first << GC_GRANULE_BYTES_LOG2)};
  size_t slot_count = gc_header_slot_count(gc_object_header(object));
  const struct gc_ref *slots = gc_object_slot(object, 0).location;
  for (size_t index = 0; index < slot_count; index++) {
    uintptr_t referred = gc_atomic_load_relaxed(&slots[index].address);
    if (referred != 0 && !is_marked(worker->heap, referred) &&
        !gc_mark_stack_push(&worker->stack, referred)) {
      mark_and_flag(worker, referred);
    }
  }
  worker->counts.marked_slots += slot_count;
}

/* Scans by a copy of the mark bits: pushing may overflow again and set bits in this very block
 * (`stable-when-walked`). */
static void rescan_block(struct gc_worker *worker, size_t block) {
  uint64_t words[GC_BLOCK_WORDS];
  memcpy(words, gc_space_mark_words(&worker->heap->space, block), sizeof words);
  struct rescan rescan = {worker, gc_space_block_address(&worker->heap->space, block)};
  gc_bitmap_walk(words, GC_BLOCK_WORDS, rescan_object, &rescan);
}

bool gc_trace_rescan_overflowed_stw(struct gc_heap *heap) {
  struct gc_worker *worker = &heap->workers.all[0];
  if (gc_atomic_exchange_relaxed(&heap->overflowed, 0) == 0) {
    return false;
  }
  for (size_t block = 0; block < heap->old.high_water; block++) {
    if (gc_atomic_exchange_relaxed(&heap->old.blocks[block].overflowed, 0) != 0) {
      rescan_block(worker, block);
    }
  }
  for (struct gc_large *large = heap->large.objects; large != NULL; large = large->next) {
    if (gc_atomic_exchange_relaxed(&large->overflowed, 0) != 0 && large->shape.slot_count > 0) {
      gc_mark_share_add_large(&heap->marking.share, large);
    }
  }
  return true;
}
