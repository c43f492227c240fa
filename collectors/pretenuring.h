/* Pretenuring: where what is allocated lasts, mutators take most of their buffers in the old space.
 *
 * What a scavenge would copy, and the next one too, is then never copied, and stores into it need
 * not be remembered. V8 decides per allocation site, from 85 % survival on; this heap knows no
 * sites, and decides for the whole program: when two scavenges in a row promote so much of what they
 * find, the eden gets one buffer of GC_PRETENURE_TURNS, and what survives of that says whether it
 * goes on. Since such an eden fills that much more slowly, its objects have had longer to die.
 *
 * How much may be pretenured before the next scavenge is bounded by what the old space has room for
 * beside the promotion guarantee, so that cycles begin as early as they would.
 *
 * Not under remembering halves that mark objects in their headers when they become old
 * (promotion_header_or): mutators make headers of young objects.
 *
 * Concurrency: world stopped; mutators take from heap->pretenured_left_bytes.
 */
#ifndef COLLECTORS_PRETENURING_H
#define COLLECTORS_PRETENURING_H

#include <stddef.h>

struct gc_cycle;
struct gc_heap;

struct gc_pretenuring {
  unsigned lasting_scavenges; /* in a row */
};

/* Says what mutators may pretenure before the next scavenge; again when marking begins or ends. */
void gc_pretenuring_allow_stw(struct gc_cycle *cycle);
/* The same after a scavenge, by what it found. */
void gc_pretenuring_learn_stw(struct gc_cycle *cycle);

#endif
