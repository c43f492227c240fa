/* Weak cells and ephemerons beside their shadow, at a rendezvous.
 *
 * Each thread has entries, a global root each that holds a cell or an ephemeron. The shadow knows
 * the nodes that they refer to, or referred to: a referent that is not reachable may be gone, and
 * may not be, so between two rendezvous an entry answers the node it was given or null. At a
 * rendezvous the walk tells what is reachable, by ephemerons too: that must be answered, and after
 * a forced full collection nothing else may be. The rest is forgotten then, for the shadow frees
 * its nodes.
 */
#ifndef TESTS_MODEL_WEAK_ACCESS_H
#define TESTS_MODEL_WEAK_ACCESS_H

#include "tests/model/access.h"
#include <gc/weak.h>

static inline bool model_is_reached(const struct model_thread *thread,
                                    const struct model_node *node) {
  return node != NULL && node->epoch == thread->world->epoch;
}

/* What the entry answers for its referent or key. */
static inline struct gc_ref model_weak_first(struct model_thread *thread,
                                             const struct model_weak *weak) {
  struct gc_ref object = gc_root_get(weak->root);
  return weak->is_ephemeron ? gc_ephemeron_key(thread->mutator, object)
                            : gc_weak_get(thread->mutator, object);
}

static inline void model_weak_set(struct model_thread *thread, struct model_weak *weak,
                                  struct model_pick first, struct model_pick value) {
  struct gc_ref object = gc_root_get(weak->root);
  if (weak->is_ephemeron) {
    gc_ephemeron_set(thread->mutator, object, first.ref, value.ref);
    weak->value = first.node == NULL ? NULL : value.node;
  } else {
    gc_weak_set(thread->mutator, object, first.ref);
  }
  weak->first = first.node;
}

/* --- the walk ----------------------------------------------------------------------------------*/

static inline void model_weak_count(struct model_world *world, const struct model_thread *of) {
  for (size_t place = 0; place < MODEL_WEAKS; place++) {
    if (of->weaks[place].root != NULL) {
      world->census.objects++;
      world->census.bytes += gc_object_bytes_for(
          0, of->weaks[place].is_ephemeron ? 2 * sizeof(uint64_t) : sizeof(uint64_t));
    }
  }
}

/* The value, if the key was reached; otherwise nothing. */
static inline struct model_pick model_weak_reached_value(struct model_thread *thread,
                                                         const struct model_weak *weak) {
  if (weak->root == NULL || !weak->is_ephemeron || !model_is_reached(thread, weak->first)) {
    return model_nothing();
  }
  return (struct model_pick){gc_ephemeron_value(thread->mutator, gc_root_get(weak->root)),
                             weak->value};
}

/* --- the check ---------------------------------------------------------------------------------*/

static inline void model_weak_check(struct model_thread *thread, struct model_weak *weak,
                                    bool must_be_cleared) {
  const char *kind = weak->is_ephemeron ? "an ephemeron" : "a weak cell";
  if (weak->first == NULL) {
    return;
  }
  if (model_is_reached(thread, weak->first)) {
    struct gc_ref first = model_weak_first(thread, weak);
    if (first.address != weak->first->address) {
      model_fail(thread, "%s answers %p where object %#" PRIx64 " is reachable at %#" PRIxPTR, kind,
                 gc_ref_address(first), weak->first->identity, weak->first->address);
    }
    return;
  }
  if (must_be_cleared && !gc_is_null(model_weak_first(thread, weak))) {
    model_fail(thread, "%s answers object %#" PRIx64 ", which a full collection found dead", kind,
               weak->first->identity);
  }
  model_weak_set(thread, weak, model_nothing(), model_nothing());
}

static inline void model_weak_check_all(struct model_thread *thread, bool must_be_cleared) {
  struct model_world *world = thread->world;
  for (unsigned index = 0; index < world->settings.thread_count; index++) {
    for (size_t place = 0; place < MODEL_WEAKS; place++) {
      struct model_weak *weak = &world->threads[index].weaks[place];
      if (weak->root != NULL) {
        model_weak_check(thread, weak, must_be_cleared && world->reclaims_all);
      }
    }
  }
}

static inline void model_weak_destroy_all(struct model_thread *thread, struct model_thread *of) {
  for (size_t place = 0; place < MODEL_WEAKS; place++) {
    if (of->weaks[place].root != NULL) {
      gc_root_destroy(thread->mutator, of->weaks[place].root);
      of->weaks[place].root = NULL;
    }
  }
}

#endif
