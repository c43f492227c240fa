/* A mutator: an application thread attached to a heap, and what its inline paths touch.
 *
 * The first cache line holds what allocation, barriers, handles and polls read and write; the rest
 * belongs to slow paths.
 *
 * Concurrency: fields are the owner thread's alone unless their comment says otherwise. A thread is
 * attached to a heap at most once at a time; a mutator is used by the thread that attached it.
 */
#ifndef GC_MUTATOR_H
#define GC_MUTATOR_H

#include <gc/attributes.h>
#include <gc/barrier_counts.h>
#include <gc/ref.h>
#include <stddef.h>
#include <stdint.h>

struct gc_heap;
struct gc_mutator_private;

struct GC_ALIGNED(64) gc_mutator {
  uintptr_t allocation_top; /* next free byte of the allocation buffer */
  uintptr_t
      allocation_limit; /* atomic; its end, or 0 while a stop is requested [pairs: stop-request] */
  uintptr_t nursery_base; /* constant after attach */
  size_t nursery_bytes;   /* of the nursery's whole reservation; constant after attach */
  uintptr_t
      card_base; /* card of address a is the byte at card_base + (a >> 9); constant after attach */
  struct gc_ref *handle_top;       /* next free handle */
  struct gc_ref *handle_watermark; /* no handle below it holds a young reference */
  uint32_t stop_requested;         /* atomic; set by the stopping thread [pairs: stop-request] */
  uint8_t shading;                 /* 1 while marking; written only with the world stopped */
  uint8_t has_candidates;          /* 1 while blocks are to be evacuated; written so too */
  uint8_t disposes; /* 1 where disposed objects are freed at once; constant after attach */
  uint8_t reserved[1];

  /* Second cache line: slow paths of barriers. The three members below belong to the remembering
   * half in use. */
  uintptr_t *remembered_top;   /* next free entry of the current segment */
  uintptr_t *remembered_limit; /* its end; equal to remembered_top when there is no segment */
  struct gc_segment *remembered_segments;
  uintptr_t *mark_top;   /* next free entry of the mark buffer */
  uintptr_t *mark_limit; /* its end; equal to mark_top when there is no buffer */
  struct gc_segment *mark_segment;
  struct gc_heap *heap;
  struct gc_mutator_private *private_part; /* what only heap/ looks into */

  struct gc_barrier_counts barrier_counts; /* all 0 unless the build is instrumented */
};

_Static_assert(offsetof(struct gc_mutator, remembered_top) == 64,
               "the hot fields fill one cache line");

/* True for an address inside the nursery's reservation. False for null. One subtraction and one
 * comparison. */
static inline bool gc_is_young(const struct gc_mutator *mutator, struct gc_ref ref) {
  return ref.address - mutator->nursery_base < mutator->nursery_bytes;
}

#endif
