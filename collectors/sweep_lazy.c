/* Sweeping policy `lazy`: by mutators, when they take allocation buffers.
 *
 * Algorithm (Hughes 1982): the pause only says that blocks await their sweep. Each refill sweeps
 * ahead of need, so many that all are swept within a few edens of allocation, and scavenges find
 * room without sweeping for it themselves.
 *
 * Costs: about 2 us a block, in pauses of kind `lazy_sweep` of one mutator each.
 */
#include "collectors/cycle.h"

/* Edens of allocation within which everything is swept. */
#define EDENS_TO_SWEEP 4

static size_t blocks_per_refill(const struct gc_heap *heap) {
  size_t refills = EDENS_TO_SWEEP * heap->nursery.eden_bytes / heap->buffer_bytes;
  /* Relaxed: a guess. Another mutator may take a block for the first time. */
  return gc_atomic_load_relaxed(&heap->old.high_water) / (refills > 0 ? refills : 1) + 1;
}

static void help(struct gc_cycle *cycle, struct gc_mutator *mutator) {
  gc_cycle_sweep_slice(cycle, mutator, blocks_per_refill(cycle->heap));
}

const struct gc_sweep_policy gc_sweep_policy_lazy = {
    .name = "lazy",
    .begin_stw = gc_cycle_begin_sweep_stw,
    .beside = gc_beside_nothing,
    .help = help,
};
