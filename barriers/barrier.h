/* The write barrier: what a compiler would emit for a reference store, composed of two halves.
 *
 *     gc_write_ref = shade_before; the store; shade_after; remember
 *
 * A remembering half (generational) finds old-to-young references for scavenges; a shading half
 * (marking) keeps a tricolour invariant while marking runs beside the mutator. Each half is one
 * header with a fast part, inline, and one source with its slow part. This header is included last
 * by the generated gc/barrier/NAME.h, after the headers of its two halves, with
 * GC_BARRIER_REMEMBER, GC_BARRIER_SHADE and GC_BARRIER_NAME defined. A half named x defines
 *
 *     gc_remember_x(mutator, src, slot, new)         gc_remember_x_object(mutator, src)
 *     gc_shade_x_before(mutator, src, slot, new)     gc_shade_x_after(mutator, src, slot, new)
 *     gc_shade_x_object_begin(mutator, src)          gc_shade_x_object_end(mutator, src)
 *
 * Rules. No half contains a safepoint. All reference stores into objects go through this file.
 * gc_init_ref, into the object allocated last with no poll between, is plain where the object is
 * young. Reference stores are release, so that a marker that follows the slot sees the object's
 * header [pairs: ref-publish]; the mutator's own loads are relaxed.
 *
 * What would go wrong without it (`remembered-complete`):
 *     old.f = young;  drop the handle of young;  scavenge   -> old.f dangles: no other way to young
 */
#ifndef GC_BARRIERS_BARRIER_H
#define GC_BARRIERS_BARRIER_H

#include <gc/handles.h>
#include <gc/heap.h>
#include <gc/mutator.h>
#include <gc/object.h>
#include <gc/safepoint.h>

#define GC_BARRIER_PASTE_(prefix, half, suffix) prefix##half##suffix
#define GC_BARRIER_PASTE(prefix, half, suffix)  GC_BARRIER_PASTE_(prefix, half, suffix)
#define GC_BARRIER_REMEMBER_CALL(suffix)        GC_BARRIER_PASTE(gc_remember_, GC_BARRIER_REMEMBER, suffix)
#define GC_BARRIER_SHADE_CALL(suffix)           GC_BARRIER_PASTE(gc_shade_, GC_BARRIER_SHADE, suffix)

/* Slots that gc_copy_refs moves between two polls. */
#define GC_COPY_POLL_SLOTS ((size_t)4096)

/* Attaches the calling thread with the barrier of this translation unit. See gc_attach_compiled. */
static inline struct gc_mutator *gc_attach(struct gc_heap *heap, char *error, size_t error_size) {
  return gc_attach_compiled(heap, GC_BARRIER_NAME, error, error_size);
}

/* A plain load today; a read barrier would be this one function. */
static inline struct gc_ref gc_read_ref(struct gc_mutator *mutator, struct gc_ref src,
                                        struct gc_slot slot) {
  (void)mutator;
  (void)src;
  /* Relaxed: the mutator that stored the value ordered it, and other mutators synchronise by means
   * of their own. */
  return (struct gc_ref){gc_atomic_load_relaxed(&slot.location->address)};
}

static inline bool gc_ref_equal(struct gc_mutator *mutator, struct gc_ref left,
                                struct gc_ref right) {
  (void)mutator;
  return left.address == right.address;
}

static inline void gc_write_ref(struct gc_mutator *mutator, struct gc_ref src, struct gc_slot slot,
                                struct gc_ref new_ref) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_STORES);
  GC_BARRIER_SHADE_CALL(_before)(mutator, src, slot, new_ref);
  gc_atomic_store_release(&slot.location->address, new_ref.address); /* [pairs: ref-publish] */
  GC_BARRIER_SHADE_CALL(_after)(mutator, src, slot, new_ref);
  GC_BARRIER_REMEMBER_CALL()(mutator, src, slot, new_ref);
}

/* Into the object that this mutator allocated last, with no allocation, poll or blocking region
 * since. */
static inline void gc_init_ref(struct gc_mutator *mutator, struct gc_ref src, struct gc_slot slot,
                               struct gc_ref new_ref) {
  if (GC_LIKELY(gc_is_young(mutator, src))) {
    gc_atomic_store_relaxed(&slot.location->address, new_ref.address);
  } else {
    gc_write_ref(mutator, src, slot, new_ref);
  }
}

/* The same three by slot number. */
static inline struct gc_ref gc_read_field(struct gc_mutator *mutator, struct gc_ref src,
                                          size_t index) {
  return gc_read_ref(mutator, src, gc_object_slot(src, index));
}

static inline void gc_write_field(struct gc_mutator *mutator, struct gc_ref src, size_t index,
                                  struct gc_ref new_ref) {
  gc_write_ref(mutator, src, gc_object_slot(src, index), new_ref);
}

static inline void gc_init_field(struct gc_mutator *mutator, struct gc_ref src, size_t index,
                                 struct gc_ref new_ref) {
  gc_init_ref(mutator, src, gc_object_slot(src, index), new_ref);
}

/* Stores new_ref and returns what was there, as one atomic step. */
static inline struct gc_ref gc_exchange_ref(struct gc_mutator *mutator, struct gc_ref src,
                                            struct gc_slot slot, struct gc_ref new_ref) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_STORES);
  GC_BARRIER_SHADE_CALL(_before)(mutator, src, slot, new_ref);
  struct gc_ref old_ref = {gc_atomic_exchange_seq_cst(&slot.location->address,
                                                      new_ref.address)}; /* [pairs: ref-publish] */
  GC_BARRIER_SHADE_CALL(_after)(mutator, src, slot, new_ref);
  GC_BARRIER_REMEMBER_CALL()(mutator, src, slot, new_ref);
  return old_ref;
}

/* Stores new_ref if the slot holds *expected and returns true; otherwise *expected is what it
 * holds. */
static inline bool gc_compare_exchange_ref(struct gc_mutator *mutator, struct gc_ref src,
                                           struct gc_slot slot, struct gc_ref *expected,
                                           struct gc_ref new_ref) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_STORES);
  GC_BARRIER_SHADE_CALL(_before)(mutator, src, slot, new_ref);
  bool stored = gc_atomic_compare_exchange_seq_cst(&slot.location->address, &expected->address,
                                                   new_ref.address); /* [pairs: ref-publish] */
  if (stored) {
    GC_BARRIER_SHADE_CALL(_after)(mutator, src, slot, new_ref);
    GC_BARRIER_REMEMBER_CALL()(mutator, src, slot, new_ref);
  }
  return stored;
}

/* Between the two, src's slots are stored to by gc_change_ref and by nothing else: sorting, moving,
 * filling without a barrier per slot. No safepoint between them. */
static inline void gc_object_change_begin(struct gc_mutator *mutator, struct gc_ref src) {
  GC_BARRIER_SHADE_CALL(_object_begin)(mutator, src);
}

/* Not by memmove: a marker may be reading the slot. */
static inline void gc_change_ref(struct gc_slot slot, struct gc_ref new_ref) {
  gc_atomic_store_release(&slot.location->address, new_ref.address); /* [pairs: ref-publish] */
}

static inline void gc_object_change_end(struct gc_mutator *mutator, struct gc_ref src) {
  GC_BARRIER_SHADE_CALL(_object_end)(mutator, src);
  GC_BARRIER_REMEMBER_CALL(_object)(mutator, src);
}

/* Copies count references from slot from_index of from to slot to_index of to, in memmove order. A
 * safepoint every GC_COPY_POLL_SLOTS slots, which is why the objects come in handles. */
static inline void gc_copy_refs(struct gc_mutator *mutator, struct gc_handle to, size_t to_index,
                                struct gc_handle from, size_t from_index, size_t count) {
  bool backward = gc_handle_get(to).address == gc_handle_get(from).address && to_index > from_index;
  for (size_t done = 0; done < count; done++) {
    size_t offset = backward ? count - 1 - done : done;
    struct gc_ref src = gc_handle_get(to);
    struct gc_ref moved = gc_read_field(mutator, gc_handle_get(from), from_index + offset);
    gc_write_ref(mutator, src, gc_object_slot(src, to_index + offset), moved);
    if (done % GC_COPY_POLL_SLOTS == GC_COPY_POLL_SLOTS - 1) {
      gc_poll(mutator);
    }
  }
}

#endif
