/* Lists of weak cells and ephemerons: their addresses, in segments.
 *
 * A list has no order. Its first segment may be partly full, and so may others, after a splice;
 * whoever goes through a list as a rule moves what it keeps to another one, which packs it.
 *
 * Concurrency: a list is its owner's, or under the lock that its comment names.
 */
#ifndef HEAP_WEAK_LIST_H
#define HEAP_WEAK_LIST_H

#include "heap/segment.h"
#include <stdbool.h>

struct gc_weak_list {
  struct gc_segment *first, *last; /* each holds at least one entry */
};

static inline bool gc_weak_list_is_empty(const struct gc_weak_list *list) {
  return list->first == NULL;
}

void gc_weak_list_append(struct gc_weak_list *list, struct gc_segment_pool *pool,
                         uintptr_t address);
/* An entry of the list, which is on it no longer; 0 when it is empty. */
uintptr_t gc_weak_list_pop(struct gc_weak_list *list, struct gc_segment_pool *pool);

/* Moves everything from `from`, a few instructions. */
void gc_weak_list_splice(struct gc_weak_list *list, struct gc_weak_list *from);
/* A segment by itself, which has entries; null when the list is empty. */
struct gc_segment *gc_weak_list_take_segment(struct gc_weak_list *list);
void gc_weak_list_give_segment(struct gc_weak_list *list, struct gc_segment *segment);

void gc_weak_list_release(struct gc_weak_list *list, struct gc_segment_pool *pool);

#endif
