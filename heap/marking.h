/* Marking beside the mutators: what barriers shade, and its way to the markers.
 *
 * While a cycle marks, mutators' shading halves queue old objects in mark buffers of their own: one
 * segment per mutator, given to the markers' share when it is full, and partly full at handshakes
 * and in remark. Entries are addresses of old or large objects; with GC_MARK_AGAIN set, of an
 * object, or a 512-byte piece of a large one, that is to be scanned whatever its colour.
 *
 * Invariant `overflow-is-flagged`: when no segment can be had, the object is marked (atomic) and
 * its block or descriptor flagged, and the entry is dropped; whoever finds the flag scans it.
 * Barriers set mark bits in no other case.
 *
 * Concurrency: `is_active`, `promotion_colour` and the mutators' `shading` are written with the
 * world stopped and markers at rest. A mark buffer is its mutator's; whoever stopped the world may
 * flush it.
 */
#ifndef HEAP_MARKING_H
#define HEAP_MARKING_H

#include "heap/mark_stack.h"
#include <gc/mutator.h>
#include <gc/ref.h>
#include <stdbool.h>

struct gc_heap;

enum gc_colour { GC_WHITE, GC_GREY, GC_BLACK };

/* In entries of mark buffers and mark stacks: scan again. */
#define GC_MARK_AGAIN ((uintptr_t)1)

struct gc_marking {
  /* A cycle marks: shading is on, objects that are allocated old are black. */
  bool is_active;
  /* What the scavenger makes of what it promotes; GC_WHITE while no cycle marks. */
  enum gc_colour promotion_colour;
  struct gc_mark_share share; /* of markers; scavenges have one of their own */
};

/* Queues ref for the markers unless it is null, young or marked already. For slow halves of
 * barriers, while shading is on. */
void gc_marking_shade(struct gc_mutator *mutator, struct gc_ref ref);

/* Queues the object at address, or the piece of a large one, to be scanned again. */
void gc_marking_shade_again(struct gc_mutator *mutator, uintptr_t address);

/* Gives a mutator's partly full buffer to the markers. Its owner, or with the world stopped. */
void gc_marking_flush_mutator(struct gc_heap *heap, struct gc_mutator *mutator);

/* Marks the object that `entry` names and flags its block or descriptor: for entries that found no
 * room. Returns the object's size if it was white, else 0. Any thread. */
size_t gc_marking_overflow(struct gc_heap *heap, uintptr_t entry);

#endif
