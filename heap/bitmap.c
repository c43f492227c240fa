/* Walks over side bitmaps. See bitmap.h for the representation. */
#include "heap/bitmap.h"

uint64_t gc_bitmap_carry(const uint64_t *words, size_t word_count) {
  uint64_t folded = 0;
  for (size_t index = 0; index < word_count; index++) {
    folded ^= words[index];
  }
  return (uint64_t)0 - (uint64_t)(__builtin_popcountll(folded) & 1);
}

bool gc_bitmap_next_free(const uint64_t *words, size_t granule_count, size_t from,
                         size_t minimum_granules, size_t *first, size_t *end) {
  if (from >= granule_count) {
    return false;
  }
  size_t word_count = granule_count / GC_BITS_PER_WORD;
  size_t index = from / GC_BITS_PER_WORD;
  uint64_t from_mask = ~UINT64_C(0) << from % GC_BITS_PER_WORD;
  uint64_t carry = 0;
  uint64_t word = gc_atomic_load_relaxed(&words[index]);
  uint64_t free = ~gc_bitmap_filled(word & from_mask, &carry) & from_mask;
  size_t run_first = 0;
  bool in_run = false;
  for (;;) {
    size_t bit = 0;
    while (bit < GC_BITS_PER_WORD) {
      uint64_t rest = (in_run ? ~free : free) >> bit;
      if (rest == 0) {
        break;
      }
      bit += (size_t)__builtin_ctzll(rest);
      size_t granule = index * GC_BITS_PER_WORD + bit;
      if (!in_run) {
        run_first = granule;
        in_run = true;
      } else if (granule - run_first >= minimum_granules) {
        *first = run_first;
        *end = granule;
        return true;
      } else {
        in_run = false;
      }
    }
    if (++index == word_count) {
      break;
    }
    free = ~gc_bitmap_filled(gc_atomic_load_relaxed(&words[index]), &carry);
  }
  *first = run_first;
  *end = granule_count;
  return in_run && granule_count - run_first >= minimum_granules;
}

void gc_bitmap_walk(const uint64_t *words, size_t word_count,
                    void (*visit)(void *context, size_t first, size_t last), void *context) {
  size_t first = 0;
  bool inside = false;
  for (size_t index = 0; index < word_count; index++) {
    for (uint64_t bits = words[index]; bits != 0; bits &= bits - 1) {
      size_t granule = index * GC_BITS_PER_WORD + (size_t)__builtin_ctzll(bits);
      if (inside) {
        visit(context, first, granule);
      } else {
        first = granule;
      }
      inside = !inside;
    }
  }
}
