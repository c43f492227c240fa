/* The old space's blocks: lists, allocators, sweeping. See old_space.h for invariants and who may
 * call what. */
#include "heap/old_space.h"
#include "heap/assert.h"
#include "heap/attendant.h"
#include "heap/bitmap.h"
#include "heap/discard.h"
#include "heap/live_bits.h"
#include "heap/platform.h"
#include <errno.h>
#include <gc/object.h>
#include <stdlib.h>
#include <string.h>

/* Assumed until the first blocks are filled up. */
#define HOLE_YIELD_PERCENT_FIRST 60

static size_t owned_bytes(const struct gc_old_space *old) {
  return (old->space->block_count * sizeof *old->owned | (GC_OS_PAGE_BYTES - 1)) + 1;
}

int gc_old_space_open(struct gc_old_space *old, const struct gc_space *space,
                      struct gc_budget *budget) {
  *old = (struct gc_old_space){.space = space,
                               .budget = budget,
                               .free_list = GC_NO_BLOCK,
                               .sweep_is_settled = true,
                               .hole_yield_percent = HOLE_YIELD_PERCENT_FIRST};
  for (size_t class = 0; class < GC_OCCUPANCY_CLASSES; class ++) {
    old->partial[class] = GC_NO_BLOCK;
  }
  gc_touch_ahead_init(&old->ahead);
  old->blocks_bytes = space->block_count * sizeof(struct gc_block);
  uintptr_t start = 0;
  int error = gc_platform_reserve((old->blocks_bytes | (GC_OS_PAGE_BYTES - 1)) + 1,
                                  GC_OS_PAGE_BYTES, &start);
  old->blocks = (struct gc_block *)start;
  if (error == 0) {
    error = gc_platform_reserve(owned_bytes(old), GC_OS_PAGE_BYTES, &start);
    old->owned = (struct gc_attendant **)start;
  }
  return error;
}

void gc_old_space_close(struct gc_old_space *old) {
  if (old->blocks != NULL) {
    gc_platform_unreserve((uintptr_t)old->blocks, (old->blocks_bytes | (GC_OS_PAGE_BYTES - 1)) + 1);
  }
  if (old->owned != NULL) {
    gc_platform_unreserve((uintptr_t)old->owned, owned_bytes(old));
  }
  *old = (struct gc_old_space){0};
}

/* What the sweep of a block says of it: how many eighths are free, 0 for a full block. */
static size_t occupancy_class(const struct gc_block *block) {
  return (GC_BLOCK_BYTES - block->live_bytes) * GC_OCCUPANCY_CLASSES / GC_BLOCK_BYTES;
}

static uint32_t pop_locked(struct gc_old_space *old, uint32_t *list) {
  uint32_t block = *list;
  if (block != GC_NO_BLOCK) {
    *list = old->blocks[block].next;
  }
  return block;
}

static uint32_t take_partial(struct gc_old_space *old) {
  gc_spin_lock_acquire(&old->lock);
  uint32_t block = GC_NO_BLOCK;
  for (size_t class = GC_OCCUPANCY_CLASSES - 1; class > 0 && block == GC_NO_BLOCK; class --) {
    block = pop_locked(old, &old->partial[class]);
  }
  if (block != GC_NO_BLOCK) {
    old->blocks[block].state = GC_BLOCK_OWNED;
    old->partial_free_bytes -= GC_BLOCK_BYTES - old->blocks[block].live_bytes;
  }
  gc_spin_lock_release(&old->lock);
  return block;
}

static uint32_t take_free(struct gc_old_space *old, enum gc_budget_use use) {
  if (!gc_budget_try_take(old->budget, GC_BLOCK_BYTES, use)) {
    return GC_NO_BLOCK;
  }
  gc_spin_lock_acquire(&old->lock);
  uint32_t block = pop_locked(old, &old->free_list);
  size_t used_blocks = 0;
  if (block == GC_NO_BLOCK && old->high_water < old->space->block_count) {
    block = (uint32_t)old->high_water;
    used_blocks = old->high_water + 1;
    gc_atomic_store_relaxed(&old->high_water, used_blocks);
  }
  if (block != GC_NO_BLOCK) {
    struct gc_block *info = &old->blocks[block];
    gc_atomic_fetch_add_relaxed(&old->committed_blocks, (size_t)(info->committed == 0));
    old->blocks_in_use++;
    info->committed = 1;
    info->live_bytes = 0;
    info->state = GC_BLOCK_OWNED;
    info->sweep_epoch = old->sweep_epoch;
  }
  gc_spin_lock_release(&old->lock);
  gc_touch_ahead_note(&old->ahead, used_blocks);
  if (block == GC_NO_BLOCK) {
    gc_budget_give(old->budget, GC_BLOCK_BYTES);
  }
  return block;
}

static void own(struct gc_old_space *old, struct gc_old_allocator *allocator, uint32_t block) {
  size_t live_bytes = old->blocks[block].live_bytes;
  allocator->block = block;
  allocator->cursor = 0;
  allocator->free_bytes = live_bytes > 0 ? GC_BLOCK_BYTES - live_bytes : 0;
  allocator->filled_bytes = 0;
}

/* Its remaining holes are too small, or wait for the next sweep. */
static void leave(struct gc_old_space *old, struct gc_old_allocator *allocator) {
  if (allocator->block != GC_NO_BLOCK && allocator->free_bytes > 0) {
    gc_atomic_fetch_add_relaxed(&old->left_free_bytes, allocator->free_bytes);
    gc_atomic_fetch_add_relaxed(&old->left_filled_bytes, allocator->filled_bytes);
  }
  allocator->block = GC_NO_BLOCK;
}

static void close_hole(struct gc_old_allocator *allocator) {
  if (allocator->top > allocator->range_start) {
    if (allocator->range_count == allocator->range_capacity) {
      allocator->range_capacity = allocator->range_capacity * 2 + 64;
      allocator->ranges =
          realloc(allocator->ranges, allocator->range_capacity * sizeof *allocator->ranges);
      GC_CHECK(allocator->ranges != NULL, "the list of promoted ranges must grow");
    }
    allocator->ranges[allocator->range_count++] =
        (struct gc_range){allocator->range_start, allocator->top};
    allocator->filled_bytes += allocator->top - allocator->range_start;
  }
  allocator->top = allocator->limit = allocator->range_start = 0;
}

/* The next hole of the owned block that fits; false when there is none. Whether the live bits of
 * what filled the hole before are written yet does not matter. */
static bool next_hole(struct gc_old_space *old, struct gc_old_allocator *allocator, size_t bytes) {
  size_t minimum_bytes = bytes > GC_HOLE_BYTES_MIN ? bytes : GC_HOLE_BYTES_MIN;
  size_t first = 0, end = 0;
  if (!gc_bitmap_next_free(gc_space_live_words(old->space, allocator->block), GC_BLOCK_GRANULES,
                           allocator->cursor, minimum_bytes >> GC_GRANULE_BYTES_LOG2, &first,
                           &end)) {
    return false;
  }
  uintptr_t block_address = gc_space_block_address(old->space, allocator->block);
  allocator->cursor = end;
  allocator->top = allocator->range_start = block_address + (first << GC_GRANULE_BYTES_LOG2);
  allocator->limit = block_address + (end << GC_GRANULE_BYTES_LOG2);
  gc_unpoison(allocator->top, allocator->limit - allocator->top);
  return true;
}

uintptr_t gc_old_allocator_refill(struct gc_old_space *old, struct gc_old_allocator *allocator,
                                  size_t bytes, enum gc_budget_use use) {
  close_hole(allocator);
  for (;;) {
    if (allocator->block != GC_NO_BLOCK && next_hole(old, allocator, bytes)) {
      uintptr_t start = allocator->top;
      allocator->top += bytes;
      return start;
    }
    leave(old, allocator);
    uint32_t block = bytes < GC_BIG_OBJECT_BYTES ? take_partial(old) : GC_NO_BLOCK;
    if (block == GC_NO_BLOCK) {
      block = take_free(old, use);
    }
    if (block == GC_NO_BLOCK) {
      return 0;
    }
    own(old, allocator, block);
  }
}

static void count_range(struct gc_old_space *old, struct gc_range range) {
  gc_atomic_fetch_add_relaxed(&old->allocated_bytes, range.end - range.start);
}

static void publish_range(struct gc_old_space *old, struct gc_range range) {
  uint64_t bits = 0;
  for (uintptr_t address = range.start; address < range.end;) {
    size_t bytes = gc_header_size_bytes(gc_object_header((struct gc_ref){address}));
    GC_ASSERT(bytes >= GC_OBJECT_BYTES_MIN, "an allocation buffer holds objects without gaps");
    bits = gc_live_bits_add(old->space, bits, address, bytes, GC_LIVE_BITS_OWNED);
    address += bytes;
  }
  gc_live_bits_end(old->space, bits, range.end, GC_LIVE_BITS_OWNED);
  count_range(old, range);
}

/* Closes the hole in use, hands every filled range to take, and opens the rest of the hole again.
 * */
static void take_ranges(struct gc_old_space *old, struct gc_old_allocator *allocator,
                        void (*take)(struct gc_old_space *old, struct gc_range range)) {
  uintptr_t limit = allocator->limit, top = allocator->top;
  close_hole(allocator);
  for (size_t index = 0; index < allocator->range_count; index++) {
    take(old, allocator->ranges[index]);
  }
  allocator->range_count = 0;
  allocator->top = allocator->range_start = top;
  allocator->limit = limit;
}

void gc_old_allocator_publish(struct gc_old_space *old, struct gc_old_allocator *allocator) {
  take_ranges(old, allocator, publish_range);
}

void gc_old_allocator_count_published(struct gc_old_space *old,
                                      struct gc_old_allocator *allocator) {
  take_ranges(old, allocator, count_range);
}

void gc_old_allocator_retire(struct gc_old_allocator *allocator) {
  GC_ASSERT(allocator->range_count == 0 && allocator->top == allocator->range_start,
            "an allocator is published before it is retired");
  gc_poison(allocator->top, allocator->limit - allocator->top);
  allocator->top = allocator->limit = allocator->range_start = 0;
  allocator->block = GC_NO_BLOCK;
}

void gc_old_allocator_finish(struct gc_old_allocator *allocator) {
  free(allocator->ranges);
  *allocator = (struct gc_old_allocator){.block = GC_NO_BLOCK};
}

#if defined(GC_DEBUG) || defined(GC_ADDRESS_SANITIZER)
static void discard_free_ranges(struct gc_old_space *old, size_t block) {
  uintptr_t start = gc_space_block_address(old->space, block);
  size_t first = 0, end = 0;
  while (gc_bitmap_next_free(gc_space_live_words(old->space, block), GC_BLOCK_GRANULES, end, 1,
                             &first, &end)) {
    gc_discard(start + (first << GC_GRANULE_BYTES_LOG2), (end - first) << GC_GRANULE_BYTES_LOG2);
  }
}
#else
static void discard_free_ranges(struct gc_old_space *old, size_t block) {
  (void)old;
  (void)block;
}
#endif

size_t gc_old_space_sweep_block(struct gc_old_space *old, size_t block) {
  uint64_t *live = gc_space_live_words(old->space, block);
  uint64_t *mark = gc_space_mark_words(old->space, block);
  uint64_t *crossings = gc_space_crossings(old->space, block);
  size_t before_granules = 0, after_granules = 0;
  uint64_t before_carry = 0, after_carry = 0, crossing = 0;
  /* Relaxed: what a mutator adds meanwhile has a live owner. */
  if (gc_atomic_load_relaxed(&old->owned[block]) != NULL) {
    gc_attendants_sweep(old->attendants, old->space, &old->owned[block]);
  }
  for (size_t index = 0; index < GC_BLOCK_WORDS; index++) {
    uint64_t marked = mark[index];
    crossing |= (after_carry & 1) << index % 64;
    if (index % 64 == 63) {
      crossings[index / 64] = crossing;
      crossing = 0;
    }
    before_granules += (size_t)__builtin_popcountll(gc_bitmap_filled(live[index], &before_carry));
    after_granules += (size_t)__builtin_popcountll(gc_bitmap_filled(marked, &after_carry));
    live[index] = marked;
    mark[index] = 0;
  }
  GC_ASSERT(after_carry == 0, "stable-when-walked: bits come in pairs within a block");
  old->blocks[block].live_bytes = (uint32_t)(after_granules << GC_GRANULE_BYTES_LOG2);
  discard_free_ranges(old, block);
  return (before_granules - after_granules) << GC_GRANULE_BYTES_LOG2;
}

/* Lists a swept block as free or partly free. The caller gives a free one back to the budget. */
static void list_block_locked(struct gc_old_space *old, uint32_t block) {
  struct gc_block *info = &old->blocks[block];
  if (info->live_bytes == 0) {
    info->state = GC_BLOCK_FREE;
    info->next = old->free_list;
    old->free_list = block;
    old->blocks_in_use--;
    return;
  }
  info->state = GC_BLOCK_IN_USE;
  size_t class = occupancy_class(info);
  if (class > 0) {
    info->next = old->partial[class];
    old->partial[class] = block;
    old->partial_free_bytes += GC_BLOCK_BYTES - info->live_bytes;
  }
}

/* What promotions found room for in the holes of the blocks they filled up. */
static void learn_hole_yield(struct gc_old_space *old) {
  size_t free_bytes = gc_atomic_exchange_relaxed(&old->left_free_bytes, 0);
  size_t filled_bytes = gc_atomic_exchange_relaxed(&old->left_filled_bytes, 0);
  if (free_bytes >= GC_BLOCK_BYTES) {
    unsigned percent = (unsigned)(filled_bytes * 100 / free_bytes);
    old->hole_yield_percent = (old->hole_yield_percent + percent) / 2;
  }
}

static void drop_partial_lists(struct gc_old_space *old) {
  for (size_t class = 0; class < GC_OCCUPANCY_CLASSES; class ++) {
    old->partial[class] = GC_NO_BLOCK;
  }
  old->partial_free_bytes = 0;
}

/* The lock is for whoever gives memory back in a blocking region. */
void gc_old_space_rebuild_lists_stw_single(struct gc_old_space *old) {
  size_t live_bytes = 0, free_bytes = 0;
  learn_hole_yield(old);
  gc_spin_lock_acquire(&old->lock);
  drop_partial_lists(old);
  for (size_t block = old->high_water; block-- > 0;) {
    struct gc_block *info = &old->blocks[block];
    if (info->state != GC_BLOCK_FREE) {
      live_bytes += info->live_bytes;
      list_block_locked(old, (uint32_t)block);
      free_bytes += info->state == GC_BLOCK_FREE ? GC_BLOCK_BYTES : 0;
    }
  }
  gc_spin_lock_release(&old->lock);
  gc_budget_give(old->budget, free_bytes);
  gc_atomic_store_relaxed(&old->allocated_bytes, 0);
  gc_atomic_store_relaxed(&old->live_bytes, live_bytes);
}

void gc_old_space_begin_sweep_stw(struct gc_old_space *old, size_t live_bytes) {
  GC_ASSERT(gc_old_space_is_swept(old), "swept-before-mark: the last sweep is over");
  learn_hole_yield(old);
  drop_partial_lists(old);
  old->sweep_epoch ^= 1;
  old->swept_live_bytes = 0;
  old->sweep_is_settled = false;
  gc_atomic_store_relaxed(&old->sweep_next, old->high_water);
  gc_atomic_store_relaxed(&old->live_bytes, live_bytes);
  gc_atomic_store_relaxed(&old->allocated_bytes, 0);
}

/* When the last block is listed, or none is left to look at: what is live is known exactly. */
static void settle_sweep_locked(struct gc_old_space *old) {
  if (old->sweep_next == 0 && old->sweeping_blocks == 0 && !old->sweep_is_settled) {
    gc_atomic_store_relaxed(&old->live_bytes, old->swept_live_bytes);
    old->sweep_is_settled = true;
  }
}

/* The next block that awaits the sweep, or GC_NO_BLOCK. */
static uint32_t take_unswept(struct gc_old_space *old) {
  uint32_t block = GC_NO_BLOCK;
  gc_spin_lock_acquire(&old->lock);
  while (old->sweep_next > 0 && block == GC_NO_BLOCK) {
    gc_atomic_store_relaxed(&old->sweep_next, old->sweep_next - 1);
    if (gc_old_space_awaits_sweep(old, old->sweep_next)) {
      block = (uint32_t)old->sweep_next;
      old->sweeping_blocks++;
    }
  }
  settle_sweep_locked(old);
  gc_spin_lock_release(&old->lock);
  return block;
}

bool gc_old_space_sweep_next(struct gc_old_space *old, size_t *swept_bytes) {
  uint32_t block = take_unswept(old);
  *swept_bytes = 0;
  if (block == GC_NO_BLOCK) {
    return false;
  }
  *swept_bytes = gc_old_space_sweep_block(old, block);
  gc_spin_lock_acquire(&old->lock);
  struct gc_block *info = &old->blocks[block];
  info->sweep_epoch = old->sweep_epoch;
  old->swept_live_bytes += info->live_bytes;
  list_block_locked(old, block);
  bool is_free = info->state == GC_BLOCK_FREE;
  old->sweeping_blocks--;
  settle_sweep_locked(old);
  gc_spin_lock_release(&old->lock);
  if (is_free) {
    gc_budget_give(old->budget, GC_BLOCK_BYTES);
  }
  return true;
}

size_t gc_old_space_partial_free_bytes(struct gc_old_space *old) {
  gc_spin_lock_acquire(&old->lock);
  size_t free_bytes = old->partial_free_bytes;
  gc_spin_lock_release(&old->lock);
  return free_bytes;
}

size_t gc_old_space_blocks_bytes(struct gc_old_space *old) {
  gc_spin_lock_acquire(&old->lock);
  size_t blocks = old->blocks_in_use;
  gc_spin_lock_release(&old->lock);
  return blocks * GC_BLOCK_BYTES;
}

bool gc_old_space_is_swept(struct gc_old_space *old) {
  gc_spin_lock_acquire(&old->lock);
  bool is_swept = old->sweep_next == 0 && old->sweeping_blocks == 0;
  gc_spin_lock_release(&old->lock);
  return is_swept;
}

/* One block's memory, if it is free and held. Under the lock, so that nobody takes it meanwhile. */
static bool release_block(struct gc_old_space *old, size_t block) {
  struct gc_block *info = &old->blocks[block];
  gc_spin_lock_acquire(&old->lock);
  bool is_held = info->state == GC_BLOCK_FREE && info->committed != 0;
  if (is_held) {
    gc_platform_release(gc_space_block_address(old->space, block), GC_BLOCK_BYTES);
    info->committed = 0;
    gc_atomic_fetch_sub_relaxed(&old->committed_blocks, 1);
  }
  gc_spin_lock_release(&old->lock);
  return is_held;
}

/* From the highest address down: allocation takes the lowest first. The lock is given up after each
 * block: a pause that wants one does not wait for the system to take back all of them. */
size_t gc_old_space_release_free(struct gc_old_space *old, size_t blocks) {
  size_t released = 0;
  /* Relaxed: blocks that are used for the first time meanwhile are not free. */
  for (size_t block = gc_atomic_load_relaxed(&old->high_water); block-- > 0 && released < blocks;) {
    released += release_block(old, block);
  }
  return released;
}

void gc_old_space_pretouch(struct gc_old_space *old, size_t bytes) {
  size_t blocks = bytes / GC_BLOCK_BYTES;
  if (blocks > old->space->block_count) {
    blocks = old->space->block_count;
  }
  gc_platform_touch(old->space->block_start, blocks * GC_BLOCK_BYTES);
  gc_platform_touch((uintptr_t)old->space->live_bits, blocks * GC_BLOCK_WORDS * sizeof(uint64_t));
  gc_platform_touch((uintptr_t)old->space->mark_bits, blocks * GC_BLOCK_WORDS * sizeof(uint64_t));
  for (size_t block = blocks; block-- > old->high_water;) {
    old->blocks[block] = (struct gc_block){.committed = 1, .next = old->free_list};
    old->free_list = (uint32_t)block;
    gc_atomic_fetch_add_relaxed(&old->committed_blocks, 1);
    gc_poison(gc_space_block_address(old->space, block), GC_BLOCK_BYTES);
  }
  if (blocks > old->high_water) {
    old->high_water = blocks;
  }
}
