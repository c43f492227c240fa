/* The trace of images. See image_reach.h. */
#include "heap/image_reach.h"
#include "heap/heap.h"
#include <errno.h>
#include <gc/buffer.h>
#include <gc/weak.h>
#include <stdlib.h>

/* --- places ------------------------------------------------------------------------------------*/

size_t gc_image_place(const struct gc_image_reach *reach, struct gc_ref object) {
  const struct gc_heap *heap = reach->heap;
  const struct gc_space *space = &heap->space;
  if (gc_heap_is_young(heap, object)) {
    return (object.address - space->nursery_start) >> GC_GRANULE_BYTES_LOG2;
  }
  if (gc_heap_is_in_block(heap, object)) {
    return reach->block_word * 64 + gc_space_granule(space, object.address);
  }
  return reach->large_word * 64 + ((object.address - space->large_start) >> GC_OS_PAGE_BYTES_LOG2);
}

struct gc_ref gc_image_object_at(const struct gc_image_reach *reach, size_t place) {
  const struct gc_space *space = &reach->heap->space;
  size_t block_place = reach->block_word * 64, large_place = reach->large_word * 64;
  uintptr_t address = place < block_place ? space->nursery_start + (place << GC_GRANULE_BYTES_LOG2)
                      : place < large_place
                          ? space->block_start + ((place - block_place) << GC_GRANULE_BYTES_LOG2)
                          : space->large_start + ((place - large_place) << GC_OS_PAGE_BYTES_LOG2);
  return (struct gc_ref){address};
}

bool gc_image_is_reached(const struct gc_image_reach *reach, struct gc_ref ref) {
  if (gc_is_null(ref)) {
    return false;
  }
  size_t place = gc_image_place(reach, ref);
  return (reach->bits[place / 64] >> place % 64 & 1) != 0;
}

static int make_bits(struct gc_image_reach *reach) {
  const struct gc_heap *heap = reach->heap;
  size_t young_bits = heap->space.nursery_bytes >> GC_GRANULE_BYTES_LOG2;
  reach->block_word = (young_bits + 63) / 64;
  reach->large_word = reach->block_word + heap->old.high_water * GC_BLOCK_WORDS;
  reach->word_count = reach->large_word + heap->large.page_limit / 64 + 1;
  reach->bits = calloc(reach->word_count, sizeof *reach->bits);
  reach->ranks = calloc(reach->word_count, sizeof *reach->ranks);
  return reach->bits != NULL && reach->ranks != NULL ? 0 : -ENOMEM;
}

/* --- the trace ---------------------------------------------------------------------------------*/

void gc_image_list_append(struct gc_image_reach *reach, struct gc_image_list *list,
                          uintptr_t item) {
  if (list->count == list->capacity) {
    size_t capacity = 2 * list->capacity + 4096;
    uintptr_t *items = realloc(list->items, capacity * sizeof *items);
    if (items == NULL) {
      reach->is_out_of_memory = true;
      return;
    }
    list->items = items;
    list->capacity = capacity;
  }
  list->items[list->count++] = item;
}

static void visit(struct gc_image_reach *reach, struct gc_ref ref) {
  if (gc_is_null(ref)) {
    return;
  }
  size_t place = gc_image_place(reach, ref);
  uint64_t bit = UINT64_C(1) << place % 64;
  if ((reach->bits[place / 64] & bit) == 0) {
    reach->bits[place / 64] |= bit;
    reach->object_count++;
    gc_image_list_append(reach, &reach->stack, ref.address);
  }
}

struct gc_ref gc_image_weak_word(const struct gc_heap *heap, uintptr_t holder) {
  struct gc_ref held = gc_weak_load(holder);
  return gc_weak_clearing(&heap->weak) == GC_WEAK_CLEARED ? held : gc_weak_current(heap, held);
}

struct gc_ref gc_image_weak_value(const struct gc_heap *heap, uintptr_t ephemeron) {
  struct gc_ref held = gc_weak_load_value(ephemeron);
  return gc_weak_clearing(&heap->weak) == GC_WEAK_CLEARED ? held : gc_weak_current(heap, held);
}

bool gc_image_has_store(struct gc_ref object) {
  return gc_object_type(object) == GC_TYPE_BUFFER && gc_buffer_bytes(object) > 0;
}

static void visit_ephemeron(struct gc_image_reach *reach, struct gc_ref ephemeron) {
  struct gc_ref key = gc_image_weak_word(reach->heap, ephemeron.address);
  if (gc_is_null(key)) {
    return;
  }
  gc_image_list_append(reach, &reach->ephemerons, ephemeron.address);
  if (gc_image_is_reached(reach, key)) {
    visit(reach, gc_image_weak_value(reach->heap, ephemeron.address));
  } else if (!gc_weak_table_add(&reach->awaited, key.address, ephemeron.address)) {
    reach->is_out_of_memory = true;
  }
}

/* The values that waited for this object. */
static void visit_awaiting(struct gc_image_reach *reach, struct gc_ref key) {
  struct gc_weak_place *place = gc_weak_table_find(&reach->awaited, key.address);
  uint32_t waiter = place != NULL ? gc_weak_place_take(place) : GC_WEAK_TABLE_NONE;
  while (waiter != GC_WEAK_TABLE_NONE) {
    struct gc_weak_waiter due = *gc_weak_table_waiter(&reach->awaited, waiter);
    visit(reach, gc_image_weak_value(reach->heap, due.ephemeron));
    waiter = due.next;
  }
}

static void visit_special(struct gc_image_reach *reach, struct gc_ref object) {
  switch (gc_object_type(object)) {
  case GC_TYPE_WEAK_CELL:
    reach->weak_cell_count++;
    break;
  case GC_TYPE_EPHEMERON:
    visit_ephemeron(reach, object);
    break;
  case GC_TYPE_BUFFER:
    reach->store_count += gc_image_has_store(object);
    break;
  default:
    break;
  }
}

static void visit_slots(struct gc_image_reach *reach, struct gc_ref object) {
  size_t slot_count = gc_object_slot_count(object);
  const struct gc_ref *slots = gc_object_slot(object, 0).location;
  for (size_t index = 0; index < slot_count; index++) {
    reach->slot_count += !gc_is_null(slots[index]);
    visit(reach, slots[index]);
  }
}

static void visit_roots(struct gc_image_reach *reach) {
  const struct gc_heap *heap = reach->heap;
  for (const struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    for (const struct gc_ref *handle = mutator->handle_base; handle < mutator->mutator.handle_top;
         handle++) {
      visit(reach, *handle);
    }
  }
  for (const struct gc_root *root = heap->roots; root != NULL; root = root->next) {
    visit(reach, root->ref);
  }
}

static void trace(struct gc_image_reach *reach) {
  visit_roots(reach);
  while (reach->stack.count > 0 && !reach->is_out_of_memory) {
    struct gc_ref object = {reach->stack.items[--reach->stack.count]};
    visit_slots(reach, object);
    visit_special(reach, object);
    if (reach->awaited.waiter_count > 0) {
      visit_awaiting(reach, object);
    }
  }
}

static void rank(struct gc_image_reach *reach) {
  uint32_t before = 0;
  for (size_t word = 0; word < reach->word_count; word++) {
    reach->ranks[word] = before;
    before += (uint32_t)__builtin_popcountll(reach->bits[word]);
  }
}

int gc_image_reach_open(struct gc_image_reach *reach, struct gc_heap *heap) {
  *reach = (struct gc_image_reach){.heap = heap};
  gc_weak_table_init(&reach->awaited, &heap->arena);
  int status = make_bits(reach);
  if (status != 0) {
    return status;
  }
  trace(reach);
  if (reach->is_out_of_memory) {
    return -ENOMEM;
  }
  if (reach->object_count > UINT32_MAX / 2 || reach->slot_count > UINT32_MAX / 2) {
    return -EFBIG;
  }
  rank(reach);
  return 0;
}

void gc_image_reach_close(struct gc_image_reach *reach) {
  free(reach->bits);
  free(reach->ranks);
  free(reach->stack.items);
  free(reach->ephemerons.items);
  gc_weak_table_clear(&reach->awaited);
}
