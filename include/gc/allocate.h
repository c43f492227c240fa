/* Allocation: an inline bump pointer, the same for every collector.
 *
 * gc_allocate returns an object whose slots are null and whose raw bytes are zero, or null when the
 * heap is exhausted (the failure ladder has been climbed by then; the caller passes the result up).
 * It is a safepoint: every gc_ref in a C variable is stale afterwards.
 *
 * Costs: with constant slot_count, raw_bytes and type, the fast path is a load, an addition, a
 * comparison, and two stores: the memory of an allocation buffer was zeroed at refill, while it
 * entered the cache.
 */
#ifndef GC_ALLOCATE_H
#define GC_ALLOCATE_H

#include <gc/mutator.h>
#include <gc/object.h>
#include <gc/sanitize.h>

/* The longest array of references and the largest object that may be asked for; more is answered
 * with null. */
#define GC_OBJECT_BYTES_MAX ((size_t)1 << 46)

/* The slow half: refills the buffer, or places a large object, or answers null. Collects when it
 * must. */
struct gc_ref gc_allocate_slow(struct gc_mutator *mutator, size_t slot_count, size_t raw_bytes,
                               uint32_t type);

/* type is an id from gc_type_define, or 0. */
GC_ALWAYS_INLINE GC_WARN_UNUSED struct gc_ref
gc_allocate(struct gc_mutator *mutator, size_t slot_count, size_t raw_bytes, uint32_t type) {
  if (GC_UNLIKELY(slot_count >= GC_LARGE_BYTES / sizeof(struct gc_ref) ||
                  raw_bytes >= GC_LARGE_BYTES)) {
    return gc_allocate_slow(mutator, slot_count, raw_bytes, type);
  }
  size_t bytes = gc_object_bytes_for(slot_count, raw_bytes);
  uintptr_t start = mutator->allocation_top;
  /* Relaxed: a stale limit only delays this mutator's answer to a stop until its next allocation or
   * poll. */
  if (GC_UNLIKELY(bytes >= GC_LARGE_BYTES ||
                  start + bytes > gc_atomic_load_relaxed(&mutator->allocation_limit))) {
    return gc_allocate_slow(mutator, slot_count, raw_bytes, type);
  }
  mutator->allocation_top = start + bytes;
  gc_unpoison(start, bytes);
  struct gc_ref object = {start};
  gc_atomic_store_relaxed((uint64_t *)gc_ref_address(object),
                          gc_header_make(bytes, slot_count, type));
  return object;
}

#endif
