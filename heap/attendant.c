/* Lists of attendants: where owners are, and who of them died. See attendant.h. */
#include "heap/attendant.h"
#include "heap/assert.h"
#include "heap/heap.h"

static struct gc_attendant **list_of_block(struct gc_heap *heap, uintptr_t owner) {
  return &heap->old.owned[gc_space_block(&heap->space, owner)];
}

static struct gc_attendant **list_of_old(struct gc_heap *heap, struct gc_ref owner) {
  if (gc_heap_is_in_block(heap, owner)) {
    return list_of_block(heap, owner.address);
  }
  return gc_heap_is_large(heap, owner) ? &gc_large_of(gc_object_header(owner))->attendants
                                       : &heap->attendants.elsewhere;
}

/* Several workers may move objects at a time; sweepers look without the lock whether there is
 * anything. */
static void push_old(struct gc_heap *heap, struct gc_attendant **list,
                     struct gc_attendant *attendant) {
  gc_spin_lock_acquire(&heap->attendants.lock);
  attendant->next = *list;
  gc_atomic_store_relaxed(list,
                          attendant); /* whoever misses it looks under the lock, or need not */
  gc_spin_lock_release(&heap->attendants.lock);
}

void gc_attendants_enlist(struct gc_heap *heap, struct gc_mutator_private *mutator,
                          struct gc_attendant *attendant) {
  struct gc_ref owner = {attendant->owner};
  if (gc_heap_is_young(heap, owner)) {
    gc_attendant_push(&mutator->young_attendants, attendant);
  } else {
    push_old(heap, list_of_old(heap, owner), attendant);
  }
}

void gc_attendants_enlist_stw(struct gc_heap *heap, struct gc_attendant *attendant) {
  struct gc_ref owner = {attendant->owner};
  if (gc_heap_is_young(heap, owner)) {
    gc_attendant_push(&heap->attendants.young, attendant);
  } else {
    push_old(heap, list_of_old(heap, owner), attendant);
  }
}

void gc_attendants_flush_mutator(struct gc_heap *heap, struct gc_mutator_private *mutator) {
  struct gc_attendant *attendant = mutator->young_attendants;
  mutator->young_attendants = NULL;
  while (attendant != NULL) {
    struct gc_attendant *next = attendant->next;
    gc_attendant_push(&heap->attendants.young, attendant);
    attendant = next;
  }
}

void gc_attendants_bury(struct gc_attendants *attendants, struct gc_attendant *list) {
  struct gc_attendant *stores = NULL, *finalizers = NULL, *cancelled = NULL, *identities = NULL;
  while (list != NULL) {
    struct gc_attendant *next = list->next;
    gc_attendant_push(list->kind == GC_ATTENDANT_STORE      ? &stores
                      : list->kind == GC_ATTENDANT_IDENTITY ? &identities
                      : gc_finalizer_is_cancelled(list)     ? &cancelled
                                                            : &finalizers,
                      list);
    list = next;
  }
  gc_external_release(attendants->external, stores);
  gc_finalizers_make_due(attendants->finalizers, finalizers);
  gc_finalizers_free(attendants->finalizers, cancelled);
  gc_identities_free(attendants->identities, identities);
}

/* --- walks -------------------------------------------------------------------------------------*/

static void visit_list(struct gc_attendant **list,
                       bool (*visit)(void *context, struct gc_attendant *attendant),
                       void *context) {
  while (*list != NULL) {
    struct gc_attendant *attendant = *list, *next = attendant->next;
    if (visit(context, attendant)) {
      list = &attendant->next;
    } else {
      *list = next;
    }
  }
}

void gc_attendants_each_stw(struct gc_heap *heap,
                            bool (*visit)(void *context, struct gc_attendant *attendant),
                            void *context) {
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    gc_attendants_flush_mutator(heap, mutator);
  }
  visit_list(&heap->attendants.young, visit, context);
  for (size_t block = 0; block < heap->old.high_water; block++) {
    visit_list(&heap->old.owned[block], visit, context);
  }
  for (struct gc_large *object = heap->large.objects; object != NULL; object = object->next) {
    visit_list(&object->attendants, visit, context);
  }
}

/* --- scavenges ---------------------------------------------------------------------------------*/

static void leave_young(struct gc_heap *heap, const struct gc_attendant *attendant) {
  if (attendant->kind == GC_ATTENDANT_STORE) {
    gc_external_no_longer_young(&heap->external, attendant);
  }
}

static void follow_survivor(struct gc_heap *heap, struct gc_attendant *attendant,
                            uintptr_t survivor) {
  attendant->owner = survivor;
  if (gc_heap_is_young(heap, (struct gc_ref){survivor})) {
    gc_attendant_push(&heap->attendants.young, attendant);
  } else {
    push_old(heap, list_of_block(heap, survivor), attendant);
    leave_young(heap, attendant);
  }
}

static void follow_young(struct gc_heap *heap, uintptr_t from_start, size_t from_bytes) {
  struct gc_attendant *dead = NULL, *attendant = heap->attendants.young;
  heap->attendants.young = NULL;
  while (attendant != NULL) {
    struct gc_attendant *next = attendant->next;
    GC_ASSERT(attendant->owner - from_start < from_bytes,
              "attendants-listed: owners on the young list are young");
    uint64_t header = gc_object_header((struct gc_ref){attendant->owner});
    if ((header & GC_HEADER_TAG) == 0 && !gc_finalizer_is_cancelled(attendant)) {
      follow_survivor(heap, attendant, (uintptr_t)header);
    } else {
      leave_young(heap, attendant);
      gc_attendant_push(&dead, attendant);
    }
    attendant = next;
  }
  (void)from_start;
  (void)from_bytes;
  gc_attendants_bury(&heap->attendants, dead);
}

uint64_t gc_attendants_scavenged_stw(struct gc_heap *heap, uintptr_t from_start,
                                     size_t from_bytes) {
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    gc_attendants_flush_mutator(heap, mutator);
  }
  if (heap->attendants.young == NULL) {
    return 0;
  }
  struct gc_phase_clock clock = gc_phase_begin();
  follow_young(heap, from_start, from_bytes);
  gc_phase_end(&heap->workers.all[0], clock, GC_PHASE_SCAVENGE);
  return gc_phase_join(heap);
}

/* --- sweeps ------------------------------------------------------------------------------------*/

static bool is_marked(const struct gc_space *space, uintptr_t owner) {
  return gc_bitmap_test(space->mark_bits, gc_space_granule(space, owner));
}

/* space null: the owners are live. */
static void sweep_list(struct gc_attendants *attendants, const struct gc_space *space,
                       struct gc_attendant **list) {
  struct gc_attendant *dead = NULL;
  gc_spin_lock_acquire(&attendants->lock);
  while (*list != NULL) {
    struct gc_attendant *attendant = *list;
    bool is_live = space == NULL || is_marked(space, attendant->owner);
    attendants->looks++;
    if (is_live && !gc_finalizer_is_cancelled(attendant)) {
      list = &attendant->next;
    } else {
      gc_atomic_store_relaxed(list, attendant->next);
      gc_attendant_push(&dead, attendant);
    }
  }
  gc_spin_lock_release(&attendants->lock);
  gc_attendants_bury(attendants, dead);
}

void gc_attendants_sweep(struct gc_attendants *attendants, const struct gc_space *space,
                         struct gc_attendant **list) {
  sweep_list(attendants, space, list);
}

void gc_attendants_prune(struct gc_attendants *attendants, struct gc_attendant **list) {
  sweep_list(attendants, NULL, list);
}

/* --- moves -------------------------------------------------------------------------------------*/

/* What stays is what has a dead owner, or one that found no room. Workers that move other blocks
 * write their lists' heads, not this one's. */
void gc_attendants_follow_moved_stw(struct gc_heap *heap, size_t block) {
  struct gc_attendant **list = &heap->old.owned[block];
  while (*list != NULL) {
    struct gc_attendant *attendant = *list;
    uint64_t header = gc_object_header((struct gc_ref){attendant->owner});
    if ((header & GC_HEADER_TAG) != 0) {
      list = &attendant->next;
    } else {
      *list = attendant->next;
      attendant->owner = (uintptr_t)header;
      push_old(heap, list_of_block(heap, attendant->owner), attendant);
    }
  }
}

/* Those of all blocks, on one list; their own are empty then. */
static struct gc_attendant *take_all(struct gc_old_space *old) {
  struct gc_attendant *all = NULL;
  for (size_t block = 0; block < old->high_water; block++) {
    struct gc_attendant *attendant = old->owned[block];
    old->owned[block] = NULL;
    while (attendant != NULL) {
      struct gc_attendant *next = attendant->next;
      gc_attendant_push(&all, attendant);
      attendant = next;
    }
  }
  return all;
}

void gc_attendants_slide_stw(struct gc_heap *heap,
                             uintptr_t (*forward)(const void *context, uintptr_t object),
                             const void *context) {
  struct gc_attendant *dead = NULL, *attendant = take_all(&heap->old);
  while (attendant != NULL) {
    struct gc_attendant *next = attendant->next;
    if (is_marked(&heap->space, attendant->owner) && !gc_finalizer_is_cancelled(attendant)) {
      attendant->owner = forward(context, attendant->owner);
      gc_attendant_push(list_of_block(heap, attendant->owner), attendant);
    } else {
      gc_attendant_push(&dead, attendant);
    }
    attendant = next;
  }
  gc_attendants_bury(&heap->attendants, dead);
}

/* --- closing -----------------------------------------------------------------------------------*/

static void bury_list(struct gc_heap *heap, struct gc_attendant **list) {
  struct gc_attendant *all = *list;
  *list = NULL;
  gc_attendants_bury(&heap->attendants, all);
}

void gc_attendants_close(struct gc_heap *heap) {
  if (heap->attendants.external == NULL) {
    return; /* it was never opened */
  }
  bury_list(heap, &heap->attendants.young);
  bury_list(heap, &heap->attendants.elsewhere);
  for (size_t block = 0; block < heap->old.high_water; block++) {
    bury_list(heap, &heap->old.owned[block]);
  }
  for (struct gc_large *object = heap->large.objects; object != NULL; object = object->next) {
    bury_list(heap, &object->attendants);
  }
}
