/* The scavenger's last part: weak cells and ephemerons that are young, or old and touched.
 *
 * Algorithm: when everything is copied that is reachable otherwise, ephemerons are looked at. One
 * that survives, or is old, keeps its value if its key survives too; an old key counts as alive.
 * Others wait in a table (weak_table.h) for the from-space address of what they lack, and whoever
 * is copied from here on is looked up there. When nothing is left to copy, what was not copied is
 * dead: cells and ephemerons that survived take the new addresses of what they hold, or null.
 *
 * Runs on one thread after all workers are done, with the same copying and the same queue, which
 * it scans by a loop of its own.
 *
 * Costs: proportional to young and touched cells; nothing when there are none. A template of
 * scavenge.c.
 */
#ifndef HEAP_SCAVENGE_WEAK_H
#define HEAP_SCAVENGE_WEAK_H

#include "heap/scavenge_drain.h"
#include "heap/weak.h"

struct weak_scan {
  struct scan *scan;
  struct gc_weak_table awaited;
  struct gc_weak_list old[GC_WEAK_KINDS]; /* promoted in this scavenge */
  uint32_t *ready;                        /* waiters whose chain was taken; ready_count of them */
  size_t ready_count, ready_capacity;
};

/* Where the object is after the scavenge, as far as is known; 0 when it was not copied. */
static uintptr_t survivor_of(const struct scan *scan, uintptr_t object) {
  if (object - scan->from_start >= scan->from_bytes) {
    return object;
  }
  uint64_t header = *(const uint64_t *)object;
  return (header & GC_HEADER_TAG) == 0 ? (uintptr_t)header : 0;
}

/* Whoever was copied: its waiters are looked at again, once the slot at hand is done. */
static void make_ready(struct weak_scan *weak, uintptr_t object) {
  struct gc_weak_place *place = gc_weak_table_find(&weak->awaited, object);
  if (place == NULL) {
    return;
  }
  struct gc_arena *arena = weak->awaited.arena;
  if (weak->ready_count == weak->ready_capacity) {
    size_t capacity = 2 * weak->ready_capacity + 128;
    uint32_t *ready = gc_arena_allocate(arena, capacity * sizeof *ready);
    GC_CHECK(ready != NULL, "the metadata arena must hold the ephemerons to look at");
    for (size_t index = 0; index < weak->ready_count; index++) {
      ready[index] = weak->ready[index];
    }
    gc_arena_free(arena, weak->ready, weak->ready_capacity * sizeof *ready);
    weak->ready = ready;
    weak->ready_capacity = capacity;
  }
  weak->ready[weak->ready_count++] = gc_weak_place_take(place);
}

/* As evacuate, for what is found here. */
static bool evacuate_watched(struct weak_scan *weak, struct gc_ref *slot) {
  struct scan *scan = weak->scan;
  uintptr_t object = gc_atomic_load_relaxed(&slot->address); /* no mutator runs */
  if (object - scan->from_start < scan->from_bytes) {
    uintptr_t survivor = survivor_of(scan, object);
    if (survivor == 0) {
      survivor = copy(scan, &scan->room, object, *(uint64_t *)object,
                      SCAVENGE_KIND(SCAVENGE_PARALLEL, SCAVENGE_NOTING));
      make_ready(weak, object);
    }
    gc_atomic_store_release(&slot->address, survivor); /* [pairs: ref-publish] */
    object = survivor;
  }
  return is_young(scan, object);
}

static void scan_object_watched(struct weak_scan *weak, uintptr_t object) {
  struct gc_ref *slot = (struct gc_ref *)(object + GC_HEADER_BYTES);
  struct gc_ref *end = slot + gc_header_slot_count(*(uint64_t *)object);
  bool holds_young = false;
  for (; slot < end; slot++) {
    holds_young |= evacuate_watched(weak, slot);
  }
  bool is_old = !is_young(weak->scan, object);
  if (is_old && holds_young) {
    remember_promoted(weak->scan->worker, object);
  }
  if (is_old && weak->scan->has_candidates) {
    record_moved_slots(weak->scan->worker, object, gc_header_slot_count(*(uint64_t *)object));
  }
}

static void scan_run_watched(struct weak_scan *weak, struct run run) {
  uint64_t objects = 0;
  uintptr_t object = run.start;
  for (; object < run.end; object += gc_header_size_bytes(*(uint64_t *)object)) {
    scan_object_watched(weak, object);
    objects++;
  }
  count_scanned(weak->scan, is_young(weak->scan, run.start) ? HOST_YOUNG : HOST_OLD, objects,
                object - run.start);
}

/* --- ephemerons --------------------------------------------------------------------------------*/

static void await(struct weak_scan *weak, uintptr_t awaited, uintptr_t ephemeron) {
  bool added = gc_weak_table_add(&weak->awaited, awaited, ephemeron);
  GC_CHECK(added, "the metadata arena must hold the ephemerons that wait for their keys");
}

/* At its address from before the scavenge. True when the value is kept, or nothing is held. */
static bool try_keep_value(struct weak_scan *weak, uintptr_t ephemeron) {
  uintptr_t self = survivor_of(weak->scan, ephemeron);
  uintptr_t key = gc_weak_load(self != 0 ? self : ephemeron).address;
  if (self != 0 && key != 0 && survivor_of(weak->scan, key) != 0) {
    (void)evacuate_watched(weak, (struct gc_ref *)&gc_weak_ephemeron(self)->value);
    return true;
  }
  return key == 0;
}

static void look_at_ephemeron(struct weak_scan *weak, uintptr_t ephemeron) {
  if (try_keep_value(weak, ephemeron)) {
    return;
  }
  uintptr_t self = survivor_of(weak->scan, ephemeron);
  uintptr_t key = gc_weak_load(self != 0 ? self : ephemeron).address;
  if (self == 0) {
    await(weak, ephemeron, ephemeron);
  }
  if (survivor_of(weak->scan, key) == 0) {
    await(weak, key, ephemeron);
  }
}

static void look_at_list(struct weak_scan *weak, const struct gc_weak_list *list) {
  for (const struct gc_segment *segment = list->first; segment != NULL; segment = segment->next) {
    for (size_t index = 0; index < segment->count; index++) {
      look_at_ephemeron(weak, segment->words[index]);
    }
  }
}

static void drain_watched(struct weak_scan *weak) {
  for (;;) {
    while (weak->ready_count > 0) {
      uint32_t waiter = weak->ready[--weak->ready_count];
      while (waiter != GC_WEAK_TABLE_NONE) {
        struct gc_weak_waiter due = *gc_weak_table_waiter(&weak->awaited, waiter);
        (void)try_keep_value(weak, due.ephemeron);
        waiter = due.next;
      }
    }
    struct run run;
    if (!take_run(weak->scan, &run)) {
      return;
    }
    scan_run_watched(weak, run);
  }
}

/* --- settling ----------------------------------------------------------------------------------*/

/* What the word refers to after the scavenge, and null if it is dead. */
static uintptr_t settled(const struct scan *scan, uintptr_t object) {
  const struct gc_heap *heap = scan->scavenge->heap;
  struct gc_ref survivor = {object == 0 ? 0 : survivor_of(scan, object)};
  return gc_weak_clearing(&heap->weak) == GC_WEAK_CLEARED ? survivor.address
                                                          : gc_weak_current(heap, survivor).address;
}

/* Updates what the holder, at its new address, holds; true when that is young. */
static bool settle_holder(const struct scan *scan, uintptr_t holder, enum gc_weak_kind kind) {
  uintptr_t first = settled(scan, gc_weak_load(holder).address);
  bool holds_young = is_young(scan, first);
  if (kind == GC_WEAK_EPHEMERON && first != 0) {
    holds_young |= is_young(scan, gc_weak_load_value(holder).address);
  }
  bool is_touched = holds_young && !is_young(scan, holder);
  gc_atomic_store_release(gc_weak_word(holder),
                          first | (is_touched ? GC_WEAK_TOUCHED : 0)); /* [pairs: ref-publish] */
  return holds_young;
}

/* Every survivor of the list to where it belongs. */
static void settle_list(struct weak_scan *weak, struct gc_weak_list *list, enum gc_weak_kind kind) {
  struct gc_weak *lists = &weak->scan->scavenge->heap->weak;
  struct gc_weak_list all = *list;
  uintptr_t holder;
  *list = (struct gc_weak_list){0};
  while ((holder = gc_weak_list_pop(&all, &lists->segments)) != 0) {
    uintptr_t survivor = survivor_of(weak->scan, holder);
    if (survivor == 0) {
      continue;
    }
    bool was_young = survivor != holder;
    bool holds_young = settle_holder(weak->scan, survivor, kind);
    if (is_young(weak->scan, survivor)) {
      gc_weak_list_append(&lists->young[kind], &lists->segments, survivor);
      continue;
    }
    if (was_young) {
      gc_weak_list_append(&weak->old[kind], &lists->segments, survivor);
    }
    if (holds_young) {
      gc_weak_list_append(&lists->touched[kind], &lists->segments, survivor);
    }
  }
}

static void settle_kind(struct weak_scan *weak, enum gc_weak_kind kind) {
  struct gc_weak *lists = &weak->scan->scavenge->heap->weak;
  gc_weak_list_splice(&lists->young[kind], &lists->uncleared_young[kind]);
  gc_weak_list_splice(&lists->young[kind], &lists->kept_young[kind]);
  struct gc_weak_list young = lists->young[kind], touched = lists->touched[kind];
  lists->young[kind] = lists->touched[kind] = (struct gc_weak_list){0};
  settle_list(weak, &young, kind);
  settle_list(weak, &touched, kind);
  gc_spin_lock_acquire(&lists->lock);
  gc_weak_list_splice(&lists->old[kind], &weak->old[kind]);
  gc_spin_lock_release(&lists->lock);
}

/* --- all of it ---------------------------------------------------------------------------------*/

static void scan_weak(struct scan *scan) {
  struct gc_heap *heap = scan->scavenge->heap;
  struct gc_weak *lists = &heap->weak;
  struct weak_scan weak = {.scan = scan};
  gc_weak_table_init(&weak.awaited, &heap->arena);
  look_at_list(&weak, &lists->young[GC_WEAK_EPHEMERON]);
  look_at_list(&weak, &lists->uncleared_young[GC_WEAK_EPHEMERON]);
  look_at_list(&weak, &lists->kept_young[GC_WEAK_EPHEMERON]);
  look_at_list(&weak, &lists->touched[GC_WEAK_EPHEMERON]);
  drain_watched(&weak);
  settle_kind(&weak, GC_WEAK_CELL);
  settle_kind(&weak, GC_WEAK_EPHEMERON);
  gc_weak_table_clear(&weak.awaited);
  gc_arena_free(&heap->arena, weak.ready, weak.ready_capacity * sizeof *weak.ready);
}

#endif
