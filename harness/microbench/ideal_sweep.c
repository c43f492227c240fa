/* Ideal sweeping: the free ranges of a heap, enumerated from a bitmap of first and last granules.
 *
 * Algorithm: a prefix xor over the bits of a word gives the occupied granules (heap/bitmap.h says
 * how), and the ends of their runs are the free ranges, which are written to a list that is used
 * again for every 256 KiB of heap: a consumer takes them block by block. No object is read.
 */
#include "harness/clock.h"
#include "harness/microbench/ideal_kernels.h"
#include "heap/bitmap.h"

#include <gc/attributes.h>

enum { NODE_GRANULES = IDEAL_NODE_BYTES / GC_GRANULE_BYTES, WORDS_PER_BLOCK = 512, AT_ONCE = 4 };

int ideal_sweeper_open(struct ideal_sweeper *sweeper, size_t bytes, unsigned live_percent,
                       uint64_t seed) {
  size_t granules = bytes / GC_GRANULE_BYTES;
  *sweeper = (struct ideal_sweeper){.word_count = granules / GC_BITS_PER_WORD};
  int status =
      ideal_memory_open(&sweeper->bits, sweeper->word_count * sizeof(uint64_t), IDEAL_TOUCH_NOW);
  if (status < 0) {
    return status;
  }
  uint64_t *words = (uint64_t *)(void *)sweeper->bits.base;
  for (size_t granule = 0; granule + NODE_GRANULES <= granules; granule += NODE_GRANULES) {
    if (ideal_random_below(&seed, 100) < live_percent) {
      gc_bitmap_set_object(words, granule, granule + NODE_GRANULES - 1);
      sweeper->live_granules += NODE_GRANULES;
    }
  }
  return 0;
}

void ideal_sweeper_close(struct ideal_sweeper *sweeper) {
  ideal_memory_close(&sweeper->bits);
  *sweeper = (struct ideal_sweeper){0};
}

/* Writes the numbers of the bits, counted from base, and returns how many there are: some at a time
 * whether they are there or not, for a loop that ends at each word's own number is guessed wrong. */
GC_ALWAYS_INLINE size_t flatten(uint64_t bits, uint32_t base, uint32_t *numbers) {
  size_t count = (size_t)__builtin_popcountll(bits);
  for (size_t done = 0; done < count; done += AT_ONCE) {
    for (size_t index = 0; index < AT_ONCE; index++) {
      numbers[done + index] = base + (uint32_t)(bits == 0 ? 64 : __builtin_ctzll(bits));
      bits &= bits - 1;
    }
  }
  return count;
}

/* The free ranges of a block, into `starts` and `ends`; their number. */
static size_t enumerate(const uint64_t *words, uint32_t *starts, uint32_t *ends) {
  uint64_t carry = 0;
  uint64_t before = 1; /* whether the granule before the word is occupied */
  size_t start_count = 0, end_count = 0;
  for (uint32_t index = 0; index < WORDS_PER_BLOCK; index++) {
    uint64_t filled = gc_bitmap_filled(words[index], &carry);
    uint64_t shifted = filled << 1 | before;
    before = filled >> 63;
    start_count += flatten(~filled & shifted, index * 64, starts + start_count);
    end_count += flatten(filled & ~shifted, index * 64, ends + end_count);
  }
  if (before == 0) {
    ends[end_count] = WORDS_PER_BLOCK * GC_BITS_PER_WORD;
  }
  return start_count;
}

struct ideal_pass ideal_sweep(struct ideal_sweeper *sweeper) {
  static uint32_t starts[WORDS_PER_BLOCK * GC_BITS_PER_WORD / 2 + AT_ONCE];
  static uint32_t ends[WORDS_PER_BLOCK * GC_BITS_PER_WORD / 2 + AT_ONCE];
  const uint64_t *words = (const uint64_t *)(const void *)sweeper->bits.base;
  struct ideal_pass pass = {0};
  sweeper->free_granules = 0;
  uint64_t begin_ns = clock_now_ns();
  for (size_t first = 0; first + WORDS_PER_BLOCK <= sweeper->word_count; first += WORDS_PER_BLOCK) {
    size_t count = enumerate(words + first, starts, ends);
    for (size_t index = 0; index < count; index++) {
      sweeper->free_granules += ends[index] - starts[index];
    }
  }
  pass.elapsed_ns = clock_now_ns() - begin_ns;
  pass.objects = sweeper->word_count * GC_BITS_PER_WORD * GC_GRANULE_BYTES;
  return pass;
}

bool ideal_sweep_check(const struct ideal_sweeper *sweeper) {
  return sweeper->live_granules + sweeper->free_granules == sweeper->word_count * GC_BITS_PER_WORD;
}
