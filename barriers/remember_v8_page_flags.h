/* The barrier `v8_page_flags`: one that is compiled once and serves every collector, because what it
 * asks of are flags that collectors change. It remembers, shades inserted references and records
 * slots into evacuation candidates; as it does all three after the store, it is written as a
 * remembering half.
 *
 * Algorithm: V8's. Regions of 256 KiB have two flags, found by the address alone: references from
 * here are interesting, references to here are. The store of a reference is done with unless both
 * are set, of src's region the one, of the value's the other; the slow half finds out why. While no
 * cycle marks, old and large regions are interesting from, young ones to; while one does, old and
 * large regions are both.
 *
 * Differs from V8: flags lie in a dense table, not in the header of each region, and there are two
 * tables, one for each state, that a mutator's pointer is switched between; so turning marking on
 * costs a store per mutator where V8 writes to every page. Young regions are never interesting
 * from, where V8's are while marking: here no store into a young object is shaded.
 *
 * Provides GC_KEEPS_REMEMBERED, GC_KEEPS_STRONG and GC_KEEPS_MOVED_SLOTS, as `slots` and
 * `insertion` do; slots into candidates are recorded before any colour is asked for.
 *
 * What would go wrong without it: what goes wrong without `slots`, and without `insertion`:
 *     old.f = young;  drop the handle of young;  scavenge                    -> old.f dangles
 *     x = g.f;  src.f = x;  g.f = null;  the marker scans g (src black)      -> src.f dangles
 * and were a mutator's pointer switched late, or an attaching mutator's set to the wrong table, the
 * second of them.
 *
 * Concurrency: tables are constant; the pointer is written at attach and with the world stopped.
 *
 * Costs: of a null value a test and a branch; else two shifts, two loads from a small table, two
 * tests and two branches, and a load of the table's address.
 */
#ifndef GC_BARRIERS_REMEMBER_V8_PAGE_FLAGS_H
#define GC_BARRIERS_REMEMBER_V8_PAGE_FLAGS_H

#include <gc/attributes.h>
#include <gc/mutator.h>

#define GC_REGION_BYTES_LOG2       18
#define GC_REGION_INTERESTING_FROM 1
#define GC_REGION_INTERESTING_TO   2

void gc_remember_v8_page_flags_slow(struct gc_mutator *mutator, struct gc_slot slot,
                                    struct gc_ref new_ref);
void gc_remember_v8_page_flags_object(struct gc_mutator *mutator, struct gc_ref src);

/* Flags of the region that an object lies in. The mutator's remembered_limit, which slot sets leave
 * to others, is the flags of address 0. */
static inline uint8_t gc_region_flags(const struct gc_mutator *mutator, struct gc_ref object) {
  uintptr_t flags = (uintptr_t)mutator->remembered_limit + (object.address >> GC_REGION_BYTES_LOG2);
  return *(const uint8_t *)flags;
}

static inline void gc_remember_v8_page_flags(struct gc_mutator *mutator, struct gc_ref src,
                                             struct gc_slot slot, struct gc_ref new_ref) {
  if (!gc_is_null(new_ref) && (gc_region_flags(mutator, src) & GC_REGION_INTERESTING_FROM) != 0 &&
      GC_UNLIKELY((gc_region_flags(mutator, new_ref) & GC_REGION_INTERESTING_TO) != 0)) {
    gc_remember_v8_page_flags_slow(mutator, slot, new_ref);
  }
}

#endif
