/* Stopping the world, and resuming it.
 *
 *     if (gc_stop_begin(heap, mutator, reason)) {
 *       … the world is stopped, this mutator is worker 0 …
 *       gc_stop_end(heap, mutator, kind);
 *     }
 *
 * One stop at a time: a mutator that asks while another stops the world waits as stopped and is
 * answered false: it looks again whether it still needs what it asked for.
 *
 * Concurrency. A running mutator stops at a safepoint by itself: RUNNING -> STOPPED. One in a
 * blocking region is claimed by the stopping thread: BLOCKED -> BLOCKED_STOPPED, by
 * compare-and-exchange, against the mutator's own BLOCKED -> RUNNING; so one of the two wins and
 * the mutator cannot slip out [pairs: mutator-state]. Waiting spins first and parks later: a parked
 * thread costs 92 to 114 us to wake (LIMITS).
 *
 * Recording: gc_stop_end writes the `stop` event and the requester's `pause`; every other mutator
 * writes its own `pause` when it runs again.
 */
#ifndef HEAP_STOP_H
#define HEAP_STOP_H

#include "heap/event.h"
#include "heap/spin_lock.h"
#include <gc/mutator.h>
#include <pthread.h>
#include <stdbool.h>

struct gc_heap;
struct gc_worker;

struct gc_stop {
  pthread_mutex_t mutators_lock; /* list of mutators; held by whoever attaches, detaches or stops */
  const void *stopper;           /* atomic; its mutator or worker; null: the world runs
                                    [pairs: stop-owner] */
  uint32_t resume_number;        /* atomic; futex; counts resumes [pairs: resume-park] */
  uint32_t parked;               /* atomic; mutators asleep until the resume [pairs: resume-park] */
  uint32_t stopped_number; /* atomic; futex of the stopper: counts mutators that stopped [pairs:
                              stopped-park] */
  uint32_t stopper_parked; /* atomic [pairs: stopped-park] */

  /* The stop under way; written by the stopper, read by the stopped after the resume. */
  struct gc_event_stop record;
  uint64_t external_before_bytes; /* held when it began */
};

int gc_stop_open(struct gc_stop *stop);
void gc_stop_close(struct gc_stop *stop);

/* False: somebody else stopped the world meanwhile, and it runs again. */
bool gc_stop_begin(struct gc_heap *heap, struct gc_mutator *mutator, enum gc_pause_reason reason);
void gc_stop_end(struct gc_heap *heap, struct gc_mutator *mutator, enum gc_pause_kind kind);

/* The same for a collector thread, which is no mutator: nothing of its own is paused. */
bool gc_stop_begin_beside(struct gc_heap *heap, struct gc_worker *worker,
                          enum gc_pause_reason reason);
void gc_stop_end_beside(struct gc_heap *heap, struct gc_worker *worker, enum gc_pause_kind kind);

/* `requester` of a stop that a collector thread asked for. */
#define GC_REQUESTER_COLLECTOR UINT64_MAX

/* The safepoint's slow half: stops if a stop is requested, and returns when the world runs. */
void gc_stop_answer(struct gc_heap *heap, struct gc_mutator *mutator);

/* A mutator in a blocking region becomes runnable again; waits while a stop has claimed it. */
void gc_stop_leave_blocked(struct gc_heap *heap, struct gc_mutator *mutator);
/* A mutator that entered a blocking region answers a stop under way. */
void gc_stop_wake_stopper(struct gc_heap *heap);

/* Phases of a stop. Begin and end are called by each worker that takes part; gc_phase_join by the
 * leader when all have ended: it adds the largest CPU time to the stop's critical path and returns
 * it. */
struct gc_phase_clock {
  uint64_t begin_ns, begin_cpu_ns;
};
struct gc_phase_clock gc_phase_begin(void);
void gc_phase_end(struct gc_worker *worker, struct gc_phase_clock clock, unsigned phase);
uint64_t gc_phase_join(struct gc_heap *heap);
/* Of a mutator that worked for the collector while the world ran: the phase, with its CPU time, and
 * the pause that it was. Under 1 us it is neither. */
void gc_phase_end_as_pause(struct gc_mutator *mutator, struct gc_phase_clock clock, unsigned phase,
                           enum gc_pause_kind kind);

#endif
