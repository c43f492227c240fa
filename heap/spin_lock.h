/* A spin lock for critical sections of a few instructions between threads of one pause.
 *
 * It yields the core after a while, because a holder may have lost its own: the machines this runs
 * on have few.
 */
#ifndef HEAP_SPIN_LOCK_H
#define HEAP_SPIN_LOCK_H

#include "heap/spin_wait.h"
#include <gc/atomics.h>
#include <stdint.h>

struct gc_spin_lock {
  uint32_t held; /* atomic [pairs: spin-lock] */
};

static inline void gc_spin_lock_acquire(struct gc_spin_lock *lock) {
  unsigned turn = 0;
  while (gc_atomic_exchange_acquire(&lock->held, 1) != 0) { /* [pairs: spin-lock] */
    /* Relaxed: only decides whether to try the exchange again. */
    while (gc_atomic_load_relaxed(&lock->held) != 0) {
      gc_spin_wait(++turn);
    }
  }
}

static inline void gc_spin_lock_release(struct gc_spin_lock *lock) {
  gc_atomic_store_release(&lock->held, 0); /* [pairs: spin-lock] */
}

#endif
