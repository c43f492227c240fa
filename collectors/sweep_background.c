/* Sweeping policy `background`: on a collector thread, beside the mutators.
 *
 * Algorithm: the pause only says that blocks await their sweep. The collector thread sweeps them
 * one by one; a refill that comes before it is done sweeps at most one itself, as V8 does.
 *
 * Costs: about 2 us a block on another core. Scavenges wait for the block that is being swept.
 */
#include "collectors/cycle.h"

static uint64_t beside(struct gc_cycle *cycle, struct gc_worker *worker) {
  gc_cycle_sweep_beside(cycle, worker);
  return GC_BESIDE_WHEN_WOKEN;
}

static void help(struct gc_cycle *cycle, struct gc_mutator *mutator) {
  gc_cycle_sweep_slice(cycle, mutator, 1);
}

const struct gc_sweep_policy gc_sweep_policy_background = {
    .name = "background",
    .on_thread = true,
    .begin_stw = gc_cycle_begin_sweep_stw,
    .beside = beside,
    .help = help,
};
