/* The heap's address space and its side tables.
 *
 * One reservation holds three ranges: nursery, blocks, large objects. Beside it lie tables indexed
 * by address: the `live` and `mark` bitmaps of the block range, the re-grey flags of the large
 * range, and the card table of the whole reservation. Tables are reserved whole and cost memory
 * where they are touched.
 *
 * The budget: everything that objects may occupy is at most `limit_bytes`. Blocks and large pages
 * are charged to the old budget, which is the limit less all nursery parts. Committed bytes are
 * those whose memory the heap holds, in use or not; they too stay under the limit, by giving back
 * free memory of one range before another grows.
 */
#ifndef HEAP_SPACE_H
#define HEAP_SPACE_H

#include "heap/bitmap.h"
#include <stddef.h>
#include <stdint.h>

#define GC_BLOCK_BYTES_LOG2     18
#define GC_BLOCK_BYTES          ((size_t)1 << GC_BLOCK_BYTES_LOG2)
#define GC_BLOCK_GRANULES       (GC_BLOCK_BYTES / 8)
#define GC_BLOCK_WORDS          (GC_BLOCK_GRANULES / 64) /* of one bitmap */
#define GC_BLOCK_CROSSING_WORDS (GC_BLOCK_WORDS / 64)
#define GC_CARD_BYTES           ((size_t)512)

_Static_assert(GC_CARD_BYTES == 8 * 64, "a card is one word of a bitmap");

/* Layout version of heaps: raised when the same program needs another minimum heap. Keys the table
 * of minimum heaps. */
#define GC_HEAP_LAYOUT_VERSION 1

struct gc_space {
  uintptr_t start;
  size_t bytes;

  uintptr_t nursery_start;
  size_t nursery_bytes; /* of the nursery's reservation */
  uintptr_t block_start;
  size_t block_count; /* that the reservation has room for */
  uintptr_t large_start;
  size_t large_bytes;

  uint64_t *live_bits;   /* of the block range; written as `stable-when-walked` says */
  uint64_t *mark_bits;   /* of the block range; zero between cycles */
  uint64_t *crossings;   /* one bit per word of live_bits: an object goes on from the word before;
                          written with live_bits */
  uint8_t *regrey_flags; /* of the large range, one per card; see heap/regrey.h */
  uint8_t *cards;        /* of the whole reservation */
  uintptr_t card_base;   /* cards less the index of the reservation's first card */
};

/* Sizes of the three ranges, each rounded up to blocks. Returns 0 or -ENOMEM. */
int gc_space_open(struct gc_space *space, size_t nursery_bytes, size_t block_bytes,
                  size_t large_bytes);
void gc_space_close(struct gc_space *space);
/* Before anything is touched: huge pages, where the system has them. */
void gc_space_advise_huge(const struct gc_space *space);

static inline uint8_t *gc_space_card(const struct gc_space *space, uintptr_t address) {
  return (uint8_t *)(space->card_base + (address >> 9));
}

static inline uintptr_t gc_space_card_address(const struct gc_space *space, const uint8_t *card) {
  return ((uintptr_t)card - space->card_base) << 9;
}

/* Of the 512-byte piece of a large object that holds the address. */
static inline uint8_t *gc_space_regrey_flag(const struct gc_space *space, uintptr_t address) {
  return space->regrey_flags + ((address - space->large_start) >> 9);
}

static inline size_t gc_space_granule(const struct gc_space *space, uintptr_t address) {
  return (address - space->block_start) >> 3;
}

static inline size_t gc_space_block(const struct gc_space *space, uintptr_t address) {
  return (address - space->block_start) >> GC_BLOCK_BYTES_LOG2;
}

static inline uintptr_t gc_space_block_address(const struct gc_space *space, size_t block) {
  return space->block_start + (block << GC_BLOCK_BYTES_LOG2);
}

static inline uint64_t *gc_space_live_words(const struct gc_space *space, size_t block) {
  return space->live_bits + block * GC_BLOCK_WORDS;
}

static inline uint64_t *gc_space_mark_words(const struct gc_space *space, size_t block) {
  return space->mark_bits + block * GC_BLOCK_WORDS;
}

/* Such that the granule of an address in the block range is its index here too: address / 8. It
 * points below the bitmap. */
static inline uint64_t *gc_space_mark_words_by_address(const struct gc_space *space) {
  uintptr_t below_bytes = (space->block_start >> 3) / GC_BITS_PER_WORD * sizeof(uint64_t);
  return (uint64_t *)((uintptr_t)space->mark_bits - below_bytes);
}

/* Of one block: bit i is 1 when an object begins before word i of the live bitmap and goes on into
 * it. */
static inline uint64_t *gc_space_crossings(const struct gc_space *space, size_t block) {
  return space->crossings + block * GC_BLOCK_CROSSING_WORDS;
}

/* Sets an object's live bits, and the crossings of the words that it goes on into. The granules
 * are counted in the block range. Its block's owner, while nobody walks the bitmap. */
static inline void gc_space_set_live(const struct gc_space *space, size_t first, size_t last) {
  gc_bitmap_set_object(space->live_bits, first, last);
  for (size_t word = first / 64 + 1; word <= last / 64; word++) {
    space->crossings[word / 64] |= UINT64_C(1) << word % 64;
  }
}

/* Writes a block's crossings as its live bits are. Under the same rules as the live bits. */
void gc_space_write_crossings(const struct gc_space *space, size_t block);

#endif
