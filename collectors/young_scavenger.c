/* Young policy `scavenger`: objects begin in the nursery and are promoted by scavenges. */
#include "collectors/collector.h"

const struct gc_young_policy gc_young_policy_scavenger = {.name = "scavenger",
                                                          .needs = GC_KEEPS_REMEMBERED};
