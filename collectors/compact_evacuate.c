/* Compaction policy `evacuate`: the sparsest blocks, bounded by the pause target.
 *
 * Algorithm: heap/evacuate.h, with V8's rule for candidates.
 *
 * Costs: while candidates exist, the marker, barriers and scavenges record slots that refer into
 * them; the pause moves at most some MiB and visits what was recorded.
 */
#include "collectors/cycle.h"

static void select_candidates(struct gc_cycle *cycle) {
  gc_evacuate_select(cycle->heap);
}

static void begin_stw(struct gc_cycle *cycle) {
  gc_evacuate_begin_stw(cycle->heap);
}

static void move_stw(struct gc_cycle *cycle) {
  gc_evacuate_move_stw(cycle->heap);
}

const struct gc_compact_policy gc_compact_policy_evacuate = {.name = "evacuate",
                                                             .needs_beside = GC_KEEPS_MOVED_SLOTS,
                                                             .moves_old = true,
                                                             .select = select_candidates,
                                                             .begin_stw = begin_stw,
                                                             .move_stw = move_stw};
