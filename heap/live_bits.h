/* Live bits of objects that lie one behind the other and are met in ascending order: collected in a
 * register, a word of the bitmap being written when the next object lies beyond it.
 *
 *     uint64_t bits = 0;
 *     for (object = start; object < end; object += bytes) {
 *       bits = gc_live_bits_add(space, bits, object, bytes, writers);
 *     }
 *     gc_live_bits_end(space, bits, end, writers);
 *
 * Concurrency: `stable-when-walked`: nobody walks the bitmap meanwhile. Where others write bits of
 * the objects' words too (GC_LIVE_BITS_SHARED), a word is written by an atomic or, relaxed: it is
 * read when the writers have been waited for.
 */
#ifndef HEAP_LIVE_BITS_H
#define HEAP_LIVE_BITS_H

#include "heap/space.h"
#include <gc/atomics.h>
#include <gc/attributes.h>
#include <gc/object.h>

enum gc_live_bits_writers { GC_LIVE_BITS_OWNED, GC_LIVE_BITS_SHARED };

GC_ALWAYS_INLINE void gc_live_bits_or(uint64_t *word, uint64_t bits,
                                      enum gc_live_bits_writers writers) {
  if (writers == GC_LIVE_BITS_SHARED) {
    gc_atomic_fetch_or_relaxed(word, bits);
  } else {
    *word |= bits;
  }
}

/* Of an object that reaches the end of its first word of the bitmap. */
static GC_NEVER_INLINE uint64_t gc_live_bits_write(const struct gc_space *space, uint64_t bits,
                                                   uintptr_t object, size_t bytes,
                                                   enum gc_live_bits_writers writers) {
  size_t first = gc_space_granule(space, object);
  size_t next = first + (bytes >> GC_GRANULE_BYTES_LOG2);
  size_t word = first / 64;
  bits |= UINT64_C(1) << first % 64;
  for (; word < (next - 1) / 64; bits = 0) {
    gc_live_bits_or(&space->live_bits[word++], bits, writers);
    gc_live_bits_or(&space->crossings[word / 64], UINT64_C(1) << word % 64, writers);
  }
  bits |= UINT64_C(1) << (next - 1) % 64;
  if (next % 64 != 0) {
    return bits;
  }
  gc_live_bits_or(&space->live_bits[word], bits, writers);
  return 0;
}

/* Adds an object's bits to those of the objects before it in its first word, and returns those of
 * the word that the next object begins in. The block range begins at a word of the bitmap, so
 * addresses say what shares one. */
GC_ALWAYS_INLINE uint64_t gc_live_bits_add(const struct gc_space *space, uint64_t bits,
                                           uintptr_t object, size_t bytes,
                                           enum gc_live_bits_writers writers) {
  size_t first = object >> GC_GRANULE_BYTES_LOG2, granules = bytes >> GC_GRANULE_BYTES_LOG2;
  if (GC_LIKELY(first % 64 + granules < 64)) {
    return bits | (UINT64_C(1) | UINT64_C(1) << (granules - 1)) << first % 64;
  }
  return gc_live_bits_write(space, bits, object, bytes, writers);
}

/* Writes what is left when the last object ends at `end`. */
GC_ALWAYS_INLINE void gc_live_bits_end(const struct gc_space *space, uint64_t bits, uintptr_t end,
                                       enum gc_live_bits_writers writers) {
  if (bits != 0) {
    gc_live_bits_or(&space->live_bits[gc_space_granule(space, end) / 64], bits, writers);
  }
}

#endif
