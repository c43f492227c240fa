/* Who retains most in an image, and what grew from one image to another.
 *
 * A retainer is an object, with everything it retains. Of a chain of like objects, a list or the
 * levels of a tree, only the first is a retainer: one whose immediate dominator is of the same type
 * is passed over, and so is its size where types are summed up.
 *
 * Growth is of two images of one heap with stable ids (gc/image.h): objects are the same by their
 * id, types by their name.
 */
#ifndef RESULTS_RETAINERS_H
#define RESULTS_RETAINERS_H

#include "results/dominators.h"
#include <stddef.h>

struct results_retainer {
  uint32_t node;
  uint64_t retained_bytes;
};

/* The largest ones, largest first. Returns how many, at most `count_max`, or -ENOMEM. */
int results_retainers_top(const struct gc_image *image, const struct results_dominators *dominators,
                          struct results_retainer *retainers, size_t count_max);

struct results_grown_object {
  uint32_t node;                      /* of the later image */
  uint64_t before_bytes, after_bytes; /* retained; before: 0 where it is new */
};

/* By growth, largest first; of the later image's retainers alone. Returns how many, or -ENOMEM. */
int results_grown_objects(const struct gc_image *before_image,
                          const struct results_dominators *before,
                          const struct gc_image *after_image,
                          const struct results_dominators *after,
                          struct results_grown_object *grown, size_t count_max);

struct results_type_size {
  uint64_t objects, bytes, retained_bytes;
};

struct results_grown_type {
  const char *name; /* borrowed from the later image */
  struct results_type_size before, after;
};

/* By growth of bytes, largest first, what did not grow left out. Returns how many, or -ENOMEM. */
int results_grown_types(const struct gc_image *before_image,
                        const struct results_dominators *before, const struct gc_image *after_image,
                        const struct results_dominators *after, struct results_grown_type *grown,
                        size_t count_max);

struct results_stayed_type {
  const char *name;
  uint64_t objects, bytes;
};

/* Of three images in a row: objects, with their stores, that the second has and the first had not,
 * and which the third still has; by type, most bytes first. first_last_id and second_last_id are the images' last_id.
 * Returns how many types, or -ENOMEM. */
int results_stayed_types(uint32_t first_last_id, uint32_t second_last_id,
                         const struct gc_image *third, struct results_stayed_type *stayed,
                         size_t count_max);

#endif
