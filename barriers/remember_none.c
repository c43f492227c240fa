/* Remembering half `none`, the heap's side: an empty remembered set.
 *
 * Provides nothing. For heaps without a young generation and collectors that never collect; whoever
 * scavenges with it is refused at open.
 */
#include "barriers/barrier_parts.h"
#include "heap/heap.h"

static int open_none(struct gc_heap *heap) {
  (void)heap;
  return 0;
}

static void close_none(struct gc_heap *heap) {
  (void)heap;
}

static void flush_mutator(struct gc_heap *heap, struct gc_mutator *mutator) {
  (void)heap;
  (void)mutator;
}

static bool take_work(struct gc_heap *heap, struct gc_worker *worker,
                      struct gc_remembered_batch *batch) {
  (void)heap;
  (void)worker;
  (void)batch;
  return false;
}

static void remember_object(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object) {
  (void)heap;
  (void)worker;
  (void)object;
}

static void remember_slot(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object,
                          struct gc_slot slot) {
  (void)heap;
  (void)worker;
  (void)object;
  (void)slot;
}

static bool is_empty(struct gc_heap *heap) {
  (void)heap;
  return true;
}

static bool contains(struct gc_heap *heap, struct gc_ref object, struct gc_slot slot) {
  (void)heap;
  (void)object;
  (void)slot;
  return false;
}

const struct gc_remembered_ops gc_remember_none_ops = {
    .name = "none",
    .provides = 0,
    .open = open_none,
    .close = close_none,
    .update_mutator = gc_remembered_update_nothing,
    .flush_mutator = flush_mutator,
    .begin_scavenge_stw = close_none,
    .take_work = take_work,
    .remember_object = remember_object,
    .remember_slot = remember_slot,
    .end_scavenge_stw = close_none,
    .is_empty = is_empty,
    .contains = contains,
};
