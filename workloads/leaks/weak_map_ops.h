/* weak-map: what a program knows of sessions lies in a map from session to metadata, whose metadata
 * refer to their session; a strong map keeps both for ever. Fixed: the map holds ephemerons, so that
 * an entry dies with its session, and what is left of entries is taken out as it is met.
 *
 * Both variants make the ephemeron; an entry holds it or the metadata. No weak cell would do: the
 * metadata are needed as long as the session is, and refer to it.
 */
#include "workloads/leaks/pair_ops.h"

enum { WEAK_MAP_BUCKETS = 4096 };
enum { WEAK_MAP_TABLE, WEAK_MAP_ENTRY, WEAK_MAP_SESSION, WEAK_MAP_METADATA };
enum { WEAK_MAP_NEXT, WEAK_MAP_HELD, WEAK_MAP_ENTRY_SLOTS };
enum { WEAK_MAP_METADATA_RAW_BYTES = 88 };

/* Of a session, of metadata behind their slot, and of an entry behind its two. */
static inline uint64_t *weak_map_number(struct gc_ref object, size_t slot_count) {
  return gc_object_raw(object, slot_count);
}

static enum workload_status weak_map_begin(struct leak *leak) {
  bool is_made = leak_make(leak, leak->container, WEAK_MAP_BUCKETS, 0, leak->types[WEAK_MAP_TABLE]);
  return is_made ? WORKLOAD_DONE : WORKLOAD_OUT_OF_MEMORY;
}

/* Session in `opened`, metadata in `second`. */
static inline bool weak_map_make_session(struct leak *leak, uint64_t operation) {
  if (!leak_make(leak, leak->opened, 0, 16, leak->types[WEAK_MAP_SESSION])) {
    return false;
  }
  *weak_map_number(gc_handle_get(leak->opened), 0) = operation;
  if (!leak_make(leak, leak->second, 1, WEAK_MAP_METADATA_RAW_BYTES,
                 leak->types[WEAK_MAP_METADATA])) {
    return false;
  }
  gc_init_field(leak->mutator, gc_handle_get(leak->second), 0, gc_handle_get(leak->opened));
  *weak_map_number(gc_handle_get(leak->second), 1) = operation;
  return true;
}

/* Entries of the bucket whose sessions are dead. */
static inline void weak_map_purge(struct leak *leak, uint64_t bucket) {
  struct gc_ref before = gc_handle_get(leak->container);
  size_t slot = bucket;
  struct gc_ref entry = leak_read(leak, before, slot);
  while (!gc_is_null(entry)) {
    struct gc_ref next = leak_read(leak, entry, WEAK_MAP_NEXT);
    struct gc_ref ephemeron = leak_read(leak, entry, WEAK_MAP_HELD);
    if (gc_is_null(gc_ephemeron_key(leak->mutator, ephemeron))) {
      leak_write(leak, before, slot, next);
    } else {
      before = entry;
      slot = WEAK_MAP_NEXT;
    }
    entry = next;
  }
}

static enum workload_status weak_map_open(struct leak *leak, uint64_t operation) {
  if (GC_UNLIKELY(!weak_map_make_session(leak, operation))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  gc_handle_set(leak->mutator, leak->first,
                gc_ephemeron_allocate(leak->mutator, leak->opened, leak->second));
  if (GC_UNLIKELY(
          gc_is_null(gc_handle_get(leak->first)) ||
          !leak_make(leak, leak->third, WEAK_MAP_ENTRY_SLOTS, 8, leak->types[WEAK_MAP_ENTRY]))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  uint64_t bucket = operation % WEAK_MAP_BUCKETS;
  if (!leak->is_leaky) {
    weak_map_purge(leak, bucket);
  }
  struct gc_ref entry = gc_handle_get(leak->third), table = gc_handle_get(leak->container);
  *weak_map_number(entry, WEAK_MAP_ENTRY_SLOTS) = operation;
  leak_write(leak, entry, WEAK_MAP_HELD,
             gc_handle_get(leak->is_leaky ? leak->second : leak->first));
  leak_write(leak, entry, WEAK_MAP_NEXT, leak_read(leak, table, bucket));
  leak_write(leak, table, bucket, entry);
  return WORKLOAD_DONE;
}

/* The metadata are there while the session is. */
static enum workload_status weak_map_close(struct leak *leak, struct gc_ref opened) {
  uint64_t operation = *weak_map_number(opened, 0);
  struct gc_ref entry =
      leak_read(leak, gc_handle_get(leak->container), operation % WEAK_MAP_BUCKETS);
  while (!gc_is_null(entry) && *weak_map_number(entry, WEAK_MAP_ENTRY_SLOTS) != operation) {
    entry = leak_read(leak, entry, WEAK_MAP_NEXT);
  }
  if (GC_UNLIKELY(gc_is_null(entry))) {
    return workload_wrong(leak->run, "session %" PRIu64 " is not in the map", operation);
  }
  struct gc_ref held = leak_read(leak, entry, WEAK_MAP_HELD);
  struct gc_ref metadata = leak->is_leaky ? held : gc_ephemeron_value(leak->mutator, held);
  if (GC_UNLIKELY(gc_is_null(metadata) || *weak_map_number(metadata, 1) != operation)) {
    return workload_wrong(leak->run, "the metadata of session %" PRIu64 " are lost", operation);
  }
  leak_fold(leak, operation);
  return WORKLOAD_DONE;
}

static const struct leak_pair leak_weak_map = {
    .type_names = {"weak-map.table", "weak-map.entry", "weak-map.session", "weak-map.metadata"},
    .begin = weak_map_begin,
    .open = weak_map_open,
    .close = weak_map_close,
    .end = leak_ends,
    .finish = leak_finishes,
};
