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
  uintptr_t survivor_top; /* atomic: next free byte of the survivor area */
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

/* One worker's part of a scavenge. */
struct scan {
  struct scavenge *scavenge;
  struct gc_worker *worker;
  struct pending pending[PREFETCH_DEPTH]; /* ring, oldest at place */
  size_t place;
};

/* Room in the survivor area, or 0. Objects that would waste much of a buffer are placed by
 * themselves; the last buffer is what is left. */
static uintptr_t allocate_survivor_slow(struct scavenge *scavenge, struct gc_worker *worker,
                                        size_t bytes) {
  bool is_buffer = bytes <= SURVIVOR_BUFFER_BYTES / 8;
  /* Relaxed: the area's memory was published by the start of the job. */
  uintptr_t start = gc_atomic_load_relaxed(&scavenge->survivor_top), end;
  do {
    size_t left_bytes = scavenge->survivor_limit - start;
    if (left_bytes < bytes) {
      return 0;
    }
    end = start + (is_buffer ? SURVIVOR_BUFFER_BYTES : bytes);
    end = end < scavenge->survivor_limit ? end : scavenge->survivor_limit;
  } while (!gc_atomic_compare_exchange_relaxed(&scavenge->survivor_top, &start, end));
  gc_unpoison(start, end - start);
  if (is_buffer) {
    worker->survivor_top = start + bytes;
    worker->survivor_limit = end;
  }
  return start;
}

GC_ALWAYS_INLINE uintptr_t allocate_survivor(struct scavenge *scavenge, struct gc_worker *worker,
                                             size_t bytes) {
  uintptr_t start = worker->survivor_top;
  if (GC_LIKELY(start + bytes <= worker->survivor_limit)) {
    worker->survivor_top = start + bytes;
    return start;
  }
  return allocate_survivor_slow(scavenge, worker, bytes);
}

GC_ALWAYS_INLINE struct gc_old_allocator *promotion_allocator(struct gc_worker *worker,
                                                              size_t bytes) {
  return GC_LIKELY(bytes < GC_BIG_OBJECT_BYTES) ? &worker->small : &worker->big;
}

GC_ALWAYS_INLINE uintptr_t allocate_promoted(struct gc_heap *heap, struct gc_worker *worker,
                                             size_t bytes) {
  uintptr_t start =
      gc_old_allocate(&heap->old, promotion_allocator(worker, bytes), bytes, GC_BUDGET_PROMOTION);
  GC_CHECK(start != 0, "promotion-guarantee: old space took less than the nursery's survivors");
  return start;
}

/* Gives back the bytes just allocated at start, which lost the race for the object. */
static void unallocate(struct gc_worker *worker, uintptr_t start, size_t bytes) {
  if (worker->survivor_top == start + bytes) {
    worker->survivor_top = start;
    return;
  }
  struct gc_old_allocator *allocator = promotion_allocator(worker, bytes);
  if (allocator->top == start + bytes) {
    allocator->top = start;
  }
}

/* Copies words; objects are granules, so no byte is left over. */
GC_ALWAYS_INLINE void copy_body(uintptr_t to, uintptr_t from, size_t bytes) {
  uint64_t *target = (uint64_t *)to;
  const uint64_t *source = (const uint64_t *)from;
  if (bytes <= 64) {
    for (size_t index = 1; index < bytes / sizeof(uint64_t); index++) {
      target[index] = source[index];
    }
  } else {
    memcpy(target + 1, source + 1, bytes - sizeof(uint64_t));
  }
}

static void push(struct gc_worker *worker, uintptr_t object) {
  bool pushed = gc_mark_stack_push(&worker->stack, object);
  GC_CHECK(pushed, "the metadata arena must hold the scavenger's stack");
}

/* Copies a from-space object and returns its new address. */
GC_ALWAYS_INLINE uintptr_t copy(struct scavenge *scavenge, struct gc_worker *worker,
                                uintptr_t object, uint64_t header,
                                const enum scavenge_threads threads) {
  size_t bytes = gc_header_size_bytes(header);
  bool is_aged = object - scavenge->aged_start < scavenge->aged_bytes;
  uintptr_t target = is_aged ? 0 : allocate_survivor(scavenge, worker, bytes);
  bool is_promoted = target == 0;
  if (is_promoted) {
    target = allocate_promoted(scavenge->heap, worker, bytes);
  }
  if (threads == SCAVENGE_PARALLEL) {
    uint64_t found = header;
    /* Relaxed: who loses takes the address and nothing else; the body is read by others only after
     * a lock or the end of the job. */
    if (!gc_atomic_compare_exchange_relaxed((uint64_t *)object, &found, (uint64_t)target)) {
      unallocate(worker, target, bytes);
      return (uintptr_t)found;
    }
  } else {
    *(uint64_t *)object = (uint64_t)target;
  }
  *(uint64_t *)target = header;
  copy_body(target, object, bytes);
  if (is_promoted) {
    worker->counts.promoted_bytes += bytes;
    worker->counts.promoted_objects++;
    worker->counts.second_survived_bytes += is_aged ? bytes : 0;
  } else {
    worker->counts.survived_bytes += bytes;
    worker->counts.survived_objects++;
  }
  if (gc_header_slot_count(header) != 0) {
    push(worker, target);
  }
  return target;
}

/* Updates one slot. True when it holds a young reference afterwards. */
GC_ALWAYS_INLINE bool evacuate(struct scavenge *scavenge, struct gc_worker *worker,
                               struct gc_ref *slot, const enum scavenge_threads threads) {
  /* Relaxed: slots are visited by one worker as a rule; a duplicate visitor writes the same value.
   */
  uintptr_t object = gc_atomic_load_relaxed(&slot->address);
  if (object - scavenge->from_start < scavenge->from_bytes) {
    uint64_t header = gc_atomic_load_relaxed((uint64_t *)object);
    object = (header & GC_HEADER_TAG) == 0 ? (uintptr_t)header
                                           : copy(scavenge, worker, object, header, threads);
    gc_atomic_store_relaxed(&slot->address, object);
  }
  return gc_heap_is_young(scavenge->heap, (struct gc_ref){object});
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
static void remember(const struct scan *scan, struct pending slot) {
  struct gc_worker *worker = scan->worker;
  if ((slot.slot & FROM_REMEMBERED) != 0) {
    struct gc_heap *heap = scan->scavenge->heap;
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
  if (evacuate(scan->scavenge, scan->worker, slot, threads)) {
    remember(scan, due);
  }
}

/* A slot found while scanning: its object is prefetched, and the slot whose object has had time to
 * arrive is settled. */
GC_ALWAYS_INLINE void visit(struct scan *scan, struct pending slot,
                            const enum scavenge_threads threads) {
  const struct scavenge *scavenge = scan->scavenge;
  /* Relaxed: as in evacuate. */
  uintptr_t object = gc_atomic_load_relaxed((uintptr_t *)(slot.slot & ~FROM_REMEMBERED));
  if (object - scavenge->from_start >= scavenge->from_bytes) {
    if (GC_UNLIKELY(gc_heap_is_young(scavenge->heap, (struct gc_ref){object}))) {
      remember(scan, slot);
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

GC_ALWAYS_INLINE void scan_object(struct scan *scan, uintptr_t object,
                                  const enum scavenge_threads threads) {
  uintptr_t slot = object + GC_HEADER_BYTES;
  uintptr_t end = slot + gc_header_slot_count(*(uint64_t *)object) * sizeof(struct gc_ref);
  bool is_young = gc_heap_is_young(scan->scavenge->heap, (struct gc_ref){object});
  uintptr_t host = is_young ? 0 : object;
  for (; slot < end; slot += sizeof(struct gc_ref)) {
    visit(scan, (struct pending){slot, host}, threads);
  }
}

/* Until neither an object nor a slot is left to this worker. */
GC_ALWAYS_INLINE void drain(struct scan *scan, const enum scavenge_threads threads) {
  struct gc_mark_stack *stack = &scan->worker->stack;
  struct gc_mark_share *share = &scan->scavenge->heap->share;
  unsigned until_look = DONATE_EVERY_OBJECTS;
  do {
    uintptr_t object;
    while ((object = gc_mark_stack_pop(stack)) != 0) {
      scan_object(scan, object, threads);
      if (threads == SCAVENGE_PARALLEL && --until_look == 0) {
        until_look = DONATE_EVERY_OBJECTS;
        if (gc_mark_share_is_wanted(share)) {
          gc_mark_share_donate(share, stack);
        }
      }
    }
  } while (settle_oldest(scan, threads));
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
GC_ALWAYS_INLINE void scan_handles(struct scavenge *scavenge, struct gc_worker *worker,
                                   struct gc_mutator *mutator,
                                   const enum scavenge_threads threads) {
  struct gc_ref *lowest_young = mutator->handle_top;
  for (struct gc_ref *handle = mutator->handle_top; handle-- > mutator->handle_watermark;) {
    if (evacuate(scavenge, worker, handle, threads)) {
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

GC_ALWAYS_INLINE void scan_roots(struct scavenge *scavenge, struct gc_worker *worker,
                                 const enum scavenge_threads threads) {
  for (;;) {
    bool takes_globals = false;
    struct gc_mutator_private *mutator = take_mutator(scavenge, &takes_globals);
    if (takes_globals) {
      for (struct gc_root *root = scavenge->heap->roots; root != NULL; root = root->next) {
        evacuate(scavenge, worker, &root->ref, threads);
      }
    }
    if (mutator == NULL) {
      return;
    }
    scan_handles(scavenge, worker, &mutator->mutator, threads);
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
  gc_poison(worker->survivor_top, worker->survivor_limit - worker->survivor_top);
  worker->survivor_top = worker->survivor_limit = 0;
}

static void work_single(struct gc_worker *worker, struct scavenge *scavenge) {
  struct scan scan = {.scavenge = scavenge, .worker = worker};
  scan_roots(scavenge, worker, SCAVENGE_SINGLE);
  scan_remembered(&scan, SCAVENGE_SINGLE);
  drain(&scan, SCAVENGE_SINGLE);
}

static void work_parallel(struct gc_worker *worker, struct scavenge *scavenge) {
  struct scan scan = {.scavenge = scavenge, .worker = worker};
  struct gc_mark_share *share = &scavenge->heap->share;
  struct gc_large *large = NULL;
  size_t first = 0, end = 0;
  scan_roots(scavenge, worker, SCAVENGE_PARALLEL);
  scan_remembered(&scan, SCAVENGE_PARALLEL);
  do {
    drain(&scan, SCAVENGE_PARALLEL);
  } while (gc_mark_share_take(share, &worker->stack, &large, &first, &end) == GC_MARK_SEGMENT);
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
  publish_promoted(worker);
  gc_mark_stack_finish(&worker->stack);
  gc_phase_end(worker, clock, GC_PHASE_SCAVENGE);
}

static void scavenge_alone(struct gc_worker *worker, struct scavenge *scavenge) {
  struct gc_phase_clock clock = gc_phase_begin();
  gc_mark_stack_init(&worker->stack, &scavenge->heap->segments, GC_SEGMENT_BEYOND_LIMIT);
  work_single(worker, scavenge);
  publish_promoted(worker);
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
