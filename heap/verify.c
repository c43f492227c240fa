/* The verifier's frame: its sets of object starts, its walks, and how failures are said. See
 * verify.h.
 *
 * Concurrency: one thread, world stopped. It reads object memory with plain loads: the stop orders
 * all writes before it.
 */
#include "heap/assert.h"
#include "heap/platform.h"
#include "heap/verify_private.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* --- saying what is wrong ----------------------------------------------------------------------*/

void gc_verify_fail(const struct gc_verifier *verifier, const char *invariant, const char *format,
                    ...) {
  char sentence[640];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  static const char *const moments[] = {
      [GC_VERIFY_BEFORE] = "before a collection",
      [GC_VERIFY_BEGUN] = "after marking began",
      [GC_VERIFY_STEPPED] = "while marking",
      [GC_VERIFY_MARKED] = "after marking",
      [GC_VERIFY_REMARKED] = "after a remark",
      [GC_VERIFY_MOVES] = "before an evacuation",
      [GC_VERIFY_MOVED] = "after an evacuation",
      [GC_VERIFY_CONCLUDED] = "when a sweep began",
      [GC_VERIFY_AFTER_MINOR] = "after a scavenge",
      [GC_VERIFY_AFTER_FULL] = "after a full collection",
  };
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
    bool eden = address - heap->nursery.eden_start < heap->nursery.eden_reserved_bytes;
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

/* The sets, each with the member of its size. */
#define EACH_SET(apply)                                                                            \
  apply(block_starts, block_words) apply(young_starts, young_words)                                \
      apply(large_starts, large_words) apply(block_marked, block_words)                            \
          apply(block_dead, block_words) apply(large_dead, large_words)                            \
              apply(block_visited, block_words) apply(young_visited, young_words)                  \
                  apply(large_visited, large_words) apply(young_filled, young_words)

/* Those of marking beside the mutators. */
#define EACH_GREY_SET(apply)                                                                       \
  apply(block_queued, block_words) apply(large_queued, large_words)                                \
      apply(block_again, block_words) apply(piece_again, piece_words)                              \
          apply(large_scanning, large_words) apply(block_promised, block_words)                    \
              apply(large_promised, large_words)

#define MAKE_SET(set, words)  verifier->set = make_set(verifier->words);
#define CLOSE_SET(set, words) free(verifier->set);

static void open_sets(struct gc_verifier *verifier) {
  const struct gc_heap *heap = verifier->heap;
  verifier->block_limit = heap->old.high_water;
  verifier->block_words = verifier->block_limit * GC_BLOCK_WORDS;
  verifier->young_words = heap->space.nursery_bytes / GC_GRANULE_BYTES / 64 + 1;
  verifier->large_words = heap->large.page_limit / 64 + 1;
  verifier->piece_words = verifier->large_words * (GC_OS_PAGE_BYTES / GC_CARD_BYTES);
  EACH_SET(MAKE_SET)
  if (verifier->is_beside) {
    EACH_GREY_SET(MAKE_SET)
  }
}

static void close_sets(struct gc_verifier *verifier) {
  EACH_SET(CLOSE_SET)
  EACH_GREY_SET(CLOSE_SET)
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

/* --- walks ------------------------------------------------------------------------------------*/

static void each_in(struct gc_verifier *verifier, const uint64_t *block_set,
                    const uint64_t *large_set,
                    void (*visit)(struct gc_verifier *verifier, struct gc_ref object)) {
  for (size_t index = 0; index < verifier->block_words; index++) {
    for (uint64_t bits = block_set[index]; bits != 0; bits &= bits - 1) {
      size_t granule = index * 64 + (size_t)__builtin_ctzll(bits);
      visit(verifier, (struct gc_ref){verifier->heap->space.block_start +
                                      (granule << GC_GRANULE_BYTES_LOG2)});
    }
  }
  for (struct gc_large *object = verifier->heap->large.objects; object != NULL;
       object = object->next) {
    if (gc_verify_test(large_set, gc_verify_page(verifier, object->address))) {
      visit(verifier, (struct gc_ref){object->address});
    }
  }
}

void gc_verify_each_old(struct gc_verifier *verifier,
                        void (*visit)(struct gc_verifier *verifier, struct gc_ref object)) {
  each_in(verifier, verifier->block_starts, verifier->large_starts, visit);
}

void gc_verify_each_dead(struct gc_verifier *verifier,
                         void (*visit)(struct gc_verifier *verifier, struct gc_ref object)) {
  each_in(verifier, verifier->block_dead, verifier->large_dead, visit);
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

/* --- the levels -------------------------------------------------------------------------------*/

static bool is_power_of_two(uint64_t number) {
  return (number & (number - 1)) == 0;
}

/* Steps may be many, and far shorter than a look at the whole heap. */
static bool is_passed_over(struct gc_heap *heap, enum gc_verify_moment moment) {
  struct gc_verify_history *history = heap->verify_history;
  return moment == GC_VERIFY_STEPPED && history != NULL && !is_power_of_two(++history->steps);
}

void gc_verify_stw_single(struct gc_heap *heap, enum gc_verify_moment moment) {
  uint64_t level = heap->options.verify_level;
  if (level == 0 || is_passed_over(heap, moment)) {
    return;
  }
  struct gc_verifier verifier = {.heap = heap,
                                 .moment = moment,
                                 .is_beside = heap->marking.is_active,
                                 .has_marks = heap->marking.is_active ||
                                              moment == GC_VERIFY_MARKED ||
                                              moment == GC_VERIFY_REMARKED};
  open_sets(&verifier);
  gc_verify_blocks(&verifier);
  gc_verify_spaces(&verifier);
  gc_verify_grey(&verifier);
  if (level >= 2) {
    gc_verify_edges(&verifier);
  }
  if (level >= 3) {
    gc_verify_trace(&verifier);
    gc_verify_promises(&verifier);
  }
  gc_verify_history(&verifier);
  close_sets(&verifier);
}
