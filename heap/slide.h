/* Sliding compaction: every live object of the old space moves towards lower addresses, in order,
 * with the world stopped; blocks at the upper end become wholly free.
 *
 * Algorithm: two passes over the objects' bits and one over the objects, as the Compressor
 * (Kermany and Petrank 2006 s.3). From the mark bits alone a table is made that says, for each
 * word of the bitmap (512 bytes of a block), where the objects that begin there go; an object's new
 * address is that entry plus the occupied granules between, counted by popcount. Then each object
 * is read once: its slots are translated while it is copied, and so are all roots and the slots of
 * large objects, which do not move. At last marks are made to describe the moved objects.
 *
 * Differs from the paper: no virtual-memory tricks and no read barrier, as the world is stopped;
 * objects fill blocks and do not straddle them. What begins in one word of the bitmap stays
 * together, so that one entry serves it; where it does not fit the rest of a block, it begins the
 * next one and the rest stays free. The objects of one block go to at most two blocks.
 *
 * Invariant `slides-down`: blocks in use receive objects in ascending order, and no object's new
 * address is above its old one. By induction: what begins in one word is contiguous but for holes
 * and lies within one block; if the cursor is in that block it is at or below it, and then it
 * fits.
 *
 * Concurrency: workers take blocks in ascending order, and wait before they write into a block
 * whose own objects have not left [pairs: slide-moved]; the lowest block that is under way never
 * waits. Live words of a target block are written by several workers (atomic).
 *
 * Costs: the objects of the old space and every slot, about as much as marking; the table is 1 KiB
 * per block below the highest ever used, and is given back at once.
 */
#ifndef HEAP_SLIDE_H
#define HEAP_SLIDE_H

#include <stdbool.h>

struct gc_heap;

/* Between the termination of marking and the sweep, with the nursery empty and every allocation and
 * promotion buffer retired; evacuation candidates are given up. Mark bits describe live objects
 * before and after; afterwards live bits, live_bytes and crossings agree with them, and the sweep
 * that must follow frees the empty blocks. False when the system had no memory for the table:
 * nothing moved. */
bool gc_slide_stw(struct gc_heap *heap);

#endif
