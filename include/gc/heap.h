/* The heap's public calls: open and close, attach and detach, roots, forced collections, memory
 * usage, statistics.
 *
 * Threads: open and close by one thread while nobody is attached. Everything that takes a mutator
 * is called by that mutator's thread. Calls that take only the heap may come from any thread.
 * Errors: negative errno with one sentence in `error` for what the environment refused or the
 * options got wrong; exhaustion of the heap is never an error here but a null answer of
 * gc_allocate.
 */
#ifndef GC_HEAP_H
#define GC_HEAP_H

#include <gc/mutator.h>
#include <gc/options.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gc_heap;
struct gc_root;

/* Opens a heap with the collector and barrier that the options name. -EINVAL: an unknown name, or a
 * pair that cannot work, with the sentence that says which capability is missing. -ENOMEM, -EIO …:
 * the system refused memory or threads. */
int gc_heap_open(const struct gc_options *options, struct gc_heap **heap, char *error,
                 size_t error_size);

/* Every mutator is detached and every root destroyed by now. */
void gc_heap_close(struct gc_heap *heap);

/* Called through gc_attach, which passes the barrier that the calling unit was compiled with.
 * Returns null when the heap was opened with another barrier, or memory for the mutator is lacking;
 * error then holds a sentence. Waits while the world is stopped. */
struct gc_mutator *gc_attach_compiled(struct gc_heap *heap, const char *barrier_name, char *error,
                                      size_t error_size);
void gc_detach(struct gc_mutator *mutator);

/* Global roots: one reference each, scanned by every collection. */
struct gc_root *gc_root_create(struct gc_mutator *mutator, struct gc_ref ref);
void gc_root_destroy(struct gc_mutator *mutator, struct gc_root *root);
struct gc_ref gc_root_get(const struct gc_root *root);
void gc_root_set(struct gc_mutator *mutator, struct gc_root *root, struct gc_ref ref);

enum gc_collection {
  GC_COLLECTION_MINOR, /* one scavenge; nothing where there is no young generation */
  GC_COLLECTION_FULL,  /* complete: after it only reachable objects remain, where the collector
                          declares GC_RECLAIMS_ALL */
};

/* Forces a collection and returns when it is done. A safepoint. */
void gc_collect(struct gc_mutator *mutator, enum gc_collection collection);

/* Offers duration_ns in which the calling mutator has nothing to do: the collector marks and sweeps
 * in it, and returns at once where there is nothing to. It overruns by 200 us at most, save for
 * stops that others ask for. A safepoint. */
void gc_idle(struct gc_mutator *mutator, uint64_t duration_ns);

/* Names a type (or allocation site) for snapshots, reports and dumps. Returns its id, 1 to 2^20 -
 * 7, or 0 when ids ran out. The name is copied. The same name twice gives the same id. */
uint32_t gc_type_define(struct gc_heap *heap, const char *name);
const char *gc_type_name(struct gc_heap *heap, uint32_t type);

/* What process.memoryUsage() answers, with the machine beside it. All in bytes. */
struct gc_memory_usage {
  uint64_t rss_bytes;        /* resident, the whole process */
  uint64_t heap_total_bytes; /* committed for objects */
  uint64_t heap_used_bytes;  /* allocated and not yet found dead; free parts of allocation buffers
                                count as used */
  uint64_t external_bytes;   /* backing stores, also of buffers found dead and not freed yet, and
                              what the program declared (gc/buffer.h) */
  uint64_t buffers_bytes;    /* of those, of buffers that no collection has found dead */
  uint64_t heap_limit_bytes;
  uint64_t metadata_bytes; /* bitmaps, cards, descriptors, mark stacks: committed beside the heap */
  uint64_t machine_total_bytes;
  uint64_t machine_free_bytes;
  uint64_t cgroup_limit_bytes;  /* of the process's control group; 0: none */
  uint64_t peak_used_bytes;     /* largest heap_used_bytes seen at a stop or now */
  uint64_t peak_external_bytes; /* and of external_bytes */
};
void gc_memory_usage(struct gc_heap *heap, struct gc_memory_usage *usage);

/* Sums since the heap was opened, and the last collection's figures. Consistent when read by a
 * mutator. */
struct gc_statistics {
  uint64_t scavenge_count, full_count;
  uint64_t remarks_aborted;   /* remarks that met more than their budget and resumed marking */
  uint64_t degenerated_count; /* cycles whose rest was done in a pause */
  uint64_t allocated_bytes;   /* young and directly old, by whole buffers */
  uint64_t survived_bytes, survived_objects; /* copied within the nursery */
  uint64_t promoted_bytes, promoted_objects;
  uint64_t marked_bytes, marked_objects, marked_slots;
  uint64_t swept_bytes; /* found dead */
  /* Old objects moved out of sparse blocks, blocks emptied by that, slots that were to follow. */
  uint64_t evacuated_bytes, evacuated_objects, evacuated_blocks, updated_slots;
  uint64_t scavenge_ns, mark_ns, sweep_ns; /* wall time of the phases */
  uint64_t last_scavenge_ns, last_mark_ns, last_sweep_ns;
  uint64_t last_marked_objects, last_live_bytes;
  uint64_t stop_count, stop_ns;              /* sum of request to resume */
  uint64_t released_buffers, released_bytes; /* whose owners collections found dead */
};
void gc_statistics_read(struct gc_heap *heap, struct gc_statistics *statistics);

#endif
