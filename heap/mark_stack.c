/* Mark stacks and their sharing. See mark_stack.h. */
#include "heap/mark_stack.h"
#include "heap/large_space.h"
#include "heap/spin_wait.h"
#include <string.h>

/* Slots of a large object that are scanned as one piece. */
#define LARGE_PIECE_SLOTS ((size_t)2048)

void gc_mark_stack_init(struct gc_mark_stack *stack, struct gc_segment_pool *pool,
                        enum gc_segment_limit segment_limit) {
  *stack = (struct gc_mark_stack){.pool = pool, .segment_limit = segment_limit};
}

void gc_mark_stack_finish(struct gc_mark_stack *stack) {
  if (stack->current != NULL) {
    gc_segment_release(stack->pool, stack->current);
  }
  gc_segment_release_list(stack->pool, stack->full);
  gc_mark_stack_init(stack, stack->pool, stack->segment_limit);
}

static void use_segment(struct gc_mark_stack *stack, struct gc_segment *segment, size_t count) {
  stack->current = segment;
  stack->base = segment->words;
  stack->limit = segment->words + GC_SEGMENT_WORDS;
  stack->top = segment->words + count;
}

void gc_mark_stack_reserve(struct gc_mark_stack *stack) {
  struct gc_segment *segment = gc_segment_acquire(stack->pool, GC_SEGMENT_BEYOND_LIMIT);
  if (segment != NULL) {
    use_segment(stack, segment, 0);
  }
}

bool gc_mark_stack_extend(struct gc_mark_stack *stack) {
  struct gc_segment *segment = gc_segment_acquire(stack->pool, stack->segment_limit);
  if (segment == NULL) {
    return false;
  }
  if (stack->current != NULL) {
    stack->current->count = (size_t)(stack->top - stack->base);
    stack->current->next = stack->full;
    stack->full = stack->current;
  }
  use_segment(stack, segment, 0);
  return true;
}

bool gc_mark_stack_push_slow(struct gc_mark_stack *stack, uintptr_t entry) {
  if (!gc_mark_stack_extend(stack)) {
    return false;
  }
  *stack->top++ = entry;
  return true;
}

bool gc_mark_stack_pop_segment(struct gc_mark_stack *stack) {
  struct gc_segment *segment = stack->full;
  if (segment == NULL) {
    return false;
  }
  stack->full = segment->next;
  gc_segment_release(stack->pool, stack->current);
  use_segment(stack, segment, segment->count);
  return true;
}

bool gc_mark_stack_is_empty(const struct gc_mark_stack *stack) {
  return stack->top == stack->base && stack->full == NULL;
}

void gc_mark_share_reset(struct gc_mark_share *share) {
  *share = (struct gc_mark_share){.participants = 1};
}

bool gc_mark_share_join(struct gc_mark_share *share) {
  gc_spin_lock_acquire(&share->lock);
  bool joined = !share->terminated;
  share->participants += joined;
  gc_spin_lock_release(&share->lock);
  return joined;
}

static void give_segment(struct gc_mark_share *share, struct gc_segment *segment) {
  gc_spin_lock_acquire(&share->lock);
  segment->next = share->segments;
  share->segments = segment;
  gc_spin_lock_release(&share->lock);
}

void gc_mark_share_give_list(struct gc_mark_share *share, struct gc_segment *list) {
  while (list != NULL) {
    struct gc_segment *next = list->next;
    give_segment(share, list);
    list = next;
  }
}

void gc_mark_share_give_all(struct gc_mark_share *share, struct gc_mark_stack *stack) {
  struct gc_segment *list = stack->full;
  if (stack->current != NULL) {
    stack->current->count = (size_t)(stack->top - stack->base);
    if (stack->current->count == 0) {
      gc_segment_release(stack->pool, stack->current);
    } else {
      stack->current->next = list;
      list = stack->current;
    }
  }
  gc_mark_stack_init(stack, stack->pool, stack->segment_limit);
  gc_mark_share_give_list(share, list);
}

void gc_mark_share_reopen(struct gc_mark_share *share, uint32_t participants) {
  gc_spin_lock_acquire(&share->lock);
  share->terminated = false;
  share->participants = participants;
  gc_atomic_store_relaxed(&share->waiting, 0);
  gc_spin_lock_release(&share->lock);
}

bool gc_mark_share_is_empty(struct gc_mark_share *share) {
  gc_spin_lock_acquire(&share->lock);
  bool is_empty = share->segments == NULL && share->grey_large == NULL;
  gc_spin_lock_release(&share->lock);
  return is_empty;
}

bool gc_mark_share_is_terminated(struct gc_mark_share *share) {
  gc_spin_lock_acquire(&share->lock);
  bool is_terminated = share->terminated;
  gc_spin_lock_release(&share->lock);
  return is_terminated;
}

size_t gc_mark_share_entry_count(struct gc_mark_share *share, size_t limit) {
  size_t count = 0;
  gc_spin_lock_acquire(&share->lock);
  for (const struct gc_segment *segment = share->segments; segment != NULL && count < limit;
       segment = segment->next) {
    count += segment->count;
  }
  gc_spin_lock_release(&share->lock);
  return count;
}

void gc_mark_share_donate(struct gc_mark_share *share, struct gc_mark_stack *stack) {
  if (stack->full != NULL) {
    struct gc_segment *segment = stack->full;
    stack->full = segment->next;
    give_segment(share, segment);
    return;
  }
  size_t count = (size_t)(stack->top - stack->base), given = count / 2;
  if (given == 0) {
    return;
  }
  struct gc_segment *segment = gc_segment_acquire(stack->pool, stack->segment_limit);
  if (segment == NULL) {
    return;
  }
  memcpy(segment->words, stack->base, given * sizeof(uintptr_t));
  memmove(stack->base, stack->base + given, (count - given) * sizeof(uintptr_t));
  stack->top -= given;
  segment->count = given;
  give_segment(share, segment);
}

void gc_mark_share_add_large(struct gc_mark_share *share, struct gc_large *large) {
  large->scan_next = 0;
  gc_spin_lock_acquire(&share->lock);
  large->next_grey = share->grey_large;
  share->grey_large = large;
  gc_spin_lock_release(&share->lock);
}

static enum gc_mark_work take_locked(struct gc_mark_share *share, struct gc_mark_stack *stack,
                                     struct gc_large **large, size_t *first, size_t *end) {
  struct gc_segment *segment = share->segments;
  if (segment != NULL) {
    share->segments = segment->next;
    if (stack->current != NULL) {
      gc_segment_release(stack->pool, stack->current);
    }
    use_segment(stack, segment, segment->count);
    return GC_MARK_SEGMENT;
  }
  struct gc_large *grey = share->grey_large;
  if (grey != NULL) {
    *large = grey;
    *first = grey->scan_next;
    *end = *first + LARGE_PIECE_SLOTS;
    if (*end >= grey->shape.slot_count) {
      *end = grey->shape.slot_count;
      share->grey_large = grey->next_grey;
    }
    grey->scan_next = *end;
    return GC_MARK_LARGE;
  }
  return GC_MARK_TERMINATED;
}

/* Waits until there is work, everybody waits, or stop_flag (may be null) is set; does not wait if so
 * told. The participant counts as waiting meanwhile. */
static enum gc_mark_work take(struct gc_mark_share *share, struct gc_mark_stack *stack,
                              struct gc_large **large, size_t *first, size_t *end,
                              const uint32_t *stop_flag, enum gc_mark_wait wait) {
  gc_spin_lock_acquire(&share->lock);
  gc_atomic_store_relaxed(&share->waiting, share->waiting + 1);
  for (unsigned turn = 1;; turn++) {
    enum gc_mark_work work = take_locked(share, stack, large, first, end);
    if (work != GC_MARK_TERMINATED) {
      gc_atomic_store_relaxed(&share->waiting, share->waiting - 1);
      gc_spin_lock_release(&share->lock);
      return work;
    }
    if (share->waiting == share->participants) {
      share->terminated = true;
    }
    if (share->terminated) {
      gc_spin_lock_release(&share->lock);
      return GC_MARK_TERMINATED;
    }
    /* Relaxed: whoever set it waits until this thread rests. */
    if (wait == GC_MARK_DOES_NOT_WAIT ||
        (stop_flag != NULL && gc_atomic_load_relaxed(stop_flag) != 0)) {
      gc_atomic_store_relaxed(&share->waiting, share->waiting - 1);
      gc_spin_lock_release(&share->lock);
      return GC_MARK_TOLD;
    }
    gc_spin_lock_release(&share->lock);
    gc_spin_wait_briefly(turn); /* whoever stops the world waits for this thread */
    gc_spin_lock_acquire(&share->lock);
  }
}

enum gc_mark_work gc_mark_share_take(struct gc_mark_share *share, struct gc_mark_stack *stack,
                                     struct gc_large **large, size_t *first, size_t *end) {
  return take(share, stack, large, first, end, NULL, GC_MARK_WAITS);
}

enum gc_mark_work gc_mark_share_take_unless(struct gc_mark_share *share,
                                            struct gc_mark_stack *stack, struct gc_large **large,
                                            size_t *first, size_t *end, const uint32_t *stop_flag,
                                            enum gc_mark_wait wait) {
  enum gc_mark_work work = take(share, stack, large, first, end, stop_flag, wait);
  if (work == GC_MARK_TOLD) {
    gc_mark_share_leave(share);
  }
  return work;
}

void gc_mark_share_leave(struct gc_mark_share *share) {
  gc_spin_lock_acquire(&share->lock);
  share->participants--;
  gc_spin_lock_release(&share->lock);
}
