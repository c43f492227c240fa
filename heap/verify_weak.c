/* The verifier's part for weak cells and ephemerons: the lists at level 2, and at level 3 what
 * ephemerons keep, for the second trace. See verify.h and heap/weak.h.
 *
 * `weak-listed`: every old cell and ephemeron is on the lists once, with the mark of the touched
 * list exactly where it is on that. `weak-alive`: what an old one holds is an object, or null; of
 * young referents nothing is asked, as they may be dead until the next scavenge. While a cycle
 * clears, what it has yet to visit is passed over, as far as it is dead.
 */
#include "heap/assert.h"
#include "heap/verify_private.h"
#include <gc/weak.h>
#include <stdlib.h>

/* All addresses of one kind that lists name, in ascending order. */
struct listing {
  uintptr_t *addresses;
  size_t count, capacity;
};

static void list_all(struct listing *listing, const struct gc_weak_list *list) {
  for (const struct gc_segment *segment = list->first; segment != NULL; segment = segment->next) {
    if (listing->count + segment->count > listing->capacity) {
      listing->capacity = 2 * (listing->count + segment->count);
      listing->addresses =
          realloc(listing->addresses, listing->capacity * sizeof *listing->addresses);
      GC_CHECK(listing->addresses != NULL, "the verifier's list of weak cells needs memory");
    }
    for (size_t index = 0; index < segment->count; index++) {
      listing->addresses[listing->count++] = segment->words[index];
    }
  }
}

static int compare(const void *left, const void *right) {
  const uintptr_t *a = left, *b = right;
  return (*a > *b) - (*a < *b);
}

static void sort(struct listing *listing) {
  if (listing->count > 1) {
    qsort(listing->addresses, listing->count, sizeof *listing->addresses, compare);
  }
}

static struct listing list_members(const struct gc_heap *heap, enum gc_weak_kind kind) {
  const struct gc_weak *weak = &heap->weak;
  struct listing listing = {0};
  list_all(&listing, &weak->young[kind]);
  list_all(&listing, &weak->old[kind]);
  list_all(&listing, &weak->uncleared_young[kind]);
  list_all(&listing, &weak->kept_young[kind]);
  list_all(&listing, &weak->uncleared[kind]);
  list_all(&listing, &weak->kept[kind]);
  if (kind == GC_WEAK_EPHEMERON) {
    list_all(&listing, &weak->resolved);
  }
  for (const struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    list_all(&listing, &mutator->weak.young[kind]);
  }
  sort(&listing);
  return listing;
}

static struct listing list_touched(const struct gc_heap *heap, enum gc_weak_kind kind) {
  struct listing listing = {0};
  list_all(&listing, &heap->weak.touched[kind]);
  for (const struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    list_all(&listing, &mutator->weak.touched[kind]);
  }
  sort(&listing);
  return listing;
}

static bool contains(const struct listing *listing, uintptr_t address) {
  return listing->count > 0 &&
         bsearch(&address, listing->addresses, listing->count, sizeof address, compare) != NULL;
}

static uint32_t type_of(enum gc_weak_kind kind) {
  return kind == GC_WEAK_CELL ? GC_TYPE_WEAK_CELL : GC_TYPE_EPHEMERON;
}

/* Where a reference that a cell holds, or an entry of a list, leads now; null: it is dead. */
static struct gc_ref current(const struct gc_heap *heap, struct gc_ref ref) {
  return gc_weak_clearing(&heap->weak) == GC_WEAK_CLEARED ? ref : gc_weak_current(heap, ref);
}

static void verify_held(struct gc_verifier *verifier, uintptr_t holder, struct gc_ref held) {
  held = current(verifier->heap, held);
  if (!gc_is_null(held) && !gc_heap_is_young(verifier->heap, held) &&
      !gc_verify_is_object(verifier, held)) {
    gc_verify_fail(verifier, "weak-alive",
                   "the weak cell or ephemeron at %s refers to %s, where no object begins",
                   gc_verify_place(verifier, holder), gc_verify_place(verifier, held.address));
  }
}

static void verify_touched(struct gc_verifier *verifier, const struct listing *touched,
                           uintptr_t holder, bool holds_young) {
  bool is_marked = (*gc_weak_word(holder) & GC_WEAK_TOUCHED) != 0;
  if (is_marked != contains(touched, holder) || (holds_young && !is_marked)) {
    gc_verify_fail(
        verifier, "weak-listed",
        "the old weak cell or ephemeron at %s holds %s, says that it is %s, and is %s",
        gc_verify_place(verifier, holder), holds_young ? "what is young" : "nothing young",
        is_marked ? "touched" : "not touched", contains(touched, holder) ? "listed" : "not listed");
  }
}

static void verify_holder(struct gc_verifier *verifier, const struct listing *touched,
                          enum gc_weak_kind kind, uintptr_t listed) {
  uintptr_t holder = current(verifier->heap, (struct gc_ref){listed}).address;
  if (holder == 0 || gc_heap_is_young(verifier->heap, (struct gc_ref){holder})) {
    return;
  }
  if (!gc_verify_is_object(verifier, (struct gc_ref){holder}) ||
      gc_object_type((struct gc_ref){holder}) != type_of(kind)) {
    gc_verify_fail(verifier, "weak-listed", "%s is listed as a weak cell or ephemeron, and is none",
                   gc_verify_place(verifier, holder));
  }
  struct gc_ref first = gc_weak_load(holder);
  bool holds_young = gc_heap_is_young(verifier->heap, first);
  verify_held(verifier, holder, first);
  if (kind == GC_WEAK_EPHEMERON && !gc_is_null(current(verifier->heap, first))) {
    struct gc_ref value = gc_weak_load_value(holder);
    holds_young |= gc_heap_is_young(verifier->heap, value);
    verify_held(verifier, holder, value);
  }
  verify_touched(verifier, touched, holder, holds_young);
}

static void verify_kind(struct gc_verifier *verifier, enum gc_weak_kind kind) {
  struct listing members = list_members(verifier->heap, kind);
  struct listing touched = list_touched(verifier->heap, kind);
  for (size_t index = 0; index < members.count; index++) {
    if (index > 0 && members.addresses[index] == members.addresses[index - 1]) {
      gc_verify_fail(verifier, "weak-listed", "the weak cell or ephemeron at %s is listed twice",
                     gc_verify_place(verifier, members.addresses[index]));
    }
    verify_holder(verifier, &touched, kind, members.addresses[index]);
  }
  free(members.addresses);
  free(touched.addresses);
}

/* One verifier runs at a time: the world is stopped, and by one thread. */
static _Thread_local struct listing members_of[GC_WEAK_KINDS];

static bool is_listed(const struct gc_heap *heap, enum gc_weak_kind kind, uintptr_t address) {
  if (contains(&members_of[kind], address)) {
    return true;
  }
  /* It moved, and the list has its old address yet. */
  for (size_t index = 0; index < members_of[kind].count; index++) {
    if (current(heap, (struct gc_ref){members_of[kind].addresses[index]}).address == address) {
      return true;
    }
  }
  return false;
}

static void require_listed(struct gc_verifier *verifier, struct gc_ref object) {
  uint32_t type = gc_object_type(object);
  for (unsigned kind = 0; kind < GC_WEAK_KINDS; kind++) {
    if (type == type_of(kind) && !is_listed(verifier->heap, kind, object.address)) {
      gc_verify_fail(verifier, "weak-listed", "the weak cell or ephemeron at %s is on no list",
                     gc_verify_place(verifier, object.address));
    }
  }
}

void gc_verify_weak(struct gc_verifier *verifier) {
  for (unsigned kind = 0; kind < GC_WEAK_KINDS; kind++) {
    verify_kind(verifier, kind);
    members_of[kind] = list_members(verifier->heap, kind);
  }
  gc_verify_each_old(verifier, require_listed);
  for (unsigned kind = 0; kind < GC_WEAK_KINDS; kind++) {
    free(members_of[kind].addresses);
    members_of[kind] = (struct listing){0};
  }
}

void gc_verify_each_value(struct gc_verifier *verifier,
                          bool (*is_reached)(struct gc_verifier *verifier, struct gc_ref object),
                          void (*reach)(struct gc_verifier *verifier, struct gc_ref ephemeron,
                                        struct gc_ref value)) {
  const struct gc_heap *heap = verifier->heap;
  struct listing ephemerons = list_members(heap, GC_WEAK_EPHEMERON);
  for (size_t index = 0; index < ephemerons.count; index++) {
    struct gc_ref ephemeron = current(heap, (struct gc_ref){ephemerons.addresses[index]});
    struct gc_ref key = gc_is_null(ephemeron) ? ephemeron : gc_weak_load(ephemeron.address);
    key = current(heap, key);
    if (!gc_is_null(key) && is_reached(verifier, ephemeron) && is_reached(verifier, key)) {
      reach(verifier, ephemeron, current(heap, gc_weak_load_value(ephemeron.address)));
    }
  }
  free(ephemerons.addresses);
}
