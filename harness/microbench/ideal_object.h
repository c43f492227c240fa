/* What every copying kernel does with one object.
 *
 * A heap's objects differ: how long one is and how many references it holds is in its header, a
 * slot may refer to what is not to be copied, and to-space ends somewhere. A kernel that knew its
 * tree by heart (32 bytes, two children, null or in from-space) would be half as fast again, and no
 * floor for a heap; so kernels read the header, test the range, and test the limit.
 *
 * What a generational collector does beside it is not here: choosing between survivors and old
 * space, blocks of old space, live bits, remembering, counting. That is the difference to look at.
 */
#ifndef HARNESS_MICROBENCH_IDEAL_OBJECT_H
#define HARNESS_MICROBENCH_IDEAL_OBJECT_H

#include "harness/microbench/ideal_kernels.h"

#include <gc/attributes.h>
#include <stdlib.h>
#include <string.h>

struct ideal_from_space {
  uintptr_t start;
  size_t bytes;
};

/* Where the next copy goes. */
struct ideal_room {
  unsigned char *top, *limit;
};

static inline struct ideal_from_space ideal_from_space_of(const struct ideal_copier *copier) {
  return (struct ideal_from_space){(uintptr_t)copier->from.base, copier->from.bytes};
}

/* False for null and for what lies elsewhere. */
GC_ALWAYS_INLINE bool ideal_is_copied(const struct ideal_from_space *from,
                                      const struct ideal_node *node) {
  return (uintptr_t)node - from->start < from->bytes;
}

GC_ALWAYS_INLINE struct ideal_node **ideal_slots_end(struct ideal_node *node) {
  return node->slots + gc_header_slot_count(node->header);
}

/* Whole granules, one at least. */
GC_ALWAYS_INLINE void ideal_move(unsigned char *to, const unsigned char *from, size_t bytes) {
  if (GC_UNLIKELY(bytes < 16)) {
    memcpy(to, from, GC_GRANULE_BYTES);
  } else if (GC_LIKELY(bytes <= 32)) {
    memcpy(to, from, 16);
    memcpy(to + bytes - 16, from + bytes - 16, 16);
  } else if (bytes <= 64) {
    memcpy(to, from, 32);
    memcpy(to + bytes - 32, from + bytes - 32, 32);
  } else {
    memcpy(to, from, bytes);
  }
}

#endif
