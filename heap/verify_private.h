/* What the verifier's units share: its sets of object starts, and how failures are said.
 *
 * Where old and large objects begin is known from the bitmaps and the list of large objects before
 * any reference is looked at, so a reference to them is judged by a bit and never by what it points
 * to. Young objects lie with gaps between them; they are found through the references to them, and
 * must have a header, fit into the eden or the survivor area in use, and not overlap.
 */
#ifndef HEAP_VERIFY_PRIVATE_H
#define HEAP_VERIFY_PRIVATE_H

#include "heap/heap.h"
#include "heap/platform.h"
#include "heap/verify.h"

/* Kept from the begin of marking beside the mutators to its end: where old and large objects began
 * then, and which of them were reachable (level 3; else null). */
struct gc_verify_history {
  uint64_t *block_existing, *large_existing;
  uint64_t *block_reachable, *large_reachable;
  size_t block_words, large_words;
  uint64_t steps; /* of marking so far */
};

struct gc_verifier {
  struct gc_heap *heap;
  enum gc_verify_moment moment;
  bool has_marks; /* of a cycle: it marks, or has just ended marking; nothing awaits its sweep */
  bool is_beside; /* a cycle marks beside the mutators */
  size_t block_limit; /* blocks ever used */

  /* Bitmaps by granule of the block range, of the nursery, and by page of the large range. */
  uint64_t *block_starts, *young_starts, *large_starts;
  uint64_t *block_marked;            /* where marked objects begin */
  uint64_t *block_dead, *large_dead; /* which a cycle found dead, and no sweep has freed yet */
  uint64_t *block_visited, *young_visited, *large_visited;
  uint64_t *young_filled; /* granules of the young objects known so far */
  size_t block_words, young_words, large_words, piece_words;

  /* While a cycle marks beside the mutators, what is grey: queued to be marked, queued to be
   * scanned again (large objects by 512-byte piece), large objects on the list of those whose
   * slots from scan_next on were not scanned. */
  uint64_t *block_queued, *large_queued, *block_again, *piece_again, *large_scanning;
  uint64_t *block_promised, *large_promised; /* white, and marking will come to them */

  struct gc_ref *young_found; /* young objects whose slots were not looked at yet */
  size_t young_count, young_capacity;

  uint64_t live_bytes;                     /* old and large, by the bitmaps */
  uint64_t visited_objects, visited_bytes; /* old and large, by the second trace */
};

/* Says what is wrong and aborts. */
_Noreturn void gc_verify_fail(const struct gc_verifier *verifier, const char *invariant,
                              const char *format, ...) GC_PRINTF(3, 4);

/* Where an address lies, in words; in a static buffer of a few, for one failure's sentence. */
const char *gc_verify_place(const struct gc_verifier *verifier, uintptr_t address);

/* Calls visit for every old and large object; for those that await their freeing. */
void gc_verify_each_old(struct gc_verifier *verifier,
                        void (*visit)(struct gc_verifier *verifier, struct gc_ref object));
void gc_verify_each_dead(struct gc_verifier *verifier,
                         void (*visit)(struct gc_verifier *verifier, struct gc_ref object));
/* Calls visit for every handle and root; of a root, `mutator` is null. */
void gc_verify_each_root(struct gc_verifier *verifier,
                         void (*visit)(struct gc_verifier *verifier,
                                       const struct gc_mutator *mutator,
                                       const struct gc_ref *location));

/* True when an object begins at ref, in any space. A young one that was not known is noted. */
bool gc_verify_is_object(struct gc_verifier *verifier, struct gc_ref ref);

/* Of an old or large object; false where no marks are. */
bool gc_verify_is_marked(const struct gc_verifier *verifier, struct gc_ref object);

/* While a cycle marks beside the mutators, of an old or large object: it is marked, or queued to be
 * marked. */
bool gc_verify_is_shaded(const struct gc_verifier *verifier, struct gc_ref object);
/* And of a slot of a marked one: it will be scanned yet. */
bool gc_verify_is_slot_grey(const struct gc_verifier *verifier, struct gc_ref object, size_t index);

/* Level 1. */
void gc_verify_blocks(struct gc_verifier *verifier);
void gc_verify_spaces(struct gc_verifier *verifier);
void gc_verify_grey(struct gc_verifier *verifier);
/* Level 2. */
void gc_verify_edges(struct gc_verifier *verifier);
void gc_verify_weak(struct gc_verifier *verifier);
void gc_verify_attendants(struct gc_verifier *verifier);
/* Level 3. */
void gc_verify_trace(struct gc_verifier *verifier);
void gc_verify_promises(struct gc_verifier *verifier);
/* After the others: what did not exist when marking began, and what was reachable then. */
void gc_verify_history(struct gc_verifier *verifier);

/* Calls reach for the value of every ephemeron that is_reached says yes of, and of its key too. */
void gc_verify_each_value(struct gc_verifier *verifier,
                          bool (*is_reached)(struct gc_verifier *verifier, struct gc_ref object),
                          void (*reach)(struct gc_verifier *verifier, struct gc_ref ephemeron,
                                        struct gc_ref value));

static inline bool gc_verify_keeps_snapshot(const struct gc_verifier *verifier) {
  return (verifier->heap->barrier_keeps & GC_KEEPS_SNAPSHOT) != 0;
}

/* A full promotion was the last thing that happened to the nursery. */
static inline bool gc_verify_is_full(const struct gc_verifier *verifier) {
  switch (verifier->moment) {
  case GC_VERIFY_BEGUN:
  case GC_VERIFY_MARKED:
  case GC_VERIFY_AFTER_FULL:
    return true;
  case GC_VERIFY_REMARKED:
    return !gc_verify_keeps_snapshot(verifier);
  default:
    return false;
  }
}

/* The eden may hold objects. While a cycle marks, scavenges may be put off. */
static inline bool gc_verify_has_eden(const struct gc_verifier *verifier) {
  bool was_scavenged = verifier->moment == GC_VERIFY_AFTER_MINOR &&
                       (verifier->heap->options.interleave_minor || !verifier->is_beside);
  return !was_scavenged && !gc_verify_is_full(verifier);
}

static inline size_t gc_verify_page(const struct gc_verifier *verifier, uintptr_t address) {
  return (address - verifier->heap->space.large_start) >> GC_OS_PAGE_BYTES_LOG2;
}

static inline size_t gc_verify_piece(const struct gc_verifier *verifier, uintptr_t address) {
  return (address - verifier->heap->space.large_start) / GC_CARD_BYTES;
}

static inline bool gc_verify_test(const uint64_t *bits, size_t bit) {
  return (bits[bit / 64] >> bit % 64 & 1) != 0;
}

/* Sets the bit; true when it was clear. */
static inline bool gc_verify_set(uint64_t *bits, size_t bit) {
  uint64_t mask = UINT64_C(1) << bit % 64;
  bool was_clear = (bits[bit / 64] & mask) == 0;
  bits[bit / 64] |= mask;
  return was_clear;
}

#endif
