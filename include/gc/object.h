/* The layout of objects: an 8-byte header, then reference slots, then raw bytes.
 *
 * Objects are 8-byte aligned and at least 16 bytes, so that an object has a first and a last
 * granule of 8 bytes and a forwarding address fits. The collector needs nothing but the header to
 * trace one. Header bits:
 *
 *     0         1: this word is a header; 0: the address that the object was moved to
 * (`forwarded-once`)
 *     1         large: size, slot count and type are in the descriptor whose address is bits 4 to
 * 47
 *     2         the object has an id in the side table
 *     3         a census has seen the object (gc/census.h)
 *     4 .. 15   size in 8-byte granules, header included (2 .. 4095)
 *     16 .. 27  number of reference slots (0 .. 4094)
 *     28 .. 47  type and allocation site id: what the object is, in snapshots and reports
 *     48 .. 55  re-grey flag, written by the retreat barrier's slow half and by markers
 *     56 .. 63  log state, written by the object-logging barrier's slow half
 *
 * Objects of GC_LARGE_BYTES or more are large: they lie in OS pages of their own, never move and
 * are never young.
 *
 * Concurrency: header bits 0 to 47 are written at allocation and by the scavenger with the world
 * stopped. All header accesses by collector threads are relaxed atomics.
 */
#ifndef GC_OBJECT_H
#define GC_OBJECT_H

#include <gc/atomics.h>
#include <gc/attributes.h>
#include <gc/ref.h>
#include <stddef.h>
#include <stdint.h>

#define GC_GRANULE_BYTES_LOG2 3
#define GC_GRANULE_BYTES      ((size_t)1 << GC_GRANULE_BYTES_LOG2)
#define GC_OBJECT_BYTES_MIN   ((size_t)16)
#define GC_HEADER_BYTES       ((size_t)8)
#define GC_LARGE_BYTES        ((size_t)32 * 1024)

#define GC_HEADER_TAG         UINT64_C(1)
#define GC_HEADER_LARGE       UINT64_C(2)
#define GC_HEADER_HAS_ID      UINT64_C(4)
#define GC_HEADER_SEEN        UINT64_C(8)
#define GC_HEADER_SIZE_SHIFT  4
#define GC_HEADER_SIZE_MASK   UINT64_C(0xfff)
#define GC_HEADER_SLOTS_SHIFT 16
#define GC_HEADER_SLOTS_MASK  UINT64_C(0xfff)
#define GC_HEADER_TYPE_SHIFT  28
#define GC_HEADER_TYPE_MASK   UINT64_C(0xfffff)
#define GC_HEADER_REGREY_BYTE 6
#define GC_HEADER_LOG_BYTE    7
#define GC_HEADER_LARGE_MASK  UINT64_C(0x0000fffffffffff0)

/* What a large object's header points at. Written at allocation, then constant. */
struct gc_large_shape {
  size_t size_bytes; /* header included, as asked for and rounded to granules */
  size_t slot_count;
  uint32_t type;
};

_Static_assert(GC_LARGE_BYTES / GC_GRANULE_BYTES <= GC_HEADER_SIZE_MASK + 1,
               "small sizes fit the header");
_Static_assert((GC_LARGE_BYTES - GC_HEADER_BYTES) / sizeof(struct gc_ref) <=
                   GC_HEADER_SLOTS_MASK + 1,
               "small slot counts fit the header");

static inline uint64_t gc_header_make(size_t size_bytes, size_t slot_count, uint32_t type) {
  return GC_HEADER_TAG | (uint64_t)(size_bytes >> GC_GRANULE_BYTES_LOG2) << GC_HEADER_SIZE_SHIFT |
         (uint64_t)slot_count << GC_HEADER_SLOTS_SHIFT | (uint64_t)type << GC_HEADER_TYPE_SHIFT;
}

static inline uint64_t gc_object_header(struct gc_ref object) {
  return gc_atomic_load_relaxed((uint64_t *)gc_ref_address(object));
}

static inline bool gc_header_is_large(uint64_t header) {
  return (header & GC_HEADER_LARGE) != 0;
}

/* Of a small object's header. */
static inline size_t gc_header_size_bytes(uint64_t header) {
  return (size_t)(header >> GC_HEADER_SIZE_SHIFT & GC_HEADER_SIZE_MASK) << GC_GRANULE_BYTES_LOG2;
}

/* Of a small object's header. */
static inline size_t gc_header_slot_count(uint64_t header) {
  return (size_t)(header >> GC_HEADER_SLOTS_SHIFT & GC_HEADER_SLOTS_MASK);
}

static inline const struct gc_large_shape *gc_header_large_shape(uint64_t header) {
  return (const struct gc_large_shape *)(uintptr_t)(header & GC_HEADER_LARGE_MASK);
}

static inline size_t gc_object_size_bytes(struct gc_ref object) {
  uint64_t header = gc_object_header(object);
  return gc_header_is_large(header) ? gc_header_large_shape(header)->size_bytes
                                    : gc_header_size_bytes(header);
}

static inline size_t gc_object_slot_count(struct gc_ref object) {
  uint64_t header = gc_object_header(object);
  return gc_header_is_large(header) ? gc_header_large_shape(header)->slot_count
                                    : gc_header_slot_count(header);
}

static inline uint32_t gc_object_type(struct gc_ref object) {
  uint64_t header = gc_object_header(object);
  return gc_header_is_large(header)
             ? gc_header_large_shape(header)->type
             : (uint32_t)(header >> GC_HEADER_TYPE_SHIFT & GC_HEADER_TYPE_MASK);
}

/* index is less than the object's slot count; not checked. */
static inline struct gc_slot gc_object_slot(struct gc_ref object, size_t index) {
  return (struct gc_slot){(struct gc_ref *)(object.address + GC_HEADER_BYTES) + index};
}

/* The raw bytes behind slot_count slots. The caller names the slot count, which it knows as a
 * constant as a rule. */
static inline void *gc_object_raw(struct gc_ref object, size_t slot_count) {
  return gc_object_slot(object, slot_count).location;
}

/* Bytes that an object of this shape occupies, header included, before rounding to OS pages where
 * it is large. */
static inline size_t gc_object_bytes_for(size_t slot_count, size_t raw_bytes) {
  size_t bytes = GC_HEADER_BYTES + slot_count * sizeof(struct gc_ref) +
                 ((raw_bytes + GC_GRANULE_BYTES - 1) & ~(GC_GRANULE_BYTES - 1));
  return bytes < GC_OBJECT_BYTES_MIN ? GC_OBJECT_BYTES_MIN : bytes;
}

#endif
