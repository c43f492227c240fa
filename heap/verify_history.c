/* The verifier's level 3 while a cycle marks beside the mutators: that marking will find what it
 * must. See verify.h.
 *
 * `snapshot-reachable`, the weak tricolour invariant: every white object that was reachable when
 * marking began is queued, or reachable through white objects from something grey. Under a barrier
 * that keeps the snapshot the same holds of whatever is reachable now: it was reachable then, or is
 * new and therefore black. When marking ends, all of it is marked.
 *
 * `promotions-are-coloured`: old objects that did not exist when marking began are marked.
 */
#include "heap/assert.h"
#include "heap/verify_private.h"
#include <stdlib.h>
#include <string.h>

/* --- what marking will come to -----------------------------------------------------------------*/

struct promise_stack {
  struct gc_ref *refs;
  size_t count, capacity;
};

/* One verifier runs at a time: the world is stopped, and by one thread. */
static _Thread_local struct promise_stack stack;

static bool is_promised(const struct gc_verifier *verifier, struct gc_ref object) {
  return gc_heap_is_large(verifier->heap, object)
             ? gc_verify_test(verifier->large_promised, gc_verify_page(verifier, object.address))
             : gc_verify_test(verifier->block_promised,
                              gc_space_granule(&verifier->heap->space, object.address));
}

/* An old object, or nothing. */
static void promise(struct gc_verifier *verifier, struct gc_ref object) {
  if (gc_is_null(object) || gc_heap_is_young(verifier->heap, object) ||
      gc_verify_is_marked(verifier, object)) {
    return;
  }
  bool is_first =
      gc_heap_is_large(verifier->heap, object)
          ? gc_verify_set(verifier->large_promised, gc_verify_page(verifier, object.address))
          : gc_verify_set(verifier->block_promised,
                          gc_space_granule(&verifier->heap->space, object.address));
  if (!is_first) {
    return;
  }
  if (stack.count == stack.capacity) {
    stack.capacity = stack.capacity == 0 ? 4096 : 2 * stack.capacity;
    stack.refs = realloc(stack.refs, stack.capacity * sizeof *stack.refs);
    GC_CHECK(stack.refs != NULL, "the verifier's stack needs memory");
  }
  stack.refs[stack.count++] = object;
}

static void promise_from_grey(struct gc_verifier *verifier, struct gc_ref object) {
  if (!gc_verify_is_marked(verifier, object) && gc_verify_is_shaded(verifier, object)) {
    promise(verifier, object);
  }
  size_t slot_count = gc_object_slot_count(object);
  for (size_t index = 0; index < slot_count; index++) {
    if (gc_verify_is_slot_grey(verifier, object, index)) {
      promise(verifier, *gc_object_slot(object, index).location);
    }
  }
}

static void require_promise(struct gc_verifier *verifier, struct gc_ref object, const char *when) {
  if (!gc_verify_is_marked(verifier, object) && !is_promised(verifier, object)) {
    gc_verify_fail(verifier, "snapshot-reachable",
                   "the white object at %s %s, and nothing grey leads to it",
                   gc_verify_place(verifier, object.address), when);
  }
}

static bool is_reachable(const struct gc_verifier *verifier, struct gc_ref object) {
  return gc_heap_is_large(verifier->heap, object)
             ? gc_verify_test(verifier->large_visited, gc_verify_page(verifier, object.address))
             : gc_verify_test(verifier->block_visited,
                              gc_space_granule(&verifier->heap->space, object.address));
}

static void require_reachable_promised(struct gc_verifier *verifier, struct gc_ref object) {
  if (is_reachable(verifier, object)) {
    require_promise(verifier, object, "is reachable");
  }
}

/* Or is young, and so no affair of marking. */
static bool will_be_marked(struct gc_verifier *verifier, struct gc_ref object) {
  return gc_heap_is_young(verifier->heap, object) || gc_verify_is_marked(verifier, object) ||
         is_promised(verifier, object);
}

static void promise_value(struct gc_verifier *verifier, struct gc_ref ephemeron,
                          struct gc_ref value) {
  (void)ephemeron;
  promise(verifier, value);
}

void gc_verify_promises(struct gc_verifier *verifier) {
  if (!verifier->is_beside ||
      !(gc_verify_keeps_snapshot(verifier) || verifier->moment == GC_VERIFY_BEGUN)) {
    return;
  }
  gc_verify_each_old(verifier, promise_from_grey);
  do {
    while (stack.count > 0) {
      struct gc_ref object = stack.refs[--stack.count];
      size_t slot_count = gc_object_slot_count(object);
      for (size_t index = 0; index < slot_count; index++) {
        promise(verifier, *gc_object_slot(object, index).location);
      }
    }
    gc_verify_each_value(verifier, will_be_marked, promise_value);
  } while (stack.count > 0);
  free(stack.refs);
  stack = (struct promise_stack){0};
  gc_verify_each_old(verifier, require_reachable_promised);
}

/* --- since marking began -----------------------------------------------------------------------*/

static bool test_within(const uint64_t *bits, size_t words, size_t bit) {
  return bit / 64 < words && gc_verify_test(bits, bit);
}

static void require_kept(struct gc_verifier *verifier, struct gc_ref object) {
  const struct gc_verify_history *history = verifier->heap->verify_history;
  bool is_large = gc_heap_is_large(verifier->heap, object);
  size_t bit = is_large ? gc_verify_page(verifier, object.address)
                        : gc_space_granule(&verifier->heap->space, object.address);
  const uint64_t *existing = is_large ? history->large_existing : history->block_existing;
  const uint64_t *reachable = is_large ? history->large_reachable : history->block_reachable;
  size_t words = is_large ? history->large_words : history->block_words;
  if (!test_within(existing, words, bit)) {
    if (!gc_verify_is_marked(verifier, object)) {
      gc_verify_fail(verifier, "promotions-are-coloured",
                     "the old object at %s is newer than the cycle that marks, and white",
                     gc_verify_place(verifier, object.address));
    }
  } else if (reachable != NULL && gc_verify_keeps_snapshot(verifier) &&
             test_within(reachable, words, bit)) {
    if (verifier->is_beside) {
      require_promise(verifier, object, "was reachable when marking began");
    } else if (!gc_verify_is_marked(verifier, object)) {
      gc_verify_fail(verifier, "snapshot-reachable",
                     "the object at %s was reachable when marking began and is not marked",
                     gc_verify_place(verifier, object.address));
    }
  }
}

static uint64_t *copy_set(const uint64_t *set, size_t words) {
  uint64_t *copy = malloc((words + 1) * sizeof *copy);
  GC_CHECK(copy != NULL, "the verifier's sets need memory");
  return memcpy(copy, set, (words + 1) * sizeof *copy);
}

static void begin_history(const struct gc_verifier *verifier) {
  struct gc_verify_history *history = calloc(1, sizeof *history);
  GC_CHECK(history != NULL, "the verifier's sets need memory");
  history->block_words = verifier->block_words;
  history->large_words = verifier->large_words;
  history->block_existing = copy_set(verifier->block_starts, verifier->block_words);
  history->large_existing = copy_set(verifier->large_starts, verifier->large_words);
  if (verifier->heap->options.verify_level >= 3) {
    history->block_reachable = copy_set(verifier->block_visited, verifier->block_words);
    history->large_reachable = copy_set(verifier->large_visited, verifier->large_words);
  }
  gc_verify_close(verifier->heap);
  verifier->heap->verify_history = history;
}

void gc_verify_history(struct gc_verifier *verifier) {
  struct gc_heap *heap = verifier->heap;
  if (verifier->moment == GC_VERIFY_BEGUN) {
    begin_history(verifier);
  } else if (heap->verify_history != NULL) {
    gc_verify_each_old(verifier, require_kept);
  }
  if (!verifier->is_beside) {
    gc_verify_close(heap);
  }
}

void gc_verify_close(struct gc_heap *heap) {
  struct gc_verify_history *history = heap->verify_history;
  if (history != NULL) {
    free(history->block_existing);
    free(history->large_existing);
    free(history->block_reachable);
    free(history->large_reachable);
    free(history);
    heap->verify_history = NULL;
  }
}
