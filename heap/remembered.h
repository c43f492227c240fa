/* The remembered-set contract: how scavenges read what a remembering half collected.
 *
 * Each remembering half (barriers/remember_x.c) exports one struct gc_remembered_ops; the heap
 * knows no other way to the remembered set. All calls are made with the world stopped, per batch
 * and never per slot of the mutator. Entries may be duplicated by racing mutators.
 *
 * Invariant `remembered-complete`: between scavenges, every slot of an old or large object that
 * holds a young reference is found by the next scavenge through take_work. After a full promotion
 * is_empty holds.
 *
 * Concurrency: take_work, remember_object and remember_slot are called by several workers of one
 * scavenge; one that comes late may not call take_work at all. False from take_work says that there
 * is nothing left to take, while others may still hold ranges they took. remember_object is called
 * after the last take_work returned false to everybody; remember_slot also while others still take
 * work.
 */
#ifndef HEAP_REMEMBERED_H
#define HEAP_REMEMBERED_H

#include <gc/mutator.h>
#include <gc/ref.h>
#include <stdbool.h>
#include <stddef.h>

struct gc_heap;
struct gc_worker;

/* Ranges of addresses whose slots a scavenge must visit; each lies on one card, of a block or of a
 * large object. Where the host is 0, objects are found through the live bitmap and their slots in
 * the range visited; otherwise the range is slots of live objects and nothing else, all of the host,
 * which remember_slot is given back. */
#define GC_REMEMBERED_BATCH 64
/* A host for halves whose remember_slot does not look at it. */
#define GC_HOST_NOT_ASKED ((uintptr_t)8)
struct gc_remembered_batch {
  size_t count;
  uintptr_t host[GC_REMEMBERED_BATCH];
  uintptr_t start[GC_REMEMBERED_BATCH];
  uintptr_t end[GC_REMEMBERED_BATCH];
};

struct gc_remembered_ops {
  const char *name;
  /* Provides: capability bits, enum gc_capability. */
  unsigned provides;

  int (*open)(struct gc_heap *heap); /* 0 or negative errno; allocates heap->remembered_state */
  void (*close)(struct gc_heap *heap);

  /* Brings what the half keeps in a mutator up to date: at attach, and with the world stopped when
   * the mutator's `shading` or `has_candidates` changed. */
  void (*update_mutator)(struct gc_heap *heap, struct gc_mutator *mutator);
  /* Moves what a mutator collected to where workers find it. Also when a mutator detaches (under
   * the lock of the mutators' list). */
  void (*flush_mutator)(struct gc_heap *heap, struct gc_mutator *mutator);
  void (*begin_scavenge_stw)(struct gc_heap *heap);
  /* The next ranges to visit; each is forgotten before it is handed out. False when there are none
   * left. */
  bool (*take_work)(struct gc_heap *heap, struct gc_worker *worker,
                    struct gc_remembered_batch *batch);
  /* Every slot of the object that holds a young reference will be visited by the next scavenge. */
  void (*remember_object)(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object);
  void (*remember_slot)(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object,
                        struct gc_slot slot);
  /* Collects what workers remembered; one thread. */
  void (*end_scavenge_stw)(struct gc_heap *heap);

  bool (*is_empty)(struct gc_heap *heap);
  /* For the verifier: would the next scavenge visit this slot? */
  bool (*contains)(struct gc_heap *heap, struct gc_ref object, struct gc_slot slot);
};

/* What a barrier keeps, and what policies need. */
enum gc_capability {
  GC_KEEPS_REMEMBERED = 1u << 0, /* every old-to-young slot is found by the next scavenge */
  GC_KEEPS_SNAPSHOT =
      1u << 1,               /* nothing reachable at cycle start is lost; roots are scanned once */
  GC_KEEPS_STRONG = 1u << 2, /* no black object points to a white one; remark rescans roots */
  GC_KEEPS_MOVED_SLOTS = 1u << 3, /* slots into evacuation candidates are recorded */
  GC_KEEPS_STAGGERED = 1u << 4,   /* reserved: mutators may be scanned one by one */
};

#endif
