/* Sliding compaction: the plan, the move, the marks. See slide.h for the algorithm. */
#include "heap/slide.h"
#include "heap/assert.h"
#include "heap/bitmap.h"
#include "heap/discard.h"
#include "heap/heap.h"
#include "heap/platform.h"
#include "heap/spin_wait.h"
#include <string.h>

/* Live bytes from which helpers are woken: at 1 GB/s of moving, ten times a wake-up (LIMITS). */
#define HELPERS_FROM_BYTES ((size_t)1 << 20)

/* Slots of a large object that a worker takes at a time. */
#define LARGE_PIECE_SLOTS ((size_t)8192)

/* Blocks whose marks a worker writes at a time. */
#define BLOCKS_PER_TAKE ((size_t)16)

/* An entry of the table, for what begins in one word of the mark bitmap: the granule of the target
 * block that the word's first granule would go to if it were occupied by the same objects, modulo
 * the granules of a block; and which of the source block's two targets. */
#define ENTRY_SECOND       UINT16_C(0x8000)
#define ENTRY_GRANULE_MASK UINT16_C(0x7fff)

_Static_assert(GC_BLOCK_GRANULES == ENTRY_GRANULE_MASK + 1, "a granule of a block fits an entry");

/* Addresses of the blocks that a block's objects go to. */
struct targets {
  uintptr_t block[2];
};

struct block_state {
  uint32_t filled_granules; /* of the objects that come into it: from its start, without holes */
  uint32_t has_left;        /* atomic; 1: its own objects were moved [pairs: slide-moved] */
};

struct slide {
  struct gc_heap *heap;
  const uint64_t *mark_bits;
  uintptr_t block_start;
  size_t blocks_bytes; /* of the range that holds objects */
  size_t block_count;
  uint16_t *entries;       /* by word of the mark bitmap */
  struct targets *targets; /* by block */
  struct block_state *states;
  size_t next_block; /* atomic, relaxed: divides the blocks among workers */
  struct gc_spin_lock lock;
  struct gc_large *next_large; /* under lock: whose slots come next, */
  size_t next_slot;            /* and from which */
};

/* --- the table --------------------------------------------------------------------------------*/

static size_t table_bytes(size_t block_count) {
  size_t bytes = block_count * (GC_BLOCK_WORDS * sizeof(uint16_t) + sizeof(struct targets) +
                                sizeof(struct block_state));
  return (bytes | (GC_OS_PAGE_BYTES - 1)) + 1;
}

static bool open_table(struct slide *slide, struct gc_heap *heap) {
  size_t block_count = heap->old.high_water;
  uintptr_t start = 0;
  if (gc_platform_reserve(table_bytes(block_count), GC_OS_PAGE_BYTES, &start) != 0) {
    return false;
  }
  *slide = (struct slide){.heap = heap,
                          .mark_bits = heap->space.mark_bits,
                          .block_start = heap->space.block_start,
                          .blocks_bytes = block_count << GC_BLOCK_BYTES_LOG2,
                          .block_count = block_count,
                          .targets = (struct targets *)start,
                          .next_large = heap->large.objects};
  slide->states = (struct block_state *)(slide->targets + block_count);
  slide->entries = (uint16_t *)(slide->states + block_count);
  return true;
}

static void close_table(struct slide *slide) {
  gc_platform_unreserve((uintptr_t)slide->targets, table_bytes(slide->block_count));
}

/* World stopped: states are read without the lock. */
static bool is_in_use(const struct slide *slide, size_t block) {
  return slide->heap->old.blocks[block].state != GC_BLOCK_FREE;
}

/* Where the next object goes. */
struct cursor {
  size_t block;
  size_t granule;
};

/* What begins in one word, as the plan meets it. */
struct unit {
  size_t word;          /* in the block */
  size_t first;         /* occupied granules of the block before it */
  size_t lead_granules; /* of the word, that an object from before occupies */
  bool is_some;
};

static void move_on(struct slide *slide, struct cursor *cursor) {
  slide->states[cursor->block].filled_granules = (uint32_t)cursor->granule;
  do {
    cursor->block++;
  } while (!is_in_use(slide, cursor->block));
  cursor->granule = 0;
}

static void place(struct slide *slide, struct cursor *cursor, size_t source, struct unit unit,
                  size_t granules) {
  struct targets *targets = &slide->targets[source];
  if (!unit.is_some) {
    return;
  }
  if (cursor->granule + granules > GC_BLOCK_GRANULES) {
    move_on(slide, cursor);
    targets->block[1] = gc_space_block_address(&slide->heap->space, cursor->block);
  }
  uint16_t second = targets->block[1] != 0 ? ENTRY_SECOND : 0;
  slide->entries[source * GC_BLOCK_WORDS + unit.word] =
      (uint16_t)(second | ((cursor->granule - unit.lead_granules) & ENTRY_GRANULE_MASK));
  cursor->granule += granules;
}

static void plan_block(struct slide *slide, struct cursor *cursor, size_t source) {
  const uint64_t *words = gc_space_mark_words(&slide->heap->space, source);
  struct unit unit = {0};
  uint64_t carry = 0;
  size_t filled_granules = 0;
  slide->targets[source].block[0] = gc_space_block_address(&slide->heap->space, cursor->block);
  for (size_t word = 0; word < GC_BLOCK_WORDS; word++) {
    uint64_t was_inside = carry;
    uint64_t filled = gc_bitmap_filled(words[word], &carry);
    uint64_t starts = words[word] & (gc_prefix_xor(words[word]) ^ was_inside);
    if (starts != 0) {
      uint64_t before_first = (starts & (0 - starts)) - 1;
      size_t lead_granules = (size_t)__builtin_popcountll(filled & before_first);
      size_t first = filled_granules + lead_granules;
      place(slide, cursor, source, unit, first - unit.first);
      unit = (struct unit){word, first, lead_granules, true};
    }
    filled_granules += (size_t)__builtin_popcountll(filled);
  }
  place(slide, cursor, source, unit, filled_granules - unit.first);
}

/* Also clears the live bits, which the move writes anew. Returns the live bytes. */
static size_t plan(struct slide *slide) {
  struct cursor cursor = {0};
  size_t live_granules = 0;
  while (cursor.block < slide->block_count && !is_in_use(slide, cursor.block)) {
    cursor.block++;
  }
  for (size_t source = cursor.block; source < slide->block_count; source++) {
    if (is_in_use(slide, source)) {
      plan_block(slide, &cursor, source);
      memset(gc_space_live_words(&slide->heap->space, source), 0,
             GC_BLOCK_WORDS * sizeof(uint64_t));
    }
  }
  if (cursor.block < slide->block_count) {
    slide->states[cursor.block].filled_granules = (uint32_t)cursor.granule;
  }
  for (size_t block = 0; block < slide->block_count; block++) {
    live_granules += slide->states[block].filled_granules;
  }
  return live_granules << GC_GRANULE_BYTES_LOG2;
}

/* --- references -------------------------------------------------------------------------------*/

/* Where the live object at that address of a block goes. The marks below it in its word tell
 * whether an object from before reaches into the word: they are then odd in number. */
GC_ALWAYS_INLINE uintptr_t target_of(const struct slide *slide, uintptr_t object) {
  size_t granule = (object - slide->block_start) >> GC_GRANULE_BYTES_LOG2;
  size_t word = granule / 64;
  uint64_t below = slide->mark_bits[word] & ((UINT64_C(1) << granule % 64) - 1);
  uint64_t carry = 0 - (uint64_t)(__builtin_popcountll(below) & 1);
  size_t filled = (size_t)__builtin_popcountll((gc_prefix_xor(below) ^ carry) | below);
  uint16_t entry = slide->entries[word];
  uintptr_t block = slide->targets[granule / GC_BLOCK_GRANULES].block[entry / ENTRY_SECOND];
  return block + (((entry + filled) & ENTRY_GRANULE_MASK) << GC_GRANULE_BYTES_LOG2);
}

/* What a slot that holds this shall hold. */
GC_ALWAYS_INLINE uintptr_t translate(const struct slide *slide, uintptr_t ref) {
  return ref - slide->block_start < slide->blocks_bytes ? target_of(slide, ref) : ref;
}

static void translate_slots(const struct slide *slide, struct gc_ref *slot,
                            const struct gc_ref *end) {
  for (; slot < end; slot++) {
    slot->address = translate(slide, slot->address);
  }
}

static uintptr_t translate_address(const void *context, uintptr_t ref) {
  return translate(context, ref);
}

static void translate_roots(const struct slide *slide) {
  struct gc_heap *heap = slide->heap;
  for (struct gc_root *root = heap->roots; root != NULL; root = root->next) {
    translate_slots(slide, &root->ref, &root->ref + 1);
  }
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    translate_slots(slide, mutator->handle_base, mutator->mutator.handle_top);
  }
}

/* Slots of the next marked large object, or of a piece of one. */
static bool take_large_piece(struct slide *slide, struct gc_ref **first, struct gc_ref **end) {
  gc_spin_lock_acquire(&slide->lock);
  struct gc_large *large = slide->next_large;
  while (large != NULL && (large->marked == 0 || slide->next_slot >= large->shape.slot_count)) {
    slide->next_large = large = large->next;
    slide->next_slot = 0;
  }
  if (large != NULL) {
    size_t rest_slots = large->shape.slot_count - slide->next_slot;
    *first = gc_object_slot((struct gc_ref){large->address}, slide->next_slot).location;
    *end = *first + (rest_slots < LARGE_PIECE_SLOTS ? rest_slots : LARGE_PIECE_SLOTS);
    slide->next_slot += LARGE_PIECE_SLOTS;
  }
  gc_spin_lock_release(&slide->lock);
  return large != NULL;
}

/* --- the move ---------------------------------------------------------------------------------*/

/* Copies towards lower addresses, or onto itself, word by word: the ranges may overlap. */
GC_ALWAYS_INLINE void move_object(const struct slide *slide, uintptr_t from, uintptr_t to,
                                  size_t bytes) {
  const uint64_t *source = (const uint64_t *)from;
  uint64_t *target = (uint64_t *)to;
  gc_unpoison(to, bytes);
  uint64_t header = source[0];
  size_t slots_end = 1 + gc_header_slot_count(header);
  target[0] = header;
  for (size_t index = 1; index < slots_end; index++) {
    target[index] = translate(slide, source[index]);
  }
  if (from != to) {
    memmove(target + slots_end, source + slots_end, bytes - slots_end * sizeof *source);
  }
}

/* Collects bits of one word of the live bitmap after the other: those of one target block may be
 * written by several workers, and share words. */
struct bit_writer {
  uint64_t *words;
  size_t word;
  uint64_t bits;
};

GC_ALWAYS_INLINE void flush_bits(struct bit_writer *writer) {
  if (writer->bits != 0) {
    gc_atomic_fetch_or_relaxed(&writer->words[writer->word], writer->bits);
    writer->bits = 0;
  }
}

GC_ALWAYS_INLINE void write_bit(struct bit_writer *writer, size_t bit) {
  if (bit / 64 != writer->word) {
    flush_bits(writer);
    writer->word = bit / 64;
  }
  writer->bits |= UINT64_C(1) << bit % 64;
}

/* Until what the block held has left it. */
static void wait_for_target(struct slide *slide, uintptr_t target, size_t source) {
  size_t block = gc_space_block(&slide->heap->space, target);
  GC_ASSERT(block <= source, "slides-down: no object moves to a higher block");
  if (block == source) {
    return;
  }
  for (unsigned turn = 1;
       gc_atomic_load_acquire(&slide->states[block].has_left) == 0; /* [pairs: slide-moved] */
       turn++) {
    gc_spin_wait(turn);
  }
}

struct mover {
  struct slide *slide;
  size_t source;
  size_t unit_word; /* of the object at hand; what begins in one word goes to one place */
  uintptr_t to;
  struct bit_writer writer;
};

GC_ALWAYS_INLINE void move_next(struct mover *mover, size_t first, size_t last) {
  const struct gc_space *space = &mover->slide->heap->space;
  uintptr_t from = space->block_start + (first << GC_GRANULE_BYTES_LOG2);
  size_t granules = last - first + 1;
  if (first / 64 != mover->unit_word) {
    mover->unit_word = first / 64;
    mover->to = target_of(mover->slide, from);
    wait_for_target(mover->slide, mover->to, mover->source);
  }
  move_object(mover->slide, from, mover->to, granules << GC_GRANULE_BYTES_LOG2);
  size_t target = gc_space_granule(space, mover->to);
  write_bit(&mover->writer, target);
  write_bit(&mover->writer, target + granules - 1);
  mover->to += granules << GC_GRANULE_BYTES_LOG2;
}

static void move_block(struct slide *slide, size_t source) {
  const struct gc_space *space = &slide->heap->space;
  size_t first_word = source * GC_BLOCK_WORDS, first = 0;
  struct mover mover = {.slide = slide,
                        .source = source,
                        .unit_word = SIZE_MAX,
                        .writer = {.words = space->live_bits}};
  bool inside = false;
  for (size_t word = first_word; word < first_word + GC_BLOCK_WORDS; word++) {
    for (uint64_t bits = slide->mark_bits[word]; bits != 0; bits &= bits - 1) {
      size_t granule = word * 64 + (size_t)__builtin_ctzll(bits);
      if (inside) {
        move_next(&mover, first, granule);
      }
      first = granule;
      inside = !inside;
    }
  }
  flush_bits(&mover.writer);
  gc_atomic_store_release(&slide->states[source].has_left, 1); /* [pairs: slide-moved] */
}

static void move_job(struct gc_worker *worker, void *context) {
  struct slide *slide = context;
  struct gc_phase_clock clock = gc_phase_begin();
  struct gc_ref *first = NULL, *end = NULL;
  if (worker->index == 0) {
    translate_roots(slide);
  }
  while (take_large_piece(slide, &first, &end)) {
    translate_slots(slide, first, end);
  }
  size_t block;
  while ((block = gc_atomic_fetch_add_relaxed(&slide->next_block, 1)) < slide->block_count) {
    if (is_in_use(slide, block)) {
      move_block(slide, block);
    }
  }
  gc_phase_end(worker, clock, GC_PHASE_COMPACT);
}

/* --- the marks --------------------------------------------------------------------------------*/

/* Marks and crossings as the live bits, which describe the moved objects. */
static void describe_block(struct slide *slide, size_t block) {
  const struct gc_space *space = &slide->heap->space;
  gc_space_write_crossings(space, block);
  memcpy(gc_space_mark_words(space, block), gc_space_live_words(space, block),
         GC_BLOCK_WORDS * sizeof(uint64_t));
  size_t filled_bytes = (size_t)slide->states[block].filled_granules << GC_GRANULE_BYTES_LOG2;
  slide->heap->old.blocks[block].live_bytes = (uint32_t)filled_bytes;
  gc_discard(gc_space_block_address(space, block) + filled_bytes, GC_BLOCK_BYTES - filled_bytes);
}

static void describe_job(struct gc_worker *worker, void *context) {
  struct slide *slide = context;
  struct gc_phase_clock clock = gc_phase_begin();
  size_t block;
  while ((block = gc_atomic_fetch_add_relaxed(&slide->next_block, BLOCKS_PER_TAKE)) <
         slide->block_count) {
    size_t end = block + BLOCKS_PER_TAKE;
    for (end = end < slide->block_count ? end : slide->block_count; block < end; block++) {
      if (is_in_use(slide, block)) {
        describe_block(slide, block);
      }
    }
  }
  gc_phase_end(worker, clock, GC_PHASE_COMPACT);
}

/* --- all of it --------------------------------------------------------------------------------*/

/* The live bytes are what was marked; what the slide drops of the rest, the sweep will not see. */
static void account(struct gc_heap *heap, size_t live_bytes) {
  struct gc_old_space *old = &heap->old;
  size_t before_bytes = old->live_bytes + gc_atomic_load_relaxed(&old->allocated_bytes);
  heap->workers.all[0].counts.swept_bytes += before_bytes - live_bytes;
  gc_atomic_store_relaxed(&old->allocated_bytes, 0);
  gc_atomic_store_relaxed(&old->live_bytes, live_bytes);
}

bool gc_slide_stw(struct gc_heap *heap) {
  struct slide slide;
  GC_ASSERT(gc_nursery_used_bytes(&heap->nursery) == 0,
            "old objects move after a full promotion: no young object refers to them");
  if (heap->evacuation.candidate_count > 0) {
    gc_evacuate_cancel_stw(heap);
  }
  if (!open_table(&slide, heap)) {
    return false;
  }
  struct gc_phase_clock clock = gc_phase_begin();
  size_t live_bytes = plan(&slide);
  gc_weak_clear_stw(heap);
  gc_weak_update_moved_stw(heap, translate_address, &slide);
  gc_attendants_slide_stw(heap, translate_address, &slide);
  gc_phase_end(&heap->workers.all[0], clock, GC_PHASE_COMPACT);
  gc_phase_join(heap);

  enum gc_wake wake = live_bytes >= HELPERS_FROM_BYTES || heap->options.stress_move
                          ? GC_WAKE_HELPERS
                          : GC_WAKE_NOBODY;
  gc_workers_run(&heap->workers, move_job, &slide, wake);
  gc_phase_join(heap);
  slide.next_block = 0;
  gc_workers_run(&heap->workers, describe_job, &slide, wake);
  gc_phase_join(heap);
  account(heap, live_bytes);
  close_table(&slide);
  return true;
}
