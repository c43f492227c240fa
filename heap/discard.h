/* Discarded memory: what debug builds write over, and AddressSanitizer builds poison, where objects
 * were and none are now.
 *
 * The pattern is an odd word that is no address: a stale reference read from it faults, and a stale
 * header is recognised in a debugger.
 */
#ifndef HEAP_DISCARD_H
#define HEAP_DISCARD_H

#include <gc/sanitize.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define GC_DISCARDED_BYTE 0xdd

#ifdef GC_DEBUG
static inline void gc_discard(uintptr_t start, size_t bytes) {
  gc_unpoison(start, bytes);
  memset((void *)start, GC_DISCARDED_BYTE, bytes);
  gc_poison(start, bytes);
}
#else
static inline void gc_discard(uintptr_t start, size_t bytes) {
  gc_poison(start, bytes);
}
#endif

#endif
