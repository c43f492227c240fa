/* The collectors of the list, as the harness needs them: by name, with the barriers that suffice.
 */
#ifndef HARNESS_VARIANTS_H
#define HARNESS_VARIANTS_H

#include "harness/say.h"
#include <gc/options.h>
#include <jansson.h>
#include <stdbool.h>

const char *const *collector_names(size_t *count);

/* Says what is wrong with a name or composition: an unknown name with the nearest one. */
enum harness_status collector_check(const char *collector);

/* True, with a reason, when options are refused before memory is reserved: names, pairs, sizes. */
bool collector_refuses(const struct gc_options *options, char *reason, size_t reason_size);

/* The collector's own barrier: the one it is listed with, or the cheapest that suffices. Null, with
 * a reason, when a composition names one that does not suffice. */
const char *collector_barrier(const char *collector, char *reason, size_t reason_size);

/* True when the barrier suffices; else `reason` says which capability is missing. */
bool collector_suffices(const char *collector, const char *barrier, char *reason,
                        size_t reason_size);

/* True when the heap's limit does not bound it, and it has to reserve what is allocated. */
bool collector_reserves(const char *collector);

/* True for what is no collector of the heap, and runs only when it is named. */
bool collector_is_baseline(const char *collector);

/* True for a native allocator: no heap is opened for it. */
bool collector_is_native(const char *collector);

/* For lists: an object with name, description and what the part is made of. */
json_t *collector_describe(const char *collector);
json_t *barrier_describe(const char *barrier);

#endif
