/* Poisoning by hand: what AddressSanitizer is told of memory that the heap owns but no object
 * occupies.
 *
 * From-space, free ranges of blocks, unallocated parts of allocation buffers and freed large
 * objects are poisoned, so that a stale reference is reported at its first use. Without
 * AddressSanitizer both macros are empty.
 */
#ifndef GC_SANITIZE_H
#define GC_SANITIZE_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GC_ADDRESS_SANITIZER 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define GC_ADDRESS_SANITIZER 1
#endif

#ifdef GC_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#define gc_poison(start, bytes)   __asan_poison_memory_region((const void *)(start), (bytes))
#define gc_unpoison(start, bytes) __asan_unpoison_memory_region((const void *)(start), (bytes))
#else
#define gc_poison(start, bytes)   ((void)(start), (void)(bytes))
#define gc_unpoison(start, bytes) ((void)(start), (void)(bytes))
#endif

#endif
