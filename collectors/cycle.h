/* The cycle: one old-generation collection from first mark to last sweep, and when it is due.
 *
 * Phases, and what holds in each. Today every cycle runs inside one stop; the table already has a
 * row for each phase that policies will open up.
 *
 *   phase   | world   | shading | promotions | allocated old | sweeps     | invariant
 * --------+---------+---------+------------+---------------+------------+------------------------------
 *   idle    | running | off     | white      | white         | nobody     | marks zero:
 * `swept-before-mark`
 *   begin   | stopped | off     | white      | none          | nobody     | nursery, remembered
 * set empty
 *   mark    | stopped | off     | none       | none          | nobody     | grey is on a stack or
 * flagged
 *   remark  | stopped | off     | none       | none          | nobody     | no grey object:
 * `terminated`
 *   compact | stopped | off     | none       | none          | nobody     | slots lead to where
 * objects are
 *   sweep   | stopped | off     | none       | none          | the policy | live := mark, mark := 0
 *
 * When: a scavenge answers a full eden. A cycle answers it instead when old space ran short: when
 * the room that promotions have without touching the reserve of the promotion guarantee has fallen
 * under what the next scavenge may need, or the eden's cap, by which the guarantee is kept, under
 * half of what the last cycle left. In a heap so tight that this holds right after a cycle, every
 * collection is one. A collection that leaves an eden of less than half of GC_EDEN_BYTES_MIN is
 * the end of the failure ladder.
 *
 * Concurrency: one cycle per heap, driven by whoever stopped the world.
 */
#ifndef COLLECTORS_CYCLE_H
#define COLLECTORS_CYCLE_H

#include "collectors/collector.h"

/* No eden is smaller: it holds two of the largest objects that are allocated in it. */
#define GC_EDEN_BYTES_MIN (2 * GC_LARGE_BYTES)

struct gc_cycle {
  struct gc_heap *heap;
  struct gc_composition composition;
  size_t eden_after_cycle_bytes; /* the eden's cap then */
};

extern const struct gc_collector_hooks gc_cycle_hooks;

static inline struct gc_cycle *gc_cycle_of(struct gc_heap *heap) {
  return heap->collector_state;
}

#endif
