/* Shading half `retreat` (shade_retreat.h): makes the object that is stored into grey again.
 *
 * Paper: Steele 1975.
 * Invariant: `strong-tricolour`, where an object whose re-grey flag is set is grey: it waits in a mark buffer
 * or on the mark stack. The exchange that answers 0 pushes; the marker clears the flag before it scans.
 *
 * Litmus, A marked, flag of A set by an earlier store, B grey, C white:
 *     A.slot = C stays in the store buffer;  a plain test finds the flag set and pushes nothing;  the marker
 *     clears the flag and scans A, whose slot is still null;  the store is seen          -> A.slot dangles
 * The locked exchange drains the store buffer first; then a flag that is set is cleared later, and the scan
 * after that finds C. */
#define ROOTS_STAY_GREY       1
#define AN_ENTRY_IS_RESCANNED 1
#ifndef PROMOTION
#define PROMOTION GREY
#endif

inline exchange_flag(m) {
  if
  :: !(regrey & src[m]) -> regrey = regrey | src[m]; push(src[m])
  :: else
  fi
}

#if defined SHADES_NOTHING
inline shade_before(m) { skip }
#elif defined SHADES_BEFORE_STORE
inline shade_before(m) {
  if
  :: shading && (new[m] & old) -> exchange_flag(m)
  :: else
  fi
}
#else
inline shade_before(m) { skip }
#if defined TESTS_FLAG_FIRST
#define MUST_SHADE_AFTER(m) (shading && (new[m] & old) && !(regrey & src[m]))
#elif defined TESTS_COLOR
#define MUST_SHADE_AFTER(m) (shading && (new[m] & old) && (mark & src[m]))
#else
#define MUST_SHADE_AFTER(m) (shading && (new[m] & old))
#endif
inline store_is_shaded_later(m) {
  drain(m); /* by the locked exchange, and the mutator does nothing before it */
  new[m] = 0
}
inline shade_after(m) {
  exchange_flag(m)
}
#endif

#include "marking.pml"
