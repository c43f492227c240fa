/* Compiler attributes and branch hints, spelled once.
 *
 * GC_ALWAYS_INLINE marks the templates of DESIGN's fast paths: functions whose constant arguments
 * must fold away. GC_NEVER_INLINE marks slow halves, so that the fast half stays a handful of
 * instructions. GC_NO_SANITIZE_ADDRESS marks the few readers of memory that the heap itself has
 * poisoned.
 */
#ifndef GC_ATTRIBUTES_H
#define GC_ATTRIBUTES_H

#define GC_ALWAYS_INLINE static inline __attribute__((always_inline))
#define GC_NEVER_INLINE  __attribute__((noinline, cold))
#define GC_PRINTF(format_index, first_index)                                                       \
  __attribute__((format(printf, format_index, first_index)))
#define GC_ALIGNED(bytes)      __attribute__((aligned(bytes)))
#define GC_WARN_UNUSED         __attribute__((warn_unused_result))
#define GC_LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define GC_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

#endif
