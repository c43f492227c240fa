/* Marking policy `ticking`, which is not of this tree: a step of marking every millisecond, on a
 * collector thread, whatever is allocated meanwhile. Where that is not enough, the cycle's end
 * degenerates.
 */
#include "collectors/cycle.h"

#define STEP_NS   UINT64_C(200000)
#define PERIOD_NS UINT64_C(1000000)

static uint64_t beside(struct gc_cycle *cycle, struct gc_worker *worker) {
  if (worker == &cycle->heap->background.all[0]) {
    gc_cycle_mark_step(cycle, (struct gc_cycle_driver){.worker = worker}, STEP_NS);
  }
  return PERIOD_NS;
}

const struct gc_mark_policy gc_mark_policy_ticking = {
    .name = "ticking",
    .needs_any = GC_KEEPS_SNAPSHOT | GC_KEEPS_STRONG,
    .is_beside = true,
    .on_thread = true,
    .beside = beside,
    .help = gc_help_nothing,
};
