/* Waiting for a thread that works on another core and is about to be done.
 *
 * First by spinning, then by giving the core away between spins, in case the other has none. Where
 * it takes longer than any such wait should, the other has lost its core to the host or to another
 * program, which may last milliseconds: then this thread naps, longer each time, for spinning would
 * only burn what counts as the pause's CPU time.
 *
 * Costs: a turn is one pause instruction, 15 to 50 ns; naps begin after some 100 us.
 */
#ifndef HEAP_SPIN_WAIT_H
#define HEAP_SPIN_WAIT_H

#include "heap/platform.h"

#define GC_TURNS_BEFORE_YIELD 200
#define GC_TURNS_BEFORE_NAP   4000
#define GC_NAP_US_MAX         1000u
#define GC_TURNS_BRIEF_MAX    (GC_TURNS_BEFORE_NAP + 2)

/* Turns of one wait are counted from 1. */
static inline void gc_spin_wait(unsigned turn) {
  if (turn > GC_TURNS_BEFORE_NAP) {
    unsigned nap_us = 20 * (turn - GC_TURNS_BEFORE_NAP);
    gc_platform_sleep_us(nap_us < GC_NAP_US_MAX ? nap_us : GC_NAP_US_MAX);
  } else if (turn % GC_TURNS_BEFORE_YIELD == 0) {
    gc_platform_yield();
  } else {
    gc_platform_spin_pause();
  }
}

/* The same for a thread that others wait for meanwhile, as a pause does for idle markers: it naps 40
 * us at most. */
static inline void gc_spin_wait_briefly(unsigned turn) {
  gc_spin_wait(turn < GC_TURNS_BRIEF_MAX ? turn : GC_TURNS_BRIEF_MAX);
}

#endif
