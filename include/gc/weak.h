/* Weak references and ephemerons, as a mutator sees them.
 *
 * A weak cell is an object that refers to another without keeping it: after a collection that found
 * its referent unreachable it holds null. An ephemeron (Hayes 1997) is an object with a key and a
 * value: while the key is reachable, by other ways than through the value, so is the value;
 * afterwards it holds neither. Tables with weak keys are made of ephemerons.
 *
 * Both are objects like any other, that handles and slots may refer to, but what they hold lies in
 * their raw part and is reached through these functions alone: gc_weak_get may not be replaced by a
 * load, because while a cycle marks or clears, the answer depends on where it stands. A referent
 * that was handed out is reachable, as any reference in a C variable, until the next safepoint.
 *
 * None of the functions but the two that allocate contains a safepoint.
 *
 * Threads: any mutator, without a lock; two that set one ephemeron at the same time may leave the
 * key of one with the value of the other.
 *
 * Costs: a call, two loads and two tests for get; set is a locked instruction more. Scavenges visit
 * each young cell, and the old ones that were set to young objects; a cycle visits every cell.
 */
#ifndef GC_WEAK_H
#define GC_WEAK_H

#include <gc/handles.h>
#include <gc/mutator.h>
#include <gc/ref.h>
#include <stdint.h>

/* The types of these objects: ids that gc_type_define gives to nobody. */
#define GC_TYPE_WEAK_CELL UINT32_C(0xfffff)
#define GC_TYPE_EPHEMERON UINT32_C(0xffffe)
/* Of weak maps (gc/weak_map.h), which are made of ephemerons. */
#define GC_TYPE_WEAK_MAP       UINT32_C(0xffffb)
#define GC_TYPE_WEAK_MAP_TABLE UINT32_C(0xffffa)

/* A cell that refers to what the handle does, which may be null; null when the heap is exhausted. A
 * safepoint. */
GC_WARN_UNUSED struct gc_ref gc_weak_allocate(struct gc_mutator *mutator,
                                              struct gc_handle referent);

/* The referent, or null when it was set to null or found unreachable. */
struct gc_ref gc_weak_get(struct gc_mutator *mutator, struct gc_ref cell);
void gc_weak_set(struct gc_mutator *mutator, struct gc_ref cell, struct gc_ref referent);

/* As gc_weak_allocate. With a null key the ephemeron holds nothing. */
GC_WARN_UNUSED struct gc_ref gc_ephemeron_allocate(struct gc_mutator *mutator, struct gc_handle key,
                                                   struct gc_handle value);

/* Null both when the ephemeron holds nothing, or no longer. */
struct gc_ref gc_ephemeron_key(struct gc_mutator *mutator, struct gc_ref ephemeron);
struct gc_ref gc_ephemeron_value(struct gc_mutator *mutator, struct gc_ref ephemeron);
void gc_ephemeron_set(struct gc_mutator *mutator, struct gc_ref ephemeron, struct gc_ref key,
                      struct gc_ref value);

/* The key for comparing and hashing alone: it is not to be kept, so looking does not keep it alive
 * while a cycle marks, as gc_ephemeron_key does. */
struct gc_ref gc_ephemeron_peek(struct gc_mutator *mutator, struct gc_ref ephemeron);

/* How often objects may have moved: an address that was taken of a young or an old object is good
 * while its count stays. Counts change at safepoints alone. */
struct gc_moves {
  uint64_t young, old;
};
struct gc_moves gc_moves_of(const struct gc_mutator *mutator);

#endif
