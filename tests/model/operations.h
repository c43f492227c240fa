/* The operations of the random mutator: each does something to the heap and the same to the shadow.
 *
 * Included by the unit that is compiled once per barrier. An operation ends early when the heap is
 * exhausted; the thread then drops what it holds (model_ops.c). What is made becomes reachable only
 * within the allowance of the period, so that the heap is mostly well below its limit; `flood`
 * ignores the allowance and fills the heap to the last byte.
 */
#ifndef TESTS_MODEL_OPERATIONS_H
#define TESTS_MODEL_OPERATIONS_H

#include "tests/model/access.h"
#include "tests/model/inspect.h"
#include <stdio.h>
#include <unistd.h>

/* --- shapes ------------------------------------------------------------------------------------*/

struct shape {
  size_t slot_count, raw_bytes;
};

static inline struct shape small_shape(struct model_thread *thread) {
  uint64_t choice = model_below(thread, 100);
  if (choice < 55) {
    return (struct shape){model_below(thread, 7), model_below(thread, 65)};
  }
  if (choice < 90) {
    return (struct shape){model_below(thread, 41), model_below(thread, 257)};
  }
  return (struct shape){model_below(thread, 4), model_below(thread, 4097)};
}

/* A few thousand slots or raw bytes, still small. */
static inline struct shape medium_shape(struct model_thread *thread) {
  size_t slot_count = model_below(thread, 4000);
  size_t room = GC_LARGE_BYTES - GC_HEADER_BYTES - slot_count * sizeof(struct gc_ref);
  return (struct shape){slot_count, model_below(thread, room - 8)};
}

/* Within a few words of the size at which objects become large. */
static inline struct shape limit_shape(struct model_thread *thread) {
  size_t words = GC_LARGE_BYTES / sizeof(uint64_t) - 1 - 8 + model_below(thread, 17);
  size_t slot_count = model_below(thread, 3);
  slot_count = slot_count == 0 ? 0 : slot_count == 1 ? words : model_below(thread, words);
  size_t raw_bytes = (words - slot_count) * sizeof(uint64_t);
  return (struct shape){slot_count, raw_bytes - (raw_bytes == 0 ? 0 : model_below(thread, 8))};
}

static inline struct shape large_shape(struct model_thread *thread) {
  size_t bytes = GC_LARGE_BYTES + model_below(thread, 400000);
  size_t slot_count = model_chance(thread, 50) ? model_below(thread, bytes / 8) : 0;
  return (struct shape){slot_count, bytes - slot_count * sizeof(struct gc_ref)};
}

/* --- making things reachable -------------------------------------------------------------------*/

static inline bool may_keep(struct model_thread *thread, size_t bytes) {
  if (bytes > thread->allowance_bytes) {
    return false;
  }
  thread->allowance_bytes -= bytes;
  return true;
}

static inline void put_somewhere(struct model_thread *thread, struct model_pick value) {
  uint64_t choice = model_below(thread, 100);
  if (choice < 30 && thread->handle_count < MODEL_HANDLES) {
    model_handle_push(thread, value);
  } else if (choice < 55 && thread->handle_count > 0) {
    model_handle_put(thread, model_below(thread, thread->handle_count), value);
  } else if (choice < 90) {
    struct model_pick src = model_choose_own(thread, 1);
    if (src.node != NULL) {
      model_write(thread, src, model_below(thread, src.node->slot_count), value);
    }
  } else {
    struct model_root *root = &thread->roots[model_below(thread, MODEL_ROOTS)];
    if (root->root != NULL) {
      gc_root_set(thread->mutator, root->root, value.ref);
      root->node = value.node;
    }
  }
}

/* For the object allocated last, with no safepoint since. */
static inline void initialise(struct model_thread *thread, struct model_pick made) {
  size_t slot_count = made.node->slot_count;
  size_t stores = slot_count < 48 ? slot_count : 48 + model_below(thread, 150);
  for (size_t store = 0; store < stores; store++) {
    size_t index = slot_count < 48 ? store : model_below(thread, slot_count);
    struct model_pick value = model_chance(thread, 3)    ? made
                              : model_chance(thread, 30) ? model_nothing()
                                                         : model_choose(thread);
    gc_init_field(thread->mutator, made.ref, index, value.ref);
    made.node->slots[index] = value.node;
  }
}

static inline void make(struct model_thread *thread, struct shape shape) {
  struct model_pick made = model_allocate(thread, shape.slot_count, shape.raw_bytes);
  if (made.node == NULL) {
    return;
  }
  initialise(thread, made);
  if (may_keep(thread, model_node_bytes(made.node))) {
    put_somewhere(thread, made);
  }
}

static inline void make_small(struct model_thread *thread) {
  make(thread, small_shape(thread));
}

static inline void make_medium(struct model_thread *thread) {
  make(thread, model_chance(thread, 50) ? medium_shape(thread) : limit_shape(thread));
}

static inline void make_large(struct model_thread *thread) {
  make(thread, large_shape(thread));
}

static inline void make_huge(struct model_thread *thread) {
  size_t bytes = thread->world->settings.heap.heap_bytes / (4 + model_below(thread, 16));
  make(thread, (struct shape){bytes / sizeof(struct gc_ref), model_below(thread, 100)});
}

/* --- stores ------------------------------------------------------------------------------------*/

static inline struct model_pick choose_value(struct model_thread *thread, struct model_pick src) {
  uint64_t choice = model_below(thread, 100);
  return choice < 20 ? model_nothing() : choice < 25 ? src : model_choose(thread);
}

static inline void write_slot(struct model_thread *thread) {
  struct model_pick src = model_choose_own(thread, 1);
  if (src.node != NULL) {
    model_write(thread, src, model_below(thread, src.node->slot_count), choose_value(thread, src));
  }
}

static inline void exchange_slot(struct model_thread *thread) {
  struct model_pick src = model_choose_own(thread, 1);
  if (src.node == NULL) {
    return;
  }
  size_t index = model_below(thread, src.node->slot_count);
  struct model_pick value = choose_value(thread, src);
  struct gc_ref old_ref =
      gc_exchange_ref(thread->mutator, src.ref, gc_object_slot(src.ref, index), value.ref);
  model_verify(thread, old_ref, src.node->slots[index]);
  src.node->slots[index] = value.node;
}

static inline void compare_exchange_slot(struct model_thread *thread) {
  struct model_pick src = model_choose_own(thread, 1);
  if (src.node == NULL) {
    return;
  }
  size_t index = model_below(thread, src.node->slot_count);
  struct model_pick value = choose_value(thread, src);
  struct model_pick held = model_read(thread, src, index);
  struct model_pick expected = model_chance(thread, 60) ? held : model_choose(thread);
  bool should_store = gc_ref_equal(thread->mutator, expected.ref, held.ref);
  if (should_store != (expected.node == held.node)) {
    model_fail(thread, "gc_ref_equal takes object %#" PRIx64 " for object %#" PRIx64,
               expected.node == NULL ? 0 : expected.node->identity,
               held.node == NULL ? 0 : held.node->identity);
  }
  struct gc_ref found = expected.ref;
  bool stored = gc_compare_exchange_ref(thread->mutator, src.ref, gc_object_slot(src.ref, index),
                                        &found, value.ref);
  if (stored != should_store) {
    model_fail(thread, "compare and exchange of slot %zu of object %#" PRIx64 " answered %s", index,
               src.node->identity, stored ? "true" : "false");
  }
  model_verify(thread, found, held.node);
  if (stored) {
    src.node->slots[index] = value.node;
  }
  model_read(thread, src, index);
}

static inline void copy_slots(struct model_thread *thread) {
  struct model_pick from = model_choose_own(thread, 1);
  struct model_pick to = model_chance(thread, 50) ? from : model_choose_own(thread, 1);
  if (from.node == NULL || to.node == NULL) {
    return;
  }
  size_t from_index = model_below(thread, from.node->slot_count);
  size_t to_index = model_below(thread, to.node->slot_count);
  size_t room_from = from.node->slot_count - from_index;
  size_t room_to = to.node->slot_count - to_index;
  size_t count = model_below(thread, (room_from < room_to ? room_from : room_to) + 1);
  struct model_node *to_node = to.node;
  struct gc_handle_frame frame = gc_handles_enter(thread->mutator);
  struct gc_handle to_handle = gc_handle_push(thread->mutator, to.ref);
  struct gc_handle from_handle = gc_handle_push(thread->mutator, from.ref);
  gc_copy_refs(thread->mutator, to_handle, to_index, from_handle, from_index, count);
  memmove(to_node->slots + to_index, from.node->slots + from_index,
          count * sizeof(struct model_node *));
  if (count <= 64 || model_chance(thread, 20)) {
    model_verify_slots(thread, (struct model_pick){gc_handle_get(to_handle), to_node});
  }
  gc_handles_leave(thread->mutator, frame);
}

static inline void change_ref(struct gc_ref *slot, struct gc_ref ref) {
  gc_change_ref((struct gc_slot){slot}, ref);
}

/* As memmove does. */
static inline void move_slots(struct gc_ref *to, const struct gc_ref *from, size_t count) {
  for (size_t done = 0; done < count; done++) {
    size_t place = to <= from ? done : count - 1 - done;
    change_ref(&to[place], from[place]);
  }
}

/* Moves without a barrier inside the bracket: within the slots, a reversal, or one value
 * everywhere. */
static inline void change_slots(struct model_thread *thread) {
  struct model_pick src = model_choose_own(thread, 2);
  if (src.node == NULL) {
    return;
  }
  struct model_pick value = choose_value(thread, src);
  struct gc_ref *slots = gc_object_slot(src.ref, 0).location;
  struct model_node **shadow = src.node->slots;
  size_t first = model_below(thread, src.node->slot_count);
  size_t count = 1 + model_below(thread, src.node->slot_count - first);
  size_t shift = model_below(thread, src.node->slot_count - count + 1);
  uint64_t kind = model_below(thread, 3);
  gc_object_change_begin(thread->mutator, src.ref);
  if (kind == 0) {
    move_slots(slots + shift, slots + first, count);
    memmove(shadow + shift, shadow + first, count * sizeof *shadow);
  } else if (kind == 1) {
    for (size_t low = first, high = first + count - 1; low < high; low++, high--) {
      struct gc_ref ref = slots[low];
      struct model_node *node = shadow[low];
      change_ref(&slots[low], slots[high]), shadow[low] = shadow[high];
      change_ref(&slots[high], ref), shadow[high] = node;
    }
  } else {
    for (size_t place = first; place < first + count && place < first + 64; place++) {
      change_ref(&slots[place], value.ref);
      shadow[place] = value.node;
    }
  }
  gc_object_change_end(thread->mutator, src.ref);
  model_verify_slots(thread, src);
}

/* --- handles and roots -------------------------------------------------------------------------*/

static inline void push_handle(struct model_thread *thread) {
  if (thread->handle_count < MODEL_HANDLES) {
    model_handle_push(thread, model_choose(thread));
  }
}

/* At any depth, which is what the watermark has to notice. */
static inline void set_handle(struct model_thread *thread) {
  if (thread->handle_count > 0) {
    size_t index = model_below(thread, thread->handle_count);
    bool drop = model_chance(thread, 30);
    model_handle_put(thread, index, drop ? model_nothing() : model_choose(thread));
  }
}

static inline void enter_frame(struct model_thread *thread) {
  if (thread->frame_count < MODEL_FRAMES) {
    thread->frames[thread->frame_count++] = model_enter(thread);
  }
}

static inline void leave_frame(struct model_thread *thread) {
  uint64_t leaves = model_chance(thread, 80) ? 1 : 1 + model_below(thread, 20);
  while (leaves-- > 0 && thread->frame_count > 0) {
    model_leave(thread, thread->frames[--thread->frame_count]);
  }
}

/* Thousands of handles in one frame, as deep recursion leaves them. */
static inline void push_many_handles(struct model_thread *thread) {
  enter_frame(thread);
  uint64_t count = 1 + model_below(thread, 12000);
  while (count-- > 0 && thread->handle_count < MODEL_HANDLES) {
    model_handle_push(thread, model_choose_start(thread));
  }
}

static inline void change_root(struct model_thread *thread) {
  struct model_root *root = &thread->roots[model_below(thread, MODEL_ROOTS)];
  struct model_pick value = model_chance(thread, 15) ? model_nothing() : model_choose(thread);
  if (root->root == NULL) {
    root->root = gc_root_create(thread->mutator, value.ref);
    if (root->root == NULL) {
      model_fail(thread, "gc_root_create answered null");
    }
    root->node = value.node;
  } else if (model_chance(thread, 20)) {
    gc_root_destroy(thread->mutator, root->root);
    *root = (struct model_root){0};
  } else {
    gc_root_set(thread->mutator, root->root, value.ref);
    root->node = value.node;
  }
}

/* --- structures --------------------------------------------------------------------------------*/

/* A list of garbage, kept by one handle while it is built and walked, then dropped. */
static inline void churn(struct model_thread *thread) {
  uint64_t length = 1 + model_below(thread, 3000);
  uint64_t kept = 1 + model_below(thread, 200);
  size_t raw_bytes = sizeof(uint64_t) + model_below(thread, 40);
  struct gc_handle_frame frame = gc_handles_enter(thread->mutator);
  struct gc_handle list = gc_handle_push(thread->mutator, gc_null());
  uint64_t made = 0;
  for (; made < length; made++) {
    struct gc_ref link = gc_allocate(thread->mutator, 1, raw_bytes, 0);
    if (gc_is_null(link)) {
      thread->null_answers++;
      break;
    }
    bool cut = made % kept == 0;
    gc_init_field(thread->mutator, link, 0, cut ? gc_null() : gc_handle_get(list));
    *(uint64_t *)gc_object_raw(link, 1) = made;
    gc_handle_set(thread->mutator, list, link);
  }
  struct gc_ref link = gc_handle_get(list);
  for (uint64_t number = made; number > 0; link = gc_read_field(thread->mutator, link, 0)) {
    number--;
    if (gc_is_null(link) || *(uint64_t *)gc_object_raw(link, 1) != number) {
      model_fail(thread, "link %" PRIu64 " of a list of %" PRIu64 " is lost", number, made);
    }
    if (number % kept == 0) {
      break;
    }
  }
  gc_handles_leave(thread->mutator, frame);
}

/* A list that stays: deep for a marker. */
static inline void make_list(struct model_thread *thread) {
  if (thread->handle_count == MODEL_HANDLES) {
    return;
  }
  size_t place = thread->handle_count;
  model_handle_push(thread, model_choose(thread));
  uint64_t length = model_below(thread, 10000);
  for (uint64_t number = 0; number < length && may_keep(thread, 40); number++) {
    struct model_pick made = model_allocate(thread, 2, 16);
    if (made.node == NULL) {
      return;
    }
    struct model_pick rest = model_handle_pick(thread, place);
    gc_init_field(thread->mutator, made.ref, 0, rest.ref);
    made.node->slots[0] = rest.node;
    model_handle_put(thread, place, made);
  }
}

/* An array, large as often as not, of which every slot is given a new object: old to young. */
static inline void make_wide(struct model_thread *thread) {
  size_t slot_count = 1 + model_below(thread, 8000);
  size_t raw_bytes = model_below(thread, 24);
  if (thread->handle_count == MODEL_HANDLES || !may_keep(thread, slot_count * 40)) {
    return;
  }
  struct model_pick array = model_allocate(thread, slot_count, 8);
  if (array.node == NULL) {
    return;
  }
  size_t place = thread->handle_count;
  model_handle_push(thread, array);
  for (size_t done = 0; done < slot_count; done++) {
    struct model_pick made = model_allocate(thread, 1, raw_bytes);
    if (made.node == NULL) {
      return;
    }
    model_write(thread, model_handle_pick(thread, place), model_below(thread, slot_count), made);
  }
  model_verify_slots(thread, model_handle_pick(thread, place));
}

/* Fills the heap until it answers null, or much of it. */
static inline void flood(struct model_thread *thread) {
  if (thread->handle_count == MODEL_HANDLES) {
    return;
  }
  struct model_frame frame = model_enter(thread);
  model_handle_push(thread, model_nothing());
  size_t place = frame.handle_count;
  size_t raw_bytes = (size_t)32 << model_below(thread, 12);
  size_t limit_bytes = 2 * thread->world->settings.heap.heap_bytes;
  for (size_t done = 0; done < limit_bytes; done += raw_bytes) {
    struct model_pick made = model_allocate(thread, 1, raw_bytes);
    if (made.node == NULL) {
      break;
    }
    struct model_pick rest = model_handle_pick(thread, place);
    gc_init_field(thread->mutator, made.ref, 0, rest.ref);
    made.node->slots[0] = rest.node;
    model_handle_put(thread, place, made);
  }
  for (struct model_pick link = model_handle_pick(thread, place); link.node != NULL;
       link = model_read(thread, link, 0)) {
    model_verify_paint(thread, link.ref, link.node);
  }
  model_leave(thread, frame);
}

/* --- ownership ---------------------------------------------------------------------------------*/

static inline struct model_pick choose_gift(struct model_thread *thread) {
  struct model_pick gift = model_choose_own(thread, 0);
  if (gift.node == NULL || !model_has_identity(gift.node)) {
    return model_nothing();
  }
  /* Relaxed: the exchange that follows publishes it. */
  gc_atomic_store_relaxed(&gift.node->owner, MODEL_NOBODY);
  return gift;
}

static inline void take(struct model_thread *thread, size_t number, struct gc_ref ref) {
  struct model_node *node = model_recognise(thread, ref);
  if (node == NULL) {
    return;
  }
  uint32_t owner = gc_atomic_load_relaxed(&node->owner);
  if (owner != MODEL_NOBODY) {
    model_fail(thread,
               "object %#" PRIx64 " came out of cell %zu although mutator %" PRIu32 " owns it",
               node->identity, number, owner);
  }
  gc_atomic_store_relaxed(&node->owner, thread->index);
  thread->taken_sums[number] += model_mix(node->identity);
  struct model_pick taken = {ref, node};
  model_verify_paint(thread, ref, node);
  model_verify_slots(thread, taken);
  put_somewhere(thread, taken);
}

static inline void exchange_cell(struct model_thread *thread) {
  size_t number = model_below(thread, MODEL_CELLS_USED);
  struct model_pick gift = model_chance(thread, 60) ? choose_gift(thread) : model_nothing();
  struct model_cell cell = model_cell_at(thread->world, number);
  struct gc_slot slot = gc_object_slot(cell.object.ref, cell.index);
  struct gc_ref got = gc_exchange_ref(thread->mutator, cell.object.ref, slot, gift.ref);
  if (gift.node != NULL) {
    thread->put_sums[number] += model_mix(gift.node->identity);
  }
  thread->cells_exchanged++;
  take(thread, number, got);
}

static inline void compare_exchange_cell(struct model_thread *thread) {
  size_t number = model_below(thread, MODEL_CELLS_USED);
  struct model_pick gift = choose_gift(thread);
  struct model_cell cell = model_cell_at(thread->world, number);
  struct gc_slot slot = gc_object_slot(cell.object.ref, cell.index);
  struct gc_ref expected = gc_read_ref(thread->mutator, cell.object.ref, slot);
  if (gc_compare_exchange_ref(thread->mutator, cell.object.ref, slot, &expected, gift.ref)) {
    if (gift.node != NULL) {
      thread->put_sums[number] += model_mix(gift.node->identity);
    }
    thread->cells_exchanged++;
    take(thread, number, expected);
  } else if (gift.node != NULL) {
    gc_atomic_store_relaxed(&gift.node->owner, thread->index);
  }
}

/* --- the rest ----------------------------------------------------------------------------------*/

static inline void repaint(struct model_thread *thread) {
  struct model_pick object = model_choose_own(thread, 0);
  if (object.node != NULL) {
    model_verify_paint(thread, object.ref, object.node);
    object.node->version++;
    model_paint(object.ref, object.node, model_has_identity(object.node) ? sizeof(uint64_t) : 0);
  }
}

static inline void check_near(struct model_thread *thread) {
  struct model_pick object = model_choose_own(thread, 0);
  if (object.node != NULL) {
    model_verify_paint(thread, object.ref, object.node);
    model_verify_slots(thread, object);
    thread->checks++;
  }
}

static inline void poll(struct model_thread *thread) {
  gc_poll(thread->mutator);
}

static inline void block(struct model_thread *thread) {
  gc_blocking_begin(thread->mutator);
  if (model_chance(thread, 50)) {
    usleep((useconds_t)model_below(thread, 200));
  }
  gc_blocking_end(thread->mutator);
}

static inline void collect_minor(struct model_thread *thread) {
  gc_collect(thread->mutator, GC_COLLECTION_MINOR);
}

static inline void collect_full(struct model_thread *thread) {
  gc_collect(thread->mutator, GC_COLLECTION_FULL);
}

static inline void name_type(struct model_thread *thread) {
  char name[32];
  uint64_t number = model_below(thread, MODEL_TYPES);
  snprintf(name, sizeof name, "model.type_%" PRIu64, number);
  uint32_t type = gc_type_define(thread->world->heap, name);
  const char *said = gc_type_name(thread->world->heap, type);
  if (type != thread->world->types[number] || said == NULL || strcmp(said, name) != 0) {
    model_fail(thread, "type %s has id %" PRIu32 " and was given %" PRIu32, name,
               thread->world->types[number], type);
  }
}

#endif
