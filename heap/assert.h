/* Checks, in three prices.
 *
 * GC_CHECK runs in every build, the measured ones included: for what is cheap beside what it
 * guards. GC_ASSERT runs where GC_DEBUG is defined; GC_ASSERT_EXPENSIVE where GC_STRESS is defined:
 * for walks. All three take a sentence, name the invariant in it where there is one, print
 * condition, place and a summary of every open heap, and abort. They are for our own bugs only: a
 * refused system call is a negative errno, an exhausted heap is a result.
 */
#ifndef HEAP_ASSERT_H
#define HEAP_ASSERT_H

#include <gc/attributes.h>

__attribute__((noreturn, cold)) void gc_check_failed(const char *file, int line,
                                                     const char *condition, const char *sentence);

#define GC_CHECK(condition, sentence)                                                              \
  do {                                                                                             \
    if (GC_UNLIKELY(!(condition))) {                                                               \
      gc_check_failed(__FILE__, __LINE__, #condition, sentence);                                   \
    }                                                                                              \
  } while (0)

#ifdef GC_DEBUG
#define GC_ASSERT(condition, sentence) GC_CHECK(condition, sentence)
#else
#define GC_ASSERT(condition, sentence) ((void)sizeof(condition))
#endif

#ifdef GC_STRESS
#define GC_ASSERT_EXPENSIVE(condition, sentence) GC_CHECK(condition, sentence)
#else
#define GC_ASSERT_EXPENSIVE(condition, sentence) ((void)sizeof(condition))
#endif

#endif
