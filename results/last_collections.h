/* The last collections of a trial that ran out of memory: what it tried before it gave up. */
#ifndef RESULTS_LAST_COLLECTIONS_H
#define RESULTS_LAST_COLLECTIONS_H

#include "results/derive.h"
#include "results/table_text.h"

enum { RESULTS_LAST_COLLECTIONS = 3 };

struct results_last_collection {
  double at_ns; /* since the trial's first event */
  double pause_ns;
  enum gc_pause_kind kind;
  double before_bytes, after_bytes; /* of the heap, in use */
  double external_before_bytes, external_after_bytes;
};

struct results_last_collections {
  struct results_last_collection items[RESULTS_LAST_COLLECTIONS]; /* the last one last */
  size_t count;
};

/* Stops that ended the marking of a cycle. */
struct results_last_collections results_last_collections_of(const struct results_events *events);

/* "full at 412 ms: heap 7.95 MiB -> 7.91 MiB, 3.20 ms; full at ..."; external memory where there is
 * any. */
void results_last_collections_put(const struct results_last_collections *last,
                                  struct table_line *line);

#endif
