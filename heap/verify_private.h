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
#include "heap/verify.h"

struct gc_verifier {
  struct gc_heap *heap;
  enum gc_verify_moment moment;
  size_t block_limit; /* blocks ever used */

  /* Bitmaps by granule of the block range, of the nursery, and by page of the large range. */
  uint64_t *block_starts, *young_starts, *large_starts;
  uint64_t *block_marked; /* where marked objects begin; set at GC_VERIFY_MARKED only */
  uint64_t *block_visited, *young_visited, *large_visited;
  uint64_t *young_filled; /* granules of the young objects known so far */
  size_t block_words, young_words, large_words;

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

/* Calls visit for every live old and large object. */
void gc_verify_each_old(struct gc_verifier *verifier,
                        void (*visit)(struct gc_verifier *verifier, struct gc_ref object));
/* Calls visit for every handle and root; of a root, `mutator` is null. */
void gc_verify_each_root(struct gc_verifier *verifier,
                         void (*visit)(struct gc_verifier *verifier,
                                       const struct gc_mutator *mutator,
                                       const struct gc_ref *location));

/* True when an object begins at ref, in any space. A young one that was not known is noted. */
bool gc_verify_is_object(struct gc_verifier *verifier, struct gc_ref ref);

/* At GC_VERIFY_MARKED, of an old or large object. */
bool gc_verify_is_marked(const struct gc_verifier *verifier, struct gc_ref object);

/* Level 1. */
void gc_verify_blocks(struct gc_verifier *verifier);
void gc_verify_spaces(struct gc_verifier *verifier);
/* Level 2. */
void gc_verify_edges(struct gc_verifier *verifier);
/* Level 3. */
void gc_verify_trace(struct gc_verifier *verifier);

/* A full promotion was the last thing that happened to the nursery. */
static inline bool gc_verify_is_full(const struct gc_verifier *verifier) {
  return verifier->moment == GC_VERIFY_MARKED || verifier->moment == GC_VERIFY_AFTER_FULL;
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
