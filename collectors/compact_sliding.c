/* Compaction policy `sliding`: the whole old space, in order, in the pause that ends marking.
 *
 * Algorithm: heap/slide.h. Objects keep their order, so that what was allocated together stays
 * together, and all free memory is whole blocks afterwards.
 *
 * Costs: reads and writes every live object of the old space and every slot; nothing between
 * cycles, and nothing in the barrier.
 */
#include "collectors/cycle.h"
#include "heap/slide.h"

/* Without memory for its table the slide does not happen: the cycle sweeps what it marked. */
static void move_stw(struct gc_cycle *cycle) {
  (void)gc_slide_stw(cycle->heap);
}

const struct gc_compact_policy gc_compact_policy_sliding = {.name = "sliding",
                                                            .moves_old = true,
                                                            .select = gc_cycle_nothing,
                                                            .begin_stw = gc_cycle_nothing,
                                                            .move_stw = move_stw};
