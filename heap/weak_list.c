/* Lists of weak cells and ephemerons. See weak_list.h. */
#include "heap/weak_list.h"
#include "heap/assert.h"

void gc_weak_list_append(struct gc_weak_list *list, struct gc_segment_pool *pool,
                         uintptr_t address) {
  struct gc_segment *segment = list->first;
  if (segment == NULL || segment->count == GC_SEGMENT_WORDS) {
    struct gc_segment *fresh = gc_segment_acquire(pool, GC_SEGMENT_BEYOND_LIMIT);
    GC_CHECK(fresh != NULL, "the metadata arena must hold the lists of weak cells");
    fresh->next = segment;
    list->first = fresh;
    list->last = segment == NULL ? fresh : list->last;
    segment = fresh;
  }
  segment->words[segment->count++] = address;
}

uintptr_t gc_weak_list_pop(struct gc_weak_list *list, struct gc_segment_pool *pool) {
  struct gc_segment *segment = list->first;
  if (segment == NULL) {
    return 0;
  }
  uintptr_t address = segment->words[--segment->count];
  if (segment->count == 0) {
    gc_segment_release(pool, gc_weak_list_take_segment(list));
  }
  return address;
}

/* Behind what the list has, so that its first segment is filled up. */
void gc_weak_list_splice(struct gc_weak_list *list, struct gc_weak_list *from) {
  if (list->first == NULL) {
    *list = *from;
  } else if (from->first != NULL) {
    list->last->next = from->first;
    list->last = from->last;
  }
  *from = (struct gc_weak_list){0};
}

struct gc_segment *gc_weak_list_take_segment(struct gc_weak_list *list) {
  struct gc_segment *segment = list->first;
  if (segment != NULL) {
    list->first = segment->next;
    list->last = list->first == NULL ? NULL : list->last;
    segment->next = NULL;
  }
  return segment;
}

void gc_weak_list_give_segment(struct gc_weak_list *list, struct gc_segment *segment) {
  struct gc_weak_list given = {segment, segment};
  segment->next = NULL;
  gc_weak_list_splice(list, &given);
}

void gc_weak_list_release(struct gc_weak_list *list, struct gc_segment_pool *pool) {
  gc_segment_release_list(pool, list->first);
  *list = (struct gc_weak_list){0};
}
