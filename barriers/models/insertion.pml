/* Shading half `insertion` (shade_insertion.h): shades the reference that is stored.
 *
 * Paper: Dijkstra, Lamport, Martin, Scholten and Steffens 1978.
 * Invariant: `strong-tricolour`, no black object refers to a white one but by a store whose shading its
 * mutator has not ended. Roots stay grey; promotions are grey; remark promotes the nursery and rescans.
 *
 * Litmus, A black, B grey, C white:
 *     r = B.slot;  A.slot = r, unshaded;  drop r;  B.slot = null;  the marker scans B    -> A.slot dangles
 *
 * The reference is shaded after the store; SHADES_BEFORE_STORE is the other order, as right as this. */
#define ROOTS_STAY_GREY       1
#define AN_ENTRY_IS_RESCANNED 0
#ifndef PROMOTION
#define PROMOTION GREY
#endif

#if defined SHADES_NOTHING
inline shade_before(m) { skip }
#elif defined SHADES_OLD
inline shade_before(m) { shade(slot[src[m]]) }
#elif defined SHADES_BEFORE_STORE
inline shade_before(m) { shade(new[m]) }
#else
inline shade_before(m) { skip }
#define MUST_SHADE_AFTER(m) (shading && (new[m] & old & ~mark))
inline store_is_shaded_later(m) { skip }
inline shade_after(m) { shade(new[m]) }
#endif

#include "marking.pml"
