/* What the sources of barrier halves export: one struct gc_remembered_ops per remembering half, one
 * struct gc_shade_ops per shading half.
 *
 * A half named x exports `gc_remember_x_ops` or `gc_shade_x_ops`. registry.c joins them into
 * barriers by barriers.def.
 */
#ifndef BARRIERS_BARRIER_PARTS_H
#define BARRIERS_BARRIER_PARTS_H

#include "heap/remembered.h"

/* update_mutator of halves that keep nothing in mutators but lists. */
static inline void gc_remembered_update_nothing(struct gc_heap *heap, struct gc_mutator *mutator) {
  (void)heap;
  (void)mutator;
}

struct gc_shade_ops {
  const char *name;
  unsigned provides; /* enum gc_capability */
};

struct gc_barrier {
  const char *name;
  const struct gc_remembered_ops *remembered;
  const struct gc_shade_ops *shade;
};

/* All barriers, in the order of barriers.def. */
const struct gc_barrier *gc_barrier_list(size_t *count);
/* Null for an unknown name. */
const struct gc_barrier *gc_barrier_find(const char *name);

static inline unsigned gc_barrier_provides(const struct gc_barrier *barrier) {
  return barrier->remembered->provides | barrier->shade->provides;
}

#endif
