/* What the processor counts of this process: cycles, instructions, cache misses, in user code, of all
 * threads that are started while the counters are open, and of the opening one.
 *
 * Counters come from perf_event_open(2). Where the machine or its rules give none (a virtual machine
 * without them, perf_event_paranoid above 2), figures are NaN: absent, not 0. When the processor
 * has fewer counters than are asked for, the kernel takes turns; what was counted is then scaled by
 * the share of time in which it was.
 */
#ifndef HARNESS_PROCESSOR_COUNTERS_H
#define HARNESS_PROCESSOR_COUNTERS_H

enum processor_counter {
  PROCESSOR_CYCLES,
  PROCESSOR_INSTRUCTIONS,
  PROCESSOR_CACHE_MISSES,
  PROCESSOR_COUNTERS
};

struct processor_counters {
  int descriptors[PROCESSOR_COUNTERS]; /* -1: not to be had */
};

/* Before threads are started. */
void processor_counters_open(struct processor_counters *counters);
void processor_counters_read(const struct processor_counters *counters,
                             double values[PROCESSOR_COUNTERS]);
void processor_counters_close(struct processor_counters *counters);

#endif
