/* What is reachable, for images: a trace of its own, and a number for each object that it met.
 *
 * It shares nothing with marking, so that it may run in any phase of a cycle: its own bits, one per
 * place where an object can begin, over the nursery, the blocks ever used and the pages of large
 * objects; its own stack, in memory of the process. An ephemeron's value is reached when both the
 * ephemeron and the key are; keys are awaited in a table (weak_table.h), so chains of any length
 * are linear. Numbers are ranks: the bits before an object's, which a count per word gives in a few
 * instructions; so objects are numbered by address.
 *
 * Concurrency: one thread, world stopped, sweepers at rest. Markers beside may run: slots are only
 * read.
 */
#ifndef HEAP_IMAGE_REACH_H
#define HEAP_IMAGE_REACH_H

#include "heap/weak_table.h"
#include <gc/ref.h>

struct gc_heap;

struct gc_image_list {
  uintptr_t *items;
  size_t count, capacity;
};

struct gc_image_reach {
  struct gc_heap *heap;
  uint64_t *bits;
  uint32_t *ranks; /* objects before each word */
  size_t word_count;
  size_t block_word, large_word;     /* where the parts begin; the nursery's is first */
  struct gc_image_list stack;        /* reached, slots not visited yet */
  struct gc_image_list ephemerons;   /* reached, that hold something */
  struct gc_weak_table awaited;      /* keys that were not reached */
  uint64_t object_count, slot_count; /* reached, not null */
  uint64_t weak_cell_count, store_count;
  bool is_out_of_memory;
};

/* Finds and numbers everything. 0, or -ENOMEM, or -EFBIG; to be closed in any case. */
int gc_image_reach_open(struct gc_image_reach *reach, struct gc_heap *heap);
void gc_image_reach_close(struct gc_image_reach *reach);

void gc_image_list_append(struct gc_image_reach *reach, struct gc_image_list *list, uintptr_t item);

/* Of an object of the heap: its bit. */
size_t gc_image_place(const struct gc_image_reach *reach, struct gc_ref object);
/* And back. */
struct gc_ref gc_image_object_at(const struct gc_image_reach *reach, size_t place);

/* False for null. */
bool gc_image_is_reached(const struct gc_image_reach *reach, struct gc_ref ref);

/* Of a reached object, from 0. */
static inline uint32_t gc_image_rank(const struct gc_image_reach *reach, struct gc_ref object) {
  size_t place = gc_image_place(reach, object);
  uint64_t before = reach->bits[place / 64] & ((UINT64_C(1) << place % 64) - 1);
  return reach->ranks[place / 64] + (uint32_t)__builtin_popcountll(before);
}

/* A buffer that was not detached, of some bytes. */
bool gc_image_has_store(struct gc_ref object);

/* What a weak word leads to, which may be null, and may be unreachable. */
struct gc_ref gc_image_weak_word(const struct gc_heap *heap, uintptr_t holder);
struct gc_ref gc_image_weak_value(const struct gc_heap *heap, uintptr_t ephemeron);

#endif
