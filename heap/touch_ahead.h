/* Memory is had from the system before it is needed: where nothing was touched beforehand, a thread
 * touches the nursery, and then the blocks that the old space is about to take.
 *
 * A huge page that is touched for the first time costs some 0.3 ms where the system has it ready and
 * 5 to 10 ms where a hypervisor must find it first. Whoever promotes into it pays, and that is a
 * scavenge: the world is stopped meanwhile.
 *
 * Algorithm. The old space says how many blocks were ever used. The thread keeps some huge pages
 * ahead of that, an eighth of the heap and no more than some MiB. Where it has fallen behind,
 * it skips what others touch already. It ends when the whole old space has memory, or when the system
 * refuses some.
 *
 * Where pauses are bounded, mutators wait at refills for the thread: ever longer, the less of the
 * lead is left, so that they come to use memory as fast as it can be touched, in many short naps,
 * and no scavenge meets a page that has none. A second thread, which gets the least share of a core
 * that others want, touches meanwhile too: two touch twice as fast as one (measured).
 *
 * It changes no byte: pages are populated by the system, never by a store from here. What it touches
 * stays below the limit of the heap.
 *
 * Concurrency [touch-ahead-park]: whoever takes a block stores used_blocks and then reads is_parked;
 * the thread stores is_parked and then reads used_blocks, all sequentially consistent (Dekker), so
 * one of the two sees the other. is_parked is the futex word. The second thread parks in the same way
 * on a word of its own, is_idle, and is woken by who waits: late is no loss. Each claims the blocks
 * that it touches by exchange of next_block. Waits are computed from hints.
 *
 * Costs: a load and a branch for every block that is taken for the first time; memory that may never
 * be used, up to the lead.
 */
#ifndef HEAP_TOUCH_AHEAD_H
#define HEAP_TOUCH_AHEAD_H

#include "heap/nursery.h"
#include "heap/space.h"
#include <pthread.h>
#include <stdbool.h>

#define GC_TOUCH_WAIT_NS_MAX UINT64_C(1000000)

struct gc_touch_ahead {
  const struct gc_space *space;
  const struct gc_nursery *nursery;
  size_t lead_blocks, limit_blocks;
  size_t enough_blocks; /* atomic, relaxed: a hint: while no more are used there is nothing to do */
  size_t used_blocks;   /* atomic [pairs: touch-ahead-park] */
  uint32_t is_parked;   /* atomic; futex [pairs: touch-ahead-park] */
  uint32_t is_stopping; /* atomic; set once [pairs: touch-ahead-park] */
  uint32_t is_idle;     /* atomic; futex: the second thread is parked [pairs: touch-ahead-park] */
  size_t
      next_block; /* atomic, relaxed: all below are touched, are being touched, or were skipped */
  size_t touching[2]; /* atomic, relaxed: by thread: the first block that may have no memory yet */
  uint32_t is_over;   /* atomic, relaxed: nothing is touched any longer */
  uint64_t ns_per_block;  /* atomic, relaxed: what touching took lately */
  bool mutators_wait;     /* constant */
  bool is_running, helps; /* the opener's alone: which threads there are */
  pthread_t thread, helper;
};

/* Nothing is touched and no thread runs until it is started. */
void gc_touch_ahead_init(struct gc_touch_ahead *ahead);

/* Begins, for a heap whose blocks may fill limit_bytes. Where no thread can be had, nothing is
 * touched ahead; that is no error. mutators_wait: by gc_touch_ahead_wait_ns, so a second thread has
 * time to touch too. */
void gc_touch_ahead_start(struct gc_touch_ahead *ahead, const struct gc_space *space,
                          const struct gc_nursery *nursery, size_t limit_bytes, bool mutators_wait);
/* Ends the threads, within the time of one huge page. Before the space is closed. */
void gc_touch_ahead_stop(struct gc_touch_ahead *ahead);

void gc_touch_ahead_wake(struct gc_touch_ahead *ahead, size_t used_blocks);

/* So many blocks have ever been used. Any thread, without locks. */
static inline void gc_touch_ahead_note(struct gc_touch_ahead *ahead, size_t used_blocks) {
  if (used_blocks > gc_atomic_load_relaxed(&ahead->enough_blocks)) {
    gc_touch_ahead_wake(ahead, used_blocks);
  }
}

/* How long a mutator that will use so many bytes of nursery should wait, so that the lead lasts: 0
 * while half of it is left, and no more than GC_TOUCH_WAIT_NS_MAX. Any thread. */
uint64_t gc_touch_ahead_wait_ns(const struct gc_touch_ahead *ahead, size_t bytes);
/* Whether fewer than so many blocks, or half of the lead, have memory beyond those in use, and more
 * are to come. Any thread. */
bool gc_touch_ahead_lacks(const struct gc_touch_ahead *ahead, size_t blocks);
/* Before it waits. */
void gc_touch_ahead_wake_helper(struct gc_touch_ahead *ahead);

#endif
