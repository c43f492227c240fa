/* How much of what a cycle marked is garbage: a second trace, in the very stop in which marking
 * terminated.
 *
 * Floating garbage is what marking kept although nothing refers to it any more: what died while
 * the cycle marked and was marked before, or was born or promoted black and died. Which objects
 * these are is known in that stop only: what the next cycle finds dead also died since.
 *
 * Algorithm. Everything that roots reach is visited, through young objects too, with visited bits
 * of its own; ephemerons keep their values as they do in marking, weak cells keep nothing. Old
 * and large objects that are marked and were not visited are the floating ones.
 *
 * Invariants: nothing of the heap is written, mark bits included.
 * Concurrency: world stopped, markers at rest, one thread.
 * Costs: a whole trace on one thread, which is why it is an option (--floating-garbage) and not
 * done by default; a bit of memory per granule of the blocks in use and of the nursery; chains of
 * ephemerons in the least fortunate order take quadratic time.
 */
#ifndef HEAP_FLOATING_GARBAGE_H
#define HEAP_FLOATING_GARBAGE_H

#include <stdbool.h>
#include <stdint.h>

struct gc_heap;

/* Old and large objects. */
struct gc_floating_garbage {
  uint64_t marked_bytes, marked_objects;
  uint64_t floating_bytes, floating_objects; /* of those */
};

/* Marking has terminated and its marks are complete; nothing is cleared, moved or swept yet. False:
 * there was no memory to find out. */
bool gc_floating_garbage_find_stw_single(struct gc_heap *heap, struct gc_floating_garbage *found);

/* Where the heap's options ask for it: finds it and records it, with the time that this took, in a
 * `floating_garbage` event. The same conditions. */
void gc_floating_garbage_record_stw_single(struct gc_heap *heap);

#endif
