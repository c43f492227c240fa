/* Direct allocation: mutators' allocation buffers in the old space, for heaps without a young
 * generation, and for what is pretenured.
 *
 * A buffer is a piece of a hole in a block that the mutator's allocator owns. What is allocated in
 * it gets its live bits when the buffer is closed, by walking the objects, as promotions do.
 *
 * While a cycle marks, objects are black: the buffer's mark bits are filled with ones when it is
 * taken, so that whatever address begins an object counts as marked, and the exact bits are written
 * when it is closed. Markers may test and set bits of other objects in the same words meanwhile,
 * so both are atomic; only bits that are no object's first or last are cleared.
 *
 * Concurrency: a buffer is its mutator's; whoever stopped the world may close it.
 */
#ifndef HEAP_DIRECT_H
#define HEAP_DIRECT_H

#include "heap/old_space.h"
#include <stdbool.h>
#include <stdint.h>

/* Where mutators pretenure, one buffer of so many comes from the nursery. */
#define GC_PRETENURE_TURNS 8

struct gc_heap;
struct gc_mutator_private;

struct gc_direct {
  struct gc_old_allocator allocator;
  uintptr_t start; /* of the buffer in use; 0: none */
  uintptr_t end;
  bool is_black; /* its mark bits are ones */
};

void gc_direct_init(struct gc_direct *direct);
/* The mutator detaches: its buffer is closed and its block given back. Its thread. */
void gc_direct_finish(struct gc_heap *heap, struct gc_mutator_private *mutator);

/* Closes the buffer in use and takes another of at least minimum_bytes, not zeroed; false when the
 * old space has no room. The mutator's thread. */
bool gc_direct_take_buffer(struct gc_heap *heap, struct gc_mutator_private *mutator,
                           size_t minimum_bytes, size_t wanted_bytes, uintptr_t *start,
                           uintptr_t *end);

/* Closes the buffer in use, if there is one, before the mutator takes another elsewhere. Its thread.
 */
void gc_direct_close(struct gc_heap *heap, struct gc_mutator_private *mutator);
/* Closes every mutator's buffer, so that bitmaps say what exists; mutators go on in the same blocks.
 * World stopped. */
void gc_direct_close_all_stw(struct gc_heap *heap);
/* The same, and gives the blocks back. World stopped. */
void gc_direct_retire_all_stw(struct gc_heap *heap);

#endif
