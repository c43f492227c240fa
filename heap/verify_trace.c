/* The verifier's level 3: a second trace from the roots. See verify.h.
 *
 * It shares nothing with marking: its own stack, its own visited bits, no templates. What it
 * reaches must be live by the bitmaps; after marking it must be what is marked, no less and, where
 * the world was stopped, no more.
 */
#include "heap/assert.h"
#include "heap/platform.h"
#include "heap/verify_private.h"
#include <inttypes.h>
#include <stdlib.h>

struct trace_stack {
  struct gc_ref *refs;
  size_t count, capacity;
};

/* One verifier runs at a time: the world is stopped, and by one thread. */
static _Thread_local struct trace_stack stack;

static void push(struct gc_ref ref) {
  if (stack.count == stack.capacity) {
    stack.capacity = stack.capacity == 0 ? 4096 : 2 * stack.capacity;
    stack.refs = realloc(stack.refs, stack.capacity * sizeof *stack.refs);
    GC_CHECK(stack.refs != NULL, "the verifier's stack needs memory");
  }
  stack.refs[stack.count++] = ref;
}

/* True when the object was not visited before. */
static bool visit(const struct gc_verifier *verifier, struct gc_ref ref) {
  const struct gc_space *space = &verifier->heap->space;
  if (gc_heap_is_young(verifier->heap, ref)) {
    return gc_verify_set(verifier->young_visited, (ref.address - space->nursery_start) >> 3);
  }
  if (gc_heap_is_in_block(verifier->heap, ref)) {
    return gc_verify_set(verifier->block_visited, gc_space_granule(space, ref.address));
  }
  return gc_verify_set(verifier->large_visited,
                       (ref.address - space->large_start) >> GC_OS_PAGE_BYTES_LOG2);
}

static void reach(struct gc_verifier *verifier, struct gc_ref from, struct gc_ref ref) {
  if (gc_is_null(ref)) {
    return;
  }
  if (!gc_verify_is_object(verifier, ref)) {
    gc_verify_fail(verifier, "reachable-is-live", "%s is reachable from %s and is no live object",
                   gc_verify_place(verifier, ref.address),
                   gc_is_null(from) ? "a root" : gc_verify_place(verifier, from.address));
  }
  if (!visit(verifier, ref)) {
    return;
  }
  if (!gc_heap_is_young(verifier->heap, ref)) {
    verifier->visited_objects++;
    verifier->visited_bytes += gc_object_size_bytes(ref);
  }
  push(ref);
}

static void reach_root(struct gc_verifier *verifier, const struct gc_mutator *mutator,
                       const struct gc_ref *location) {
  (void)mutator;
  reach(verifier, gc_null(), *location);
}

static bool was_reached(struct gc_verifier *verifier, struct gc_ref ref) {
  const struct gc_space *space = &verifier->heap->space;
  if (gc_heap_is_young(verifier->heap, ref)) {
    return gc_verify_test(verifier->young_visited, (ref.address - space->nursery_start) >> 3);
  }
  return gc_heap_is_in_block(verifier->heap, ref)
             ? gc_verify_test(verifier->block_visited, gc_space_granule(space, ref.address))
             : gc_verify_test(verifier->large_visited, gc_verify_page(verifier, ref.address));
}

static void require_agreement(struct gc_verifier *verifier, struct gc_ref object) {
  bool is_reachable = !visit(verifier, object);
  if (is_reachable && !gc_verify_is_marked(verifier, object)) {
    gc_verify_fail(verifier, "reachable-is-marked", "the object at %s is reachable and not marked",
                   gc_verify_place(verifier, object.address));
  }
  if (!is_reachable && gc_verify_is_marked(verifier, object)) {
    gc_verify_fail(verifier, "live-is-reachable", "the object at %s is marked and not reachable",
                   gc_verify_place(verifier, object.address));
  }
}

/* Marking beside the mutators: what died meanwhile may be marked. */
static void require_marked(struct gc_verifier *verifier, struct gc_ref object) {
  if (!visit(verifier, object) && !gc_verify_is_marked(verifier, object)) {
    gc_verify_fail(verifier, "reachable-is-marked", "the object at %s is reachable and not marked",
                   gc_verify_place(verifier, object.address));
  }
}

static void require_reachable(struct gc_verifier *verifier, struct gc_ref object) {
  if (visit(verifier, object)) {
    gc_verify_fail(verifier, "live-is-reachable",
                   "the object at %s survived a full collection and nothing refers to it",
                   gc_verify_place(verifier, object.address));
  }
}

static void verify_marked_counts(const struct gc_verifier *verifier) {
  const struct gc_statistics *statistics = &verifier->heap->statistics;
  if (statistics->last_marked_objects != verifier->visited_objects ||
      statistics->last_live_bytes != verifier->visited_bytes) {
    gc_verify_fail(verifier, "accounts-agree",
                   "marking counted %" PRIu64 " objects of %" PRIu64
                   " bytes; reachable are %" PRIu64 " of %" PRIu64,
                   statistics->last_marked_objects, statistics->last_live_bytes,
                   verifier->visited_objects, verifier->visited_bytes);
  }
}

void gc_verify_trace(struct gc_verifier *verifier) {
  gc_verify_each_root(verifier, reach_root);
  do {
    while (stack.count > 0) {
      struct gc_ref object = stack.refs[--stack.count];
      size_t slot_count = gc_object_slot_count(object);
      for (size_t index = 0; index < slot_count; index++) {
        reach(verifier, object, *gc_object_slot(object, index).location);
      }
    }
    gc_verify_each_value(verifier, was_reached, reach);
  } while (stack.count > 0);
  free(stack.refs);
  stack = (struct trace_stack){0};
  if (verifier->moment == GC_VERIFY_MARKED) {
    verify_marked_counts(verifier);
    gc_verify_each_old(verifier, require_agreement);
  } else if (verifier->moment == GC_VERIFY_REMARKED) {
    gc_verify_each_old(verifier, require_marked);
  } else if (verifier->moment == GC_VERIFY_AFTER_FULL) {
    verify_marked_counts(verifier);
    gc_verify_each_old(verifier, require_reachable);
  }
}
