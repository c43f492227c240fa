/* Room: how much the old generation can still take, and the eden's cap that follows from it.
 *
 * Invariant `promotion-guarantee` (heap/budget.h): what a scavenge may promote fits into wholly
 * free old space. It is kept by capping the eden after each collection.
 *
 * Concurrency: world stopped.
 */
#ifndef COLLECTORS_ROOM_H
#define COLLECTORS_ROOM_H

#include "collectors/cycle.h"

/* Re-establishes `promotion-guarantee` after a collection. */
void gc_room_cap_eden_stw(struct gc_heap *heap);

/* Puts a scavenge off: the eden grows by its configured size into its reservation, at the cost of
 * old space. False: no room for that and for what it may promote. */
bool gc_room_grow_eden_stw(struct gc_heap *heap);

/* The eden's cap: what it may hold until the next scavenge. */
/* The eden's size where there is room for it. */
static inline size_t gc_room_wanted_eden_bytes(const struct gc_heap *heap) {
  const struct gc_nursery *nursery = &heap->nursery;
  return nursery->eden_wanted_bytes < nursery->eden_bytes
             ? nursery->eden_wanted_bytes & ~(GC_GRANULE_BYTES - 1)
             : nursery->eden_bytes;
}

static inline size_t gc_room_eden_cap_bytes(const struct gc_heap *heap) {
  return heap->nursery.eden_limit - heap->nursery.eden_start;
}

/* Bytes that promotions may take before the reserve is touched: holes, and free space beyond the
 * reserve. */
size_t gc_room_for_promotion_bytes(struct gc_heap *heap);

/* The same, or what is left of the memory cap if that is less: what marking may let come meanwhile. */
size_t gc_room_while_marking_bytes(struct gc_heap *heap);

/* What may be promoted or pretenured until the next cycle is due, when promoted_meanwhile_bytes will
 * be promoted while it marks. */
size_t gc_room_until_cycle_bytes(struct gc_cycle *cycle, size_t promoted_meanwhile_bytes);

/* Whether a cycle is due, when promoted_meanwhile_bytes will be promoted before it ends. */
bool gc_room_is_cycle_due(struct gc_cycle *cycle, size_t promoted_meanwhile_bytes);

/* Whether the room left is less than the next scavenge may need. */
bool gc_room_is_spent(struct gc_cycle *cycle);

#endif
