/* Young policy `scavenger`: objects begin in the nursery and are promoted by scavenges. */
#include "collectors/cycle.h"

static void collect_stw(struct gc_cycle *cycle, enum gc_promotion promotion) {
  gc_scavenge_stw(cycle->heap, promotion);
}

const struct gc_young_policy gc_young_policy_scavenger = {.name = "scavenger",
                                                          .needs = GC_KEEPS_REMEMBERED,
                                                          .plan = gc_collector_plan_usual,
                                                          .collect_stw = collect_stw,
                                                          .retire_stw = gc_cycle_nothing};
