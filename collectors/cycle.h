/* The cycle: one old-generation collection from first mark to last sweep, and when it is due.
 *
 * Phases, and what holds in each. Today every cycle runs inside one stop; the table already has a row for
 * each phase that policies will open up.
 *
 *   phase   | world   | shading | promotions | allocated old | sweeps     | invariant
 *   --------+---------+---------+------------+---------------+------------+------------------------------
 *   idle    | running | off     | white      | white         | nobody     | marks zero: `swept-before-mark`
 *   begin   | stopped | off     | white      | none          | nobody     | nursery, remembered set empty
 *   mark    | stopped | off     | none       | none          | nobody     | grey is on a stack or flagged
 *   remark  | stopped | off     | none       | none          | nobody     | no grey object: `terminated`
 *   compact | stopped | off     | none       | none          | nobody     | slots lead to where objects are
 *   sweep   | stopped | off     | none       | none          | the policy | live := mark, mark := 0
 *
 * When: a scavenge answers a full eden. A cycle answers it instead when old space ran short: after each
 * collection the eden's limit is capped so that the promotion guarantee holds, and a cycle is due when that
 * cap, or the room for what scavenges lately promoted, has fallen under half of what the last cycle left.
 * Halving bounds the number of cycles in a tight heap. A collection that leaves an eden of less than half
 * of GC_EDEN_BYTES_MIN is the end of the failure ladder.
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
  size_t room_after_cycle_bytes; /* for promotions, when the last cycle ended */
  size_t eden_after_cycle_bytes; /* the eden's cap then */
};

extern const struct gc_collector_hooks gc_cycle_hooks;

static inline struct gc_cycle *gc_cycle_of(struct gc_heap *heap) {
  return heap->collector_state;
}

#endif
