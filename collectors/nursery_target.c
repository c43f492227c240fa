/* The eden's size under --nursery auto. See nursery_target.h. */
#include "collectors/nursery_target.h"
#include <string.h>

#define MEBIBYTE         ((uint64_t)1 << 20)
#define FIRST_NS_PER_MIB UINT64_C(2500000) /* a quarter of a mebibyte for a millisecond's share */
/* Of the target: the rest is for what no scavenge before has shown. Chosen by the share of pauses
 * beyond the target on six workloads, of five and seven. */
#define TARGET_EIGHTHS    5
#define LONGEST_TARGET_NS UINT64_C(1000000000000)

static size_t fitting_bytes(const struct gc_nursery_target *target, uint64_t ns_per_mib) {
  uint64_t spent_ns = target->target_ns / 8 * TARGET_EIGHTHS;
  size_t bytes = (size_t)(spent_ns * MEBIBYTE / ns_per_mib);
  return bytes > target->least_bytes ? bytes : target->least_bytes;
}

void gc_nursery_target_init(struct gc_nursery_target *target, uint64_t target_ns,
                            size_t least_bytes) {
  *target = (struct gc_nursery_target){
      .target_ns = target_ns, .least_bytes = least_bytes, .eden_bytes = SIZE_MAX};
  if (target_ns < LONGEST_TARGET_NS) {
    target->eden_bytes = fitting_bytes(target, FIRST_NS_PER_MIB);
  }
}

static void insert(struct gc_dearest *dearest, uint64_t ns) {
  if (ns > dearest->first_ns) {
    *dearest = (struct gc_dearest){ns, dearest->first_ns};
  } else if (ns > dearest->second_ns) {
    dearest->second_ns = ns;
  }
}

void gc_nursery_target_learn(struct gc_nursery_target *target, uint64_t cpu_ns, size_t eden_bytes) {
  if (target->target_ns >= LONGEST_TARGET_NS || eden_bytes < target->least_bytes || cpu_ns == 0) {
    return;
  }
  insert(&target->epochs[target->epoch], cpu_ns * MEBIBYTE / eden_bytes + 1);
  struct gc_dearest dearest = {0};
  for (unsigned index = 0; index < GC_NURSERY_TARGET_EPOCHS; index++) {
    insert(&dearest, target->epochs[index].first_ns);
    insert(&dearest, target->epochs[index].second_ns);
  }
  if (++target->scavenges_in_epoch == GC_NURSERY_TARGET_EPOCH_SCAVENGES) {
    target->scavenges_in_epoch = 0;
    target->epoch = (target->epoch + 1) % GC_NURSERY_TARGET_EPOCHS;
    target->epochs[target->epoch] = (struct gc_dearest){0};
  }
  size_t fitting =
      fitting_bytes(target, dearest.second_ns != 0 ? dearest.second_ns : dearest.first_ns);
  target->eden_bytes = fitting / 2 < target->eden_bytes ? fitting : target->eden_bytes * 2;
}
