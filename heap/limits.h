/* The heap's limit, and memory that goes back to the system.
 *
 * Near the limit: after the failure ladder's last rung the program may raise the limit
 * (gc/limits.h). The space for blocks is reserved with room for that: address space costs nothing.
 *
 * Reducer: a program that is idle does not need the memory of its last burst. Where
 * `--memory-reducer` is not inf, gc_idle collects fully, and gives back what is free, when the world
 * has not been stopped for that long; and then not before the heap holds a tenth and 10 MiB more
 * than it did afterwards (V8's rule). Otherwise memory is kept: taking it again costs page faults,
 * which experiments must not see.
 *
 * Concurrency: the limit is written with the world stopped, under the budget's lock. What the
 * reducer remembers is atomic and relaxed: two mutators that reduce at a time collect twice.
 */
#ifndef HEAP_LIMITS_H
#define HEAP_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gc_heap;
struct gc_mutator;

struct gc_limits {
  uint64_t first_limit_bytes; /* constant */
  /* World stopped. */
  uint64_t (*near_limit)(void *context, uint64_t limit_bytes, uint64_t first_limit_bytes);
  void *near_limit_context;
  uint64_t reduced_bytes; /* committed after the last reduction; atomic, relaxed */
};

/* Asks the program. True: the limit is higher than it was. World stopped. */
bool gc_limits_raise_stw(struct gc_heap *heap);

/* The mutator is idle until the deadline. A safepoint. */
void gc_limits_idle(struct gc_heap *heap, struct gc_mutator *mutator, uint64_t deadline_ns);

#endif
