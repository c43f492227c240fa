/* Access to the heap with the shadow beside it: read, write, allocate, verify, choose at random.
 *
 * Included by the units that are compiled once per barrier. No function here but model_allocate
 * contains a safepoint, so a struct model_pick stays good until the next allocation, poll,
 * collection or blocking region of its thread.
 *
 * Every object's raw bytes are painted: the first word is the identity where there are 8 bytes of
 * room, the others follow from identity, version and place.
 */
#ifndef TESTS_MODEL_ACCESS_H
#define TESTS_MODEL_ACCESS_H

#include "tests/model/model.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#ifndef GC_BARRIER
#error "this header belongs to units that are compiled with a barrier"
#endif

static inline bool model_owns(const struct model_thread *thread, const struct model_node *node) {
  /* Relaxed: only this thread stores its own number, and only it takes it away. */
  return gc_atomic_load_relaxed(&node->owner) == thread->index;
}

static inline bool model_has_identity(const struct model_node *node) {
  return node->raw_bytes >= sizeof(uint64_t);
}

/* --- verifying one object ----------------------------------------------------------------------*/

static inline void model_verify_header(const struct model_thread *thread, struct gc_ref ref,
                                       const struct model_node *node) {
  uint64_t header = gc_object_header(ref);
  if ((header & GC_HEADER_TAG) == 0) {
    model_fail(thread,
               "object %#" PRIx64 " at %p is a forwarding address or overwritten: %#" PRIx64,
               node->identity, gc_ref_address(ref), header);
  }
  size_t bytes = model_node_bytes(node);
  bool large = gc_header_is_large(header);
  if (large != (bytes >= GC_LARGE_BYTES)) {
    model_fail(thread, "object %#" PRIx64 " of %zu bytes is %slarge, header %#" PRIx64,
               node->identity, bytes, large ? "" : "not ", header);
  }
  if (gc_object_size_bytes(ref) != bytes || gc_object_slot_count(ref) != node->slot_count ||
      gc_object_type(ref) != node->type) {
    model_fail(thread,
               "object %#" PRIx64 " should have %zu bytes, %zu slots, type %" PRIu32
               "; it has %zu, %zu, %" PRIu32,
               node->identity, bytes, node->slot_count, node->type, gc_object_size_bytes(ref),
               gc_object_slot_count(ref), gc_object_type(ref));
  }
}

/* Any thread may ask: shape and identity never change. */
static inline void model_verify(const struct model_thread *thread, struct gc_ref ref,
                                const struct model_node *node) {
  if (gc_is_null(ref) != (node == NULL)) {
    model_fail(thread, "a slot holds %s where object %#" PRIx64 " should be",
               gc_is_null(ref) ? "null" : "an object", node == NULL ? 0 : node->identity);
  }
  if (node == NULL) {
    return;
  }
  model_verify_header(thread, ref, node);
  if (model_has_identity(node)) {
    uint64_t identity = *(const uint64_t *)gc_object_raw(ref, node->slot_count);
    if (identity != node->identity) {
      model_fail(thread, "object %#" PRIx64 " stands where object %#" PRIx64 " should be", identity,
                 node->identity);
    }
  }
}

/* --- raw bytes ---------------------------------------------------------------------------------*/

static inline uint64_t model_paint_word(const struct model_node *node, size_t place) {
  if (place == 0 && model_has_identity(node)) {
    return node->identity;
  }
  return (node->identity ^ (uint64_t)node->version << 20) * UINT64_C(0xd6e8feb86659fd93) +
         place * UINT64_C(0xa0761d6478bd642f);
}

/* Paints from byte `first` on, a multiple of 8: who paints again leaves the identity alone, which
 * other threads may be reading. */
static inline void model_paint(struct gc_ref ref, const struct model_node *node, size_t first) {
  unsigned char *raw = gc_object_raw(ref, node->slot_count);
  for (size_t done = first; done < node->raw_bytes; done += sizeof(uint64_t)) {
    uint64_t word = model_paint_word(node, done / sizeof word);
    size_t rest = node->raw_bytes - done;
    memcpy(raw + done, &word, rest < sizeof word ? rest : sizeof word);
  }
}

/* The owner, or the inspecting thread. */
static inline void model_verify_paint(const struct model_thread *thread, struct gc_ref ref,
                                      const struct model_node *node) {
  const unsigned char *raw = gc_object_raw(ref, node->slot_count);
  for (size_t done = 0; done < node->raw_bytes; done += sizeof(uint64_t)) {
    uint64_t word = model_paint_word(node, done / sizeof word);
    size_t rest = node->raw_bytes - done;
    if (memcmp(raw + done, &word, rest < sizeof word ? rest : sizeof word) != 0) {
      uint64_t found = 0;
      memcpy(&found, raw + done, rest < sizeof found ? rest : sizeof found);
      model_fail(thread,
                 "object %#" PRIx64 " at %p: raw byte %zu of %zu begins %#" PRIx64
                 ", not %#" PRIx64,
                 node->identity, gc_ref_address(ref), done, node->raw_bytes, found, word);
    }
  }
}

/* --- slots, of objects that the thread owns ----------------------------------------------------*/

static inline struct model_pick model_read(const struct model_thread *thread, struct model_pick src,
                                           size_t index) {
  struct model_pick read = {gc_read_field(thread->mutator, src.ref, index), src.node->slots[index]};
  model_verify(thread, read.ref, read.node);
  return read;
}

static inline void model_write(const struct model_thread *thread, struct model_pick src,
                               size_t index, struct model_pick value) {
  gc_write_field(thread->mutator, src.ref, index, value.ref);
  src.node->slots[index] = value.node;
}

static inline void model_verify_slots(const struct model_thread *thread, struct model_pick object) {
  for (size_t index = 0; index < object.node->slot_count; index++) {
    model_read(thread, object, index);
  }
}

/* --- handles and roots -------------------------------------------------------------------------*/

static inline struct model_pick model_handle_pick(const struct model_thread *thread, size_t index) {
  const struct model_handle *handle = &thread->handles[index];
  return (struct model_pick){gc_handle_get(handle->handle), handle->node};
}

static inline void model_handle_put(struct model_thread *thread, size_t index,
                                    struct model_pick value) {
  struct model_handle *handle = &thread->handles[index];
  gc_handle_set(thread->mutator, handle->handle, value.ref);
  handle->node = value.node;
}

static inline void model_handle_push(struct model_thread *thread, struct model_pick value) {
  thread->handles[thread->handle_count++] =
      (struct model_handle){gc_handle_push(thread->mutator, value.ref), value.node};
}

static inline struct model_frame model_enter(const struct model_thread *thread) {
  return (struct model_frame){gc_handles_enter(thread->mutator), thread->handle_count};
}

static inline void model_leave(struct model_thread *thread, struct model_frame frame) {
  gc_handles_leave(thread->mutator, frame.frame);
  thread->handle_count = frame.handle_count;
}

static inline struct model_pick model_root_pick(const struct model_root *root) {
  return (struct model_pick){gc_root_get(root->root), root->node};
}

/* --- choosing ----------------------------------------------------------------------------------*/

static inline struct model_pick model_nothing(void) {
  return (struct model_pick){gc_null(), NULL};
}

static inline struct model_pick model_choose_start(struct model_thread *thread) {
  if (model_chance(thread, 15)) {
    const struct model_root *root = &thread->roots[model_below(thread, MODEL_ROOTS)];
    if (root->root != NULL) {
      return model_root_pick(root);
    }
  }
  if (thread->handle_count == 0) {
    return model_nothing();
  }
  /* The youngest handles as often as all others: programs work on their top frames. */
  size_t among = model_chance(thread, 50) && thread->handle_count > 20 ? 20 : thread->handle_count;
  return model_handle_pick(thread, thread->handle_count - 1 - model_below(thread, among));
}

/* A random object near a random handle or root, possibly null, possibly another thread's. All that
 * is met on the way is verified. */
static inline struct model_pick model_choose(struct model_thread *thread) {
  struct model_pick here = model_choose_start(thread);
  model_verify(thread, here.ref, here.node);
  for (uint64_t steps = model_below(thread, 6); steps > 0; steps--) {
    if (here.node == NULL || !model_owns(thread, here.node) || here.node->slot_count == 0) {
      break;
    }
    struct model_pick next = model_read(thread, here, model_below(thread, here.node->slot_count));
    if (next.node == NULL) {
      break;
    }
    here = next;
  }
  return here;
}

/* Null, or an object that the thread owns with at least slot_count slots. */
static inline struct model_pick model_choose_own(struct model_thread *thread, size_t slot_count) {
  for (unsigned attempt = 0; attempt < 8; attempt++) {
    struct model_pick chosen = model_choose(thread);
    if (chosen.node != NULL && model_owns(thread, chosen.node) &&
        chosen.node->slot_count >= slot_count) {
      return chosen;
    }
  }
  return model_nothing();
}

/* --- allocating --------------------------------------------------------------------------------*/

static inline void model_verify_fresh(const struct model_thread *thread, struct gc_ref ref,
                                      size_t slot_count, size_t raw_bytes) {
  const uint64_t *words = (const uint64_t *)gc_object_slot(ref, 0).location;
  size_t count = slot_count + raw_bytes / sizeof *words;
  for (size_t place = 0; place < count; place++) {
    if (words[place] != 0) {
      model_fail(thread,
                 "a new object of %zu slots and %zu raw bytes at %p has %#" PRIx64
                 " in word %zu, not 0",
                 slot_count, raw_bytes, gc_ref_address(ref), words[place], place);
    }
  }
}

/* A safepoint. Null when the heap is exhausted. The object is painted, its slots are null; the
 * caller makes it reachable or forgets it. */
static inline struct model_pick model_allocate(struct model_thread *thread, size_t slot_count,
                                               size_t raw_bytes) {
  uint64_t choice = model_below(thread, MODEL_TYPES + 8);
  uint32_t type = choice < MODEL_TYPES ? thread->world->types[choice] : 0;
  struct gc_ref ref = gc_allocate(thread->mutator, slot_count, raw_bytes, type);
  if (gc_is_null(ref)) {
    thread->null_answers++;
    return model_nothing();
  }
  model_verify_fresh(thread, ref, slot_count, raw_bytes);
  struct model_pick made = {ref, model_node_create(thread, slot_count, raw_bytes, type)};
  model_paint(made.ref, made.node, 0);
  model_verify_header(thread, made.ref, made.node);
  thread->objects_made++;
  return made;
}

#endif
