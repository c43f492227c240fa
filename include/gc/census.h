/* A census: what is reachable in a heap, counted by type, and how each type is reached.
 *
 * Algorithm: a breadth-first trace from handles and global roots, with a visited set of its own; it
 * reads neither mark bits nor live bits, so it counts the same under every collector, whatever
 * awaits its sweep, and under baselines too. The order of visits makes the way to each
 * object a shortest one. The way to a type is the one to any of its survivors: most of what leaks is
 * old, and what was allocated last may hang on what keeps it for a moment only.
 *
 * Ages. Every object that is counted is marked as seen, in its header (gc/object.h), where the mark
 * follows it wherever it is moved: what a census finds marked was there at the one before. So
 * survivors are known exactly, at the cost of one bit and no table.
 *
 * Concurrency: the world is stopped while it counts. Collector threads may mark, sweep or clear
 * meanwhile: none of them moves an object or frees a reachable one.
 *
 * Costs: a pause of about 100 ns per object; memory of 32 to 64 bytes per object until the census is
 * finished, from the C library, none of it the heap's.
 */
#ifndef GC_CENSUS_H
#define GC_CENSUS_H

#include <gc/heap.h>
#include <stddef.h>
#include <stdint.h>

struct gc_census_type {
  uint32_t type; /* of gc_type_name */
  uint64_t objects, bytes;
  uint64_t survivor_objects, survivor_bytes; /* of those, that a census has seen before */
  uint64_t external_bytes;                   /* backing stores of buffers of this type */
  uint64_t survivor_external_bytes;          /* of those that a census has seen before */
  uint32_t example; /* a node: any of the survivors, or where there are none the first */
};

/* An object that was reached, and from where. */
struct gc_census_node {
  uintptr_t address;
  uint32_t from; /* the node whose slot led here, or one of enum gc_census_origin */
  uint32_t slot; /* its number, or GC_CENSUS_VALUE; of a handle or root: the place in its list */
  uint32_t type; /* of the object */
};

enum gc_census_origin { GC_CENSUS_HANDLE = -1, GC_CENSUS_ROOT = -2 };
#define GC_CENSUS_VALUE UINT32_MAX /* of an ephemeron */

struct gc_census {
  uint64_t objects, bytes;
  uint64_t external_bytes; /* backing stores of what no collection has found dead, and declared */
  uint64_t declared_bytes; /* by the program, of these */
  uint64_t committed_bytes;
  uint64_t heap_limit_bytes, external_limit_bytes;
  struct gc_census_type *types; /* in the order in which they were reached */
  size_t type_count;
  struct gc_census_node *nodes; /* their addresses mean nothing once the world runs again */
  size_t node_count;
};

/* One step of a way from a root: an object of this type, and its slot that leads on. */
struct gc_census_step {
  uint32_t type;
  uint32_t slot;
};

/* Counts; a safepoint, by a mutator that holds references in handles alone. 0, or -ENOMEM with
 * nothing to finish. */
int gc_census_take(struct gc_mutator *mutator, struct gc_census *census);
void gc_census_finish(struct gc_census *census);

/* The way to a node, from the object that *origin refers to; the node itself is the last step, whose
 * slot means nothing. Of a longer way the steps nearest to the root. Returns how many steps were
 * written; *length is how many there are. */
size_t gc_census_path(const struct gc_census *census, uint32_t node, struct gc_census_step *steps,
                      size_t steps_max, size_t *length, enum gc_census_origin *origin);

#endif
