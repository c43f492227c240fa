/* Evacuation: the live objects of the sparsest blocks are copied together, so that those blocks
 * become wholly free. Bounded: what a pause does follows from the pause target, not from the heap.
 *
 * Algorithm: the candidate rule is V8's. Of the partly free blocks, those of which at least T
 * percent are free, in ascending order of live bytes while these come to at most Q; none where that
 * would release no block. T is 70 until compaction was measured, then 100 - 50 / (1 + block /
 * speed), with the speed in bytes per millisecond, but at least 20; Q is 4 MiB. Objects move in the
 * pause that ends marking, and leave a forwarding address in their header. Then the slots that were
 * recorded while marking (heap/moved_slots.h), the roots, and all slots of the copies are made to
 * follow. Weak cells follow when they are cleared, by the forwarding addresses (heap/weak.h).
 *
 * Differs from V8: slots are not found in pages' slot sets but in lists; destinations are wholly
 * free blocks only. A candidate is dropped when more slots refer into it than its share of what can
 * be fixed in half of the pause target, or when its bytes, of those that moved before it, exceed
 * what can be moved in the other half.
 *
 * Invariants: `candidate-is-withdrawn`: nobody allocates in a candidate. `moved-slots-complete`.
 * `moved-slots-updated`: afterwards no slot of a live object, no handle and no root refers to a
 * forwarded object. A block whose objects could not all move keeps those that stay, also as hosts
 * of recorded slots, and has the bits of the others cleared. Copies have live and mark bits, so that
 * the sweep that follows treats their blocks as any other.
 *
 * Concurrency: selection takes the lists' lock; it may run beside mutators, but not beside a sweep
 * or another selection. In the pause workers take a block at a time; then, when all have moved, a
 * segment of recorded slots or the copies of one worker at a time.
 *
 * Costs: objects moved once, slots recorded; nothing proportional to the heap.
 */
#ifndef HEAP_EVACUATE_H
#define HEAP_EVACUATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gc_heap;

/* What a block's is_candidate says. */
enum gc_candidate {
  GC_CANDIDATE_NOT,
  GC_CANDIDATE,         /* chosen; after the move: holds objects that stay */
  GC_CANDIDATE_EMPTIED, /* all its objects have moved; until the fix-up ends */
};

struct gc_evacuation {
  uint32_t *candidates; /* blocks, ascending by live bytes; from the metadata arena */
  size_t candidate_count, candidate_capacity;
  /* Measured, smoothed, of one thread: 0 until then. */
  uint64_t moved_bytes_per_ms;
  uint64_t fixed_slots_per_ms;
  /* Since the heap was opened; what was moved is in struct gc_statistics. */
  uint64_t selected_blocks, dropped_blocks, partly_moved_blocks, moved_blocks;
};

/* Chooses candidates, unless some are chosen already, and takes them off the lists. When everything
 * is swept, before a cycle marks. */
void gc_evacuate_select(struct gc_heap *heap);

/* From here on slots into candidates are recorded. World stopped, before roots are shaded. */
void gc_evacuate_begin_stw(struct gc_heap *heap);

/* Moves what the candidates hold. Marking has terminated, the nursery is empty, every allocation
 * and promotion buffer retired; the sweep follows. */
void gc_evacuate_move_stw(struct gc_heap *heap);

/* Gives the candidates up: for whoever moves the whole heap instead. */
void gc_evacuate_cancel_stw(struct gc_heap *heap);

void gc_evacuate_finish(struct gc_heap *heap);

/* V8's T, in percent; 0 for a speed that was not measured. */
unsigned gc_evacuate_free_percent(uint64_t moved_bytes_per_ms);

#endif
