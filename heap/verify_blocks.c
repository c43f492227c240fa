/* The verifier's level 1, blocks: live bits, headers, marks, crossings, free ranges. See verify.h.
 *
 * Everything is checked against the live bitmap, which is checked against the headers it names.
 */
#include "heap/bitmap.h"
#include "heap/discard.h"
#include "heap/verify_private.h"
#include <inttypes.h>

#ifdef GC_DEBUG
static const bool freed_is_filled = true;
#else
static const bool freed_is_filled = false;
#endif

static void verify_small_header(const struct gc_verifier *verifier, uintptr_t address,
                                size_t bytes) {
  uint64_t header = gc_object_header((struct gc_ref){address});
  if ((header & GC_HEADER_TAG) == 0) {
    gc_verify_fail(verifier, "forwarded-once", "the object at %s is forwarded to %#" PRIx64,
                   gc_verify_place(verifier, address), header);
  }
  size_t slots_bytes = gc_header_slot_count(header) * sizeof(struct gc_ref);
  if (gc_header_is_large(header) || gc_header_size_bytes(header) != bytes ||
      bytes < GC_OBJECT_BYTES_MIN || GC_HEADER_BYTES + slots_bytes > bytes) {
    gc_verify_fail(verifier, "refers-to-object",
                   "the header %#" PRIx64 " at %s does not describe an object of %zu bytes", header,
                   gc_verify_place(verifier, address), bytes);
  }
}

static void verify_live_object(void *context, size_t first, size_t last) {
  struct gc_verifier *verifier = context;
  uintptr_t address = verifier->heap->space.block_start + (first << GC_GRANULE_BYTES_LOG2);
  size_t bytes = (last - first + 1) << GC_GRANULE_BYTES_LOG2;
  verify_small_header(verifier, address, bytes);
  gc_verify_set(verifier->block_starts, first);
  verifier->live_bytes += bytes;
}

struct block_walk {
  struct gc_verifier *verifier;
  size_t first_granule;
};

static void verify_block_object(void *context, size_t first, size_t last) {
  const struct block_walk *walk = context;
  verify_live_object(walk->verifier, walk->first_granule + first, walk->first_granule + last);
}

static void verify_no_bits(const struct gc_verifier *verifier, size_t block, const uint64_t *words,
                           const char *invariant, const char *which) {
  for (size_t index = 0; index < GC_BLOCK_WORDS; index++) {
    if (words[index] != 0) {
      gc_verify_fail(verifier, invariant, "block %zu has %s bits %#" PRIx64 " in word %zu", block,
                     which, words[index], index);
    }
  }
}

/* Reads memory that is poisoned on purpose. */
__attribute__((no_sanitize("address"))) static void
verify_untouched(const struct gc_verifier *verifier, uintptr_t start, uintptr_t end) {
  const uint64_t *words = (const uint64_t *)start;
  for (size_t index = 0; index < (end - start) / sizeof *words; index++) {
    if (words[index] != UINT64_C(0x0101010101010101) * GC_DISCARDED_BYTE) {
      gc_verify_fail(verifier, "freed-is-untouched",
                     "free memory at %s was written after it was freed: %#" PRIx64,
                     gc_verify_place(verifier, start + index * sizeof *words), words[index]);
    }
  }
}

static void verify_free_ranges(const struct gc_verifier *verifier, size_t block) {
  const struct gc_space *space = &verifier->heap->space;
  uintptr_t start = gc_space_block_address(space, block);
  size_t first = 0, end = 0;
  while (gc_bitmap_next_free(gc_space_live_words(space, block), GC_BLOCK_GRANULES, end, 1, &first,
                             &end)) {
    verify_untouched(verifier, start + (first << GC_GRANULE_BYTES_LOG2),
                     start + (end << GC_GRANULE_BYTES_LOG2));
  }
}

static void verify_marked_object(void *context, size_t first, size_t last) {
  const struct block_walk *walk = context;
  const struct gc_verifier *verifier = walk->verifier;
  size_t granule = walk->first_granule + first;
  uintptr_t address = verifier->heap->space.block_start + (granule << GC_GRANULE_BYTES_LOG2);
  if (!gc_verify_test(verifier->block_starts, granule) ||
      gc_header_size_bytes(gc_object_header((struct gc_ref){address})) !=
          (last - first + 1) << GC_GRANULE_BYTES_LOG2) {
    gc_verify_fail(verifier, "marked-is-live",
                   "mark bits at %s name %zu granules, which are no live object",
                   gc_verify_place(verifier, address), last - first + 1);
  }
  gc_verify_set(verifier->block_marked, granule);
}

static void verify_marks(struct gc_verifier *verifier, size_t block) {
  const uint64_t *words = gc_space_mark_words(&verifier->heap->space, block);
  const struct gc_block *info = &verifier->heap->old.blocks[block];
  bool awaits = gc_old_space_awaits_sweep(&verifier->heap->old, block);
  bool is_beginning = verifier->moment == GC_VERIFY_BEGUN && info->overflowed == 0;
  if (awaits && verifier->has_marks) {
    gc_verify_fail(verifier, "swept-before-mark", "block %zu awaits the sweep of the cycle before",
                   block);
  }
  if ((!verifier->has_marks && !awaits) || info->state == GC_BLOCK_FREE || is_beginning) {
    verify_no_bits(verifier, block, words, "swept-before-mark", "mark");
    return;
  }
  if (gc_bitmap_carry(words, GC_BLOCK_WORDS) != 0) {
    gc_verify_fail(verifier, "stable-when-walked", "block %zu has an odd number of mark bits",
                   block);
  }
  struct block_walk walk = {verifier, block * GC_BLOCK_GRANULES};
  gc_bitmap_walk(words, GC_BLOCK_WORDS, verify_marked_object, &walk);
}

/* Marking has ended: who is not marked is dead, and where a sweep is due, gone. */
static void separate_dead(struct gc_verifier *verifier, size_t block) {
  bool awaits = gc_old_space_awaits_sweep(&verifier->heap->old, block);
  if (!awaits && verifier->moment != GC_VERIFY_MARKED && verifier->moment != GC_VERIFY_REMARKED) {
    return;
  }
  for (size_t word = block * GC_BLOCK_WORDS; word < (block + 1) * GC_BLOCK_WORDS; word++) {
    verifier->block_dead[word] = verifier->block_starts[word] & ~verifier->block_marked[word];
    if (awaits) {
      verifier->block_starts[word] = verifier->block_marked[word];
    }
  }
}

bool gc_verify_is_marked(const struct gc_verifier *verifier, struct gc_ref object) {
  return gc_heap_is_large(verifier->heap, object)
             ? gc_large_space_find(&verifier->heap->large, object.address)->marked != 0
             : gc_verify_test(verifier->block_marked,
                              gc_space_granule(&verifier->heap->space, object.address));
}

/* The table that card scanning trusts says where the bitmap says objects cross word borders. */
static void verify_crossings(const struct gc_verifier *verifier, size_t block) {
  const struct gc_space *space = &verifier->heap->space;
  const uint64_t *live = gc_space_live_words(space, block);
  const uint64_t *crossings = gc_space_crossings(space, block);
  uint64_t carry = 0;
  for (size_t word = 0; word < GC_BLOCK_WORDS; word++) {
    if (gc_verify_test(crossings, word) != (carry != 0)) {
      gc_verify_fail(verifier, "crossings-agree", "in block %zu an object %s word %zu%s", block,
                     carry != 0 ? "goes on into" : "ends before", word,
                     ", and its crossing bit says otherwise");
    }
    gc_bitmap_filled(live[word], &carry);
  }
}

static void verify_block(struct gc_verifier *verifier, size_t block) {
  const struct gc_heap *heap = verifier->heap;
  const struct gc_block *info = &heap->old.blocks[block];
  const uint64_t *live = gc_space_live_words(&heap->space, block);
  if (info->overflowed != 0 && !verifier->is_beside) {
    gc_verify_fail(verifier, "swept-before-mark",
                   "block %zu says that marked objects in it were not scanned", block);
  }
  if (info->overflowed != 0 && heap->overflowed == 0) {
    gc_verify_fail(verifier, "overflow-is-flagged",
                   "block %zu says that marked objects in it were not scanned, the heap does not",
                   block);
  }
  if (info->state == GC_BLOCK_FREE) {
    verify_no_bits(verifier, block, live, "live-bytes-agree", "live");
    verify_marks(verifier, block);
    return;
  }
  if (gc_bitmap_carry(live, GC_BLOCK_WORDS) != 0) {
    gc_verify_fail(verifier, "stable-when-walked",
                   "block %zu has an odd number of live bits: an object has no first or no last",
                   block);
  }
  uint64_t bytes_before = verifier->live_bytes;
  struct block_walk walk = {verifier, block * GC_BLOCK_GRANULES};
  gc_bitmap_walk(live, GC_BLOCK_WORDS, verify_block_object, &walk);
  uint64_t bytes = verifier->live_bytes - bytes_before;
  bool swept = info->state == GC_BLOCK_IN_USE; /* and not allocated in since */
  if (swept ? bytes != info->live_bytes : bytes < info->live_bytes) {
    gc_verify_fail(verifier, "live-bytes-agree",
                   "block %zu holds %" PRIu64 " bytes by its bitmap and %" PRIu32 " by its count",
                   block, bytes, info->live_bytes);
  }
  verify_marks(verifier, block);
  separate_dead(verifier, block);
  verify_crossings(verifier, block);
  /* An evacuated block holds forwarding addresses until it is swept. */
  if (swept && freed_is_filled && !gc_old_space_awaits_sweep(&heap->old, block)) {
    verify_free_ranges(verifier, block);
  }
}

void gc_verify_blocks(struct gc_verifier *verifier) {
  for (size_t block = 0; block < verifier->block_limit; block++) {
    verify_block(verifier, block);
  }
}
