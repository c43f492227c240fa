/* The barrier `v8_page_flags`, the slow half and the heap's side: tables of flags, and everything
 * else as in `slots` and `insertion`.
 *
 * Invariants: a table's flags are those of its state, for all regions of the reservation, whether
 * they are in use or not: so no region has to be told of by who takes or frees it. A mutator looks
 * at the table of marking if and only if its `shading` or its `has_candidates` is set.
 *
 * Costs: two bytes per 256 KiB of address space.
 */
#include "barriers/barrier_parts.h"
#include "barriers/slots_parts.h"
#include "heap/assert.h"
#include "heap/platform.h"
#include <errno.h>
#include <gc/barriers/remember_v8_page_flags.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(GC_REGION_BYTES_LOG2 == GC_BLOCK_BYTES_LOG2, "a region is a block");

enum table { TABLE_IDLE, TABLE_MARKING, TABLES };

struct flags_state {
  struct gc_slots_state slots; /* first: what the functions of `slots` take it for */
  uint8_t *tables[TABLES];     /* constant after open */
};

static size_t region_count(const struct gc_heap *heap) {
  return heap->space.bytes >> GC_REGION_BYTES_LOG2;
}

/* Of the reservation's regions, those of the nursery come first. */
static uint8_t *make_table(const struct gc_heap *heap, uint8_t old_flags) {
  size_t young_count = heap->space.nursery_bytes >> GC_REGION_BYTES_LOG2;
  uint8_t *table = malloc(region_count(heap));
  if (table != NULL) {
    memset(table, GC_REGION_INTERESTING_TO, young_count);
    memset(table + young_count, old_flags, region_count(heap) - young_count);
  }
  return table;
}

static int open_flags(struct gc_heap *heap) {
  struct flags_state *state = calloc(1, sizeof *state);
  heap->remembered_state = state;
  if (state == NULL) {
    return -ENOMEM;
  }
  GC_CHECK(heap->space.nursery_start == heap->space.start &&
               (heap->space.start | heap->space.nursery_bytes) % GC_BLOCK_BYTES == 0,
           "the reservation is made of regions, the nursery's first");
  state->tables[TABLE_IDLE] = make_table(heap, GC_REGION_INTERESTING_FROM);
  state->tables[TABLE_MARKING] =
      make_table(heap, GC_REGION_INTERESTING_FROM | GC_REGION_INTERESTING_TO);
  int error = gc_slots_init(&state->slots, heap);
  bool has_tables = state->tables[TABLE_IDLE] != NULL && state->tables[TABLE_MARKING] != NULL;
  return has_tables ? error : -ENOMEM;
}

static void close_flags(struct gc_heap *heap) {
  struct flags_state *state = heap->remembered_state;
  if (state != NULL) {
    gc_slots_finish(&state->slots);
    free(state->tables[TABLE_IDLE]);
    free(state->tables[TABLE_MARKING]);
  }
  free(state);
  heap->remembered_state = NULL;
}

static void update_mutator(struct gc_heap *heap, struct gc_mutator *mutator) {
  struct flags_state *state = heap->remembered_state;
  bool is_marking = mutator->shading != 0 || mutator->has_candidates != 0;
  uintptr_t table = (uintptr_t)state->tables[is_marking ? TABLE_MARKING : TABLE_IDLE];
  mutator->remembered_limit = (uintptr_t *)(table - (heap->space.start >> GC_REGION_BYTES_LOG2));
}

/* src is old: stores into young objects never come here. */
GC_NEVER_INLINE void gc_remember_v8_page_flags_slow(struct gc_mutator *mutator, struct gc_slot slot,
                                                    struct gc_ref new_ref) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_REMEMBER_SLOW);
  if (gc_is_young(mutator, new_ref)) {
    gc_slots_insert(mutator, slot);
    return;
  }
  if (mutator->has_candidates != 0) {
    gc_slots_record_moved(mutator, slot, new_ref);
  }
  if (mutator->shading != 0) {
    gc_marking_shade(mutator, new_ref);
  }
}

/* After a bulk change: every slot of src. */
void gc_remember_v8_page_flags_object(struct gc_mutator *mutator, struct gc_ref src) {
  if ((gc_region_flags(mutator, src) & GC_REGION_INTERESTING_FROM) == 0) {
    return;
  }
  size_t count = gc_object_slot_count(src);
  for (size_t index = 0; index < count; index++) {
    struct gc_slot slot = gc_object_slot(src, index);
    gc_remember_v8_page_flags(mutator, src, slot,
                              (struct gc_ref){gc_atomic_load_relaxed(&slot.location->address)});
  }
}

const struct gc_remembered_ops gc_remember_v8_page_flags_ops = {
    .name = "v8_page_flags",
    .provides = GC_KEEPS_REMEMBERED | GC_KEEPS_STRONG | GC_KEEPS_MOVED_SLOTS,
    .open = open_flags,
    .close = close_flags,
    .update_mutator = update_mutator,
    .flush_mutator = gc_slots_flush_mutator,
    .begin_scavenge_stw = gc_slots_begin_scavenge_stw,
    .take_work = gc_slots_take_work,
    .remember_object = gc_slots_remember_object,
    .remember_slot = gc_slots_remember_slot,
    .end_scavenge_stw = gc_slots_end_scavenge_stw,
    .is_empty = gc_slots_is_empty,
    .contains = gc_slots_contains,
};
