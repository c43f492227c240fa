/* Weak cells and ephemerons: what they hold, the lists that find them, and their part in
 * collections.
 *
 * What a cell or ephemeron holds lies in its raw part, where no tracing, scavenging or barrier half
 * sees it; collections find these objects through lists of their addresses. Every one is on the
 * young or on the old list of its kind, once. An old one that holds a young reference is on the
 * touched list too, which is what a scavenge visits of the old ones; bit 0 of its first word says
 * so.
 *
 * Marking. The first time markers run dry, and each time after, whoever leads them looks at the old
 * ephemerons that nobody looked at in this cycle (gc_weak_resolve). Where the key is marked, or
 * young, the value becomes grey; otherwise the ephemeron waits in a table for its key, and where it
 * is not marked itself, for itself. From the first wait on, markers look each object up that they
 * mark (TRACE_WATCHES in trace.c), which resolves a chain of any length in linear time: each
 * ephemeron is looked at once, and once for each of the two that it may wait for. Until then
 * and without ephemerons the mark loop knows nothing of them.
 *
 * Clearing. After marking has terminated, what is unmarked is dead: dead cells leave the lists,
 * dead referents and ephemerons with dead keys are emptied. Beside the mutators that is done by a
 * collector thread, a few cells per section (GC_SECTION_SWEEP); until the stop that ends it, what
 * is handed out is checked by gc_weak_current, and nothing is swept. Elsewhere it is done in the
 * pause.
 *
 * Scavenging is in scavenge_weak.h.
 *
 * Invariants. `weak-listed`: as above, between pauses. `weak-shades`: while a cycle marks, under a
 * barrier whose roots are scanned once, a reference that is handed out or removed becomes grey,
 * because it was in nobody's snapshot; where remark rescans the roots, the value given to an
 * ephemeron does, because the ephemeron may have been looked at. `weak-alive`: what is handed out
 * is no object that this cycle's sweep will free.
 *
 * What would go wrong without `weak-shades`, c a weak cell, h a handle already scanned, x white:
 *     h = gc_weak_get(c);  x has no other reference           -> x is freed while h holds it
 *
 * A key of null makes the value meaningless: clearing writes null over the key alone, so that it
 * cannot lose the value of a mutator that sets the ephemeron meanwhile; gc_ephemeron_set stores the
 * value first.
 *
 * Concurrency: words of cells are atomic: read by collector threads, set by mutators, updated by
 * scavenges while markers look. Lists of the heap: `young`, `touched`, and the old ones of the cell
 * kind are written with the world stopped or under the lock, as each says.
 *
 * Costs: 8 bytes per cell beside its own 16 (24 of an ephemeron); the table 40 bytes per ephemeron
 * that waits, until marking ends. Without cells, a few tests per collection.
 */
#ifndef HEAP_WEAK_H
#define HEAP_WEAK_H

#include "heap/weak_list.h"
#include "heap/weak_table.h"
#include <gc/object.h>
#include <gc/ref.h>

struct gc_heap;
struct gc_mutator_private;
struct gc_trace_limits;
struct gc_worker;

enum gc_weak_kind { GC_WEAK_CELL, GC_WEAK_EPHEMERON, GC_WEAK_KINDS };

/* The objects. */
struct gc_weak_cell {
  uint64_t gc_header;
  uintptr_t referent; /* atomic [pairs: ref-publish]; bit 0: touched */
};

struct gc_ephemeron {
  uint64_t gc_header;
  uintptr_t key;   /* atomic [pairs: ref-publish]; bit 0: touched */
  uintptr_t value; /* atomic [pairs: ref-publish]; without meaning where the key is null */
};

_Static_assert(offsetof(struct gc_weak_cell, referent) == GC_HEADER_BYTES &&
                   offsetof(struct gc_ephemeron, key) == GC_HEADER_BYTES,
               "what is weak begins behind the header, whatever the kind");

#define GC_WEAK_TOUCHED ((uintptr_t)1)

enum gc_weak_clearing {
  GC_WEAK_CLEARED,        /* what cells hold is alive */
  GC_WEAK_CLEARS_STOPPED, /* since remark, in the same pause: what is old and unmarked is dead */
  GC_WEAK_CLEARS_BESIDE,  /* what is unmarked and awaits its sweep is dead */
};

/* What collections have looked at, ever, in cells and ephemerons. */
struct gc_weak_work {
  uint64_t looks;          /* by who leads dry markers */
  uint64_t looks_stw;      /* of those, with the world stopped */
  uint64_t chained;        /* waiters, when what they waited for was marked; under lock */
  uint64_t cleared_beside; /* to clear them, beside the mutators; the thread that clears */
  uint64_t cleared_stw;    /* to clear them, with the world stopped */
};

struct gc_weak {
  struct gc_segment_pool segments;
  struct gc_spin_lock lock;                   /* of `old`, `resolved` and the table's chains */
  struct gc_weak_list young[GC_WEAK_KINDS];   /* world stopped; flushed from mutators */
  struct gc_weak_list touched[GC_WEAK_KINDS]; /* world stopped; flushed from mutators */
  struct gc_weak_list old[GC_WEAK_KINDS]; /* of ephemerons, while marking: nobody looked at; under
                                             lock */
  struct gc_weak_list resolved;           /* old ephemerons, while marking: looked at; under lock */
  struct gc_weak_list
      ready; /* rests of chains that were taken: waiters' indexes and 1; under lock */

  struct gc_weak_table spent;   /* of the cycle that has marked: memory to give back; who clears */
  struct gc_weak_table awaited; /* chains under lock; the rest, whoever leads the dry markers */
  uint8_t is_watching;  /* atomic, relaxed: written while nobody marks, before they join again */
  uint8_t missed_marks; /* marks were set that nobody looked up; world stopped */
  uint8_t found_beside; /* resolving has made values grey since last asked; whoever leads */

  uint64_t old_moves; /* stops that have moved old objects; written with the world stopped */

  struct gc_weak_work work;

  uint32_t clearing; /* atomic, relaxed; enum gc_weak_clearing; written with the world stopped */
  /* What is left to clear, and what was kept. The thread that clears, or with the world stopped. */
  struct gc_weak_list uncleared_young[GC_WEAK_KINDS];
  struct gc_weak_list kept_young[GC_WEAK_KINDS];
  struct gc_weak_list uncleared[GC_WEAK_KINDS], kept[GC_WEAK_KINDS];
};

/* A mutator's own, until the next stop that needs them. */
struct gc_weak_mutator {
  struct gc_weak_list young[GC_WEAK_KINDS], touched[GC_WEAK_KINDS];
};

void gc_weak_open(struct gc_heap *heap);
void gc_weak_close(struct gc_heap *heap);

/* Gives a mutator's lists to the heap. World stopped, or under the lock of the mutators' list. */
void gc_weak_flush_mutator(struct gc_heap *heap, struct gc_mutator_private *mutator);
void gc_weak_flush_mutators_stw(struct gc_heap *heap);

/* --- marking: weak_mark.c ---------------------------------------------------------------------*/

/* Before roots are pushed. World stopped, markers at rest. */
void gc_weak_begin_marking_stw(struct gc_heap *heap);

enum gc_weak_resolution {
  GC_WEAK_RESOLVED, /* no ephemeron has made anything grey */
  GC_WEAK_FOUND,    /* grey values are on the worker's stack */
  GC_WEAK_TOLD,     /* as the limits say; grey values may be on the worker's stack */
};

/* Looks at the ephemerons that nobody looked at. The worker's stack is ready; nobody marks
 * meanwhile: every marker has found the share dry, or the world is stopped. */
enum gc_weak_resolution gc_weak_resolve(struct gc_worker *worker,
                                        const struct gc_trace_limits *limits);

/* Whether gc_weak_resolve has anything to do. World stopped. */
bool gc_weak_has_unresolved_stw(const struct gc_heap *heap);

/* The same for the collector thread that leads, in its section; what it finds goes to the share,
 * which stays closed until the next stop. */
void gc_weak_resolve_beside(struct gc_worker *worker, const uint32_t *stop_flag);
/* True when that found anything since last asked. World stopped. */
bool gc_weak_takes_found(struct gc_heap *heap);

/* Marks were set without gc_weak_marked: every ephemeron is looked at again. World stopped. */
void gc_weak_miss_marks_stw(struct gc_heap *heap);

/* Markers are to call gc_weak_marked for every object that they mark. */
static inline bool gc_weak_is_watching(const struct gc_weak *weak) {
  /* Relaxed: markers join the share after it was written. */
  return gc_atomic_load_relaxed(&weak->is_watching) != 0;
}

/* Makes the values grey that waited for this object only: on the worker's stack. */
void gc_weak_marked(struct gc_worker *worker, uintptr_t object);

/* --- clearing: weak_clear.c -------------------------------------------------------------------*/

/* Marking has terminated; nothing is swept or moved yet. False when there is nothing to clear. */
bool gc_weak_begin_clear_stw(struct gc_heap *heap);
/* All that is left, and the end of it: before anything is swept. World stopped, no thread clears. */
void gc_weak_clear_stw(struct gc_heap *heap);
/* Instead: the rest is done beside the mutators. Blocks and large objects await their sweep now. */
void gc_weak_clear_beside_stw(struct gc_heap *heap);
/* Clears a few. False when none is left: gc_weak_clear_stw is due. One thread, in a section that
 * scavenges wait for. */
bool gc_weak_clear_piece(struct gc_heap *heap);

static inline enum gc_weak_clearing gc_weak_clearing(const struct gc_weak *weak) {
  /* Relaxed: written with the world stopped; a collector thread looks again in its section. */
  return (enum gc_weak_clearing)gc_atomic_load_relaxed(&weak->clearing);
}

/* While clearing: the object if it is alive, otherwise null. */
struct gc_ref gc_weak_current(const struct gc_heap *heap, struct gc_ref ref);

/* Old objects are about to move, and all else stands: calls forward for each address of an object,
 * and writes what it answers. World stopped, everything cleared, nothing young. */
void gc_weak_update_moved_stw(struct gc_heap *heap,
                              uintptr_t (*forward)(const void *context, uintptr_t object),
                              const void *context);

/* --- scavenging: scavenge_weak.h --------------------------------------------------------------*/

/* Whether a scavenge has weak cells to visit; flushes mutators. World stopped. */
bool gc_weak_has_young_stw(struct gc_heap *heap);

/* --- for all of them --------------------------------------------------------------------------*/

static inline uintptr_t *gc_weak_word(uintptr_t holder) {
  return (uintptr_t *)(holder + GC_HEADER_BYTES); // NOLINT(performance-no-int-to-ptr)
}

static inline struct gc_ephemeron *gc_weak_ephemeron(uintptr_t ephemeron) {
  return (struct gc_ephemeron *)ephemeron; // NOLINT(performance-no-int-to-ptr)
}

/* What the first word of a cell or ephemeron refers to. */
static inline struct gc_ref gc_weak_load(uintptr_t holder) {
  uintptr_t word = gc_atomic_load_acquire(gc_weak_word(holder)); /* [pairs: ref-publish] */
  return (struct gc_ref){word & ~GC_WEAK_TOUCHED};
}

static inline struct gc_ref gc_weak_load_value(uintptr_t ephemeron) {
  return (struct gc_ref){
      gc_atomic_load_acquire(&gc_weak_ephemeron(ephemeron)->value)}; /* [pairs: ref-publish] */
}

#endif
