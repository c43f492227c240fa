/* Reserving the heap's address space and side tables. See space.h. */
#include "heap/space.h"
#include "heap/platform.h"
#include <errno.h>
#include <stdbool.h>

static size_t round_up(size_t bytes, size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

static size_t bitmap_bytes(const struct gc_space *space) {
  return space->block_count * GC_BLOCK_WORDS * sizeof(uint64_t);
}

static size_t crossing_bytes(const struct gc_space *space) {
  return round_up(space->block_count * GC_BLOCK_CROSSING_WORDS * sizeof(uint64_t),
                  GC_OS_PAGE_BYTES);
}

static size_t card_table_bytes(const struct gc_space *space) {
  return round_up(space->bytes / GC_CARD_BYTES, GC_OS_PAGE_BYTES);
}

static size_t regrey_bytes(const struct gc_space *space) {
  return round_up(space->large_bytes / GC_CARD_BYTES, GC_OS_PAGE_BYTES);
}

static int reserve_table(size_t bytes, void **table) {
  uintptr_t start = 0;
  int error = gc_platform_reserve(bytes, GC_HUGE_PAGE_BYTES, &start);
  if (error == 0) {
    *table = (void *)start;
  }
  return error;
}

int gc_space_open(struct gc_space *space, size_t nursery_bytes, size_t block_bytes,
                  size_t large_bytes) {
  *space = (struct gc_space){
      .nursery_bytes = round_up(nursery_bytes, GC_HUGE_PAGE_BYTES),
      .block_count = round_up(block_bytes, GC_HUGE_PAGE_BYTES) / GC_BLOCK_BYTES,
      .large_bytes = round_up(large_bytes, GC_HUGE_PAGE_BYTES),
  };
  space->bytes = space->nursery_bytes + space->block_count * GC_BLOCK_BYTES + space->large_bytes;
  int error = gc_platform_reserve(space->bytes, GC_HUGE_PAGE_BYTES, &space->start);
  if (error == 0) {
    error = reserve_table(bitmap_bytes(space), (void **)&space->live_bits);
  }
  if (error == 0) {
    error = reserve_table(bitmap_bytes(space), (void **)&space->mark_bits);
  }
  if (error == 0) {
    error = reserve_table(crossing_bytes(space), (void **)&space->crossings);
  }
  if (error == 0) {
    error = reserve_table(regrey_bytes(space), (void **)&space->regrey_flags);
  }
  if (error == 0) {
    error = reserve_table(card_table_bytes(space), (void **)&space->cards);
  }
  if (error != 0) {
    gc_space_close(space);
    return error;
  }
  space->nursery_start = space->start;
  space->block_start = space->nursery_start + space->nursery_bytes;
  space->large_start = space->block_start + space->block_count * GC_BLOCK_BYTES;
  space->card_base = (uintptr_t)space->cards - (space->start >> 9);
  return 0;
}

void gc_space_advise_huge(const struct gc_space *space) {
  gc_platform_advise_huge(space->start, space->bytes);
  gc_platform_advise_huge((uintptr_t)space->live_bits, bitmap_bytes(space));
  gc_platform_advise_huge((uintptr_t)space->mark_bits, bitmap_bytes(space));
}

void gc_space_close(struct gc_space *space) {
  if (space->start != 0) {
    gc_platform_unreserve(space->start, space->bytes);
  }
  if (space->live_bits != NULL) {
    gc_platform_unreserve((uintptr_t)space->live_bits, bitmap_bytes(space));
  }
  if (space->mark_bits != NULL) {
    gc_platform_unreserve((uintptr_t)space->mark_bits, bitmap_bytes(space));
  }
  if (space->crossings != NULL) {
    gc_platform_unreserve((uintptr_t)space->crossings, crossing_bytes(space));
  }
  if (space->regrey_flags != NULL) {
    gc_platform_unreserve((uintptr_t)space->regrey_flags, regrey_bytes(space));
  }
  if (space->cards != NULL) {
    gc_platform_unreserve((uintptr_t)space->cards, card_table_bytes(space));
  }
  *space = (struct gc_space){0};
}

void gc_space_write_crossings(const struct gc_space *space, size_t block) {
  const uint64_t *live = gc_space_live_words(space, block);
  uint64_t *crossings = gc_space_crossings(space, block);
  uint64_t carry = 0, crossing = 0;
  for (size_t word = 0; word < GC_BLOCK_WORDS; word++) {
    crossing |= (carry & 1) << word % 64;
    if (word % 64 == 63) {
      crossings[word / 64] = crossing;
      crossing = 0;
    }
    carry ^= (uint64_t)(__builtin_popcountll(live[word]) & 1);
  }
}
