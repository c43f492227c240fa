/* What `tricolor snapshot` prints of the images that it took: who retains most, and between the
 * first and the last of several what grew and what stayed.
 */
#ifndef HARNESS_SNAPSHOT_PRINT_H
#define HARNESS_SNAPSHOT_PRINT_H

#include <gc/image.h>
#include <stdio.h>

struct snapshot_printed {
  const struct gc_image *image;
  const char *moment; /* "0.5", "the limit" */
};

/* Objects, bytes and names of types: a line's worth. */
void snapshot_print_sum(FILE *stream, const struct gc_image *image);

/* In the order in which they were taken, at least one. 0, or -ENOMEM, and less is printed then. */
int snapshot_print(FILE *stream, const struct snapshot_printed *printed, size_t count);

#endif
