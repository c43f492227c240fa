/* Young policy `scavenger`: objects begin in the nursery and are promoted by scavenges. */
#include "collectors/cycle.h"
#include "heap/direct.h"

static void retire_stw(struct gc_cycle *cycle) {
  gc_direct_retire_all_stw(cycle->heap);
}

static void collect_stw(struct gc_cycle *cycle, enum gc_promotion promotion) {
  if (promotion == GC_PROMOTE_ALL) {
    retire_stw(cycle);
  }
  gc_scavenge_stw(cycle->heap, promotion);
}

const struct gc_young_policy gc_young_policy_scavenger = {.name = "scavenger",
                                                          .needs = GC_KEEPS_REMEMBERED,
                                                          .plan = gc_collector_plan_usual,
                                                          .collect_stw = collect_stw,
                                                          .retire_stw = retire_stw};
