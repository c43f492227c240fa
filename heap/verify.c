/* The verifier's levels 1 and 2: headers, counts, edges. See verify.h.
 *
 * Concurrency: one thread, world stopped. It reads object memory with plain loads: the stop orders
 * all writes before it.
 */
#include "heap/assert.h"
#include "heap/bitmap.h"
#include "heap/discard.h"
#include "heap/platform.h"
#include "heap/verify_private.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef GC_DEBUG
static const bool freed_is_filled = true;
#else
static const bool freed_is_filled = false;
#endif

/* --- saying what is wrong ----------------------------------------------------------------------*/

void gc_verify_fail(const struct gc_verifier *verifier, const char *invariant, const char *format,
                    ...) {
  char sentence[640];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  static const char *const moments[] = {"before a collection", "after marking", "after a scavenge",
                                        "after a full collection"};
  fprintf(stderr, "verifier, %s: %s: %s\n", moments[verifier->moment], invariant, sentence);
  gc_check_failed(__FILE__, __LINE__, invariant, sentence);
}

const char *gc_verify_place(const struct gc_verifier *verifier, uintptr_t address) {
  static char texts[4][128]; /* the process is about to abort, by one thread */
  static unsigned next;
  char *text = texts[next++ % 4];
  const struct gc_heap *heap = verifier->heap;
  struct gc_ref ref = {address};
  if (gc_heap_is_young(heap, ref)) {
    bool eden = address - heap->nursery.eden_start < heap->nursery.eden_bytes;
    snprintf(text, sizeof *texts, "%#" PRIxPTR " (nursery, %s)", address,
             eden ? "eden" : "survivor area");
  } else if (gc_heap_is_in_block(heap, ref)) {
    size_t block = gc_space_block(&heap->space, address);
    const struct gc_block *info = &heap->old.blocks[block];
    static const char *const states[] = {"free", "in use", "owned"};
    snprintf(text, sizeof *texts, "%#" PRIxPTR " (block %zu, %s, granule %zu)", address, block,
             states[info->state], gc_space_granule(&heap->space, address) % GC_BLOCK_GRANULES);
  } else if (gc_heap_is_large(heap, ref)) {
    snprintf(text, sizeof *texts, "%#" PRIxPTR " (large space, page %zu)", address,
             (address - heap->space.large_start) >> GC_OS_PAGE_BYTES_LOG2);
  } else {
    snprintf(text, sizeof *texts, "%#" PRIxPTR " (outside the heap)", address);
  }
  return text;
}

/* --- the sets ----------------------------------------------------------------------------------*/

static uint64_t *make_set(size_t words) {
  uint64_t *set = calloc(words + 1, sizeof *set);
  GC_CHECK(set != NULL, "the verifier's sets need memory");
  return set;
}

static void open_sets(struct gc_verifier *verifier) {
  const struct gc_heap *heap = verifier->heap;
  verifier->block_limit = heap->old.high_water;
  verifier->block_words = verifier->block_limit * GC_BLOCK_WORDS;
  verifier->young_words = heap->space.nursery_bytes / GC_GRANULE_BYTES / 64 + 1;
  verifier->large_words = heap->large.page_limit / 64 + 1;
  verifier->block_starts = make_set(verifier->block_words);
  verifier->young_starts = make_set(verifier->young_words);
  verifier->large_starts = make_set(verifier->large_words);
  verifier->block_marked = make_set(verifier->block_words);
  verifier->block_visited = make_set(verifier->block_words);
  verifier->young_visited = make_set(verifier->young_words);
  verifier->young_filled = make_set(verifier->young_words);
  verifier->large_visited = make_set(verifier->large_words);
}

static void close_sets(struct gc_verifier *verifier) {
  free(verifier->block_starts);
  free(verifier->young_starts);
  free(verifier->large_starts);
  free(verifier->block_marked);
  free(verifier->block_visited);
  free(verifier->young_visited);
  free(verifier->large_visited);
  free(verifier->young_filled);
  free(verifier->young_found);
}

static void note_young(struct gc_verifier *verifier, struct gc_ref ref, size_t granules) {
  size_t first = (ref.address - verifier->heap->space.nursery_start) >> GC_GRANULE_BYTES_LOG2;
  for (size_t granule = first; granule < first + granules; granule++) {
    if (!gc_verify_set(verifier->young_filled, granule)) {
      gc_verify_fail(verifier, "forwarded-once", "the young object at %s overlaps another",
                     gc_verify_place(verifier, ref.address));
    }
  }
  gc_verify_set(verifier->young_starts, first);
  if (verifier->young_count == verifier->young_capacity) {
    verifier->young_capacity = 2 * verifier->young_capacity + 1024;
    verifier->young_found =
        realloc(verifier->young_found, verifier->young_capacity * sizeof *verifier->young_found);
    GC_CHECK(verifier->young_found != NULL, "the verifier's list of young objects needs memory");
  }
  verifier->young_found[verifier->young_count++] = ref;
}

/* The end of the part of the nursery that holds objects and ref; 0 when ref is in no such part. */
static uintptr_t young_end(const struct gc_nursery *nursery, struct gc_ref ref) {
  uintptr_t survivors = nursery->survivor_start[nursery->survivor_in_use];
  uintptr_t eden_top = gc_atomic_load_relaxed(&nursery->eden_top);
  if (ref.address >= survivors && ref.address < nursery->survivor_top) {
    return nursery->survivor_top;
  }
  return ref.address >= nursery->eden_start && ref.address < eden_top ? eden_top : 0;
}

static bool is_young_object(struct gc_verifier *verifier, struct gc_ref ref) {
  const struct gc_nursery *nursery = &verifier->heap->nursery;
  if (gc_verify_test(verifier->young_starts,
                     (ref.address - verifier->heap->space.nursery_start) >> 3)) {
    return true;
  }
  uintptr_t end = young_end(nursery, ref);
  if (end == 0) {
    return false;
  }
  uint64_t header = gc_object_header(ref);
  size_t bytes = gc_header_size_bytes(header);
  if ((header & GC_HEADER_TAG) == 0 || gc_header_is_large(header) || bytes < GC_OBJECT_BYTES_MIN ||
      bytes > end - ref.address ||
      GC_HEADER_BYTES + gc_header_slot_count(header) * sizeof(struct gc_ref) > bytes) {
    return false;
  }
  note_young(verifier, ref, bytes >> GC_GRANULE_BYTES_LOG2);
  return true;
}

bool gc_verify_is_object(struct gc_verifier *verifier, struct gc_ref ref) {
  const struct gc_heap *heap = verifier->heap;
  if (ref.address % GC_GRANULE_BYTES != 0) {
    return false;
  }
  if (gc_heap_is_young(heap, ref)) {
    return is_young_object(verifier, ref);
  }
  if (gc_heap_is_in_block(heap, ref)) {
    return gc_space_block(&heap->space, ref.address) < verifier->block_limit &&
           gc_verify_test(verifier->block_starts, gc_space_granule(&heap->space, ref.address));
  }
  if (gc_heap_is_large(heap, ref)) {
    uintptr_t offset = ref.address - heap->space.large_start;
    return offset % GC_OS_PAGE_BYTES == 0 &&
           gc_verify_test(verifier->large_starts, offset >> GC_OS_PAGE_BYTES_LOG2);
  }
  return false;
}

/* --- level 1: blocks ---------------------------------------------------------------------------*/

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
  if (verifier->moment != GC_VERIFY_MARKED) {
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

bool gc_verify_is_marked(const struct gc_verifier *verifier, struct gc_ref object) {
  uint64_t header = gc_object_header(object);
  return gc_header_is_large(header)
             ? gc_large_of(header)->marked != 0
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
  if (info->overflowed != 0) {
    gc_verify_fail(verifier, "swept-before-mark",
                   "block %zu says that marked objects in it were not scanned", block);
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
  verify_crossings(verifier, block);
  if (swept && freed_is_filled) {
    verify_free_ranges(verifier, block);
  }
}

/* --- level 1: the other spaces -----------------------------------------------------------------*/

static void verify_large(struct gc_verifier *verifier, const struct gc_large *object) {
  const struct gc_heap *heap = verifier->heap;
  struct gc_ref ref = {object->address};
  uint64_t expected = (uint64_t)(uintptr_t)object | GC_HEADER_LARGE | GC_HEADER_TAG;
  uint64_t header =
      gc_object_header(ref) & (GC_HEADER_LARGE_MASK | GC_HEADER_LARGE | GC_HEADER_TAG);
  if (header != expected) {
    gc_verify_fail(verifier, "refers-to-object", "the large object at %s has header %#" PRIx64,
                   gc_verify_place(verifier, object->address), header);
  }
  size_t bytes = object->shape.size_bytes;
  if (bytes < GC_LARGE_BYTES || bytes > object->page_count << GC_OS_PAGE_BYTES_LOG2 ||
      GC_HEADER_BYTES + object->shape.slot_count * sizeof(struct gc_ref) > bytes) {
    gc_verify_fail(verifier, "refers-to-object",
                   "the large object at %s claims %zu bytes, %zu slots on %zu pages",
                   gc_verify_place(verifier, object->address), bytes, object->shape.slot_count,
                   object->page_count);
  }
  if ((object->marked != 0 && verifier->moment != GC_VERIFY_MARKED) || object->overflowed != 0) {
    gc_verify_fail(verifier, "swept-before-mark", "the large object at %s is still marked",
                   gc_verify_place(verifier, object->address));
  }
  for (size_t page = 0; page < object->page_count; page++) {
    if (gc_large_space_find(&heap->large, object->address + (page << GC_OS_PAGE_BYTES_LOG2)) !=
        object) {
      gc_verify_fail(verifier, "accounts-agree",
                     "page %zu of the large object at %s is not its own", page,
                     gc_verify_place(verifier, object->address));
    }
  }
  gc_verify_set(verifier->large_starts,
                (object->address - heap->space.large_start) >> GC_OS_PAGE_BYTES_LOG2);
  verifier->live_bytes += bytes;
}

static void verify_large_space(struct gc_verifier *verifier) {
  const struct gc_large_space *large = &verifier->heap->large;
  size_t objects = 0, pages = 0, bytes = 0;
  for (const struct gc_large *object = large->objects; object != NULL; object = object->next) {
    verify_large(verifier, object);
    objects++;
    pages += object->page_count;
    bytes += object->shape.size_bytes;
  }
  if (objects != large->object_count || pages != large->used_page_count ||
      bytes != large->live_bytes) {
    gc_verify_fail(verifier, "accounts-agree",
                   "large objects: %zu on %zu pages, %zu bytes; counted %zu, %zu, %zu", objects,
                   pages, bytes, large->object_count, large->used_page_count, large->live_bytes);
  }
}

/* A full promotion was the last thing that happened to the nursery. */
static bool is_full(const struct gc_verifier *verifier) {
  return verifier->moment == GC_VERIFY_MARKED || verifier->moment == GC_VERIFY_AFTER_FULL;
}

static void verify_nursery(const struct gc_verifier *verifier) {
  const struct gc_nursery *nursery = &verifier->heap->nursery;
  uintptr_t start = nursery->survivor_start[nursery->survivor_in_use];
  size_t eden_bytes = gc_atomic_load_relaxed(&nursery->eden_top) - nursery->eden_start;
  if (eden_bytes > (verifier->moment == GC_VERIFY_BEFORE ? nursery->eden_bytes : 0)) {
    gc_verify_fail(verifier, "forwarded-once", "%zu bytes of the eden are in use", eden_bytes);
  }
  if (nursery->survivor_top < start || nursery->survivor_top > start + nursery->survivor_bytes) {
    gc_verify_fail(verifier, "accounts-agree", "the survivors end %zd bytes into an area of %zu",
                   (ptrdiff_t)(nursery->survivor_top - start), nursery->survivor_bytes);
  }
  if (is_full(verifier) && nursery->survivor_top != start) {
    gc_verify_fail(verifier, "dead-holds-no-young", "%zu bytes of survivors were not promoted",
                   nursery->survivor_top - start);
  }
}

static void verify_accounts(const struct gc_verifier *verifier) {
  struct gc_heap *heap = verifier->heap;
  const struct gc_old_space *old = &heap->old;
  size_t used_blocks = 0, committed_blocks = 0;
  for (size_t block = 0; block < verifier->block_limit; block++) {
    used_blocks += old->blocks[block].state != GC_BLOCK_FREE;
    committed_blocks += old->blocks[block].committed;
  }
  if (used_blocks != old->blocks_in_use || committed_blocks != old->committed_blocks) {
    gc_verify_fail(verifier, "accounts-agree",
                   "%zu blocks in use and %zu committed; counted %zu and %zu", used_blocks,
                   committed_blocks, old->blocks_in_use, old->committed_blocks);
  }
  size_t used_bytes = used_blocks * GC_BLOCK_BYTES + gc_large_space_used_bytes(&heap->large);
  if (used_bytes != heap->budget.used_bytes) {
    gc_verify_fail(verifier, "accounts-agree",
                   "blocks and large pages in use are %zu bytes; the budget says %zu", used_bytes,
                   heap->budget.used_bytes);
  }
  size_t counted =
      old->live_bytes + gc_atomic_load_relaxed(&old->allocated_bytes) + heap->large.live_bytes;
  if (counted != verifier->live_bytes) {
    gc_verify_fail(verifier, "accounts-agree",
                   "bitmaps hold %" PRIu64 " bytes of old and large objects; counted %zu",
                   verifier->live_bytes, counted);
  }
}

/* What survives the next scavenge, in the worst case all, finds room; the eden's limit sees to it.
 */
static void verify_guarantee(const struct gc_verifier *verifier) {
  struct gc_heap *heap = verifier->heap;
  const struct gc_nursery *nursery = &heap->nursery;
  size_t eden_bytes = gc_atomic_load_relaxed(&nursery->eden_limit) - nursery->eden_start;
  size_t young_bytes = eden_bytes + gc_nursery_survivor_used_bytes(nursery);
  size_t free_bytes = gc_budget_free_bytes(&heap->budget);
  if (free_bytes < young_bytes + young_bytes / 3) {
    gc_verify_fail(verifier, "promotion-guarantee",
                   "%zu bytes of nursery may be in use and %zu of old space are free", young_bytes,
                   free_bytes);
  }
}

static void verify_level_1(struct gc_verifier *verifier) {
  for (size_t block = 0; block < verifier->block_limit; block++) {
    verify_block(verifier, block);
  }
  verify_large_space(verifier);
  verify_nursery(verifier);
  verify_accounts(verifier);
  if (verifier->moment == GC_VERIFY_AFTER_MINOR || verifier->moment == GC_VERIFY_AFTER_FULL) {
    verify_guarantee(verifier);
  }
}

/* --- level 2 -----------------------------------------------------------------------------------*/

void gc_verify_each_old(struct gc_verifier *verifier,
                        void (*visit)(struct gc_verifier *verifier, struct gc_ref object)) {
  for (size_t index = 0; index < verifier->block_words; index++) {
    for (uint64_t bits = verifier->block_starts[index]; bits != 0; bits &= bits - 1) {
      size_t granule = index * 64 + (size_t)__builtin_ctzll(bits);
      visit(verifier, (struct gc_ref){verifier->heap->space.block_start +
                                      (granule << GC_GRANULE_BYTES_LOG2)});
    }
  }
  for (struct gc_large *object = verifier->heap->large.objects; object != NULL;
       object = object->next) {
    visit(verifier, (struct gc_ref){object->address});
  }
}

void gc_verify_each_root(struct gc_verifier *verifier,
                         void (*visit)(struct gc_verifier *verifier,
                                       const struct gc_mutator *mutator,
                                       const struct gc_ref *location)) {
  const struct gc_heap *heap = verifier->heap;
  for (const struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    for (const struct gc_ref *handle = mutator->handle_base; handle < mutator->mutator.handle_top;
         handle++) {
      visit(verifier, &mutator->mutator, handle);
    }
  }
  for (const struct gc_root *root = heap->roots; root != NULL; root = root->next) {
    visit(verifier, NULL, &root->ref);
  }
}

static void verify_slot(struct gc_verifier *verifier, struct gc_ref object, size_t index) {
  struct gc_heap *heap = verifier->heap;
  struct gc_slot slot = gc_object_slot(object, index);
  struct gc_ref ref = *slot.location;
  if (gc_is_null(ref)) {
    return;
  }
  if (!gc_verify_is_object(verifier, ref)) {
    gc_verify_fail(verifier, "refers-to-object",
                   "slot %zu of the object at %s refers to %s, where no object begins", index,
                   gc_verify_place(verifier, object.address),
                   gc_verify_place(verifier, ref.address));
  }
  if (verifier->moment == GC_VERIFY_MARKED && gc_verify_is_marked(verifier, object) &&
      !gc_verify_is_marked(verifier, ref)) {
    gc_verify_fail(verifier, "strong-tricolour",
                   "slot %zu of the marked object at %s refers to the unmarked one at %s", index,
                   gc_verify_place(verifier, object.address),
                   gc_verify_place(verifier, ref.address));
  }
  if (gc_heap_is_young(heap, ref) && !gc_heap_is_young(heap, object) &&
      !heap->remembered->contains(heap, object, slot)) {
    gc_verify_fail(verifier, "remembered-complete",
                   "slot %zu of the old object at %s refers to the young object at %s and is not "
                   "remembered",
                   index, gc_verify_place(verifier, object.address),
                   gc_verify_place(verifier, ref.address));
  }
}

static void verify_slots(struct gc_verifier *verifier, struct gc_ref object) {
  size_t slot_count = gc_object_slot_count(object);
  for (size_t index = 0; index < slot_count; index++) {
    verify_slot(verifier, object, index);
  }
}

static void verify_root(struct gc_verifier *verifier, const struct gc_mutator *mutator,
                        const struct gc_ref *location) {
  if (gc_is_null(*location)) {
    return;
  }
  const char *which = mutator == NULL ? "a root" : "a handle";
  if (!gc_verify_is_object(verifier, *location)) {
    gc_verify_fail(verifier, "refers-to-object", "%s refers to %s, where no object begins", which,
                   gc_verify_place(verifier, location->address));
  }
  if (mutator != NULL && location < mutator->handle_watermark &&
      gc_heap_is_young(verifier->heap, *location)) {
    gc_verify_fail(verifier, "watermark-holds-no-young",
                   "a handle %zu below the watermark refers to %s",
                   (size_t)(mutator->handle_watermark - location),
                   gc_verify_place(verifier, location->address));
  }
}

static void verify_level_2(struct gc_verifier *verifier) {
  struct gc_heap *heap = verifier->heap;
  gc_verify_each_old(verifier, verify_slots);
  gc_verify_each_root(verifier, verify_root);
  while (verifier->young_count > 0) {
    verify_slots(verifier, verifier->young_found[--verifier->young_count]);
  }
  if (is_full(verifier) && !heap->remembered->is_empty(heap)) {
    gc_verify_fail(verifier, "dead-holds-no-young",
                   "the nursery is empty and the remembered set is not");
  }
}

void gc_verify_stw_single(struct gc_heap *heap, enum gc_verify_moment moment) {
  if (heap->options.verify_level == 0) {
    return;
  }
  struct gc_verifier verifier = {.heap = heap, .moment = moment};
  open_sets(&verifier);
  verify_level_1(&verifier);
  if (heap->options.verify_level >= 2) {
    verify_level_2(&verifier);
  }
  if (heap->options.verify_level >= 3) {
    gc_verify_trace(&verifier);
  }
  close_sets(&verifier);
}
