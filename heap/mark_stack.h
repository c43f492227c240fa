/* Mark stacks: a worker's grey objects, and how workers share them.
 *
 * A stack is a current segment and a list of full ones. Workers that ran dry wait at the share; a
 * busy worker that sees somebody waiting gives away the older half of its entries, which are the
 * roots of the larger subtrees. Termination: everybody who takes part waits and the share is empty.
 *
 * The same stacks serve the scavenger, whose entries may not be dropped (GC_SEGMENT_BEYOND_LIMIT),
 * and markers, whose stacks are bounded: where a segment cannot be had, gc_mark_stack_push answers
 * false and the marker marks the object, flags its block and drops the entry.
 *
 * Concurrency: a stack is one thread's. The share's members are under its lock, `waiting` is also
 * read relaxed: a stale value delays a donation by one check.
 */
#ifndef HEAP_MARK_STACK_H
#define HEAP_MARK_STACK_H

#include "heap/segment.h"
#include <gc/attributes.h>
#include <stdbool.h>

struct gc_large;

struct gc_mark_stack {
  uintptr_t *top;   /* next free word of the current segment */
  uintptr_t *limit; /* its end */
  uintptr_t *base;  /* its first word */
  struct gc_segment *current;
  struct gc_segment *full; /* list; each holds GC_SEGMENT_WORDS or count words */
  struct gc_segment_pool *pool;
  enum gc_segment_limit segment_limit;
};

struct gc_mark_share {
  struct gc_spin_lock lock;
  uint32_t waiting;            /* participants without work; under lock, read relaxed */
  uint32_t participants;       /* under lock */
  bool terminated;             /* under lock */
  struct gc_segment *segments; /* given away; under lock */
  struct gc_large *grey_large; /* large objects with pieces left to scan; under lock */
};

void gc_mark_stack_init(struct gc_mark_stack *stack, struct gc_segment_pool *pool,
                        enum gc_segment_limit segment_limit);
/* Gives an empty stack its first segment whatever the limit: without any, marking would advance by
 * one level of the graph per rescan. */
void gc_mark_stack_reserve(struct gc_mark_stack *stack);
/* Returns all segments; the stack is empty or its entries are given up. */
void gc_mark_stack_finish(struct gc_mark_stack *stack);

bool gc_mark_stack_push_slow(struct gc_mark_stack *stack, uintptr_t entry);
/* Starts a fresh segment; false when none can be had. The rest of the current one stays unused
 * until it is current again. */
bool gc_mark_stack_extend(struct gc_mark_stack *stack);
/* Makes the newest full segment current; false when there is none. */
bool gc_mark_stack_pop_segment(struct gc_mark_stack *stack);
bool gc_mark_stack_is_empty(const struct gc_mark_stack *stack);

/* False: no segment could be had and the entry is not on the stack. */
GC_ALWAYS_INLINE bool gc_mark_stack_push(struct gc_mark_stack *stack, uintptr_t entry) {
  if (GC_UNLIKELY(stack->top == stack->limit)) {
    return gc_mark_stack_push_slow(stack, entry);
  }
  *stack->top++ = entry;
  return true;
}

/* Before a job is opened: empty, with the leader as the one participant, so that a helper that
 * finds nothing yet does not end the work. */
void gc_mark_share_reset(struct gc_mark_share *share);
/* Makes a helper a participant; false when the work has terminated already. */
bool gc_mark_share_join(struct gc_mark_share *share);
/* Gives part of the stack away. */
void gc_mark_share_donate(struct gc_mark_share *share, struct gc_mark_stack *stack);
/* Gives a list of segments, whose counts say how many entries each holds. Any thread. */
void gc_mark_share_give_list(struct gc_mark_share *share, struct gc_segment *list);
/* Gives everything on the stack, which is empty afterwards. */
void gc_mark_share_give_all(struct gc_mark_share *share, struct gc_mark_stack *stack);
/* Before markers join again: what was given stays, nobody takes part yet. */
void gc_mark_share_reopen(struct gc_mark_share *share, uint32_t participants);
bool gc_mark_share_is_empty(struct gc_mark_share *share);
/* Every participant waited at once, since it was last opened. */
bool gc_mark_share_is_terminated(struct gc_mark_share *share);
/* Entries of its segments, counted up to about limit. */
size_t gc_mark_share_entry_count(struct gc_mark_share *share, size_t limit);
void gc_mark_share_add_large(struct gc_mark_share *share, struct gc_large *large);

enum gc_mark_work { GC_MARK_TERMINATED, GC_MARK_SEGMENT, GC_MARK_LARGE, GC_MARK_TOLD };
/* For a participant whose stack is empty: waits for work. GC_MARK_SEGMENT: the stack has entries
 * now. GC_MARK_LARGE: *large, slots [*first, *end), is a piece for the caller to scan. */
enum gc_mark_work gc_mark_share_take(struct gc_mark_share *share, struct gc_mark_stack *stack,
                                     struct gc_large **large, size_t *first, size_t *end);
/* The same for a marker beside the mutators. GC_MARK_TOLD: *stop_flag (atomic) was set, or the
 * caller does not wait, and it takes part no longer; so too after GC_MARK_TERMINATED. */
enum gc_mark_wait { GC_MARK_WAITS, GC_MARK_DOES_NOT_WAIT };
enum gc_mark_work gc_mark_share_take_unless(struct gc_mark_share *share,
                                            struct gc_mark_stack *stack, struct gc_large **large,
                                            size_t *first, size_t *end, const uint32_t *stop_flag,
                                            enum gc_mark_wait wait);
/* A participant that was told to stop takes part no longer. */
void gc_mark_share_leave(struct gc_mark_share *share);

static inline bool gc_mark_share_is_wanted(const struct gc_mark_share *share) {
  /* Relaxed: see the header. */
  return GC_UNLIKELY(gc_atomic_load_relaxed(&share->waiting) != 0);
}

#endif
