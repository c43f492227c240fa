/* The list of barriers, from barriers.def. */
#include "barriers/barrier_parts.h"
#include <string.h>

#define GC_BARRIER(name, remember, shade)                                                          \
  extern const struct gc_remembered_ops gc_remember_##remember##_ops;                              \
  extern const struct gc_shade_ops gc_shade_##shade##_ops;
#include <tricolor/barriers.def>
#undef GC_BARRIER

static const struct gc_barrier barriers[] = {
#define GC_BARRIER(name, remember, shade)                                                          \
  {#name, &gc_remember_##remember##_ops, &gc_shade_##shade##_ops},
#include <tricolor/barriers.def>
#undef GC_BARRIER
};

const struct gc_barrier *gc_barrier_list(size_t *count) {
  *count = sizeof barriers / sizeof barriers[0];
  return barriers;
}

const struct gc_barrier *gc_barrier_find(const char *name) {
  for (size_t index = 0; index < sizeof barriers / sizeof barriers[0]; index++) {
    if (strcmp(barriers[index].name, name) == 0) {
      return &barriers[index];
    }
  }
  return NULL;
}
