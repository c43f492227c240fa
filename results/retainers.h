/* Who retains most in an image, and what grew from one image to another.
 *
 * A retainer is an object, with everything it retains, or several of them: those of one type that
 * have the same immediate dominator count as one. What lies below an object of its own type in the
 * tree of dominators is no retainer: of a list or a tree there is the first object alone, as what
 * follows is retained by it; nor does its size count again where types are summed up. Viewers'
 * "retained size" of a type is counted so too.
 *
 * Growth is of two images of one heap with stable ids (gc/image.h): an object is the same by its id,
 * wherever it is now; several, and one that has taken another's place, are the same by their
 * dominator's id and their type's name; types by their name.
 */
#ifndef RESULTS_RETAINERS_H
#define RESULTS_RETAINERS_H

#include "results/dominators.h"
#include <stddef.h>

struct results_retainer {
  uint32_t node; /* the object, or of several the one that retains most, the first of equals */
  uint32_t objects;
  uint64_t bytes, retained_bytes; /* of all of them: without and with what they retain */
};

/* The largest ones, largest first. Returns how many, at most `count_max`, or -ENOMEM. */
int results_retainers_top(const struct gc_image *image, const struct results_dominators *dominators,
                          struct results_retainer *retainers, size_t count_max);

struct results_grown_retainer {
  struct results_retainer after; /* of the later image */
  uint64_t before_bytes;         /* retained; 0: it is new */
};

/* By growth, largest first; of the later image's retainers alone. Returns how many, or -ENOMEM. */
int results_retainers_grown(const struct gc_image *before_image,
                            const struct results_dominators *before,
                            const struct gc_image *after_image,
                            const struct results_dominators *after,
                            struct results_grown_retainer *grown, size_t count_max);

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
