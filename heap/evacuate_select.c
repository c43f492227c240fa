/* Choosing evacuation candidates. See evacuate.h for the rule. */
#include "heap/evacuate.h"
#include "heap/heap.h"
#include <stdlib.h>

/* V8's figures, for a collection that is not for memory's sake. */
#define FREE_PERCENT_FIRST 70
#define FREE_PERCENT_MIN   20
#define MOVED_BYTES_MAX    ((size_t)4 << 20)

/* Under stress-move nearly every block is worth it. */
#define FREE_PERCENT_STRESSED 13

/* Assumed of fixing until it was measured, and never less than a segment's worth for a block. */
#define FIXED_SLOTS_PER_MS_FIRST 20000
#define SLOT_BUDGET_MIN          512

unsigned gc_evacuate_free_percent(uint64_t moved_bytes_per_ms) {
  if (moved_bytes_per_ms == 0) {
    return FREE_PERCENT_FIRST;
  }
  double block_ms = 1 + (double)GC_BLOCK_BYTES / (double)moved_bytes_per_ms;
  double percent = 100 - 50 / block_ms;
  return percent > FREE_PERCENT_MIN ? (unsigned)percent : FREE_PERCENT_MIN;
}

/* Live bytes and number of a block in one word, to sort by the former. */
#define ENTRY(live_bytes, block) ((uint64_t)(live_bytes) << 32 | (block))

static int ascending(const void *left, const void *right) {
  const uint64_t *a = left, *b = right;
  return (*a > *b) - (*a < *b);
}

/* The first of the lists that hold blocks of which so much is free. */
static size_t class_of(unsigned free_percent) {
  return free_percent * GC_OCCUPANCY_CLASSES / 100;
}

/* Listed blocks that are free enough; at most `capacity` are written, all are counted. */
static size_t collect_sparse(struct gc_old_space *old, unsigned free_percent, uint64_t *entries,
                             size_t capacity) {
  size_t count = 0;
  gc_spin_lock_acquire(&old->lock);
  for (size_t class = class_of(free_percent); class < GC_OCCUPANCY_CLASSES; class ++) {
    for (uint32_t block = old->partial[class]; block != GC_NO_BLOCK;
         block = old->blocks[block].next) {
      size_t free_bytes = GC_BLOCK_BYTES - old->blocks[block].live_bytes;
      if (free_bytes * 100 >= free_percent * GC_BLOCK_BYTES) {
        if (count < capacity) {
          entries[count] = ENTRY(old->blocks[block].live_bytes, block);
        }
        count++;
      }
    }
  }
  gc_spin_lock_release(&old->lock);
  return count;
}

/* How many of the sorted entries to take. */
static size_t take_within(const uint64_t *entries, size_t count, size_t bytes_max) {
  size_t taken = 0, bytes = 0;
  while (taken < count && bytes + (entries[taken] >> 32) <= bytes_max) {
    bytes += entries[taken++] >> 32;
  }
  size_t needed_blocks = (bytes + GC_BLOCK_BYTES - 1) / GC_BLOCK_BYTES;
  return taken > needed_blocks ? taken : 0;
}

static bool reserve_candidates(struct gc_heap *heap, size_t count) {
  struct gc_evacuation *evacuation = &heap->evacuation;
  if (count <= evacuation->candidate_capacity) {
    return true;
  }
  uint32_t *candidates = gc_arena_allocate(&heap->arena, count * sizeof *candidates);
  if (candidates != NULL) {
    gc_evacuate_finish(heap);
    evacuation->candidates = candidates;
    evacuation->candidate_capacity = count;
  }
  return candidates != NULL;
}

static void unlink_candidates_locked(struct gc_old_space *old, size_t first_class) {
  for (size_t class = first_class; class < GC_OCCUPANCY_CLASSES; class ++) {
    for (uint32_t *link = &old->partial[class]; *link != GC_NO_BLOCK;) {
      struct gc_block *info = &old->blocks[*link];
      if (info->is_candidate != GC_CANDIDATE_NOT) {
        *link = info->next;
        old->partial_free_bytes -= GC_BLOCK_BYTES - info->live_bytes;
      } else {
        link = &info->next;
      }
    }
  }
}

/* Allocators may have taken some of the chosen meanwhile: these are owned, and stay what they are.
 */
static void withdraw(struct gc_heap *heap, const uint64_t *entries, size_t count,
                     size_t first_class) {
  struct gc_old_space *old = &heap->old;
  struct gc_evacuation *evacuation = &heap->evacuation;
  gc_spin_lock_acquire(&old->lock);
  for (size_t index = 0; index < count; index++) {
    uint32_t block = (uint32_t)entries[index];
    struct gc_block *info = &old->blocks[block];
    if (info->state == GC_BLOCK_IN_USE) {
      info->is_candidate = GC_CANDIDATE;
      info->slots_lost = 0;
      info->incoming_slots = 0;
      evacuation->candidates[evacuation->candidate_count++] = block;
    }
  }
  unlink_candidates_locked(old, first_class);
  gc_spin_lock_release(&old->lock);
  evacuation->selected_blocks += evacuation->candidate_count;
}

void gc_evacuate_select(struct gc_heap *heap) {
  struct gc_evacuation *evacuation = &heap->evacuation;
  bool is_stressed = heap->options.stress_move;
  unsigned free_percent = is_stressed ? FREE_PERCENT_STRESSED
                                      : gc_evacuate_free_percent(evacuation->moved_bytes_per_ms);
  size_t bytes_max = gc_budget_free_bytes(&heap->budget);
  if (!is_stressed && bytes_max > MOVED_BYTES_MAX) {
    bytes_max = MOVED_BYTES_MAX;
  }
  size_t count = collect_sparse(&heap->old, free_percent, NULL, 0);
  if (evacuation->candidate_count > 0 || count == 0) {
    return;
  }
  uint64_t *entries = gc_arena_allocate(&heap->arena, count * sizeof *entries);
  if (entries == NULL) {
    return;
  }
  size_t found = collect_sparse(&heap->old, free_percent, entries, count);
  found = found < count ? found : count;
  qsort(entries, found, sizeof *entries, ascending);
  size_t taken = take_within(entries, found, bytes_max);
  if (taken > 0 && reserve_candidates(heap, taken)) {
    withdraw(heap, entries, taken, class_of(free_percent));
  }
  gc_arena_free(&heap->arena, entries, count * sizeof *entries);
}

/* A block's share of the slots that can be fixed in half of the pause target. */
static uint32_t slot_budget(const struct gc_heap *heap) {
  const struct gc_evacuation *evacuation = &heap->evacuation;
  uint64_t target_ns = heap->options.pause_target_ns;
  uint64_t per_ms = evacuation->fixed_slots_per_ms != 0 ? evacuation->fixed_slots_per_ms
                                                        : FIXED_SLOTS_PER_MS_FIRST;
  if (target_ns > UINT64_C(1000000000) || heap->options.stress_move) {
    return UINT32_MAX;
  }
  uint64_t slots = target_ns * per_ms / 2000000 / evacuation->candidate_count;
  return slots > SLOT_BUDGET_MIN ? (uint32_t)slots : SLOT_BUDGET_MIN;
}

void gc_evacuate_begin_stw(struct gc_heap *heap) {
  if (heap->evacuation.candidate_count > 0) {
    gc_moved_slots_begin_stw(heap, slot_budget(heap));
  }
}

void gc_evacuate_cancel_stw(struct gc_heap *heap) {
  struct gc_evacuation *evacuation = &heap->evacuation;
  for (size_t index = 0; index < evacuation->candidate_count; index++) {
    heap->old.blocks[evacuation->candidates[index]].is_candidate = GC_CANDIDATE_NOT;
  }
  evacuation->candidate_count = 0;
  gc_moved_slots_end_stw(heap);
}

void gc_evacuate_finish(struct gc_heap *heap) {
  struct gc_evacuation *evacuation = &heap->evacuation;
  if (evacuation->candidates != NULL) {
    gc_arena_free(&heap->arena, evacuation->candidates,
                  evacuation->candidate_capacity * sizeof *evacuation->candidates);
    evacuation->candidates = NULL;
    evacuation->candidate_capacity = 0;
  }
}
