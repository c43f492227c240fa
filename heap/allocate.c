/* Allocation's slow half: refilling buffers, large objects, and climbing the failure ladder.
 *
 * The ladder: where the old space has no room, the mutator sweeps what awaits it until there is
 * some; then it stops the world, and the collector does what is due, or the next rung of its own
 * ladder (collectors/cycle_ladder.c); when that has ended, the allocation answers null and the
 * exhaustion is recorded. Each stop serves the request before the world runs again, so that no other
 * mutator takes what was freed.
 */
#include "heap/assert.h"
#include "heap/heap.h"
#include "heap/platform.h"
#include "heap/stop_report.h"
#include "heap/sweep.h"
#include <gc/allocate.h>
#include <gc/dispose.h>
#include <gc/safepoint.h>
#include <string.h>

#define NAP_NS_MIN UINT64_C(100000)

/* Some huge pages' worth, where the system is at its slowest. */
#define NAP_BEFORE_SCAVENGE_NS UINT64_C(500000)
#define NAPS_MAX               64

static void use_buffer(struct gc_mutator *mutator, uintptr_t start, uintptr_t end) {
  gc_unpoison(start, end - start);
  memset((void *)start, 0, end - start);
  gc_poison(start, end - start);
  mutator->allocation_top = start;
  mutator->private_part->buffer_end = end;
  (void)gc_atomic_exchange_seq_cst(&mutator->allocation_limit, end); /* [pairs: stop-request] */
  gc_stop_note_safepoint(mutator->private_part);
}

/* A mutator that sweeps for what it wants holds no stop up. A safepoint. */
static void make_way(struct gc_heap *heap, struct gc_mutator *mutator, uint64_t *swept_bytes,
                     struct gc_phase_clock *clock) {
  if (gc_atomic_load_seq_cst(&mutator->stop_requested) != 0) { /* [pairs: stop-request] */
    gc_sweep_record(heap, mutator, *swept_bytes, *clock);
    gc_stop_answer(heap, mutator);
    *swept_bytes = 0;
    *clock = gc_phase_begin();
  }
}

/* Where the old space has none left, blocks that await their sweep are swept for it. */
static bool take_direct(struct gc_heap *heap, struct gc_mutator *mutator, size_t bytes,
                        size_t wanted_bytes, uintptr_t *start, uintptr_t *end) {
  struct gc_mutator_private *private = mutator->private_part;
  if (gc_direct_take_buffer(heap, private, bytes, wanted_bytes, start, end)) {
    return true;
  }
  gc_mutator_give_buffer_up(private); /* it was closed */
  struct gc_phase_clock clock = gc_phase_begin();
  uint64_t swept_bytes = 0;
  bool taken = false;
  while (!taken && gc_sweep_may(heap) && gc_sweep_one(heap, &swept_bytes)) {
    make_way(heap, mutator, &swept_bytes, &clock);
    taken = gc_direct_take_buffer(heap, private, bytes, wanted_bytes, start, end);
  }
  gc_sweep_record(heap, mutator, swept_bytes, clock);
  return taken;
}

/* A large object that is wanted, and the place it was given. */
struct large_want {
  size_t bytes, slot_count;
  uint32_t type;
  struct gc_large *place;
};

/* What awaits its sweep is swept until there is room. */
static bool place_large(struct gc_heap *heap, struct gc_mutator *mutator, struct large_want *want) {
  struct gc_large_space *large = &heap->large;
  want->place = gc_large_place(large, want->bytes, want->slot_count, want->type);
  if (want->place != NULL) {
    return true;
  }
  struct gc_phase_clock clock = gc_phase_begin();
  uint64_t swept_bytes = 0;
  while (want->place == NULL && gc_sweep_may(heap) && gc_sweep_one(heap, &swept_bytes)) {
    make_way(heap, mutator, &swept_bytes, &clock);
    want->place = gc_large_place(large, want->bytes, want->slot_count, want->type);
  }
  gc_sweep_record(heap, mutator, swept_bytes, clock);
  return want->place != NULL;
}

/* Whether the next buffer is to come from the old space. */
static bool is_pretenured(struct gc_heap *heap, struct gc_mutator_private *private,
                          size_t wanted_bytes) {
  if (GC_LIKELY(gc_atomic_load_relaxed(&heap->pretenured_left_bytes) < wanted_bytes)) {
    return false;
  }
  return private->pretenure_turn++ % GC_PRETENURE_TURNS != 0;
}

static void count_pretenured(struct gc_heap *heap, size_t bytes) {
  size_t left = gc_atomic_load_relaxed(&heap->pretenured_left_bytes);
  while (!gc_atomic_compare_exchange_relaxed(&heap->pretenured_left_bytes, &left,
                                             left > bytes ? left - bytes : 0)) {
  }
}

/* A buffer in the old space for what is expected to be promoted. What the nursery gets at every
 * GC_PRETENURE_TURNS-th turn shows the next scavenge whether that is so. */
static bool take_pretenured(struct gc_heap *heap, struct gc_mutator *mutator, size_t bytes,
                            size_t wanted_bytes, uintptr_t *start, uintptr_t *end) {
  struct gc_mutator_private *private = mutator->private_part;
  if (!is_pretenured(heap, private, wanted_bytes)) {
    return false;
  }
  if (!gc_direct_take_buffer(heap, private, bytes, wanted_bytes, start, end)) {
    gc_mutator_give_buffer_up(private); /* it may have been a direct one, and closed */
    return false;
  }
  count_pretenured(heap, *end - *start);
  return true;
}

static bool take_young(struct gc_heap *heap, struct gc_mutator *mutator, size_t bytes,
                       size_t wanted_bytes, uintptr_t *start, uintptr_t *end) {
  if (!gc_nursery_take_buffer(&heap->nursery, bytes, wanted_bytes, start, end)) {
    return false;
  }
  gc_direct_close(heap, mutator->private_part);
  return true;
}

/* A new buffer with room for bytes. The rest of the old one is given up. */
static bool refill(struct gc_heap *heap, struct gc_mutator *mutator, size_t bytes) {
  size_t wanted_bytes = bytes > heap->buffer_bytes ? bytes : heap->buffer_bytes;
  uintptr_t start = 0, end = 0;
  bool taken = gc_heap_has_nursery(heap)
                   ? take_pretenured(heap, mutator, bytes, wanted_bytes, &start, &end) ||
                         take_young(heap, mutator, bytes, wanted_bytes, &start, &end)
                   : take_direct(heap, mutator, bytes, wanted_bytes, &start, &end);
  if (!taken) {
    return false;
  }
  use_buffer(mutator, start, end);
  mutator->private_part->taken_bytes = end - start;
  return true;
}

static enum gc_pause_reason reason_of(const struct gc_request *request) {
  switch (request->kind) {
  case GC_REQUEST_BUFFER:
    return request->attempt == 0 ? GC_REASON_nursery_full : GC_REASON_last_resort;
  case GC_REQUEST_LARGE:
    return GC_REASON_large_object;
  case GC_REQUEST_FORCED_MINOR:
    return GC_REASON_forced_minor;
  case GC_REQUEST_FORCED_FULL:
    return GC_REASON_forced_full;
  case GC_REQUEST_STRESS_MINOR:
  case GC_REQUEST_DUE:
    break;
  }
  return GC_REASON_stress;
}

static void record_out_of_memory(struct gc_mutator *mutator, size_t bytes) {
  gc_event_write(&mutator->private_part->ring, out_of_memory,
                 .mutator = mutator->private_part->number, .time_ns = gc_platform_now_ns(),
                 .requested_bytes = bytes);
}

/* One rung. Returns true when the buffer is filled or the large object (null: none is wanted) has
 * its place; *request climbs only when this mutator did the collection itself. */
static bool collect_and_serve(struct gc_heap *heap, struct gc_mutator *mutator,
                              struct gc_request *request, struct large_want *large) {
  if (!gc_stop_begin(heap, mutator, reason_of(request))) {
    return false;
  }
  enum gc_pause_kind kind = heap->hooks->collect_stw(heap, request);
  bool served = false;
  if (!request->is_refused) {
    served = request->kind == GC_REQUEST_BUFFER && refill(heap, mutator, request->bytes);
    served = served || (large != NULL && place_large(heap, mutator, large));
  }
  request->attempt++;
  gc_stop_end(heap, mutator, kind);
  return served;
}

static bool stress_wants_collection(struct gc_heap *heap, struct gc_mutator *mutator) {
  uint64_t every = heap->options.stress_collect_every;
  return every != 0 && ++mutator->private_part->refill_count % every == 0;
}

static void stress_collect(struct gc_heap *heap, struct gc_mutator *mutator) {
  struct gc_request request = {.kind = GC_REQUEST_STRESS_MINOR};
  (void)collect_and_serve(heap, mutator, &request, NULL);
}

/* A safepoint, before so many bytes are taken. */
static void offer_help(struct gc_heap *heap, struct gc_mutator *mutator, size_t bytes) {
  /* Relaxed: a late look delays help by one buffer. */
  if (gc_atomic_load_relaxed(&heap->help_wanted) != 0) {
    heap->hooks->help(heap, mutator, bytes);
  }
}

/* In a blocking region. Returns when it ended. */
static uint64_t nap(struct gc_heap *heap, struct gc_mutator *mutator, uint64_t duration_ns) {
  gc_touch_ahead_wake_helper(&heap->old.ahead);
  gc_blocking_begin(mutator);
  gc_platform_sleep_us(duration_ns / 1000);
  uint64_t end_ns = gc_platform_now_ns();
  gc_blocking_end(mutator);
  return end_ns;
}

static void record_stall(struct gc_mutator_private *private, uint64_t begin_ns, uint64_t end_ns) {
  gc_event_write(&private->ring, pause, .mutator = private->number,
                 .kind = GC_PAUSE_allocation_stall, .begin_ns = begin_ns, .end_ns = end_ns);
}

/* For as long as it owes; naps are not much shorter than the system's. */
static void await_touched_memory(struct gc_heap *heap, struct gc_mutator *mutator) {
  struct gc_mutator_private *private = mutator->private_part;
  private->owed_wait_ns += gc_touch_ahead_wait_ns(&heap->old.ahead, private->taken_bytes);
  if (private->owed_wait_ns < NAP_NS_MIN) {
    return;
  }
  uint64_t begin_ns = gc_platform_now_ns();
  uint64_t end_ns = nap(heap, mutator, private->owed_wait_ns), slept_ns = end_ns - begin_ns;
  private->owed_wait_ns -= slept_ns < private->owed_wait_ns ? slept_ns : private->owed_wait_ns;
  record_stall(private, begin_ns, end_ns);
}

/* Before a scavenge, until there is memory for all that it may promote, or another mutator had one.
 * To the program that is one stall. False: there was nothing to wait for. */
static bool await_room_touched(struct gc_heap *heap, struct gc_mutator *mutator) {
  if (!heap->awaits_touched_memory || !gc_heap_lacks_touched_memory(heap)) {
    return false;
  }
  uint64_t begin_ns = gc_platform_now_ns(), end_ns = begin_ns;
  uint64_t scavenges = heap->statistics.scavenge_count; /* the world is not stopped */
  for (unsigned naps = 0; naps < NAPS_MAX && heap->statistics.scavenge_count == scavenges &&
                          gc_heap_lacks_touched_memory(heap);
       naps++) {
    end_ns = nap(heap, mutator, NAP_BEFORE_SCAVENGE_NS);
  }
  record_stall(mutator->private_part, begin_ns, end_ns);
  return true;
}

static bool make_room(struct gc_heap *heap, struct gc_mutator *mutator, size_t bytes) {
  if (stress_wants_collection(heap, mutator)) {
    stress_collect(heap, mutator);
  }
  offer_help(heap, mutator, mutator->private_part->taken_bytes);
  if (heap->awaits_touched_memory) {
    await_touched_memory(heap, mutator);
  }
  struct gc_request request = {.kind = GC_REQUEST_BUFFER, .bytes = bytes};
  while (request.is_refused || !refill(heap, mutator, bytes)) {
    if (request.is_last) {
      record_out_of_memory(mutator, bytes);
      return false;
    }
    if (request.attempt == 0 && await_room_touched(heap, mutator) && refill(heap, mutator, bytes)) {
      break;
    }
    if (collect_and_serve(heap, mutator, &request, NULL)) {
      break;
    }
  }
  return true;
}

static struct gc_ref bump(struct gc_mutator *mutator, size_t bytes, size_t slot_count,
                          uint32_t type) {
  struct gc_ref object = {mutator->allocation_top};
  mutator->allocation_top += bytes;
  gc_unpoison(object.address, bytes);
  gc_atomic_store_relaxed((uint64_t *)gc_ref_address(object),
                          gc_header_make(bytes, slot_count, type));
  return object;
}

static struct gc_ref allocate_small(struct gc_heap *heap, struct gc_mutator *mutator, size_t bytes,
                                    size_t slot_count, uint32_t type) {
  /* A stop sets the limit to 0: the buffer may have room once it is answered, and whoever refills
   * publishes before it tests. */
  gc_stop_answer(heap, mutator);
  while (mutator->allocation_top + bytes > mutator->private_part->buffer_end) {
    if (!make_room(heap, mutator, bytes)) {
      return gc_null();
    }
    if (gc_atomic_load_seq_cst(&mutator->stop_requested) != 0) { /* [pairs: stop-request] */
      gc_stop_answer(heap, mutator);
    }
  }
  return bump(mutator, bytes, slot_count, type);
}

static struct gc_ref allocate_large(struct gc_heap *heap, struct gc_mutator *mutator, size_t bytes,
                                    size_t slot_count, uint32_t type) {
  struct gc_request request = {.kind = GC_REQUEST_LARGE, .bytes = bytes};
  struct large_want want = {.bytes = bytes, .slot_count = slot_count, .type = type};
  gc_stop_answer(heap, mutator);
  if (bytes > heap->budget.old_limit_bytes) {
    record_out_of_memory(mutator, bytes);
    return gc_null();
  }
  offer_help(heap, mutator, bytes);
  while (request.is_refused || !place_large(heap, mutator, &want)) {
    if (request.is_last) {
      record_out_of_memory(mutator, bytes);
      return gc_null();
    }
    if (collect_and_serve(heap, mutator, &request, &want)) {
      break;
    }
  }
  struct gc_ref object = gc_large_open(want.place);
  gc_atomic_store_relaxed((uint64_t *)gc_ref_address(object),
                          gc_object_header(object) | heap->promotion_header_or);
  gc_heap_bound_committed(heap);
  return object;
}

static struct gc_ref allocate_outside(struct gc_heap *heap, struct gc_mutator *mutator,
                                      size_t bytes, size_t slot_count, uint32_t type) {
  if (gc_atomic_load_seq_cst(&mutator->stop_requested) != 0) { /* [pairs: stop-request] */
    gc_stop_answer(heap, mutator);
  }
  struct gc_ref object = heap->hooks->baseline->allocate(mutator, bytes, slot_count, type);
  if (GC_UNLIKELY(gc_is_null(object))) {
    record_out_of_memory(mutator, bytes);
  }
  return object;
}

void gc_dispose_slow(struct gc_mutator *mutator, struct gc_ref object) {
  mutator->heap->hooks->baseline->dispose(mutator, object);
}

struct gc_ref gc_allocate_slow(struct gc_mutator *mutator, size_t slot_count, size_t raw_bytes,
                               uint32_t type) {
  struct gc_heap *heap = mutator->heap;
  GC_ASSERT(mutator->private_part->state == GC_MUTATOR_RUNNING,
            "a mutator in a blocking region allocates nothing");
  if (slot_count > GC_OBJECT_BYTES_MAX / sizeof(struct gc_ref) || raw_bytes > GC_OBJECT_BYTES_MAX) {
    record_out_of_memory(mutator, SIZE_MAX);
    return gc_null();
  }
  size_t bytes = gc_object_bytes_for(slot_count, raw_bytes);
  if (GC_UNLIKELY(heap->hooks->baseline != NULL)) {
    return allocate_outside(heap, mutator, bytes, slot_count, type);
  }
  return bytes >= GC_LARGE_BYTES ? allocate_large(heap, mutator, bytes, slot_count, type)
                                 : allocate_small(heap, mutator, bytes, slot_count, type);
}

void gc_idle(struct gc_mutator *mutator, uint64_t duration_ns) {
  struct gc_heap *heap = mutator->heap;
  gc_stop_answer(heap, mutator);
  uint64_t deadline_ns = gc_platform_now_ns() + duration_ns;
  heap->hooks->idle(heap, mutator, deadline_ns);
  gc_limits_idle(heap, mutator, deadline_ns);
}

void gc_collect(struct gc_mutator *mutator, enum gc_collection collection) {
  struct gc_request request = {.kind = collection == GC_COLLECTION_FULL ? GC_REQUEST_FORCED_FULL
                                                                        : GC_REQUEST_FORCED_MINOR};
  while (request.attempt == 0) {
    (void)collect_and_serve(mutator->heap, mutator, &request, NULL);
  }
}
