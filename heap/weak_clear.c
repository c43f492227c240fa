/* Clearing weak cells and ephemerons after marking, and following objects that moved. See weak.h.
 *
 * Old cells are taken one by one from what the cycle left uncleared; those that are alive go to
 * what is kept. Young ones are all kept: those that are older than remark may refer to old objects
 * that died. Younger ones need no visit, because nobody can be handed out what is dead; and a
 * scavenge that comes meanwhile clears those that it visits.
 *
 * Where objects were evacuated in the pause, clearing also follows them: they have no mark at their
 * old address but a forwarding address, which stays readable until their block is swept.
 *
 * None of the touched is dead (`dead-holds-no-young`): scavenges that come before the end of
 * clearing, or of the sweep, may visit them.
 */
#include "heap/assert.h"
#include "heap/heap.h"

/* Cells per section, which scavenges wait for: about 10 us at two cache misses each. */
#define CELLS_PER_PIECE 64

static bool is_marked(const struct gc_heap *heap, struct gc_ref ref) {
  /* Relaxed: after remark nobody writes marks but sweepers, who wait until all is cleared. */
  return gc_heap_is_in_block(heap, ref)
             ? gc_bitmap_test(heap->space.mark_bits, gc_space_granule(&heap->space, ref.address))
             : gc_atomic_load_relaxed(&gc_large_of(gc_object_header(ref))->marked) != 0;
}

/* Whether this cycle's sweep will look at the old object: otherwise it is newer than remark. */
static bool awaits_sweep(const struct gc_heap *heap, struct gc_ref ref) {
  if (gc_weak_clearing(&heap->weak) == GC_WEAK_CLEARS_STOPPED) {
    return true;
  }
  if (gc_heap_is_in_block(heap, ref)) {
    size_t block = gc_space_block(&heap->space, ref.address);
    return heap->old.blocks[block].sweep_epoch != heap->old.sweep_epoch;
  }
  return gc_large_of(gc_object_header(ref))->sweep_epoch != heap->large.sweep_epoch;
}

struct gc_ref gc_weak_current(const struct gc_heap *heap, struct gc_ref ref) {
  if (gc_is_null(ref) || gc_heap_is_young(heap, ref) || is_marked(heap, ref) ||
      !awaits_sweep(heap, ref)) {
    return ref;
  }
  uint64_t header = gc_object_header(ref);
  return (header & GC_HEADER_TAG) == 0 ? (struct gc_ref){(uintptr_t)header} : gc_null();
}

/* Writes where the word's object is now, or null, if the word still holds it: a mutator may have
 * set it. True when it holds an object. */
static bool clear_word(const struct gc_heap *heap, uintptr_t *word) {
  uintptr_t old_word = gc_atomic_load_acquire(word); /* [pairs: ref-publish] */
  struct gc_ref held = {old_word & ~GC_WEAK_TOUCHED};
  struct gc_ref current = gc_weak_current(heap, held);
  while (current.address != held.address && (old_word & ~GC_WEAK_TOUCHED) == held.address &&
         !gc_atomic_compare_exchange_acq_rel(word, &old_word,
                                             current.address | (old_word & GC_WEAK_TOUCHED))) {
    /* [pairs: ref-publish] */
  }
  return !gc_is_null(current);
}

/* An ephemeron's value means nothing without the key, and is alive with it. */
static void clear_holder(const struct gc_heap *heap, uintptr_t holder, enum gc_weak_kind kind) {
  if (clear_word(heap, gc_weak_word(holder)) && kind == GC_WEAK_EPHEMERON) {
    (void)clear_word(heap, &gc_weak_ephemeron(holder)->value);
  }
}

/* A dead one was unreachable when marking began, after a full promotion, and nobody could touch it
 * since: to be handed it would have made it grey. */
static void assert_touched_are_alive(const struct gc_heap *heap, enum gc_weak_kind kind) {
  for (const struct gc_segment *segment = heap->weak.touched[kind].first; segment != NULL;
       segment = segment->next) {
    for (size_t index = 0; index < segment->count; index++) {
      GC_ASSERT(is_marked(heap, (struct gc_ref){segment->words[index]}),
                "dead-holds-no-young: what scavenges visit will not be swept");
    }
  }
}

bool gc_weak_begin_clear_stw(struct gc_heap *heap) {
  struct gc_weak *weak = &heap->weak;
  bool has_any = false;
  gc_weak_flush_mutators_stw(heap);
  weak->spent = weak->awaited; /* giving it back is left to who clears */
  gc_weak_table_init(&weak->awaited, &heap->arena);
  gc_atomic_store_relaxed(&weak->is_watching, 0);
  gc_weak_list_splice(&weak->old[GC_WEAK_EPHEMERON], &weak->resolved);
  for (unsigned kind = 0; kind < GC_WEAK_KINDS; kind++) {
    assert_touched_are_alive(heap, kind);
    gc_weak_list_splice(&weak->uncleared[kind], &weak->old[kind]);
    gc_weak_list_splice(&weak->uncleared_young[kind], &weak->young[kind]);
    has_any |= !gc_weak_list_is_empty(&weak->uncleared[kind]) ||
               !gc_weak_list_is_empty(&weak->uncleared_young[kind]);
  }
  gc_atomic_store_relaxed(&weak->clearing, has_any ? GC_WEAK_CLEARS_STOPPED : GC_WEAK_CLEARED);
  return has_any;
}

void gc_weak_clear_beside_stw(struct gc_heap *heap) {
  gc_atomic_store_relaxed(&heap->weak.clearing, GC_WEAK_CLEARS_BESIDE);
}

/* One cell or ephemeron; false when none is left of this kind. */
static bool clear_next(struct gc_heap *heap, enum gc_weak_kind kind) {
  struct gc_weak *weak = &heap->weak;
  uintptr_t holder = gc_weak_list_pop(&weak->uncleared[kind], &weak->segments);
  if (holder != 0) {
    holder = gc_weak_current(heap, (struct gc_ref){holder}).address;
    if (holder != 0) {
      clear_holder(heap, holder, kind);
      gc_weak_list_append(&weak->kept[kind], &weak->segments, holder);
    }
    return true;
  }
  holder = gc_weak_list_pop(&weak->uncleared_young[kind], &weak->segments);
  if (holder != 0) {
    clear_holder(heap, holder, kind);
    gc_weak_list_append(&weak->kept_young[kind], &weak->segments, holder);
  }
  return holder != 0;
}

/* Adds the cells it looked at. */
static bool clear_some(struct gc_heap *heap, uint64_t *looks) {
  for (unsigned done = 0; done < CELLS_PER_PIECE; done++) {
    if (!clear_next(heap, GC_WEAK_CELL) && !clear_next(heap, GC_WEAK_EPHEMERON)) {
      return gc_weak_table_release_piece(&heap->weak.spent);
    }
    ++*looks;
  }
  return true;
}

bool gc_weak_clear_piece(struct gc_heap *heap) {
  return clear_some(heap, &heap->weak.work.cleared_beside);
}

void gc_weak_clear_stw(struct gc_heap *heap) {
  struct gc_weak *weak = &heap->weak;
  while (clear_some(heap, &weak->work.cleared_stw)) {
  }
  for (unsigned kind = 0; kind < GC_WEAK_KINDS; kind++) {
    gc_weak_list_splice(&weak->old[kind], &weak->kept[kind]);
    gc_weak_list_splice(&weak->young[kind], &weak->kept_young[kind]);
  }
  gc_atomic_store_relaxed(&weak->clearing, GC_WEAK_CLEARED);
}

/* --- moving ------------------------------------------------------------------------------------*/

static void forward_word(uintptr_t *word, uintptr_t (*forward)(const void *, uintptr_t),
                         const void *context) {
  if (*word != 0) {
    *word = forward(context, *word);
  }
}

/* Returns where the holder goes. What it holds is written where it still is. */
static uintptr_t forward_holder(uintptr_t holder, enum gc_weak_kind kind,
                                uintptr_t (*forward)(const void *, uintptr_t),
                                const void *context) {
  GC_ASSERT((*gc_weak_word(holder) & GC_WEAK_TOUCHED) == 0,
            "old objects move after a full promotion: no cell holds what is young");
  if (kind == GC_WEAK_EPHEMERON && *gc_weak_word(holder) != 0) {
    forward_word(&gc_weak_ephemeron(holder)->value, forward, context);
  }
  forward_word(gc_weak_word(holder), forward, context);
  return forward(context, holder);
}

void gc_weak_update_moved_stw(struct gc_heap *heap,
                              uintptr_t (*forward)(const void *context, uintptr_t object),
                              const void *context) {
  struct gc_weak *weak = &heap->weak;
  weak->old_moves++;
  for (unsigned kind = 0; kind < GC_WEAK_KINDS; kind++) {
    for (struct gc_segment *segment = weak->old[kind].first; segment != NULL;
         segment = segment->next) {
      for (size_t index = 0; index < segment->count; index++) {
        segment->words[index] = forward_holder(segment->words[index], kind, forward, context);
      }
    }
  }
}
