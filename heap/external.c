/* Lists of backing stores: where owners are, and who of them died. See external.h. */
#include "heap/external.h"
#include "heap/assert.h"
#include "heap/heap.h"

static void push(struct gc_store **list, struct gc_store *store) {
  store->next = *list;
  *list = store;
}

static struct gc_store **list_of_block(struct gc_heap *heap, uintptr_t owner) {
  return &heap->old.stores[gc_space_block(&heap->space, owner)];
}

void gc_external_enlist(struct gc_heap *heap, struct gc_mutator_private *mutator,
                        struct gc_store *store) {
  struct gc_external *external = &heap->external;
  struct gc_ref owner = {store->owner};
  gc_atomic_fetch_add_relaxed(&external->buffer_bytes, store->bytes);
  gc_atomic_fetch_add_relaxed(&external->buffer_count, 1);
  if (gc_heap_is_young(heap, owner)) {
    push(&mutator->external.young, store);
    gc_atomic_fetch_add_relaxed(&external->young_bytes, store->bytes);
  } else if (gc_heap_is_in_block(heap, owner)) {
    push(list_of_block(heap, owner.address), store); /* the mutator's allocator owns the block */
  } else {
    gc_spin_lock_acquire(&external->lock);
    push(&external->elsewhere, store);
    gc_spin_lock_release(&external->lock);
  }
}

void gc_external_detached(struct gc_heap *heap, struct gc_ref owner, uint64_t bytes) {
  struct gc_external *external = &heap->external;
  gc_atomic_fetch_sub_relaxed(&external->buffer_bytes, bytes);
  if (gc_heap_is_young(heap, owner)) {
    gc_atomic_fetch_sub_relaxed(&external->young_bytes, bytes);
  }
  gc_external_give(external, bytes);
}

void gc_external_flush_mutator(struct gc_heap *heap, struct gc_mutator_private *mutator) {
  struct gc_store *store = mutator->external.young;
  mutator->external.young = NULL;
  while (store != NULL) {
    struct gc_store *next = store->next;
    push(&heap->external.young, store);
    store = next;
  }
}

/* Where its owner has survived to: back on the young list, or on that of its block. */
static void follow_survivor(struct gc_heap *heap, struct gc_store *store, uintptr_t survivor) {
  store->owner = survivor;
  if (gc_heap_is_young(heap, (struct gc_ref){survivor})) {
    push(&heap->external.young, store);
  } else {
    push(list_of_block(heap, survivor), store);
    gc_atomic_fetch_sub_relaxed(&heap->external.young_bytes, store->bytes);
  }
}

static void follow_young(struct gc_heap *heap, uintptr_t from_start, size_t from_bytes) {
  struct gc_external *external = &heap->external;
  struct gc_store *dead = NULL, *store = external->young;
  external->young = NULL;
  while (store != NULL) {
    struct gc_store *next = store->next;
    uint64_t header = gc_object_header((struct gc_ref){store->owner});
    GC_ASSERT(store->owner - from_start < from_bytes,
              "buffers-listed: owners on the young list are young");
    if ((header & GC_HEADER_TAG) == 0) {
      follow_survivor(heap, store, (uintptr_t)header);
    } else {
      gc_atomic_fetch_sub_relaxed(&external->young_bytes, store->bytes);
      push(&dead, store);
    }
    store = next;
  }
  (void)from_start;
  (void)from_bytes;
  gc_external_release(external, dead);
}

uint64_t gc_external_scavenged_stw(struct gc_heap *heap, uintptr_t from_start, size_t from_bytes) {
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    gc_external_flush_mutator(heap, mutator);
  }
  if (heap->external.young == NULL) {
    return 0;
  }
  struct gc_phase_clock clock = gc_phase_begin();
  follow_young(heap, from_start, from_bytes);
  gc_phase_end(&heap->workers.all[0], clock, GC_PHASE_SCAVENGE);
  return gc_phase_join(heap);
}

static bool is_marked(const struct gc_space *space, uintptr_t owner) {
  return gc_bitmap_test(space->mark_bits, gc_space_granule(space, owner));
}

void gc_external_sweep_list(struct gc_external *external, const struct gc_space *space,
                            struct gc_store **list) {
  struct gc_store *dead = NULL;
  while (*list != NULL) {
    struct gc_store *store = *list;
    if (is_marked(space, store->owner)) {
      list = &store->next;
    } else {
      *list = store->next;
      push(&dead, store);
    }
  }
  gc_external_release(external, dead);
}

/* Dead owners, and those that found no room, stay on the list for the sweep. */
void gc_external_follow_moved_stw(struct gc_heap *heap, size_t block) {
  struct gc_store **list = &heap->old.stores[block];
  while (*list != NULL) {
    struct gc_store *store = *list;
    uint64_t header = gc_object_header((struct gc_ref){store->owner});
    if ((header & GC_HEADER_TAG) != 0) {
      list = &store->next;
    } else {
      *list = store->next;
      store->owner = (uintptr_t)header;
      push(list_of_block(heap, store->owner), store);
    }
  }
}

/* All stores of blocks, on one list; their own are empty then. */
static struct gc_store *take_all(struct gc_old_space *old) {
  struct gc_store *all = NULL;
  for (size_t block = 0; block < old->high_water; block++) {
    struct gc_store *store = old->stores[block];
    old->stores[block] = NULL;
    while (store != NULL) {
      struct gc_store *next = store->next;
      push(&all, store);
      store = next;
    }
  }
  return all;
}

void gc_external_slide_stw(struct gc_heap *heap,
                           uintptr_t (*forward)(const void *context, uintptr_t object),
                           const void *context) {
  struct gc_store *dead = NULL, *store = take_all(&heap->old);
  while (store != NULL) {
    struct gc_store *next = store->next;
    if (is_marked(&heap->space, store->owner)) {
      store->owner = forward(context, store->owner);
      push(list_of_block(heap, store->owner), store);
    } else {
      push(&dead, store);
    }
    store = next;
  }
  gc_external_release(&heap->external, dead);
}

void gc_external_cycle_ended_stw(struct gc_external *external) {
  uint64_t live_bytes = gc_atomic_load_relaxed(&external->live_bytes);
  gc_atomic_store_relaxed(&external->soft_low_bytes, live_bytes);
  gc_atomic_store_relaxed(&external->hard_low_bytes, live_bytes);
}
