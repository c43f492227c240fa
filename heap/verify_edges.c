/* The verifier's level 2: what slots, handles and roots refer to. See verify.h.
 */
#include "heap/verify_private.h"

/* Marking has ended: nothing marked refers to anything unmarked. While it goes on beside the
 * mutators the strong invariant says so of what is black, where the barrier keeps it; under a
 * snapshot, promotions are black and may refer to what is white. */
static void verify_colours(struct gc_verifier *verifier, struct gc_ref object, size_t index,
                           struct gc_ref ref) {
  if (!verifier->has_marks || gc_heap_is_young(verifier->heap, ref) ||
      !gc_verify_is_marked(verifier, object)) {
    return;
  }
  bool is_broken = verifier->is_beside ? !gc_verify_keeps_snapshot(verifier) &&
                                             !gc_verify_is_slot_grey(verifier, object, index) &&
                                             !gc_verify_is_shaded(verifier, ref)
                                       : !gc_verify_is_marked(verifier, ref);
  if (is_broken) {
    gc_verify_fail(verifier, "strong-tricolour",
                   "slot %zu of the marked object at %s refers to the unmarked one at %s", index,
                   gc_verify_place(verifier, object.address),
                   gc_verify_place(verifier, ref.address));
  }
}

static void verify_slot(struct gc_verifier *verifier, struct gc_ref object, size_t index) {
  struct gc_heap *heap = verifier->heap;
  struct gc_slot slot = gc_object_slot(object, index);
  struct gc_ref ref = *slot.location;
  if (gc_is_null(ref)) {
    return;
  }
  if (!gc_verify_is_object(verifier, ref)) {
    gc_verify_fail(verifier, "refers-to-object",
                   "slot %zu of the object at %s refers to %s, where no object begins", index,
                   gc_verify_place(verifier, object.address),
                   gc_verify_place(verifier, ref.address));
  }
  if (!gc_heap_is_young(heap, object)) {
    verify_colours(verifier, object, index, ref);
  }
  if (gc_heap_is_young(heap, ref) && !gc_heap_is_young(heap, object) &&
      !heap->remembered->contains(heap, object, slot)) {
    gc_verify_fail(verifier, "remembered-complete",
                   "slot %zu of the old object at %s refers to the young object at %s and is not "
                   "remembered",
                   index, gc_verify_place(verifier, object.address),
                   gc_verify_place(verifier, ref.address));
  }
}

static void verify_slots(struct gc_verifier *verifier, struct gc_ref object) {
  size_t slot_count = gc_object_slot_count(object);
  for (size_t index = 0; index < slot_count; index++) {
    verify_slot(verifier, object, index);
  }
}

/* Of an object that a cycle found dead: its other slots may be stale. */
static void verify_dead(struct gc_verifier *verifier, struct gc_ref object) {
  size_t slot_count = gc_object_slot_count(object);
  for (size_t index = 0; index < slot_count; index++) {
    struct gc_ref ref = *gc_object_slot(object, index).location;
    if (gc_heap_is_young(verifier->heap, ref)) {
      gc_verify_fail(
          verifier, "dead-holds-no-young", "slot %zu of the dead object at %s refers to %s", index,
          gc_verify_place(verifier, object.address), gc_verify_place(verifier, ref.address));
    }
  }
}

static void verify_root(struct gc_verifier *verifier, const struct gc_mutator *mutator,
                        const struct gc_ref *location) {
  if (gc_is_null(*location)) {
    return;
  }
  const char *which = mutator == NULL ? "a root" : "a handle";
  if (!gc_verify_is_object(verifier, *location)) {
    gc_verify_fail(verifier, "refers-to-object", "%s refers to %s, where no object begins", which,
                   gc_verify_place(verifier, location->address));
  }
  if (mutator != NULL && location < mutator->handle_watermark &&
      gc_heap_is_young(verifier->heap, *location)) {
    gc_verify_fail(verifier, "watermark-holds-no-young",
                   "a handle %zu below the watermark refers to %s",
                   (size_t)(mutator->handle_watermark - location),
                   gc_verify_place(verifier, location->address));
  }
}

void gc_verify_edges(struct gc_verifier *verifier) {
  struct gc_heap *heap = verifier->heap;
  gc_verify_each_old(verifier, verify_slots);
  gc_verify_each_dead(verifier, verify_dead);
  gc_verify_each_root(verifier, verify_root);
  gc_verify_weak(verifier);
  while (verifier->young_count > 0) {
    verify_slots(verifier, verifier->young_found[--verifier->young_count]);
  }
  gc_verify_attendants(verifier);
  /* Without a nursery nobody reads the set, or empties it. */
  if (gc_heap_has_nursery(heap) && gc_verify_is_full(verifier) &&
      !heap->remembered->is_empty(heap)) {
    gc_verify_fail(verifier, "dead-holds-no-young",
                   "the nursery is empty and the remembered set is not");
  }
}
