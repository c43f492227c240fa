/* Compaction policy `none`: nothing moves within the old generation. */
#include "collectors/collector.h"

const struct gc_compact_policy gc_compact_policy_none = {.name = "none",
                                                         .select = gc_cycle_nothing,
                                                         .begin_stw = gc_cycle_nothing,
                                                         .move_stw = gc_cycle_nothing};
