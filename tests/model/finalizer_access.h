/* Finalizers beside their shadow.
 *
 * Each thread has entries: an entry waits for the finalizer of a node to be called, which may be by
 * any thread. At a rendezvous the walk tells what is reachable: no finalizer of that may have been
 * called; after a full collection, those of all else must be due, and are called at once.
 */
#ifndef TESTS_MODEL_FINALIZER_ACCESS_H
#define TESTS_MODEL_FINALIZER_ACCESS_H

#include "tests/model/access.h"

static inline void model_finalized(struct gc_mutator *mutator, void *token) {
  struct model_final *final = token;
  (void)mutator;
  gc_atomic_fetch_add_relaxed(&final->called, 1);
}

/* Before the shadow's unreachable nodes are freed. */
static inline void model_final_check(struct model_thread *thread, struct model_final *final,
                                     bool must_be_called) {
  uint32_t called = gc_atomic_load_relaxed(&final->called);
  bool is_reached = final->node != NULL && final->node->epoch == thread->world->epoch;
  if (called > 1 || (called == 1 && is_reached)) {
    model_fail(thread, "the finalizer of object %#" PRIx64 " was called %" PRIu32 " times%s",
               final->identity, called, is_reached ? ", and the object is reachable" : "");
  }
  if (called == 0 && !is_reached && must_be_called) {
    model_fail(thread, "a full collection found object %#" PRIx64 " dead and its finalizer not due",
               final->identity);
  }
  final->node = is_reached ? final->node : NULL;
  final->is_waiting = called == 0;
}

static inline void model_finals_check(struct model_thread *thread, bool was_full) {
  struct model_world *world = thread->world;
  if (was_full || model_chance(thread, 50)) {
    (void)gc_finalizers_run(thread->mutator, SIZE_MAX);
  }
  for (unsigned index = 0; index < world->settings.thread_count; index++) {
    for (size_t place = 0; place < MODEL_FINALS; place++) {
      struct model_final *final = &world->threads[index].finals[place];
      if (final->is_waiting) {
        model_final_check(thread, final, was_full && world->reclaims_all);
      }
    }
  }
}

#endif
