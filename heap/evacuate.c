/* Moving what evacuation candidates hold, and making everything follow. See evacuate.h. */
#include "heap/evacuate.h"
#include "heap/assert.h"
#include "heap/bitmap.h"
#include "heap/heap.h"
#include "heap/platform.h"
#include "heap/verify.h"
#include <string.h>

/* Live bytes from which helpers are woken: at 1 GB/s of moving, ten times a wake-up (LIMITS). */
#define HELPERS_FROM_BYTES ((size_t)1 << 20)

/* What a block costs besides its objects, in bytes moved: its bitmaps. */
#define BLOCK_COST_BYTES ((size_t)2048)

/* Assumed of moving until it was measured. */
#define MOVED_BYTES_PER_MS_FIRST (UINT64_C(512) << 10)

/* Samples from which rates are learned. */
#define LEARN_FROM_BYTES (UINT64_C(64) << 10)
#define LEARN_FROM_SLOTS 1000

/* Under stress-move one candidate of so many stops half-way, as if no free block were left. */
#define STRESS_STOPS_EVERY 4

/* One worker's copies: `allocator` owns their blocks and lists their ranges until the end. */
struct copies {
  struct gc_old_allocator allocator;
  uint64_t moved_objects, moved_bytes;
  uint64_t fixed_slots;   /* visited, */
  uint64_t updated_slots; /* of which referred to what has moved */
  uint64_t move_ns, fix_ns;
};

struct evacuate {
  struct gc_heap *heap;
  uint64_t begin_ns;
  size_t bytes_max;             /* that may move */
  size_t bytes_taken;           /* atomic, relaxed: of candidates that were begun */
  size_t next_candidate;        /* atomic, relaxed: divides the candidates */
  size_t next_copies;           /* atomic, relaxed: divides the workers' copies */
  uint64_t dropped_blocks;      /* atomic, relaxed */
  uint64_t partly_moved_blocks; /* atomic, relaxed */
  struct gc_spin_lock lock;
  struct gc_segment *segments; /* under lock: recorded slots not visited yet */
  struct copies copies[GC_WORKERS_MAX];
};

/* --- moving -----------------------------------------------------------------------------------*/

/* Room in a wholly free block, or 0. The allocator is asked for a big object, which it places into
 * wholly free blocks only; what it gives is the start of one. */
static uintptr_t allocate(struct evacuate *evacuate, struct gc_old_allocator *allocator,
                          size_t bytes) {
  if (allocator->limit - allocator->top < bytes) {
    uintptr_t start = gc_old_allocator_refill(&evacuate->heap->old, allocator, GC_BIG_OBJECT_BYTES,
                                              GC_BUDGET_PROMOTION);
    if (start == 0) {
      return 0;
    }
    allocator->top = start;
  }
  uintptr_t object = allocator->top;
  allocator->top += bytes;
  return object;
}

static void move_object(struct evacuate *evacuate, uintptr_t from, uintptr_t to, size_t bytes) {
  const struct gc_space *space = &evacuate->heap->space;
  size_t first = gc_space_granule(space, to);
  size_t last = first + (bytes >> GC_GRANULE_BYTES_LOG2) - 1;
  memcpy((void *)to, (const void *)from, bytes);
  gc_space_set_live(space, first, last);
  gc_bitmap_set_object(space->mark_bits, first, last);
  gc_atomic_store_relaxed((uint64_t *)from, (uint64_t)to);
}

/* Moves the marked objects of a block in order until one finds no room, or for the stress option
 * until `objects_max` moved. Returns the granule of the block below which all have moved. */
static size_t move_objects(struct evacuate *evacuate, struct copies *copies, size_t block,
                           size_t objects_max) {
  const uint64_t *words = gc_space_mark_words(&evacuate->heap->space, block);
  uintptr_t address = gc_space_block_address(&evacuate->heap->space, block);
  size_t first = 0;
  bool inside = false;
  for (size_t word = 0; word < GC_BLOCK_WORDS; word++) {
    for (uint64_t bits = words[word]; bits != 0; bits &= bits - 1) {
      size_t granule = word * 64 + (size_t)__builtin_ctzll(bits);
      if (inside) {
        size_t bytes = (granule - first + 1) << GC_GRANULE_BYTES_LOG2;
        uintptr_t to =
            objects_max-- > 0 ? allocate(evacuate, &copies->allocator, bytes) : (uintptr_t)0;
        if (to == 0) {
          return first;
        }
        move_object(evacuate, address + (first << GC_GRANULE_BYTES_LOG2), to, bytes);
        copies->moved_objects++;
        copies->moved_bytes += bytes;
      }
      first = granule;
      inside = !inside;
    }
  }
  return GC_BLOCK_GRANULES;
}

/* Clears the bits of the objects that have left. */
static void forget_moved(struct evacuate *evacuate, size_t block, size_t moved_end) {
  const struct gc_space *space = &evacuate->heap->space;
  uint64_t *mark = gc_space_mark_words(space, block);
  uint64_t *live = gc_space_live_words(space, block);
  for (size_t word = 0; word * 64 < moved_end; word++) {
    size_t rest = moved_end - word * 64;
    uint64_t moved = mark[word] & (rest < 64 ? (UINT64_C(1) << rest) - 1 : ~UINT64_C(0));
    live[word] &= ~moved;
    mark[word] &= ~moved;
  }
  gc_space_write_crossings(space, block);
}

static size_t marked_bytes_of(const struct gc_heap *heap, size_t block) {
  const uint64_t *words = gc_space_mark_words(&heap->space, block);
  uint64_t carry = 0;
  size_t granules = 0;
  for (size_t word = 0; word < GC_BLOCK_WORDS; word++) {
    granules += (size_t)__builtin_popcountll(gc_bitmap_filled(words[word], &carry));
  }
  return granules << GC_GRANULE_BYTES_LOG2;
}

/* False when its slots are not all known, or it would cost more than is left to spend. */
static bool is_affordable(struct evacuate *evacuate, size_t block) {
  struct gc_heap *heap = evacuate->heap;
  if (gc_atomic_load_relaxed(&heap->old.blocks[block].slots_lost) != 0) {
    return false;
  }
  size_t bytes = marked_bytes_of(heap, block) + BLOCK_COST_BYTES;
  return gc_atomic_fetch_add_relaxed(&evacuate->bytes_taken, bytes) + bytes <= evacuate->bytes_max;
}

static void move_candidate(struct evacuate *evacuate, struct copies *copies, size_t candidate) {
  struct gc_heap *heap = evacuate->heap;
  uint32_t block = heap->evacuation.candidates[candidate];
  struct gc_block *info = &heap->old.blocks[block];
  if (!is_affordable(evacuate, block)) {
    info->is_candidate = GC_CANDIDATE_NOT;
    gc_atomic_fetch_add_relaxed(&evacuate->dropped_blocks, 1);
    return;
  }
  bool stops = heap->options.stress_move && candidate % STRESS_STOPS_EVERY == 1;
  uint64_t before_bytes = copies->moved_bytes;
  size_t moved_end =
      move_objects(evacuate, copies, block, stops ? heap->cycle_count % 64 : SIZE_MAX);
  info->live_bytes -= (uint32_t)(copies->moved_bytes - before_bytes);
  if (moved_end == GC_BLOCK_GRANULES) {
    info->is_candidate = GC_CANDIDATE_EMPTIED;
  } else {
    gc_atomic_fetch_add_relaxed(&evacuate->partly_moved_blocks, 1);
  }
  forget_moved(evacuate, block, moved_end);
  gc_attendants_follow_moved_stw(heap, block);
}

static void move_job(struct gc_worker *worker, void *context) {
  struct evacuate *evacuate = context;
  struct copies *copies = &evacuate->copies[worker->index];
  size_t count = evacuate->heap->evacuation.candidate_count, candidate;
  struct gc_phase_clock clock = gc_phase_begin();
  while ((candidate = gc_atomic_fetch_add_relaxed(&evacuate->next_candidate, 1)) < count) {
    move_candidate(evacuate, copies, candidate);
  }
  copies->move_ns = gc_platform_now_ns() - clock.begin_ns;
  gc_phase_end(worker, clock, GC_PHASE_COMPACT);
}

/* --- fixing -----------------------------------------------------------------------------------*/

/* True when the slot's object has moved. What a candidate holds and was not moved keeps its header.
 * Relaxed: whoever visits the slot at the same time writes the same. */
static inline bool fix(const struct gc_heap *heap, struct gc_ref *slot) {
  struct gc_ref object = {gc_atomic_load_relaxed(&slot->address)};
  if (!gc_heap_is_candidate(heap, object)) {
    return false;
  }
  uint64_t header = gc_object_header(object);
  bool has_moved = (header & GC_HEADER_TAG) == 0;
  if (has_moved) {
    gc_atomic_store_relaxed(&slot->address, (uintptr_t)header);
  }
  return has_moved;
}

static void fix_roots(const struct gc_heap *heap) {
  for (struct gc_root *root = heap->roots; root != NULL; root = root->next) {
    fix(heap, &root->ref);
  }
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    for (struct gc_ref *handle = mutator->handle_base; handle < mutator->mutator.handle_top;
         handle++) {
      fix(heap, handle);
    }
  }
}

static bool has_left(const struct gc_heap *heap, uintptr_t slot) {
  return gc_heap_is_in_block(heap, (struct gc_ref){slot}) &&
         heap->old.blocks[gc_space_block(&heap->space, slot)].is_candidate == GC_CANDIDATE_EMPTIED;
}

/* A slot may be recorded twice, and visited by two workers: both write the same. */
static void fix_recorded(const struct gc_heap *heap, struct copies *copies,
                         const struct gc_segment *segment) {
  for (size_t index = 0; index < segment->count; index++) {
    copies->updated_slots +=
        !has_left(heap, segment->words[index]) && fix(heap, (struct gc_ref *)segment->words[index]);
  }
  copies->fixed_slots += segment->count;
}

static struct gc_segment *take_segment(struct evacuate *evacuate) {
  gc_spin_lock_acquire(&evacuate->lock);
  struct gc_segment *segment = evacuate->segments;
  if (segment != NULL) {
    evacuate->segments = segment->next;
  }
  gc_spin_lock_release(&evacuate->lock);
  return segment;
}

/* Every slot of the copies in a range. */
static void fix_range(const struct gc_heap *heap, struct copies *copies, struct gc_range range) {
  for (uintptr_t object = range.start; object < range.end;) {
    uint64_t header = gc_object_header((struct gc_ref){object});
    size_t slot_count = gc_header_slot_count(header);
    struct gc_ref *slots = gc_object_slot((struct gc_ref){object}, 0).location;
    for (size_t index = 0; index < slot_count; index++) {
      copies->updated_slots += fix(heap, &slots[index]);
    }
    copies->fixed_slots += slot_count;
    object += gc_header_size_bytes(header);
  }
}

/* What some worker moved, counted by this one. */
static void fix_copies(const struct gc_heap *heap, struct copies *copies,
                       const struct gc_old_allocator *allocator) {
  fix_range(heap, copies, (struct gc_range){allocator->range_start, allocator->top});
  for (size_t index = 0; index < allocator->range_count; index++) {
    fix_range(heap, copies, allocator->ranges[index]);
  }
}

static void fix_job(struct gc_worker *worker, void *context) {
  struct evacuate *evacuate = context;
  struct gc_heap *heap = evacuate->heap;
  struct copies *copies = &evacuate->copies[worker->index];
  struct gc_phase_clock clock = gc_phase_begin();
  if (worker->index == 0) {
    fix_roots(heap);
  }
  size_t index;
  while ((index = gc_atomic_fetch_add_relaxed(&evacuate->next_copies, 1)) < heap->workers.count) {
    fix_copies(heap, copies, &evacuate->copies[index].allocator);
  }
  struct gc_segment *segment;
  while ((segment = take_segment(evacuate)) != NULL) {
    fix_recorded(heap, copies, segment);
    gc_segment_release(&heap->segments, segment);
  }
  copies->fix_ns = gc_platform_now_ns() - clock.begin_ns;
  gc_phase_end(worker, clock, GC_PHASE_COMPACT);
}

/* --- all of it --------------------------------------------------------------------------------*/

static size_t bytes_max(const struct gc_heap *heap) {
  uint64_t target_ns = heap->options.pause_target_ns;
  uint64_t per_ms = heap->evacuation.moved_bytes_per_ms;
  per_ms = per_ms != 0 ? per_ms : MOVED_BYTES_PER_MS_FIRST;
  if (target_ns > UINT64_C(1000000000) || heap->options.stress_move) {
    return SIZE_MAX / 2;
  }
  return target_ns * per_ms / 2000000;
}

static void learn_rate(uint64_t *rate_per_ms, uint64_t amount, uint64_t ns) {
  uint64_t per_ms = ns > 0 ? amount * 1000000 / ns : 0;
  if (per_ms > 0) {
    *rate_per_ms = *rate_per_ms == 0 ? per_ms : (*rate_per_ms * 3 + per_ms) / 4;
  }
}

/* What all workers did; times of those that did any of it. */
static struct copies sum_of(const struct evacuate *evacuate) {
  struct copies sum = {.moved_bytes = 0};
  for (unsigned index = 0; index < evacuate->heap->workers.count; index++) {
    const struct copies *copies = &evacuate->copies[index];
    sum.moved_objects += copies->moved_objects;
    sum.moved_bytes += copies->moved_bytes;
    sum.move_ns += copies->moved_bytes > 0 ? copies->move_ns : 0;
    sum.fixed_slots += copies->fixed_slots;
    sum.updated_slots += copies->updated_slots;
    sum.fix_ns += copies->fixed_slots > 0 ? copies->fix_ns : 0;
  }
  return sum;
}

/* Rates are one thread's: the workers' amounts over the sum of their times. */
static void learn(struct gc_evacuation *evacuation, const struct copies *sum) {
  if (sum->moved_bytes >= LEARN_FROM_BYTES) {
    learn_rate(&evacuation->moved_bytes_per_ms, sum->moved_bytes, sum->move_ns);
  }
  if (sum->fixed_slots >= LEARN_FROM_SLOTS) {
    learn_rate(&evacuation->fixed_slots_per_ms, sum->fixed_slots, sum->fix_ns);
  }
}

static void account(struct evacuate *evacuate, const struct copies *sum) {
  struct gc_heap *heap = evacuate->heap;
  struct gc_evacuation *evacuation = &heap->evacuation;
  size_t moved_blocks = evacuation->candidate_count - (size_t)evacuate->dropped_blocks;
  heap->statistics.evacuated_blocks += moved_blocks - evacuate->partly_moved_blocks;
  heap->statistics.evacuated_objects += sum->moved_objects;
  heap->weak.old_moves += sum->moved_objects > 0;
  heap->statistics.evacuated_bytes += sum->moved_bytes;
  heap->statistics.updated_slots += sum->updated_slots;
  evacuation->moved_blocks += moved_blocks;
  evacuation->dropped_blocks += evacuate->dropped_blocks;
  evacuation->partly_moved_blocks += evacuate->partly_moved_blocks;
  gc_atomic_fetch_sub_relaxed(&heap->old.live_bytes, (size_t)sum->moved_bytes);
  gc_event_write(&heap->workers.all[0].ring, evacuation, .cycle = heap->cycle_count,
                 .begin_ns = evacuate->begin_ns, .end_ns = gc_platform_now_ns(),
                 .chosen_blocks = evacuation->candidate_count,
                 .dropped_blocks = evacuate->dropped_blocks,
                 .partly_moved_blocks = evacuate->partly_moved_blocks,
                 .moved_objects = sum->moved_objects, .moved_bytes = sum->moved_bytes,
                 .visited_slots = sum->fixed_slots, .updated_slots = sum->updated_slots);
}

static size_t estimated_bytes(const struct gc_heap *heap) {
  size_t bytes = 0;
  for (size_t index = 0; index < heap->evacuation.candidate_count; index++) {
    bytes += heap->old.blocks[heap->evacuation.candidates[index]].live_bytes;
  }
  return bytes;
}

void gc_evacuate_move_stw(struct gc_heap *heap) {
  if (heap->evacuation.candidate_count == 0) {
    return;
  }
  GC_ASSERT(gc_nursery_used_bytes(&heap->nursery) == 0,
            "old objects move after a full promotion: no young object refers to them");
  struct evacuate evacuate = {.heap = heap,
                              .begin_ns = gc_platform_now_ns(),
                              .bytes_max = bytes_max(heap),
                              .segments = gc_moved_slots_take_stw(heap)};
  gc_verify_recorded_stw_single(heap, evacuate.segments);
  for (unsigned index = 0; index < heap->workers.count; index++) {
    evacuate.copies[index].allocator.block = GC_NO_BLOCK;
  }
  enum gc_wake wake = estimated_bytes(heap) >= HELPERS_FROM_BYTES || heap->options.stress_move
                          ? GC_WAKE_HELPERS
                          : GC_WAKE_NOBODY;
  gc_workers_run(&heap->workers, move_job, &evacuate, wake);
  gc_phase_join(heap);
  gc_workers_run(&heap->workers, fix_job, &evacuate, wake);
  gc_phase_join(heap);
  for (unsigned index = 0; index < heap->workers.count; index++) {
    struct gc_old_allocator *allocator = &evacuate.copies[index].allocator;
    gc_old_allocator_count_published(&heap->old, allocator);
    gc_old_allocator_retire(allocator);
    gc_old_allocator_finish(allocator);
  }
  struct copies sum = sum_of(&evacuate);
  learn(&heap->evacuation, &sum);
  account(&evacuate, &sum);
  gc_verify_moved_stw_single(heap);
  gc_evacuate_cancel_stw(heap);
}
