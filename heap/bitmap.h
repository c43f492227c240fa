/* Side bitmaps with two bits per object: its first and its last granule.
 *
 * Algorithm: as objects are at least two granules long, first and last differ, and a prefix xor
 * over the bits is 1 from an object's first granule to the one before its last. So `filled = prefix
 * xor | bits` are the occupied granules, their popcount is the live size, and the zeros of filled
 * are the free ranges, without reading any object.
 *
 * Invariant `stable-when-walked`: a bitmap is walked only while nobody writes it: a half-set pair
 * inverts the parity of all that follows.
 *
 * Costs: setting a pair is one read-modify-write where both bits share a word (61 of 64 cases for
 * 32-byte objects).
 */
#ifndef HEAP_BITMAP_H
#define HEAP_BITMAP_H

#include <gc/atomics.h>
#include <gc/attributes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GC_BITS_PER_WORD 64

/* Bit i of the result is the parity of bits 0 to i. */
static inline uint64_t gc_prefix_xor(uint64_t bits) {
  bits ^= bits << 1;
  bits ^= bits << 2;
  bits ^= bits << 4;
  bits ^= bits << 8;
  bits ^= bits << 16;
  bits ^= bits << 32;
  return bits;
}

/* The occupied granules of one word. *carry is all ones while an object goes on from the word
 * before, and is updated for the next. */
static inline uint64_t gc_bitmap_filled(uint64_t bits, uint64_t *carry) {
  uint64_t inside = gc_prefix_xor(bits) ^ *carry;
  *carry = (uint64_t)((int64_t)inside >> 63);
  return inside | bits;
}

/* One read-modify-write where both bits share a word: neighbours wait for each other's stores. */
static inline void gc_bitmap_set_object(uint64_t *words, size_t first, size_t last) {
  uint64_t first_bit = UINT64_C(1) << first % GC_BITS_PER_WORD;
  uint64_t last_bit = UINT64_C(1) << last % GC_BITS_PER_WORD;
  if (GC_LIKELY(first / GC_BITS_PER_WORD == last / GC_BITS_PER_WORD)) {
    words[first / GC_BITS_PER_WORD] |= first_bit | last_bit;
  } else {
    words[first / GC_BITS_PER_WORD] |= first_bit;
    words[last / GC_BITS_PER_WORD] |= last_bit;
  }
}

/* Sets the pair by one thread. True when the object was not marked before. */
GC_ALWAYS_INLINE bool gc_bitmap_mark_plain(uint64_t *words, size_t first, size_t last) {
  uint64_t *word = &words[first / GC_BITS_PER_WORD];
  uint64_t first_bit = UINT64_C(1) << first % GC_BITS_PER_WORD;
  uint64_t last_bit = UINT64_C(1) << last % GC_BITS_PER_WORD;
  uint64_t bits = *word;
  if ((bits & first_bit) != 0) {
    return false;
  }
  if (GC_LIKELY(last / GC_BITS_PER_WORD == first / GC_BITS_PER_WORD)) {
    *word = bits | first_bit | last_bit;
  } else {
    *word = bits | first_bit;
    words[last / GC_BITS_PER_WORD] |= last_bit;
  }
  return true;
}

/* The same when several threads mark: whoever sets the first bit owns the object. Relaxed: the bit
 * orders nothing; the object's contents were published before marking began, and grey objects pass
 * between threads under a lock. */
GC_ALWAYS_INLINE bool gc_bitmap_mark_atomic(uint64_t *words, size_t first, size_t last) {
  uint64_t *word = &words[first / GC_BITS_PER_WORD];
  uint64_t first_bit = UINT64_C(1) << first % GC_BITS_PER_WORD;
  uint64_t last_bit = UINT64_C(1) << last % GC_BITS_PER_WORD;
  if ((gc_atomic_load_relaxed(word) & first_bit) != 0) {
    return false;
  }
  if (GC_LIKELY(last / GC_BITS_PER_WORD == first / GC_BITS_PER_WORD)) {
    return (gc_atomic_fetch_or_relaxed(word, first_bit | last_bit) & first_bit) == 0;
  }
  if ((gc_atomic_fetch_or_relaxed(word, first_bit) & first_bit) != 0) {
    return false;
  }
  gc_atomic_fetch_or_relaxed(&words[last / GC_BITS_PER_WORD], last_bit);
  return true;
}

/* Takes back a pair that one of several threads set. Relaxed: as above. */
static inline void gc_bitmap_clear_atomic(uint64_t *words, size_t first, size_t last) {
  gc_atomic_fetch_and_relaxed(&words[first / GC_BITS_PER_WORD],
                              ~(UINT64_C(1) << first % GC_BITS_PER_WORD));
  gc_atomic_fetch_and_relaxed(&words[last / GC_BITS_PER_WORD],
                              ~(UINT64_C(1) << last % GC_BITS_PER_WORD));
}

static inline bool gc_bitmap_test(const uint64_t *words, size_t bit) {
  return (gc_atomic_load_relaxed(&words[bit / GC_BITS_PER_WORD]) >> bit % GC_BITS_PER_WORD & 1) !=
         0;
}

/* All ones when an object goes on from the words before words[word_count], else 0. */
uint64_t gc_bitmap_carry(const uint64_t *words, size_t word_count);

/* The next free range of at least minimum_granules at or after granule `from`, which is no granule
 * inside an object: what lies below does not matter, and may be written meanwhile, atomically.
 * Returns false when there is none below granule_count (a multiple of 64); otherwise [*first, *end).
 */
bool gc_bitmap_next_free(const uint64_t *words, size_t granule_count, size_t from,
                         size_t minimum_granules, size_t *first, size_t *end);

/* Calls visit(context, first, last) for each object, in order. The words must not change meanwhile.
 */
void gc_bitmap_walk(const uint64_t *words, size_t word_count,
                    void (*visit)(void *context, size_t first, size_t last), void *context);

#endif
