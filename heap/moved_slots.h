/* Moved slots: which slots refer into blocks that an evacuation will empty.
 *
 * While evacuation candidates exist, three parties say so when a slot of an old object comes to
 * refer into one: the marker when it visits the slot, the barrier when the mutator stores, the
 * scavenger when it promotes the slot's object. (No slot is updated to refer into one: nothing is
 * promoted there.) Each appends the slot's address to a list of its own thread. The fix-up after the move reads all lists; slots may occur several
 * times, and may refer to something else by then.
 *
 * Use: whoever selects candidates sets `is_candidate` of their blocks, with incoming_slots and
 * slots_lost 0, then calls gc_moved_slots_begin_stw; threads test gc_heap_is_candidate of each new
 * value and call gc_moved_slots_record; fix-up calls gc_moved_slots_take_stw, and
 * gc_moved_slots_end_stw when no candidate is left.
 *
 * Invariant `moved-slots-complete`: between begin and end, every slot of an old or large object
 * that refers into a candidate whose slots are not lost is on a list, or in an object that the
 * marker has yet to scan.
 *
 * Degradation: when no segment can be had, or more slots than the budget refer into one block, the
 * block's `slots_lost` is set and nothing more is recorded for it: it is dropped as a candidate.
 *
 * Concurrency: has_candidates and is_candidate are written with the world stopped and markers at
 * rest (is_candidate also by `prepare`, while has_candidates is 0). A list belongs to its thread;
 * the heap's is under the lock. Counters are atomic and relaxed: read with the world stopped.
 *
 * Costs: 8 bytes per recorded slot, at most slot_budget times the number of candidates.
 */
#ifndef HEAP_MOVED_SLOTS_H
#define HEAP_MOVED_SLOTS_H

#include "heap/segment.h"
#include <gc/ref.h>

struct gc_heap;

/* One thread's recorded slots: the current segment, the full ones behind it. Zero is empty. */
struct gc_moved_slot_list {
  uintptr_t *top;   /* next free entry of the first segment */
  uintptr_t *limit; /* its end; equal to top when there is none */
  struct gc_segment *segments;
};

struct gc_moved_slots {
  uint8_t has_candidates; /* as every mutator's; world stopped */
  uint32_t slot_budget;   /* incoming slots from which a block's are given up; world stopped */
  struct gc_spin_lock lock;
  struct gc_segment *segments; /* flushed lists; under lock */
};

/* From here on slots into candidates are recorded. World stopped. */
void gc_moved_slots_begin_stw(struct gc_heap *heap, uint32_t slot_budget);

/* Notes that the slot at `slot` refers to `target`, which lies in a candidate. The list's thread.
 */
void gc_moved_slots_record(struct gc_heap *heap, struct gc_moved_slot_list *list,
                           struct gc_slot slot, struct gc_ref target);

/* Gives a thread's list to the heap. Its thread, or with the world stopped. */
void gc_moved_slots_flush(struct gc_heap *heap, struct gc_moved_slot_list *list);

/* All recorded slots: words[0 .. count) of each segment are slot addresses. Also flushes the lists
 * of mutators, workers and collector threads. The caller releases the segments. World stopped,
 * markers at rest. */
struct gc_segment *gc_moved_slots_take_stw(struct gc_heap *heap);

/* Recording ends; what was recorded and not taken is dropped. is_candidate is the caller's to
 * clear. World stopped. */
void gc_moved_slots_end_stw(struct gc_heap *heap);

#endif
