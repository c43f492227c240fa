/* Operations of the random mutator on finalizers. See finalizer_access.h. */
#ifndef TESTS_MODEL_FINALIZER_OPERATIONS_H
#define TESTS_MODEL_FINALIZER_OPERATIONS_H

#include "tests/model/finalizer_access.h"
#include "tests/model/operations.h"

static inline void register_finalizer(struct model_thread *thread) {
  struct model_final *final = &thread->finals[model_below(thread, MODEL_FINALS)];
  struct model_pick object = model_choose(thread);
  if (final->is_waiting || object.node == NULL) {
    return;
  }
  *final = (struct model_final){
      .is_waiting = true, .node = object.node, .identity = object.node->identity};
  struct gc_handle_frame frame = gc_handles_enter(thread->mutator);
  struct gc_handle handle = gc_handle_push(thread->mutator, object.ref);
  if (gc_finalizer_register(thread->mutator, handle, model_finalized, final) == NULL) {
    model_fail(thread, "no memory for a finalizer");
  }
  gc_handles_leave(thread->mutator, frame);
}

static inline void run_finalizers(struct model_thread *thread) {
  (void)gc_finalizers_run(thread->mutator, model_below(thread, 20));
}

#endif
