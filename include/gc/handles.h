/* Handles: precise root slots on a contiguous stack that each mutator owns.
 *
 *     struct gc_handle_frame frame = gc_handles_enter(mutator);
 *     struct gc_handle list = gc_handle_push(mutator, gc_null());
 *     ... gc_handle_set(mutator, list, gc_allocate(...)); ... gc_handle_get(list) ...
 *     gc_handles_leave(mutator, frame);
 *
 * Enter saves the top and leave restores it; there are no links. The watermark spares scavenges the
 * handles below it: none of them held a young reference after the last scavenge (invariant
 * `watermark-holds-no-young`), and every store below it lowers it.
 *
 * Costs: push is a store and an addition; get is a load; set adds one comparison with the
 * watermark. Limit: GC_HANDLE_STACK_BYTES of address space per mutator; running past it faults on a
 * guard page.
 */
#ifndef GC_HANDLES_H
#define GC_HANDLES_H

#include <gc/mutator.h>

#define GC_HANDLE_STACK_BYTES ((size_t)256 << 20) /* address space; touched as used */

struct gc_handle {
  struct gc_ref *location;
};

struct gc_handle_frame {
  struct gc_ref *top;
};

static inline struct gc_handle_frame gc_handles_enter(const struct gc_mutator *mutator) {
  return (struct gc_handle_frame){mutator->handle_top};
}

static inline void gc_handles_leave(struct gc_mutator *mutator, struct gc_handle_frame frame) {
  mutator->handle_top = frame.top;
  if (GC_UNLIKELY(frame.top < mutator->handle_watermark)) {
    mutator->handle_watermark = frame.top;
  }
}

static inline struct gc_handle gc_handle_push(struct gc_mutator *mutator, struct gc_ref ref) {
  struct gc_handle handle = {mutator->handle_top++};
  *handle.location = ref;
  return handle;
}

static inline struct gc_ref gc_handle_get(struct gc_handle handle) {
  return *handle.location;
}

static inline void gc_handle_set(struct gc_mutator *mutator, struct gc_handle handle,
                                 struct gc_ref ref) {
  *handle.location = ref;
  if (GC_UNLIKELY(handle.location < mutator->handle_watermark)) {
    mutator->handle_watermark = handle.location;
  }
}

#endif
