/* Images as V8 heap snapshots (`.heapsnapshot`), which Chrome's DevTools and others open.
 *
 * Format: one JSON object whose "snapshot" says what follows, with the keys in the order in which
 * DevTools looks for them: "nodes" and "edges", flat arrays of whole numbers below 2^32, and
 * "strings". Above the image's own nodes there is a nameless root, as viewers expect it; it leads
 * to "(GC roots)" and, by shortcuts, to every object that a handle or global root holds, from which
 * they count distances. Objects are nodes of type `object`, named by their type; groups of roots
 * `synthetic`; stores `native`. Slots are elements; stores and values of ephemerons internal; what
 * does not keep its target is weak. Sizes above 4 GiB do not fit: what is beyond is counted in
 * extra_native_bytes.
 *
 * A path that ends in ".zst" is written as Zstandard. The file is whole or not there (file.h).
 *
 * Costs: written as it is made; 0.2 us per node or edge.
 */
#ifndef RESULTS_SNAPSHOT_FILE_H
#define RESULTS_SNAPSHOT_FILE_H

#include <gc/image.h>
#include <stddef.h>

/* Nodes and edges of the file, which are a few more than the image's. */
struct results_snapshot_counts {
  uint64_t nodes, edges;
};
struct results_snapshot_counts results_snapshot_count(const struct gc_image *image);

/* 0 or negative errno with a sentence: -EFBIG, the format cannot hold so many nodes. `progress`, if
 * not null, is called now and then with the part of the work that is done. */
int results_snapshot_write(const char *path, const struct gc_image *image,
                           void (*progress)(void *context, double done_ratio), void *context,
                           char *error, size_t error_size);

#endif
