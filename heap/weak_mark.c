/* Ephemerons while a cycle marks. See weak.h, which has the algorithm.
 *
 * Why a table that was built beside the mutators stays good: an ephemeron that a mutator sets after
 * it was looked at needs no second look, because its new value becomes grey or was grey before
 * (`weak-shades`, or the snapshot). Objects that are newer than the look have addresses that nobody
 * waits for; ephemerons among them are at the end of the old list, unlooked at. Marks that are set
 * without a look, by whoever finds no room on a mark stack, are missed_marks.
 *
 * Concurrency: an ephemeron whose key and self are awaited is looked up by whoever marks either.
 * Both hold the lock when they test the other's mark, which they set their own before: so the later
 * of the two finds both marked.
 */
#include "heap/assert.h"
#include "heap/platform.h"
#include "heap/trace.h"

/* Between two looks at whether to stop, or with the lock held: about 10 us at two cache misses each.
 */
#define LOOKS_PER_PIECE 64

/* Young ones too: they are newer than the cycle, or found by the scavenge. */
static bool is_reached(const struct gc_heap *heap, struct gc_ref ref) {
  if (gc_heap_is_young(heap, ref)) {
    return true;
  }
  /* Relaxed: what is not seen marked here is looked up by whoever marks it. */
  return gc_heap_is_in_block(heap, ref)
             ? gc_bitmap_test(heap->space.mark_bits, gc_space_granule(&heap->space, ref.address))
             : gc_atomic_load_relaxed(&gc_large_of(gc_object_header(ref))->marked) != 0;
}

/* True when the value was white. */
static bool push_value(struct gc_worker *worker, uintptr_t ephemeron) {
  struct gc_ref value = gc_weak_load_value(ephemeron);
  if (gc_is_null(value) || is_reached(worker->heap, value)) {
    return false;
  }
  if (!gc_mark_stack_push(&worker->stack, value.address)) {
    gc_trace_overflow(worker, value.address);
  }
  return true;
}

/* Without memory to wait for its key, an ephemeron keeps its value until the next cycle. */
static bool look_at(struct gc_worker *worker, uintptr_t ephemeron) {
  const struct gc_heap *heap = worker->heap;
  struct gc_weak_table *awaited = &worker->heap->weak.awaited;
  struct gc_ref self = {ephemeron}, key = gc_weak_load(ephemeron);
  if (gc_is_null(key)) {
    return false;
  }
  bool awaits_key = !is_reached(heap, key), awaits_self = !is_reached(heap, self);
  bool waits = (!awaits_key || gc_weak_table_add(awaited, key.address, ephemeron)) &&
               (!awaits_self || gc_weak_table_add(awaited, ephemeron, ephemeron));
  return ((!awaits_key && !awaits_self) || !waits) && push_value(worker, ephemeron);
}

void gc_weak_begin_marking_stw(struct gc_heap *heap) {
  struct gc_weak *weak = &heap->weak;
  GC_ASSERT(gc_weak_clearing(weak) == GC_WEAK_CLEARED && gc_weak_list_is_empty(&weak->resolved) &&
                gc_weak_list_is_empty(&weak->ready) && weak->awaited.waiter_count == 0,
            "weak-listed: the last cycle was cleared");
  weak->missed_marks = weak->found_beside = 0;
}

/* Also what waited is looked at again: the table is built anew. */
static void look_again(struct gc_weak *weak) {
  gc_spin_lock_acquire(&weak->lock);
  gc_weak_list_splice(&weak->old[GC_WEAK_EPHEMERON], &weak->resolved);
  gc_weak_list_release(&weak->ready, &weak->segments);
  gc_spin_lock_release(&weak->lock);
  gc_weak_table_clear(&weak->awaited);
  weak->missed_marks = 0;
}

/* Looks at up to LOOKS_PER_PIECE ephemerons that nobody looked at; returns at how many. */
static size_t look_at_some(struct gc_worker *worker, bool *found) {
  struct gc_weak *weak = &worker->heap->weak;
  uintptr_t taken[LOOKS_PER_PIECE];
  size_t count = 0;
  gc_spin_lock_acquire(&weak->lock);
  while (count < LOOKS_PER_PIECE &&
         (taken[count] = gc_weak_list_pop(&weak->old[GC_WEAK_EPHEMERON], &weak->segments)) != 0) {
    count++;
  }
  gc_spin_lock_release(&weak->lock);
  for (size_t index = 0; index < count; index++) {
    *found |= look_at(worker, taken[index]);
  }
  gc_spin_lock_acquire(&weak->lock);
  for (size_t index = 0; index < count; index++) {
    gc_weak_list_append(&weak->resolved, &weak->segments, taken[index]);
  }
  gc_spin_lock_release(&weak->lock);
  return count;
}

/* The values of up to LOOKS_PER_PIECE waiters of a chain; the rest of it is for whoever leads, so
 * that a key for which any number waits holds nobody up. Returns how many; under the lock. */
static size_t take_waiters_locked(struct gc_worker *worker, uint32_t waiter, bool *found) {
  struct gc_heap *heap = worker->heap;
  struct gc_weak *weak = &heap->weak;
  size_t count = 0;
  for (; waiter != GC_WEAK_TABLE_NONE && count < LOOKS_PER_PIECE; count++) {
    struct gc_weak_waiter due = *gc_weak_table_waiter(&weak->awaited, waiter);
    struct gc_ref key = gc_weak_load(due.ephemeron);
    if (!gc_is_null(key) && is_reached(heap, (struct gc_ref){due.ephemeron}) &&
        is_reached(heap, key)) {
      *found |= push_value(worker, due.ephemeron);
    }
    waiter = due.next;
  }
  if (waiter != GC_WEAK_TABLE_NONE) {
    gc_weak_list_append(&weak->ready, &weak->segments, (uintptr_t)waiter + 1);
  }
  return count;
}

/* What was left of a chain; returns of how many. */
static size_t take_some_ready(struct gc_worker *worker, bool *found) {
  struct gc_weak *weak = &worker->heap->weak;
  gc_spin_lock_acquire(&weak->lock);
  uintptr_t waiter = gc_weak_list_pop(&weak->ready, &weak->segments);
  size_t count = waiter == 0 ? 0 : take_waiters_locked(worker, (uint32_t)(waiter - 1), found);
  gc_spin_lock_release(&weak->lock);
  return count;
}

static bool is_told(const struct gc_trace_limits *limits) {
  /* Relaxed: whoever set it waits until this thread rests. */
  return gc_atomic_load_relaxed(limits->stop_flag) != 0 ||
         (limits->deadline_ns != 0 && gc_platform_now_ns() >= limits->deadline_ns);
}

bool gc_weak_has_unresolved_stw(const struct gc_heap *heap) {
  return heap->weak.missed_marks != 0 || !gc_weak_list_is_empty(&heap->weak.ready) ||
         !gc_weak_list_is_empty(&heap->weak.old[GC_WEAK_EPHEMERON]);
}

enum gc_weak_resolution gc_weak_resolve(struct gc_worker *worker,
                                        const struct gc_trace_limits *limits) {
  struct gc_weak *weak = &worker->heap->weak;
  bool found = false, told = false;
  size_t count = 1;
  if (weak->missed_marks != 0) {
    look_again(weak);
  }
  while (!told && count > 0) {
    count = take_some_ready(worker, &found);
    count += look_at_some(worker, &found);
    weak->work.looks += count;
    told = is_told(limits);
  }
  gc_atomic_store_relaxed(&weak->is_watching, weak->awaited.waiter_count > 0);
  return told && count > 0 ? GC_WEAK_TOLD : found ? GC_WEAK_FOUND : GC_WEAK_RESOLVED;
}

void gc_weak_resolve_beside(struct gc_worker *worker, const uint32_t *stop_flag) {
  struct gc_heap *heap = worker->heap;
  struct gc_trace_limits limits = {.stop_flag = stop_flag};
  gc_mark_stack_init(&worker->stack, &heap->segments, GC_SEGMENT_WITHIN_LIMIT);
  if (gc_weak_resolve(worker, &limits) != GC_WEAK_RESOLVED) {
    heap->weak.found_beside = 1;
  }
  gc_mark_share_give_all(&heap->marking.share, &worker->stack);
}

bool gc_weak_takes_found(struct gc_heap *heap) {
  bool found = heap->weak.found_beside != 0;
  heap->weak.found_beside = 0;
  return found;
}

void gc_weak_miss_marks_stw(struct gc_heap *heap) {
  heap->weak.missed_marks = heap->weak.awaited.waiter_count > 0;
}

void gc_weak_marked(struct gc_worker *worker, uintptr_t object) {
  struct gc_heap *heap = worker->heap;
  struct gc_weak *weak = &heap->weak;
  struct gc_weak_place *place = gc_weak_table_find(&weak->awaited, object);
  if (place == NULL) {
    return;
  }
  bool found = false;
  gc_spin_lock_acquire(&weak->lock);
  weak->work.chained += take_waiters_locked(worker, gc_weak_place_take(place), &found);
  gc_spin_lock_release(&weak->lock);
}
