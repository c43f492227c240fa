/* The failure ladder's last rung: whether a heap that is about to be out of memory is slid
 * together first (heap/slide.h).
 *
 * `--last-resort=none|slide`; left empty, `none` where compaction is `none`, so that fragmentation
 * shows as what it is, and `slide` with every other policy.
 */
#ifndef COLLECTORS_LAST_RESORT_H
#define COLLECTORS_LAST_RESORT_H

#include "collectors/collector.h"

/* What the rung runs: the policy `sliding`. */
extern const struct gc_compact_policy gc_compact_policy_sliding;

/* 0, or -EINVAL with a sentence. */
int gc_last_resort_check(const struct gc_options *options, char *error, size_t error_size);

/* Whether there is a rung beyond the full collection of the composition's own. */
bool gc_last_resort_slides(const struct gc_options *options,
                           const struct gc_composition *composition);

#endif
