/* The large-object space: objects of 32 KiB and more, each in OS pages of its own, never moved.
 *
 * The header of a large object holds the address of its descriptor (gc/object.h), which knows size,
 * slot count, type and mark. Free page runs are found by first fit over a bitmap of pages in use,
 * so that low pages are reused first and memory can be given back at the top. A side table answers
 * which object a page belongs to, for card scanning and the verifier.
 *
 * Concurrency: allocation, lists and sweeping under the lock; marks are written by markers and, for
 * want of a mark-stack segment, by barriers (atomic). Nothing is freed while a cycle marks, so that
 * whoever knows an object's address finds its descriptor without the lock.
 */
#ifndef HEAP_LARGE_SPACE_H
#define HEAP_LARGE_SPACE_H

#include "heap/arena.h"
#include "heap/attendant.h"
#include "heap/budget.h"
#include "heap/space.h"
#include "heap/spin_lock.h"
#include <gc/object.h>

/* 16-byte aligned, as arenas give it: a header has no room for the low four bits of its address. */
struct gc_large {
  struct gc_large_shape shape;     /* first: what headers point at */
  struct gc_large *next;           /* all large objects; under the lock */
  struct gc_large *next_grey;      /* on the markers' list of large objects being scanned */
  struct gc_attendant *attendants; /* under their lock */
  uintptr_t address;
  size_t page_count;
  size_t scan_next;    /* slot where the next piece begins; under the share's lock */
  uint8_t marked;      /* atomic */
  uint8_t overflowed;  /* atomic: marked, but not scanned for want of a mark-stack segment */
  uint8_t sweep_epoch; /* other than the space's: awaits its sweep; under the lock */
  bool was_held;       /* its pages were, and may not be zero; until gc_large_open */
};

struct gc_large_space {
  const struct gc_space *space;
  struct gc_budget *budget;
  struct gc_arena *arena;
  struct gc_attendants *attendants;

  struct gc_spin_lock lock;
  struct gc_large *objects; /* under lock */
  struct gc_large *
      *unswept;         /* where in that list those begin that await their sweep; null: none do;
                                under lock */
  uint64_t *used_pages; /* bitmap; under lock */
  uint64_t *committed_pages;    /* bitmap: held and perhaps not zero; under lock */
  struct gc_large **page_owner; /* by page; under lock, but for gc_large_space_find */
  bool allocates_black;         /* a cycle marks; written with the world stopped */
  uint8_t sweep_epoch;          /* objects of another epoch await the sweep; world stopped */
  size_t page_limit;            /* pages of the range */
  size_t first_free_hint;       /* no free page below it; under lock */
  size_t used_page_count;       /* under lock */
  size_t committed_page_count;  /* under lock; read relaxed as a statistic */
  size_t object_count;
  size_t live_bytes;      /* of objects; at the last sweep and since; under lock, read relaxed as a
                             statistic */
  size_t allocated_bytes; /* ever; atomic, relaxed: a statistic */
};

int gc_large_space_open(struct gc_large_space *large, const struct gc_space *space,
                        struct gc_budget *budget, struct gc_arena *arena);
void gc_large_space_close(struct gc_large_space *large);

/* What an object of that size takes of the budget. */
static inline size_t gc_large_room_bytes(size_t size_bytes) {
  return (size_bytes + 4095) & ~(size_t)4095;
}

/* Room for an object: its pages, and a descriptor that says what it will be; null when the budget or
 * the system has none. It is an object once gc_large_open has zeroed it and written its header,
 * which is done before the caller's next safepoint. Any mutator, also with the world stopped. */
struct gc_large *gc_large_place(struct gc_large_space *large, size_t size_bytes, size_t slot_count,
                                uint32_t type);
struct gc_ref gc_large_open(struct gc_large *object);

/* Frees every unmarked object and clears the marks of the others. Returns bytes freed. World
 * stopped. */
size_t gc_large_space_sweep_stw_single(struct gc_large_space *large);

/* Marking has terminated: the objects that exist now await their sweep. World stopped. */
void gc_large_space_begin_sweep_stw(struct gc_large_space *large);
/* Frees the next of them, or clears its mark; *swept_bytes is what was freed. False when none is
 * left. Any thread, not while a scavenge or a verifier looks at large objects. */
bool gc_large_space_sweep_next(struct gc_large_space *large, size_t *swept_bytes);
bool gc_large_space_is_swept(struct gc_large_space *large);

/* Gives back the memory of free pages until at most keep_pages are held; returns pages given back.
 */
size_t gc_large_space_release_free(struct gc_large_space *large, size_t keep_pages);

/* The object whose page this address is on, or null. World stopped; or the address is of an object
 * that was published to the caller, and nothing is swept. */
struct gc_large *gc_large_space_find(const struct gc_large_space *large, uintptr_t address);

static inline struct gc_large *gc_large_of(uint64_t header) {
  return (struct gc_large *)(uintptr_t)(header & GC_HEADER_LARGE_MASK);
}

static inline size_t gc_large_space_used_bytes(const struct gc_large_space *large) {
  return large->used_page_count * ((size_t)1 << 12);
}

static inline size_t gc_large_space_committed_bytes(const struct gc_large_space *large) {
  return gc_atomic_load_relaxed(&large->committed_page_count) * ((size_t)1 << 12);
}

#endif
