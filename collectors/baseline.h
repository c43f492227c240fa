/* What the baselines have in common: a heap of which nothing is used but its mutators and roots.
 */
#ifndef COLLECTORS_BASELINE_H
#define COLLECTORS_BASELINE_H

#include "collectors/collector.h"

/* Reserves next to nothing; the limit is noted and not kept. */
int gc_baseline_plan(const struct gc_options *options, struct gc_heap_parts *parts, char *error,
                     size_t error_size);

/* Do-nothing members. */
enum gc_pause_kind gc_baseline_collect_nothing(struct gc_heap *heap, struct gc_request *request);
void gc_baseline_idle_nothing(struct gc_heap *heap, struct gc_mutator *mutator,
                              uint64_t deadline_ns);

#endif
