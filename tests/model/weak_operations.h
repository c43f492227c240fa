/* Operations of the random mutator on weak cells and ephemerons. See weak_access.h.
 *
 * What an entry answers is made reachable again now and then, under the nose of a cycle that has
 * not marked it.
 */
#ifndef TESTS_MODEL_WEAK_OPERATIONS_H
#define TESTS_MODEL_WEAK_OPERATIONS_H

#include "tests/model/operations.h"
#include "tests/model/weak_access.h"

/* Handles among which a cleared referent is looked for. */
#define WEAK_HANDLES_LOOKED_AT 64

static inline struct model_weak *choose_weak(struct model_thread *thread) {
  return &thread->weaks[model_below(thread, MODEL_WEAKS)];
}

/* Another object in the entry's root, or the first one. */
static inline void make_weak(struct model_thread *thread) {
  struct model_weak *weak = choose_weak(thread);
  struct model_pick first = model_choose(thread), value = model_choose(thread);
  bool is_ephemeron = model_chance(thread, 50);
  struct gc_handle_frame frame = gc_handles_enter(thread->mutator);
  struct gc_handle first_handle = gc_handle_push(thread->mutator, first.ref);
  struct gc_handle value_handle = gc_handle_push(thread->mutator, value.ref);
  struct gc_ref made = is_ephemeron
                           ? gc_ephemeron_allocate(thread->mutator, first_handle, value_handle)
                           : gc_weak_allocate(thread->mutator, first_handle);
  gc_handles_leave(thread->mutator, frame);
  if (gc_is_null(made)) {
    thread->null_answers++;
    return;
  }
  if (weak->root == NULL) {
    weak->root = gc_root_create(thread->mutator, made);
  } else {
    gc_root_set(thread->mutator, weak->root, made);
  }
  weak->is_ephemeron = is_ephemeron;
  weak->first = first.node;
  weak->value = first.node == NULL ? NULL : value.node;
}

static inline void set_weak(struct model_thread *thread) {
  struct model_weak *weak = choose_weak(thread);
  struct model_pick first = model_chance(thread, 15) ? model_nothing() : model_choose(thread);
  struct model_pick value = model_chance(thread, 15) ? model_nothing() : model_choose(thread);
  if (weak->root != NULL) {
    model_weak_set(thread, weak, first, value);
  }
}

/* It was cleared: then no handle holds its referent. */
static inline void check_cleared(const struct model_thread *thread, const struct model_weak *weak) {
  size_t count = thread->handle_count;
  size_t looks = count < WEAK_HANDLES_LOOKED_AT ? count : WEAK_HANDLES_LOOKED_AT;
  for (size_t place = count - looks; place < count; place++) {
    if (thread->handles[place].node == weak->first) {
      model_fail(thread,
                 "a weak cell or ephemeron answers null for object %#" PRIx64
                 ", which handle %zu holds",
                 weak->first->identity, place);
    }
  }
}

static inline void read_weak(struct model_thread *thread) {
  struct model_weak *weak = choose_weak(thread);
  if (weak->root == NULL || weak->first == NULL) {
    return;
  }
  struct model_pick first = {model_weak_first(thread, weak), weak->first};
  if (gc_is_null(first.ref)) {
    check_cleared(thread, weak);
    weak->first = weak->value = NULL;
    return;
  }
  model_verify(thread, first.ref, first.node);
  struct model_pick found = first;
  if (weak->is_ephemeron && model_chance(thread, 60)) {
    found = (struct model_pick){gc_ephemeron_value(thread->mutator, gc_root_get(weak->root)),
                                weak->value};
    model_verify(thread, found.ref, found.node);
  }
  if (model_chance(thread, 25)) {
    put_somewhere(thread, found);
  }
}

#endif
