/* Marking policy `incremental`: in steps, each a pause of its own within the pause target.
 *
 * Algorithm: every allocation buffer that a mutator takes adds to the marking that is owed, in
 * proportion to what is left to mark and the room that is left (pacer.h). Where a step's worth is
 * owed, the mutator stops the world and marks until the step's deadline. When nobody allocates, a
 * collector thread takes the steps, so that a program which only computes sees its cycles end.
 *
 * Costs: as marking with the world stopped, divided; the room that promotions take meanwhile.
 */
#include "collectors/cycle.h"
#include "heap/platform.h"

/* Without allocation a step every so many pause targets: a tenth of the time. */
#define TICK_PAUSE_TARGETS 10

static void help(struct gc_cycle *cycle, struct gc_mutator *mutator) {
  if (gc_pacer_owes_step(&cycle->pacer)) {
    gc_cycle_mark_step(cycle, (struct gc_cycle_driver){.mutator = mutator}, cycle->pacer.step_ns);
  }
}

static uint64_t beside(struct gc_cycle *cycle, struct gc_worker *worker) {
  uint64_t tick_ns = cycle->pacer.step_ns * TICK_PAUSE_TARGETS;
  uint64_t since_ns =
      gc_platform_now_ns() - gc_atomic_load_relaxed(&cycle->last_step_ns); /* a stale one: a step
                                                                              too many */
  if (since_ns >= tick_ns && worker == &cycle->heap->background.all[0]) {
    gc_cycle_mark_step(cycle, (struct gc_cycle_driver){.worker = worker}, cycle->pacer.step_ns);
  }
  return tick_ns;
}

const struct gc_mark_policy gc_mark_policy_incremental = {
    .name = "incremental",
    .needs_any = GC_KEEPS_SNAPSHOT | GC_KEEPS_STRONG,
    .is_beside = true,
    .on_thread = true,
    .beside = beside,
    .help = help,
};
