/* The verifier's level 1, spaces and counts: large objects, nursery, budgets. See verify.h.
 *
 * Runs after the blocks were verified, whose live bytes it adds up.
 */
#include "heap/platform.h"
#include "heap/verify_private.h"
#include <inttypes.h>

static void verify_large_mark(struct gc_verifier *verifier, const struct gc_large *object,
                              bool awaits) {
  bool may_be_marked = awaits || (verifier->has_marks && verifier->moment != GC_VERIFY_BEGUN) ||
                       object->overflowed != 0;
  if ((object->marked != 0 && !may_be_marked) || (awaits && verifier->has_marks) ||
      (object->overflowed != 0 && !verifier->is_beside)) {
    gc_verify_fail(verifier, "swept-before-mark", "the large object at %s is still marked",
                   gc_verify_place(verifier, object->address));
  }
  if (object->overflowed != 0 && (verifier->heap->overflowed == 0 || object->marked == 0)) {
    gc_verify_fail(verifier, "overflow-is-flagged",
                   "the large object at %s was not scanned, and the heap does not say so",
                   gc_verify_place(verifier, object->address));
  }
  bool is_over = verifier->moment == GC_VERIFY_MARKED || verifier->moment == GC_VERIFY_REMARKED;
  size_t page = gc_verify_page(verifier, object->address);
  if (object->marked == 0 && (awaits || is_over)) {
    gc_verify_set(verifier->large_dead, page);
  }
  if (object->marked != 0 || !awaits) {
    gc_verify_set(verifier->large_starts, page);
  }
}

static void verify_large(struct gc_verifier *verifier, const struct gc_large *object, bool awaits) {
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
  verify_large_mark(verifier, object, awaits);
  for (size_t page = 0; page < object->page_count; page++) {
    if (gc_large_space_find(&heap->large, object->address + (page << GC_OS_PAGE_BYTES_LOG2)) !=
        object) {
      gc_verify_fail(verifier, "accounts-agree",
                     "page %zu of the large object at %s is not its own", page,
                     gc_verify_place(verifier, object->address));
    }
  }
  verifier->live_bytes += bytes;
}

static void verify_large_space(struct gc_verifier *verifier) {
  const struct gc_large_space *large = &verifier->heap->large;
  const struct gc_large *unswept = large->unswept != NULL ? *large->unswept : NULL;
  size_t objects = 0, pages = 0, bytes = 0;
  bool awaits = false;
  for (const struct gc_large *object = large->objects; object != NULL; object = object->next) {
    awaits |= object == unswept;
    verify_large(verifier, object, awaits);
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

static void verify_nursery(const struct gc_verifier *verifier) {
  const struct gc_nursery *nursery = &verifier->heap->nursery;
  uintptr_t start = nursery->survivor_start[nursery->survivor_in_use];
  size_t eden_bytes = gc_atomic_load_relaxed(&nursery->eden_top) - nursery->eden_start;
  if (eden_bytes >
      (gc_verify_has_eden(verifier) ? nursery->eden_bytes + nursery->eden_grown_bytes : 0)) {
    gc_verify_fail(verifier, "forwarded-once", "%zu bytes of the eden are in use", eden_bytes);
  }
  if (nursery->survivor_top < start || nursery->survivor_top > start + nursery->survivor_bytes) {
    gc_verify_fail(verifier, "accounts-agree", "the survivors end %zd bytes into an area of %zu",
                   (ptrdiff_t)(nursery->survivor_top - start), nursery->survivor_bytes);
  }
  if (gc_verify_is_full(verifier) && nursery->survivor_top != start) {
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
  size_t used_bytes = used_blocks * GC_BLOCK_BYTES + gc_large_space_used_bytes(&heap->large) +
                      heap->nursery.eden_grown_bytes;
  if (used_bytes != heap->budget.used_bytes) {
    gc_verify_fail(
        verifier, "accounts-agree",
        "blocks, large pages and what the eden grew by are %zu bytes; the budget says %zu",
        used_bytes, heap->budget.used_bytes);
  }
  size_t counted =
      old->live_bytes + gc_atomic_load_relaxed(&old->allocated_bytes) + heap->large.live_bytes;
  if (!gc_old_space_is_swept(&heap->old)) { /* what is left is an estimate */
    return;
  }
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

void gc_verify_spaces(struct gc_verifier *verifier) {
  verify_large_space(verifier);
  verify_nursery(verifier);
  verify_accounts(verifier);
  switch (verifier->moment) {
  case GC_VERIFY_BEGUN: /* in the middle of taking and giving */
  case GC_VERIFY_MARKED:
  case GC_VERIFY_REMARKED:
    break;
  default:
    verify_guarantee(verifier);
  }
}
