/* Compaction policy `none`: nothing moves within the old generation. */
#include "collectors/collector.h"

static void move_stw(struct gc_cycle *cycle) {
  (void)cycle;
}

const struct gc_compact_policy gc_compact_policy_none = {
    .name = "none", .needs = 0, .move_stw = move_stw};
