/* Atomic accesses, with the memory order in the name.
 *
 * Every access to memory that another thread may write goes through this file, so that the order of
 * each is visible where it is used and can be searched for. Orders are C11's. An access that is not
 * relaxed names its partner at the place of use, as [pairs: tag]; a relaxed access to shared data
 * says there why a stale value is harmless.
 *
 * The macros take a pointer to a plain integer or pointer object. They compile to the compiler's
 * atomic builtins and to nothing more: on x86-64 relaxed, acquire and release accesses are plain
 * moves; exchange, compare-and-exchange and fetch-or are locked instructions.
 *
 * Concurrency: no stand-alone fences are offered. Where a store must be ordered before a later load
 * (Dekker's pattern), both are written with sequentially consistent accesses, which ThreadSanitizer
 * follows.
 */
#ifndef GC_ATOMICS_H
#define GC_ATOMICS_H

#define gc_atomic_load_relaxed(location) __atomic_load_n((location), __ATOMIC_RELAXED)
#define gc_atomic_load_acquire(location) __atomic_load_n((location), __ATOMIC_ACQUIRE)
#define gc_atomic_load_seq_cst(location) __atomic_load_n((location), __ATOMIC_SEQ_CST)

#define gc_atomic_store_relaxed(location, value)                                                   \
  __atomic_store_n((location), (value), __ATOMIC_RELAXED)
#define gc_atomic_store_release(location, value)                                                   \
  __atomic_store_n((location), (value), __ATOMIC_RELEASE)
#define gc_atomic_store_seq_cst(location, value)                                                   \
  __atomic_store_n((location), (value), __ATOMIC_SEQ_CST)

#define gc_atomic_exchange_relaxed(location, value)                                                \
  __atomic_exchange_n((location), (value), __ATOMIC_RELAXED)
#define gc_atomic_exchange_acquire(location, value)                                                \
  __atomic_exchange_n((location), (value), __ATOMIC_ACQUIRE)
#define gc_atomic_exchange_acq_rel(location, value)                                                \
  __atomic_exchange_n((location), (value), __ATOMIC_ACQ_REL)
#define gc_atomic_exchange_seq_cst(location, value)                                                \
  __atomic_exchange_n((location), (value), __ATOMIC_SEQ_CST)

#define gc_atomic_fetch_add_relaxed(location, value)                                               \
  __atomic_fetch_add((location), (value), __ATOMIC_RELAXED)
#define gc_atomic_fetch_sub_relaxed(location, value)                                               \
  __atomic_fetch_sub((location), (value), __ATOMIC_RELAXED)
#define gc_atomic_fetch_add_acq_rel(location, value)                                               \
  __atomic_fetch_add((location), (value), __ATOMIC_ACQ_REL)
#define gc_atomic_fetch_add_seq_cst(location, value)                                               \
  __atomic_fetch_add((location), (value), __ATOMIC_SEQ_CST)
#define gc_atomic_fetch_sub_seq_cst(location, value)                                               \
  __atomic_fetch_sub((location), (value), __ATOMIC_SEQ_CST)
#define gc_atomic_fetch_and_relaxed(location, value)                                               \
  __atomic_fetch_and((location), (value), __ATOMIC_RELAXED)
#define gc_atomic_fetch_or_relaxed(location, value)                                                \
  __atomic_fetch_or((location), (value), __ATOMIC_RELAXED)
#define gc_atomic_fetch_or_acq_rel(location, value)                                                \
  __atomic_fetch_or((location), (value), __ATOMIC_ACQ_REL)

/* True when *location held *expected and now holds desired; otherwise *expected is what it held.
 * Strong form. */
#define gc_atomic_compare_exchange_relaxed(location, expected, desired)                            \
  __atomic_compare_exchange_n((location), (expected), (desired), 0, __ATOMIC_RELAXED,              \
                              __ATOMIC_RELAXED)
#define gc_atomic_compare_exchange_acq_rel(location, expected, desired)                            \
  __atomic_compare_exchange_n((location), (expected), (desired), 0, __ATOMIC_ACQ_REL,              \
                              __ATOMIC_ACQUIRE)
#define gc_atomic_compare_exchange_seq_cst(location, expected, desired)                            \
  __atomic_compare_exchange_n((location), (expected), (desired), 0, __ATOMIC_SEQ_CST,              \
                              __ATOMIC_SEQ_CST)

#endif
