/* Weak cells and ephemerons: what mutators call, and the lists. See weak.h. */
#include "heap/weak.h"
#include "heap/assert.h"
#include "heap/heap.h"
#include <gc/allocate.h>
#include <gc/weak.h>

/* --- lists -------------------------------------------------------------------------------------*/

void gc_weak_open(struct gc_heap *heap) {
  gc_segment_pool_init(&heap->weak.segments, &heap->arena, SIZE_MAX);
  gc_weak_table_init(&heap->weak.awaited, &heap->arena);
  gc_weak_table_init(&heap->weak.spent, &heap->arena);
}

void gc_weak_close(struct gc_heap *heap) {
  struct gc_weak *weak = &heap->weak;
  for (unsigned kind = 0; kind < GC_WEAK_KINDS; kind++) {
    gc_weak_list_release(&weak->young[kind], &weak->segments);
    gc_weak_list_release(&weak->touched[kind], &weak->segments);
    gc_weak_list_release(&weak->old[kind], &weak->segments);
    gc_weak_list_release(&weak->uncleared_young[kind], &weak->segments);
    gc_weak_list_release(&weak->kept_young[kind], &weak->segments);
    gc_weak_list_release(&weak->uncleared[kind], &weak->segments);
    gc_weak_list_release(&weak->kept[kind], &weak->segments);
  }
  gc_weak_list_release(&weak->resolved, &weak->segments);
  gc_weak_list_release(&weak->ready, &weak->segments);
  gc_weak_table_clear(&weak->awaited);
  gc_weak_table_clear(&weak->spent);
  gc_segment_pool_finish(&weak->segments);
}

void gc_weak_flush_mutator(struct gc_heap *heap, struct gc_mutator_private *mutator) {
  for (unsigned kind = 0; kind < GC_WEAK_KINDS; kind++) {
    gc_weak_list_splice(&heap->weak.young[kind], &mutator->weak.young[kind]);
    gc_weak_list_splice(&heap->weak.touched[kind], &mutator->weak.touched[kind]);
  }
}

void gc_weak_flush_mutators_stw(struct gc_heap *heap) {
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    gc_weak_flush_mutator(heap, mutator);
  }
}

bool gc_weak_has_young_stw(struct gc_heap *heap) {
  const struct gc_weak *weak = &heap->weak;
  bool has_any = false;
  gc_weak_flush_mutators_stw(heap);
  for (unsigned kind = 0; kind < GC_WEAK_KINDS; kind++) {
    has_any |= !gc_weak_list_is_empty(&weak->young[kind]) ||
               !gc_weak_list_is_empty(&weak->touched[kind]) ||
               !gc_weak_list_is_empty(&weak->uncleared_young[kind]) ||
               !gc_weak_list_is_empty(&weak->kept_young[kind]);
  }
  return has_any;
}

/* A new cell or ephemeron, which nobody else knows. */
static void enlist(struct gc_mutator *mutator, struct gc_ref holder, enum gc_weak_kind kind) {
  struct gc_weak *weak = &mutator->heap->weak;
  if (gc_is_young(mutator, holder)) {
    gc_weak_list_append(&mutator->private_part->weak.young[kind], &weak->segments, holder.address);
    return;
  }
  gc_spin_lock_acquire(&weak->lock);
  gc_weak_list_append(&weak->old[kind], &weak->segments, holder.address);
  gc_spin_lock_release(&weak->lock);
}

/* --- reading -----------------------------------------------------------------------------------*/

/* `weak-shades` for what is handed out or removed: roots are not scanned again. */
static void shade_weakly_held(struct gc_mutator *mutator, struct gc_ref ref) {
  if (mutator->shading != 0 && (mutator->heap->barrier_keeps & GC_KEEPS_SNAPSHOT) != 0) {
    gc_marking_shade(mutator, ref);
  }
}

static struct gc_ref hand_out(struct gc_mutator *mutator, struct gc_ref ref) {
  if (gc_weak_clearing(&mutator->heap->weak) != GC_WEAK_CLEARED) {
    return gc_weak_current(mutator->heap, ref);
  }
  shade_weakly_held(mutator, ref);
  return ref;
}

struct gc_ref gc_weak_get(struct gc_mutator *mutator, struct gc_ref cell) {
  return hand_out(mutator, gc_weak_load(cell.address));
}

struct gc_ref gc_ephemeron_key(struct gc_mutator *mutator, struct gc_ref ephemeron) {
  return hand_out(mutator, gc_weak_load(ephemeron.address));
}

struct gc_ref gc_ephemeron_value(struct gc_mutator *mutator, struct gc_ref ephemeron) {
  struct gc_ref key = gc_weak_load(ephemeron.address);
  if (!gc_is_null(key) && gc_weak_clearing(&mutator->heap->weak) != GC_WEAK_CLEARED) {
    key = gc_weak_current(mutator->heap, key);
  }
  return gc_is_null(key) ? key : hand_out(mutator, gc_weak_load_value(ephemeron.address));
}

struct gc_ref gc_ephemeron_peek(struct gc_mutator *mutator, struct gc_ref ephemeron) {
  struct gc_ref key = gc_weak_load(ephemeron.address);
  return gc_weak_clearing(&mutator->heap->weak) == GC_WEAK_CLEARED
             ? key
             : gc_weak_current(mutator->heap, key);
}

struct gc_moves gc_moves_of(const struct gc_mutator *mutator) {
  const struct gc_heap *heap = mutator->heap;
  return (struct gc_moves){heap->statistics.scavenge_count, heap->weak.old_moves};
}

/* --- writing -----------------------------------------------------------------------------------*/

/* Stores ref in the holder's first word, which says from here on that the holder is touched if it
 * is old and what it holds now is young. One of several mutators enlists it. */
static void store_first(struct gc_mutator *mutator, struct gc_ref holder, enum gc_weak_kind kind,
                        struct gc_ref ref, bool holds_young) {
  uintptr_t *word = gc_weak_word(holder.address);
  uintptr_t touched = holds_young && !gc_is_young(mutator, holder) ? GC_WEAK_TOUCHED : 0;
  uintptr_t old_word = gc_atomic_load_relaxed(word); /* a stale one fails the exchange */
  while (!gc_atomic_compare_exchange_acq_rel(
      word, &old_word,
      ref.address | touched | (old_word & GC_WEAK_TOUCHED))) { /* [pairs: ref-publish] */
  }
  if (touched != 0 && (old_word & GC_WEAK_TOUCHED) == 0) {
    gc_weak_list_append(&mutator->private_part->weak.touched[kind], &mutator->heap->weak.segments,
                        holder.address);
  }
  shade_weakly_held(mutator, (struct gc_ref){old_word & ~GC_WEAK_TOUCHED});
}

void gc_weak_set(struct gc_mutator *mutator, struct gc_ref cell, struct gc_ref referent) {
  store_first(mutator, cell, GC_WEAK_CELL, referent, gc_is_young(mutator, referent));
}

void gc_ephemeron_set(struct gc_mutator *mutator, struct gc_ref ephemeron, struct gc_ref key,
                      struct gc_ref value) {
  struct gc_ephemeron *words = gc_weak_ephemeron(ephemeron.address);
  bool held_some = !gc_is_null(gc_weak_load(ephemeron.address));
  struct gc_ref old_value = gc_weak_load_value(ephemeron.address);
  gc_atomic_store_release(&words->value, value.address); /* [pairs: ref-publish] */
  store_first(mutator, ephemeron, GC_WEAK_EPHEMERON, key,
              gc_is_young(mutator, key) || gc_is_young(mutator, value));
  if (held_some) {
    shade_weakly_held(mutator, old_value);
  }
  if (mutator->shading != 0 && (mutator->heap->barrier_keeps & GC_KEEPS_SNAPSHOT) == 0) {
    gc_marking_shade(mutator, value);
  }
}

/* --- allocating --------------------------------------------------------------------------------*/

/* A baseline neither clears what refers to the dead nor keeps an ephemeron's value. */
static void check_has_weak(const struct gc_mutator *mutator) {
  GC_CHECK(mutator->heap->hooks->baseline == NULL,
           "a baseline has no weak references and no ephemerons: use a collector that has");
}

struct gc_ref gc_weak_allocate(struct gc_mutator *mutator, struct gc_handle referent) {
  check_has_weak(mutator);
  struct gc_ref cell =
      gc_allocate(mutator, 0, sizeof(struct gc_weak_cell) - GC_HEADER_BYTES, GC_TYPE_WEAK_CELL);
  if (!gc_is_null(cell)) {
    enlist(mutator, cell, GC_WEAK_CELL);
    gc_weak_set(mutator, cell, gc_handle_get(referent));
  }
  return cell;
}

struct gc_ref gc_ephemeron_allocate(struct gc_mutator *mutator, struct gc_handle key,
                                    struct gc_handle value) {
  check_has_weak(mutator);
  struct gc_ref ephemeron =
      gc_allocate(mutator, 0, sizeof(struct gc_ephemeron) - GC_HEADER_BYTES, GC_TYPE_EPHEMERON);
  if (!gc_is_null(ephemeron)) {
    enlist(mutator, ephemeron, GC_WEAK_EPHEMERON);
    gc_ephemeron_set(mutator, ephemeron, gc_handle_get(key), gc_handle_get(value));
  }
  return ephemeron;
}
