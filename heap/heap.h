/* The heap, seen from inside: what collectors and barriers' slow halves work with.
 *
 * A heap is mechanism: nursery, old space, large objects, roots, workers, stops, scavenger,
 * tracing. What to do when room runs out is asked of the collector through struct
 * gc_collector_hooks; how remembered slots are found, of the barrier through struct
 * gc_remembered_ops.
 *
 * Concurrency: members say who may touch them. `stw`: read by anybody at any time only where
 * constant, else with the world stopped.
 */
#ifndef HEAP_HEAP_H
#define HEAP_HEAP_H

#include "heap/arena.h"
#include "heap/attendant.h"
#include "heap/background.h"
#include "heap/budget.h"
#include "heap/evacuate.h"
#include "heap/event.h"
#include "heap/external.h"
#include "heap/finalizer.h"
#include "heap/identity.h"
#include "heap/large_space.h"
#include "heap/limits.h"
#include "heap/mark_stack.h"
#include "heap/marking.h"
#include "heap/moved_slots.h"
#include "heap/mutator_private.h"
#include "heap/nursery.h"
#include "heap/old_space.h"
#include "heap/recording.h"
#include "heap/remembered.h"
#include "heap/segment.h"
#include "heap/space.h"
#include "heap/stop.h"
#include "heap/weak.h"
#include "heap/worker.h"
#include <gc/heap.h>

struct gc_root {
  struct gc_ref ref; /* owner threads, or anybody with the world stopped */
  struct gc_root *next, *previous;
  struct gc_heap *heap;
};

enum gc_request_kind {
  GC_REQUEST_BUFFER, /* an allocation buffer from the eden */
  GC_REQUEST_LARGE,  /* a large object */
  GC_REQUEST_FORCED_MINOR,
  GC_REQUEST_FORCED_FULL,
  GC_REQUEST_STRESS_MINOR,
  GC_REQUEST_DUE, /* nothing yet: the collector wants to begin a cycle */
};

/* Why the world is stopped, and for the how manyth time for the same want: the rungs of the failure
 * ladder. */
struct gc_request {
  enum gc_request_kind kind;
  size_t bytes;     /* wanted, of a buffer or a large object */
  unsigned attempt; /* 0 first: collections that this want has seen */
  bool had_full;    /* set by the collector: it has collected fully for this want */
  bool is_last;     /* set by the collector: it has done everything it can */
  bool is_refused;  /* set by the collector: nothing is given, even where there is some room */
};

#define GC_BESIDE_WHEN_WOKEN UINT64_MAX

/* A memory manager that stands in for the heap, to be compared with: its objects lie outside of the
 * heap's spaces, where barriers have no side tables. No weak references. Members are not null but
 * where they say so. */
struct gc_baseline_hooks {
  /* An object whose slots are null and raw bytes zero, or null when there is no memory. A safepoint.
   * Every allocation comes here. */
  struct gc_ref (*allocate)(struct gc_mutator *mutator, size_t bytes, size_t slot_count,
                            uint32_t type);
  /* Frees it. Null: disposing of an object is without effect. */
  void (*dispose)(struct gc_mutator *mutator, struct gc_ref object);
  /* By the mutator's own thread, first and last. 0, or negative errno. */
  int (*attach)(struct gc_mutator *mutator);
  void (*detach)(struct gc_mutator *mutator);
  /* Fill what they know. */
  void (*measure)(struct gc_heap *heap, struct gc_statistics *statistics,
                  struct gc_memory_usage *usage);
};

/* What the heap asks of a collector. */
struct gc_collector_hooks {
  const char *name;
  /* Collects what the request needs, with the world stopped, on the requester's thread. Returns the
   * kind of pause it was. */
  enum gc_pause_kind (*collect_stw)(struct gc_heap *heap, struct gc_request *request);
  /* Work beside the mutators, on a collector thread; returns nanoseconds after which it is to be
   * called again, or GC_BESIDE_WHEN_WOKEN. A heap has as many collector threads as its parts say. */
  uint64_t (*beside)(struct gc_heap *heap, struct gc_worker *worker);
  /* A mutator is about to take another allocation buffer or a large object, of so many bytes, and
   * `help_wanted` is set. A safepoint. */
  void (*help)(struct gc_heap *heap, struct gc_mutator *mutator, size_t bytes);
  /* A mutator has nothing to do until the deadline, and offers the time. A safepoint. */
  void (*idle)(struct gc_heap *heap, struct gc_mutator *mutator, uint64_t deadline_ns);
  /* 0 or negative errno: called by open when everything else is there, and before close. */
  int (*open)(struct gc_heap *heap);
  void (*close)(struct gc_heap *heap);
  /* Null-terminated phases and counters of its own; may be null. */
  const struct gc_part_measures *measures;
  const struct gc_baseline_hooks *baseline; /* null: objects lie in the heap's spaces */
};

/* Phases that the heap itself runs; parts declare further ones, numbered from GC_HEAP_PHASES. */
enum gc_heap_phase {
  GC_PHASE_SCAVENGE,
  GC_PHASE_MARK,
  GC_PHASE_COMPACT,
  GC_PHASE_CLEAR,
  GC_PHASE_SWEEP,
  GC_HEAP_PHASES
};

/* What is measured to size the next scavenge. Written with the world stopped. */
struct gc_survival {
  uint64_t second_survival_percent; /* of bytes that had survived once; smoothed */
  unsigned scavenges_without_ageing;
  uint64_t recent_promoted_bytes; /* decaying maximum of a scavenge's promotions */
  uint64_t recent_work_ns;        /* decaying mean of a scavenge's work on one thread */
  uint64_t last_cpu_ns;           /* the last scavenge's critical path */
  size_t last_eden_bytes;         /* what of the eden was in use before it */
  size_t last_lasting_bytes;      /* what survived of that */
};

struct gc_heap {
  struct gc_options options;
  const struct gc_collector_hooks *hooks;     /* constant */
  void *collector_state;                      /* the collector's */
  const struct gc_remembered_ops *remembered; /* constant */
  void *remembered_state;                     /* the remembering half's */
  const char *barrier_name;                   /* constant */
  uint64_t promotion_header_or; /* OR'ed into headers of objects that become or are born old; set by
                                   the remembering half's open */
  unsigned barrier_keeps;       /* constant; enum gc_capability */

  struct gc_arena arena; /* metadata */
  struct gc_segment_pool segments;
  struct gc_space space;
  struct gc_budget budget;
  struct gc_limits limits;
  struct gc_nursery nursery;
  struct gc_old_space old;
  bool awaits_touched_memory; /* mutators do, at refills: touch_ahead.h */
  struct gc_large_space large;
  struct gc_attendants attendants;
  struct gc_external external; /* backing stores */
  struct gc_finalizers finalizers;
  struct gc_identities identities;
  struct gc_workers workers;       /* of pauses */
  struct gc_background background; /* beside the mutators */
  uint8_t help_wanted;             /* atomic, relaxed: a late look delays help by one buffer */
  struct gc_mark_share share;      /* of scavenging workers */
  struct gc_marking marking;
  uint8_t overflowed; /* atomic: some block's or large object's overflowed flag is set */
  struct gc_moved_slots moved;
  struct gc_weak weak;
  struct gc_evacuation evacuation; /* stw; beside mutators only `select` */

  uint64_t direct_allocated_bytes; /* atomic, relaxed: a statistic */
  size_t pretenured_left_bytes;    /* atomic, relaxed: what mutators may yet take in the old space
                                      before the next scavenge; written with the world stopped */
  /* Atomic, relaxed: statistics of sweeping outside pauses. */
  uint64_t swept_outside_bytes, sweep_outside_ns;

  struct gc_stop stop;
  struct gc_mutator_private *mutators; /* under stop.mutators_lock; stw */
  struct gc_mutator_private *detached; /* kept for their rings; under stop.mutators_lock */
  unsigned mutators_ever;
  unsigned mutator_rings; /* rings made for mutators: those of detached ones are used again */
  struct gc_root *roots;  /* under roots_lock; stw */
  struct gc_spin_lock roots_lock;

  struct gc_statistics statistics; /* stw */
  struct gc_survival survival;     /* stw */
  uint64_t cycle_count;            /* atomic, relaxed: written with the world stopped */
  uint64_t collection_count;       /* stw; for stress options */
  uint64_t peak_used_bytes;        /* stw */
  size_t buffer_bytes;             /* wanted size of allocation buffers; constant */
  enum gc_record record;           /* constant */
  char **type_names;               /* by id; under roots_lock */
  size_t type_count, type_capacity;
  size_t phase_count;
  struct gc_verify_history *verify_history; /* the verifier's, while a cycle marks; stw */
  struct gc_heap *next_open;                /* list of open heaps, for check failures */
};

/* What the choice of a collector and a barrier comes to: a heap is built from it. */
struct gc_heap_parts {
  const struct gc_collector_hooks *hooks;
  const struct gc_remembered_ops *remembered;
  const char *barrier_name;
  unsigned barrier_keeps;     /* enum gc_capability */
  unsigned collector_threads; /* beside the mutators */
  struct gc_nursery_plan nursery;
  size_t limit_bytes;       /* of the heap */
  size_t old_limit_bytes;   /* of old and large space together */
  size_t block_limit_bytes; /* of blocks; what is touched before anything is timed */
  enum gc_record record;
  bool has_huge_pages; /* they are asked for */
};
int gc_heap_create(const struct gc_options *options, const struct gc_heap_parts *parts,
                   struct gc_heap **heap, char *error, size_t error_size);

/* A thread's ring, as the option `record` will have it. Returns 0 or -ENOMEM. */
int gc_heap_ring_init(const struct gc_heap *heap, struct gc_event_ring *ring, uint32_t ring_number);

/* Bytes that objects occupy, by the heap's own accounting: eden buffers and survivors, live at the
 * last sweep and allocated since. */
size_t gc_heap_used_bytes(struct gc_heap *heap);
/* Of those, what is in the old generation: blocks and large objects. */
size_t gc_heap_old_used_bytes(const struct gc_heap *heap);
size_t gc_heap_committed_bytes(struct gc_heap *heap);
size_t gc_heap_metadata_bytes(struct gc_heap *heap);

/* What counts against `memory_cap_bytes`: nursery, blocks and large objects in use, external memory
 * and metadata. A snapshot, unless the world is stopped. */
uint64_t gc_heap_held_bytes(struct gc_heap *heap);

/* A cycle that is due because the cap is near finds little unless so much was taken since the last:
 * this share of the cap. It bounds the cycles of a program whose live objects exceed the cap. */
#define GC_CAP_GROWN_SHARE 8

/* Whether so many bytes more would exceed `memory_cap_bytes`. False where there is no cap. */
bool gc_heap_is_near_cap(struct gc_heap *heap, uint64_t ahead_bytes);

/* Keeps committed memory under the limit by giving back free blocks and pages. Any thread that just
 * committed memory. */
void gc_heap_bound_committed(struct gc_heap *heap);

/* Forgets allocation buffers of all mutators. World stopped. */
void gc_heap_retire_buffers_stw(struct gc_heap *heap);

/* Adds the workers' counts to the statistics and clears them; returns their sum. World stopped,
 * workers at rest. */
struct gc_worker_counts gc_heap_collect_counts_stw(struct gc_heap *heap);

/* The same of collector threads, which are at rest. */
struct gc_worker_counts gc_heap_collect_background_counts_stw(struct gc_heap *heap);

/* Whether the next scavenge may have to promote into memory that was never touched, while there is
 * a thread that will touch it: a hint. Any thread. */
bool gc_heap_lacks_touched_memory(struct gc_heap *heap);

/* False: mutators allocate in the old space. */
static inline bool gc_heap_has_nursery(const struct gc_heap *heap) {
  return heap->nursery.eden_bytes > 0;
}

static inline bool gc_heap_is_young(const struct gc_heap *heap, struct gc_ref ref) {
  return ref.address - heap->space.nursery_start < heap->space.nursery_bytes;
}

static inline bool gc_heap_is_in_block(const struct gc_heap *heap, struct gc_ref ref) {
  return ref.address - heap->space.block_start < heap->space.block_count << GC_BLOCK_BYTES_LOG2;
}

/* True for an object in a block that is to be evacuated. Meaningful while candidates exist. */
static inline bool gc_heap_is_candidate(const struct gc_heap *heap, struct gc_ref ref) {
  return gc_heap_is_in_block(heap, ref) &&
         heap->old.blocks[gc_space_block(&heap->space, ref.address)].is_candidate != 0;
}

static inline bool gc_heap_is_large(const struct gc_heap *heap, struct gc_ref ref) {
  return ref.address - heap->space.large_start < heap->space.large_bytes;
}

#endif
