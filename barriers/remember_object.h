/* Remembering half `object`: object logging, each old object once per epoch.
 *
 * Algorithm: Blackburn and McKinley 2002, "In or Out? Putting Write Barriers in Their Place", the
 * object-remembering barrier, with the state in the object's header: the first store into an old
 * object since the last scavenge logs the object, that is, appends it to the mutator's list, and
 * the scavenge visits all its slots. The fast half tests one byte of src and neither src's address
 * nor the value. Large objects are logged by pieces of 512 bytes: they always take the slow half,
 * and the piece's card is its log state; only young values log a piece.
 *
 * The log byte of a header is GC_LOG_QUIET in young objects, so that allocation writes nothing more
 * than it did, and in logged old ones; it is GC_LOG_UNLOGGED in old objects whose next store is to
 * be logged: promotion and direct old allocation write it, and the scavenge that takes the object
 * from a list.
 *
 * Provides GC_KEEPS_REMEMBERED: `remembered-complete`, an old object that holds a young reference
 * is logged and on a list.
 *
 * What would go wrong without it:
 *     old.f = young;  drop the handle of young;  scavenge      -> old.f dangles
 * and, were a scavenge to leave its survivors' holders logged but not listed:
 *     old.f = young;  scavenge (young survives);  old.f = other young;  scavenge   -> old.f dangles
 *
 * Concurrency: two mutators may find one object unlogged and both list it; scavenges tolerate
 * duplicates. The byte is accessed relaxed: a stale `unlogged` makes a duplicate, a stale quiet is
 * impossible, because it turns unlogged only in stops.
 *
 * Costs: a load from the header, a comparison, a branch; src's header is on the slot's cache line
 * or near it. An old object that is stored old references into is logged and visited all the same.
 */
#ifndef GC_BARRIERS_REMEMBER_OBJECT_H
#define GC_BARRIERS_REMEMBER_OBJECT_H

#include <gc/atomics.h>
#include <gc/mutator.h>
#include <gc/object.h>

#define GC_LOG_QUIET    0 /* logged, or young: stores are not logged */
#define GC_LOG_UNLOGGED 1

void gc_remember_object_slow(struct gc_mutator *mutator, struct gc_ref src, struct gc_slot slot,
                             struct gc_ref new_ref);
void gc_remember_object_object(struct gc_mutator *mutator, struct gc_ref src);

static inline uint8_t *gc_object_log_byte(struct gc_ref object) {
  return (uint8_t *)object.address + GC_HEADER_LOG_BYTE;
}

static inline void gc_remember_object(struct gc_mutator *mutator, struct gc_ref src,
                                      struct gc_slot slot, struct gc_ref new_ref) {
  if (GC_UNLIKELY(gc_atomic_load_relaxed(gc_object_log_byte(src)) != GC_LOG_QUIET)) {
    gc_remember_object_slow(mutator, src, slot, new_ref);
  }
}

#endif
