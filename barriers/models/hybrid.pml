/* Shading half `hybrid` (shade_hybrid.h): shades the reference that is overwritten and the one stored.
 *
 * Paper: Clements and Hudson 2016 (Go's write barrier), with all handles scanned in the stop that begins the
 * cycle.
 * Invariant: `snapshot-reachable`, by the deleting half alone (SHADED_OLD=0 loses objects).
 *
 * Litmus, a handle r already scanned, A grey, C white:
 *     r = A.slot;  A.slot = null, null being shaded;  the marker scans A                 -> r dangles
 * and where mutators are scanned one by one (ROOTS_ONE_BY_ONE), Y young, r white and not scanned yet:
 *     Y.slot = r, unshaded because Y is young;  drop r;  Y is promoted black             -> Y.slot dangles */
#define ROOTS_STAY_GREY       0
#define AN_ENTRY_IS_RESCANNED 0
#ifndef PROMOTION
#define PROMOTION BLACK
#endif
#ifndef SHADED_OLD
#define SHADED_OLD slot[src[m]]
#endif

inline shade_before(m) {
  shade(SHADED_OLD);
  shade(new[m])
}

#include "marking.pml"
