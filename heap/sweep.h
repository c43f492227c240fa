/* Sweeping outside pauses: a block or large object at a time, on a mutator or a collector thread.
 *
 * What is swept and when is the collector's to say; a mutator that wants room, and whose request is
 * not met, sweeps for it before it asks the collector for more (allocate.c).
 *
 * Invariant: nothing is swept before weak cells are cleared: they may refer to what a sweep would
 * free.
 *
 * Concurrency: blocks and large objects are taken one by one under their space's lock. Collector
 * threads sweep in sections (GC_SECTION_SWEEP) which scavenges, verifiers and cycle edges have at
 * rest; mutators are stopped then, and never within a block.
 */
#ifndef HEAP_SWEEP_H
#define HEAP_SWEEP_H

#include "heap/stop.h"
#include <stdbool.h>
#include <stdint.h>

struct gc_heap;
struct gc_mutator;

/* False: weak cells are to be cleared first. Between two safepoints of a mutator, in a section of a
 * collector thread, and with the world stopped it does not change. */
bool gc_sweep_may(const struct gc_heap *heap);

/* Sweeps a block, or a large object when no block is left, and adds what was dead to *swept_bytes.
 * False: nothing is left to take; others may be sweeping. Only where gc_sweep_may. */
bool gc_sweep_one(struct gc_heap *heap, uint64_t *swept_bytes);

/* Counts what was swept since begin_ns. Any thread. */
void gc_sweep_count(struct gc_heap *heap, uint64_t swept_bytes, uint64_t begin_ns);

/* The same for a mutator's own sweeping, which is a pause of kind lazy_sweep unless it is part of
 * one. */
void gc_sweep_record(struct gc_heap *heap, struct gc_mutator *mutator, uint64_t swept_bytes,
                     struct gc_phase_clock clock);

#endif
