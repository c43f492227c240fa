/* The eden's size under --nursery auto: as large as lets a scavenge end within the pause target.
 *
 * Algorithm: each scavenge's CPU time on its critical path, remembered ranges and roots included, is
 * divided by the eden that it emptied. The eden is five eighths of the target over the second
 * dearest of the last 896 to 1,024 scavenges: their 99.9th percentile, which one scavenge that the
 * machine disturbed does not move. It at most doubles at a time, and begins with a quarter of a
 * mebibyte for a millisecond, before anything is known.
 *
 * Concurrency: with the world stopped.
 * Costs: a few dozen comparisons a scavenge.
 */
#ifndef COLLECTORS_NURSERY_TARGET_H
#define COLLECTORS_NURSERY_TARGET_H

#include <stddef.h>
#include <stdint.h>

#define GC_NURSERY_TARGET_EPOCHS          8
#define GC_NURSERY_TARGET_EPOCH_SCAVENGES 128

/* The two dearest scavenges of an epoch, in nanoseconds per mebibyte of eden; 0: none. */
struct gc_dearest {
  uint64_t first_ns, second_ns;
};

struct gc_nursery_target {
  uint64_t target_ns;
  size_t least_bytes;
  size_t eden_bytes; /* what is wanted */
  struct gc_dearest epochs[GC_NURSERY_TARGET_EPOCHS];
  unsigned epoch, scavenges_in_epoch;
};

/* A target that is not finite wants an eden without bound. */
void gc_nursery_target_init(struct gc_nursery_target *target, uint64_t target_ns,
                            size_t least_bytes);
/* A scavenge emptied so much of the eden in so much CPU time. Those of less than least_bytes say
 * nothing, for what does not depend on the eden outweighs it. */
void gc_nursery_target_learn(struct gc_nursery_target *target, uint64_t cpu_ns, size_t eden_bytes);

#endif
