/* References and slots, as value types.
 *
 * A gc_ref is the address of an object's header, or 0 for null. It is wrapped so that an integer, a
 * pointer and a reference cannot be confused. A collection may move objects: a gc_ref held in a C
 * variable is valid until the next allocation, poll or blocking region of its thread and not
 * longer; what must survive one lives in a handle (gc/handles.h), a global root or an object's
 * slot.
 *
 * A gc_slot is the location of a reference inside an object. It is as short-lived as the reference
 * to its object.
 */
#ifndef GC_REF_H
#define GC_REF_H

#include <stdbool.h>
#include <stdint.h>

struct gc_ref {
  uintptr_t address; /* of the object's header; 0 is null */
};

struct gc_slot {
  struct gc_ref *location;
};

_Static_assert(sizeof(struct gc_ref) == 8, "a reference slot is one 64-bit word");

static inline struct gc_ref gc_null(void) {
  return (struct gc_ref){0};
}

static inline bool gc_is_null(struct gc_ref ref) {
  return ref.address == 0;
}

/* The object as C memory, to be overlaid by a struct whose first member is `uint64_t gc_header`. As
 * short-lived as the reference. */
static inline void *gc_ref_address(struct gc_ref ref) {
  return (void *)ref.address; // NOLINT(performance-no-int-to-ptr)
}

#endif
