/* Limits of a heap, for programs that embed one: what happens before memory is exhausted, and giving
 * memory back. Included beside <gc/gc.h> by who wants it.
 */
#ifndef GC_LIMITS_H
#define GC_LIMITS_H

#include <gc/heap.h>

/* Has callback asked for a new limit when the failure ladder has ended and a request does not fit:
 * everything was collected, and the next answer would be null. It is given the heap's limit and the
 * one that the heap was opened with, and returns the new limit; what is no larger leaves the old
 * one. A limit cannot exceed GC_LIMIT_RAISED_MAX times the first. Null: nobody is asked.
 *
 * The world is stopped meanwhile: the callback may call nothing of the heap but
 * gc_image_capture_near_limit (gc/image.h), and takes no lock that a
 * mutator may hold. Set by one thread while nobody is attached, or by the only mutator. */
void gc_near_limit_set(struct gc_heap *heap,
                       uint64_t (*callback)(void *context, uint64_t limit_bytes,
                                            uint64_t first_limit_bytes),
                       void *context);

#define GC_LIMIT_RAISED_MAX 4

/* A full collection; then the memory of free blocks and pages goes back to the system, and so does
 * what the allocator of backing stores holds. Returns the bytes of the heap that went back. A
 * safepoint. The option --memory-reducer has gc_idle do the same. */
uint64_t gc_memory_reduce(struct gc_mutator *mutator);

#endif
