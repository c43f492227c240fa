/* Re-grey flags: what the retreat barrier tells markers about objects that were stored into.
 *
 * Algorithm: Steele 1975. A store into an old object sets the object's flag; whoever finds it clear
 * queues the object to be scanned again (GC_MARK_AGAIN). So an object is queued once, however often
 * it is stored into, until markers clear the flag. A small object's flag is byte 6 of its header; a
 * large one has a flag for each 512-byte piece, in a side table.
 *
 * Invariant `regrey-has-entry`: for each change of a flag from 0 to 1 there is an entry, or a block
 * or descriptor flagged as overflowed, or a large object whose rescan has not come to the piece; the
 * scan of each begins by clearing the flag. Between cycles all flags are 0.
 *
 * Concurrency [pairs: regrey]. A mutator stores, then exchanges the flag with 1. A marker clears
 * the flag, then reads the slots. A mutator that was answered 1 queues nothing, and its store is
 * seen: its exchange precedes the clearing in the order of the flag's values, the clearing acquires
 * it, and the scan of the entry that belongs to that 1 acquires the clearing, whoever did it. So a
 * scan may also clear the flag of a piece of which it reads only a part, and a marker that reads 0
 * need not exchange. The flag is an exchanged byte in a header that others read as a word: nobody
 * who reads the word looks at the byte, and locked instructions of both sizes have one order.
 *
 * Costs: a scan of an object whose flag is 0 costs one load and one branch.
 */
#ifndef HEAP_REGREY_H
#define HEAP_REGREY_H

#include "heap/heap.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "byte 6 of a header is its bits 48 to 55");

static inline uint8_t *gc_regrey_flag(struct gc_ref object) {
  return (uint8_t *)gc_ref_address(object) + GC_HEADER_REGREY_BYTE;
}

/* For the barrier, after the store. True when the flag was clear, and the caller must queue. */
static inline bool gc_regrey_set(uint8_t *flag) {
  return gc_atomic_exchange_acq_rel(flag, 1) == 0; /* [pairs: regrey] */
}

static inline bool gc_regrey_clear_flag(uint8_t *flag) {
  return GC_UNLIKELY(gc_atomic_load_acquire(flag) != 0) && /* [pairs: regrey] */
         gc_atomic_exchange_acq_rel(flag, 0) != 0;
}

/* Before a small object's slots are read. True when the flag was set. */
static inline bool gc_regrey_clear(struct gc_ref object) {
  return gc_regrey_clear_flag(gc_regrey_flag(object));
}

/* Before slots in [start, end) of a large object are read: every piece that the range touches. */
static inline void gc_regrey_clear_large(struct gc_heap *heap, uintptr_t start, uintptr_t end) {
  uint8_t *last = gc_space_regrey_flag(&heap->space, end - 1);
  for (uint8_t *flag = gc_space_regrey_flag(&heap->space, start); flag <= last; flag++) {
    (void)gc_regrey_clear_flag(flag);
  }
}

#endif
