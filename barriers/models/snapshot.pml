/* Shading half `snapshot` (shade_snapshot.h): shades the reference that is overwritten.
 *
 * Paper: Yuasa 1990.
 * Invariant: `snapshot-reachable` (weak tricolour), every white object that was reachable at cycle start is
 * reachable from a grey one by white ones. Roots are scanned once; promotions are black; weak reads shade.
 *
 * Litmus, a handle r already scanned, A grey, C white:
 *     r = A.slot;  A.slot = null, unshaded;  the marker scans A                          -> r dangles
 *
 * The old reference is a plain load. Two mutators that write one slot may both load the one of cycle start,
 * or one may miss the other's, which is none of the snapshot's. */
#define ROOTS_STAY_GREY       0
#define AN_ENTRY_IS_RESCANNED 0
#ifndef PROMOTION
#define PROMOTION BLACK
#endif
#ifndef SHADED
#define SHADED slot[src[m]]
#endif

inline shade_before(m) {
  shade(SHADED)
}

#include "marking.pml"
