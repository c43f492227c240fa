/* Lists of words, for remembering halves. See remembered_parts.h. */
#include "barriers/remembered_parts.h"

bool gc_remembered_list_push(struct gc_mutator *mutator, uintptr_t word) {
  if (GC_UNLIKELY(mutator->remembered_top == mutator->remembered_limit)) {
    struct gc_segment *segment =
        gc_segment_acquire(&mutator->heap->segments, GC_SEGMENT_BEYOND_LIMIT);
    if (segment == NULL) {
      return false;
    }
    segment->next = mutator->remembered_segments;
    mutator->remembered_segments = segment;
    mutator->remembered_top = segment->words;
    mutator->remembered_limit = segment->words + GC_SEGMENT_WORDS;
  }
  *mutator->remembered_top++ = word;
  return true;
}

bool gc_remembered_list_push_worker(struct gc_worker *worker, uintptr_t word) {
  struct gc_segment *segment = worker->remembered;
  if (segment == NULL || segment->count == GC_SEGMENT_WORDS) {
    struct gc_segment *fresh = gc_segment_acquire(&worker->heap->segments, GC_SEGMENT_BEYOND_LIMIT);
    if (fresh == NULL) {
      return false;
    }
    fresh->next = segment;
    worker->remembered = segment = fresh;
  }
  segment->words[segment->count++] = word;
  return true;
}

/* Full segments hold GC_SEGMENT_WORDS entries; only the newest, first in the list, may hold fewer.
 */
void gc_remembered_list_flush(struct gc_remembered_list *list, struct gc_mutator *mutator) {
  struct gc_segment *first = mutator->remembered_segments, *last = first;
  if (first == NULL) {
    return;
  }
  for (struct gc_segment *segment = first; segment != NULL; segment = segment->next) {
    segment->count = GC_SEGMENT_WORDS;
    last = segment;
  }
  first->count = (size_t)(mutator->remembered_top - first->words);
  gc_spin_lock_acquire(&list->lock);
  last->next = list->segments;
  list->segments = first;
  gc_spin_lock_release(&list->lock);
  mutator->remembered_segments = NULL;
  mutator->remembered_top = mutator->remembered_limit = NULL;
}

void gc_remembered_list_collect_workers(struct gc_remembered_list *list, struct gc_heap *heap) {
  for (unsigned index = 0; index < heap->workers.count; index++) {
    struct gc_segment **link = &heap->workers.all[index].remembered;
    while (*link != NULL) {
      link = &(*link)->next;
    }
    *link = list->segments;
    list->segments = heap->workers.all[index].remembered;
    heap->workers.all[index].remembered = NULL;
  }
}

size_t gc_remembered_list_take(struct gc_remembered_list *list, struct gc_heap *heap,
                               uintptr_t *words) {
  size_t taken = 0;
  gc_spin_lock_acquire(&list->lock);
  while (list->segments != NULL && taken < GC_REMEMBERED_BATCH) {
    struct gc_segment *segment = list->segments;
    if (segment->count == 0) {
      list->segments = segment->next;
      gc_segment_release(&heap->segments, segment);
    } else {
      words[taken++] = segment->words[--segment->count];
    }
  }
  gc_spin_lock_release(&list->lock);
  return taken;
}

bool gc_remembered_list_is_empty(const struct gc_remembered_list *list,
                                 const struct gc_heap *heap) {
  for (const struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    if (mutator->mutator.remembered_segments != NULL) {
      return false;
    }
  }
  return list->segments == NULL;
}

void gc_remembered_list_finish(struct gc_remembered_list *list, struct gc_heap *heap) {
  gc_segment_release_list(&heap->segments, list->segments);
  list->segments = NULL;
}
