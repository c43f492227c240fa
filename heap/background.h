/* Collector threads: what a collector does beside the mutators runs on them.
 *
 * They live as long as the heap. Each calls the collector's `beside` when woken, and again when the
 * time is over that the last call asked for. What touches the heap there happens in sections of one
 * kind: marking, or sweeping. Whoever stopped the world may ask one kind or both to rest: no thread
 * is in such a section then, and none begins one, until they are resumed. A scavenge has sweepers
 * rest, whose sections take microseconds, and never waits for markers.
 *
 * Concurrency [background-rest]: a thread counts itself into the section and then tests whether it
 * is to rest; the stopper sets the flag and then reads the count, all sequentially consistent
 * (Dekker), so one of the two sees the other. The flag is also what markers look at every 32
 * objects. [background-wake]: wake_number counts wakes; a thread parks on the number it read before
 * its last call.
 */
#ifndef HEAP_BACKGROUND_H
#define HEAP_BACKGROUND_H

#include "heap/stop.h"
#include "heap/worker.h"
#include <stdbool.h>
#include <stdint.h>

struct gc_heap;

enum gc_section { GC_SECTION_SWEEP, GC_SECTION_MARK, GC_SECTIONS };

struct gc_background {
  struct gc_worker *all; /* count of them, and one for the mutator that assists */
  unsigned count;
  uint32_t assisting;         /* atomic; 1: a mutator has that worker [pairs: background-assist] */
  uint32_t wake_number;       /* atomic; futex [pairs: background-wake] */
  uint32_t stopping;          /* atomic; set once, by close [pairs: background-wake] */
  uint32_t rest[GC_SECTIONS]; /* atomic; 1: wanted at rest [pairs: background-rest] */
  uint32_t working[GC_SECTIONS]; /* atomic; threads in a section [pairs: background-rest] */
  uint64_t stress_yield_us;      /* option */
  uint64_t stress_state;         /* atomic, relaxed; of its random numbers */
};

/* Starts count threads; their workers' indexes follow those of the pause's. 0 or negative errno. */
int gc_background_open(struct gc_background *background, struct gc_heap *heap, unsigned count);
/* Ends the threads. Before anything is closed that they use. */
void gc_background_stop(struct gc_background *background);
void gc_background_close(struct gc_background *background);

/* Has every thread call `beside` again. Any thread. */
void gc_background_wake(struct gc_background *background);

/* For collector threads: false when threads of this kind are wanted at rest. */
bool gc_background_enter(struct gc_background *background, enum gc_section section);
void gc_background_leave(struct gc_background *background, enum gc_section section);
bool gc_background_is_stopping(struct gc_background *background);

/* For whoever stopped the world. Rest returns when no thread is in such a section; resume wakes
 * nobody. */
void gc_background_rest_stw(struct gc_background *background, enum gc_section section);
void gc_background_resume_stw(struct gc_background *background, enum gc_section section);

/* The worker of mutators that do collector threads' work: one mutator at a time, between two
 * safepoints of its own. Null while another has it, or where there are no collector threads. */
struct gc_worker *gc_background_begin_assist(struct gc_background *background);
void gc_background_end_assist(struct gc_background *background);

/* Records one thread's share of a phase that ran beside the mutators. */
void gc_background_phase_end(struct gc_worker *worker, struct gc_phase_clock clock, unsigned phase);

#endif
